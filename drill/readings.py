"""All that anybody reads of a vault, as sets: what an edited database may take away from, and add nothing to.

Everybody reads as the software does: by the real use cases, and where something is opened by custodians, by what their
devices and the requester's verify.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

from sqlalchemy.exc import NoResultFound

from drill.world import World
from tests.cast import R1, R2, V1, V2, Person
from tests.stage import DAY, Scene, actor, later
from vault import (
    audit,
    backup_keys,
    cases,
    chains,
    corroboration,
    drafts,
    editions,
    exports,
    files,
    findings,
    holdings,
    keyrings,
    log,
    proofs,
    quotes,
    requested,
    responses,
    retention,
    statements,
    testimonies,
)
from vault import roster as rosters
from vault.errors import VaultError
from vault.interviews import vocabularies
from vault.opening import Days, Holder, ask, combine, decide
from vault.rules.access import Role
from vault.sealing import auditing, audits
from vault.sealing.audits import Link
from vault.sealing.backupkeys import KINDS
from vault.sealing.digests import b64, canonical, document_digest
from vault.sealing.escrows import fingerprint, for_custodian
from vault.sealing.members import unwrap_member
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import Signed
from vault.store.testimony import MemberRow
from vault.store.unit_of_work import UnitOfWork

Read = frozenset[Hashable]
Everything = dict[str, Read | None]
Named = tuple[str, str, str]  # purpose, record, fingerprint
SOME = 2  # identities that are opened each time
FORBIDDEN, ALARMS = "testimony, by who may not", "records that are not sound"


@dataclass(frozen=True)
class Readers:
    """The people of a vault with all that they hold, and with what they have seen of it before."""

    scene: Scene
    custodians: tuple[Person, ...]
    sealed: tuple[Named, ...]  # as testimonies and the case name them
    roster: Roster
    links: tuple[Link, ...] = field(repr=False)
    trusting: bool = False  # believe that what lies in a place is what was put there

    @classmethod
    def of(cls, world: World, scene: Scene) -> Readers:
        """Those of today, who have seen it as it is."""
        known = [one for one in world.truth.witnesses if not one.withdrawn and one.incident == scene.hospital]
        wanted = {b64(one.records["identity"]) for one in known[:SOME]}
        with scene.unkept() as uow:
            links = _links(_entries(uow))
            found, _ = testimonies.listing(uow, actor(V2), scene.case, DAY)
            sealed = [
                _named("identity", one.half.body["identity"]) for one in found if one.half.body["identity"]
            ]
            escrow = cases.find(uow, scene.case).escrows["testimony"]
            keys = [record for record in holdings.page(uow, "case-key", "").values() if record is not None]
            sealed += [
                _named("case-key", f"{one['record']}.{escrow}") for one in keys if fingerprint(one) == escrow
            ]
        chosen = tuple(one for one in sealed if one[0] == "case-key" or one[1] in wanted)
        return cls(scene, world.custodians, chosen, scene.roster(), links)

    def everything(self, uow: UnitOfWork) -> Everything:
        """What each of them gets, one by one; None where they are refused."""
        acts: dict[str, Callable[[UnitOfWork], Iterator[Hashable]]] = {
            "audit chain": self._audit,  # before the others: to read adds to it
            "list of members": self._rosters,
            "testimony": lambda uow: self._testimony(uow, V2),
            ALARMS: self._alarms,
            FORBIDDEN: lambda uow: self._testimony(uow, R1),
            "codes": self._counts,
            "editions": self._editions,
            "cases": self._briefs,
            "evidence": self._evidence,
            "drafts": self._drafts,
            "quotes": self._quotes,
            "statements": self._statements,
            "responses": self._responses,
            "findings": self._findings,
            "exports": self._exports,
            "last days": self._last_days,
            "public log": self._log,
            "backup keys": self._backup_keys,
            "identities": lambda uow: self._opened(uow, "identity"),
            "keys of cases": lambda uow: self._opened(uow, "case-key"),
            "sign-in": self._keys,
        }
        return {name: _read(act, uow) for name, act in acts.items()}

    def _audit(self, uow: UnitOfWork) -> Iterator[Hashable]:
        custodian, entries = self.custodians[0], _entries(uow)
        links = _links(entries)
        audits.chain(links)
        auditing.require_prefix(links, self.links)
        signed = (document_digest(one) for one in _decisions(uow))
        yield from {entry.decision for entry in entries} & set(signed)
        for entry in entries:
            yield canonical(audits.read(entry, custodian.code, custodian.secret.sealing))

    def _rosters(self, uow: UnitOfWork) -> Iterator[Hashable]:
        yield from (roster.digest for roster in verify_chain(rosters.chain(uow), self.roster))

    def _testimony(self, uow: UnitOfWork, reader: Person) -> Iterator[Hashable]:
        found, _ = testimonies.listing(uow, actor(reader), self.scene.case, DAY)
        yield from ((one.half.digest, canonical(one.half.body)) for one in found)

    def _alarms(self, uow: UnitOfWork) -> Iterator[Hashable]:
        """What readers are told lies there besides."""
        _, unsound = testimonies.listing(uow, actor(V2), self.scene.case, DAY)
        yield from range(unsound)
        case = cases.show(uow, actor(V1), self.scene.case)
        _, unsound = testimonies.halves(uow, actor(V1), case.file, "observations")
        yield from range(unsound)

    def _counts(self, uow: UnitOfWork) -> Iterator[Hashable]:
        case = cases.show(uow, actor(V1), self.scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V1), case.file, "corroboration")]
        known = vocabularies(self.scene.vault, case)
        found = corroboration.gather(uow, actor(V1), case, keys, known)
        yield from ((one.digest, repr(one)) for one in found.folded.index.packed.deposits())

    def _editions(self, uow: UnitOfWork) -> Iterator[Hashable]:
        case = cases.show(uow, actor(V1), self.scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V1), case.file, "corroboration")]
        for one in editions.history(uow, actor(V1), case):
            yield document_digest(one.document)
            yield canonical(editions.basis_of(uow, case.file, one, keys))
            yield proofs.tree_of(uow, case.file, one, keys)

    def _briefs(self, uow: UnitOfWork) -> Iterator[Hashable]:
        for reader in (R1, V1):
            case = cases.show(uow, actor(reader), self.scene.case)
            yield canonical(case.brief), repr(case.file)

    def _evidence(self, uow: UnitOfWork) -> Iterator[Hashable]:
        found = chains.of(self.scene.vault, uow, actor(V1), self.scene.case)
        for item, _ in found.names():
            chain = found.read(item)
            yield from map(canonical, chain.documents)
            shown = (
                files.preview(self.scene.vault, uow, actor(V1), self.scene.case, one)
                for one in chain.item.files
            )
            yield from ((item, picture) for picture in shown if picture)

    def _drafts(self, uow: UnitOfWork) -> Iterator[Hashable]:
        for researcher in (R1, R2):
            yield from map(repr, drafts.listing(uow, actor(researcher)))

    def _quotes(self, uow: UnitOfWork) -> Iterator[Hashable]:
        for one in quotes.listing(self.scene.vault, uow, actor(V2), self.scene.case, DAY):
            yield canonical(one.proposed.quote.to_json())
            yield from () if one.proposed.decision is None else (repr(one.proposed.decision),)

    def _statements(self, uow: UnitOfWork) -> Iterator[Hashable]:
        for one in statements.listing(uow, actor(V1), self.scene.case):
            yield canonical(one.approved.prepared.signed)
            yield from map(repr, one.approved.approvals)
        yield from (canonical(one.signed) for one in statements.every(uow))

    def _responses(self, uow: UnitOfWork) -> Iterator[Hashable]:
        found = responses.listing(self.scene.vault, uow, actor(V1), self.scene.case, DAY)
        yield from map(canonical, found.documents)

    def _findings(self, uow: UnitOfWork) -> Iterator[Hashable]:
        found = findings.read(self.scene.vault, uow, actor(V1), cases.show(uow, actor(V1), self.scene.case))
        yield from map(canonical, found.documents)

    def _exports(self, uow: UnitOfWork) -> Iterator[Hashable]:
        yield from map(repr, exports.listing(uow, actor(V1), self.scene.case, DAY))

    def _last_days(self, uow: UnitOfWork) -> Iterator[Hashable]:
        lasting = retention.of(uow, cases.find(uow, self.scene.case))
        yield from () if lasting.retention is None else (lasting.retention,)

    def _log(self, uow: UnitOfWork) -> Iterator[Hashable]:
        yield from map(repr, log.entries(uow, log.key_in(self.scene.vault.log_key).public))

    def _backup_keys(self, uow: UnitOfWork) -> Iterator[Hashable]:
        verify_chain(rosters.chain(uow), self.roster)  # as whoever opens an archive does first
        kept = backup_keys.present(uow)
        yield repr(kept.keys), *(fingerprint(kept.escrow(kind)) for kind in KINDS)  # as a backup names them

    def _opened(self, uow: UnitOfWork, purpose: str) -> Iterator[Hashable]:
        """V2 asks by what a testimony or the case names, a quorum decides, and V2's device combines."""
        chain = rosters.history(uow)
        days = Days(DAY.isoformat(), later(30).isoformat())
        assert V2.request is not None
        for _, record, sealed in (one for one in self.sealed if one[0] == purpose):
            about = {"purpose": purpose, "record": record, "requester": "V2", "reason": "to warn them"}
            lying = holdings.find(uow, purpose, [record]).get(record) if self.trusting else None
            signed, key = ask(
                {**about, "escrow": fingerprint(lying) if lying else sealed}, chain[-1], V2.request, days
            )
            found, given = requested.find(uow, signed["document"]), []
            for one in self.custodians[: chain[-1].threshold]:
                packet = {
                    "terms": signed,
                    "escrow": for_custodian(found.record, one.code),
                    "case": found.case,
                }
                given.append(decide(packet, chain, Holder(one.code, one.secret), None, days.today))
            yield record, combine(signed["document"], key, found.record, given, chain[-1])

    def _keys(self, uow: UnitOfWork) -> Iterator[Hashable]:
        for person in (R1, V1, V2):
            row = uow.testimony.get_one(MemberRow, person.code)
            wrapped = json.loads(row.wrapped)
            yield unwrap_member(wrapped, person.code, person.passphrase, person.device_key).to_bytes()


def compared(before: Everything, after: Everything) -> tuple[str, frozenset[str]]:
    """What came of it, and where: "forged" if anybody reads what was not there; or else "refused", "less", "same"."""
    added = {name for name, read in after.items() if read and not read <= (before[name] or frozenset())}
    if added - {ALARMS}:
        return "forged", frozenset(added)
    refused = {name for name, read in after.items() if read is None and before[name] is not None} | added
    if refused:
        return "refused", frozenset(refused)
    lacking = {name for name, read in after.items() if read != before[name]}
    return ("less" if lacking else "same"), frozenset(lacking)


def _read(act: Callable[[UnitOfWork], Iterator[Hashable]], uow: UnitOfWork) -> Read | None:
    try:
        counted = Counter[Hashable]()
        return frozenset(
            (one, counted.update((one,)) or counted[one]) for one in act(uow)
        )  # twice is more than once
    except VaultError:
        return None
    except (ValueError, LookupError, NoResultFound):  # no row, or a row that is no JSON: the page has a fault
        return None


def _named(purpose: str, name: str) -> Named:
    record, _, sealed = name.partition(".")
    return purpose, record, sealed


def _links(entries: list[audits.Entry]) -> tuple[Link, ...]:
    return tuple((entry.link, entry.commitment, entry.decision) for entry in entries)


def _entries(uow: UnitOfWork) -> list[audits.Entry]:
    entries = list[audits.Entry]()
    while found := audit.entries(uow, Role.CUSTODIAN, len(entries)):
        entries += found
    return entries


def _decisions(uow: UnitOfWork) -> list[Signed]:
    decisions = list[Signed]()
    while found := audit.decisions(uow, Role.CUSTODIAN, len(decisions)):
        decisions += found
    return decisions
