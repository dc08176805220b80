"""The server's half of the same-person ceremony: it carries sealed records out and a sealed partition back.

It learns neither who was interviewed twice nor that anybody was: what it compares are ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, cases, editions, holdings, keyrings, retention, testimonies
from vault import roster as rosters
from vault.errors import Invalid, Refused, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules import editions as rule
from vault.rules.access import Permission, require
from vault.rules.accounts import Deposited
from vault.rules.dependence import LinkKind, Tie
from vault.sealing import matches
from vault.sealing.boxes import OVERHEAD
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import SECOND_CODING
from vault.sealing.digests import Json, digest, unb64
from vault.sealing.escrows import Escrow, fingerprint
from vault.sealing.keypairs import SealingKey
from vault.sealing.matches import Found
from vault.store.testimony import PartitionRow
from vault.store.unit_of_work import UnitOfWork

AT_ONCE = holdings.PAGE
NOT_DONE = "not done"
LARGEST = 16 * 2**20


@dataclass(frozen=True)
class Recognised:
    """What same-person ceremonies say: links between witnesses, and by incident the month and who was looked at."""

    ties: frozenset[Tie]
    checked: Mapping[str, tuple[str, frozenset[str]]]

    def status(self, incident: str, witnesses: Collection[str]) -> str:
        """What an edition says: not done, the month, or that some accounts came in without or after it."""
        if incident not in self.checked:
            return NOT_DONE
        month, looked_at = self.checked[incident]
        return month if looked_at.issuperset(witnesses) else f"{month}, in part"


def names(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> dict[str, Any]:
    """The signed case, and the match records of each incident of a case, for a reviewer who may cut today.

    Raises Refused, naming the next cutting day: asked for in between, the list would tell that somebody came.
    """
    require(actor.role, Permission.CUT_EDITION)
    known = cases.show(uow, actor, case)
    file, cuts = known.file, [edition.day for edition in editions.history(uow, actor, known)]
    rule.require_cutting_day(cuts, vault.cut_every_days, today)
    opened, _ = testimonies.halves(uow, actor, file, "observations")
    found: dict[str, set[str]] = {}
    for one in opened.values():
        try:
            half = testimonies.verify(uow, file, one, "observations")
            body = half.body
            if half.statement["kind"] == SECOND_CODING or not body.get("match"):
                continue
            for incident in {said["incident"] for said in body["observations"]}:
                found.setdefault(incident, set()).add(body["match"])
        except (Tampered, Invalid, KeyError, TypeError):
            continue  # a cut sets it aside
    audit.record(uow, actor.code, "match records listed", {"case": case}, today)
    incidents = {incident: sorted(names) for incident, names in sorted(found.items())}
    return {"incidents": incidents, "case": cases.signed_versions(uow, unb64(file.id))}


def records(uow: UnitOfWork, actor: Actor, signed: Json, wanted: Json, today: date) -> list[Escrow]:
    """Sealed match records that a reviewer's signed request names, at most 100, to be opened offline by k.

    Raises Tampered for a request that does not hold, Invalid for records that it does not name.
    """
    require(actor.role, Permission.HOLD_SHARES)
    asked = _request(uow, signed)
    if (
        not isinstance(wanted, list)
        or len(wanted) > AT_ONCE
        or not set(map(str, wanted)) <= matches.records_of(asked)
    ):
        raise Invalid("Ask for records that the request names, at most 100 at once.")
    fingerprints = dict(matches.split(str(name)) for name in wanted)
    found = holdings.find(uow, matches.PURPOSE, list(fingerprints))
    about = {"case": asked["case"], "records": len(wanted)}
    audit.record(uow, actor.code, "match records fetched", about, today)
    return [one for name, one in found.items() if one is not None and fingerprint(one) == fingerprints[name]]


def case_of(uow: UnitOfWork, actor: Actor, signed: Json) -> list[Json]:
    """Every signed version of the case of a request, for those who are asked to verify. Raises Tampered."""
    require(actor.role, Permission.HOLD_SHARES)
    return cases.signed_versions(uow, unb64(_request(uow, signed)["case"], 16))


def keep(uow: UnitOfWork, actor: Actor, case: str, result: Json, today: date) -> None:
    """Keep what a ceremony found; the server cannot read it. A second time it changes nothing.

    Raises Conflict for a case that was destroyed.
    """
    require(actor.role, Permission.HOLD_SHARES)
    file, sealed = cases.find(uow, case), unb64(result)
    name = digest("partition", sealed)
    if not OVERHEAD < len(sealed) <= LARGEST:
        raise Invalid("This is not the result of a same-person ceremony.")
    retention.require_kept(uow, file)
    if uow.testimony.get(PartitionRow, name) is None:
        uow.testimony.add(PartitionRow(digest=name, case=unb64(file.id), sealed=sealed))
        audit.record(uow, actor.code, "partition handed in", {"case": case}, today)


def recognised(
    uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey], handed_in: Iterable[Deposited]
) -> Recognised:
    """What the newest ceremonies say of the witnesses of these deposits.

    What does not open or is not signed by k custodians says nothing: anybody can seal anything to a case.
    """
    witness_of = {one.match: one.witness for one in handed_in if one.match is not None}
    linked, checked = set(), {}
    for incident, (day, ceremonies) in _newest(uow, file, keys).items():
        looked_at = frozenset().union(*(one.checked for one in ceremonies))
        checked[incident] = (day[:7], frozenset(witness_of[name] for name in looked_at & witness_of.keys()))
        for one in ceremonies:
            linked |= _ties(LinkKind.SAME_PERSON, one.same, incident, witness_of)
            linked |= _ties(LinkKind.MAYBE_SAME_PERSON, one.maybe, incident, witness_of)
    return Recognised(frozenset(linked), checked)


def _newest(
    uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey]
) -> dict[str, tuple[str, list[Found]]]:
    """For each incident the day of its newest ceremony, and what the ceremonies of that day found."""
    chain, found = rosters.history(uow), dict[str, tuple[str, list[Found]]]()
    for sealed in uow.testimony.scalars(
        select(PartitionRow.sealed).where(PartitionRow.case == unb64(file.id))
    ):
        try:
            day, incidents = matches.open_partition(keys, file, chain, sealed)
        except Tampered:
            continue
        for one in incidents:
            before, ceremonies = found.get(one.incident, ("", []))
            if day >= before:
                found[one.incident] = (day, [*(ceremonies if day == before else []), one])
    return found


def _ties(
    kind: LinkKind, groups: Iterable[frozenset[str]], incident: str, witness_of: Mapping[str, str]
) -> set[Tie]:
    named = (frozenset(witness_of[name] for name in group if name in witness_of) for group in groups)
    return {Tie(kind, witnesses, incident) for witnesses in named if len(witnesses) > 1}


def _request(uow: UnitOfWork, signed: Json) -> dict[str, Any]:
    try:
        file = cases.find(uow, str(signed["document"]["case"]))
        reviewer = str(signed["document"]["reviewer"])
    except (KeyError, TypeError):
        raise Invalid("This is not a request for match records.") from None
    if keyrings.is_revoked(uow, file, reviewer):
        raise Refused("The keys of whoever asks were revoked in this case.")
    return matches.read_request(signed, rosters.current(uow), file)
