"""What findings say and rest on, in words: likelihoods, factors, how many there are of each kind of source."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from vault.cases import Case
from vault.errors import N_
from vault.findings import Listed, Shown
from vault.rules.evidence import Kind
from vault.rules.factors import CELLS, About, Counted, Factor, Item, Point, Source, Weight
from vault.rules.findings import Likelihood, Proposed
from vault.rules.opinions import Answer, Field
from vault.rules.points import Kind as Does
from vault.rules.responses import Place
from vault.rules.vocabulary import Vocabulary
from vault.weighing import Kinds, Seen
from web.dates import day
from web.evidence_words import ANSWERS, FIELDS, KINDS
from web.languages import Languages
from web.locales import said
from web.responded import KINDS as DOES
from web.responded import anchor
from web.sentences import between, listed, number

_LIKELIHOODS = {
    Likelihood.UNLIKELY: (N_("Unlikely"), N_("More speaks against it than for it.")),
    Likelihood.POSSIBLE: (N_("Possible"), N_("Something speaks for it; other explanations stand beside it.")),
    Likelihood.LIKELY: (N_("Likely"), N_("Several factors agree; nothing of weight speaks against it.")),
    Likelihood.CONFIRMED: (N_("Confirmed"), N_("The factors leave no other explanation.")),
    Likelihood.UNKNOWN: (N_("Unknown"), N_("Nobody can say from what there is.")),
}
# TRANSLATORS: %(people)s is such as “two independent people”; turn it round where that reads better, as in
# “saw it: two independent people”.
_PERCEIVED = (
    N_("%(people)s perceived it directly"),
    N_("%(people)s saw it"),
    N_("%(people)s heard it"),
    N_("%(people)s felt it"),
    N_("%(people)s smelled it"),
    N_("%(people)s gave help at the scene"),
    N_("%(people)s saw the aftermath"),
    N_("%(people)s saw a recording of it"),
    N_("%(people)s did not perceive it, which does not contradict"),
    N_("%(people)s denied it, from a place where it could be perceived"),
    N_("%(people)s learnt of it from others"),
    N_("%(people)s concluded it from something else"),
)
_DID = dict(zip(CELLS, _PERCEIVED, strict=True))
_SIDES = {Weight.FOR: N_("For it"), Weight.AGAINST: N_("Against it")}
_SOURCES = {
    Source.CLAIM: (N_("Figure of an edition"), N_("Figures of editions")),
    Source.OPINION: (N_("Opinion of an expert"), N_("Opinions of experts")),
    Source.RESPONSE: (N_("Point of a response"), N_("Points of responses")),
}
_GROUPS = {
    Source.EVIDENCE: N_("Evidence"),
    Source.OPINION: N_("Experts"),
    Source.RESPONSE: N_("What the accused said"),
}
_ITEMS = (N_("Item of evidence"), N_("Items of evidence"))
_UNSEEN = N_("To read what it says you need the evidence key of this case")
_FIGURES = N_("Figures of edition %(number)s")
_SAID = N_("What the accused said")


def likelihoods() -> dict[Likelihood, tuple[str, str]]:
    """Each degree and what it means, from the least likely up; what is unknown has no place on the scale."""
    return {code: (gettext(word), gettext(meaning)) for code, (word, meaning) in _LIKELIHOODS.items()}


@dataclass(frozen=True)
class Words:
    """The words of one reader for the findings of a case."""

    case: Case
    vocabularies: Mapping[str, Vocabulary]  # by incident
    languages: Languages

    def row(self, one: Listed) -> dict[str, Any]:
        """A finding in a list."""
        shown = one.finding.shown
        return {
            "name": one.name,
            "proposition": self.proposition(shown.version.proposition),
            "likelihood": shown.version.likelihood,
            "counts": list(counts(one.kinds)),
            "version": shown.version.number,
            "stands": shown.upheld,
            "state": _state(shown),
            "waits": one.finding.newest.decision is None,
        }

    def version(self, one: Shown) -> dict[str, Any]:
        """A version on the page of its finding."""
        version = one.proposed.version
        pairs = list(zip(version.factors, one.seen, strict=True))
        sides = {
            weight: [self.factor(*pair, version.incident) for pair in pairs if pair[0].weight is weight]
            for weight in Weight
        }
        return {
            "one": one.proposed,
            "day": one.day,
            "version": version,
            "state": _state(one.proposed),
            "sides": [(gettext(_SIDES[weight]), factors) for weight, factors in sides.items()],
            "counts": list(counts(one.kinds)),
        }

    def factor(self, factor: Factor, seen: Seen, incident: str) -> dict[str, Any]:
        """One thing that a finding rests on."""
        return {"why": factor.why, "now": said(seen.now), **self.source(seen, incident)}

    def source(self, seen: Seen, incident: str) -> dict[str, Any]:
        """What a source is, what it says in its own words and what is said of it; where it can be looked up."""
        about, says = seen.about, seen.says
        if says is None:
            return {
                "kind": gettext((_ITEMS if isinstance(about, Item) else _SOURCES[about.source])[0]),
                "says": gettext(_UNSEEN),
            }
        if isinstance(about, Counted):
            return self._counted(about, says, incident)
        if isinstance(about, Point):
            return self._point(about, says)
        item = {"link": f"{url_for('cases.show', case=self.case.id)}/evidence/{about.item}"}
        if isinstance(about, Item):
            return {"kind": gettext(KINDS[Kind(says["evidence"])][0]), "own": says["title"], **item}
        answer = gettext(ANSWERS[Answer(says["answer"])])
        told = {"says": answer, "who": says["expert"], "of": says["title"], "own": says["question"]}
        field = gettext(FIELDS[Field(says["field"])])
        return {"kind": gettext(_SOURCES[about.source][0]), **told, "field": field, **item}

    def choices(self, seen: Iterable[Seen], incident: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a factor can be, in groups for a list. An item stands once, by where its chain ends today."""
        groups: dict[str, dict[str, str]] = {}
        items: set[str] = set()
        for one in seen:
            if one.says is None or (isinstance(one.about, Item) and one.about.item in items):
                continue
            items |= {one.about.item} if isinstance(one.about, Item) else set()
            row = self.source(one, incident)
            title = _GROUPS.get(one.about.source)
            title = gettext(title) if title else row["kind"]
            groups.setdefault(title, {})[code(one.about)] = _option(row)
        return [(title, list(options.items())) for title, options in groups.items()]

    def proposition(self, written: Mapping[str, str]) -> tuple[str, str]:
        """A proposition and its language: the reader's, where it was written in it, or else English."""
        code = self.languages.code if self.languages.code in written else "en"
        return written[code], code

    def _counted(self, about: Counted, says: Mapping[str, Any], incident: str) -> dict[str, Any]:
        vocabulary = self.languages.of(self.vocabularies[incident])
        low, high = says["number"]["min"], says["number"]["max"]
        many = number(low) if low == high else between(low, high)
        people = _independent(many, high) if high else many
        did = gettext(_DID[about.column], people=people)
        return {
            "kind": gettext(_FIGURES, number=about.edition),
            "own": self.languages.claim(vocabulary, about.subject, about.value),
            "lang": self.languages.code,
            "says": f"{did[0].upper()}{did[1:]}",
            "link": self._table(about.edition, incident),
        }

    def _table(self, edition: int, incident: str) -> str:
        kept = self.languages.kept
        return url_for("editions.table", case=self.case.id, number=edition, incident=incident, labels=kept)

    def _point(self, about: Point, says: Mapping[str, Any]) -> dict[str, Any]:
        words, code = self.proposition(says["words"])
        told = {"says": gettext(DOES[Does(says["as"])]), "who": says["who"], "when": day(says["said"])}
        page = url_for("responses.index", case=self.case.id, labels=self.languages.kept)
        link = f"{page}#{anchor(Place(about.response, about.point))}"
        return {"kind": gettext(_SAID), "own": words, "lang": code, **told, "link": link}


def counts(kinds: Kinds) -> Iterator[tuple[str, int]]:
    """How many factors there are of each kind of source, kind by kind, items by what they are."""
    for source, of in kinds.items():
        for kind, many in of.items():
            words = _SOURCES.get(Source(source)) or (_ITEMS if kind == "item" else KINDS[Kind(kind)])
            yield gettext(words[many > 1]), many


def _independent(many: str, most: int) -> str:
    return str(ngettext("%(many)s independent person", "%(many)s independent people", most, many=many))


def code(about: About) -> str:
    """What stands for a factor in a list: its JSON."""
    factor = Factor(about, Weight.FOR, "").to_json()
    return json.dumps(
        {name: factor[name] for name in factor if name not in ("weight", "why")}, sort_keys=True
    )


def _option(row: Mapping[str, Any]) -> str:
    """A source in one line of a list, in which nothing can be marked up: what is foreign is set apart by signs."""
    own = f"\u2068{row['own']}\u2069"
    if "says" not in row:
        return f"{row['kind']}: {own}"
    by = [f"\u2068{row[name]}\u2069" for name in ("who", "of", "when") if name in row]
    return f"{own} \u2013 {listed([row['says'], *by])}"


def _state(one: Proposed) -> str:
    if one.decision is None:
        return str(gettext("proposed"))
    return str(gettext("upheld") if one.upheld else gettext("rejected"))
