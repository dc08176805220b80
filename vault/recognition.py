"""The custodians' half of the same-person ceremony: offline, with k key files (docs/FORMATS.md §14).

Names are in memory here, and on the screen where two custodians must look at a pair; they are written nowhere. What
leaves is a signed partition of records, sealed to whoever counts in the case: it says who is the same, not who.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from vault.errors import Invalid, Refused, Tampered, VaultError
from vault.opening import Holder
from vault.rules.dependence import LinkKind, Partition
from vault.rules.matching import MatchRecord, Verdict, pairs
from vault.sealing import boxes, casefiles, escrows, locks, matches, shares
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json, b64, unb64, unpad
from vault.sealing.escrows import Escrow
from vault.sealing.matches import Found
from vault.sealing.members import KeyFile
from vault.sealing.rosters import Roster, at, require_in_force
from vault.sealing.signatures import Signed, signature, with_signatures

EXPORT = "witness-vault/v1/match-export"
RESULT = "witness-vault/v1/match-result"
# What two custodians say of a pair: one person, two, or None where they do not both say the same.
Settle = Callable[[MatchRecord, MatchRecord], bool | None]


@dataclass(frozen=True)
class Sitting:
    """k custodians around one machine, and the request that they answer."""

    roster: Roster
    file: CaseFile
    asked: dict[str, Any]
    holders: dict[str, Holder]


def convene(chain: Sequence[Roster], export: Json, files: Sequence[KeyFile], today: str) -> Sitting:
    """The ceremony that an export asks for. Raises Refused below k, Tampered for what nobody may ask, Expired."""
    roster = chain[-1]
    require_in_force(roster, today)
    holders = {}
    for one in files:
        _check_pin(chain, one)
        secret, listed = one.listed(roster), roster.custodians.get(one.code)
        if listed is None or (listed.sealing, listed.signing) != (
            secret.sealing.public,
            secret.signing.public,
        ):
            raise Refused(
                "The key file of %(custodian)s is not one of the present custodians.", custodian=one.code
            )
        holders[one.code] = Holder(one.code, secret)
    if len(holders) < roster.threshold:
        raise Refused(
            "It takes the key files of %(threshold)d custodians; these are %(given)d.",
            threshold=roster.threshold,
            given=len(holders),
        )
    try:
        file = casefiles.verify_chain(export["case"], at(chain))
        return Sitting(roster, file, matches.read_request(export["request"], roster, file), holders)
    except (KeyError, TypeError):
        raise Invalid("This is not the export of a same-person ceremony.") from None


def recognise(sitting: Sitting, records: Sequence[Json], settle: Settle) -> tuple[list[Found], int]:
    """What is found on each incident that was asked about, and how many of its records do not open."""
    wanted = dict(map(matches.split, matches.records_of(sitting.asked)))
    opened = {}
    for record in records:
        try:
            name = str(record["record"])
            if escrows.fingerprint(record) == wanted[name]:  # else it is another than the reviewer's
                payload = matches.read_payload(unpad(_open(sitting, record)))
                opened[name] = MatchRecord.parse(payload)
        except (VaultError, KeyError, TypeError, AttributeError):
            continue  # somebody else's doing: whoever deposits can seal anything
    settled: dict[tuple[str, str], bool | None] = {}
    found = []
    for entry in sitting.asked["incidents"]:
        named = {matches.split(name)[0] for name in entry["records"]}
        of_incident = {name: opened[name] for name in sorted(named & set(opened))}
        found.append(_compare(str(entry["incident"]), of_incident, settle, settled))
    return found, len(wanted) - len(opened)


def conclude(sitting: Sitting, found: Sequence[Found], day: str) -> dict[str, Any]:
    """What is carried back to the vault: the partition, signed by all who are here, sealed to who may cut."""
    document = matches.partition(sitting.asked, sitting.roster, day, found)
    signed: Signed = with_signatures(
        document, [signature(document, code, one.secret.signing) for code, one in sitting.holders.items()]
    )
    sealed = matches.seal_partition(sitting.file, signed)
    return {"format": RESULT, "vault": sitting.roster.vault, "case": sitting.file.id, "sealed": b64(sealed)}


def _compare(
    incident: str,
    records: Mapping[str, MatchRecord],
    settle: Settle,
    settled: dict[tuple[str, str], bool | None],
) -> Found:
    same, maybe = [], set()
    for verdict, one, other in pairs(records):
        if verdict is Verdict.SAME:
            settled[one, other] = True
        elif (one, other) not in settled:
            settled[one, other] = settle(records[one], records[other])
        if settled[one, other]:
            same.append((LinkKind.SAME_PERSON, one, other))
        elif settled[one, other] is None:
            maybe.add(frozenset((one, other)))
    groups: dict[str, set[str]] = {}
    joined = Partition(same)
    for name in records:
        groups.setdefault(joined.leader(name), set()).add(name)
    persons = frozenset(frozenset(group) for group in groups.values() if len(group) > 1)
    return Found(incident, frozenset(records), persons, frozenset(maybe))


def _open(sitting: Sitting, record: Escrow) -> bytes:
    escrows.check_form(record)
    if (record["purpose"], record["vault"]) != (matches.PURPOSE, sitting.roster.vault):
        raise Tampered("This is no match record of this vault.")
    dealt, name = [], escrows.fingerprint(record)
    for entry in record["shares"]:
        holder = sitting.holders.get(entry["custodian"])
        if holder is not None:
            about = escrows.share_binding(record, name, entry, len(record["shares"]))
            with suppress(VaultError):  # others may do
                share = boxes.unseal(holder.secret.sealing, about, unb64(entry["sealed"]))
                dealt += [share] if escrows.is_share(share, entry) else []
    locked = unb64(record["locked"])
    for chosen in combinations(dealt, record["threshold"]):
        key = shares.combine(chosen)
        if locks.commits(key, locked[: locks.HEAD]):
            return locks.unlock(key, escrows.binding(record), locked)
    raise Tampered("These shares do not open the record.")


def _check_pin(chain: Sequence[Roster], file: KeyFile) -> None:
    if file.pin is None:
        return
    known = {roster.version: b64(roster.digest) for roster in chain}
    if file.pin["vault"] != chain[-1].vault or known.get(file.pin["version"]) != file.pin["digest"]:
        raise Tampered(
            "The export shows another or an older roster than %(custodian)s has seen. Tell the custodians.",
            custodian=file.code,
        )
