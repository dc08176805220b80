"""Two coders on one testimony: where they disagree is shown, and nobody counts twice.

What the researcher coded who heard the witness is what counts. A reader may code the same testimony again, without
having seen the first coding. The second coding adds no account and moves no figure of the table: it says where the
first may be wrong. A claim is disputed for a witness if the two codings would put them into different columns. The
depositor's correction settles it.

A second coding is of a deposit that there is, and never the depositor's own: otherwise it is set aside as
misdirected. Who has coded again may replace their own coding; of two that stand neither is the later one, and each may
disagree with the first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vault.errors import Invalid
from vault.rules.dependence import Ties
from vault.rules.fields import Fields
from vault.rules.independence import Account, standings
from vault.rules.observations import Observation
from vault.rules.said import Said, named_origins, read_coding
from vault.rules.vocabulary import Value, Vocabulary

LONGEST_NOTE = 2_000
MOST_INCIDENTS = 1_000
_DIGEST = 43  # characters
_MEMBERS = ("codes", "supersedes", "incidents", "note", "observations")


@dataclass(frozen=True)
class SecondCoding:
    """What a second coder hands in, from the page or the command line; only `parse` makes one from outside data."""

    codes: str
    supersedes: str | None
    incidents: tuple[str, ...]
    note: str
    observations: tuple[Observation, ...]
    said: tuple[Said, ...]

    @classmethod
    def parse(cls, raw: object, vocabulary_of: Mapping[str, Vocabulary]) -> "SecondCoding":
        """The coding, checked against the vocabularies of the case's incidents. Raises Invalid."""
        fields = Fields(raw, "A second coding", _MEMBERS)
        observations, said = read_coding(fields, vocabulary_of)
        coding = cls(
            codes=fields.text("codes", _DIGEST),
            supersedes=None if fields.value("supersedes") is None else fields.text("supersedes", _DIGEST),
            incidents=tuple(sorted(fields.distinct("incidents", MOST_INCIDENTS))),
            note=fields.text("note", LONGEST_NOTE, ""),
            observations=observations,
            said=said,
        )
        coding._check(vocabulary_of)
        return coding

    def _check(self, vocabulary_of: Mapping[str, Vocabulary]) -> None:
        if not self.incidents or not set(self.incidents) <= vocabulary_of.keys():
            raise Invalid("A second coding names the incidents of this case on which it was made.")
        if not {one.incident for one in self.observations} <= set(self.incidents):
            raise Invalid(
                "A second coding has observations on the incidents that it names, and on no others."
            )
        if not self.observations and not self.note.strip():
            raise Invalid(
                "There is nothing to hand in: code an observation, or note that you found none.", "note"
            )
        named_origins(self.observations)


@dataclass(frozen=True)
class Recoding:
    """What another coder made of the testimony of one deposit, named by its receipt digest.

    It has a receipt digest of its own, and `supersedes` is that of the coder's earlier one, which it replaces. On the
    incidents that it is about, what it leaves out was not found in the testimony.
    """

    deposit: str
    coder: str
    incidents: frozenset[str]
    observations: tuple[Observation, ...]
    digest: str = ""
    supersedes: str | None = None


@dataclass(frozen=True)
class TwiceCoded:
    """What two coders made of what one witness said in one interview on one incident."""

    witness: str
    first: tuple[Observation, ...]
    second: tuple[Observation, ...]


def standing(recodings: Iterable[Recoding], coded: Mapping[str, str]) -> tuple[list[Recoding], int]:
    """The second codings that stand, and how many are misdirected; `coded` names the depositor of each deposit that
    may be coded again. The order does not matter. One of a deposit that is not there is not counted as misdirected.
    """
    handed_in = list(recodings)
    by_digest = {one.digest: one for one in handed_in}
    sound = [
        one
        for one in handed_in
        if coded.get(one.deposit, one.coder) != one.coder and _replaces_own(one, by_digest)
    ]
    replaced = {one.supersedes for one in sound}
    astray = sum(one.deposit in coded for one in handed_in) - len(sound)
    return [one for one in sound if one.digest not in replaced], astray


def _replaces_own(recoding: Recoding, by_digest: Mapping[str, Recoding]) -> bool:
    if recoding.supersedes is None:
        return True
    replaced = by_digest.get(recoding.supersedes)
    return replaced is not None and (replaced.coder, replaced.deposit) == (recoding.coder, recoding.deposit)


def disputes(twice: Iterable[TwiceCoded], vocabulary: Vocabulary) -> dict[tuple[str, Value], int]:
    """The claims on which coders disagree, each with how many witnesses it concerns."""
    disputed = set()
    for one in twice:
        coders = [Account("first", one.first), Account("second", one.second)]
        for claim in standings(coders, Ties(), vocabulary):
            if claim.columns.get("first", frozenset()) != claim.columns.get("second", frozenset()):
                disputed.add(((claim.subject, claim.value), one.witness))
    return dict(Counter(claim for claim, _ in disputed))
