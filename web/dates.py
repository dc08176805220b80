"""Dates as a page writes them: in the words of the interface's language, as they stand on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from flask import Flask, current_app

from vault.rules.wording import Wording
from web.locales import language

_SAID = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-\d\d)?")


def begin(app: Flask) -> None:
    """Let every template write dates out: `{{ incident.date|day }}`."""
    app.jinja_env.filters["day"] = day


def day(said: date | str) -> str:
    """A day such as 2015-10-20, or a month such as 2015-10, in words; anything else as it stands."""
    text = str(said)
    wordings: Mapping[str, Wording] = current_app.extensions["wordings"]
    return wordings[language()].when(text) if _SAID.fullmatch(text) else text
