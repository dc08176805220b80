"""What a witness allows. Refused is the default: a use counts only where it was asked for and granted.

Each deposit states a consent of its own. A **change of consent** states what the witness allows now: nothing that they
said, or will say, in this case is allowed beyond it, so that narrowing needs no more than the witness. To widen, a
change names the deposit whose consent it takes the place of: an interview, or an earlier change, which then no longer
stands. Nothing here knows which deposit came later. Two changes that stand both hold, and what neither names stays
refused; a change that names what is unknown, or another witness's, takes no place, and still holds.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from vault.errors import Invalid, Refused
from vault.rules.fields import Fields

MOST_USES = 200
Name = TypeVar("Name", bound=Hashable)
_DETAIL_OF_CLAIM = re.compile(r"detail:[a-z][a-z_]*(\.[a-z][a-z_]*)*", re.ASCII)


class Use(StrEnum):
    """What may be done with what a witness said; `detail:<claim>` allows the detail of one claim only."""

    INTERNAL = "internal"
    CORROBORATION = "corroboration"
    AGGREGATE = "aggregate"
    COUNT_EXACT = "count_exact"
    DETAIL = "detail"
    PARAPHRASE = "paraphrase"
    VERBATIM = "verbatim"
    AUDIO_VIDEO = "audio_video"
    ADVOCACY = "advocacy"
    LEGAL = "legal"
    ARCHIVE = "archive"


@dataclass(frozen=True)
class Consent:
    """Whether a record may be kept at all, and for which uses."""

    recording: bool
    uses: frozenset[str]

    @classmethod
    def parse(cls, raw: object) -> "Consent":
        """Reads the JSON form; raises Invalid for anything but known uses, each at most once."""
        fields = Fields(raw, "The consent", ("recording", "uses"))
        return cls(fields.flag("recording"), frozenset(_known(fields.distinct("uses", MOST_USES))))

    def to_json(self) -> dict[str, object]:
        """The JSON form, uses in ascending order."""
        return {"recording": self.recording, "uses": sorted(self.uses)}


def permits(consent: Consent, use: str) -> bool:
    """Whether the witness allows a use; raises Invalid for one that does not exist.

    `detail` allows the detail of every claim; `detail:<claim>` that of one. Without a record nothing is
    allowed.
    """
    _known([use])
    general = use.partition(":")[0]
    return consent.recording and (use in consent.uses or general in consent.uses)


def require(consent: Consent, use: str) -> None:
    """Raises Refused unless the witness allows the use."""
    if not permits(consent, use):
        raise Refused("The witness has not agreed to this use.")


def both(one: Consent, other: Consent) -> Consent:
    """What both allow."""
    shared = {use for use in one.uses | other.uses if permits(one, use) and permits(other, use)}
    return Consent(one.recording and other.recording, frozenset(shared))


class Stated(Protocol):
    """A consent as one deposit states it: whose, whether it changes others, and which one it takes the place of."""

    @property
    def digest(self) -> str: ...
    @property
    def supersedes(self) -> str | None: ...
    @property
    def witness(self) -> str: ...
    @property
    def consent(self) -> Consent: ...
    @property
    def changes_consent(self) -> bool: ...


def present(stated: Iterable[Stated]) -> dict[str, Consent]:
    """What is allowed now of each interview of whoever changed their consent, by digest. The order does not matter."""
    by_digest = {one.digest: one for one in stated}
    changes = {digest: one for digest, one in by_digest.items() if one.changes_consent}
    replaces = {digest: one.supersedes if fits(one, by_digest) else None for digest, one in changes.items()}
    limits: dict[str, Consent] = {}
    for digest in standing(replaces):
        change = changes[digest]
        limits[change.witness] = both(limits.get(change.witness, change.consent), change.consent)
    replaced = set(replaces.values())
    return {
        digest: limits[one.witness] if digest in replaced else both(one.consent, limits[one.witness])
        for digest, one in by_digest.items()
        if one.witness in limits and digest not in changes
    }


def fits(one: Stated, by_digest: Mapping[str, Stated]) -> bool:
    """Whether a deposit names nothing, or one of the same witness that it can replace: an interview corrects none but
    interviews."""
    if one.supersedes is None:
        return True
    replaced = by_digest.get(one.supersedes)
    if replaced is None or replaced.witness != one.witness:
        return False
    return one.changes_consent or not replaced.changes_consent


def standing(replaces: Mapping[Name, Name | None]) -> set[Name]:
    """Of changes, each with what it takes the place of, those that stand: those to which none leads that stands.

    A circle cannot be made, because each digest covers the one that it names; were there one, all in it would stand.
    """
    behind: set[Name] = set()
    for last in replaces.keys() - set(replaces.values()):
        at = replaces[last]
        while at is not None and at in replaces and at not in behind:
            behind.add(at)
            at = replaces[at]
    return replaces.keys() - behind


def _known(uses: list[str]) -> list[str]:
    for use in uses:
        if use not in set(Use) and not _DETAIL_OF_CLAIM.fullmatch(use):
            raise Invalid(f"A use of consent must be one of {', '.join(Use)}, or detail:<claim>.", "uses")
    return uses
