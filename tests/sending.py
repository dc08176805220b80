"""Short ways to send a file into a case, and to lay hands on what lies on the disk."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from tests.cast import R1, V1, Person
from tests.stage import DAY, Scene, actor
from vault import cases, files, uploads
from vault.files import Stored
from vault.sealing.digests import b64
from vault.sealing.pieces import SEALED
from vault.uploads import Facts, Upload

JPEG = "image/jpeg"


def film(size: int) -> bytes:
    """Bytes that stand for a film, the same in every run."""
    return random.Random(size).randbytes(size)


def facts_of(content: bytes, media: str = "video/mp4") -> Facts:
    """What is said of a file; the same file is always of the same item."""
    return Facts.of(content, media, b64(hashlib.sha256(content).digest()[:16]))


def begin(scene: Scene, content: bytes, person: Person = R1, media: str = "video/mp4") -> Upload:
    """An upload of which nothing has arrived."""
    return uploads.start(scene.vault, actor(person), scene.case, facts_of(content, media), DAY)


def send(scene: Scene, content: bytes, person: Person = R1, media: str = "video/mp4") -> Upload:
    """An upload that has arrived."""
    return uploads.whole(scene.vault, actor(person), scene.case, (facts_of(content, media), content), DAY)


def keep(scene: Scene, upload: Upload, preview: bytes = b"", person: Person = R1) -> None:
    """What a use case does that lets a file belong to an item."""
    uploads.check(scene.vault, actor(person), upload.id, DAY)
    with scene.writing() as uow:
        files.keep(uow, cases.find(uow, scene.case), upload.stored, preview)
    uploads.forget(scene.vault, actor(person), upload.id)


def kept(scene: Scene, content: bytes, person: Person = R1) -> str:
    """A file of the case; its id."""
    upload = send(scene, content, person)
    keep(scene, upload, person=person)
    return upload.id


def opened(scene: Scene, name: str, reader: Person = V1) -> Stored:
    """A file as somebody who holds the `evidence` key finds it."""
    with scene.reading() as uow:
        return files.find(scene.vault, uow, actor(reader), scene.case, name)


def on_disk(scene: Scene, stored: Stored) -> Path:
    """Where its pieces lie."""
    return scene.vault.files / stored.name.hex()


def exchange(path: Path, places: tuple[int, int]) -> None:
    """Exchange two pieces."""
    content = bytearray(path.read_bytes())
    one, other = (slice(place * SEALED, (place + 1) * SEALED) for place in places)
    content[one], content[other] = content[other], content[one]
    path.write_bytes(content)
