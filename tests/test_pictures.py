"""vault.pictures: a copy looks as its original does and says nothing else; what could do harm is not drawn."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from tests.cast import R1
from tests.sending import JPEG, film, send
from tests.stage import DAY, Scene, actor
from vault import copies, pictures, uploads
from vault.pictures import copy_of

SECRETS = (b"ZEPHYRINE", b"Quillfeather", b"35.9", b"Exif", b"<x:xmpmeta", b"acsp")
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Quillfeather</x:xmpmeta>'


def photo(
    what: str = "JPEG", mode: str = "RGB", turned: int = 1, size: tuple[int, int] = (640, 400)
) -> bytes:
    """A picture, red at its left, with everything that a telephone writes into one."""
    picture = Image.new(mode, size, "white")
    picture.paste("red", (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.Artist], exif[Base.Model] = turned, "Quillfeather", "ZEPHYRINE 9"
    exif[IFD.GPSInfo] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (35.9, 54.0, 0.0)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    said: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": profile, "xmp": _XMP}
    if what == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", "Quillfeather")
        said["pnginfo"] = texts
    if what in ("JPEG", "GIF"):
        said["comment"] = b"ZEPHYRINE"
    out = io.BytesIO()
    picture.save(out, what, **said)
    return out.getvalue()


def read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def is_red(shown: Image.Image, at: tuple[int, int]) -> bool:
    """As far as a format that loses something keeps a colour."""
    red, green, blue = shown.convert("RGB").getpixel(at)  # type: ignore[misc]
    return bool(red > 200 and green < 60 and blue < 60)


@pytest.mark.parametrize("what", pictures.FORMATS.values())
def test_a_copy_has_the_picture_and_none_of_what_was_written_beside_it(what: str) -> None:
    original = photo(what)
    assert any(secret in original for secret in SECRETS) or what == "TIFF"
    copy = copy_of(original)
    assert copy is not None
    for content in (copy.content, copy.preview):
        assert not [secret for secret in SECRETS if secret in content]
        shown = read(content)
        assert dict(shown.getexif()) == {}
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
        assert is_red(shown, (2, 2))
    assert read(copy.content).size == (640, 400)


def test_what_is_hidden_where_a_picture_ends_is_not_in_its_copy() -> None:
    """Chunks behind the points, a second picture or an archive behind the end, segments that no reader knows."""
    png, jpeg = photo("PNG"), photo()
    said = b"tEXt" + b"Author\0Quillfeather"
    chunk = (len(said) - 4).to_bytes(4, "big") + said + zlib.crc32(said).to_bytes(4, "big")
    unknown = b"\xff\xec" + (2 + 9).to_bytes(2, "big") + b"ZEPHYRINE"
    for original in (
        png[:-12] + chunk + png[-12:],
        png + b"PK\3\4 ZEPHYRINE",
        jpeg + photo(turned=3) + b"<script>ZEPHYRINE</script>",
        jpeg[:2] + unknown + jpeg[2:],
    ):
        copy = copy_of(original)
        assert copy is not None
        assert not [secret for secret in SECRETS if secret in copy.content + copy.preview]


@pytest.mark.parametrize(("turned", "red"), [(1, (2, 200)), (3, (-3, 200)), (6, (200, 2)), (8, (200, -3))])
def test_a_copy_is_upright_without_being_told_so(turned: int, red: tuple[int, int]) -> None:
    copy = copy_of(photo(turned=turned))
    assert copy is not None
    shown = read(copy.content).convert("RGB")
    assert shown.size == ((640, 400) if turned < 5 else (400, 640))
    at = (red[0] % shown.width, red[1])
    assert is_red(shown, at)


def test_what_shows_through_stays_so_as_png_and_all_else_is_jpeg() -> None:
    clear, solid = copy_of(photo("PNG", "RGBA")), copy_of(photo("PNG", "L"))
    assert clear is not None
    assert solid is not None
    assert (clear.media, solid.media) == ("image/png", JPEG)
    assert [read(one.content).format for one in (clear, solid)] == ["PNG", "JPEG"]


def test_the_small_picture_is_webp_of_at_most_320_points() -> None:
    copy = copy_of(photo(size=(4000, 1000)))
    assert copy is not None
    assert (read(copy.preview).format, read(copy.preview).size) == ("WEBP", (320, 80))


def _bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 400 million points."""
    plain = photo("PNG", size=(1, 1))
    head = b"IHDR" + (20_000).to_bytes(4, "big") * 2 + plain[24:29]
    return plain[:12] + head + zlib.crc32(head).to_bytes(4, "big") + plain[33:]


def _plain(what: str, mode: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, what)
    return out.getvalue()


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no picture": lambda: film(1000),
    "a picture cut short": lambda: photo()[:2000],
    "a picture of too many points": _bomb,
    "a picture of more shades than a screen has": lambda: _plain("PNG", "I;16"),
    "a measurement, point by point": lambda: _plain("TIFF", "F"),
    "a picture of a format that is not among those": lambda: photo("BMP"),
    "more bytes than are taken": lambda: photo() + bytes(pictures.LARGEST),
}


@pytest.mark.parametrize("what", REFUSED)
def test_of_what_cannot_be_drawn_safely_there_is_no_copy(what: str) -> None:
    assert copy_of(REFUSED[what]()) is None


@pytest.mark.parametrize("given", [b"", b"\n", b"text/html\n\0\0\0\1x", b"image/svg+xml\n\0\0\0\1x"])
def test_whatever_takes_over_the_drawing_gives_nothing_but_a_picture(given: bytes) -> None:
    assert pictures._read(given) is None


def test_an_upload_has_one_copy_of_its_item_however_often_it_is_made(scene: Scene) -> None:
    upload = send(scene, photo(), media=JPEG)
    first, second = (copies.of(scene.vault, actor(R1), upload.id, DAY) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.upload.id == second.upload.id != upload.id
    assert first.upload.facts.item == upload.facts.item
    facts = uploads.check(scene.vault, actor(R1), first.upload.id, DAY)
    assert facts["media"] == JPEG
    assert read(b"".join(first.upload.stored.part(0, facts["size"]))).size == (640, 400)
    assert read(first.preview).format == "WEBP"


@pytest.mark.parametrize("media", ["video/mp4", "application/pdf", "image/svg+xml"])
def test_of_other_files_the_vault_makes_no_copy(scene: Scene, media: str) -> None:
    assert copies.of(scene.vault, actor(R1), send(scene, photo(), media=media).id, DAY) is None
