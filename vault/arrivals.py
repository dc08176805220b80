"""Files that were sent for an item of evidence: read back from the disk before they are the case's, then let go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select

from vault import copies, files, pictures, uploads
from vault.errors import Invalid
from vault.files import Progress, Stored
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.custody import File, FileRole
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import unb64
from vault.store.evidence import FileRow
from vault.store.unit_of_work import UnitOfWork


def quietly(_done: int) -> None:
    """Nobody waits."""


@dataclass(frozen=True)
class Arrived:
    """A file that is what was announced, where it lies, and a small picture of a working copy."""

    file: File
    stored: Stored
    preview: bytes = field(default=b"", repr=False)

    def keep(self, uow: UnitOfWork, file: CaseFile) -> None:
        """Let it belong to the case."""
        files.keep(uow, file, self.stored, self.preview)


def original(
    vault: Installation, actor: Actor, what: tuple[str, str], today: date, progress: Progress = quietly
) -> Arrived:
    """What an upload of an item is (item, upload). Raises Invalid for one that was sent for another item, NotFound."""
    item, name = what
    upload = uploads.find(vault, actor, name)
    if upload.facts.item != item:
        raise Invalid("This file was sent for another item: send it again.")
    return Arrived(File.from_json(uploads.check(vault, actor, name, today, progress)), upload.stored)


def working(
    vault: Installation, actor: Actor, what: tuple[str, str], today: date, progress: Progress = quietly
) -> Arrived:
    """The same of a working copy that was made elsewhere. A picture is drawn anew: it may be shown in public, and what
    its maker's program wrote beside it, and behind its end, may not. Raises Invalid for one that cannot be drawn."""
    found = original(vault, actor, what, today, progress)
    if found.file.media not in pictures.FORMATS:
        return found
    drawn = copied(vault, actor, what, today)
    if drawn is None:
        raise Invalid(
            "This picture cannot be drawn safely: hand in a smaller one, as JPEG or PNG.", "working"
        )
    return drawn


def copied(vault: Installation, actor: Actor, what: tuple[str, str], today: date) -> Arrived | None:
    """The working copy that the vault makes of a picture; None of what is none."""
    copy = copies.of(vault, actor, what[1], today)
    if copy is None:
        return None
    return replace(original(vault, actor, (what[0], copy.upload.id), today), preview=copy.preview)


def forget(vault: Installation, actor: Actor, place: tuple[str, str], handed: Collection[str | None]) -> None:
    """Let go the uploads that were handed in for an item (case, item), and those of it that are the case's now; what is
    still under way for it goes on."""
    case, item = place
    with vault.store.read() as uow:
        kept = set(uow.testimony.scalars(select(FileRow.id).where(FileRow.case == unb64(case))))
    for one in uploads.waiting(vault, actor, case):
        if one.facts.item == item and (one.id in handed or one.stored.name in kept):
            uploads.forget(vault, actor, one.id)


READ = {FileRole.ORIGINAL: original, FileRole.WORKING: working}
