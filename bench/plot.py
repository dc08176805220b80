"""Growth as a picture: one line for each way, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 380, 70, 55
LETTERS = 18  # from one line of text to the next
_COLOURS = ("#0b5394", "#b45309", "#15803d", "#7c3aed", "#475569")
Points = Mapping[int, float]  # observations, seconds


def growth(lines: Mapping[str, Points]) -> str:
    """An SVG of 1 ms to 100 s over 10,000 to 10,000,000 observations."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<title>Seconds to tabulate, by observations</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(4, 8):
        x, _ = _place(10**power, 1)
        parts.append(f'<path d="M{x:.0f} 20V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 35}" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 10}">observations</text>')
    for power in range(-3, 3):
        _, y = _place(10_000, 10**power)
        parts.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - 130}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{10**power:g} s</text>')
    written = -float(LETTERS)
    ordered = sorted(lines.items(), key=lambda line: _place(*list(line[1].items())[-1])[1])  # from above
    for colour, (name, points) in zip(_COLOURS, ordered, strict=False):
        places = [_place(*point) for point in points.items()]
        path = "L".join(f"{x:.0f} {y:.0f}" for x, y in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = places[-1]
        written = max(y + 4, written + LETTERS)
        parts.append(f'<text x="{x + 6:.0f}" y="{written:.0f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _place(observations: float, seconds: float) -> tuple[float, float]:
    across = (log10(observations) - 4) / 3
    up = (log10(seconds) + 3) / 5
    return LEFT + across * (WIDTH - 130 - LEFT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - 20)
