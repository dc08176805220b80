"""What synthetic witnesses say, and what is written about them: every text that somebody types has the mark in it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

MARK = "zephyrquill"
USES = [
    "internal",
    "corroboration",
    "aggregate",
    "count_exact",
    "detail",
    "verbatim",
    "paraphrase",
    "audio_video",
]
PUBLIC = {"recording": True, "uses": USES, "recipients": {"public": "none"}}
WORDS = f"I saw two of them over the {MARK} mill, very high."
_FIRST = ("Balthazar", "Ottoline", "Peregrine", "Quentina", "Rosamund", "Septimus", "Thaddea", "Ulysses")
_LAST = ("Quillfeather", "Thornabout", "Nightingall", "Umberwood", "Vesperley", "Wintergreen", "Yarrowby")
_HEARD = ("saw", "heard", "felt")


def name(number: int) -> str:
    """The name of one of those in the register; nobody else has it."""
    random = Random(f"name {number}")
    return f"{random.choice(_FIRST)} {random.choice(_LAST)} {MARK.title()}{number:04d}"


def identity(number: int) -> dict[str, str]:
    """Who somebody in the register is."""
    return {
        "name": name(number),
        "other_names": f"Uncle {MARK}{number:04d}",
        "contact": f"+99 777 {number:04d} {MARK}",
        "address": f"{number} {MARK.title()} lane",
        "notes": f"Walks with {MARK}'s cousin to the mill, {number}",
    }


def observations(number: int, incident: str) -> list[dict[str, Any]]:
    """What somebody says of an incident: the first three what a statement says, the others this and that."""
    random = Random(f"said {number}")
    said: list[tuple[str, Any]] = [("aircraft.present", "yes")]
    if number >= 3:
        said.append(("strike.took_place", "yes"))
    if number == 0 or (number >= 3 and random.random() < 0.3):
        said.append(("aircraft.number", 2))
    return [
        {
            "incident": incident,
            "subject": subject,
            "value": value,
            "perception": ["saw"] if subject == "aircraft.number" else [random.choice(_HEARD)],
            "anchor": f"when the {MARK} clock struck",
            "words": f"it was like a {MARK}, {number}",
        }
        for subject, value in said
    ]


def interview(number: int, incident: str, together: Sequence[str] = ()) -> dict[str, Any]:
    """A draft; now and then a long one, which takes several slots."""
    day = 1 + number % 28
    words = f"{WORDS} I am witness {number}." if number < 3 else f"The {MARK} smoke rose, {number}. "
    return {
        "kind": "original",
        "consent": PUBLIC if number % 7 < 5 or number < 3 else {"recording": True, "uses": ["corroboration"]},
        "interview": {
            "date": f"2015-11-{day:02d}",
            "language": "ar",
            "mode": "in_person",
            "interpreter": f"Interpreter {MARK} {number if number < 3 else 3 + number % 5}",
            "introducer": f"Brought by {MARK} {number if number < 3 else 3 + number % 9}",
            "shown_before": [f"A film of {MARK}"] if number % 6 == 0 else [],
            "together_with": list(together),
        },
        "testimony": words * (1 + 700 * (number % 29 == 11)),
        "observations": observations(number, incident),
    }


def later(pseudonym: str, incident: str, kind: str, of: str | None) -> dict[str, Any]:
    """A follow-up, or a correction of the deposit with this receipt digest."""
    said = interview(5, incident)
    changes = {"kind": kind, "pseudonym": pseudonym, "testimony": f"Then the {MARK} siren."}
    if of is not None:
        changes |= {"supersedes": of, "reason": f"Misheard at {MARK} corner"}
    return {**said, **changes}


def plan(number: int, titles: int) -> dict[str, Any]:
    """A case with so many incidents."""
    incidents = [
        {"title": f"Attack {place} on {MARK} hospital", "place": f"{MARK.title()} town", "date": "2015-10-20"}
        for place in range(titles)
    ]
    return {"code": f"D{number + 1}", "title": f"Strikes on {MARK} county", "incidents": incidents}
