"""Who may do what: one page of data, default-deny.

A permission is necessary, never sufficient: whether a reviewer can really read a testimony is decided by
holding the case's key, and no permission stands in for a quorum.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from vault.errors import N_, Refused


class Role(StrEnum):
    """What the roster says a member is; `pending` until it lists them."""

    PENDING = N_("pending")
    RESEARCHER = N_("researcher")
    REVIEWER = N_("reviewer")
    CUSTODIAN = N_("custodian")


class Permission(StrEnum):
    """Something that a member may be allowed to do."""

    SIGN_OUT = "sign_out"
    READ_ROSTER = "read_roster"
    SEE_CASES = "see_cases"
    LOG_INTERVIEW = "log_interview"
    EDIT_INCIDENTS = "edit_incidents"
    CUT_EDITION = "cut_edition"
    READ_EDITION = "read_edition"
    ASSESS = "assess"
    READ_TESTIMONY = "read_testimony"
    REQUEST_OPENING = "request_opening"
    PROPOSE_CASE = "propose_case"
    SEE_PROPOSALS = "see_proposals"
    SIGN_PROPOSALS = "sign_proposals"
    PROPOSE_ROSTER = "propose_roster"
    INVITE = "invite"
    SET_RETENTION = "set_retention"
    DECIDE_OPENING = "decide_opening"
    READ_AUDIT = "read_audit"
    HOLD_SHARES = "hold_shares"
    SEE_ACCESS = "see_access"
    HAND_GRANTS = "hand_grants"
    REVOKE_KEYS = "revoke_keys"
    ATTEND = "attend"
    PREPARE_STATEMENT = "prepare_statement"
    APPROVE_STATEMENT = "approve_statement"
    SIGN_STATEMENT = "sign_statement"
    PULL_STATEMENT = "pull_statement"
    ADD_EVIDENCE = "add_evidence"
    READ_EVIDENCE = "read_evidence"
    WEIGH_EVIDENCE = "weigh_evidence"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.PENDING: frozenset({Permission.SIGN_OUT}),
        Role.RESEARCHER: frozenset(
            {
                Permission.SIGN_OUT,
                Permission.READ_ROSTER,
                Permission.SEE_CASES,
                Permission.LOG_INTERVIEW,
                Permission.READ_TESTIMONY,
                Permission.REQUEST_OPENING,
                Permission.SEE_ACCESS,
                Permission.HAND_GRANTS,
                Permission.REVOKE_KEYS,
                Permission.ADD_EVIDENCE,
                Permission.READ_EVIDENCE,
            }
        ),
        Role.REVIEWER: frozenset(
            {
                Permission.SIGN_OUT,
                Permission.READ_ROSTER,
                Permission.SEE_CASES,
                Permission.EDIT_INCIDENTS,
                Permission.CUT_EDITION,
                Permission.READ_EDITION,
                Permission.ASSESS,
                Permission.READ_TESTIMONY,
                Permission.REQUEST_OPENING,
                Permission.PROPOSE_CASE,
                Permission.SEE_PROPOSALS,
                Permission.SEE_ACCESS,
                Permission.HAND_GRANTS,
                Permission.REVOKE_KEYS,
                Permission.PREPARE_STATEMENT,
                Permission.APPROVE_STATEMENT,
                Permission.PULL_STATEMENT,
                Permission.ADD_EVIDENCE,
                Permission.READ_EVIDENCE,
                Permission.WEIGH_EVIDENCE,
            }
        ),
        # Whoever holds a share of every secret must have nothing that the secrets could be joined to.
        Role.CUSTODIAN: frozenset(
            {
                Permission.SIGN_OUT,
                Permission.READ_ROSTER,
                Permission.SEE_PROPOSALS,
                Permission.SIGN_PROPOSALS,
                Permission.PROPOSE_ROSTER,
                Permission.INVITE,
                Permission.SET_RETENTION,
                Permission.DECIDE_OPENING,
                Permission.READ_AUDIT,
                Permission.ATTEND,
                Permission.HOLD_SHARES,
                Permission.SEE_ACCESS,
                Permission.REVOKE_KEYS,
                Permission.SIGN_STATEMENT,
                Permission.PULL_STATEMENT,
            }
        ),
    }
)

# Which keys of a case a quorum may promise to whom: whoever interviews sees no figures, a custodian sees nothing.
CASE_KEYS: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.RESEARCHER: ("brief", "testimony", "evidence"),
        Role.REVIEWER: ("brief", "testimony", "corroboration", "editions", "evidence"),
    }
)


def allows(role: Role, permission: Permission) -> bool:
    """Whether the page above grants it; what it does not mention is not granted."""
    return permission in PERMISSIONS.get(role, frozenset())


def may_hold(role: Role, keys: Iterable[str]) -> bool:
    """Whether a quorum may promise all of these keys of a case to somebody of the role."""
    return set(keys) <= set(CASE_KEYS.get(role, ()))


def require(role: Role, permission: Permission) -> None:
    """Raises Refused unless the role has the permission."""
    if not allows(role, permission):
        raise Refused("Your role does not allow this.")
