"""Files that were sent for an item of evidence: read back from the disk before they are the case's, then let go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from vault import copies, files, pictures, uploads
from vault.errors import Invalid
from vault.files import Progress, Stored
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.custody import File, FileRole
from vault.sealing.casefiles import CaseFile
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
    """The same of a working copy that was made elsewhere; with a small picture, where it is one."""
    found = original(vault, actor, what, today, progress)
    if found.file.media not in pictures.FORMATS or found.file.size > pictures.LARGEST:
        return found
    content = b"".join(found.stored.part(0, found.file.size))
    return replace(found, preview=copies.preview(content))


def copied(vault: Installation, actor: Actor, what: tuple[str, str], today: date) -> Arrived | None:
    """The working copy that the vault makes of an original; None of what is no picture."""
    copy = copies.of(vault, actor, what[1], today)
    if copy is None:
        return None
    return replace(original(vault, actor, (what[0], copy.upload.id), today), preview=copy.preview)


def forget(vault: Installation, actor: Actor, case: str, item: str) -> None:
    """Let go what of an item's files was under way: it is the case's now."""
    for one in uploads.waiting(vault, actor, case):
        if one.facts.item == item:
            uploads.forget(vault, actor, one.id)


READ = {FileRole.ORIGINAL: original, FileRole.WORKING: working}
