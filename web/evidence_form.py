"""The forms of evidence, as the chain's JSON (docs/FORMATS.md §19); the rules of items judge it.

What a form repeats, claims and events, stands in fields of one name, side by side; a row in which nothing was chosen
says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from vault.errors import VaultError
from vault.rules.custody import OF_THE_VAULT, What
from vault.rules.evidence import Bearing
from vault.rules.items import Act
from vault.rules.opinions import claim_to_json
from web import claim_choice
from web.locales import said

TYPED = [what for what in What if what not in OF_THE_VAULT]
BEARING, EVENT = ("claim", "number", "bears", "why"), ("what", "day", "by", "to", "note")
_BLANK = {"claim": 2, "what": 1}
_NEW = ("title", "kind", "incident", "how", "giver", "from", "held", "bears", "events")
_IN_ACTS: Mapping[str, tuple[str, ...]] = {
    Act.FILE: ("how",),
    Act.EVENT: ("what", "day", "by", "to", "note"),
    Act.BEARING: ("claim",),
    Act.AUTHENTICITY: ("grade", "reasons"),
    Act.OPINION: ("expert", "question", "claim", "answer", "reasons"),
    Act.RELEASE: ("text",),
}
_OF_CLAIMS = ("bears", "subject", "value", "about")
Form = MultiDict[str, str]
Errors = list[tuple[str | None, str]]


def rows(form: Form, names: tuple[str, ...], more: bool = False) -> list[dict[str, str]]:
    """The rows for what was typed, and blank ones behind them."""
    filled = _filled(form, names)
    return [*filled, *({} for _ in range(max(more + 1, _BLANK[names[0]] - len(filled))))]


def read_item(form: Form) -> dict[str, Any]:
    """An item as it is handed in."""
    giver = form.get("giver", "").strip()
    origin = {name: _line(form.get(name, "")) for name in ("how", "from", "held")}
    return {
        "item": form.get("item") or form.get("new", ""),
        **{name: _line(form.get(name, "")) for name in ("kind", "title", "incident")},
        "origin": origin,
        "giver": giver or None,
        "original": form.get("upload") or None,
        "working": None,
        "events": [_event(row) for row in _filled(form, EVENT)],
        **_bears(form),
    }


def read_act(act: Act, form: Form) -> dict[str, Any]:
    """One more entry of a chain."""
    return _READ[act](form)


def refill(bears: Iterable[Bearing]) -> Form:
    """What an item bears on, as the form would have sent it."""
    form: Form = MultiDict()
    for one in bears:
        about = claim_to_json(one.about)
        chosen, typed = claim_choice.shown(str(about["subject"]), about["value"])
        for name, text in zip(BEARING, (chosen, typed, str(one.how), one.why), strict=True):
            form.add(name, text)
    return form


def errors_of(error: VaultError, act: str = "") -> Errors:
    """An error, with the id of the field that it is about: of a new item, or of the form of an act."""
    about = error.about or ""
    if about == "upload":
        return [("upload-file", said(error))]
    if not act:
        found = "bears" if about in _OF_CLAIMS else "events" if about in EVENT else about
        return [(found if found in _NEW else None, said(error))]
    found = "claim" if about in _OF_CLAIMS else about
    return [(f"{act}-{found}" if found in _IN_ACTS.get(act, ()) else None, said(error))]


def _filled(form: Form, names: tuple[str, ...]) -> list[dict[str, str]]:
    columns = zip(*(form.getlist(name) for name in names), strict=False)
    found = [dict(zip(names, column, strict=True)) for column in columns]
    return [row for row in found if any(row[name].strip() for name in names if name != "bears")]


def _bears(form: Form) -> dict[str, Any]:
    return {
        "bears": [
            {**claim_choice.read(row["claim"], row["number"]), "how": row["bears"], "why": row["why"].strip()}
            for row in _filled(form, BEARING)
        ]
    }


def _event(row: Mapping[str, str]) -> dict[str, Any]:
    facts = {name: _line(row[name]) for name in ("what", "day", "by", "to")}
    return {**facts, "note": row["note"].strip(), "file": row.get("file") or None, "held": None}


def _opinion(form: Form) -> dict[str, Any]:
    facts = {name: _line(form.get(name, "")) for name in ("expert", "field", "question", "answer")}
    chosen = form.get("claim", "")
    about = claim_choice.read(chosen, form.get("number", "")) if chosen else None
    return {**facts, "about": about, "reasons": form.get("reasons", "").strip()}


def _release(form: Form) -> dict[str, Any]:
    pairs = zip(form.getlist("lang"), form.getlist("words"), strict=False)
    text = {lang.strip(): _line(words) for lang, words in pairs if words.strip()}
    return {"of": form.get("of") or None, "text": text, "picture": form.get("picture") == "yes"}


def _decision(form: Form) -> dict[str, Any]:
    upheld = {"yes": True, "no": False}.get(form.get("upheld", ""))
    return {"motion": form.get("motion", ""), "upheld": upheld, "reason": form.get("reason", "").strip()}


_READ: Mapping[Act, Callable[[Form], dict[str, Any]]] = {
    Act.FILE: lambda form: {
        "role": "working",
        "upload": form.get("upload"),
        "how": _line(form.get("how", "")),
    },
    Act.EVENT: lambda form: _event(form.to_dict()),
    Act.BEARING: _bears,
    Act.AUTHENTICITY: lambda form: {
        "grade": form.get("grade", ""),
        "checks": form.getlist("checks"),
        "reasons": form.get("reasons", "").strip(),
    },
    Act.OPINION: _opinion,
    Act.RELEASE: _release,
    Act.DECISION: _decision,
    Act.RECALL: lambda form: {"release": form.get("release"), "reason": form.get("reason", "").strip()},
}


def _line(text: str) -> str:
    return " ".join(text.split())
