"""What a witness allows, as a form has it, as the draft's JSON (docs/FORMATS.md §5.4); `Consent.parse` judges it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from vault.errors import Invalid
from vault.rules.consent import Recipient

USES = "consent-uses"
NAME = re.compile(r"consent-[a-z_-]+|asking-[a-z_]+")
FIELDS = {  # where what is wrong with a member stands
    "consent": "consent-recording",
    "uses": USES,
    "embargo": "consent-embargo",
    "until": "consent-until",
    "restated": "asking-restated",
    "guardian": "asking-guardian",
}
_TO, _ASKING = "consent-to-", "asking-"


def read_consent(form: MultiDict[str, str]) -> dict[str, Any]:
    """The consent as JSON; what was left empty is absent."""
    to = {str(one): form[_TO + one] for one in Recipient if form.get(_TO + one)}
    days = {name: form.get(f"consent-{name}", "").strip() for name in ("embargo", "until")}
    return {
        "recording": bool(form.get("consent-recording")),
        "uses": form.getlist(USES),
        **({"recipients": to} if to else {}),
        **{name: day for name, day in days.items() if day},
        **({"asking": asking} if (asking := _asking(form)) else {}),
    }


def require_ahead(form: MultiDict[str, str], today: date) -> None:
    """Raises Invalid for a last day that is over: a year that was mistyped would have the record destroyed."""
    with suppress(ValueError):  # what is no day is refused with the rest
        if date.fromisoformat(form.get("consent-until", "").strip()) < today:
            raise Invalid(
                "The day until which the witness allows it is over already: correct it, or leave it empty if they set "
                "no end.",
                "until",
            )


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """What stands in the form of it, to fill another with."""
    names = [name for name in form if NAME.fullmatch(name)]
    return {name: form.getlist(name) if name == USES else form[name] for name in names}


def carried(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The same, as hidden fields."""
    return [(name, value) for name in form if NAME.fullmatch(name) for value in form.getlist(name) if value]


def _asking(form: MultiDict[str, str]) -> dict[str, str]:
    said = {name: form[name].replace("\r\n", "\n").strip() for name in form if name.startswith(_ASKING)}
    return {name.removeprefix(_ASKING): text for name, text in said.items() if text}
