"""A claim of a form: chosen from a list of codes and values, or with a number typed beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from vault.errors import N_
from vault.rules.vocabulary import ValueKind, Vocabulary
from web.languages import languages
from web.locales import said

_IN_QUESTION = N_("In question")
_RANGE = re.compile(r"([0-9]{1,9})(?: *(?:-|\u2013|to) *([0-9]{1,9}))?")


def groups(
    known: Iterable[Vocabulary], question: Collection[str] = ()
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The claims to choose from, by group: a code with each of its values, a number with none. Those in question stand
    in a group of their own, before the others."""
    found: dict[str, dict[str, str]] = {_IN_QUESTION: {}}
    words = languages()
    for vocabulary in map(words.of, {one.name: one for one in known}.values()):
        for subject in vocabulary.subjects:
            group = found.setdefault(_IN_QUESTION if subject.code in question else subject.group, {})
            if subject.kind in (ValueKind.CODE, ValueKind.BAND):
                for code in subject.codes:
                    group[f"{subject.code}={code}"] = words.claim(vocabulary, subject.code, code)
            else:
                group[subject.code] = subject.label
    return [
        (said(group) if group == _IN_QUESTION else group, list(claims.items()))
        for group, claims in found.items()
        if claims
    ]


def read(chosen: str, typed: str) -> dict[str, Any]:
    """The claim as JSON."""
    subject, _, code = chosen.partition("=")
    return {"subject": subject, "value": code or _value(typed.strip())}


def shown(subject: str, value: Any) -> tuple[str, str]:
    """What was chosen and typed for a claim whose value is this JSON."""
    if isinstance(value, dict):
        return subject, f"{value['min']}-{value['max']}"
    if isinstance(value, int):
        return subject, str(value)
    return (subject if value == "yes" else f"{subject}={value}"), ""


def _value(typed: str) -> Any:
    found = _RANGE.fullmatch(typed)
    if found is None:
        return typed or "yes"
    return {"min": int(found[1]), "max": int(found[2])} if found[2] else int(found[1])
