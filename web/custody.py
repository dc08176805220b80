"""Custody: who is who and how many it takes; for custodians, what waits, who can be reached, decisions handed in.

What needs a custody key is done elsewhere, on the custodian's own device: no page here takes one.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from vault import attendance, audit, escrow, proposals
from vault import roster as rosters
from vault.errors import Invalid
from vault.escrow import Waiting
from vault.proposals import Proposal
from vault.rules.access import Permission, Role
from vault.rules.attendance import Attendance, Attendant
from web.auth import actor, allow, desk, today, vault
from web.papers import brought, handed_out
from web.sentences import number

bp = Blueprint("custody", __name__)

SHORT = 6  # characters of an opening's id, by which people tell two requests apart
_KINDS = {
    "roster": "A new roster",
    "invitations": "Invitations",
    "case": "A case",
    "recut": "New figures of an incident",
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
        return make_response(_page([("text", error.message)]), 422)
    return redirect(url_for("custody.show", _anchor="requests"), 303)


@bp.post("/custody/absence")
@allow(Permission.ATTEND)
def absence() -> AnyResponse:
    until = None if "back" in request.form else request.form.get("until", "").strip()
    try:
        with desk("testimony") as (uow, who):
            attendance.announce(uow, who.code, who.role, until, today())
            uow.commit()
    except Invalid as error:
        return make_response(_page([("until", error.message)]), 422)
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
    own = _own_desk() if actor().role is Role.CUSTODIAN else {}
    quorum = f"{number(roster.threshold).capitalize()} of {number(len(roster.codes))} custodians"
    return render_template(
        "custody.html",
        roster=roster,
        members=[member for member in roster.members.values() if member.role != "custodian"],
        quorum_title=f"{quorum} together open one record.",
        today=today().isoformat(),
        errors=errors,
        **own,
    )


def _own_desk() -> dict[str, Any]:
    """What only custodians see."""
    who = actor()
    with vault().store.read() as uow:
        present = attendance.attendance(uow, who.role)
        requests = escrow.waiting(uow, who, today())
        proposed = proposals.waiting(uow, who.role)
    attendants = {one.code: _attendant(one, today()) for one in present.custodians}
    return {
        "requests": [_request(one, who.code) for one in requests],
        "proposals": [_proposal(one, who.code) for one in proposed],
        "alarm": present.alarm(today()),
        "presence_title": _in_words(present),
        "attendants": list(attendants.values()),
        "own": attendants[who.code],
    }


def _request(one: Waiting, code: str) -> dict[str, Any]:
    tally = one.tally
    decided = "approved" if code in tally.approved else "refused" if code in tally.refused else None
    return {
        "opening": one.opening,
        "short": one.opening[:SHORT],
        "expires": one.expires,
        "approved": sorted(tally.approved),
        "refused": sorted(tally.refused),
        "tally": str(tally),
        "state": str(one.state),
        "decided": decided,
    }


def _proposal(one: Proposal, code: str) -> dict[str, Any]:
    return {
        "what": _KINDS[one.kind],
        "code": one.document.get("code", ""),
        "short": one.digest[:SHORT],
        "signed": one.signed_by,
        "threshold": one.threshold,
        "own": code in one.signed_by,
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
    live = present.live(today())
    some = ", ".join(live) if live else "nobody"
    return f"{len(live)} of {len(present.custodians)} custodians can be reached: {some}."
