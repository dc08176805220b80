"""Findings: how likely a proposition about an incident is, and the named factors that say so; entry by entry.

**Versions.** A reviewer writes a version of a finding, another upholds or rejects it, and nobody decides on their own.
The newest version that was upheld stands; one that waits, or was rejected, changes nothing.

**Factors.** How many there are is said apart for each kind of source and never added: three people, one film and one
opinion are not five of anything. No rule derives the likelihood from them: two reviewers answer for it, in words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.assessments import Decision
from vault.rules.factors import Factor, Source, Weight
from vault.rules.fields import Fields
from vault.rules.vocabulary import Vocabulary

LONGEST_PROPOSITION = 600
LONGEST_REASONS = 4_000
MOST_FACTORS = 50
_ID = 80


class Act(StrEnum):
    """What an entry does."""

    FINDING = "finding"
    DECISION = "decision"


class Likelihood(StrEnum):
    """The scale, from the most likely down; `unknown` stands beside it, not at its end."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Version:
    """One version of a finding."""

    finding: str
    number: int
    incident: str
    proposition: Mapping[str, str]
    likelihood: Likelihood
    factors: tuple[Factor, ...]
    reasons: str

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Version":
        """Reads the JSON form; raises Invalid."""
        known = ("finding", "version", "incident", "proposition", "likelihood", "factors", "reasons")
        fields = Fields(raw, "A finding", known)
        likelihood, reasons = fields.choice("likelihood", Likelihood), fields.text("reasons", LONGEST_REASONS)
        if not reasons.strip():
            raise Invalid("Say in words how the factors lead to this likelihood.", "reasons")
        return cls(
            finding=fields.text("finding", _ID),
            number=fields.whole("version"),
            incident=fields.text("incident", _ID),
            proposition=fields.lines("proposition", LONGEST_PROPOSITION),
            likelihood=likelihood,
            factors=_factors(fields.items("factors", MOST_FACTORS), likelihood, vocabulary),
            reasons=reasons,
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 21)."""
        return {
            "finding": self.finding,
            "version": self.number,
            "incident": self.incident,
            "proposition": dict(self.proposition),
            "likelihood": str(self.likelihood),
            "factors": [factor.to_json() for factor in self.factors],
            "reasons": self.reasons,
        }

    def weighing(self, weight: Weight) -> tuple[Factor, ...]:
        """The factors that weigh so, in their order."""
        return tuple(factor for factor in self.factors if factor.weight is weight)

    def of(self, source: Source) -> tuple[Factor, ...]:
        """The factors of one kind of source; those of two kinds are never added."""
        return tuple(factor for factor in self.factors if factor.about.source is source)


@dataclass(frozen=True)
class Entry:
    """One entry of a case's log of findings: by what it is called, who wrote it, and what it says."""

    name: str
    author: str
    said: Version | Decision


@dataclass(frozen=True)
class Proposed:
    """A version and, once it was taken, the decision on it, each with who wrote it."""

    name: str
    author: str
    version: Version
    decider: str | None = None
    decision: Decision | None = None

    @property
    def upheld(self) -> bool:
        """Whether another reviewer upheld it."""
        return self.decision is not None and self.decision.upheld


@dataclass(frozen=True)
class Finding:
    """All versions of a finding, oldest first."""

    versions: tuple[Proposed, ...]

    @property
    def newest(self) -> Proposed:
        """The version that was written last."""
        return self.versions[-1]

    @property
    def stands(self) -> Proposed | None:
        """The newest version that was upheld."""
        return next((one for one in reversed(self.versions) if one.upheld), None)

    @property
    def shown(self) -> Proposed:
        """What it is listed by: what stands, or else what was written last."""
        return self.stands or self.newest


@dataclass
class Standing:
    """What of a log stands: every finding in the order of its first version."""

    findings: dict[str, Finding] = field(default_factory=dict)

    def proposed(self, name: str) -> Proposed:
        """The version that is called so. Raises Invalid."""
        for finding in self.findings.values():
            for one in finding.versions:
                if one.name == name:
                    return one
        raise Invalid("There is no such version of a finding.")

    def add(self, entry: Entry) -> None:
        """Take one more entry. Raises Invalid for a version out of turn, or a decision that nobody was free to take."""
        match entry.said:
            case Version() as version:
                self._follow(Proposed(entry.name, entry.author, version))
            case decision:
                self._decide(entry.author, decision)

    def _follow(self, one: Proposed) -> None:
        version = one.version
        before = self.findings[version.finding].versions if version.finding in self.findings else ()
        if version.number != len(before) + 1:
            raise Invalid(
                "This is not the next version: read what was written meanwhile, then write it anew."
            )
        if any(other.version.incident != version.incident for other in before):
            raise Invalid("A finding stays with its incident: write another for this one.")
        self.findings[version.finding] = Finding((*before, one))

    def _decide(self, author: str, decision: Decision) -> None:
        one = self.proposed(decision.motion)
        if one.decision is not None:
            raise Invalid("This version was decided already: write the next one.")
        if one.author == author:
            raise Invalid("Somebody else decides on what you wrote.")
        decided = replace(one, decider=author, decision=decision)
        versions = self.findings[one.version.finding].versions
        now = tuple(decided if other is one else other for other in versions)
        self.findings[one.version.finding] = Finding(now)


def standing(entries: Iterable[Entry]) -> Standing:
    """What stands of a log, oldest entry first. Raises Invalid as `Standing.add` does."""
    found = Standing()
    for entry in entries:
        found.add(entry)
    return found


def from_json(act: object, raw: object, vocabulary: Vocabulary | None) -> Version | Decision:
    """What an entry says; a version is of an incident of this vocabulary. Raises Invalid."""
    if act == Act.DECISION:
        return Decision.from_json(raw)
    if act != Act.FINDING or vocabulary is None:
        raise Invalid("An entry is a version of a finding on an incident of this case, or a decision.")
    return Version.from_json(raw, vocabulary)


def _factors(raw: list[object], likelihood: Likelihood, vocabulary: Vocabulary) -> tuple[Factor, ...]:
    """Raises Invalid for one that stands twice, or none below a likelihood that needs some."""
    factors = tuple(Factor.from_json(one, vocabulary) for one in raw)
    if len({factor.about for factor in factors}) != len(factors):
        raise Invalid("Name each factor once, for the proposition or against it.", "factors")
    if not factors and likelihood is not Likelihood.UNKNOWN:
        raise Invalid("Name what it rests on: only “unknown” can stand without a factor.", "factors")
    return factors
