"""Custody: who is who and how many it takes; for custodians, what waits, who can be reached, decisions handed in.

What needs a custody key is done elsewhere, on the custodian's own device: no page here takes one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from vault import attendance, audit, escrow, proposals, publishing, retention
from vault import roster as rosters
from vault.errors import N_, Invalid
from vault.escrow import Waiting
from vault.inbox import ROSTER_NEAR_END
from vault.proposals import Proposal
from vault.retention import Kept
from vault.rules.access import Permission, Role
from vault.rules.attendance import Attendance, Attendant
from vault.rules.openings import State
from vault.rules.retention import Of, Stage
from web.auth import actor, allow, desk, today, vault
from web.locales import said
from web.papers import brought, handed_out
from web.waiting import PROPOSED

bp = Blueprint("custody", __name__)

SHORT = 6  # characters of an opening's id, by which people tell two requests apart
_QUIET = (Stage.OPEN, Stage.KEPT, Stage.DESTROYED)  # of these a desk says nothing
_ABOUT = {  # what a proposal of this kind says
    "roster": N_("Who belongs to the vault, with which keys, and until when."),
    "invitations": N_("Links by which newcomers make their own keys."),
    "case": N_("Who works on it, and who gets which of its keys."),
    "recut": N_("A team asks that an incident under review be counted anew."),
    "backup-keys": N_("To which keys backups are sealed; a quorum of you releases them to whoever restores."),
    "retention": N_("How long the records of a case are kept. It deletes nothing."),
    "destruction": N_(
        "The records of a case that is past its last day are destroyed, a week after a quorum has signed."
    ),
}


@bp.get("/custody")
@allow(Permission.READ_ROSTER)
def show() -> str:
    return _page([])


@bp.get("/custody/requests/<opening>")
@allow(Permission.DECIDE_OPENING)
def request_file(opening: str) -> Response:
    """A request as a file that opens with this custodian's key file alone."""
    with vault().store.read() as uow:
        content = escrow.packet_file(uow, actor(), opening, today())
    return handed_out(content, f"request-{opening[:SHORT]}")


@bp.post("/custody/decisions")
@allow(Permission.DECIDE_OPENING)
def decide() -> AnyResponse:
    """Take a signed decision; whatever else was brought is neither kept nor repeated."""
    try:
        signed = escrow.read_decision(brought())
        with desk() as (uow, who):
            escrow.decide(uow, who, signed, today())
            uow.commit()
    except Invalid as error:
        return make_response(_page([("text", said(error))]), 422)
    return redirect(url_for("custody.show", _anchor="next"), 303)


@bp.post("/custody/absence")
@allow(Permission.ATTEND)
def absence() -> AnyResponse:
    until = None if "back" in request.form else request.form.get("until", "").strip()
    try:
        with desk("testimony") as (uow, who):
            attendance.announce(uow, who.code, who.role, until, today())
            uow.commit()
    except Invalid as error:
        return make_response(_page([("until", said(error))]), 422)
    return redirect(url_for("custody.show", _anchor="custodians"), 303)


@bp.get("/custody/audit")
@allow(Permission.READ_AUDIT)
def audit_file() -> Response:
    """The audit chain as a file; its entries open with this custodian's key file alone."""
    with vault().store.read() as uow:
        content = audit.file(uow, actor().code, actor().role)
    return handed_out(content, f"entries-{today().isoformat()}")


def _page(errors: list[tuple[str, str]]) -> str:
    with vault().store.read() as uow:
        roster = rosters.current(uow)
    own = _own_desk(roster.expires) if actor().role is Role.CUSTODIAN else {}
    quorum = {"threshold": roster.threshold, "many": len(roster.codes)}
    return render_template(
        "custody.html",
        roster=roster,
        members=[member for member in roster.members.values() if member.role != "custodian"],
        quorum_title=gettext("%(threshold)d of %(many)d custodians together open one record.", **quorum),
        today=today().isoformat(),
        errors=errors,
        **own,
    )


def _own_desk(expires: str) -> dict[str, Any]:
    """What only custodians see: what waits for this one first, apart from what waits for others."""
    who = actor()
    with vault().store.read() as uow:
        present = attendance.attendance(uow, who.role)
        requests = [_request(one, who.code) for one in escrow.waiting(uow, who, today())]
        proposed = [_proposal(one, who.code) for one in proposals.waiting(uow, who.role)]
        statements = len(publishing.waiting(uow, who))
        kept = retention.every(uow, who)
    attendants = {one.code: _attendant(one, today()) for one in present.custodians}
    mine, others = _parted(requests, lambda one: one["state"] == State.WAITING and not one["decided"])
    unsigned, signed = _parted(proposed, lambda one: not one["own"])
    return {
        "requests": mine,
        "proposals": unsigned,
        "statements": statements,
        "ending": [one for one in map(_ending, kept) if one["records"] or one["stage"] not in _QUIET],
        "elsewhere": {"requests": others, "proposals": signed},
        "chores": _chores(expires, proposed, attendants[who.code]),
        "alarm": said(present.alarm(today()) or ""),
        "presence_title": _in_words(present),
        "attendants": list(attendants.values()),
        "own": attendants[who.code],
    }


def _parted(
    many: list[dict[str, Any]], waits: Callable[[dict[str, Any]], bool]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What waits for this custodian, and what does not."""
    return [one for one in many if waits(one)], [one for one in many if not waits(one)]


def _chores(expires: str, proposed: list[dict[str, Any]], own: dict[str, Any]) -> set[str]:
    """What nobody asked for, and is due all the same."""
    near = date.fromisoformat(expires) - today() <= ROSTER_NEAR_END
    renewed = any(one["kind"] == "roster" for one in proposed)
    due = {"renew": near and not renewed, "drill": not own["drilled"]}
    return {chore for chore, is_due in due.items() if is_due}


def _request(one: Waiting, code: str) -> dict[str, Any]:
    tally = one.tally
    decided = "approved" if code in tally.approved else "refused" if code in tally.refused else None
    return {
        "opening": one.opening,
        "short": one.opening[:SHORT],
        "expires": one.expires,
        "approved": sorted(tally.approved),
        "refused": sorted(tally.refused),
        "given": tally.given,
        "threshold": tally.threshold,
        "state": str(one.state),
        "decided": decided,
    }


def _proposal(one: Proposal, code: str) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "what": gettext(PROPOSED[one.kind]),
        "about": gettext(_ABOUT[one.kind]),
        "code": one.document.get("code", ""),
        "short": one.digest[:SHORT],
        "signed": sorted(one.signed_by),
        "threshold": one.threshold,
        "own": code in one.signed_by,
    }


def _ending(one: Kept) -> dict[str, Any]:
    waits = one.lasting.waits
    return {
        "code": one.code,
        "stage": one.lasting.stage(today()),
        "until": one.lasting.until,
        "first": waits.first if waits else None,
        "records": waits.destruction.until if waits and waits.destruction.of is Of.RECORDS else None,
    }


def _attendant(one: Attendant, day: date) -> dict[str, Any]:
    return {
        "code": one.code,
        "presence": str(one.presence(day)),
        "seen": one.seen and one.seen.isoformat(),
        "away": one.away and one.away.isoformat(),
        "drill": one.drill and one.drill.isoformat(),
        "drilled": one.has_drilled(day),
    }


def _in_words(present: Attendance) -> str:
    """What the picture shows."""
    live, many = present.live(today()), len(present.custodians)
    if not live:
        return str(gettext("0 of %(many)d custodians can be reached.", many=many))
    parts = {"live": len(live), "many": many, "codes": ", ".join(live)}
    return str(gettext("%(live)d of %(many)d custodians can be reached: %(codes)s.", **parts))
