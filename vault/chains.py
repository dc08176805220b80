"""The custody chains of a case: one append-only log for each item of evidence (docs/FORMATS.md §19).

Whoever is on the team begins one, without any key; whoever holds the `evidence` key reads it and goes on with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from vault import cases, keyrings, ledgers
from vault import roster as rosters
from vault.cases import Case
from vault.errors import N_, Conflict, Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import items as rule
from vault.rules.access import Permission, Role, allows, require
from vault.rules.custody import File
from vault.rules.evidence import Arrival
from vault.rules.items import NEEDS, Act, Entry, Item, Said
from vault.rules.releases import Release
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, canonical, pad, parse_object, size_class, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.shredding import shreddable, unshredded
from vault.store.evidence import EvidenceRow
from vault.store.unit_of_work import UnitOfWork

GONE = N_("There is no such item of evidence in this case.")
WITHDRAWN = N_("The files of this item were destroyed at the wish of who gave it.")
_UNKNOWN = N_("An entry of the custody chain of this item says nothing that this vault knows.")
_NOBODY = N_("An entry of the custody chain of this item was written by whom it did not behove.")


_NO_WORDS = "\N{EM DASH}"  # of a release that was withdrawn


@dataclass(frozen=True)
class Chain:
    """An item's chain, verified: its signed documents, oldest first, and what they make of the item."""

    id: str
    documents: tuple[dict[str, Any], ...]
    item: Item

    def file(self, name: str) -> File:
        """One of its files, former ones too. Raises NotFound."""
        if self.item.withdrawn:
            raise NotFound(WITHDRAWN)
        if name not in self.item.files:
            raise NotFound("This item has no such file.")
        return self.item.files[name]


@dataclass(frozen=True)
class Chains:
    """All chains of a case, as whoever holds its key reads them."""

    uow: UnitOfWork
    actor: Actor
    case: Case
    known: Mapping[str, Vocabulary]
    keys: Sequence[SealingKey] = field(repr=False)

    def read(self, item: str) -> Chain:
        """Raises NotFound; Tampered for an entry that was changed, forged or exchanged, or that is missing."""
        documents = ledgers.read(self.uow, ledger(self.case.file, item), self.keys)
        if not documents:
            raise NotFound(GONE)
        return Chain(item, documents, self._item(documents))

    def names(self) -> list[tuple[str, int]]:
        """The items of the case, in no order of theirs, and how many entries lie in the chain of each."""
        of_case = EvidenceRow.case == unb64(self.case.id)
        counted = select(EvidenceRow.item, func.count()).where(of_case).group_by(EvidenceRow.item)
        return [(item, entries) for item, entries in self.uow.testimony.execute(counted)]

    def append(self, chain: Chain, said: Said, act: Act, today: date) -> str:
        """Go on with a chain; by what the entry is called. Raises Refused by role, Conflict where it cannot be said."""
        require(self.actor.role, NEEDS[act])
        try:
            rule.item([*chain.item.entries, Entry("", self.actor.code, today.isoformat(), said)])
        except Invalid as error:
            raise Conflict(error.message, error.about) from None
        content = rule.to_json(said)
        if isinstance(said, Release) and chain.item.arrival.giver is not None and chain.item.files:
            content = self._mortal(next(iter(chain.item.files)), content)
        entry = written(act, content, today)
        at = ledger(self.case.file, chain.id)
        return ledgers.name(ledgers.append(self.uow, self.actor, at, chain.documents, entry))

    def vocabulary(self, chain: Chain) -> Vocabulary:
        """By which an item's claims are read."""
        return self.known[chain.item.arrival.facts.incident]

    @cached_property
    def _versions(self) -> Mapping[int, Roster]:
        return {roster.version: roster for roster in rosters.history(self.uow)}

    def _item(self, documents: Sequence[dict[str, Any]]) -> Item:
        try:
            first = Arrival.parse(documents[0]["content"], self.known)
            vocabulary = self.known[first.facts.incident]
            entries = [self._entry(document, vocabulary) for document in documents]
        except (Invalid, KeyError, TypeError, ValueError):
            raise Tampered(_UNKNOWN) from None
        try:
            return rule.item(entries)
        except Invalid:
            raise Tampered(_NOBODY) from None

    def _entry(self, document: dict[str, Any], vocabulary: Vocabulary) -> Entry:
        """What one document says, by an author whose role lets them say it."""
        act, content, author = Act(document["act"]), document["content"], document["author"]
        if not allows(Role(self._versions[document["roster"]].member(author).role), NEEDS[act]):
            raise Tampered(_NOBODY)
        if "locked" in content:
            content = self._alive(content)
        arrives = act is Act.ARRIVAL
        said = Arrival.parse(content, self.known) if arrives else rule.from_json(act, content, vocabulary)
        day = date.fromisoformat(document["day"]).isoformat()
        return Entry(ledgers.name(document), author, day, said)

    def _mortal(self, file: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """A release whose words are destroyed with a file of its item, when the witness who gave it withdraws."""
        text = canonical(content["text"])
        locked = shreddable(self.uow, unb64(file), pad(text, size_class(len(text))))
        said = {name: value for name, value in content.items() if name != "text"}
        return {**said, "with": file, "locked": b64(locked)}

    def _alive(self, content: Mapping[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in content.items() if name not in ("with", "locked")}
        record = unb64(content["with"], 16)
        try:
            text = parse_object(unpad(unshredded(self.uow, record, unb64(content["locked"]))))
        except NotFound:
            text = {"en": _NO_WORDS}
        return {**said, "text": text}


def of(vault: Installation, uow: UnitOfWork, actor: Actor, case: str) -> Chains:
    """The chains of a case. Raises NotFound, and Refused without the `evidence` key."""
    require(actor.role, Permission.READ_EVIDENCE)
    found = cases.show(uow, actor, case)
    keys = [key for _, key in keyrings.case_keys(uow, actor, found.file, "evidence")]
    return Chains(uow, actor, found, vocabularies(vault, found), keys)


def may_read(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may read the evidence of this case."""
    return allows(actor.role, Permission.READ_EVIDENCE) and keyrings.holds(uow, actor, file, "evidence")


def vocabularies(vault: Installation, case: Case) -> dict[str, Vocabulary]:
    """The vocabulary of each incident of a case."""
    return {one["incident"]: vault.vocabularies[one["vocabulary"]] for one in case.incidents}


def written(act: Act, content: Mapping[str, Any], today: date) -> dict[str, Any]:
    """An entry, but for its place in its chain."""
    about = {"format": "witness-vault/v1/evidence", "day": today.isoformat()}
    return {**about, "act": str(act), "content": dict(content)}


def ledger(file: CaseFile, item: str) -> Ledger:
    """Which log the chain of an item is: anybody on the team begins it."""
    called = N_("the custody chain of this item")
    return Ledger(file, "evidence", "evidence", EvidenceRow, {"item": item}, first="brief", called=called)
