"""What comes out: a published statement as one page of HTML, and as a PDF."""

from __future__ import annotations

import copy
import hashlib
import re
from typing import Any

import pytest

from tests.paper import Page, traces
from tests.proofs import AT_LEAST, PROVEN, QUOTE, QUOTED, Proven
from tests.rebutting import WORDINGS, words
from tests.rules.cast import ROOT
from vault import printing
from vault.drawn import MOST_DOTS
from vault.errors import Invalid
from vault.leaflets import leaflet
from vault.rules.wording import sentences

BOTH = {"exact": PROVEN, "at least": AT_LEAST, "quoted": QUOTED}
FONTS = ROOT / "vault/fonts"


def with_document(**changes: Any) -> dict[str, Any]:
    """A published file whose statement says something else; nobody signed that."""
    raw = copy.deepcopy(PROVEN.published)
    raw["statement"]["document"].update(changes)
    return raw


@pytest.mark.parametrize("language", WORDINGS)
@pytest.mark.parametrize("proven", BOTH.values(), ids=BOTH)
def test_the_page_stands_alone_and_says_every_sentence(proven: Proven, language: str) -> None:
    text = printing.html(proven.published, *words(language))
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(page.tags)
    assert not page.attributes.keys() & {"src", "href", "action", "style", "onload"}
    assert set(re.findall(r"\w+://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "@import" not in text
    for sentence in sentences(proven.document, *words(language)):
        assert sentence in page.said
    assert page.said.count(leaflet(proven.published, *words(language)).digest) == 1
    assert page.attributes["lang"][0] == language
    assert page.attributes["dir"][0] == ("rtl" if language == "ar" else "ltr")


def test_the_page_may_load_nothing_but_its_own_style() -> None:
    page = Page(printing.html(PROVEN.published, *words("en")))
    assert printing.POLICY in page.attributes["content"]
    assert printing.POLICY.startswith("default-src 'none'; style-src 'sha256-")
    assert page.tags.count("style") == 1


@pytest.mark.parametrize("language", WORDINGS)
def test_a_quote_stands_there_as_it_was_said_by_who_may_be_called_so(language: str) -> None:
    vocabulary, wording = words(language)
    page = Page(printing.html(QUOTED.published, vocabulary, wording))
    assert page.tags.count("blockquote") == 1
    assert str(QUOTE["words"]) in page.said
    assert f"— {vocabulary.descriptors['health_worker'].label}" in page.said
    assert "blockquote" not in Page(printing.html(PROVEN.published, vocabulary, wording)).tags


@pytest.mark.parametrize(("said", "direction"), [("I saw it", "ltr"), ("1: رأيتها", "rtl"), ("1 2", "ltr")])
def test_quoted_words_run_as_their_own_language_does(said: str, direction: str) -> None:
    raw = with_document(quotes=[QUOTE | {"words": said}])
    (one,) = leaflet(raw, *words("ar")).quotes
    assert (one.words, one.direction) == (said, direction)


def test_a_descriptor_that_the_vocabulary_does_not_have_is_not_printed() -> None:
    with pytest.raises(Invalid):
        leaflet(with_document(quotes=[QUOTE | {"descriptor": "surgeon"}]), *words("en"))


def test_what_a_statement_is_about_is_text_and_no_markup() -> None:
    hostile = '<script>alert(1)</script> #read("/etc/passwd") {{ it }}'
    raw = with_document(about={"en": hostile})
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in printing.html(raw, *words("en"))
    assert leaflet(raw, *words("en")).title == hostile
    assert printing.pdf(raw, *words("en")).startswith(b"%PDF-")


@pytest.mark.parametrize("language", WORDINGS)
@pytest.mark.parametrize("proven", BOTH.values(), ids=BOTH)
def test_the_pdf_names_nobody_no_program_and_no_time(proven: Proven, language: str) -> None:
    made = printing.pdf(proven.published, *words(language))
    assert traces(made) == []
    assert len(re.findall(rb"/Type/Page\b", made)) == 1


def test_places_in_the_pdf_are_where_its_table_says() -> None:
    made = printing.pdf(PROVEN.published, *words("ar"))
    start = int(re.findall(rb"startxref\s+(\d+)", made)[-1])
    assert made[start : start + 4] == b"xref"
    entries = re.findall(rb"(\d{10}) 00000 n", made[start:])
    assert len(entries) > 10
    for number, place in enumerate(entries, start=1):
        assert made[int(place) :].startswith(b"%d 0 obj" % number)


def test_the_same_statement_gives_the_same_bytes() -> None:
    for language in ("en", "ar"):
        assert printing.pdf(PROVEN.published, *words(language)) == printing.pdf(
            PROVEN.published, *words(language)
        )
        assert printing.html(PROVEN.published, *words(language)) == printing.html(
            PROVEN.published, *words(language)
        )


def test_a_pdf_whose_metadata_are_somewhere_else_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_METADATA", (*printing._METADATA, re.compile(rb"/Producer")))
    with pytest.raises(Invalid):
        printing.pdf(PROVEN.published, *words("en"))


def test_a_dot_stands_for_each_person_and_is_filled_for_who_is_counted() -> None:
    rows = leaflet(PROVEN.published, *words("en")).rows
    assert [(row.figure, row.picture.count("<circle")) for row in rows] == [("3", 3), ("2", 3), ("1", 3)]
    assert [row.picture.count('fill="#1d625b"') for row in rows] == [3, 2, 1]


def test_a_mark_stands_for_each_step_and_none_tells_nobody_from_two() -> None:
    rows = leaflet(AT_LEAST.published, *words("en")).rows
    assert [row.figure for row in rows] == ["≥ 5", "≥ 3", "< 3"]
    assert [row.picture.count('fill="#1d625b"') for row in rows] == [2, 1, 0]


def test_many_persons_are_a_bar() -> None:
    lines = copy.deepcopy(PROVEN.document["lines"])
    lines[0]["number"], lines[1]["number"] = 2 * MOST_DOTS, MOST_DOTS
    rows = leaflet(with_document(lines=lines), *words("en")).rows
    assert all("<circle" not in row.picture for row in rows)
    assert 'width="109"' in rows[1].picture


@pytest.mark.parametrize(
    ("proof", "says"),
    [
        (None, "proof_pending"),
        (PROVEN.proof, "proof_logged"),
        ({**PROVEN.proof, "stamps": [{"answer": "", "hash": ""}]}, "proof_stamped"),
    ],
)
def test_it_says_of_its_date_no_more_than_its_proof_does(proof: Any, says: str) -> None:
    found = leaflet({**PROVEN.published, "proof": proof}, *words("en")).proof
    pages = WORDINGS["en"].page
    kinds = ("proof_pending", "proof_logged", "proof_stamped")
    assert [kind for kind in kinds if pages[kind] in found] == [says]


@pytest.mark.parametrize(
    ("month", "says"),
    [
        ("not done", "was not checked"),
        ("2026-10", "checked by the custodians: October 2026."),
        ("2026-10, in part", "for part of the accounts: October 2026."),
    ],
)
def test_it_says_whether_the_same_person_could_be_counted_twice(month: str, says: str) -> None:
    assert says in leaflet(with_document(same_person=month), *words("en")).meaning[1]


def test_it_says_what_those_counted_have_allowed() -> None:
    page = WORDINGS["en"].page
    assert leaflet(PROVEN.published, *words("en")).policy[0] == page["consent_all"]
    assert leaflet(AT_LEAST.published, *words("en")).policy[0] == page["consent_sums"]


@pytest.mark.parametrize(
    ("about", "language", "title"),
    [
        ({"en": "a strike", "ar": "غارة"}, "ar", ("غارة", "ar")),
        ({"en": "a strike", "ar": "غارة"}, "fr", ("A strike", "en")),
        ({"ar": "غارة"}, "en", ("غارة", "ar")),
    ],
)
def test_a_title_is_in_the_language_or_says_in_which_it_is(
    about: dict[str, str], language: str, title: tuple[str, str]
) -> None:
    made = leaflet(with_document(about=about), *words(language))
    assert (made.title, made.title_language) == title


def test_only_a_wording_that_nobody_reviewed_says_so() -> None:
    assert leaflet(PROVEN.published, *words("en")).note == ""
    assert leaflet(PROVEN.published, *words("ar")).note == WORDINGS["ar"].page["unreviewed"]


def test_what_no_verifier_would_take_is_not_printed() -> None:
    with pytest.raises(Invalid):
        printing.html(with_document(lines=[]), *words("en"))


def test_every_font_is_listed_with_its_checksum_and_licence() -> None:
    readme = (FONTS / "README.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `([\w.-]+)` \|.*OFL-1\.1.*`([0-9a-f]{64})` \|$", readme, re.MULTILINE))
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FONTS.glob("*.ttf")}
    assert listed == there != {}
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text("utf-8")
