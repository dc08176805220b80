"""Attack 11: a witness who withdrew, all archives, and every snapshot of the shreds that there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from drill import naive
from drill.attack import Attack, Finding, Leak
from drill.custody import MEMBERS, kept, named
from drill.loot import Shreds
from drill.thief import Thief
from drill.world import AGED, BACKUPS, BEFORE, NAIVE, SNAPSHOT, World
from tests.cast import Person
from vault.errors import Tampered
from vault.restoring import Backup
from vault.sealing import archives, escrows, locks, shares
from vault.sealing.digests import unb64, unpad
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import SealingKey


def _withdrawn(world: World) -> Finding:
    """With the shreds of today, and with those in every snapshot that there is."""
    return _tried(world, [world.vault, *_snapshots(world, SNAPSHOT)])


def _tried(world: World, shreds: Sequence[Shreds]) -> Finding:
    """All archives, each with all of these shreds, all key files there ever were, everybody on the team."""
    gone = [one for one in world.truth.witnesses if one.withdrawn]
    found, others = set[str](), 0
    for archive, keys in itertools.product(sorted((world.folder / BACKUPS).iterdir()), shreds):
        thief = Thief(archive, keys)
        thief.learn(*(person.secret.sealing.seed for person in (*world.custodians, *world.former)))
        for member in MEMBERS:
            thief.coerce(member)
        thief.attack()
        found |= set(thief.knows(*named(gone), *(one.said[:80] for one in gone)))
        others = max(others, len(thief.knows(*named(kept(world)))))
    text = (
        f"{len(found)} names and testimonies of {len(gone)} who withdrew. (Of those who did not, such an archive gives "
        f"{others} identities: so the attack works.)"
    )
    return Finding(text, not found and bool(gone) and others > 0)


def _snapshots(world: World, place: str) -> list[Shreds]:
    """The shred keys in each snapshot, opened with the shares of everybody who has, or had, a key file."""
    people = (*world.custodians, *world.former)
    return [_keys_in(path, people) for path in sorted((world.folder / place).iterdir())]


def _keys_in(snapshot: Path, people: Iterable[Person]) -> Mapping[bytes, bytes]:
    with snapshot.open("rb") as file:
        header = archives.read_header(file)
        backup = Backup(file, header, _private(header.escrow, people))
        keys = [record for record in backup.records() if "key" in record]
    return {unb64(one["name"], 32): unb64(one["key"], 32) for one in keys}


def _private(record: Escrow, people: Iterable[Person]) -> SealingKey:
    """What is in escrow, by whichever of these keys opens a share."""
    held = {}
    for share, one in itertools.product(record["shares"], people):
        if one.code == share["custodian"]:
            extract = escrows.for_custodian(record, one.code)
            with suppress(Tampered):  # a key of the other epoch
                opened = escrows.open_share(extract, one.secret.sealing)
                held[opened[0]] = opened
    key = shares.combine(list(held.values())[: record["threshold"]])
    return SealingKey(unpad(locks.unlock(key, escrows.binding(record), unb64(record["locked"]))))


def _backed_up(world: World) -> Finding:
    """The naive build's older backup, read as it is."""
    held = (world.folder / NAIVE / naive.BACKUPS[0]).read_text("utf-8")
    gone = named(one for one in world.truth.witnesses if one.withdrawn)
    found = sum(name in held for name in gone)
    return Finding(f"{found} names of {len(gone)} who withdrew stand in an older backup.", not found)


ATTACKS = (
    Attack(
        11,
        "A witness who withdrew: all archives, the snapshot of the shreds, every key file there ever was, everybody on "
        "the team",
        "nothing of that witness opens, once the snapshot of the shreds has aged out",
        "0",
        _withdrawn,
        _backed_up,
        (
            Leak(
                "the shred keys were archived with the rest",
                lambda world: _tried(world, [world.folder / BEFORE]),
            ),
            Leak(
                "a snapshot from before the withdrawal was kept",
                lambda world: _tried(world, _snapshots(world, AGED)),
            ),
        ),
    ),
)
