"""A custodian's desk: listed under the custodian's code with keys of its own, and on no case's team."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cast import C1, V1
from tests.sitting import D1, set_up
from tests.stage import DAY, PLAN, Scene, actor
from vault import cases, proposals, sessions
from vault.errors import Refused, VaultError
from vault.founding import found_case
from vault.keyrings import case_keys, standing
from vault.rules.access import Role
from vault.sealing.casefiles import KEYS
from vault.sealing.words import spell_device_key

NOW = datetime.now(UTC)


@pytest.fixture
def sat(scene: Scene) -> Scene:
    set_up(scene, D1)
    return scene


def test_it_stands_as_a_custodian_by_its_own_keys_alone(sat: Scene) -> None:
    roster = sat.roster()
    assert standing(roster, "C1", D1.secret) is Role.CUSTODIAN
    assert standing(roster, "C1", C1.secret) is Role.PENDING
    assert roster.custodians["C1"].signing != roster.members["C1"].signing


def test_its_session_carries_the_desks_keys_and_never_the_custodians(sat: Scene) -> None:
    token = sessions.sign_in(sat.vault, "C1", D1.passphrase, spell_device_key(D1.device_key), NOW)
    who = sessions.resume(sat.vault, token, NOW)
    assert (who.code, who.role) == ("C1", Role.CUSTODIAN)
    assert who.keys.to_bytes() == D1.secret.to_bytes()


def test_no_case_takes_it_into_its_team(sat: Scene) -> None:
    team = {"V1": ["brief", "corroboration", "editions"], "C1": ["brief"]}
    plan, names = {**PLAN, "code": "S2", "team": team}, sat.vault.vocabularies
    document, attachments = found_case(plan, sat.roster(), "V1", V1.secret.signing, names)
    with sat.writing() as uow, pytest.raises(VaultError):
        proposals.propose(uow, actor(V1), document, attachments, DAY)


@pytest.mark.parametrize("key", KEYS)
def test_it_holds_no_case_key(sat: Scene, key: str) -> None:
    with sat.reading() as uow, pytest.raises(Refused):
        case_keys(uow, D1.actor, cases.find(uow, sat.case), key)
