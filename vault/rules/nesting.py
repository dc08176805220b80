"""Whose persons are among whose: the order of a statement's lines, worked out from the sheet and typed by nobody."""

from collections.abc import Sequence

from vault.rules.disclosure import Form
from vault.rules.sheets import Cell, Sheet

Nested = tuple[tuple[Cell, int | None], ...]


def nested(sheet: Sheet, chosen: Sequence[Cell], form: Form) -> Nested:
    """The chosen cells in the order of the sheet; in the exact form the widest first, and each within the narrowest
    earlier one that has all its persons (None where there is none: the disclosure policy then refuses the line)."""
    table = {cell: place for place, cell in enumerate(sheet.figures)}
    in_order = sorted(dict.fromkeys(chosen), key=lambda cell: table.get(cell, len(table)))
    if form is Form.LADDER:
        return tuple((cell, None) for cell in in_order)
    in_order.sort(key=lambda cell: -len(sheet.figure(cell).witnesses))
    return tuple((cell, _within(sheet, in_order[:place], cell)) for place, cell in enumerate(in_order))


def _within(sheet: Sheet, earlier: Sequence[Cell], cell: Cell) -> int | None:
    """The last of those before that contain it: they stand from the widest to the narrowest."""
    persons = sheet.figure(cell).witnesses
    around = [place for place, one in enumerate(earlier) if persons <= sheet.figure(one).witnesses]
    return around[-1] if around else None
