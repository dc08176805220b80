"""What the accused says, what they were asked, what came back: one append-only log for each case (FORMATS §20).

Each entry is signed, names the one before it, and is sealed to the case's editions key: whoever reads the figures reads
what they answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import audit, cases, keyrings, ledgers
from vault.cases import Case
from vault.errors import N_, Conflict, Invalid, Tampered
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import responses as rule
from vault.rules.access import Permission, require
from vault.rules.points import Response
from vault.rules.responses import Act, Entry, Said, Standing
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile
from vault.store.evidence import ResponseRow
from vault.store.unit_of_work import UnitOfWork

_ACTS = {
    Act.RESPONSE: "response recorded",
    Act.APPROACH: "approach recorded",
    Act.RETURN: "return recorded",
}


@dataclass(frozen=True)
class Log:
    """A case's log, verified: the signed documents, oldest first, and what they say."""

    documents: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]

    @cached_property
    def standing(self) -> Standing:
        """What of it stands. Raises Tampered for a log that no vault would have written."""
        try:
            return rule.standing(self.entries)
        except Invalid:
            raise Tampered("An entry of what the accused said names another that is not there.") from None

    def to_json(self) -> dict[str, Any]:
        """Every entry with its name, day and author, oldest first, and the conflicts of what stands."""
        found = rule.conflicts(self.standing.responses)
        entries = [
            {name: document[name] for name in ("day", "author", "act", "content")}
            for document in self.documents
        ]
        return {
            "entries": [{"name": one.name, **said} for one, said in zip(self.entries, entries, strict=True)],
            "conflicts": [
                {"claim": one.claim.to_json(), "points": [one.one._asdict(), one.other._asdict()]}
                for one in found
            ],
        }


def record(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> str:
    """Write down a response; by what it is called. Raises Invalid, also for a later day; Refused without the key."""
    return _add(vault, uow, actor, (*what, Act.RESPONSE), today)


def approach(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> str:
    """Write down that they were asked; by what the approach is called. Raises Invalid, Refused."""
    return _add(vault, uow, actor, (*what, Act.APPROACH), today)


def returned(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> str:
    """Write down what came back on an approach. Raises Invalid, Refused; Conflict where there is no such approach."""
    return _add(vault, uow, actor, (*what, Act.RETURN), today)


def listing(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> Log:
    """Everything that was written down in a case. One audit entry. Raises Refused without the editions key."""
    require(actor.role, Permission.READ_EDITION)
    log = read(vault, uow, actor, cases.show(uow, actor, case))
    audit.record(uow, actor.code, "responses read", {"case": case}, today)
    return log


def read(vault: Installation, uow: UnitOfWork, actor: Actor, case: Case) -> Log:
    """The log of a case, for whoever weighs or answers what it says. Raises Refused without the key, Tampered."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "editions")]
    documents = ledgers.read(uow, _ledger(case.file), keys)
    known = vocabularies(vault, case)
    return Log(documents, tuple(_entry(document, known) for document in documents))


def _add(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any], Act], today: date
) -> str:
    # (1) may this actor
    require(actor.role, Permission.ASSESS)
    name, raw, act = what
    case = cases.show(uow, actor, name)
    log = read(vault, uow, actor, case)
    # (2) does it say what such an entry says, of a day that has been
    said = rule.from_json(act, raw, vocabularies(vault, case))
    _require_past(said, today)
    # (3) does what it names stand
    try:
        rule.standing([*log.entries, Entry("", actor.code, said)])
    except Invalid as error:
        raise Conflict(error.message, error.about) from None
    # (4) keep and tell
    entry = {
        "format": "witness-vault/v1/response",
        "day": today.isoformat(),
        "act": str(act),
        "content": said.to_json(),
    }
    written = ledgers.append(uow, actor, _ledger(case.file), log.documents, entry)
    audit.record(uow, actor.code, _ACTS[act], {"case": name}, today)
    return ledgers.name(written)


def _require_past(said: Said, today: date) -> None:
    if isinstance(said, Response):
        if said.said > today.isoformat():
            raise Invalid("Give a day that has been.", "said")
    elif said.day > today.isoformat():
        raise Invalid("Give a day that has been.", "day")


def _entry(document: dict[str, Any], known: Mapping[str, Vocabulary]) -> Entry:
    try:
        said = rule.from_json(document["act"], document["content"], known)
    except (Invalid, KeyError):
        place = document["position"]
        raise Tampered(
            "Entry %(place)d of what the accused said says nothing that this vault knows.", place=place
        ) from None
    return Entry(ledgers.name(document), document["author"], said)


def _ledger(file: CaseFile) -> Ledger:
    return Ledger(file, "response", "editions", ResponseRow, called=N_("what the accused said"))
