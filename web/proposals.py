"""Documents that wait for the custodians' signatures; for their clients."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from vault import backup_keys, proposals
from vault.rules.access import Permission
from web.auth import actor, allow, desk, json_object, today, vault

bp = Blueprint("proposals", __name__)


@bp.get("/api/proposals")
@allow(Permission.SEE_PROPOSALS)
def api_index() -> Response:
    with vault().store.read() as uow:
        waiting, kept = proposals.waiting(uow, actor().role), backup_keys.newest(uow)
    return jsonify(
        backup_keys=0 if kept is None else kept.keys.version,
        proposals=[
            {
                "digest": one.digest,
                "document": one.document,
                "signed_by": one.signed_by,
                "threshold": one.threshold,
            }
            for one in waiting
        ],
    )


@bp.post("/api/proposals")
@allow(Permission.SEE_PROPOSALS)
def api_propose() -> Response:
    """What may be proposed by whom is decided per kind in the use case."""
    typed = json_object("document")
    with desk("testimony") as (uow, who):
        digest = proposals.propose(uow, who, typed["document"], typed.get("attachments"), today())
        uow.commit()
    return jsonify(digest=digest)


@bp.post("/api/proposals/<digest>/signatures")
@allow(Permission.SIGN_PROPOSALS)
def api_sign(digest: str) -> Response:
    with desk("testimony") as (uow, who):
        tally = proposals.sign(uow, who, digest, json_object("by", "signature"), today())
        uow.commit()
    return jsonify(given=tally.given, threshold=tally.threshold, met=tally.met)


@bp.post("/api/proposals/<digest>/withdrawal")
@allow(Permission.SEE_PROPOSALS)
def api_withdraw(digest: str) -> Response:
    with desk("testimony") as (uow, who):
        proposals.withdraw(uow, who, digest, today())
        uow.commit()
    return make_response("", 204)
