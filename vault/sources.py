"""The accounts behind an edition's figures, for whoever may assess them; named by labels of that edition alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import audit, cases, corroboration, editions, keyrings
from vault.cases import Case
from vault.editions import Edition
from vault.errors import NotFound
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.accounts import Resolved, resolve
from vault.rules.assessments import Contacts, Exclusion, Moved, Pool, Standing
from vault.rules.credibility import Rating, confirms
from vault.rules.dependence import Edge, LinkKind, Settlement
from vault.rules.independence import Standing as Claim
from vault.rules.independence import standings
from vault.rules.observations import Observation
from vault.rules.vocabulary import Value, Vocabulary, value_to_json
from vault.sealing.digests import canonical, digest, document_digest
from vault.sealing.keypairs import SealingKey
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Link:
    """Two accounts that depend on each other in one way; of an account and its origin, also the claim."""

    kind: LinkKind
    one: str
    other: str
    about: tuple[str, str] | None = None


@dataclass(frozen=True)
class Source:
    """One account: what it says and how each is graded; None where it is no longer as the edition counted it."""

    witness: str
    rating: Rating
    said: tuple[tuple[Observation, str], ...] | None


@dataclass(frozen=True)
class Sources:
    """The accounts of one incident in the order of their labels, the links among them, and what was moved so far."""

    edition: Edition
    incident: str
    sources: tuple[Source, ...]
    links: tuple[Link, ...]
    standing: Standing

    @cached_property
    def labels(self) -> Mapping[str, int]:
        """The number of each account, in this edition alone."""
        return {source.witness: place for place, source in enumerate(self.sources, 1)}

    @property
    def figures(self) -> int:
        """The edition that counted these figures; 0: none did."""
        return self.edition.counted_in(self.incident)

    @property
    def motions(self) -> list[Moved]:
        """What was moved on this incident or on its accounts, newest first."""
        return [one for one in reversed(self.standing.moved.values()) if self._concerns(one)]

    def _concerns(self, moved: Moved) -> bool:
        about = moved.motion.about
        if isinstance(about, Exclusion | Pool | Contacts):
            return about.incident == self.incident
        elsewhere = about.about is not None and about.about[0] != self.incident
        return not elsewhere and bool({about.one, about.other} & self.labels.keys())

    def to_json(self) -> dict[str, Any]:
        """As FORMATS 8.3 has it: accounts by their numbers, and null for one that stands behind no figure here."""
        return {
            "edition": self.edition.number,
            "accounts": [self._account(source) for source in self.sources],
            "links": [{"kind": str(link.kind), **self._pair(link)} for link in self.links],
            "motions": [self._motion(moved) for moved in self.motions],
        }

    def _account(self, source: Source) -> dict[str, Any]:
        said = source.said and [
            {
                "subject": one.subject,
                "value": value_to_json(one.value),
                "perception": sorted(one.perception),
                "modality": str(one.modality),
                "grade": grade,
            }
            for one, grade in source.said
        ]
        return {"account": self.labels[source.witness], "grade": source.rating.grade(False), "said": said}

    def _pair(self, link: Link | Settlement) -> dict[str, Any]:
        numbers = [self.labels.get(link.one), self.labels.get(link.other)]
        return {"accounts": numbers, "subject": link.about[1] if link.about else None}

    def _motion(self, moved: Moved) -> dict[str, Any]:
        about, decision = moved.motion.about, moved.decision
        if isinstance(about, Exclusion):
            moves: dict[str, Any] = {"account": self.labels.get(about.witness), "excluded": about.why}
        elif isinstance(about, Pool):
            moves = {"subject": about.subject, "band": str(about.band)}
        elif isinstance(about, Contacts):
            moves = {"contacts": about.tally, "lately": about.lately}
        else:
            moves = {"kind": str(about.kind), **self._pair(about), "dependent": about.dependent}
        taken = decision and {"author": moved.decider, "upheld": decision.upheld, "reason": decision.reason}
        said = {"author": moved.author, "reason": moved.motion.reason, "decision": taken}
        return {"motion": moved.name, **moves, **said}


def witnesses(
    uow: UnitOfWork, actor: Actor, case: Case, number: int, incident: str
) -> tuple[Edition, dict[str, str], tuple[SealingKey, ...]]:
    """An edition, the accounts behind its figures on an incident in the order of their labels, each with its hash, and
    the corroboration keys. Raises NotFound, or Refused without those keys.

    The order is by a hash with the edition in it: a label says nothing in another edition.
    """
    require(actor.role, Permission.ASSESS)
    keys = tuple(key for _, key in keyrings.case_keys(uow, actor, case.file, "corroboration"))
    known = editions.history(uow, actor, case)
    if not 1 <= number <= len(known) or case.incident(incident)["incident"] != incident:
        raise NotFound("There is no such edition.")
    edition = known[number - 1]
    basis = editions.basis_of(uow, case.file, edition, keys)["incidents"].get(incident, {})
    if edition.incident(incident)["claims"] is None:
        basis = {}
    salt = document_digest(edition.document).hex()
    ordered = sorted(basis, key=lambda tag: digest("half", canonical([salt, incident, tag])))
    return edition, {tag: basis[tag] for tag in ordered}, keys


def look(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, int, str], today: date
) -> Sources:
    """The accounts behind the figures of a case's edition on an incident. One audit entry.

    What came in since is not seen, nor what an account says once it has changed: figures are cut, not watched.
    """
    name, number, incident = place
    case = cases.show(uow, actor, name)
    edition, behind, keys = witnesses(uow, actor, case, number, incident)
    known = vocabularies(vault, case)
    gathered = corroboration.gather(uow, actor, case, keys, known)
    now = corroboration.basis(gathered.resolved, incident)
    same = frozenset(tag for tag, hashed in behind.items() if now.get(tag) == hashed)
    # Of others nothing is read, not even whom they name or what they deny: they may have come in since.
    theirs = [one for one in gathered.folded.index.packed.deposits() if one.witness in same]
    reading = _Reading(resolve(theirs, gathered.decided), incident, known[incident], same)
    ratings = gathered.log.standing.ratings
    audit.record(uow, actor.code, "accounts read", {"case": name, "edition": number}, today)
    return Sources(
        edition,
        incident,
        tuple(reading.source(tag, ratings.get((incident, tag), Rating(tag, incident))) for tag in behind),
        reading.links(),
        gathered.log.standing,
    )


@dataclass(frozen=True)
class _Reading:
    """What is read of the accounts that are as they were counted."""

    resolved: Resolved
    incident: str
    vocabulary: Vocabulary
    same: frozenset[str]

    @cached_property
    def _standings(self) -> Mapping[tuple[str, Value], Claim]:
        accounts = self.resolved.accounts.get(self.incident, ())
        found = standings(accounts, self.resolved.ties, self.vocabulary)
        return {(one.subject, one.value): one for one in found}

    def source(self, tag: str, rating: Rating) -> Source:
        accounts = self.resolved.accounts.get(self.incident, ())
        said = [
            (one, rating.grade(confirms(self._standings[one.subject, one.value], tag)))
            for account in accounts
            for one in account.observations
            if account.witness == tag
        ]
        ordered = sorted(said, key=lambda pair: self.vocabulary.order(pair[0].subject, pair[0].value))
        return Source(tag, rating, tuple(ordered) if tag in self.same else None)

    def links(self) -> tuple[Link, ...]:
        ties = self.resolved.ties
        edges: list[Edge] = ties.among(self.same, frozenset(LinkKind) - {LinkKind.ORIGIN}, self.incident)
        found = [Link(*edge) for edge in edges]
        sources: Mapping[str, Mapping[str, set[str]]] = ties.sources(self.incident)
        for subject, told in sources.items():
            found += [
                Link(LinkKind.ORIGIN, witness, origin, (self.incident, subject))
                for witness, origins in told.items()
                for origin in origins
                if {witness, origin} <= self.same
            ]
        return tuple(
            sorted(found, key=lambda link: (link.kind, link.one, link.other, link.about or ("", "")))
        )
