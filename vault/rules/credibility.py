"""How much a source and what it says are worth: the Admiralty system, source and information rated apart.

The source has a letter, A (completely reliable) to F (cannot be judged); the information a number, 2 (probably true) to
6 (cannot be judged). What nobody rated is F6. "1", confirmed by other sources, is never typed: it is computed from
the count. Ratings change no figure; only a source that is set aside as not credible has no account. It still ties
others together: to be disbelieved does not make one's listeners independent of each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.dependence import Ties
from vault.rules.fields import Fields
from vault.rules.independence import Account, Standing, standings
from vault.rules.vocabulary import Value, Vocabulary

LONGEST_REASON = 2_000
_CODE = 80
_MEMBERS = ("witness", "incident", "reliability", "information", "excluded", "reason")


class Reliability(StrEnum):
    """How far a source can be relied on."""

    COMPLETELY = "A"
    USUALLY = "B"
    FAIRLY = "C"
    NOT_USUALLY = "D"
    UNRELIABLE = "E"
    CANNOT_BE_JUDGED = "F"


class Information(StrEnum):
    """What the information is worth by itself."""

    PROBABLY_TRUE = "2"
    POSSIBLY_TRUE = "3"
    DOUBTFUL = "4"
    IMPROBABLE = "5"
    CANNOT_BE_JUDGED = "6"


class Excluded(StrEnum):
    """Why a source is set aside as not credible; an edition states it by this code alone."""

    CONTRADICTED_BY_EVIDENCE = "contradicted_by_evidence"
    CONTRADICTS_ITSELF = "contradicts_itself"
    COULD_NOT_HAVE_BEEN_THERE = "could_not_have_been_there"
    REPEATS_A_PREPARED_ACCOUNT = "repeats_a_prepared_account"
    SPOKE_UNDER_PRESSURE = "spoke_under_pressure"
    NOT_WHO_THEY_SAID = "not_who_they_said"
    OTHER = "other"


@dataclass(frozen=True)
class Rating:
    """One source on one incident; `excluded` None keeps its account, and an exclusion has a reason in words."""

    witness: str
    incident: str
    reliability: Reliability = Reliability.CANNOT_BE_JUDGED
    information: Information = Information.CANNOT_BE_JUDGED
    excluded: Excluded | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.excluded is not None and not self.reason.strip():
            raise Invalid("Say why this source is not credible.")

    @classmethod
    def from_json(cls, raw: object) -> "Rating":
        """Reads the JSON form; raises Invalid, for a "1" too: it is computed."""
        fields = Fields(raw, "A rating", _MEMBERS)
        if fields.value("information") == "1":
            raise Invalid('"1, confirmed by other sources" is computed from the count: choose 2 to 6.')
        return cls(
            witness=fields.text("witness", _CODE),
            incident=fields.text("incident", _CODE),
            reliability=fields.choice("reliability", Reliability, Reliability.CANNOT_BE_JUDGED),
            information=fields.choice("information", Information, Information.CANNOT_BE_JUDGED),
            excluded=None if fields.value("excluded") is None else fields.choice("excluded", Excluded),
            reason=fields.text("reason", LONGEST_REASON, ""),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "witness": self.witness,
            "incident": self.incident,
            "reliability": str(self.reliability),
            "information": str(self.information),
            "excluded": None if self.excluded is None else str(self.excluded),
            "reason": self.reason,
        }

    def grade(self, confirmed: bool) -> str:
        """The two marks as they are written: "B2", or "B1" where others confirm it."""
        return f"{self.reliability}{1 if confirmed else self.information}"


def is_confirmed(
    claim: tuple[str, Value], witness: str, accounts: Iterable[Account], ties: Ties, vocabulary: Vocabulary
) -> bool:
    """Whether a claim that a witness makes is confirmed by other sources.

    It is when somebody perceived it directly who cannot be one source with the witness, not even by a weak link, and
    nobody who was placed to perceive it denies it.
    """
    for standing in standings(accounts, ties, vocabulary):
        if (standing.subject, standing.value) == claim:
            return confirms(standing, witness)
    return False


def confirms(standing: Standing, witness: str) -> bool:
    """`is_confirmed`, for a claim whose standing is known."""
    lower = standing.merging.lower
    others = {lower.leader(who) for who, columns in standing.columns.items() if "direct" in columns}
    return bool(others - {lower.leader(witness)}) and not standing.persons("denied")
