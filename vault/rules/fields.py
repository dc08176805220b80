"""Reading what arrived as JSON or TOML: nothing unknown, every member of its type, nothing echoed.

The one place where loose data becomes typed values. Each method raises Invalid with a sentence that names the
member and what is permitted, and never repeats the value: it may be a name.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import TypeGuard, TypeVar

from vault.errors import Invalid, Message

E = TypeVar("E", bound=StrEnum)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_JOINERS = "\u200c\u200d"
_MOST_MARKS = 8  # upon one letter; Hebrew and Tibetan take up to five
_DAY = re.compile(r"(19[7-9][0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}")


class Fields:
    """One object being read; raises Invalid when it is none, or has a member that is not known."""

    def __init__(self, raw: object, what: str, known: Collection[str]) -> None:
        if not isinstance(raw, Mapping):
            raise Invalid(
                "%(what)s must be an object with the members %(members)s.",
                what=what,
                members=", ".join(known),
            )
        if not set(raw) <= set(known):
            raise Invalid(
                "%(what)s has a member that is not known; it may have %(members)s.",
                what=what,
                members=", ".join(known),
            )
        self._raw, self._what = raw, what

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def fault(self, name: str, rule: str) -> Invalid:
        """The error to raise when a member breaks a rule."""
        return Invalid(
            '%(what)s: "%(member)s" must be %(rule)s.', name, what=self._what, member=name, rule=rule
        )

    def value(self, name: str, default: object = None) -> object:
        """The member as it came."""
        return self._raw.get(name, default)

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        """Text of at most `longest` characters that can be written as UTF-8."""
        value = self._raw.get(name, default)
        # JSON's escapes may write an unpaired surrogate; it has no canonical encoding and cannot be sealed.
        if not isinstance(value, str) or len(value) > longest or not _encodable(value):
            raise self.fault(name, Message("text of at most %(most)s characters", most=f"{longest:,}"))
        return value

    def line(self, name: str, longest: int) -> str:
        """One printable line, not blank."""
        text = self.text(name, longest)
        if not is_line(text):
            raise self.fault(
                name, Message("one printable line of 1 to %(most)s characters", most=f"{longest:,}")
            )
        return text

    def lines(self, name: str, longest: int) -> dict[str, str]:
        """One printable line for each language, English among them."""
        value = self._raw.get(name)
        said = (
            Fields(value, Message('%(what)s: "%(member)s"', what=self._what, member=name), value)
            if isinstance(value, Mapping)
            else None
        )
        if said is None or "en" not in said or not all(_is_language(code) for code in said._raw):
            raise self.fault(name, 'an object of short language codes and lines, "en" among them')
        return {code: said.line(code, longest) for code in said._raw}

    def flag(self, name: str) -> bool:
        """True or false; nothing stands for either."""
        value = self._raw.get(name)
        if not isinstance(value, bool):
            raise self.fault(name, "true or false")
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number; a truth value is none."""
        value = self._raw.get(name, default)
        if not is_whole(value):
            raise self.fault(name, "a whole number")
        return value

    def language(self, name: str) -> str:
        """A language's code."""
        value = self._raw.get(name)
        if not _is_language(value):
            raise self.fault(name, "a short language code such as ar, en or ku-Latn")
        return value

    def day(self, name: str) -> date:
        """A day as text, from 1970 to 2099."""
        value = self._raw.get(name)
        with suppress(ValueError):  # the 31st of February
            # fromisoformat alone would also read weeks, and days without hyphens
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        raise self.fault(name, "a day such as 2015-11-03")

    def choice(self, name: str, options: type[E], default: E | None = None) -> E:
        """One code of an enumeration."""
        return self._coded(name, self._raw.get(name, default), options)

    def choices(self, name: str, options: type[E]) -> frozenset[E]:
        """Codes of an enumeration, each at most once."""
        return frozenset(self._coded(name, code, options) for code in self.distinct(name, len(options)))

    def items(self, name: str, most: int) -> list[object]:
        """A list of at most `most` items; empty when absent."""
        value = self._raw.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise self.fault(name, Message("a list of at most %(most)d", most=most))
        return value

    def distinct(self, name: str, most: int) -> list[str]:
        """A list of texts, none of them twice; empty when absent."""
        texts = [item for item in self.items(name, most) if isinstance(item, str)]
        if len(set(texts)) != len(self.items(name, most)):
            raise self.fault(name, "a list of texts, none of them twice")
        return texts

    def _coded(self, name: str, value: object, options: type[E]) -> E:
        with suppress(ValueError):
            if isinstance(value, str):
                return options(value)
        raise self.fault(name, Message("one of %(codes)s", codes=", ".join(options)))


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number; in JSON `true` is none, though Python says so."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_language(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def is_line(text: str) -> bool:
    """Printable, not blank, and nothing that reaches over other lines.

    The two joiners are no print, and Persian and Kurdish are written with them.
    """
    printed = all(sign.isprintable() or sign in _JOINERS for sign in text)
    return printed and bool(text.strip(f" {_JOINERS}")) and not _is_piled(text)


def _is_piled(text: str) -> bool:
    """Whether marks stand on one another as no language writes them: they would be drawn over what others wrote."""
    runs = groupby(text, lambda sign: unicodedata.category(sign) in ("Mn", "Me"))
    return any(marks and len(list(run)) > _MOST_MARKS for marks, run in runs)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
