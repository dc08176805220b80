"""Tables as comma-separated text (RFC 4180) that no spreadsheet takes for a formula, and back (docs/EXCHANGE.md)."""

import csv
import io
from collections.abc import Iterable, Sequence

from vault.errors import Invalid

Cell = str | int
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
LONGEST_CELL = 20_000

# A spreadsheet computes a cell that begins so (OWASP, CSV injection). One that splits at another sign than the comma,
# as many are set to, begins a cell in the middle of ours: so the places behind such signs are guarded, too.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_SPLITS = frozenset(",;|\t\r\n")
_BREAKS = ("\t", "\r", "\n")


def guard(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could see the beginning of a formula."""
    places = _beginnings(text)
    return "".join("'" + sign if at in places else sign for at, sign in enumerate(text))


def unguard(text: str) -> str:
    """What was guarded, as it was."""
    places = _beginnings(text)
    return "".join("" if sign == "'" and at in places else sign for at, sign in enumerate(text))


def _beginnings(text: str) -> set[int]:
    """Where a cell may begin with a formula, whatever spaces, quotation marks and apostrophes stand before it."""
    places: set[int] = set()
    follows = False
    for at in range(len(text) - 1, -1, -1):
        follows = text[at] in _FORMULA or (follows and (text[at].isspace() or text[at] in "\"'"))
        if follows and (at == 0 or text[at - 1] in _SPLITS):
            places.add(at)
    return places | ({0} if text.lstrip("'").startswith(_BREAKS) else set())


def write(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table with its heading, every cell quoted and guarded; begins with the byte order mark."""
    text = io.StringIO(newline="")
    written = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    written.writerow(columns)
    written.writerows([guard(str(cell)) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + text.getvalue()


def read(text: str, separator: str = ",") -> list[list[str]]:
    """The rows of such a text, the heading first, guards taken away. Raises Invalid with the number of a row."""
    rows: list[list[str]] = []
    reader = csv.reader(
        io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), delimiter=separator, strict=True
    )
    try:
        for row in reader:
            if any(len(cell) > LONGEST_CELL for cell in row):
                raise Invalid(
                    "Row %(row)d has a cell of more than %(most)s characters.",
                    row=len(rows) + 1,
                    most=f"{LONGEST_CELL:,}",
                )
            rows.append([unguard(cell) for cell in row])
    except csv.Error:
        raise Invalid(
            "Row %(row)d cannot be read: a quotation mark stands in the middle of a cell, or is not closed.",
            row=len(rows) + 1,
        ) from None
    return rows
