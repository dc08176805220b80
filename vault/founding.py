"""The clients' half of cases: what a reviewer prepares to open one, and to change its team or its keys."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault.errors import Invalid
from vault.opening import entrust
from vault.sealing import briefs, casefiles
from vault.sealing.casefiles import FIRST_VERSION, KEYS, CaseFile, KeyVersion
from vault.sealing.digests import Document, Json, b64, document_digest
from vault.sealing.escrows import Escrow, fingerprint
from vault.sealing.grants import seal_grant
from vault.sealing.keypairs import SealingKey, SigningKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign

Keys = Mapping[KeyVersion, SealingKey]
Lacking = tuple[str, KeyVersion]  # a member, and which version of which key
Prepared = tuple[dict[str, Any], dict[str, Any]]  # the document to be signed, and what travels with it


@dataclass(frozen=True)
class Reviewer:
    """Who prepares a version of a case, under which roster."""

    code: str
    key: SigningKey = field(repr=False)
    roster: Roster


@dataclass(frozen=True)
class Known:
    """A case as a reviewer's own client has verified it, its newest brief, and the keys that they hold."""

    file: CaseFile
    brief: Document = field(repr=False)
    keys: Keys = field(repr=False)


def found_case(
    plan: Json, roster: Roster, proposer: str, key: SigningKey, vocabularies: Collection[str]
) -> Prepared:
    """The case document and its attachments, from a plan: code, title, incidents, team by member code.

    The five private keys are born here, wrapped to the team, entrusted to the custodians, and forgotten. Raises
    Invalid for a plan that is not whole, or an incident whose vocabulary is none of `vocabularies`.
    """
    case = b64(secrets.token_bytes(16))
    try:
        incidents = [briefs.new_incident(facts) for facts in plan["incidents"]]
        if not all(incident["vocabulary"] in vocabularies for incident in incidents):
            raise Invalid(
                "The vocabulary of an incident is one of these: %(vocabularies)s.",
                vocabularies=", ".join(vocabularies),
            )
        team = {member: list(keys) for member, keys in plan["team"].items()}
        place = {"vault": roster.vault, "case": case, "author": proposer, "roster": roster.version}
        brief = briefs.first_brief(place, plan["title"], incidents)
        chained = {"case": case, "version": FIRST_VERSION, "previous": None, "code": plan["code"]}
    except (KeyError, TypeError, AttributeError):
        raise Invalid(
            "A case plan names code, title, incidents and team; see the guide for reviewers."
        ) from None
    fresh = {(name, FIRST_VERSION): SealingKey.generate() for name in KEYS}
    by = Reviewer(proposer, key, roster)
    document, escrows = _document({**chained, "keys": {}, "escrows": {}}, team, brief, fresh, by)
    return document, _attachments(casefiles.parse(document), brief, fresh, escrows, by)


def next_version(
    known: Known, team: Mapping[str, Collection[str]], rotate: Collection[str], by: Reviewer
) -> Prepared:
    """The next version of a case: this team, these keys exchanged for new ones; the others stay.

    A rotated key is born here, wrapped to whom the team promises it, entrusted to the custodians, and forgotten.
    """
    file = known.file
    kept = [key for key in KEYS if key not in rotate]
    chained = {
        "case": file.id,
        "version": file.version + 1,
        "previous": file.digest,
        "code": file.code,
        "keys": {key: {"version": file.key_versions[key], "public": b64(file.keys[key])} for key in kept},
        "escrows": {key: file.escrows[key] for key in kept},
    }
    fresh = {(key, file.key_versions[key] + 1): SealingKey.generate() for key in rotate}
    brief = briefs.next_brief(known.brief, [], by.code, by.roster.version)
    document, escrows = _document(chained, team, brief, fresh, by)
    following = casefiles.follow(file, casefiles.parse(document))
    return document, _attachments(following, brief, {**known.keys, **fresh}, escrows, by)


def grants(file: CaseFile, keys: Keys, roster: Roster, lacking: Iterable[Lacking]) -> list[dict[str, Any]]:
    """The grant-files by which whoever holds these keys hands them to members who lack them (FORMATS §9.1)."""
    return [
        {
            "format": "witness-vault/v1/grant-file",
            "case": file.id,
            "key": name[0],
            "version": name[1],
            "member": member,
            "sealed": b64(seal_grant(file, name, keys[name], member, roster.member(member).sealing)),
        }
        for member, name in lacking
        if name in keys
    ]


def promised(file: CaseFile) -> list[Lacking]:
    """Every version of every key that the newest version of a case promises, by member."""
    return [
        (member, name)
        for member, keys in sorted(file.team.items())
        for key in keys
        for name in file.versions(key)
    ]


def _document(
    chained: dict[str, Any], team: Mapping[str, Collection[str]], brief: Document, fresh: Keys, by: Reviewer
) -> tuple[dict[str, Any], dict[str, Escrow]]:
    """The document of a version, in which the fresh keys stand beside those that `chained` keeps; their escrows."""
    escrows = {
        name: entrust(pair.seed, "case-key", b64(secrets.token_bytes(16)), by.roster)
        for (name, _), pair in fresh.items()
    }
    born = {name: {"version": version, "public": b64(pair.public)} for (name, version), pair in fresh.items()}
    document = {
        "format": "witness-vault/v1/case",
        "vault": by.roster.vault,
        **chained,
        "roster": by.roster.version,
        "epoch": by.roster.epoch,
        "proposer": by.code,
        "keys": {**chained["keys"], **born},
        "team": [{"member": member, "keys": list(keys)} for member, keys in sorted(team.items())],
        "brief": {"version": brief["version"], "digest": b64(document_digest(brief))},
        "escrows": {**chained["escrows"], **{name: fingerprint(record) for name, record in escrows.items()}},
    }
    return document, escrows


def _attachments(
    file: CaseFile, brief: Document, keys: Keys, escrows: dict[str, Escrow], by: Reviewer
) -> dict[str, Any]:
    if not file.team.keys() <= by.roster.members.keys():
        raise Invalid("Somebody on the team is not in the roster: compare the codes.")
    given = grants(file, keys, by.roster, promised(file))
    return {
        "brief": b64(briefs.seal_brief(file, sign(brief, by.code, by.key))),
        "grants": [{part: one[part] for part in ("member", "key", "version", "sealed")} for one in given],
        "escrows": escrows,
    }
