"""The catalogues of the interface and of the pinned page: complete, no older than the code, saying no more than it."""

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

from vault import page
from web.locales import CATALOGUES, LANGUAGES

ROOT = Path(__file__).parents[2]
PINNED = ROOT / "web" / "pinned" / "translations"
TRANSLATED = [code for code in LANGUAGES if code != "en"]
FILES = [
    *((CATALOGUES, f"{code}/LC_MESSAGES/messages.po") for code in TRANSLATED),
    *((PINNED, f"{code}.po") for code in TRANSLATED),
]
each_catalogue = pytest.mark.parametrize(
    ("folder", "name"),
    FILES,
    ids=[f"{folder.parent.name}/{name.partition('/')[0]}" for folder, name in FILES],
)
_PLACE = re.compile(r"%\((\w+)\)([sd])|(%%)")
_TAG = re.compile(r"</?\w[^>]*>")
_BRACES = re.compile(r"\{\w*\}")


def _catalogue(folder: Path, name: str) -> Catalog:
    with (folder / name).open("rb") as source:
        return read_po(source, locale=name[:2])


def _pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each form in which a message is translated, beside the English that it stands for."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield from ((message.id[-1], form) for form in message.string or ())


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """The catalogues as `make messages` brings them up to date: each folder's copy."""
    made = {folder: tmp_path_factory.mktemp("anew") / "translations" for folder in (CATALOGUES, PINNED)}
    for folder, copy in made.items():
        shutil.copytree(folder, copy)
    given = [f"TRANSLATIONS={made[CATALOGUES]}", f"PINNED={made[PINNED]}"]
    subprocess.run(["make", "--silent", "messages", *given], cwd=ROOT, check=True, timeout=300)
    return made


@each_catalogue
def test_a_catalogue_has_every_message_of_the_code_and_no_other(
    folder: Path, name: str, anew: dict[Path, Path]
) -> None:
    assert (folder / name).read_text("utf-8") == (anew[folder] / name).read_text("utf-8"), (
        "run `make messages`, and translate what is new"
    )


@each_catalogue
def test_a_catalogue_leaves_no_message_untranslated_or_uncertain(folder: Path, name: str) -> None:
    missing = [
        message.id
        for message in _catalogue(folder, name)
        if message.id and (message.fuzzy or not all(form for _, form in _pairs(message)))
    ]
    assert missing == []


@each_catalogue
def test_a_translation_has_the_places_and_the_marks_of_its_original_and_no_other(
    folder: Path, name: str
) -> None:
    unlike = [
        (english, form)
        for message in _catalogue(folder, name)
        if message.id
        for english, form in _pairs(message)
        if form and not _alike(english, form, plural=not isinstance(message.id, str))
    ]
    assert unlike == []


@each_catalogue
def test_a_translation_of_a_number_has_every_plural_form(folder: Path, name: str) -> None:
    catalogue = _catalogue(folder, name)
    wrong = [
        message.id
        for message in catalogue
        if message.id
        and not isinstance(message.id, str)
        and len(message.string or ()) != catalogue.num_plurals
    ]
    assert wrong == []


def test_arabic_counts_eleven_in_the_accusative_and_a_hundred_not() -> None:
    catalogue = _catalogue(CATALOGUES, "ar/LC_MESSAGES/messages.po")
    forms = [[form for _, form in _pairs(one)] for one in catalogue if one.id and not isinstance(one.id, str)]
    assert "n%100>=0 && n%100<=2 ? 4 : 5" in str(catalogue.plural_expr)
    assert [form[4] for form in forms if "\u064b" in form[4] and "\u064b" not in form[5]] == []


def _alike(english: str, form: str, plural: bool) -> bool:
    places, said = _PLACE.findall(english), _PLACE.findall(form)
    if plural:  # a form for one person or two may say so in words
        same = set(said) <= set(places) and {place for place, *_ in set(places) - set(said)} <= {
            "num",
            "n",
            "many",
        }
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
_IN_ONE_LANGUAGE = {f"consent_script_{code}.html" for code in LANGUAGES}


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


def test_what_a_template_lends_to_others_is_said_when_it_is_shown() -> None:
    """Outside its macros it is read once, for whoever asked first: words are marked there with `N_`, and said later."""
    folder = ROOT / "web" / "templates"
    pages = "".join(path.read_text("utf-8") for path in folder.glob("*.html"))
    for name in set(re.findall(r"{% import '([^']+)' as \w+ %}", pages)):
        lent = (folder / name).read_text("utf-8")
        outside = re.sub(r"{#.*?#}|{% macro .*?{%-? endmacro %}", "", lent, flags=re.DOTALL)
        assert not re.search(r"(?<!\w)_\(|{% *trans\b", outside), name


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


def test_the_pinned_page_speaks_the_languages_of_the_interface() -> None:
    html = (ROOT / "web" / "pinned" / "page.html").read_text("utf-8")
    assert set(page.LANGUAGES) == set(TRANSLATED)
    assert dict(re.findall(r'<option value="(\w\w)"[^>]*>([^<]+)<', html)) == LANGUAGES
    assert set(re.findall(r'<p class="notice stop" lang="(\w\w)"', html)) == set(LANGUAGES)


def test_no_module_of_the_pinned_page_says_what_is_no_message() -> None:
    """Whatever reads as words of the page stands as the first argument of `_`, where the catalogues find it."""
    for path in sorted((ROOT / "web" / "pinned").glob("*.js")):
        text = re.sub(r"/\*\*.*?\*/|^ *//.*?$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        text = re.sub(r'\b_\(\s*"[^"]*"(?:\s*\+ "[^"]*")*', "", text)
        assert (
            re.findall(r'"[A-Z][a-z]+[.:?!]?"|"[A-Z][a-z]* [^"]*"|"[^"]*[a-z] [a-z]+[^"]*[.?!:]"', text) == []
        ), path.name
