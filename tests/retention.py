"""Custodians who set last days, and have cases destroyed."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.cast import C1, CUSTODIANS, THRESHOLD, Person, signed_by
from tests.stage import DAY, Scene, actor, later
from vault import cases, destruction, proposals, retention
from vault.rules.retention import Lasting
from vault.sealing.signatures import signature

TERM = 40  # days after the founding


def last_day(scene: Scene, until: date | None, version: int = 1, **changes: Any) -> dict[str, Any]:
    """That the case is kept until a day."""
    roster = scene.roster()
    return {
        "format": "witness-vault/v1/retention",
        "vault": roster.vault,
        "roster": roster.version,
        "case": scene.case,
        "version": version,
        "until": until.isoformat() if until else None,
        "reason": "witnesses_were_told",
        "proposer": "C1",
        "day": DAY.isoformat(),
        **changes,
    }


def ending(scene: Scene, until: date, days: int, **changes: Any) -> dict[str, Any]:
    """That it is destroyed, asked for so many days after the founding."""
    roster = scene.roster()
    return {
        "format": "witness-vault/v1/destruction",
        "vault": roster.vault,
        "roster": roster.version,
        "case": scene.case,
        "of": "case",
        "retention": 1,
        "until": until.isoformat(),
        "proposer": "C1",
        "day": later(days).isoformat(),
        **changes,
    }


def propose(scene: Scene, document: dict[str, Any], days: int = 0, by: Person = C1) -> str:
    with scene.writing() as uow:
        return proposals.propose(uow, actor(by), document, None, later(days))


def agree(scene: Scene, document: dict[str, Any], days: int = 0, many: int = THRESHOLD) -> str:
    """Proposed, and signed by so many."""
    name = propose(scene, document, days)
    for custodian in CUSTODIANS[:many]:
        with scene.writing() as uow:
            entry = signature(document, custodian.code, custodian.secret.signing)
            proposals.sign(uow, actor(custodian), name, entry, later(days))
    return name


def over(scene: Scene) -> str:
    """The last day is over, and k have signed the destruction a day later; its name."""
    until = later(TERM)
    agree(scene, last_day(scene, until))
    return agree(scene, ending(scene, until, TERM + 1), TERM + 1)


def since(scene: Scene, until: int, ended: int | None = None) -> None:
    """As if custodians had signed long ago: a last day so many days from now, and so many ago that it is destroyed."""
    day = later(until)
    with scene.writing() as uow:
        early = {"day": later(until - 100).isoformat()}
        retention.take(uow, signed_by({**last_day(scene, day), **early}, CUSTODIANS[:THRESHOLD]))
        if ended is not None:
            signed = signed_by(ending(scene, day, -ended), CUSTODIANS[:THRESHOLD])
            retention.agree(uow, signed, later(-ended))


def lasting(scene: Scene) -> Lasting:
    with scene.reading() as uow:
        return retention.of(uow, cases.find(uow, scene.case))


def carry_out(scene: Scene, by: Person, days: int = TERM + 8) -> None:
    destruction.carry_out(scene.vault, actor(by), scene.case, later(days))
