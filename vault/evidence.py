"""Items of evidence: handed in without any key, read and gone on with by whoever holds the case's `evidence` key.

A depositor cannot read back what they handed in. That they did leaves no audit entry: neither a member nor a day must
be tied to it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from vault import arrivals, audit, cases, chains, keyrings, ledgers, retention
from vault.arrivals import Arrived, quietly
from vault.cases import Case
from vault.chains import Chain
from vault.errors import N_, Conflict, Invalid, NotFound
from vault.files import Progress
from vault.installation import Installation
from vault.keyrings import Actor, draft_key
from vault.rules import items as rule
from vault.rules.access import Permission, require
from vault.rules.custody import LONGEST_HOW, Added, Event, FileRole
from vault.rules.evidence import Arrival, Draft, Facts, Giver
from vault.rules.fields import Fields
from vault.rules.items import NEEDS, Act
from vault.sealing import boxes
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, canonical, digest, pad, unb64, unpad, witness_tag
from vault.sealing.words import check_pseudonym
from vault.store.evidence import EvidenceRow
from vault.store.unit_of_work import UnitOfWork

_ADDED = N_("This item was added already. To say more of it, whoever holds the evidence key goes on with it.")
_GIVER = 256  # bytes
_TO = ("testimony", "corroboration")  # which keys the pseudonym and the tag of a giver are sealed to
ACTS = {
    Act.EVENT: "custody recorded",
    Act.BEARING: "evidence weighed",
    Act.AUTHENTICITY: "evidence weighed",
    Act.OPINION: "opinion recorded",
    Act.RECALL: "release recalled",
}


@dataclass(frozen=True)
class Shown:
    """An item as a member sees it; the pseudonym of a witness who gave it, for whoever reads testimony."""

    chain: Chain
    giver: str | None = field(default=None, repr=False)


def add(
    vault: Installation,
    actor: Actor,
    what: tuple[str, Mapping[str, Any]],
    today: date,
    progress: Progress = quietly,
) -> str:
    """Hand in an item of evidence of a case; its id. A second, identical attempt changes nothing.

    Raises Invalid, Refused, NotFound, Conflict; then nothing of it is in the case, and its uploads are still there.
    """
    # (1) may this actor; (2) does the draft hold, and is it not in the case yet
    with vault.store.read() as uow:
        handed = _HandedIn.read(vault, uow, actor, what, today)
        kept = handed.is_kept(uow)
    # (3) its files are read back from the disk: they are what was announced
    found = {} if kept else handed.files(vault, today, progress)
    # (4) the files belong to the case, and the chain begins
    if not kept:
        with vault.store.work() as uow:
            retention.require_kept(uow, handed.case.file)
            handed.keep(uow, found, today)
            uow.commit()
    # (5) only now are the uploads expendable, and what another attempt at the same time made of them
    draft = handed.draft
    spent = (draft.original, draft.working, *(one.file.file for one in found.values()))
    arrivals.forget(vault, actor, (handed.case.id, draft.item), spent)
    return draft.item


def add_file(vault: Installation, actor: Actor, what: tuple[str, str, Mapping[str, Any]], today: date) -> str:
    """Add a file to an item of a case, or one in the place of another: its role, the upload, how it was made. Gone on
    with after an interruption, it is there once.

    Returns by what the entry is called. Raises Refused without the evidence key, Invalid, NotFound, Tampered.
    """
    case, item, raw = what
    fields = Fields(raw, "A file of an item", ("role", "upload", "how"))
    with vault.store.read() as uow:
        require(actor.role, NEEDS[Act.FILE])
        chains.of(vault, uow, actor, case).read(item)
    role, upload, how = (
        fields.choice("role", FileRole),
        fields.text("upload", 80),
        fields.line("how", LONGEST_HOW),
    )
    arrived = arrivals.READ[role](vault, actor, (item, upload), today)
    said = Added(role, arrived.file, how)
    with vault.store.work() as uow:
        found = chains.of(vault, uow, actor, case)
        chain = found.read(item)
        name = next((entry.name for entry in chain.item.entries if entry.said == said), None)
        if name is None:
            arrived.keep(uow, found.case.file)
            name = found.append(chain, said, Act.FILE, today)
            audit.record(uow, actor.code, "evidence file added", {"case": case}, today)
            uow.commit()
    arrivals.forget(vault, actor, (case, item), (upload,))
    return name


def act(
    vault: Installation,
    uow: UnitOfWork,
    actor: Actor,
    what: tuple[str, str, Act, Mapping[str, Any]],
    today: date,
) -> str:
    """Go on with the chain of an item of a case: an event, what it bears on, whether it is authentic, an opinion, a
    recall. Returns by what the entry is called.

    Raises Refused without the evidence key or by role, Invalid, NotFound, Conflict, Tampered.
    """
    case, item, kind, raw = what
    if kind not in ACTS:
        raise Invalid("Write down an event, a bearing, an assessment, an opinion or a recall.")
    found = chains.of(vault, uow, actor, case)
    chain = found.read(item)
    said = Event.typed(raw) if kind is Act.EVENT else rule.from_json(kind, raw, found.vocabulary(chain))
    if isinstance(said, Event):
        _require_past(said, today)
    name = found.append(chain, said, kind, today)
    audit.record(uow, actor.code, ACTS[kind], {"case": case}, today)
    return name


def show(vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date) -> Shown:
    """An item of a case, its chain verified. One audit entry.

    Raises Refused without the evidence key, NotFound, Tampered.
    """
    case, item = place
    found = chains.of(vault, uow, actor, case)
    chain = found.read(item)
    audit.record(uow, actor.code, "evidence read", {"case": case}, today)
    return Shown(chain, giver(uow, actor, found.case.file, chain))


def opened_tag(uow: UnitOfWork, actor: Actor, file: CaseFile, chain: Chain) -> str | None:
    """The tag of the witness who gave an item; None where none did. Raises Refused without the key, Tampered."""
    giver = chain.item.arrival.giver
    return None if giver is None else _unsealed(uow, actor, file, (chain.id, _TO[1], giver.tag))


@dataclass(frozen=True)
class _HandedIn:
    """A draft of an item, and whose it is."""

    actor: Actor
    case: Case
    draft: Draft
    receipt: bytes

    @classmethod
    def read(
        cls,
        vault: Installation,
        uow: UnitOfWork,
        actor: Actor,
        what: tuple[str, Mapping[str, Any]],
        today: date,
    ) -> _HandedIn:
        """Raises Refused, NotFound, Invalid."""
        require(actor.role, Permission.ADD_EVIDENCE)
        name, raw = what
        case = cases.show(uow, actor, name)
        draft = Draft.parse(raw, chains.vocabularies(vault, case))
        unb64(draft.item, 16)
        for event in draft.facts.events:
            _require_past(event, today)
        if draft.giver is not None:
            draft = replace(draft, giver=check_pseudonym(draft.giver, "giver"))
        # By it a second attempt is known to be the same. To whom the depositor's key is not known it says nothing.
        receipt = digest("receipt", draft_key(actor.keys) + canonical({"case": name, "raw": dict(raw)}))
        return cls(actor, case, draft, receipt)

    def is_kept(self, uow: UnitOfWork) -> bool:
        """Whether this very item is in the case. Raises Conflict where another one of its id is."""
        row = uow.testimony.get(EvidenceRow, (unb64(self.case.id), self.draft.item, 1))
        if row is not None and not hmac.compare_digest(row.receipt or b"", self.receipt):
            raise Conflict(_ADDED)
        return row is not None

    def files(self, vault: Installation, today: date, progress: Progress) -> dict[FileRole, Arrived]:
        """Its files, read back; of a picture that has no working copy, with one. None once another attempt, at the
        same time, has let the uploads go. Raises NotFound where they were given up."""
        try:
            return self._files(vault, today, progress)
        except NotFound:
            with vault.store.read() as uow:
                if self.is_kept(uow):
                    return {}
            raise

    def _files(self, vault: Installation, today: date, progress: Progress) -> dict[FileRole, Arrived]:
        item, found = self.draft.item, dict[FileRole, Arrived]()
        for role, name in zip(FileRole, (self.draft.original, self.draft.working), strict=True):
            if name is not None:
                found[role] = arrivals.READ[role](vault, self.actor, (item, name), today, progress)
        if self.draft.original is not None and self.draft.working is None:
            copy = arrivals.copied(vault, self.actor, (item, self.draft.original), today)
            found |= {FileRole.WORKING: copy} if copy else {}
        return found

    def keep(self, uow: UnitOfWork, found: Mapping[FileRole, Arrived], today: date) -> None:
        """Begin the chain."""
        if self.is_kept(uow):
            return
        file, item = self.case.file, self.draft.item
        for arrived in found.values():
            arrived.keep(uow, file)
        original, working = (found[role].file if role in found else None for role in FileRole)
        arrival = Arrival(self._facts(found), self._giver(), original, working)
        entry = chains.written(Act.ARRIVAL, arrival.to_json(), today)
        ledgers.append(uow, self.actor, chains.ledger(file, item), (), entry)
        row = uow.testimony.get_one(EvidenceRow, (unb64(file.id), item, 1))
        row.receipt = self.receipt
        uow.testimony.flush()

    def _facts(self, found: Mapping[FileRole, Arrived]) -> Facts:
        """What is said of it. A working copy that was drawn anew is called otherwise than its upload."""
        named = zip(FileRole, (self.draft.original, self.draft.working), strict=True)
        now: dict[str | None, str] = {name: found[role].file.file for role, name in named if name}
        events = (replace(event, file=now.get(event.file)) for event in self.draft.facts.events)
        return replace(self.draft.facts, events=tuple(events))

    def _giver(self) -> Giver | None:
        """Who gave it, each half to its own key: whoever holds the evidence key learns that a witness did, not who."""
        if self.draft.giver is None:
            return None
        file = self.case.file
        said = (self.draft.giver, witness_tag(file.id, self.draft.giver))
        sealed = [
            boxes.seal(file.keys[key], _about(file, self.draft.item, key), pad(text.encode(), _GIVER))
            for key, text in zip(_TO, said, strict=True)
        ]
        return Giver(*map(b64, sealed))


def giver(uow: UnitOfWork, actor: Actor, file: CaseFile, chain: Chain) -> str | None:
    """The pseudonym of the witness who gave an item, for whoever reads testimony. Raises Tampered."""
    gave = chain.item.arrival.giver
    if gave is None or not keyrings.holds(uow, actor, file, _TO[0]):
        return None
    return _unsealed(uow, actor, file, (chain.id, _TO[0], gave.pseudonym))


def _unsealed(uow: UnitOfWork, actor: Actor, file: CaseFile, what: tuple[str, str, str]) -> str:
    item, key, box = what
    keys = [found for _, found in keyrings.case_keys(uow, actor, file, key)]
    return unpad(boxes.unseal_with(keys, _about(file, item, key), unb64(box))).decode()


def _about(file: CaseFile, item: str, key: str) -> tuple[str, dict[str, str]]:
    return "giver", {"vault": file.vault, "case": file.id, "item": item, "key": key}


def _require_past(event: Event, today: date) -> None:
    if event.day > today:
        raise Invalid("Give a day that has been.", "day")
