"""Pictures without what they say of their maker: an upright copy without metadata, and a small one for lists.

A picture may have been made to harm whoever opens it. It is drawn by a confined process of its own (vault/confined.py),
which gets and gives bytes through memory alone: nothing of it lies on a disk. Whoever takes that process over can give
another picture, and no more.
"""

from __future__ import annotations

import io
import os
import subprocess  # nosec B404 - starts this very module
import sys
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps

from vault.confined import confine

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
}
LARGEST = 48 * 1024 * 1024  # bytes
_MOST_POINTS = 64_000_000
_MADE = ("image/jpeg", "image/png")
_PREVIEW = 320
_DEEP = ("I", "F")  # how Pillow calls shades of more than 8 bits
_MEMORY = 2 * 1024**3  # of addresses: a picture of the most points, turned, and what encodes it
_SECONDS = 40
_ONE = threading.Lock()  # several at once could take all of a small machine's memory


@dataclass(frozen=True)
class Copy:
    """A picture for use: its bytes, what they are, and the small one, as WebP of at most 320 by 320 points."""

    content: bytes
    media: str
    preview: bytes


def copy_of(content: bytes) -> Copy | None:
    """The working copy of a picture; None of what is none, is broken, or too large to be drawn safely."""
    if not 0 < len(content) <= LARGEST:
        return None
    command = [sys.executable, "-I", "-m", __name__]
    with _ONE, open(os.memfd_create("picture"), "w+b") as out:
        try:
            subprocess.run(  # noqa: S603  # nosec B603 - our own module, and nothing in its arguments
                command,
                input=content,
                stdout=out,
                stderr=subprocess.DEVNULL,
                timeout=2 * _SECONDS,
                check=True,
                env={},
            )
        except (subprocess.SubprocessError, OSError):
            return None
        out.seek(0)
        return _read(out.read())


def _read(given: bytes) -> Copy | None:
    media, _, rest = given.partition(b"\n")
    size, rest = int.from_bytes(rest[:4], "big"), rest[4:]
    made = next((one for one in _MADE if one.encode() == media), None)
    return None if made is None else Copy(rest[:size], made, rest[size:])


def main() -> None:
    """The process of its own: a picture comes in, its copy goes out; whatever fails ends it."""
    Image.preinit()
    Image.init()  # what reads and writes each format is loaded now: nothing can be opened any more
    confine(_MEMORY, _SECONDS, written=LARGEST)
    copy = _drawn(sys.stdin.buffer.read())
    head = copy.media.encode() + b"\n" + len(copy.content).to_bytes(4, "big")
    sys.stdout.buffer.write(head + copy.content + copy.preview)


def _drawn(content: bytes) -> Copy:
    """Raises whatever Pillow raises, and ValueError for too many points, or more shades than a screen has."""
    with Image.open(io.BytesIO(content), formats=tuple(FORMATS.values())) as opened:
        if opened.width * opened.height > _MOST_POINTS:
            raise ValueError("too many points")
        if opened.mode.startswith(_DEEP):  # made fit for a screen, it would be white or black all over
            raise ValueError("too many shades")
        upright = ImageOps.exif_transpose(opened)
    clear = upright.has_transparency_data
    plain = upright.convert("RGBA" if clear else "RGB")
    plain.info.clear()  # EXIF, XMP, colour profile, comments
    small = plain.copy()
    small.thumbnail((_PREVIEW, _PREVIEW))
    media = _MADE[clear]
    return Copy(_encoded(plain, FORMATS[media]), media, _encoded(small, "WEBP"))


def _encoded(picture: Image.Image, what: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, what, **({} if what == "PNG" else {"quality": 90 if what == "JPEG" else 75}))
    return out.getvalue()


if __name__ == "__main__":
    main()
