"""The interview form's fields as the draft's JSON (docs/FORMATS.md §5.1); `InterviewDraft.parse` judges them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from vault.rules.vocabulary import ValueKind, Vocabulary

_LISTS = re.compile(r"consent-uses|obs-\d+-perception")
_SUBJECT = re.compile(r"obs-([0-9]{1,4})-subject")
_ROW = re.compile(r"obs-([0-9]{1,4})-(.+)")
_NOT_KEPT = ("csrf", "act", "sealed_identity", "sealed_match", "token", "case", "incident", "new_pseudonym")


def refill(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, to fill the form with again: never the identity, which has no names here anyway."""
    kept = [name for name in form if name not in _NOT_KEPT]
    return {name: form.getlist(name) if _LISTS.fullmatch(name) else form[name] for name in kept}


def realigned(form: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """What was typed, with each claim's rows under the numbers that they have on the page now.

    A draft may be older than the vocabulary: without this, what was ticked would stand beside another claim.
    """
    places: dict[str, list[int]] = {}
    for number, claim in enumerate(rows(vocabulary)):
        places.setdefault(claim, []).append(number)
    typed = {name: row for name in form if (row := _ROW.fullmatch(name))}
    subjects = sorted((int(row[1]), form[name]) for name, row in typed.items() if row[2] == "subject")
    moved = {number: places[claim].pop(0) for number, claim in subjects if places.get(claim)}
    aligned = {name: said for name, said in form.items() if name not in typed}
    for name, row in typed.items():
        if int(row[1]) in moved:
            aligned[f"obs-{moved[int(row[1])]}-{row[2]}"] = form[name]
    return aligned


def rows(vocabulary: Vocabulary) -> list[str]:
    """The claim of each row of the page, in order: twice, when it takes values, for another value."""
    return [
        subject.code
        for subject in vocabulary.subjects
        for _ in range(1 if subject.kind is ValueKind.YES else 2)
    ]


def read_form(form: MultiDict[str, str], incident: str) -> dict[str, Any]:
    """The draft as JSON. A claim with nothing ticked was not coded."""
    kind = form.get("kind", "original")
    return {
        "kind": kind,
        "pseudonym": None if kind == "original" else _words(form.get("pseudonym", "")) or None,
        "supersedes": "".join(form.get("supersedes", "").split()) or None if kind == "correction" else None,
        "reason": form.get("reason", "") if kind == "correction" else "",
        "consent": {"recording": "consent-recording" in form, "uses": form.getlist("consent-uses")},
        "interview": {
            "date": form.get("date", ""),
            "language": form.get("language", "").strip(),
            "mode": form.get("mode", ""),
            "interpreter": form.get("interpreter", ""),
            "together_with": [
                _words(line) for line in form.get("together_with", "").splitlines() if line.strip()
            ],
        },
        "testimony": form.get("testimony", "").replace("\r\n", "\n"),
        "observations": read_observations(form, incident),
        "sealed_identity": _sealed(form.get("sealed_identity", "")),
        "sealed_match": _sealed(form.get("sealed_match", "")),
    }


def read_observations(form: MultiDict[str, str], incident: str) -> list[dict[str, Any]]:
    """The claims' rows as observations (FORMATS 5.1), in the order of their numbers; for whoever codes a testimony."""
    return [_observation(form, f"obs-{number}-", incident) for number in coded_rows(form)]


def coded_rows(form: MultiDict[str, str]) -> list[int]:
    """The numbers of the rows in which something is ticked, in the order of their observations."""
    numbers = sorted(int(match[1]) for match in map(_SUBJECT.fullmatch, form) if match)
    return [number for number in numbers if form.getlist(f"obs-{number}-perception")]


def _observation(form: MultiDict[str, str], prefix: str, incident: str) -> dict[str, Any]:
    perception = form.getlist(prefix + "perception")
    observation: dict[str, Any] = {
        "incident": incident,
        "subject": form[prefix + "subject"],
        "value": _value(form.get(prefix + "value", ""), form.get(prefix + "value_to", "")),
        "perception": perception,
        "placed": form.get(prefix + "placed", "unknown"),
        "chain": [_link(form, prefix)] if "learnt_from_others" in perception else [],
    }
    if form.get(prefix + "modality"):
        observation["modality"] = form[prefix + "modality"]
    return observation


def _link(form: MultiDict[str, str], prefix: str) -> dict[str, Any]:
    return {
        "kind": form.get(prefix + "chain_kind", "unknown"),
        "named": form.get(prefix + "chain_named") == "yes",
        "origin_direct": form.get(prefix + "chain_origin", "unknown"),
    }


def _value(first: str, last: str) -> Any:
    first, last = first.strip(), last.strip()
    if last:
        return {"min": _whole(first), "max": _whole(last)}
    return _whole(first) if first else "yes"


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _words(typed: str) -> str:
    return "-".join(typed.lower().replace("-", " ").split())


def _sealed(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
