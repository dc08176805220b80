"""The signed versions of a case, its grants and briefs (docs/FORMATS.md §7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vault.errors import Invalid, Refused, Tampered
from vault.sealing.digests import (
    Document,
    Json,
    b64,
    document_digest,
    unb64,
)
from vault.sealing.keypairs import SEALING_PUBLIC_SIZE
from vault.sealing.rosters import CODE, Roster
from vault.sealing.signatures import read, signers

KEYS = ("brief", "testimony", "corroboration", "editions", "evidence")
FIRST_VERSION = 1
KeyVersion = tuple[str, int]  # which of the five, and which version of it
_PARTS = {
    *("format", "vault", "case", "version", "previous", "code", "roster", "epoch"),
    *("proposer", "keys", "team", "brief", "escrows"),
}


@dataclass(frozen=True)
class CaseFile:
    """A version of a case as k custodians signed it: who proposed it, its public keys, its team; and those before."""

    digest: str
    vault: str
    id: str
    version: int
    previous: str | None
    code: str
    roster: int
    epoch: int
    proposer: str
    keys: dict[str, bytes] = field(repr=False)
    key_versions: dict[str, int]
    team: dict[str, tuple[str, ...]]
    brief: tuple[int, str]
    escrows: dict[str, str] = field(repr=False)
    earlier: tuple[CaseFile, ...] = field(default=(), repr=False)

    def newest(self, key: str) -> KeyVersion:
        """The version of a key to which things are sealed today."""
        return key, self.key_versions[key]

    def versions(self, key: str) -> list[KeyVersion]:
        """Every version that a key has had, oldest first."""
        return [(key, version) for version in range(FIRST_VERSION, self.key_versions[key] + 1)]

    def with_key(self, name: KeyVersion) -> CaseFile:
        """The first version of the case that has this version of a key. Raises Tampered."""
        for file in (*self.earlier, self):
            if file.newest(name[0]) == name:
                return file
        raise Tampered("A case has no such key.")

    def promises(self, member: str, key: str) -> bool:
        """Whether the quorum lets this member hold the key, by the newest version."""
        return key in self.team.get(member, ())

    def given(self) -> dict[str, frozenset[str]]:
        """To whom some version has promised the present version of each key."""
        everybody = {member for file in (*self.earlier, self) for member in file.team}
        alike = {key: [f for f in (*self.earlier, self) if f.newest(key) == self.newest(key)] for key in KEYS}
        return {
            key: frozenset(member for member in everybody if any(f.promises(member, key) for f in alike[key]))
            for key in KEYS
        }

    def has_promised(self, member: str, key: str) -> bool:
        """Whether some version did: what a member of former days has signed goes on holding."""
        return any(file.promises(member, key) for file in (*self.earlier, self))


def parse(document: Json) -> CaseFile:
    """The case that a document describes. Raises Invalid."""
    try:
        file = CaseFile(
            digest=b64(document_digest(document)),
            vault=document["vault"],
            id=document["case"],
            version=document["version"],
            previous=document["previous"],
            code=document["code"],
            roster=document["roster"],
            epoch=document["epoch"],
            proposer=document["proposer"],
            keys={key: unb64(document["keys"][key]["public"], SEALING_PUBLIC_SIZE) for key in KEYS},
            key_versions={key: document["keys"][key]["version"] for key in KEYS},
            team={entry["member"]: tuple(entry["keys"]) for entry in document["team"]},
            brief=(document["brief"]["version"], document["brief"]["digest"]),
            escrows={key: document["escrows"][key] for key in KEYS},
        )
        for name, size in ((file.vault, 16), (file.id, 16), (file.brief[1], 32)):
            unb64(name, size)
        for escrow in file.escrows.values():
            unb64(escrow, 32)
        whole = set(document) == _PARTS and set(document["keys"]) == set(document["escrows"]) == set(KEYS)
        if document["format"] == "witness-vault/v1/case" and whole and _is_sound(file):
            return file
    except (KeyError, TypeError, AttributeError):
        pass
    raise Invalid("This is not a case that can be opened here.")


def verify_chain(versions: Sequence[Json], roster_at: Callable[[int], Roster]) -> CaseFile:
    """The newest version, each signed by a quorum and following the one before. Raises Tampered."""
    if not versions:
        raise Tampered("A case is missing.")
    file = verify(versions[0], roster_at)
    if file.version != FIRST_VERSION:
        raise Tampered("The first version of a case is missing.")
    for signed in versions[1:]:
        file = follow(file, verify(signed, roster_at))
    return file


def follow(old: CaseFile, new: CaseFile) -> CaseFile:
    """`new`, with those before it. Raises Tampered unless it is the next version of the same case."""
    chained = (new.vault, new.id, new.code, new.version, new.previous)
    same = chained == (old.vault, old.id, old.code, old.version + 1, old.digest)
    proposed = old.promises(new.proposer, "brief") and new.roster >= old.roster and new.epoch >= old.epoch
    if not same or not proposed or new.brief[0] <= old.brief[0]:
        raise Tampered("A version of a case does not follow the one before.")
    for key in KEYS:
        kept = (new.newest(key), new.keys[key], new.escrows[key]) == (
            old.newest(key),
            old.keys[key],
            old.escrows[key],
        )
        rotated = new.key_versions[key] == old.key_versions[key] + 1 and new.keys[key] != old.keys[key]
        if not kept and not (rotated and new.escrows[key] != old.escrows[key]):
            raise Tampered("A version of a case exchanges a key without saying so.")
    return replace(new, earlier=(*old.earlier, replace(old, earlier=())))


def promised_key(
    versions: Json, terms: Document, roster_at: Callable[[int], Roster]
) -> tuple[CaseFile, KeyVersion]:
    """The case and the key that these terms ask for: of the last of these versions, which must promise it to who asks.

    Raises Tampered when no quorum signed them or the escrow is not that of a key, Refused without the promise.
    """
    try:
        found = [verify(signed, roster_at) for signed in versions]
    except (TypeError, Invalid):
        found = []
    keys = [(file, key) for file in found for key in KEYS if file.escrows[key] == terms["escrow"]]
    if not keys or len({(file.vault, file.id) for file in found}) != 1 or found[-1].vault != terms["vault"]:
        raise Tampered("The server did not show which case's key is asked for. Tell the custodians.")
    named, key = keys[0]
    if named.version > found[-1].version or not found[-1].promises(terms["requester"], key):
        raise Refused(
            "The case does not promise this key to who asks for it: a quorum must change its team first."
        )
    return found[-1], named.newest(key)


def verify(signed: Json, roster_at: Callable[[int], Roster]) -> CaseFile:
    """One version, signed by k custodians of the roster version that it names. Raises Tampered."""
    document, entries = read(signed, "case")
    file = parse(document)
    roster = roster_at(file.roster)
    proposer = roster.member(file.proposer)
    if (
        (file.vault, file.epoch) != (roster.vault, roster.epoch)
        or proposer.role != "reviewer"
        or len(signers(document, entries, roster.custodian_keys())) < roster.threshold
    ):
        raise Tampered("A case is not signed by a quorum of custodians.")
    return file


def _is_sound(file: CaseFile) -> bool:
    numbers = (file.version, file.roster, file.epoch, file.brief[0], *file.key_versions.values())
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in numbers):
        return False
    first = file.version == FIRST_VERSION
    begins = {file.brief[0], *file.key_versions.values()} == {FIRST_VERSION} and file.previous is None
    known = all(set(keys) <= set(KEYS) and len(set(keys)) == len(keys) for keys in file.team.values())
    return (
        known
        and (begins or not first)
        and CODE.match(file.code) is not None
        and all(CODE.match(code) and "brief" in keys for code, keys in file.team.items())
        and file.proposer in file.team
    )
