"""The desk: what to do next, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, ngettext

from vault import (
    access,
    attendance,
    cases,
    drafts,
    enrolment,
    escrow,
    handing,
    proposals,
    publishing,
    redemption,
    retention,
)
from vault.errors import Refused
from vault.keyrings import Actor
from vault.rules.access import Permission, Role
from vault.rules.openings import State
from vault.rules.retention import Stage
from web import addressees
from web.auth import actor, allow, today, vault
from web.summaries import summary
from web.waiting import PROPOSED, of_case

bp = Blueprint("desk", __name__)

Row = dict[str, str]  # what waits: `words`, `address` or `command`, and `code` where it is of one case


@bp.get("/")
@allow(Permission.SIGN_OUT)
def home() -> str:
    who = actor()
    match who.role:
        case Role.RESEARCHER:
            return _researcher(who)
        case Role.REVIEWER:
            return _reviewer(who)
        case Role.CUSTODIAN:
            return render_template("desk.html", waits=list(_for_custodian(who)))
    with vault().store.read() as uow:
        words, revoked = enrolment.own_fingerprint(uow, who.code), handing.revoked_everywhere(uow, who.code)
    return render_template("pending.html", card_fingerprint=words, revoked=revoked)


@bp.get("/about")
@allow(None)
def about() -> str:
    return render_template("about.html")


def _researcher(who: Actor) -> str:
    with vault().store.read() as uow:
        seen, begun = cases.listing(uow, who), drafts.listing(uow, who)
    return render_template(
        "desk.html",
        custodians=addressees.address(),
        drafts=[_draft(draft, seen) for draft in reversed(begun)],
        cases=[{**summary(who, case), "incidents": case.incidents} for case in seen],
        waits=list(_to_collect(who)),
    )


def _reviewer(who: Actor) -> str:
    with vault().store.read() as uow:
        seen, proposed = cases.listing(uow, who), proposals.waiting(uow, who.role)
    shown = [(case, summary(who, case)) for case in seen]
    waits = [row for case, facts in shown for row in _in_case(case, facts)]
    return render_template(
        "desk.html",
        cases=[facts for _, facts in shown],
        waits=[*waits, *_to_collect(who)],
        proposals=[_proposal(proposal) for proposal in proposed],
    )


def _draft(draft: drafts.Draft, seen: list[cases.Case]) -> dict[str, str]:
    code, title = "", gettext("Interview")  # of a case that the member has left
    for case in seen:
        if case.id == draft.case:
            code, title = case.file.code, case.incident(draft.incident)["title"]
    return {"id": draft.id, "case": code, "title": title, "day": draft.day}


def _in_case(case: cases.Case, facts: dict[str, Any]) -> Iterator[Row]:
    """What a reviewer decides on in a case, and the edition that they may cut."""
    for one in of_case(case):
        yield {"code": case.file.code, "words": one.words, "address": one.address}
    if facts["lasting"]["ready"] and facts["can_read"]:
        address = url_for("retention.form", case=case.id)
        yield {
            "code": case.file.code,
            "words": gettext("Records can be destroyed, as custodians signed"),
            "address": address,
        }
    if facts["can_cut"] and not facts["next_edition"]:
        address = url_for("editions.cut", case=case.id)
        yield {"code": case.file.code, "words": _can_be_cut(facts), "address": address}


def _can_be_cut(facts: dict[str, Any]) -> str:
    if facts["last_edition"] is None:
        return str(gettext("The first edition can be cut now"))
    words = ngettext(
        "An edition can be cut now; the last was cut a day ago",
        "An edition can be cut now; the last was cut %(num)s days ago",
        (today() - facts["last_edition"]).days,
    )
    return str(words)


def _to_collect(who: Actor) -> Iterator[Row]:
    """Keys that a member waits for, and what custodians agreed to hand over to them."""
    own = list[redemption.Request]()
    with vault().store.read() as uow:
        without = access.without_brief(uow, who)
        with suppress(Refused):  # too many requests to look them all through: the page of openings says so
            own = redemption.own(uow, who, today())
    for file in without:
        address = url_for("access.show", case=file.id)
        yield {
            "code": file.code,
            "words": gettext("You have not got the keys of this case yet"),
            "address": address,
        }
    if due := sum(one.state is State.DUE for one in own):
        words = ngettext(
            "Something that you asked for can be collected",
            "%(num)s things that you asked for can be collected",
            due,
        )
        yield {"words": words, "address": url_for("openings.index")}


def _for_custodian(who: Actor) -> Iterator[Row]:
    """What lacks this custodian's decision, signature or proof. What needs their key is done on their own device."""
    with vault().store.read() as uow:
        requests, proposed = escrow.waiting(uow, who, today()), proposals.waiting(uow, who.role)
        packets, present = publishing.waiting(uow, who), attendance.attendance(uow, who.role)
        due = sum(one.lasting.stage(today()) is Stage.DUE for one in retention.every(uow, who))
    asked = sum(one.state is State.WAITING and who.code not in one.decided for one in requests)
    if asked:
        words = ngettext("A request to decide on", "%(num)s requests to decide on", asked)
        yield {"words": words, "address": url_for("custody.show", _anchor="next")}
    if unsigned := sum(who.code not in one.signed_by for one in proposed):
        words = ngettext("A proposal to sign", "%(num)s proposals to sign", unsigned)
        yield {"words": words, "address": url_for("custody.show", _anchor="next")}
    if packets:
        words = ngettext("A statement to sign", "%(num)s statements to sign", len(packets))
        yield {"words": words, "command": "witness-vault custodian statements --profile PROFILE"}
    if due:
        words = ngettext("A case is past its last day", "%(num)s cases are past their last day", due)
        yield {"words": words, "address": url_for("custody.show", _anchor="ending")}
    if any(one.code == who.code and not one.has_drilled(today()) for one in present.custodians):
        yield {
            "words": gettext("Prove that your shares open"),
            "command": "witness-vault custodian drill --profile PROFILE",
        }


def _proposal(proposal: proposals.Proposal) -> dict[str, Any]:
    code, what = proposal.document.get("code", ""), gettext(PROPOSED[proposal.kind])
    given = {"signed": len(proposal.signed_by), "by": proposal.signed_by, "threshold": proposal.threshold}
    return {"code": code, "what": what, "words": proposal.words, **given}
