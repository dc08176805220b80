"""What is printed of a published statement, in one language: the same words for the page and the PDF.

Everything is written from the published file. Nothing is taken from elsewhere, so a leaflet cannot say who, when or
where beyond it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vault import drawn
from vault.drawn import Line
from vault.rules.descriptors import called
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Forms, Wording, sentences
from vault.sealing.statements import parse


@dataclass(frozen=True)
class Row:
    """One line: the claim, how it was perceived, the number in figures, and its picture as SVG."""

    claim: str
    column: str
    figure: str
    picture: str


@dataclass(frozen=True)
class Quoted:
    """A witness's own words, how they are written (rtl or ltr), and what the witness is called."""

    words: str
    direction: str
    called: str


@dataclass(frozen=True)
class Leaflet:
    """Everything that is printed; `words` are headings and labels, `code` is the digest as a QR code in SVG."""

    language: str
    direction: str
    title: str
    title_language: str
    month: str
    sentences: tuple[str, ...]
    rows: tuple[Row, ...]
    quotes: tuple[Quoted, ...]
    exact: bool
    samples: tuple[str, str]
    steps: str
    meaning: tuple[str, ...]
    policy: tuple[str, ...]
    proof: tuple[str, ...]
    digest: str
    code: str
    note: str
    words: dict[str, str]


def leaflet(published: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> Leaflet:
    """What is printed of a published file; the vocabulary's labels are in the wording's language.

    Raises Invalid for a statement that no verifier would take, or a claim that the vocabulary does not have.
    """
    statement = parse(published["statement"]["document"])
    document, lines, policy = statement.document, statement.lines, statement.policy
    title, language = title_of(document["about"], wording.language)
    words, exact = wording.page, all(line["exactly"] for line in lines)
    return Leaflet(
        language=wording.language,
        direction=wording.direction,
        title=title,
        title_language=language,
        month=wording.month(document["month"]),
        sentences=tuple(sentences(document, vocabulary, wording)),
        rows=tuple(_row(lines, at, policy["ladder"], vocabulary, wording) for at in range(len(lines))),
        quotes=tuple(_quoted(one, vocabulary) for one in document.get("quotes", ())),
        exact=exact,
        samples=drawn.samples(),
        steps=words["steps"].format(ladder=", ".join(map(str, policy["ladder"]))),
        meaning=(words["not_perceived"], _same_person(document["same_person"], wording)),
        policy=_policy(document, words),
        proof=_proof(published["proof"], words),
        digest=statement.digest,
        code=drawn.code(statement.digest),
        note="" if wording.reviewed else words["unreviewed"],
        words=dict(words),
    )


def title_of(about: Mapping[str, str], language: str) -> tuple[str, str]:
    """What something is about, as a title, and in which language it is."""
    found = nearest(about, language)
    return about[found][:1].upper() + about[found][1:], found


def nearest(texts: Mapping[str, str], language: str) -> str:
    """The language in which a text is given, that comes nearest to the one that is asked for."""
    return language if language in texts else "en" if "en" in texts else min(texts)


def _row(
    lines: Sequence[Line], at: int, ladder: Sequence[int], vocabulary: Vocabulary, wording: Wording
) -> Row:
    line = lines[at]
    value = vocabulary.check_value(line["subject"], line["value"])
    claim = wording.claimed(vocabulary, line["subject"], value)
    return Row(
        claim[:1].upper() + claim[1:], wording.columns[line["column"]], *drawn.figure(lines, at, ladder)
    )


def _quoted(quote: Mapping[str, Any], vocabulary: Vocabulary) -> Quoted:
    """Words stay in the language in which they were said."""
    words = quote["words"]
    return Quoted(words, runs(words), called(vocabulary.descriptors, quote["descriptor"]))


def runs(words: str) -> str:
    """How words are written, rtl or ltr, by the first letter that says it."""
    strong = [kind for kind in map(unicodedata.bidirectional, words) if kind in ("L", "R", "AL")]
    return "rtl" if strong and strong[0] != "L" else "ltr"


def _same_person(month: str, wording: Wording) -> str:
    if month == "not done":
        return wording.page["same_person_not_done"]
    kind = "same_person_in_part" if month.endswith("in part") else "same_person_done"
    return wording.page[kind].format(month=wording.month(month.partition(",")[0]))


def _policy(document: Mapping[str, Any], words: Forms) -> tuple[str, ...]:
    policy = document["policy"]
    everyone = document["consent"] == "all_counted_and_all_complements"
    return (
        words["consent_all" if everyone else "consent_sums"],
        words["policy_ladder"].format(least=policy["ladder"][0]),
        words["policy_pool"].format(pool=policy["pool"], share=policy["share"]),
        words["policy_cover"].format(cover=policy["cover"]),
        words["policy_history"],
        words["policy_people"].format(reviewers=policy["reviewers"], days=policy["revised_after_days"]),
    )


def _proof(proof: Mapping[str, Any] | None, words: Forms) -> tuple[str, ...]:
    logged = "proof_pending" if proof is None else "proof_stamped" if proof["stamps"] else "proof_logged"
    return words["proof_signed"], words[logged], words["proof_not"], words["sealed"]
