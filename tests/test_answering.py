"""What comes out of a rebuttal sheet: a page of HTML and a PDF, whose numbers are those of published statements."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tests.paper import Page, traces
from tests.proofs import AT_LEAST
from tests.rebutting import (
    ANSWERS,
    PHOTOGRAPH,
    SHA256,
    STATEMENT,
    UNSEEN,
    WHOLE,
    WORDINGS,
    material,
    photograph,
    point,
    sheet,
    words,
)
from vault import printing
from vault.answering import Answering, Material, answering, digest_of, each
from vault.errors import Invalid
from vault.rules.wording import sentence_alone
from vault.sealing.digests import unb64
from vault.sealing.statements import parse
from vault.shown import Picture

PDF_TWO_PAGES = 2
ORDER = tuple(ANSWERS)
FREE = {"who": "Their spokesman", "said": "2015-12-23", "where": "To the press"}


def made(raw: dict[str, Any] = WHOLE, language: str = "en", draft: bool = False) -> Answering:
    return answering(raw, material(language), WORDINGS[language], draft)


def page(raw: dict[str, Any] = WHOLE, language: str = "en", draft: bool = False) -> Page:
    return Page(printing.rebuttal_html(made(raw, language, draft)))


@pytest.mark.parametrize("language", WORDINGS)
def test_the_page_stands_alone_and_says_every_line_in_full(language: str) -> None:
    text = printing.rebuttal_html(made(language=language))
    found = Page(text)
    assert not {"script", "link", "iframe", "object", "form", "a"} & set(found.tags)
    assert not found.attributes.keys() & {"href", "action", "style", "onload"}
    assert all(address.startswith("data:image/jpeg;base64,") for address in found.attributes["src"])
    assert set(re.findall(r"\w+://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert printing.POLICY_WITH_PICTURES in found.attributes["content"]
    vocabulary, wording = words(language)
    for at in range(3):
        assert sentence_alone(STATEMENT.document, at, vocabulary, wording) in found.said
    for digest in (STATEMENT.digest, digest_of(WHOLE), unb64(SHA256).hex()):
        assert found.said.count(digest) == 1


@given(
    st.lists(
        st.lists(st.sampled_from(ORDER), min_size=1, max_size=4, unique=True).map(
            lambda kinds: point(*(ANSWERS[kind] for kind in kinds))
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(sorted(WORDINGS)),
)
@settings(max_examples=40)
def test_every_number_of_a_sheet_is_a_line_of_a_published_statement(points: list[Any], language: str) -> None:
    """What remains when dates, references and digests are taken away is said by the statement's own sentences."""
    it = made(sheet(*points, response=FREE), language)
    vocabulary, wording = words(language)
    lines = {sentence_alone(STATEMENT.document, at, vocabulary, wording) for at in range(3)}
    known = {wording.when(day) for day in ("2015-11-09", "2015-12-23", "2015-10")}
    for one in (answer for told in it.points for answer in told.answers):
        if one.said.words not in lines:
            rest = one.label + one.said.words
            for day in known:
                rest = rest.replace(day, "")
            assert not re.search(r"\d", rest)
            assert not set(re.findall(r"\w+", rest)) & set(wording.numbers)
    assert all(one.dots == "" for told in it.points for one in told.answers if one.said.words not in lines)
    fixed = " ".join(text for name, text in wording.rebuttal.items() if name not in ("files",))
    assert not re.search(r"\d", fixed)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pdf_names_nobody_no_program_and_no_time(language: str) -> None:
    pdf = printing.rebuttal_pdf(made(language=language))
    assert traces(pdf) == []
    assert len(re.findall(rb"/Type/Page\b", pdf)) == PDF_TWO_PAGES
    assert pdf == printing.rebuttal_pdf(made(language=language))


def test_who_said_it_keeps_its_own_direction_among_words_of_another_language() -> None:
    answer = ANSWERS["response"]
    (told,) = made(sheet(point(answer)), "ar").points
    for text in (answer["who"], answer["where"]):
        assert f"\u2068{text}\u2069" in told.answers[0].reference


def test_a_picture_that_was_released_is_shown_to_the_last_byte() -> None:
    assert PHOTOGRAPH in printing.rebuttal_pdf(made())
    assert Picture.of(PHOTOGRAPH).address in page().attributes["src"]
    assert "src" not in page(sheet(point({**ANSWERS["evidence"], "picture": None}))).attributes


def test_a_picture_that_says_more_than_it_shows_is_not_shown() -> None:
    told = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "somebody"
    Image.new("RGB", (8, 8)).save(told, "JPEG", exif=exif)
    with pytest.raises(Invalid, match="metadata"):
        Picture.of(told.getvalue())
    written, note = io.BytesIO(), PngImagePlugin.PngInfo()
    note.add_text("Author", "somebody")
    Image.new("RGB", (8, 8)).save(written, "PNG", pnginfo=note)
    with pytest.raises(Invalid, match="metadata"):
        Picture.of(written.getvalue())
    small = io.BytesIO()
    Image.new("RGBA", (8, 8)).save(small, "PNG")
    for bare in (PHOTOGRAPH, small.getvalue()):
        maker = (
            b"\xff\xe9\x00\x0aa person" if bare is PHOTOGRAPH else b"\x00\x00\x00\x01maKra\x79\x2e\x7f\x11"
        )
        at = 2 if bare is PHOTOGRAPH else 33
        assert Picture.of(bare).width
        for more in (bare + b"a film of the same moment", bare[:at] + maker + bare[at:], bare[:-1]):
            with pytest.raises(Invalid):
                Picture.of(more)
    for other in (b"GIF89a", b"", b"<svg/>"):
        with pytest.raises(Invalid, match="JPEG or PNG"):
            Picture.of(other)


def test_a_png_is_shown_too() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 20)).save(out, "PNG")
    shown = Picture.of(out.getvalue())
    assert (shown.width, shown.height) == (30, 20)
    assert shown.address.startswith("data:image/png;base64,")


def test_a_draft_says_that_it_is_one_and_a_signed_sheet_does_not() -> None:
    warning = WORDINGS["en"].rebuttal["draft"]
    assert page(draft=True).said.count(warning) > 0
    assert warning not in page().said
    assert b"%PDF-" in printing.rebuttal_pdf(made(draft=True))


def test_what_they_demand_is_answered_by_what_is_sealed() -> None:
    (answer,) = made(sheet(point(kind="demands"))).points[0].answers
    assert answer.said.words == WORDINGS["en"].rebuttal["sealed_here"]


def test_words_say_in_which_language_they_are() -> None:
    arabic = made(language="ar").points[0]
    assert (arabic.said.words, arabic.said.language, arabic.said.direction) == (UNSEEN["ar"], "ar", "rtl")
    english = made(language="ar").points[2].said
    assert (english.language, english.direction) == ("en", "ltr")


def test_words_of_others_are_text_and_no_markup() -> None:
    hostile = '<script>alert(1)</script> #read("/etc/passwd") {{ it }}'
    raw = sheet(point(ANSWERS["reply"], words={"en": hostile}))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in printing.rebuttal_html(made(raw))
    assert made(raw).points[0].said.words == hostile
    assert printing.rebuttal_pdf(made(raw)).startswith(b"%PDF-")


def test_that_seeing_nothing_contradicts_nobody_is_said_where_witnesses_are_counted() -> None:
    said = WORDINGS["en"].page["not_perceived"]
    assert said in page().said
    assert said not in page(sheet(point(ANSWERS["reply"]))).said


def test_a_sheet_whose_statement_is_not_there_is_not_printed() -> None:
    with pytest.raises(Invalid, match="not there"):
        answering(WHOLE, Material({}, {}), WORDINGS["en"], False)
    with pytest.raises(Invalid, match="no such line"):
        made(sheet(point({**ANSWERS["statement"], "line": 99})))


def test_a_word_that_is_longer_than_the_paper_goes_on_in_the_next_line() -> None:
    def pages(word: str) -> int:
        words: dict[str, Any] = {"en": word}
        told = sheet(*10 * [point({**ANSWERS["finding"], "proposition": words}, words=words)])
        return len(re.findall(rb"/Type/Page\b", printing.rebuttal_pdf(made(told))))

    assert pages(600 * "x") > pages("x")


def test_a_wide_picture_keeps_its_shape() -> None:
    assert printing.rebuttal_pdf(
        answering(
            WHOLE,
            Material(material("en").statements, {SHA256: Picture.of(photograph(1200, 100))}),
            WORDINGS["en"],
            False,
        )
    ).startswith(b"%PDF-")


def test_a_line_in_steps_says_its_step_and_none_tells_nobody_from_two() -> None:
    statement = parse(AT_LEAST.document)
    lines = [{"kind": "statement", "statement": statement.digest, "line": at} for at in range(3)]
    made_of = Material({statement.digest: (statement, words("en")[0])}, {})
    answers = each(lines, made_of, WORDINGS["en"])
    assert [one.said.words.split()[:3] for one in answers] == [
        ["At", "least", "five"],
        ["At", "least", "three"],
        ["Fewer", "than", "three"],
    ]
    assert all("<circle" not in one.dots for one in answers)
