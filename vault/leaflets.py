"""What is printed of a published statement, in one language: the same words for the page and the PDF.

Everything is written from the published file. Nothing is taken from elsewhere, so a leaflet cannot say who, when or
where beyond it.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import segno

from vault.rules.descriptors import called
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Forms, Wording, sentences
from vault.sealing.statements import parse

ACCENT, PAPER = "#1d625b", "#ffffff"
MOST_DOTS = 20
_BAR = 220
Line = Mapping[str, Any]


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
    title, language = _title(document["about"], wording.language)
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
        samples=(_svg(16, 16, _dot(0, True)), _svg(16, 16, _dot(0, False))),
        steps=words["steps"].format(ladder=", ".join(map(str, policy["ladder"]))),
        meaning=(words["not_perceived"], _same_person(document["same_person"], wording)),
        policy=_policy(document, words),
        proof=_proof(published["proof"], words),
        digest=statement.digest,
        code=_code(statement.digest),
        note="" if wording.reviewed else words["unreviewed"],
        words=dict(words),
    )


def _title(about: Mapping[str, str], language: str) -> tuple[str, str]:
    found = language if language in about else "en" if "en" in about else min(about)
    return about[found][:1].upper() + about[found][1:], found


def _row(
    lines: Sequence[Line], at: int, ladder: Sequence[int], vocabulary: Vocabulary, wording: Wording
) -> Row:
    line = lines[at]
    value = vocabulary.check_value(line["subject"], line["value"])
    number = line["number"]
    if line["exactly"]:
        figure, picture = str(number), _persons(number, _around(lines, at))
    else:
        figure = f"≥ {number}" if number else f"< {ladder[0]}"
        picture = _steps(number, ladder)
    claim = wording.claimed(vocabulary, line["subject"], value)
    return Row(claim[:1].upper() + claim[1:], wording.columns[line["column"]], figure, picture)


def _quoted(quote: Mapping[str, Any], vocabulary: Vocabulary) -> Quoted:
    """Words stay in the language in which they were said."""
    words = quote["words"]
    strong = [kind for kind in map(unicodedata.bidirectional, words) if kind in ("L", "R", "AL")]
    direction = "rtl" if strong and strong[0] != "L" else "ltr"
    return Quoted(words, direction, called(vocabulary.descriptors, quote["descriptor"]))


def _around(lines: Sequence[Line], at: int) -> int:
    """How many persons the outermost line counts among whom this one's are."""
    while lines[at]["within"] is not None:
        at = lines[at]["within"]
    count: int = lines[at]["number"]
    return count


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


def _persons(number: int, around: int) -> str:
    """A dot for each person, filled for who is counted; for many, a bar."""
    if around <= MOST_DOTS:
        return _svg(around * 16, 16, "".join(_dot(place, place < number) for place in range(around)))
    full = f'<rect x="1" y="4" width="{_BAR - 2}" height="8" rx="4" fill="{PAPER}" stroke="{ACCENT}"/>'
    part = round((_BAR - 2) * number / around)
    return _svg(_BAR, 16, f'{full}<rect x="1" y="4" width="{part}" height="8" rx="4" fill="{ACCENT}"/>')


def _dot(place: int, filled: bool) -> str:
    fill = ACCENT if filled else PAPER
    return (
        f'<circle cx="{place * 16 + 8}" cy="8" r="5.5" fill="{fill}" stroke="{ACCENT}" stroke-width="1.4"/>'
    )


def _steps(number: int, ladder: Sequence[int]) -> str:
    """A rising mark for each step of the ladder, filled as far as the number reaches."""
    tall = [4 + 12 * (place + 1) / len(ladder) for place in range(len(ladder))]
    marks = (
        f'<rect x="{place * 16 + 2}" y="{16.5 - height:.2f}" width="12" height="{height - 1:.2f}" rx="1.5" '
        f'fill="{ACCENT if step <= number else PAPER}" stroke="{ACCENT}"/>'
        for place, (step, height) in enumerate(zip(ladder, tall, strict=True))
    )
    return _svg(len(ladder) * 16, 16, "".join(marks))


def _svg(width: int, height: int, drawn: str) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true">{drawn}</svg>'


def _code(digest: str) -> str:
    out = io.BytesIO()
    segno.make(digest, micro=False, error="m").save(
        out, kind="svg", xmldecl=False, nl=False, scale=4, border=2, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()
