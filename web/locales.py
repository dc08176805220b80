"""The language of the interface: which are offered, which one a request gets, and the messages of each.

The code is written in English. Each other language has a catalogue in `web/translations`, which is read as it stands:
there is no compiled copy that could be older than its source.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_locale, gettext

from vault.errors import N_, Message, VaultError

LANGUAGES = {
    "en": "English",
    "ar": "العربية",
    "fr": "Français",
    "es": "Español",
    "ru": "Русский",
    "uk": "Українська",
}
CATALOGUES = Path(__file__).with_name("translations")
COOKIE = "__Host-language"


def begin(app: Flask) -> None:
    """Have each request speak the language that it chose."""
    _Spoken(app, locale_selector=_choose)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(N_=N_, language=language, direction=direction, interface_languages=LANGUAGES)


def language() -> str:
    """The code of the language that this request speaks."""
    return str(get_locale().language)  # each has but one form


def direction() -> str:
    """How the interface's language is written: ltr or rtl."""
    return str(get_locale().text_direction)


def said(message: VaultError | str) -> str:
    """A refusal, a message or a marked word in the language of the interface, and so each part of it."""
    if isinstance(message, VaultError):
        message = message.message
    if isinstance(message, Message):
        return str(gettext(message.template, **{name: _part(part) for name, part in message.parts.items()}))
    return str(gettext(message)) if message else ""


def _part(part: object) -> object:
    """A part of it: a claim by its label in this language, a day written out, what is marked translated."""
    if isinstance(part, str):
        part = current_app.extensions["claims"].get(language(), {}).get(part) or said(part)
    return current_app.jinja_env.filters["day"](part) if isinstance(part, str | date) else part


@cache
def _catalogue(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class _Catalogues(Domain):  # type: ignore[misc]
    """Each in memory from the first request in its language; Flask-Babel's own would be read anew in each request."""

    def get_translations(self) -> NullTranslations:
        return _catalogue(language() if has_request_context() else "en")


class _Spoken(Babel):  # type: ignore[misc]
    domain_instance = _Catalogues()


def _choose() -> str:
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en")
