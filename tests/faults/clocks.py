"""A clock that is set back by a day or a year, or forward by a year and then right: what stays as it was."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from tests.asking import NAME, sealed_identity
from tests.backing import give_keys
from tests.cast import C1, CUSTODIANS, R1, THRESHOLD
from tests.faults.works import CONTENT, Saved, newest_archive
from tests.readers import cut, told
from tests.sending import begin, kept
from tests.sending import opened as file_opened
from tests.stage import DAY, Scene, actor, later
from vault import sessions, sweeping, uploads
from vault.errors import Expired, Refused, SignInNeeded
from vault.sealing.signatures import sign
from vault.sealing.words import spell_device_key
from vault.store.shreds import SessionRow

NOW = datetime.combine(DAY, time(9, 30), UTC)
BACK = (timedelta(days=1), timedelta(days=365))
YEAR = 365


def sessions_end(scene: Scene) -> None:
    """No session lives longer for it, nor is its key kept; and a custodian is not kept from signing in."""
    for by in BACK:
        token = _signed_in(scene, NOW)
        assert (
            sessions.resume(scene.vault, token, NOW - sessions.STEP).code == "R1"
        )  # it was put right in passing
        signed = _challenged(scene, NOW)
        with pytest.raises(SignInNeeded):
            sessions.resume(scene.vault, token, NOW - by)
        with scene.reading() as uow:
            assert {row.keys for row in uow.shreds.scalars(select(SessionRow))} <= {b""}
        with pytest.raises(SignInNeeded):
            sessions.sign_in_custodian(scene.vault, signed, NOW - by)
        assert sessions.sign_in_custodian(scene.vault, _challenged(scene, NOW - by), NOW - by)
        with pytest.raises(SignInNeeded):
            sessions.resume(scene.vault, token, NOW)


def nothing_is_opened_early(scene: Scene) -> None:
    """What k custodians agreed to is collected on its days: before them not, and after them not."""
    opening = sealed_identity(scene)
    terms = opening.signed_terms()
    for days in (-1, YEAR):  # before they were signed, and after the roster has run out
        with pytest.raises(Expired):
            opening.ask(terms, days=days)
    opening.ask(terms)
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian)
    for days in (-1, -YEAR):
        with pytest.raises(Refused, match=f"from {DAY} on"):
            opening.redeem(days=days)
    with pytest.raises(Expired):
        opening.redeem(days=YEAR)
    assert opening.opened(opening.redeem())["name"] == NAME


def editions_stay(scene: Scene) -> None:
    """No cutting day comes early; and those who spoke are counted whatever day it seems to be."""
    spoke = {scene.deposit(R1, scene.said("saw")).digest for _ in range(4)}
    claims = cut(scene).incident(scene.hospital)["claims"]
    for days in (-1, -YEAR):
        with pytest.raises(Refused, match=f"cut on {later(30)}"):
            cut(scene, days)
    assert cut(scene, YEAR).incident(scene.hospital)["claims"] == claims
    with pytest.raises(Refused, match="next edition can be cut on"):
        cut(scene, 60)
    assert spoke <= {one.half.digest for one in told(scene)[0]}


def files_stay(scene: Scene) -> None:
    """A file of a case stays whatever day it is; one on its way is let go no earlier than after 30 days."""
    name, way = kept(scene, CONTENT), begin(scene, CONTENT[:100])
    for days in (-1, -YEAR):
        sweeping.sweep(scene.vault, later(days))
    assert uploads.find(scene.vault, actor(R1), way.id).received == 0
    sweeping.sweep(scene.vault, later(YEAR))
    assert file_opened(scene, name).digest(len(CONTENT)) == hashlib.sha256(CONTENT).digest()


def backups_hold_all(scene: Scene) -> None:
    """Whatever older archives go or stay, the newest has everything, and the snapshot its keys."""
    give_keys(scene)
    scene.deposit(R1, scene.said("saw"))
    for days in (0, -YEAR, YEAR, 1):
        Saved().save(scene, days)
        assert newest_archive(scene) == (scene.taken()["testimony"], 0)


def _signed_in(scene: Scene, now: datetime) -> str:
    key = spell_device_key(R1.device_key)
    return sessions.sign_in(scene.vault, R1.code, R1.passphrase, key, now)


def _challenged(scene: Scene, now: datetime) -> object:
    about = {"vault": scene.roster().vault, "code": C1.code, "nonce": sessions.challenge(scene.vault, now)}
    return sign({"format": "witness-vault/v1/challenge", **about}, C1.code, C1.secret.signing)


_KINDS = (sessions_end, nothing_is_opened_early, editions_stay, files_stay, backups_hold_all)


def nothing_moves(scene: Scene) -> int:
    """Whatever the clock says. How many kinds of days there are."""
    for each in _KINDS:
        each(scene)
    return len(_KINDS)
