"""Attacks with custodians' keys: a few key files, one approved opening, an old image with former keys."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from drill import naive
from drill.attack import Attack, Finding, Leak
from drill.thief import Thief
from drill.world import BEFORE, NAIVE, Witness, World
from tests.cast import R1, R2, V1, V2, Person
from tests.stage import Scene
from vault import holdings
from vault.opening import entrust
from vault.sealing import boxes, escrows
from vault.sealing.digests import b64, canonical
from vault.sealing.rosters import parse
from vault.store.testimony import ApprovalRow, CheckpointRow
from vault.store.unit_of_work import UnitOfWork

MEMBERS = (R1, R2, V1, V2)
THRESHOLD = 3
Plant = Callable[[Scene, UnitOfWork], None]


@lru_cache(maxsize=4)
def burglar(folder: Path, shreds: Path | None = None) -> Thief:
    """A thief with these files alone, after the attack; others start from what this one has."""
    return Thief(folder, shreds).attack()


def robbed(world: World, *people: Person) -> Thief:
    """A thief with the vault and these people's secrets, after the attack."""
    thief = burglar(world.vault).partner()
    for person in people:
        (thief.coerce if person.role else thief.take_key_file)(person)
    return thief.attack()


def planted(world: World, plant: Plant, attack: Callable[[World], Finding]) -> Finding:
    """What the attack finds in a copy of the world in whose databases something was planted."""
    with world.copy() as spoilt:
        with spoilt.served() as scene, scene.writing() as uow:
            plant(scene, uow)
        return attack(spoilt)


def named(witnesses: Iterable[Witness]) -> list[str]:
    """Their names, as they stand in their identities."""
    return [one.identity["name"] for one in witnesses]


def kept(world: World) -> list[Witness]:
    """Whose identity the vault still has."""
    return [one for one in world.truth.witnesses if not one.withdrawn]


def of_cases(thief: Thief) -> tuple[int, int, int]:
    """How many testimonies, observations and case keys were opened."""
    formats = (b'"witness-vault/v1/testimony"', b'"witness-vault/v1/observations"')
    testimonies, coded = (sum(one in content for content in set(thief.opened)) for one in formats)
    return testimonies, coded, thief.case_keys()


def configured(what: str) -> Callable[[World], Finding]:
    """The naive build's rows, opened with the key in its configuration; what that did not need."""

    def attack(world: World) -> Finding:
        found = naive.opened(world.folder / NAIVE)
        wanted = named(world.truth.witnesses)
        count = len(set(wanted) & set(found))
        return Finding(f"{count} of {len(wanted)} identities, with the configuration: {what}.", not count)

    return attack


# --- 6: one custodian, and any k - 1 ----------------------------------------------------------------------------


def _few(world: World) -> Finding:
    """Every set of k - 1 custodians, fewer within them; then a quorum, to see that the attack finds what there is."""
    sets = list(itertools.combinations(world.custodians, THRESHOLD - 1))
    names, worst = named(kept(world)), (0, 0, 0, 0)
    for some in sets:
        thief = robbed(world, *some)
        worst = len(thief.knows(*names)), *of_cases(thief)
        if any(worst):
            break
    quorum = len(robbed(world, *world.custodians[:THRESHOLD]).knows(*names))
    text = (
        f"Of {len(sets)} pairs of custodians each: {worst[0]} identities, {worst[1]} testimonies, "
        f"{worst[2]} observations, {worst[3]} keys of cases. (Three: {quorum} of {len(names)} identities; so the "
        "attack works.)"
    )
    return Finding(text, not any(worst) and quorum == len(names))


def _share_in_the_clear(world: World) -> Finding:
    def plant(_: Scene, uow: UnitOfWork) -> None:
        custodian, name = world.custodians[-1], b64(kept(world)[0].records["identity"])
        signed = json.dumps({"share": b64(_share(uow, name, custodian))})
        uow.testimony.add(CheckpointRow(position=0, custodian=custodian.code, signed=signed))

    return planted(world, plant, _few)


def _two_are_a_quorum(world: World) -> Finding:
    def plant(scene: Scene, uow: UnitOfWork) -> None:
        one = kept(world)[0]
        record = b64(one.records["identity"])
        lowered = parse({**scene.roster().document, "threshold": 2})
        content = canonical({"format": "witness-vault/v1/identity", **one.identity})
        holdings.replace(uow, "identity", {record: entrust(content, "identity", record, lowered)})

    return planted(world, plant, _few)


def _share(uow: UnitOfWork, name: str, custodian: Person) -> bytes:
    """A custodian's share of an identity."""
    record = holdings.find(uow, "identity", [name])[name]
    assert record is not None
    return escrows.open_share(escrows.for_custodian(record, custodian.code), custodian.secret.sealing)


# --- 7: k approvals of one record, no key file ------------------------------------------------------------------


def _approved(world: World) -> Finding:
    """The requester's device is taken with the key to which the shares of one record were handed."""
    pseudonym, key = world.opening
    thief = burglar(world.vault).partner()
    thief.coerce(V2)
    thief.learn(key.seed)
    found = thief.attack().knows(*named(kept(world)))
    wanted = named(one for one in kept(world) if one.pseudonym == pseudonym)
    other = len(set(found) - set(wanted))
    return Finding(
        f"The identity that was approved, and {other} others of {len(kept(world))}.", found == wanted
    )


def _share_of_another(world: World) -> Finding:
    """Custodians hand over shares without looking which record they are of."""

    def plant(_: Scene, uow: UnitOfWork) -> None:
        other = next(one for one in kept(world) if one.pseudonym != world.opening[0])
        row = uow.testimony.scalars(select(ApprovalRow)).first()
        assert row is not None
        terms = json.loads(row.signed)["document"]
        for number, custodian in enumerate(world.custodians[:THRESHOLD]):
            share = _share(uow, b64(other.records["identity"]), custodian)
            said: dict[str, Any] = {"custodian": f"X{number}", "index": share[0], "reason": None}
            said |= {part: terms[part] for part in ("opening", "terms")}
            about = {part: said[part] for part in ("opening", "terms", "custodian", "index")}
            said["share"] = b64(boxes.seal(world.opening[1].public, ("handed-share", about), share))
            signed = json.dumps({"document": said})
            uow.testimony.add(ApprovalRow(opening=row.opening, custodian=f"X{number}", signed=signed))

    return planted(world, plant, _approved)


# --- 12: an old image after a re-sharing ------------------------------------------------------------------------


def _old_image(world: World, destroyed: int = 3) -> Finding:
    """The vault as it was, shreds and all, with the key of who left, each key file of today, and of who kept theirs."""
    staying = [one for one in world.former if one.code in {person.code for person in world.custodians}]
    left = [one for one in world.former if one not in staying]
    base = burglar(world.folder / BEFORE)
    names, worst, kept_sets = named(world.truth.witnesses), 0, 0
    for unwilling in itertools.combinations(staying, len(staying) - destroyed):
        thief = base.partner()
        thief.learn(*(one.secret.sealing.seed for one in (*world.custodians, *left, *unwilling)))
        for member in MEMBERS:
            thief.coerce(member)
        thief.attack()
        worst, kept_sets = max(worst, len(thief.knows(*names))), kept_sets + 1
    former = burglar(world.vault).partner()
    former.learn(*(one.secret.sealing.seed for one in world.former))
    today = len(former.attack().knows(*names)) - 1  # that which was approved in its time
    text = (
        f"{worst} identities of {len(names)}, whichever one of the four who remain kept the former key. The vault of "
        f"today, with all former key files: {max(today, 0)}."
    )
    return Finding(text, worst == 0 and today <= 0 and kept_sets > 0)


ATTACKS = (
    Attack(
        6,
        "One custodian's key file and passphrase, or any k - 1, with all files",
        "no identity, testimony, observation or key of a case opens",
        "0: k - 1 shares say nothing",
        _few,
        configured("there are no custodians"),
        (
            Leak("one share of one identity lies in the clear in a table", _share_in_the_clear),
            Leak("one identity is shared two of five", _two_are_a_quorum),
        ),
    ),
    Attack(
        7,
        "k approvals of one record, and the requester's device, without a key file",
        "that identity opens, and no other",
        "1: what was approved",
        _approved,
        configured("nothing is approved"),
        (Leak("custodians handed over shares of another record for the same terms", _share_of_another),),
    ),
    Attack(
        12,
        "An old image of everything, the key of a custodian who left, all key files of today",
        "nothing opens once n - k + 1 of those who remain have destroyed their former keys",
        "0",
        _old_image,
        configured("the key is what it was"),
        (Leak("one more of them kept the former key", lambda world: _old_image(world, 2)),),
    ),
)
