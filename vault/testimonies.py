"""Reading what was deposited: for readers, who were granted a case's testimony key, and for cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from vault import audit, cases, keyrings
from vault import roster as rosters
from vault.errors import Invalid, NotFound, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.accounts import Deposited
from vault.rules.codings import LONGEST_NOTE, MOST_INCIDENTS, Recoding, standing
from vault.rules.consent import Consent, Reading, names_nothing, present, reading
from vault.rules.drafts import (
    LONGEST_REASON,
    LONGEST_TESTIMONY,
    InterviewFacts,
    Kind,
)
from vault.rules.fields import Fields
from vault.rules.said import MOST_OBSERVATIONS, Said
from vault.sealing import deposits
from vault.sealing.casefiles import CaseFile, KeyVersion
from vault.sealing.deposits import Half, Place, Root
from vault.sealing.digests import Document, Json, b64, unb64
from vault.shredding import unshredded
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import UnitOfWork

_BODY = (
    *("format", "nonce", "pseudonym", "kind", "reason"),
    *("consent", "interview", "testimony", "identity", "said", "withdrawal"),
)
_LINE = 200
KEYS = {"testimony": "testimony", "observations": "corroboration"}  # which key each half is sealed to


@dataclass(frozen=True)
class Again:
    """That a testimony was coded a second time, as its readers see it: what was coded lies with the codes."""

    coder: str
    digest: str
    incidents: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Testimony:
    """One deposit as a reader sees it: with what is allowed of it now, and the second codings of it that stand."""

    record: str
    half: Half
    allowed: Consent
    superseded: bool
    again: tuple[Again, ...] = ()
    astray: bool = False  # it names a deposit that is not there

    @property
    def reading(self) -> Reading:
        """Whether its words may be read. How a witness said that they changed their mind is always read."""
        return Reading.ALLOWED if self.half.body["kind"] == Kind.CONSENT else reading(self.allowed)

    @property
    def witness(self) -> str:
        """The pseudonym."""
        return str(self.half.body["pseudonym"])

    @property
    def is_interview(self) -> bool:
        """Whether it says anything of what happened, and does not only change what is allowed."""
        return bool(self.half.statement["kind"] != Kind.CONSENT)

    @property
    def root(self) -> Root | None:
        """By what it is withdrawn. A change of consent is not, nor, by its reader, what an earlier version took in.

        Raises Tampered where it names another deposit's.
        """
        token = self.half.body.get("withdrawal")
        if token is None or not self.is_interview:
            return None
        root = Root(unb64(token, 32))
        if b64(root.record("testimony")) != self.record:
            raise Tampered("A testimony names another one's withdrawal. Tell a custodian.")
        return root


def listing(uow: UnitOfWork, actor: Actor, case: str, today: date) -> tuple[list[Testimony], int]:
    """Everything deposited in a case, by interview date, for a reader; and how many records are not sound."""
    require(actor.role, Permission.READ_TESTIMONY)
    result = _read(uow, actor, case)
    audit.record(uow, actor.code, "testimonies listed", {"case": case}, today)
    return result


def show(uow: UnitOfWork, actor: Actor, case: str, record: str, today: date) -> Testimony:
    """One testimony, for a reader; without its words where the witness no longer allows a record of them.

    Raises NotFound, Refused without the testimony key.
    """
    require(actor.role, Permission.READ_TESTIMONY)
    found, _ = _read(uow, actor, case)
    for one in found:
        if one.record == record:
            audit.record(uow, actor.code, "testimony read", {"case": case}, today)
            return _withheld(one) if one.reading is Reading.REFUSED else one
    raise NotFound("There is no such testimony in this case.")


def of_witness(uow: UnitOfWork, actor: Actor, case: str, record: str) -> tuple[Testimony, list[Testimony]]:
    """One testimony, and every interview of its witness in the case, to act on and not to show: without an audit entry.

    Raises NotFound, Refused without the testimony key.
    """
    require(actor.role, Permission.READ_TESTIMONY)
    found, _ = _read(uow, actor, case)
    for one in found:
        if one.record == record:
            return one, [other for other in found if other.is_interview and other.witness == one.witness]
    raise NotFound("There is no such testimony in this case.")


def everything(uow: UnitOfWork, actor: Actor, case: str) -> tuple[list[Testimony], int]:
    """Everything deposited in a case, to act on and not to show, and how many records are not sound: without an audit
    entry. Raises NotFound, Refused without the testimony key."""
    require(actor.role, Permission.READ_TESTIMONY)
    return _read(uow, actor, case)


def by_receipt(uow: UnitOfWork, actor: Actor, case: str, digest: str) -> Testimony:
    """The testimony of this receipt digest, to check against and not to show: without an audit entry.

    Raises NotFound, Refused without the testimony key.
    """
    require(actor.role, Permission.READ_TESTIMONY)
    for one in _read(uow, actor, case)[0]:
        if one.half.digest == digest:
            return one
    raise NotFound(
        "No testimony of this case has this receipt: copy the whole of it from the testimony's page."
    )


def digests(uow: UnitOfWork, actor: Actor, case: str) -> frozenset[str]:
    """The receipt digests of what is there, without an audit entry. Raises Refused without the testimony key."""
    require(actor.role, Permission.READ_TESTIMONY)
    return frozenset(one.half.digest for one in _read(uow, actor, case)[0])


def sealed_frames(uow: UnitOfWork, case: str, half: str) -> dict[bytes, bytes]:
    """The sealed frames of one half of every deposit of a case, by record; without those whose key was destroyed."""
    rows = uow.testimony.scalars(
        select(SlotRow).where(SlotRow.case == unb64(case), SlotRow.half == half, SlotRow.taken.is_(True))
    )
    frames = {}
    for row in rows:
        try:
            frames[row.record] = unshredded(uow, row.record, row.content)
        except NotFound:
            continue
        except Tampered:  # passed on as it lies: it opens with no key, and must not stop all counting
            frames[row.record] = row.content
    return frames


def verify(uow: UnitOfWork, file: CaseFile, opened: Json, half: str) -> Half:
    """The half, if a member listed in the roster version that it names signed it for this case: a researcher, or of a
    second coding, and of a change of consent that replaces nothing, a reader. Raises Tampered."""
    return verifier(uow, file, half)(opened)


def verifier(uow: UnitOfWork, file: CaseFile, half: str) -> Callable[[Json], Half]:
    """`verify` for many halves."""
    versions = {roster.version: roster for roster in rosters.history(uow)}

    def key_of(said: Document) -> bytes:
        member, kind = versions[said["roster"]].member(said["depositor"]), said["kind"]
        reads = file.has_promised(member.code, "testimony")
        logs = member.role == "researcher" and file.has_promised(member.code, "brief")
        if kind == deposits.SECOND_CODING and not reads:
            raise Tampered("A second coding is signed by somebody who never read this case's testimony.")
        # Of itself a change only ever refuses: whoever reads the words may make one, but replace no other.
        narrows = kind == Kind.CONSENT and said["supersedes"] is None
        if kind != deposits.SECOND_CODING and not logs and not (narrows and reads):
            raise Tampered("A deposit is signed by somebody who is no researcher of this case.")
        return member.signing

    about = {"vault": file.vault, "case": file.id}
    return lambda opened: deposits.verify_half(opened, half, about, key_of)


def place(file: CaseFile, name: KeyVersion) -> Place:
    """Where what is sealed to a version of one of a case's keys belongs."""
    return Place(file.vault, file.id, *name)


def halves(uow: UnitOfWork, actor: Actor, file: CaseFile, half: str) -> tuple[dict[bytes, Json], int]:
    """One half of every deposit of a case, unsealed but not verified; and how many frames say nothing sound.

    Raises Refused unless the actor holds every version of the key.
    """
    keys = [(place(file, name), key) for name, key in keyrings.case_keys(uow, actor, file, KEYS[half])]
    return deposits.unseal_halves(sealed_frames(uow, file.id, half), keys)


def _read(uow: UnitOfWork, actor: Actor, case: str) -> tuple[list[Testimony], int]:
    file = cases.show(uow, actor, case).file
    opened_halves, unsound = halves(uow, actor, file, "testimony")
    read: list[tuple[str, Half]] = []
    codings: list[Half] = []
    for record, opened in opened_halves.items():
        try:
            half = verify(uow, file, opened, "testimony")
            if half.statement["kind"] == deposits.SECOND_CODING:
                _check_coding(half)
                codings.append(half)
                continue
            _check_body(half)
            read.append((b64(record), half))
        except (Tampered, Invalid):
            unsound += 1
    stated = [_stated(half) for _, half in read]
    by_digest = {one.digest: one for one in stated}
    allowed = {one.digest: one.consent for one in stated} | present(stated)
    replaced = {(one.supersedes, one.witness, one.changes_consent) for one in stated}
    again = _again(codings, {half.digest: half.statement["depositor"] for _, half in read})
    found = [
        Testimony(
            record,
            half,
            allowed[one.digest],
            (one.digest, one.witness, one.changes_consent) in replaced,
            tuple(again.get(one.digest, ())),
            names_nothing(one, by_digest),
        )
        for (record, half), one in zip(read, stated, strict=True)
    ]
    return sorted(found, key=lambda one: (one.half.body["interview"]["date"], one.record)), unsound


def _withheld(one: Testimony) -> Testimony:
    body = {**one.half.body, "testimony": "", "reason": "", "said": []}
    return replace(one, half=replace(one.half, body=body), again=())


def _stated(half: Half) -> Deposited:
    """What matters of a deposit for what is allowed, and for what stands; the witness by their pseudonym."""
    witness, consent = half.body["pseudonym"], Consent.parse(half.body["consent"])
    changes = half.statement["kind"] == Kind.CONSENT
    return Deposited(
        half.digest, half.statement["supersedes"], witness, consent, (), (), changes_consent=changes
    )


def _again(halves: list[Half], coded: dict[str, str]) -> dict[str, list[Again]]:
    """The second codings that stand, by the deposit that was coded; `coded` names the depositor of each."""
    bodies = {half.digest: half.body for half in halves}
    recodings = {
        Recoding(said["codes"], said["depositor"], frozenset(), (), half.digest, said["supersedes"])
        for half in halves
        for said in (half.statement,)
    }
    found: dict[str, list[Again]] = {}
    for one in sorted(standing(recodings, coded)[0], key=lambda one: (one.coder, one.digest)):
        body = bodies[one.digest]
        again = Again(one.coder, one.digest, tuple(body["incidents"]), body["note"])
        found.setdefault(one.deposit, []).append(again)
    return found


def _check_coding(half: Half) -> None:
    fields = Fields(half.body, "A second coding", ("format", "nonce", "incidents", "note", "said"))
    fields.distinct("incidents", MOST_INCIDENTS), fields.text("note", LONGEST_NOTE)
    _check_said(fields)


def _check_body(half: Half) -> None:
    """Raises Invalid unless the body is whole: a signature proves who wrote it, not that it is well-formed."""
    fields = Fields(half.body, "A deposit", _BODY)
    fields.text("pseudonym", _LINE), fields.choice("kind", Kind)
    fields.text("reason", LONGEST_REASON), fields.text("testimony", LONGEST_TESTIMONY)
    Consent.parse(fields.value("consent")), InterviewFacts.from_json(fields.value("interview"))
    _check_said(fields)
    if "withdrawal" in fields:
        unb64(fields.text("withdrawal", _LINE), 32)


def _check_said(fields: Fields) -> None:
    for said in fields.items("said", MOST_OBSERVATIONS):
        Said.from_json(said)
