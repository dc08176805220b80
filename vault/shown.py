"""A picture as a page that stands alone shows it: whole, inside the page, and only where it says nothing more."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass

from PIL import Image

from vault.errors import Invalid

_MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png"}
# The parts by which such a file is coded. In any other (EXIF, XMP, comments, what a maker adds), and behind the end,
# where telephones put a film of the same moment, it says more than it shows.
_JFIF, _ADOBE, _SCAN = b"\xff\xe0\x00\x10JFIF\x00", b"\xff\xee\x00\x0eAdobe", 0xFFDA
_JPEG = {0xFFDB, 0xFFC0, 0xFFC1, 0xFFC2, 0xFFC4, 0xFFDD, _SCAN}  # tables, frames, scans (ITU T.81, table B.1)
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_PNG = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT"}


@dataclass(frozen=True)
class Picture:
    """A picture to show, as an address that holds it whole and as SVG around that; its size in points."""

    address: str
    svg: str
    width: int
    height: int

    @classmethod
    def of(cls, content: bytes) -> Picture:
        """Raises Invalid for what is no JPEG or PNG, or says more than it shows."""
        try:
            with Image.open(io.BytesIO(content), formats=tuple(_MEDIA)) as opened:
                (width, height), kind = opened.size, str(opened.format)
        except (OSError, ValueError, Image.DecompressionBombError):
            raise Invalid("Only a JPEG or PNG picture can be shown in a sheet.") from None
        if not (_is_bare_jpeg(content) if kind == "JPEG" else _is_bare_png(content)):
            raise Invalid(
                "The working copy holds more than a picture, such as metadata: "
                "save it without them, add that, and release it."
            )
        address = f"data:{_MEDIA[kind]};base64,{base64.b64encode(content).decode()}"
        size = f'width="{width}" height="{height}"'
        link = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        svg = (
            f'<svg {link} {size} viewBox="0 0 {width} {height}"><image {size} xlink:href="{address}"/></svg>'
        )
        return cls(address, svg, width, height)


def _is_bare_jpeg(content: bytes) -> bool:
    """Whether it is of the parts of a JPEG alone, to its last byte."""
    at = 2
    while content[at : at + 2] != b"\xff\xd9":
        kind, size = (
            int.from_bytes(content[at : at + 2], "big"),
            int.from_bytes(content[at + 2 : at + 4], "big"),
        )
        if kind not in _JPEG and not content.startswith((_JFIF, _ADOBE), at):
            return False
        at += 2 + size
        if kind == _SCAN:
            found = _AFTER_SCAN.search(content, at)
            at = found.start() if found else len(content)
    return at + 2 == len(content)


def _is_bare_png(content: bytes) -> bool:
    """Whether it is of the parts of a PNG alone, to its last byte."""
    at = 8
    while content[at + 4 : at + 8] in _PNG:
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return content[at : at + 8] == b"\x00\x00\x00\x00IEND" and at + 12 == len(content)
