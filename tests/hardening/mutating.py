"""Hostile variations of what is valid: of JSON, of text, of bytes.

Where something is chosen, `pick(n)` chooses a number below n: Hypothesis does in the tests, a fuzzer in `make fuzz`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeVar

from vault.sealing.digests import Json

Pick: TypeAlias = Callable[[int], int]
T = TypeVar("T", str, bytes)

# Each pair must change places to be normalised (Unicode, 3.11): it takes time as the square of their number, minutes.
MARKS = "a" + "\u0301\u0316" * 300_000
CANARY = "ZEPHYRINE"  # in whatever is put in: no message may repeat it


def nested(depth: int) -> Json:
    """Lists within each other."""
    value: Json = CANARY
    for _ in range(depth):
        value = [value]
    return value


TEXTS = (
    "",
    " ",
    CANARY,
    CANARY + "\0",
    CANARY + "\ud800",
    "\u202e" + CANARY,
    f"<script>{CANARY}</script>",
    f"{{{{ {CANARY} }}}} %({CANARY})s %d {{0}}",
    f"'; DROP TABLE {CANARY}; --",
    "../" * 9 + CANARY,
    CANARY * 12_000,
    "A" * 22,
    "A" * 43,
    "٣" * 4,
    "9" * 5_000,
    "2015-02-30",
    "\ufeff",
)
_BYTES = (
    b"",
    b"\0",
    b"\xff" * 4,
    b"\xc3(",
    b"\xed\xa0\x80",
    CANARY.encode(),
    b"[" * 5_000,
    b"9" * 5_000,
    b"\n",
)


def atoms() -> tuple[Json, ...]:
    """What stands in the place of a part, made anew each time: it may be changed in its turn."""
    return (
        *TEXTS,
        None,
        True,
        False,
        0,
        -1,
        1,
        255,
        2**31,
        2**53,
        -(2**63),
        10**400,
        0.5,
        math.nan,
        -math.inf,
        [],
        {},
        [None],
        [[]],
        [{}],
        {CANARY: CANARY},
        {"": {}},
        {"é": 1},
        nested(40),
        nested(900),
    )


def hostile(valid: Json, pick: Pick) -> Json:
    """The value with one to three of its parts changed, taken away, doubled, wrapped, or exchanged for others."""
    root = [_copied(valid)]
    for _ in range(1 + pick(3)):
        places = list(_places(root))
        _change(*places[pick(len(places))], places, pick)
    return root[0]


def spliced(valid: T, pick: Pick) -> T:
    """The text or bytes with up to three pieces cut out, doubled, or replaced."""
    pieces: tuple[Any, ...] = TEXTS if isinstance(valid, str) else _BYTES
    for _ in range(1 + pick(3)):
        start = pick(len(valid) + 1)
        end = min(len(valid), start + pick(len(valid) + 1 if pick(3) == 0 else 9))
        put = (pieces[pick(len(pieces))], valid[start:end] * 2, valid[:0], _other(valid[start:end], pick))
        valid = valid[:start] + put[pick(len(put))] + valid[end:]
    return valid


def _other(piece: T, pick: Pick) -> T:
    """As long, and of other signs."""
    if isinstance(piece, str):
        return "".join(chr((ord(sign) + pick(128)) % 0x500) for sign in piece[:9])
    return bytes(byte ^ pick(256) for byte in piece[:9])


def _copied(value: Json) -> Json:
    match value:
        case dict():
            return {key: _copied(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_copied(inner) for inner in value]
    return value


def _places(container: Json) -> Iterator[tuple[Any, Any]]:
    """Every place in lists and objects, each as what holds it and where in that; not within what is nested deep."""
    waiting = [(container, 0)]
    while waiting:
        holder, depth = waiting.pop()
        for at in list(holder) if isinstance(holder, dict) else range(len(holder)):
            yield holder, at
            if isinstance(holder[at], dict | list) and depth < 20:
                waiting.append((holder[at], depth + 1))


def _change(holder: Any, at: Any, places: list[tuple[Any, Any]], pick: Pick) -> None:
    now = holder[at]
    match pick(8):
        case 0 if isinstance(holder, dict):
            del holder[at]
        case 1 if isinstance(holder, dict):
            holder[TEXTS[pick(len(TEXTS))]] = now
        case 1 if isinstance(now, list):
            holder[at] = now * 2
        case 2:
            other, there = places[pick(len(places))]
            holder[at] = _copied(other[there]) if not isinstance(other[there], dict | list) else None
        case 3:
            holder[at] = [now]
        case 4 if isinstance(now, str):
            holder[at] = spliced(now, pick)
        case 5 if isinstance(now, int) and not isinstance(now, bool):
            holder[at] = (-now, now + 1, now - 1, now * 10**6, str(now), float(min(now, 2**53)))[pick(6)]
        case 6 if isinstance(now, dict):
            holder[at] = list(now.items()) if pick(2) else list(now)
        case _:
            atom = atoms()
            holder[at] = atom[pick(len(atom))]
