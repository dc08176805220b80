"""The catalogues of the interface: complete, no older than the code, and saying no more than what they translate."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from web.locales import CATALOGUES, LANGUAGES

ROOT = Path(__file__).parents[2]
TRANSLATED = [code for code in LANGUAGES if code != "en"]
_PLACE = re.compile(r"%\((\w+)\)([sd])|(%%)")
_TAG = re.compile(r"</?\w[^>]*>")
_BRACES = re.compile(r"\{\w*\}")


def _catalogue(code: str, folder: Path = CATALOGUES) -> Catalog:
    with (folder / code / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=code)


def _pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each form in which a message is translated, beside the English that it stands for."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield from ((message.id[-1], form) for form in message.string or ())


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogues as `make messages` brings them up to date."""
    folder = tmp_path_factory.mktemp("anew") / "translations"
    shutil.copytree(CATALOGUES, folder)
    subprocess.run(
        ["make", "--silent", "messages", f"TRANSLATIONS={folder}"], cwd=ROOT, check=True, timeout=300
    )
    return folder


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_every_message_of_the_code_and_no_other(code: str, anew: Path) -> None:
    assert (CATALOGUES / code / "LC_MESSAGES" / "messages.po").read_text("utf-8") == (
        anew / code / "LC_MESSAGES" / "messages.po"
    ).read_text("utf-8"), "run `make messages`, and translate what is new"


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_leaves_no_message_untranslated_or_uncertain(code: str) -> None:
    missing = [
        message.id
        for message in _catalogue(code)
        if message.id and (message.fuzzy or not all(form for _, form in _pairs(message)))
    ]
    assert missing == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_places_and_the_marks_of_its_original_and_no_other(code: str) -> None:
    unlike = [
        (english, form)
        for message in _catalogue(code)
        if message.id
        for english, form in _pairs(message)
        if form and not _alike(english, form, plural=not isinstance(message.id, str))
    ]
    assert unlike == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_of_a_number_has_every_plural_form(code: str) -> None:
    catalogue = _catalogue(code)
    wrong = [
        message.id
        for message in catalogue
        if message.id
        and not isinstance(message.id, str)
        and len(message.string or ()) != catalogue.num_plurals
    ]
    assert wrong == []


def _alike(english: str, form: str, plural: bool) -> bool:
    places, said = _PLACE.findall(english), _PLACE.findall(form)
    if plural:  # a form for one person or two may say so in words
        same = set(said) <= set(places) and set(places) - set(said) <= {("num", "d", ""), ("num", "s", "")}
    else:
        same = sorted(places) == sorted(said)
    return (
        same
        and sorted(_TAG.findall(english)) == sorted(_TAG.findall(form))
        and sorted(_BRACES.findall(english)) == sorted(_BRACES.findall(form))
    )


_UNSAID = re.compile(
    r"{#.*?#}|{% block shape %}.*?{% endblock %}|"
    r"{% *trans\b.*?{% *endtrans *%}|{{.*?}}|{%.*?%}|<!doctype html>|<(style|code|kbd)\b.*?</\1>",
    re.DOTALL,
)
_SPOKEN = re.compile(r'\b(?:aria-label|title|alt|placeholder|data-[\w-]*said)="([^"]*)"')
_NAMES = {"Witness", "Vault", "PDF", "JSON", "CSV", "SHA"}  # the same in every language
_IN_ONE_LANGUAGE = {"consent_script_ar.html", "consent_script_en.html"}


@pytest.mark.parametrize(
    "template",
    [
        path
        for path in sorted((ROOT / "web" / "templates").glob("*.html"))
        if path.name not in _IN_ONE_LANGUAGE
    ],
    ids=lambda path: path.name,
)
def test_a_template_says_nothing_that_is_not_in_the_catalogues(template: Path) -> None:
    page = _UNSAID.sub(" ", template.read_text("utf-8"))
    said = [*_SPOKEN.findall(page), re.sub(r'<[^>]*>|[\w-]+="[^"]*"', " ", page)]
    words = {word for text in said for word in re.findall(r"[A-Za-z]{2,}", re.sub(r"&\w+;", " ", text))}
    assert words - _NAMES == set()


def test_no_script_says_anything_itself() -> None:
    """What a script shows stands in its page, in the page's language."""
    spoken = [
        (path.name, text)
        for path in sorted((ROOT / "web" / "static").glob("*.js"))
        for text in re.findall(
            r'"([A-Z][a-z]*(?: [^"]+)?[.:?!…])"|`([A-Z][^`]* [^`]*)`', path.read_text("utf-8")
        )
    ]
    assert spoken == []
