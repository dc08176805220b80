"""The fields of a new case as a plan (docs/FORMATS.md §7): what was typed, and what is wrong with it, by field."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from vault.errors import N_
from vault.rules.access import CASE_KEYS

MOST_INCIDENTS = 99
BLANK_INCIDENTS = 3
KEYS_OF = {role.value: keys[1:] for role, keys in CASE_KEYS.items()}  # beside the brief, which everybody has
_QUESTIONS = {  # as they are called; an organisation's own list is called by its name
    "air-strike": N_("Air strike"),
    "detention": N_("Detention"),
    "shelling": N_("Shelling"),
}

_CODE = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_INCIDENT = re.compile(r"incident-([1-9][0-9]?)-(title|place|date|vocabulary)")
_LONGEST = {"title": 200, "place": 200, "date": 100}
_TOO_LONG = {
    "title": N_("The title of an incident has at most %(longest)d characters."),
    "place": N_("The place of an incident has at most %(longest)d characters."),
    "date": N_("The date of an incident has at most %(longest)d characters."),
}
_MEMBER = "team-"

Fields = MultiDict[str, str]
Errors = list[tuple[str | None, str]]


@dataclass(frozen=True)
class Plan:
    """A case that somebody means to propose; the keys of each member on its team, by code."""

    code: str
    title: str
    incidents: list[dict[str, str]]
    team: dict[str, list[str]]


def questions(vocabularies: Collection[str]) -> list[tuple[str, str]]:
    """Each question list that can be chosen, and what it is called."""
    return [
        (name, gettext(_QUESTIONS[name]) if name in _QUESTIONS else name.replace("-", " ").capitalize())
        for name in vocabularies
    ]


def typed(form: Fields) -> Fields:
    """What was typed, to fill the form with again."""
    return MultiDict(
        (name, value)
        for name, value in form.items(multi=True)
        if name in ("code", "title") or _INCIDENT.fullmatch(name) or name.startswith(_MEMBER)
    )


def incident_rows(form: Fields) -> int:
    """How many incidents the form has room for."""
    return max((BLANK_INCIDENTS, *(int(match[1]) for match in map(_INCIDENT.fullmatch, form) if match)))


def read_plan(
    form: Fields, roles: Mapping[str, str], proposer: str, vocabularies: Collection[str]
) -> tuple[Plan, Errors]:
    """The plan, and each field that is wrong with one sentence; `roles` are those of the members who may be chosen."""
    code, title = form.get("code", "").strip().upper(), form.get("title", "").strip()
    errors: Errors = []
    if not _CODE.fullmatch(code):
        errors.append(
            ("code", gettext("Give the case a code of one to eight letters and digits, such as S1."))
        )
    if not 0 < len(title) <= _LONGEST["title"]:
        errors.append(("title", gettext("Give the case a title of at most 200 characters.")))
    incidents = _incidents(form, vocabularies, errors)
    return Plan(code, title, incidents, _team(form, roles, proposer, errors)), errors


def _incidents(form: Fields, vocabularies: Collection[str], errors: Errors) -> list[dict[str, str]]:
    """The rows in which something was typed."""
    incidents = []
    for row in range(1, incident_rows(form) + 1):
        prefix = f"incident-{row}-"
        facts = {name: form.get(prefix + name, "").strip() for name in _LONGEST}
        if not any(facts.values()):
            continue
        for name, longest in _LONGEST.items():
            if len(facts[name]) > longest:
                errors.append((prefix + name, gettext(_TOO_LONG[name], longest=longest)))
        if not facts["title"]:
            errors.append((prefix + "title", gettext("Say in a few words what happened.")))
        vocabulary = form.get(prefix + "vocabulary", "")
        if vocabulary not in vocabularies:
            errors.append(
                (prefix + "vocabulary", gettext("Choose one of the question lists that are offered."))
            )
        incidents.append({**facts, "vocabulary": vocabulary})
    if not incidents:
        errors.append(
            ("incident-1-title", gettext("Describe at least one incident: say in a few words what happened."))
        )
    return incidents


def _team(form: Fields, roles: Mapping[str, str], proposer: str, errors: Errors) -> dict[str, list[str]]:
    """Whoever has any key has the brief; whoever proposes has it in any case."""
    chosen = {name.removeprefix(_MEMBER): form.getlist(name) for name in form if name.startswith(_MEMBER)}
    offered = {code: ("brief", *KEYS_OF[role]) for code, role in roles.items()}
    if any(not set(keys) <= set(offered.get(code, ())) for code, keys in chosen.items()):
        errors.append(
            (
                "team",
                gettext(
                    "Somebody or something that you chose is not offered any more: look at the team again."
                ),
            )
        )
    chosen.setdefault(proposer, [])
    return {
        code: ["brief", *(key for key in KEYS_OF[role] if key in chosen[code])]
        for code, role in sorted(roles.items())
        if code in chosen
    }
