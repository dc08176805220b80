"""The form of a version of a finding, as the log's JSON (docs/FORMATS.md §21); `Version.from_json` judges it.

A factor's fields are named factor-N-…; what a factor is, is chosen from a list whose codes are its JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from vault.errors import N_, Invalid, VaultError
from vault.rules.factors import Item
from vault.rules.findings import MOST_FACTORS, Version
from vault.weighing import Seen
from web.locales import said
from web.weighed import code

BLANK_FACTORS = 4
MORE = "factor"  # the button that adds a row, and keeps nothing
_ROW = re.compile(r"factor-([1-9][0-9]?)-[a-z]+")
_LANGUAGES = N_("Write the proposition in English, and once in every other language, with its code: ar, ru.")
_PLACES = {"likelihood": "likelihood", "reasons": "reasons", "proposition": "words-1"}
Form = MultiDict[str, str]
Errors = list[tuple[str | None, str]]


@dataclass(frozen=True)
class Row:
    """A factor on the page, under its number."""

    number: int
    about: str
    weight: str
    why: str


def rows(form: Form, more: bool = False) -> list[Row]:
    """The rows of factors for what was typed, and blank ones behind them."""
    numbers = _numbers(form)
    shown = max(BLANK_FACTORS, *numbers, 0) + 2 * more
    return [
        Row(number, *(form.get(f"factor-{number}-{name}", "") for name in ("about", "weight", "why")))
        for number in range(1, min(shown, MOST_FACTORS) + 1)
    ]


def worded(form: Form) -> list[tuple[str, str]]:
    """The proposition by language, English first, and a blank line behind."""
    typed = [(lang, words) for lang, words in _typed(form) if words]
    english = [words for lang, words in typed if lang == "en"]
    return [("en", english[0] if english else ""), *(one for one in typed if one[0] != "en"), ("", "")]


def read_version(form: Form, about: Mapping[str, Any]) -> dict[str, Any]:
    """A version as JSON, `about` being which finding, version and incident. A row without a factor says nothing."""
    typed = [one for one in _typed(form) if one[1]]
    words = dict(typed)
    if "en" not in words or "" in words or len(words) < len(typed):
        raise Invalid(_LANGUAGES, "proposition")
    factors = [_factor(place, row) for place, row in enumerate(_filled(form))]
    facts = {"likelihood": form.get("likelihood", ""), "reasons": form.get("reasons", "").strip()}
    return {**about, "proposition": words, "factors": factors, **facts}


def refill(version: Version, offered: Iterable[Seen]) -> Form:
    """A version as the form would have sent it. An item is weighed anew, as far as its chain goes today."""
    heads = {one.about.item: one.about for one in offered if isinstance(one.about, Item)}
    form: Form = MultiDict({"likelihood": str(version.likelihood), "reasons": version.reasons})
    for language, words in version.proposition.items():
        form.add("lang", language)
        form.add("words", words)
    for number, factor in enumerate(version.factors, 1):
        newest = heads.get(factor.about.item) if isinstance(factor.about, Item) else None
        form[f"factor-{number}-about"] = code(newest or factor.about)
        form[f"factor-{number}-weight"] = str(factor.weight)
        form[f"factor-{number}-why"] = factor.why
    return form


def errors_of(error: VaultError, form: Form) -> Errors:
    """An error, with the id of the field that it is about."""
    member, _, place = (error.about or "").partition("/")
    if member != "factors":
        return [(_PLACES.get(member), said(error))]
    filled = _filled(form)
    row = filled[int(place)].number if place else 1
    fault = error.parts.get("fault")  # what comes after the number of the factor
    return [(f"factor-{row}-about", said(fault if isinstance(fault, str) else error))]


def _typed(form: Form) -> list[tuple[str, str]]:
    pairs = zip(form.getlist("lang"), form.getlist("words"), strict=False)
    return [(lang.strip(), " ".join(words.split())) for lang, words in pairs]


def _numbers(form: Form) -> list[int]:
    return sorted({int(found[1]) for found in map(_ROW.fullmatch, form) if found})


def _filled(form: Form) -> list[Row]:
    """The rows in which something was chosen or typed."""
    return [row for row in rows(form) if row.about or row.why.strip()]


def _factor(place: int, row: Row) -> dict[str, Any]:
    try:
        about = json.loads(row.about)
    except ValueError:
        about = None
    if not isinstance(about, dict):
        raise Invalid("Choose what this factor is, from the list.", f"factors/{place}")
    return {**about, "weight": row.weight or "for", "why": row.why.strip()}
