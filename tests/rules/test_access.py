"""vault.rules.access"""

import pytest

from vault.errors import Refused
from vault.rules.access import PERMISSIONS, Permission, Role, allows, may_hold, require
from vault.sealing.casefiles import KEYS

# Written out once more, by permission, so that a slip on the page of data does not pass unseen.
RESEARCHER, REVIEWER, CUSTODIAN = Role.RESEARCHER, Role.REVIEWER, Role.CUSTODIAN
HOLDERS = {
    Permission.SIGN_OUT: set(Role),
    Permission.READ_ROSTER: {RESEARCHER, REVIEWER, CUSTODIAN},
    Permission.SEE_CASES: {RESEARCHER, REVIEWER},
    Permission.LOG_INTERVIEW: {RESEARCHER},
    Permission.EDIT_INCIDENTS: {REVIEWER},
    Permission.CUT_EDITION: {REVIEWER},
    Permission.READ_EDITION: {REVIEWER},
    Permission.ASSESS: {REVIEWER},
    Permission.READ_TESTIMONY: {RESEARCHER, REVIEWER},
    Permission.REQUEST_OPENING: {RESEARCHER, REVIEWER},
    Permission.PROPOSE_CASE: {REVIEWER},
    Permission.SEE_PROPOSALS: {CUSTODIAN, REVIEWER},
    Permission.SIGN_PROPOSALS: {CUSTODIAN},
    Permission.PROPOSE_ROSTER: {CUSTODIAN},
    Permission.INVITE: {CUSTODIAN},
    Permission.SET_RETENTION: {CUSTODIAN},
    Permission.DECIDE_OPENING: {CUSTODIAN},
    Permission.READ_AUDIT: {CUSTODIAN},
    Permission.ATTEND: {CUSTODIAN},
    Permission.HOLD_SHARES: {CUSTODIAN},
    Permission.SEE_ACCESS: {RESEARCHER, REVIEWER, CUSTODIAN},
    Permission.HAND_GRANTS: {RESEARCHER, REVIEWER},
    Permission.REVOKE_KEYS: {RESEARCHER, REVIEWER, CUSTODIAN},
    Permission.PREPARE_STATEMENT: {REVIEWER},
    Permission.APPROVE_STATEMENT: {REVIEWER},
    Permission.SIGN_STATEMENT: {CUSTODIAN},
    Permission.PULL_STATEMENT: {REVIEWER, CUSTODIAN},
    Permission.ADD_EVIDENCE: {RESEARCHER, REVIEWER},
    Permission.READ_EVIDENCE: {RESEARCHER, REVIEWER},
    Permission.WEIGH_EVIDENCE: {REVIEWER},
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_each_role_has_exactly_its_permissions(role: Role, permission: Permission) -> None:
    assert allows(role, permission) == (role in HOLDERS[permission])
    if role in HOLDERS[permission]:
        require(role, permission)
    else:
        with pytest.raises(Refused):
            require(role, permission)


def test_a_role_that_the_page_does_not_mention_may_do_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.rules.access.PERMISSIONS", {})
    with pytest.raises(Refused):
        require(Role.REVIEWER, Permission.SIGN_OUT)


def test_a_custodian_can_never_read_log_or_count() -> None:
    forbidden = {"log_interview", "cut_edition", "read_edition", "read_testimony"}
    assert forbidden.isdisjoint(PERMISSIONS[Role.CUSTODIAN])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", [*KEYS, "another"])
def test_whoever_interviews_may_hold_no_key_to_figures_and_a_custodian_none(role: Role, key: str) -> None:
    holders = {key: {RESEARCHER, REVIEWER} for key in ("brief", "testimony", "evidence")}
    holders |= {key: {REVIEWER} for key in ("corroboration", "editions")}
    assert may_hold(role, [key]) == (role in holders.get(key, set()))
