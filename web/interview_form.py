"""The interview form's fields as the draft's JSON (docs/FORMATS.md §5.1); `InterviewDraft.parse` judges them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from vault.errors import Conflict, NotFound, VaultError
from vault.rules.vocabulary import NOT_PERCEIVED
from web import consent_form
from web.claim_sheet import LINK, read_links
from web.locales import said

Errors = Sequence[tuple[str | None, str]]  # the id of a field, and what is wrong there
_LISTS = re.compile(r"consent-uses|obs-[0-9]{1,4}-(perception|why_not|chain_[a-z]+)")
_SUBJECT = re.compile(r"obs-([0-9]{1,4})-subject")
_SAID = ("perception", "value", "value_to", "modality", "certainty", "distance", "time", "anchor", "words")
_WITNESSES = ("together_with", "present", "household")
_FIELDS = {**consent_form.FIELDS, "sealed_identity": "identity-name"}
_NOT_KEPT = ("csrf", "act", "sealed_identity", "sealed_match", "token", "case", "incident", "new_pseudonym")


def refill(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, to fill the form with again: never the identity, which has no names here anyway."""
    kept = [name for name in form if name not in _NOT_KEPT]
    return {name: form.getlist(name) if _LISTS.fullmatch(name) else form[name] for name in kept}


def read_form(form: MultiDict[str, str], incident: str) -> dict[str, Any]:
    """The draft as JSON. A claim with nothing ticked was not coded."""
    kind = form.get("kind", "original")
    return {
        "kind": kind,
        "pseudonym": None if kind == "original" else _words(form.get("pseudonym", "")) or None,
        "supersedes": "".join(form.get("supersedes", "").split()) or None if kind == "correction" else None,
        "reason": form.get("reason", "") if kind == "correction" else "",
        "consent": consent_form.read_consent(form),
        "interview": {
            "date": form.get("date", ""),
            "language": form.get("language", "").strip(),
            "mode": form.get("mode", ""),
            "interpreter": form.get("interpreter", ""),
            **{name: [_words(line) for line in _lines(form, name)] for name in _WITNESSES},
            "introducer": form.get("introducer", "").strip(),
            "shown_before": _lines(form, "shown_before"),
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
    """The numbers of the rows in which something stands, in the order of their observations."""
    numbers = sorted(int(match[1]) for match in map(_SUBJECT.fullmatch, form) if match)
    return [number for number in numbers if any(form.get(f"obs-{number}-{name}") for name in _SAID)]


def errors_of(error: VaultError, form: MultiDict[str, str]) -> Errors:
    """An error, beside the field that it is about."""
    return [(field_of(error.about, form), said(error))]


def status_of(error: VaultError) -> int:
    """Of a page that comes back with an error on it."""
    return 409 if isinstance(error, Conflict) else 404 if isinstance(error, NotFound) else 422


def field_of(about: str | None, form: MultiDict[str, str]) -> str | None:
    """The id of the field that an error is about: of a member of the draft, or of the row of an observation."""
    member, _, place = (about or "").partition("/")
    if member == "observations" and place:
        return f"obs-{coded_rows(form)[int(place)]}"
    return _FIELDS.get(member, member) if member in _FIELDS or member in form else None


def _observation(form: MultiDict[str, str], prefix: str, incident: str) -> dict[str, Any]:
    perception = form.getlist(prefix + "perception")
    told = "learnt_from_others" in perception
    known = {name: form.get(prefix + name, "") for name in ("modality", "certainty", "distance")}
    return {
        "incident": incident,
        "subject": form[prefix + "subject"],
        "value": _value(form.get(prefix + "value", ""), form.get(prefix + "value_to", "")),
        "perception": perception,
        "placed": form.get(prefix + "placed", "unknown"),
        "chain": _chain(form, prefix) if told else [],
        "why_not": form.getlist(prefix + "why_not") if NOT_PERCEIVED & set(perception) else [],
        **{name: code for name, code in known.items() if code},
        **{name: form.get(prefix + name, "").strip() for name in ("time", "anchor", "words")},
    }


def _chain(form: MultiDict[str, str], prefix: str) -> list[dict[str, Any]]:
    """Who told it, nearest mouth first; where that was not said, somebody did."""
    columns = {name: form.getlist(prefix + name) for name in LINK}
    return [
        {
            "kind": link["chain_kind"],
            "named": link["chain_named"] == "yes",
            "origin_direct": link["chain_origin"] or "unknown",
            "origin": _words(link["chain_witness"]) or None,
        }
        for link in read_links(columns) or [{"chain_kind": "unknown", **dict.fromkeys(LINK[1:], "")}]
    ]


def _lines(form: MultiDict[str, str], name: str) -> list[str]:
    return [line.strip() for line in form.get(name, "").splitlines() if line.strip()]


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
