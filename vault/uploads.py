"""Files on their way into a case: piece by piece, gone on with wherever they broke off, known to their uploader alone.

Every step can be repeated, and whatever happens between two of them loses no piece that was acknowledged. Nothing of
a file touches the disk but sealed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select, update

from vault import retention
from vault.errors import N_, Conflict, Invalid, NotFound, Tampered
from vault.files import Progress, Stored
from vault.installation import Installation
from vault.keyrings import Actor, draft_key
from vault.rules.access import Permission, require
from vault.rules.fields import Fields
from vault.sealing import boxes
from vault.sealing.digests import b64, canonical, digest, pad, parse_object, size_class, unb64, unpad
from vault.sealing.pieces import PIECE, FileKey, count, name_of
from vault.sealing.signatures import read_by, sign
from vault.shredding import shreddable, unshredded
from vault.store.files import Folder
from vault.store.shreds import GIVEN_UP, UploadRow
from vault.store.unit_of_work import UnitOfWork, changed
from vault.sweeping import give_up, let_go, record

MOST_AT_ONCE = 15  # pieces: what fits into a request
_LARGEST = 2**40  # bytes
_MEDIA = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,80}")
_GONE = N_("This upload is no longer here: it was finished, given up, or nobody went on with it for 30 days.")
_OTHER = N_("This is not the file that was announced: give this upload up, and send the file anew.")


@dataclass(frozen=True)
class Facts:
    """What an uploader says of a file before it comes. `head` is the SHA-256 of its first piece; `item`, of what."""

    size: int
    media: str
    head: str
    sha256: str | None
    item: str

    @classmethod
    def parse(cls, raw: object) -> Facts:
        """From JSON; without an item it is of a new one. Raises Invalid."""
        fields = Fields(raw, "A file", ("size", "media", "head", "sha256", "item"))
        size, media = fields.whole("size"), fields.text("media", 100, "")
        if not 0 <= size <= _LARGEST:
            raise fields.fault("size", "a number of bytes, of at most a tebibyte")
        known = media if _MEDIA.fullmatch(media) else "application/octet-stream"
        item, sha256 = fields.value("item"), fields.value("sha256")
        return cls(
            size,
            known,
            b64(unb64(fields.value("head"), 32)),
            None if sha256 is None else b64(unb64(sha256, 32)),
            b64(secrets.token_bytes(16) if item is None else unb64(item, 16)),
        )

    @classmethod
    def of(cls, content: bytes, media: str, item: str | None = None) -> Facts:
        """Of bytes that are here already."""
        head, whole = (b64(hashlib.sha256(part).digest()) for part in (content[:PIECE], content))
        about = {"size": len(content), "media": media, "head": head, "sha256": whole}
        return cls.parse(about if item is None else {**about, "item": item})


@dataclass(frozen=True)
class Upload:
    """A file on its way: what was said of it, where its pieces lie, and how many have arrived."""

    facts: Facts
    stored: Stored
    received: int

    @property
    def id(self) -> str:
        """The file's id, too."""
        return self.stored.key.file

    @property
    def case(self) -> str:
        return self.stored.key.case

    @property
    def needed(self) -> int:
        """How many pieces its uploader sends; the vault adds those that hide the size."""
        return -(-self.facts.size // PIECE)

    def to_json(self) -> dict[str, Any]:
        """What its uploader is told."""
        said = {name: getattr(self.facts, name) for name in ("item", "size", "media", "sha256")}
        arrived = min(self.received, self.needed)
        return {"upload": self.id, "case": self.case, **said, "needed": self.needed, "received": arrived}


def start(vault: Installation, actor: Actor, case: str, facts: Facts, today: date) -> Upload:
    """A new upload into a case. Raises Refused, NotFound, Conflict for a case that was destroyed."""
    require(actor.role, Permission.ADD_EVIDENCE)
    with vault.store.read() as uow:
        file = retention.show_kept(uow, actor, case).file
    secret = secrets.token_bytes(32)
    name = name_of(secret)
    key = FileKey(file.vault, file.id, b64(name), count(facts.size), secret)
    with vault.store.work("shreds") as uow:
        content = shreddable(uow, record(name), _sealed(actor, key, facts))
        row = UploadRow(id=name, owner=_owner(draft_key(actor.keys), name), content=content)
        row.pieces, row.received, row.day = key.pieces, 0, today.isoformat()
        uow.shreds.add(row)
        uow.commit()
    return Upload(facts, Stored(Folder(vault.files), key), 0)


def waiting(vault: Installation, actor: Actor, case: str) -> list[Upload]:
    """The actor's own uploads into a case that are not finished; without what somebody else put in one's place."""
    require(actor.role, Permission.ADD_EVIDENCE)
    found = []
    with vault.store.read() as uow:
        key = draft_key(actor.keys)
        for row in uow.shreds.scalars(select(UploadRow).order_by(UploadRow.id)):
            if row.owner == _owner(key, row.id):
                with suppress(Tampered):
                    found.append(_opened(vault, uow, actor, row))
    return [one for one in found if one.case == case]


def find(vault: Installation, actor: Actor, name: str) -> Upload:
    """One of the actor's own uploads. Raises NotFound, for everybody else too, and once it is finished."""
    require(actor.role, Permission.ADD_EVIDENCE)
    with vault.store.read() as uow:
        return _opened(vault, uow, actor, _row(uow, actor, name))


def receive(vault: Installation, actor: Actor, name: str, what: tuple[int, bytes], today: date) -> Upload:
    """Take the next pieces: where the first belongs, and whole ones, at most fifteen. They are on the disk afterwards.

    Raises Conflict where the file goes on elsewhere, Invalid, NotFound, Busy where the disk is full.
    """
    place, data = what
    upload = find(vault, actor, name)
    with _alone(vault, upload) as upload:
        if place != upload.received:
            raise Conflict("This file goes on at another piece: ask how far it has come, then go on there.")
        left = upload.facts.size - place * PIECE
        if not data or len(data) > MOST_AT_ONCE * PIECE or (len(data) % PIECE and len(data) != left):
            raise Invalid("Send whole pieces of the file, at most fifteen at once.")
        head = b64(hashlib.sha256(data[:PIECE]).digest())
        if len(data) > left or (place == 0 and head != upload.facts.head):
            raise Invalid(_OTHER)
        return _take(vault, upload, memoryview(data), today)


def whole(vault: Installation, actor: Actor, case: str, what: tuple[Facts, bytes], today: date) -> Upload:
    """A file that is here as a whole. One that was said to be the same, of the same item, is gone on with."""
    facts, content = what
    same = (one for one in waiting(vault, actor, case) if one.facts == facts)
    upload = next(same, None) or start(vault, actor, case, facts, today)
    while upload.received < upload.needed:
        at = upload.received * PIECE
        part = content[at : at + MOST_AT_ONCE * PIECE]
        upload = receive(vault, actor, upload.id, (upload.received, part), today)
    return upload


def check(
    vault: Installation, actor: Actor, name: str, today: date, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """The file as its item's chain names it, once it was read back from the disk (FORMATS §19).

    Raises Conflict unless all of it has arrived, Invalid for another file than was announced, Tampered.
    """
    upload = find(vault, actor, name)
    if upload.received < upload.needed:
        raise Conflict("This file has not arrived as a whole yet: go on with it first.")
    if upload.received < upload.stored.key.pieces:
        upload = _filled(vault, upload, today)
    facts = upload.facts
    sha256 = b64(upload.stored.digest(facts.size, progress))
    if facts.sha256 not in (None, sha256):
        raise Invalid(_OTHER)
    about = {"file": upload.id, "size": facts.size, "sha256": sha256, "media": facts.media}
    return {**about, "pieces": upload.stored.key.pieces}


def forget(vault: Installation, actor: Actor, name: str) -> None:
    """Let an upload go, if it is still there: its uploader opens it no more. A file that was kept in a case stays."""
    with suppress(NotFound):
        let_go(vault, find(vault, actor, name).stored.name)


def forget_all(uow: UnitOfWork, key: bytes) -> None:
    """Let go every upload of the member whose draft key this is; a sweep takes their pieces away."""
    for row in uow.shreds.execute(select(UploadRow.id, UploadRow.owner)):
        if row.owner == _owner(key, row.id):
            give_up(uow, row.id)


def _filled(vault: Installation, upload: Upload, today: date) -> Upload:
    """With the pieces that hide its size."""
    with _alone(vault, upload) as filled:
        while (left := filled.stored.key.pieces - filled.received) > 0:
            filled = _take(vault, filled, memoryview(bytes(min(left, MOST_AT_ONCE) * PIECE)), today)  # noqa: PLW2901
    return filled


def _take(vault: Installation, upload: Upload, plain: memoryview, today: date) -> Upload:
    """Write pieces behind those that have arrived; the row says so once they are on the disk."""
    upload.stored.write(upload.received, plain)
    received = upload.received + -(-len(plain) // PIECE)
    with vault.store.work("shreds") as uow:
        there = UploadRow.id == upload.stored.name, UploadRow.day != GIVEN_UP
        as_far = UploadRow.received == upload.received
        said = update(UploadRow).where(*there, as_far).values(received=received, day=today.isoformat())
        if not changed(uow.shreds, said):
            raise NotFound(_GONE)
        uow.commit()
    return replace(upload, received=received)


@contextmanager
def _alone(vault: Installation, upload: Upload) -> Iterator[Upload]:
    """How far it has come, while nobody else writes to it. Raises NotFound where it was given up meanwhile, Busy."""
    try:
        with upload.stored.folder.alone(upload.stored.name):
            with vault.store.read() as uow:
                there = UploadRow.id == upload.stored.name, UploadRow.day != GIVEN_UP
                received = uow.shreds.scalar(select(UploadRow.received).where(*there))
            if received is None:
                raise NotFound(_GONE)
            yield replace(upload, received=received)
    except NotFound:
        let_go(vault, upload.stored.name)  # what was made on the disk meanwhile is nobody's
        raise


def _row(uow: UnitOfWork, actor: Actor, name: str) -> UploadRow:
    with suppress(Invalid):
        row = uow.shreds.get(UploadRow, unb64(name, 16))
        if row is not None and row.owner == _owner(draft_key(actor.keys), row.id):
            return row
    raise NotFound(_GONE)


def _sealed(actor: Actor, key: FileKey, facts: Facts) -> bytes:
    document = {"format": "witness-vault/v1/upload", "upload": key.file, "vault": key.vault, "case": key.case}
    said = {**document, **vars(facts), "key": b64(key.key)}
    # Signed: a box proves no author, and whoever chose the key could read what is sealed under it.
    content = canonical(sign(said, actor.code, actor.keys.signing))
    about = _about(actor, key.file)
    return boxes.seal(actor.keys.sealing.public, about, pad(content, size_class(len(content))))


def _opened(vault: Installation, uow: UnitOfWork, actor: Actor, row: UploadRow) -> Upload:
    name = b64(row.id)
    box = unshredded(uow, record(row.id), row.content)
    signed = parse_object(unpad(boxes.unseal(actor.keys.sealing, _about(actor, name), box)))
    said = read_by(signed, "upload", actor.code, actor.keys.signing.public)
    facts = Facts(**{part: said[part] for part in ("size", "media", "head", "sha256", "item")})
    key = FileKey(said["vault"], said["case"], name, count(facts.size), unb64(said["key"], 32))
    if said["upload"] != name or not 0 <= row.received <= key.pieces:
        raise Tampered("An upload is not the one that you began. Tell a custodian.")
    return Upload(facts, Stored(Folder(vault.files), key), row.received)


def _owner(key: bytes, name: bytes) -> bytes:
    return digest("draft-owner", key + name)


def _about(actor: Actor, name: str) -> tuple[str, dict[str, str]]:
    return "upload", {"member": actor.code, "upload": name}
