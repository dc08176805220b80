"""Sharing anew with a new epoch's custodians, by the use cases: C5 has left, C6 has come."""

from __future__ import annotations

from tests import stage
from tests.cast import C1, C2, C3, Person, cards, signed_by
from tests.sealing.epochs import NEXT
from tests.stage import DAY, Scene, actor
from vault import resharing
from vault import roster as rosters
from vault.ceremony import Ceremony
from vault.opening import Holder
from vault.sealing import resharings
from vault.sealing.digests import Json
from vault.sealing.roster_drafts import with_custodians
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed


def begin_epoch(scene: Scene) -> Roster:
    """C5 has left, C6 has come."""
    days = stage.DAYS["issued"], stage.DAYS["expires"]
    scene.carry(C1, with_custodians(scene.roster(), cards(NEXT), 3, days))
    return scene.roster()


def lines(scene: Scene) -> list[Json]:
    """What a client would fetch."""
    found = []
    with scene.reading() as uow:
        for kind in resharings.KINDS:
            after: str | None = ""
            while after is not None:
                page = resharing.page(uow, actor(C1), kind, after)
                found += page.lines
                after = page.next
    return found


def ceremony(scene: Scene) -> Ceremony:
    with scene.reading() as uow:
        chain = rosters.history(uow)
    return Ceremony(
        resharings.former(chain), chain[-1], {one.code: Holder(one.code, one.secret) for one in (C1, C2, C3)}
    )


def stated(scene: Scene, batches: list[list[Json]], people: tuple[Person, ...] = (C1, C2, C3)) -> Signed:
    return signed_by(resharings.statement(scene.roster(), DAY.isoformat(), batches, ()), people)


def begin(scene: Scene, signed: Signed) -> str:
    with scene.writing() as uow:
        return resharing.begin(uow, actor(C1), signed, DAY)


def take(scene: Scene, name: str, batch: Json) -> int:
    with scene.writing() as uow:
        return resharing.take(uow, actor(C1), name, batch)


def share_anew(scene: Scene) -> str:
    held = ceremony(scene)
    made = [held.anew(line) for line in lines(scene)]
    name = begin(scene, stated(scene, [made]))
    take(scene, name, made)
    assert resharing.finish(scene.vault, actor(C1), name, DAY) == []
    return name
