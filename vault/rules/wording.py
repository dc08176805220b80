"""A statement's numbers as sentences, in the words of one language.

A sentence is put together from a line of the statement and nothing else: so it cannot say more than the number does.
The constructions stand in a file for each language, and are chosen so that no word has to agree with a number beyond
"one" and "several". A file that brings a number of its own, or leaves out the line's, is refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType
from typing import Any

from vault.errors import Invalid, Message
from vault.rules import evidence, findings, opinions, points, responses
from vault.rules.fields import Fields
from vault.rules.sheets import COLUMNS
from vault.rules.vocabulary import Range, Value, Vocabulary

Line = Mapping[str, Any]  # of a statement, as FORMATS 16 has it
Forms = Mapping[str, str]
WHO = ("first", "of_them", "of_those", "at_least", "fewer")
PAGE = (
    *("statement", "persons", "filled", "hollow", "steps", "not_perceived", "sealed"),
    *("same_person_not_done", "same_person_done", "same_person_in_part", "consent_all", "consent_sums"),
    *("policy_heading", "policy_ladder", "policy_pool", "policy_cover", "policy_history", "policy_people"),
    *("proof_heading", "proof_signed", "proof_stamped", "proof_logged", "proof_pending", "proof_not"),
    *("verify_heading", "verify_how", "verify_digest", "verify_vault", "unreviewed"),
)
REBUTTAL = (
    *("rebuttal", "draft", "how", "witnesses", "statement", "also", "asked", "no_answer", "finding"),
    *("references", "statements", "files", "original", "shown"),
    *("signed", "signed_how", "digest", "sealed", "sealed_here"),
)
CODES: Mapping[str, Iterable[str]] = MappingProxyType(
    {
        "points": points.Kind,
        "evidence": evidence.Kind,
        "experts": opinions.Field,
        "answers": opinions.Answer,
        "ways": responses.How,
        "returns": responses.Came,
        "likelihoods": findings.Likelihood,
    }
)
"""Codes that a rebuttal sheet has, by the table of their words."""
_TABLES = ("who", "perceived", "claims", "columns", "page", "rebuttal", *CODES)
_MEMBERS = ("language", "reviewed", "numbers", "months", "day", "range", "claim", "claim_value", *_TABLES)
_NUMBERS = {"n", "N", "figure"}
_LARGEST_WORD = 12
_TEXT = 400
_RIGHT_TO_LEFT = {"ar"}


@dataclass(frozen=True)
class Wording:
    """One language: whether a native speaker reviewed it, its words for numbers and months, its constructions."""

    language: str
    reviewed: bool
    numbers: tuple[str, ...]
    months: tuple[str, ...]
    range: str
    claim: str
    claim_value: str
    who: Mapping[str, Forms]
    perceived: Mapping[str, Forms]
    claims: Mapping[str, Forms]
    columns: Forms
    page: Forms
    day_form: str
    rebuttal: Forms
    codes: Mapping[str, Forms]

    @classmethod
    def parse(cls, text: str) -> Wording:
        """The wording in a TOML text; raises Invalid unless every construction is there and has what it needs."""
        try:
            fields = Fields(tomllib.loads(text), "The wording", _MEMBERS)
        except (ValueError, RecursionError):  # no TOML, a number without end, nested without end
            raise Invalid("The wording is not a TOML text.") from None
        claims = _table(fields, "claims")
        found = cls(
            language=fields.text("language", 3),
            reviewed=fields.flag("reviewed"),
            numbers=tuple(fields.distinct("numbers", _LARGEST_WORD)),
            months=tuple(fields.distinct("months", 12)),
            range=_needs(fields.text("range", _TEXT), {"low"}, {"high"}),
            claim=_needs(fields.text("claim", _TEXT), {"label"}),
            claim_value=_needs(fields.text("claim_value", _TEXT), {"label"}, {"value"}),
            who={name: _forms(fields, "who", name, _number_of(name)) for name in WHO},
            perceived={name: _perceived(fields, name) for name in COLUMNS},
            claims={name: _forms(fields, "claims", name) for name in claims},
            columns=_texts(fields, "columns", COLUMNS),
            page=_texts(fields, "page", PAGE),
            day_form=_needs(fields.text("day", _TEXT), {"day"}, {"month", "number"}, {"year"}),
            rebuttal=_texts(fields, "rebuttal", REBUTTAL),
            codes={name: _texts(fields, name, tuple(codes)) for name, codes in CODES.items()},
        )
        if (len(found.numbers), len(found.months)) not in ((0, 12), (_LARGEST_WORD, 12)):
            raise fields.fault("numbers", "twelve words, as must be the months")
        return found

    @property
    def direction(self) -> str:
        """How it is written, for `dir`: rtl or ltr."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def number(self, count: int) -> str:
        """A number as a word up to twelve."""
        return self.numbers[count - 1] if 0 < count <= len(self.numbers) else str(count)

    def month(self, month: str) -> str:
        """A month such as 2026-11 in words."""
        year, number = month.split("-")
        return f"{self.months[int(number) - 1]} {year}"

    def when(self, said: str) -> str:
        """A month, or a day such as 2026-11-04, in words."""
        if len(said) == len("2026-11"):
            return self.month(said)
        year, month, day = said.split("-")
        named = self.month(f"{year}-{month}").removesuffix(f" {year}")
        return self.day_form.format(day=int(day), month=named, number=month, year=year)

    def value(self, value: Value) -> str:
        """A number that is claimed in words, "two" or "two to three"; a code as it is."""
        if isinstance(value, Range):
            return self.range.format(low=self.number(value.min), high=self.number(value.max))
        return self.number(value) if isinstance(value, int) else value

    def claimed(self, vocabulary: Vocabulary, subject: str, value: Value) -> str:
        """A claim as what somebody perceived: in the language's own words, or as the vocabulary's label."""
        figure = f"{value.min}\u2013{value.max}" if isinstance(value, Range) else value
        if said := self.claims.get(f"{subject}={value}", self.claims.get(subject)):
            return _form(said, value).format(value=self.value(value), figure=figure)
        label = vocabulary.subject(subject).label
        labelled = vocabulary.subject(subject).codes.get(str(value), figure)
        return (self.claim if value == "yes" else self.claim_value).format(label=label, value=labelled)


def sentences(document: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> list[str]:
    """A sentence for each line of a statement; the vocabulary's labels are in the wording's language.

    Raises Invalid for a claim that the vocabulary does not have.
    """
    lines: Sequence[Line] = document["lines"]
    return [_sentence(document, at, vocabulary, wording, _kind(lines, at)) for at in range(len(lines))]


def sentence_alone(document: Mapping[str, Any], at: int, vocabulary: Vocabulary, wording: Wording) -> str:
    """The sentence of one line where no other stands before it: whom it is among is said. Raises as `sentences`."""
    kind = _kind(document["lines"], at)
    alone = "of_those" if kind == "of_them" else kind
    return _sentence(document, at, vocabulary, wording, alone)


def _sentence(
    document: Mapping[str, Any], at: int, vocabulary: Vocabulary, wording: Wording, kind: str
) -> str:
    lines: Sequence[Line] = document["lines"]
    line = lines[at]
    said = line["number"] or document["policy"]["ladder"][0]
    word = wording.number(said)
    outer = _perceived_by(lines[line["within"] or 0], vocabulary, wording, "those", "")
    who = _form(wording.who[kind], said).format(
        n=word, N=word[:1].upper() + word[1:], figure=said, those=outer
    )
    form = "one" if kind in ("first", "of_them", "of_those") and said == 1 else "other"
    sentence = _perceived_by(line, vocabulary, wording, form, who)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _kind(lines: Sequence[Line], at: int) -> str:
    """Which construction says who: "of them" only where the line before is who they are, and is several."""
    line = lines[at]
    if not line["exactly"]:
        return "at_least" if line["number"] else "fewer"
    if line["within"] is None:
        return "first"
    outer = lines[line["within"]]
    return "of_them" if line["within"] == at - 1 and outer["exactly"] and outer["number"] > 1 else "of_those"


def _perceived_by(line: Line, vocabulary: Vocabulary, wording: Wording, form: str, who: str) -> str:
    value = vocabulary.check_value(line["subject"], line["value"])
    claim = wording.claimed(vocabulary, line["subject"], value)
    return wording.perceived[line["column"]][form].format(who=who, claim=claim)


def _form(forms: Forms, count: object) -> str:
    return forms["one"] if count == 1 else forms["other"]


def _number_of(who: str) -> tuple[set[str], ...]:
    return (_NUMBERS, {"those"}) if who == "of_those" else (_NUMBERS,)


def _table(fields: Fields, name: str) -> Mapping[str, Any]:
    table = fields.value(name)
    if not isinstance(table, dict):
        raise fields.fault(name, "a table")
    return table


def _texts(fields: Fields, name: str, known: Sequence[str]) -> Forms:
    table = _table(fields, name)
    if set(table) != set(known) or not all(isinstance(text, str) and text.strip() for text in table.values()):
        raise fields.fault(name, Message("a table of texts: %(members)s", members=", ".join(known)))
    return MappingProxyType(table)


def _forms(fields: Fields, name: str, member: str, *needed: Any) -> Forms:
    """The forms for one and for several: a text alone serves for both."""
    raw = _table(fields, name).get(member)
    forms = raw if isinstance(raw, dict) else {"one": raw, "other": raw}
    if set(forms) != {"one", "other"} or not all(isinstance(text, str) for text in forms.values()):
        raise fields.fault(name, "texts, or tables of one and other")
    allowed = needed[0] if needed else ({"value", "figure"},)
    return {key: _needs(text, *allowed, optional=not needed) for key, text in forms.items()}


def _perceived(fields: Fields, column: str) -> Forms:
    forms = _table(fields, "perceived").get(column)
    if not isinstance(forms, dict) or set(forms) != {"one", "other", "those"}:
        raise fields.fault("perceived", "for each way of perceiving, a table of one, other and those")
    said = {key: _needs(forms[key], {"who"}, {"claim"}) for key in ("one", "other")}
    return {**said, "those": _needs(forms["those"], {"claim"})}


def _needs(text: Any, *needed: set[str], optional: bool = False) -> str:
    """A construction that has one place of each kind, or where optional at most one, and no figure of its own."""
    try:
        places = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except (TypeError, ValueError):
        raise Invalid("The wording: a construction is not a text with places in braces.") from None
    fits = all(sum(place in kind for place in places) == 1 for kind in needed) or (optional and not places)
    if not fits or len(places) > len(needed) or re.search(r"\d", text):
        raise Invalid("The wording: a construction has not exactly the places that it needs, or a figure.")
    return str(text)
