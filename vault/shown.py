"""A picture as a page that stands alone shows it: whole, inside the page, and only where it says nothing more."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image

from vault.errors import Invalid

_MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png"}
# What every such file says of its own coding. Anything else (EXIF, XMP, comments, thumbnails) is about more than that.
_HARMLESS = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"),
    *("progressive", "progression", "gamma", "srgb", "transparency", "interlace"),
}


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
                (width, height), kind, more = opened.size, str(opened.format), set(opened.info) - _HARMLESS
        except (OSError, ValueError, Image.DecompressionBombError):
            raise Invalid("Only a JPEG or PNG picture can be shown in a sheet.") from None
        if more:
            raise Invalid(
                "The working copy of a picture has metadata: have the vault make one that has none."
            )
        address = f"data:{_MEDIA[kind]};base64,{base64.b64encode(content).decode()}"
        size = f'width="{width}" height="{height}"'
        link = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        svg = (
            f'<svg {link} {size} viewBox="0 0 {width} {height}"><image {size} xlink:href="{address}"/></svg>'
        )
        return cls(address, svg, width, height)
