"""Grants: a case's private key, sealed to one member; the team decides who may hold it (docs/FORMATS.md §7)."""

from __future__ import annotations

from vault.errors import Tampered
from vault.sealing import boxes
from vault.sealing.casefiles import CaseFile, KeyVersion
from vault.sealing.digests import Document
from vault.sealing.keypairs import SEED_SIZE, SealingKey

GRANT_SIZE = SEED_SIZE + boxes.OVERHEAD


def seal_grant(file: CaseFile, name: KeyVersion, secret: SealingKey, member: str, public: bytes) -> bytes:
    """A case's private key, for one member. Raises Tampered unless it is the one that the quorum signed."""
    _check_key(file, name, secret)
    return boxes.seal(public, _grant(file, name, member), secret.seed)


def open_grant(
    file: CaseFile, name: KeyVersion, member: str, secret: SealingKey, sealed: bytes
) -> SealingKey:
    """The case's private key. Raises Tampered unless the quorum signed its public half."""
    opened = SealingKey(boxes.unseal(secret, _grant(file, name, member), sealed))
    _check_key(file, name, opened)
    return opened


def _check_key(file: CaseFile, name: KeyVersion, secret: SealingKey) -> None:
    if len(secret.seed) != 32 or secret.public != file.with_key(name).keys[name[0]]:
        raise Tampered("A grant does not hold the key that it promises.")


def _grant(file: CaseFile, name: KeyVersion, member: str) -> tuple[str, Document]:
    key, version = name
    about = {"vault": file.vault, "case": file.id, "key": key, "version": version}
    return "grant", {**about, "member": member}
