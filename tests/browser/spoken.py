"""What the interface says in a language, found by the English of its message."""

from __future__ import annotations

from collections.abc import Callable

from babel.messages.pofile import read_po

from web.locales import CATALOGUES

Say = Callable[[str], str]


def english(message: str) -> str:
    """A message as the code has it."""
    return message


def spoken(language: str) -> Say:
    """How this language says a message; the first form where it has several. Raises KeyError where there is none."""
    if language == "en":
        return english
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    said = {
        message.id if isinstance(message.id, str) else message.id[0]: message.string for message in catalogue
    }

    def say(message: str) -> str:
        found = said[message]
        return found if isinstance(found, str) else str((found or ("",))[0])

    return say
