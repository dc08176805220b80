"""Pictures that are drawn from numbers and a digest alone, as SVG: nothing that somebody wrote is in them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import segno

ACCENT, PAPER = "#1d625b", "#ffffff"
MOST_DOTS = 20
_BAR = 220
Line = Mapping[str, Any]


def figure(lines: Sequence[Line], at: int, ladder: Sequence[int]) -> tuple[str, str]:
    """A line of a statement in figures, and its picture: dots for persons, or how far up the ladder."""
    line = lines[at]
    number = line["number"]
    if line["exactly"]:
        return str(number), _persons(number, _around(lines, at))
    return f"≥ {number}" if number else f"< {ladder[0]}", _steps(number, ladder)


def samples() -> tuple[str, str]:
    """A dot for somebody who is counted, and one for somebody who is not."""
    return _svg(16, 16, _dot(0, True)), _svg(16, 16, _dot(0, False))


def code(digest: str) -> str:
    """A digest as a QR code."""
    out = io.BytesIO()
    segno.make(digest, micro=False, error="m").save(
        out, kind="svg", xmldecl=False, nl=False, scale=4, border=2, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


def _around(lines: Sequence[Line], at: int) -> int:
    """How many persons the outermost line counts among whom this one's are."""
    while lines[at]["within"] is not None:
        at = lines[at]["within"]
    count: int = lines[at]["number"]
    return count


def _persons(number: int, around: int) -> str:
    """A dot for each person, filled for who is counted; for many, a bar."""
    if around <= MOST_DOTS:
        return _svg(around * 16, 16, "".join(_dot(place, place < number) for place in range(around)))
    full = f'<rect x="1" y="4" width="{_BAR - 2}" height="8" rx="4" fill="{PAPER}" stroke="{ACCENT}"/>'
    part = round((_BAR - 2) * number / around)
    return _svg(_BAR, 16, f'{full}<rect x="1" y="4" width="{part}" height="8" rx="4" fill="{ACCENT}"/>')


def _dot(place: int, filled: bool) -> str:
    fill = ACCENT if filled else PAPER
    return (
        f'<circle cx="{place * 16 + 8}" cy="8" r="5.5" fill="{fill}" stroke="{ACCENT}" stroke-width="1.4"/>'
    )


def _steps(number: int, ladder: Sequence[int]) -> str:
    """A rising mark for each step of the ladder, filled as far as the number reaches."""
    tall = [4 + 12 * (place + 1) / len(ladder) for place in range(len(ladder))]
    marks = (
        f'<rect x="{place * 16 + 2}" y="{16.5 - height:.2f}" width="12" height="{height - 1:.2f}" rx="1.5" '
        f'fill="{ACCENT if step <= number else PAPER}" stroke="{ACCENT}"/>'
        for place, (step, height) in enumerate(zip(ladder, tall, strict=True))
    )
    return _svg(len(ladder) * 16, 16, "".join(marks))


def _svg(width: int, height: int, drawn: str) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true">{drawn}</svg>'
