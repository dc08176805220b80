"""Pictures without what they say of their maker: an upright copy without metadata, and a small one for lists.

A picture may have been made to harm whoever opens it. It is drawn by a process of its own, which has little memory and
time, may open and write no file, and gets and gives bytes through pipes alone: nothing of it lies on a disk.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess  # nosec B404 - starts this very module
import sys
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
}
LARGEST = 48 * 1024 * 1024  # bytes
_MOST_POINTS = 64_000_000
_PREVIEW = 320
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
    with _ONE:
        try:
            done = subprocess.run(  # noqa: S603  # nosec B603 - our own module, and nothing in its arguments or environment
                command, input=content, capture_output=True, timeout=2 * _SECONDS, check=True, env={}
            )
        except subprocess.SubprocessError:
            return None
    head, _, rest = done.stdout.partition(b"\n")
    about = json.loads(head)
    return Copy(rest[: about["size"]], about["media"], rest[about["size"] :])


def main() -> None:
    """The process of its own: a picture comes in, its copy goes out; whatever fails ends it."""
    Image.preinit()
    Image.init()  # what reads and writes each format is loaded now: nothing can be opened any more
    _confine()
    copy = _drawn(sys.stdin.buffer.read())
    about = {"media": copy.media, "size": len(copy.content)}
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + copy.content + copy.preview)


def _confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))


def _drawn(content: bytes) -> Copy:
    """Raises whatever Pillow raises, and ValueError for too many points."""
    with Image.open(io.BytesIO(content), formats=tuple(FORMATS.values())) as opened:
        if opened.width * opened.height > _MOST_POINTS:
            raise ValueError("too many points")
        upright = ImageOps.exif_transpose(opened)
    clear = upright.has_transparency_data
    plain = upright.convert("RGBA" if clear else "RGB")
    plain.info.clear()  # EXIF, XMP, colour profile, comments
    small = plain.copy()
    small.thumbnail((_PREVIEW, _PREVIEW))
    media = "image/png" if clear else "image/jpeg"
    return Copy(_encoded(plain, FORMATS[media]), media, _encoded(small, "WEBP"))


def _encoded(picture: Image.Image, what: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, what, **({} if what == "PNG" else {"quality": 90 if what == "JPEG" else 75}))
    return out.getvalue()


if __name__ == "__main__":
    main()
