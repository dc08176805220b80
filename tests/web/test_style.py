"""The style sheet: readable in both schemes, written for both directions, and bringing nothing in from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = re.sub(
    r"/\*.*?\*/", "", (Path(__file__).parents[2] / "web/static/vault.css").read_text("utf-8"), flags=re.DOTALL
)
_LIGHT, _DARK = re.findall(r":root \{(.*?)\}", SHEET.partition("@media print")[0], re.DOTALL)
_TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "stop-ink") for ground in ("paper", "panel")),
    ("on-accent", "accent"),
    ("note-ink", "note"),
    ("stop-ink", "stop"),
]
_SHAPES = [(edge, ground) for edge in ("edge", "accent") for ground in ("paper", "panel")]
_PHYSICAL = (
    r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b[\w-]*|left|right|top|bottom|float|clear"
    r"|(?:max-|min-)?(?:width|height)"
)


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


SCHEMES = {"light": _colours(_LIGHT), "dark": {**_colours(_LIGHT), **_colours(_DARK)}}


def _luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(scheme: str, one: str, other: str) -> float:
    low, high = sorted(_luminance(SCHEMES[scheme][name]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_its_ground(scheme: str) -> None:
    faint = [(*pair, round(_contrast(scheme, *pair), 2)) for pair in _TEXT if _contrast(scheme, *pair) < 4.5]
    assert faint == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_edge_of_a_control_and_the_mark_of_the_focus_can_be_seen(scheme: str) -> None:
    faint = [(*pair, round(_contrast(scheme, *pair), 2)) for pair in _SHAPES if _contrast(scheme, *pair) < 3]
    assert faint == []


def test_no_text_is_made_faint_or_coloured_beside_the_tokens() -> None:
    rules = SHEET.partition("@media print")[0].replace(_LIGHT, "").replace(_DARK, "")
    colours = re.findall(r"[^-\w](?:color|background|background-color): ([^;}]+)", rules)
    allowed = (
        r"var\(--[\w-]+\)|inherit|currentcolor|none|transparent|Highlight|HighlightText|linear-gradient.*"
    )
    assert [colour for colour in colours if not re.fullmatch(allowed, colour, re.DOTALL)] == []
    assert set(re.findall(r"[^-\w]opacity: ([^;}]+)", rules)) <= {"0", "1"}


def test_what_stands_beside_and_below_is_said_for_both_directions() -> None:
    assert re.findall(rf"[{{;]\s*({_PHYSICAL}):", SHEET) == []
    assert re.findall(r"text-align: (?:left|right)", SHEET) == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert re.findall(r"url\(|@import|https?:", SHEET) == []


def test_every_token_that_is_used_is_there_and_every_one_that_is_there_is_used() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", SHEET)) == set(re.findall(r"--([\w-]+):", SHEET))


def test_arabic_is_neither_spaced_out_nor_slanted() -> None:
    assert ":lang(ar) { letter-spacing: 0; font-style: normal; }" in SHEET
    spaced = [where.start() for where in re.finditer(r"letter-spacing: [^0]", SHEET)]
    assert max(spaced) < SHEET.index(":lang(ar) {")
