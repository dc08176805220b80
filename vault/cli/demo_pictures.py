"""Pictures for the demonstration: each says what it stands for, and carries metadata that must not get far."""

from __future__ import annotations

import io
import textwrap

from PIL import Image, ImageDraw, ImageFont

_SIZE = (960, 640)
_MAKE, _MODEL, _GPS = 0x010F, 0x0110, 0x8825


def placard(says: str, colour: str) -> bytes:
    """A JPEG of a plain board with these words; its EXIF names an invented camera and a place in the sea."""
    picture = Image.new("RGB", _SIZE, colour)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 24, _SIZE[0] - 24, _SIZE[1] - 24), outline="white", width=3)
    font, small = ImageFont.load_default(44), ImageFont.load_default(24)
    draw.multiline_text(
        (_SIZE[0] / 2, _SIZE[1] / 2),
        textwrap.fill(says, 32),
        fill="white",
        font=font,
        anchor="mm",
        align="center",
        spacing=14,
    )
    draw.text((48, _SIZE[1] - 72), "Drawn for the demonstration", fill="white", font=small)
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL] = "Invented", "Camera of the demonstration"
    exif.get_ifd(_GPS).update({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, exif=exif)
    return out.getvalue()
