"""What a witness allows. Refused is the default: a use counts only where it was asked for and granted."""

import re
from dataclasses import dataclass
from enum import StrEnum

from vault.errors import Invalid, Refused
from vault.rules.fields import Fields

MOST_USES = 200
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


def _known(uses: list[str]) -> list[str]:
    for use in uses:
        if use not in set(Use) and not _DETAIL_OF_CLAIM.fullmatch(use):
            raise Invalid(f"A use of consent must be one of {', '.join(Use)}, or detail:<claim>.")
    return uses
