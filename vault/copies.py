"""The working copy that the vault makes of a picture that arrived, sealed like every file before it touches a disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from vault import pictures, uploads
from vault.installation import Installation
from vault.keyrings import Actor
from vault.uploads import Facts, Upload


@dataclass(frozen=True)
class Copied:
    """An upload of the same item, whole; and the small picture, which is of the original as well."""

    upload: Upload
    preview: bytes


def of(vault: Installation, actor: Actor, name: str, today: date) -> Copied | None:
    """The copy of an upload that has arrived; None of what is no picture, or cannot be drawn safely.

    A second attempt gives the same one. Raises NotFound, Tampered, Busy where the disk is full.
    """
    original = uploads.find(vault, actor, name)
    facts, stored = original.facts, original.stored
    if facts.media not in pictures.FORMATS or facts.size > pictures.LARGEST:
        return None
    copy = pictures.copy_of(b"".join(stored.part(0, facts.size)))
    if copy is None:
        return None
    about = Facts.of(copy.content, copy.media, facts.item)
    return Copied(uploads.whole(vault, actor, original.case, (about, copy.content), today), copy.preview)
