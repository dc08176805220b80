"""Counting: cutting an edition of a case, and reading one. What counts is decided in `rules`, and only there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select

from vault import audit, cases, keyrings, testimonies
from vault import roster as rosters
from vault.cases import Case
from vault.errors import Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.rules import accounts, editions, independence
from vault.rules.access import Permission, require
from vault.rules.accounts import Deposited, Resolved
from vault.rules.consent import Consent
from vault.rules.editions import IncidentState, Status
from vault.rules.observations import Observation
from vault.rules.vocabulary import Vocabulary
from vault.sealing import boxes, deposits
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import half_hash
from vault.sealing.digests import (
    Document,
    b64,
    canonical,
    digest,
    document_digest,
    pad,
    parse_object,
    size_class,
    unb64,
    unpad,
)
from vault.sealing.keypairs import SealingKey
from vault.sealing.signatures import read_by, sign
from vault.store.testimony import EditionRow
from vault.store.unit_of_work import UnitOfWork

NOT_CHECKED = "not done"


@dataclass(frozen=True)
class Edition:
    """A frozen, signed tabulation of a case."""

    document: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.document["number"])

    def incident(self, name: str) -> dict[str, Any]:
        """What it says of one incident. Raises NotFound for one that it does not know yet."""
        for entry in self.document["incidents"]:
            if entry["incident"] == name:
                return dict(entry)
        raise NotFound("This edition is older than the incident: it will be in the next one.")

    def table(self, name: str) -> dict[str, Any]:
        """The corroboration table of one incident as data (docs/FORMATS.md §8.1)."""
        entry = self.incident(name)
        table = {"edition": self.number, "incident": name, "claims": entry["claims"]}
        if entry["status"] != Status.COUNTED:
            table["status"] = entry["status"]
        if entry["status"] == Status.CARRIED:
            table["figures"] = entry["figures"]
        return table


@dataclass(frozen=True)
class Shelf:
    """The editions of a case that exist, newest first, and the next cutting day (None: today)."""

    cuts: tuple[tuple[int, str], ...]
    next_day: date | None


def cut(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> int:
    """Cut the next edition; its number. Raises Refused before the cutting day or without the keys."""
    # (1) may this actor, and is it a cutting day
    require(actor.role, Permission.CUT_EDITION)
    found = cases.show(uow, actor, case)
    key = keyrings.case_key(uow, actor, found.file, "corroboration")
    days = [date.fromisoformat(day) for _, day in _cuts(uow, case)]
    editions.require_cutting_day(days, vault.cut_every_days, today)
    # (2) what was deposited, and (3) what of it counts: signatures, corrections, consent
    known, number = vocabularies(vault, found), len(days) + 1
    resolved, unsigned = _resolve(uow, found, key, known)
    # (4) count, and (5) let the batch rule decide which figures may be shown
    before = _before(uow, actor, found, key, number - 1)
    states = {
        name: editions.decide(before.states.get(name), _hashes(resolved, name), number) for name in known
    }
    # (6) freeze: signed by whoever cut, sealed to those who may read, the basis to those who may cut
    basis = {
        "format": "witness-vault/v1/basis",
        "nonce": b64(secrets.token_bytes(16)),
        "incidents": {name: dict(state.basis) for name, state in states.items()},
    }
    document: dict[str, Any] = {
        "format": "witness-vault/v1/edition",
        "vault": found.file.vault,
        "case": case,
        "number": number,
        "day": today.isoformat(),
        "previous": before.digest,
        "cutter": actor.code,
        "roster": rosters.current(uow).version,
        "incidents": [
            _entry(name, state, before, partial(_count, name, resolved, known[name]), today)
            for name, state in states.items()
        ],
        "set_aside": {
            "unsigned": unsigned,
            "repeated": resolved.repeated,
            "misdirected": resolved.misdirected,
        },
        "basis": half_hash(basis),
    }
    signed = sign(document, actor.code, actor.keys.signing)
    about = _place(found.file, number)
    sealed = _seal(found.file.keys["editions"], ("edition", about), signed)
    sealed_basis = _seal(found.file.keys["corroboration"], ("basis", about), basis)
    uow.testimony.add(
        EditionRow(case=unb64(case), number=number, day=today.isoformat(), sealed=sealed, basis=sealed_basis)
    )
    # (7) who cut, for the custodians
    audit.record(uow, actor.code, "edition cut", {"case": case, "edition": number}, today)
    return number


def shelf(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> Shelf:
    """Which editions there are, for whoever may read them."""
    require(actor.role, Permission.READ_EDITION)
    cases.require_key(uow, actor, case, "editions")
    cuts = _cuts(uow, case)
    days = [date.fromisoformat(day) for _, day in cuts]
    free = editions.is_cutting_day(days, vault.cut_every_days, today)
    following = None if free else editions.next_cutting_day(days[0], vault.cut_every_days, days[-1])
    return Shelf(tuple(reversed(cuts)), following)


def read(uow: UnitOfWork, actor: Actor, case: str, number: int, today: date) -> Edition:
    """One edition, verified. Raises NotFound, Refused without the editions key, Tampered. Reading is audited."""
    require(actor.role, Permission.READ_EDITION)
    found = cases.show(uow, actor, case)
    edition = _open(uow, actor, found, number)
    audit.record(uow, actor.code, "edition read", {"case": case, "edition": number}, today)
    return edition


def newest(uow: UnitOfWork, actor: Actor, case: str) -> Edition | None:
    """The newest edition, or None before the first; only to say which incidents it knows."""
    require(actor.role, Permission.READ_EDITION)
    found = cases.show(uow, actor, case)
    cuts = _cuts(uow, case)
    return _open(uow, actor, found, cuts[-1][0]) if cuts else None


@dataclass(frozen=True)
class _Before:
    """What the previous edition leaves to the next."""

    digest: str | None
    states: Mapping[str, IncidentState]
    figures: Mapping[int, Edition]


def _resolve(
    uow: UnitOfWork, case: Case, key: SealingKey, known: Mapping[str, Vocabulary]
) -> tuple[Resolved, int]:
    frames = testimonies.sealed_frames(uow, case.id, "observations")
    halves, unsound = deposits.unseal_halves(frames, key, testimonies.place(case.file, "corroboration"))
    handed_in = []
    for opened in halves.values():
        try:
            half = testimonies.verify(uow, case.file, opened, "observations")
            handed_in.append(
                Deposited(
                    digest=half.digest,
                    supersedes=half.statement["supersedes"],
                    witness=half.body["witness"],
                    consent=Consent.parse(half.body["consent"]),
                    together_with=tuple(half.body["together_with"]),
                    observations=tuple(
                        Observation.from_json(said, known) for said in half.body["observations"]
                    ),
                )
            )
        except (Tampered, Invalid):
            unsound += 1
    return accounts.resolve(handed_in), unsound


def _before(uow: UnitOfWork, actor: Actor, case: Case, key: SealingKey, number: int) -> _Before:
    if number == 0:
        return _Before(None, {}, {})
    last = _open(uow, actor, case, number)
    row = _row(uow, case.id, number)
    basis = parse_object(unpad(boxes.unseal(key, ("basis", _place(case.file, number)), row.basis)))
    if half_hash(basis) != last.document["basis"]:
        raise Tampered("The basis of the last edition is not the one that was signed.")
    states = {
        entry["incident"]: IncidentState(
            Status(entry["status"]), entry["figures"], basis["incidents"][entry["incident"]]
        )
        for entry in last.document["incidents"]
    }
    needed = {state.figures for state in states.values() if state.figures is not None}
    return _Before(
        b64(document_digest(last.document)), states, {n: _open(uow, actor, case, n) for n in needed}
    )


def _count(name: str, resolved: Resolved, vocabulary: Vocabulary) -> list[dict[str, object]]:
    rows = independence.count(resolved.accounts.get(name, ()), resolved.links, vocabulary)
    return [row.to_json() for row in rows]


def _entry(
    name: str,
    state: IncidentState,
    before: _Before,
    count: Callable[[], list[dict[str, object]]],
    today: date,
) -> dict[str, Any]:
    month, claims = None, None
    if state.status is Status.COUNTED:
        month, claims = today.isoformat()[:7], count()
    elif state.status is Status.CARRIED and state.figures is not None:
        old = before.figures[state.figures].incident(name)
        month, claims = old["month"], old["claims"]
    return {
        "incident": name,
        "status": state.status.value,
        "figures": state.figures,
        "month": month,
        "same_person": NOT_CHECKED,
        "claims": claims,
    }


def _hashes(resolved: Resolved, incident: str) -> dict[str, str]:
    persons = resolved.persons(incident)
    return {witness: b64(digest("half", canonical(account))) for witness, account in persons.items()}


def _open(uow: UnitOfWork, actor: Actor, case: Case, number: int) -> Edition:
    key = keyrings.case_key(uow, actor, case.file, "editions")
    row = _row(uow, case.id, number)
    signed = parse_object(unpad(boxes.unseal(key, ("edition", _place(case.file, number)), row.sealed)))
    try:
        cutter = signed["document"]["cutter"]
        versions = {roster.version: roster for roster in rosters.history(uow)}
        member = versions[signed["document"]["roster"]].member(cutter)
        document = read_by(signed, "edition", cutter, member.signing)
    except KeyError:
        raise Tampered("This edition is not signed by a reviewer of this vault.") from None
    if member.role != "reviewer" or (document["case"], document["number"]) != (case.id, number):
        raise Tampered("This edition is not signed by a reviewer of this vault.")
    return Edition(document)


def _row(uow: UnitOfWork, case: str, number: int) -> EditionRow:
    row = uow.testimony.get(EditionRow, (unb64(case), number))
    if row is None:
        raise NotFound("There is no such edition.")
    return row


def _cuts(uow: UnitOfWork, case: str) -> list[tuple[int, str]]:
    found = (
        select(EditionRow.number, EditionRow.day)
        .where(EditionRow.case == unb64(case))
        .order_by(EditionRow.number)
    )
    return [(number, day) for number, day in uow.testimony.execute(found)]


def _seal(public: bytes, about: tuple[str, Document], content: Document) -> bytes:
    data = canonical(content)
    return boxes.seal(public, about, pad(data, size_class(len(data))))


def _place(file: CaseFile, number: int) -> dict[str, Any]:
    return {"vault": file.vault, "case": file.id, "number": number}
