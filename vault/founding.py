"""The clients' half of founding: what a reviewer prepares for a case, and a member for the roster."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from vault.errors import Invalid
from vault.opening import entrust
from vault.sealing import casefiles
from vault.sealing.casefiles import KEYS, CaseFile
from vault.sealing.digests import Json, b64, document_digest
from vault.sealing.escrows import fingerprint
from vault.sealing.keypairs import SealingKey, SigningKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign


def found_case(
    plan: Json, roster: Roster, proposer: str, key: SigningKey, vocabularies: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The case document and its attachments, from a plan: code, title, incidents, team by member code.

    The four private keys are born here, wrapped to the team, entrusted to the custodians, and forgotten. Raises
    Invalid for a plan that is not whole, or an incident whose vocabulary is none of `vocabularies`.
    """
    pairs = {name: SealingKey.generate() for name in KEYS}
    case = b64(secrets.token_bytes(16))
    try:
        incidents = [casefiles.new_incident(facts) for facts in plan["incidents"]]
        if not all(incident["vocabulary"] in vocabularies for incident in incidents):
            raise Invalid(f"The vocabulary of an incident is one of these: {', '.join(vocabularies)}.")
        team = [{"member": member, "keys": list(keys)} for member, keys in sorted(plan["team"].items())]
        place = {"vault": roster.vault, "case": case, "author": proposer, "roster": roster.version}
        brief = casefiles.first_brief(place, plan["title"], incidents)
        code = plan["code"]
    except (KeyError, TypeError, AttributeError):
        raise Invalid(
            "A case plan names code, title, incidents and team; see the guide for reviewers."
        ) from None
    escrows = {
        name: entrust(pairs[name].seed, "case-key", b64(secrets.token_bytes(16)), roster) for name in KEYS
    }
    document = {
        "format": "witness-vault/v1/case",
        "vault": roster.vault,
        "case": case,
        "version": casefiles.FIRST_VERSION,
        "previous": None,
        "code": code,
        "roster": roster.version,
        "epoch": roster.epoch,
        "proposer": proposer,
        "keys": {
            name: {"version": casefiles.FIRST_VERSION, "public": b64(pairs[name].public)} for name in KEYS
        },
        "team": team,
        "brief": {"version": casefiles.FIRST_VERSION, "digest": b64(document_digest(brief))},
        "escrows": {name: fingerprint(record) for name, record in escrows.items()},
    }
    file = casefiles.parse(document)
    attachments = {
        "brief": b64(casefiles.seal_brief(file, sign(brief, proposer, key))),
        "grants": _grants(file, pairs, roster),
        "escrows": escrows,
    }
    return document, attachments


def _grants(file: CaseFile, pairs: dict[str, SealingKey], roster: Roster) -> list[dict[str, Any]]:
    unlisted = [code for code in file.team if code not in roster.members]
    if unlisted:
        raise Invalid("Somebody on the team is not in the roster: compare the codes.")
    return [
        {
            "member": member,
            "key": key,
            "version": casefiles.FIRST_VERSION,
            "sealed": b64(
                casefiles.seal_grant(
                    file, file.newest(key), pairs[key], member, roster.members[member].sealing
                )
            ),
        }
        for member, keys in file.team.items()
        for key in keys
    ]
