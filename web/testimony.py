"""Testimony, for readers: whoever holds the case's testimony key."""

from __future__ import annotations

from flask import Blueprint, render_template

from vault import cases, quotes, recoding, retention, testimonies, withdrawals
from vault.errors import N_
from vault.rules.access import Permission
from vault.rules.consent import Consent, Use, permits
from vault.rules.drafts import Kind
from vault.rules.exports import FORMS, RECIPIENTS, USES
from web import consent_words
from web.auth import allow, desk, today
from web.locales import said

bp = Blueprint("testimony", __name__)

_KINDS = {
    "original": N_("first interview"),
    "follow-up": N_("follow-up"),
    "correction": N_("correction"),
    "consent": N_("change of consent"),
}
_MODES = {
    "in_person": N_("in person"),
    "voice_call": N_("by voice call"),
    "video_call": N_("by video call"),
    "text": N_("in writing"),
    "through_intermediary": N_("through another person"),
}


@bp.get("/cases/<case>/testimony")
@allow(Permission.READ_TESTIMONY)
def index(case: str) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        read, unsound = testimonies.listing(uow, who, case, today())
        lasting = retention.of(uow, found.file)
        uow.commit()
    rows = [
        {
            "record": one.record,
            "pseudonym": one.half.body["pseudonym"],
            "date": one.half.body["interview"]["date"],
            "kind": said(_KINDS[one.half.body["kind"]]),
            "superseded": one.superseded,
            "again": bool(one.again),
            "is_over": one.is_interview and one.allowed.is_over(today()),
        }
        for one in read
    ]
    ready = lasting.waits is not None and today() >= lasting.waits.first
    facts = {"ready": ready, "destroyed": lasting.destroyed}
    about = {"case": _case(found), "testimonies": rows, "unsound": unsound, **facts}
    return render_template("testimonies.html", **about)


@bp.get("/cases/<case>/testimony/<record>")
@allow(Permission.READ_TESTIMONY)
def show(case: str, record: str) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        one = testimonies.show(uow, who, case, record, today())
        kept = bool(one.half.body["identity"]) and withdrawals.is_kept(uow, one.half.body["identity"])
        quoting = quotes.may_quote(uow, who, found.file) and not one.superseded
        uow.commit()
    titles = {incident["incident"]: incident["title"] for incident in found.incidents}
    body, consent = one.half.body, Consent.parse(one.half.body["consent"])
    return render_template(
        "testimony.html",
        case=_case(found),
        **{key: body[key] for key in ("pseudonym", "reason", "testimony", "identity")},
        kind=said(_KINDS[body["kind"]]),
        changes_consent=body["kind"] == Kind.CONSENT,
        interview={**body["interview"], "mode": said(_MODES[body["interview"]["mode"]])},
        consent=consent_words.allowed(one.allowed, consent),
        recipients=consent_words.recipients(one.allowed),
        embargo=one.allowed.embargo,
        until=one.allowed.until,
        is_over=one.allowed.is_over(today()),
        asking=consent.asking,
        asked=consent_words.asked(consent.asking),
        reading=str(one.reading),
        out={
            "recipient": [(code, said(consent_words.RECIPIENTS[code])) for code in RECIPIENTS],
            "use": [(code, said(consent_words.USES[code])) for code in USES],
            "identity": [(code, said(consent_words.FORMS[code])) for code in FORMS],
        },
        digest=one.half.digest,
        depositor=one.half.statement["depositor"],
        superseded=one.superseded,
        astray=one.astray and one.is_interview,
        withdrawable=one.is_interview,
        identity_kept=kept,
        record=record,
        again=[(one, [titles[name] for name in one.incidents if name in titles]) for one in one.again],
        quotable=titles if quoting and permits(one.allowed, Use.VERBATIM) else {},
        incidents=titles if recoding.is_open(who, one) else {},
        request_command=_command(body["identity"]),
    )


def _command(record: str | None) -> str:
    # No address: behind a proxy the server knows its own name badly, and the client keeps the one it enrolled at.
    return f"witness-vault opening request --profile PROFILE --record {record} --reason '…'"


def _case(found: cases.Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
