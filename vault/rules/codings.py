"""Two coders on one testimony: where they disagree is shown, and nobody counts twice.

What the researcher coded who heard the witness is what counts. A reader may code the same testimony again, without
having seen the first coding. The second coding adds no account and moves no figure of the table: it says where the
first may be wrong. A claim is disputed for a witness if the two codings would put them into different columns. The
depositor's correction settles it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vault.rules.dependence import Ties
from vault.rules.independence import Account, standings
from vault.rules.observations import Observation
from vault.rules.vocabulary import Value, Vocabulary


@dataclass(frozen=True)
class Recoding:
    """What another coder made of the testimony of one deposit, named by its receipt digest."""

    deposit: str
    coder: str
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class TwiceCoded:
    """What two coders made of what one witness said in one interview on one incident."""

    witness: str
    first: tuple[Observation, ...]
    second: tuple[Observation, ...]


def disputes(twice: Iterable[TwiceCoded], vocabulary: Vocabulary) -> dict[tuple[str, Value], int]:
    """The claims on which coders disagree, each with how many witnesses it concerns."""
    disputed = set()
    for one in twice:
        first, second = _columns(one.first, vocabulary), _columns(one.second, vocabulary)
        for claim in first.keys() | second.keys():
            if first.get(claim) != second.get(claim):
                disputed.add((claim, one.witness))
    return dict(Counter(claim for claim, _ in disputed))


def _columns(
    coded: tuple[Observation, ...], vocabulary: Vocabulary
) -> dict[tuple[str, Value], frozenset[str]]:
    alone = standings([Account("", coded)], Ties(), vocabulary)
    return {(claim.subject, claim.value): claim.columns.get("", frozenset()) for claim in alone}
