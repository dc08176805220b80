"""Deposits as columns of numbers: the same content in a few bytes an observation, sorted by what it says.

Whatever is a text stands once, in a sorted list; everything else is the number of its place there. So a packed set of
deposits depends on which deposits they are, and on nothing else: not on who came first. A witness's number is the place
of their tag, a hash: it is good for one set only, and says nothing.

An **observation** is one 64-bit number, cell (28 bits) · deposit (24) · columns (12), and the number of what else was
said. A **cell** is a claim on an incident. The **columns** are those of `independence` in which the witness would stand
on this claim alone; `tabulation` counts from them without looking at anything else.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vault.rules.accounts import Deposited
from vault.rules.consent import Consent
from vault.rules.dependence import LinkKind
from vault.rules.observations import Certainty, ChainLink, Distance, Observation, WhyNot
from vault.rules.vocabulary import ChainKind, Modality, Perception, Placed, Range, Value

Wide = NDArray[np.uint64]
Numbers = NDArray[np.uint32]

CELL, DEPOSIT = np.uint64(36), np.uint64(12)  # how far left they stand in a key
COLUMN_BITS, DEPOSIT_BITS, LOW = np.uint64(0xFFF), np.uint64(0xFFFFFF), np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)  # what is 32 bits left of something else
_PLACE = np.uint64(40)  # of a link's deposit
KINDS = (
    *(LinkKind.INTERVIEWED_TOGETHER, LinkKind.PRESENT, LinkKind.HOUSEHOLD),
    *(LinkKind.INTRODUCER, LinkKind.INTERVIEWER, LinkKind.SHOWN),
)
NAMED = 3  # the first three kinds name witnesses, the others labels
ARRAYS: Mapping[str, type[np.uint32] | type[np.uint64]] = {
    **dict.fromkeys(("witness", "depositor", "consent", "record", "replaced", "match"), np.uint32),
    **{"cells": np.uint64, "keys": np.uint64, "saying": np.uint32, "links": np.uint64, "told": np.uint32},
}
LISTS = (
    *("incidents", "claims", "sayings", "witnesses", "digests"),
    *("depositors", "consents", "records", "replaced", "matches", "labels"),
)


@dataclass(frozen=True)
class Words:
    """The texts, each list in ascending order; those that are more than a name are JSON."""

    incidents: list[str]
    claims: list[str]
    sayings: list[str]
    witnesses: list[str]
    digests: list[str]
    depositors: list[str]
    consents: list[str]
    records: list[str]
    replaced: list[str]
    matches: list[str]
    labels: list[str]


@dataclass(frozen=True, eq=False)
class Packed:
    """Distinct deposits, by ascending digest. `replaced` and `match` are 0, or 1 + the place of the text.

    `cells` is incident · claim, 32 bits each; `links` deposit · kind · who or what, 24 + 8 + 32 bits; `told` three
    columns: cell, deposit, origin. All are in ascending order.
    """

    texts: Mapping[str, bytes]
    witness: Numbers
    depositor: Numbers
    consent: Numbers
    record: Numbers
    replaced: Numbers
    match: Numbers
    cells: Wide
    keys: Wide
    saying: Numbers
    links: Wide
    told: Numbers

    @cached_property
    def words(self) -> Words:
        """The texts, read; tabulating needs few of them."""
        return Words(**{name: self.read(name) for name in LISTS})

    def read(self, name: str) -> list[str]:
        """One list of texts."""
        found: list[str] = json.loads(self.texts[name])
        return found

    @property
    def claims(self) -> list[tuple[str, str, Value]]:
        """The claims: vocabulary, subject, value."""
        return [(name, subject, _value(raw)) for name, subject, raw in map(json.loads, self.read("claims"))]

    @property
    def stated(self) -> list[tuple[bool, Consent]]:
        """The consents: whether as a change of earlier ones, and what is allowed."""
        return [(changes, Consent.parse(raw)) for changes, raw in map(json.loads, self.read("consents"))]

    @property
    def witnesses(self) -> int:
        """How many witnesses are named, whoever names them."""
        _, kinds, whom = unlink(self.links)
        named = (self.witness, whom[kinds < NAMED], self.told[2::3])
        return max((int(numbers.max()) + 1 for numbers in named if len(numbers)), default=0)

    def __len__(self) -> int:
        return len(self.witness)

    def deposits(self) -> Iterator[Deposited]:
        """What was packed; observations in some order, each once."""
        words, claims = self.words, self.claims
        facts = [_Saying.read(text) for text in words.sayings]
        stated = self.stated
        place = (self.keys >> DEPOSIT) & DEPOSIT_BITS
        order = np.argsort(place, kind="stable")
        where = self.cells[self.keys >> CELL]
        at = list(zip(*(column[order].tolist() for column in (where, self.saying)), strict=True))
        ends = np.searchsorted(place[order], np.arange(len(self) + 1))
        linked = _by_deposit(self.links)

        @cache
        def observation(cell: int, saying: int) -> Observation:
            _, subject, value = claims[cell & 0xFFFFFFFF]
            return facts[saying].of(words.incidents[cell >> 32], subject, value)

        for number, (start, end) in enumerate(pairwise(ends.tolist())):
            changes_consent, consent = stated[self.consent[number]]
            replaced, match = int(self.replaced[number]), int(self.match[number])
            yield Deposited(
                digest=words.digests[number],
                supersedes=words.replaced[replaced - 1] if replaced else None,
                witness=words.witnesses[self.witness[number]],
                consent=consent,
                changes_consent=changes_consent,
                match=words.matches[match - 1] if match else None,
                depositor=words.depositors[self.depositor[number]],
                record=words.records[self.record[number]],
                observations=tuple(observation(*one) for one in at[start:end]),
                **_named(linked.get(number, ()), words),
            )


@dataclass(frozen=True)
class _Saying:
    """An observation without its claim."""

    facts: Mapping[str, Any]

    @classmethod
    def read(cls, text: str) -> "_Saying":
        raw = json.loads(text)
        links = [(ChainKind(link["kind"]), link) for link in raw["chain"]]
        certainty, distance = raw.get("certainty"), raw.get("distance")
        chain = (
            ChainLink(kind, link["named"], Placed(link["origin_direct"]), link.get("origin"))
            for kind, link in links
        )
        return cls(
            {
                "perception": frozenset(map(Perception, raw["perception"])),
                "modality": Modality(raw["modality"]),
                "placed": Placed(raw["placed"]),
                "chain": tuple(chain),
                "why_not": frozenset(map(WhyNot, raw.get("why_not", ()))),
                "certainty": certainty and Certainty(certainty),
                "distance": distance and Distance(distance),
            }
        )

    def of(self, incident: str, subject: str, value: Value) -> Observation:
        return Observation(incident, subject, value, **self.facts)


def link(deposits: Wide, kind: int, whom: Wide) -> Wide:
    """Links of one kind, packed."""
    return (deposits << _PLACE) | np.uint64(kind << 32) | whom


def unlink(links: Wide) -> tuple[Wide, Wide, Wide]:
    """The deposits, kinds and ends of packed links."""
    return links >> _PLACE, (links >> HALF) & np.uint64(0xFF), links & LOW


def distinct(values: Wide) -> Wide:
    """Each value once, in ascending order: quickly of values that are nearly in order."""
    values = np.sort(values, kind="stable")
    first = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def _by_deposit(links: Wide) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for deposit, kind, whom in zip(*(column.tolist() for column in unlink(links)), strict=True):
        found[deposit].append((kind, whom))
    return found


def _named(links: Iterable[tuple[int, int]], words: Words) -> dict[str, Any]:
    """The members of a deposit that name witnesses and labels."""
    found: dict[int, list[str]] = defaultdict(list)
    for kind, whom in links:
        found[kind].append((words.witnesses if kind < NAMED else words.labels)[whom])
    together, present, household, introducer, interpreter, shown = (tuple(found[kind]) for kind in range(6))
    return {
        "together_with": together,
        "present": present,
        "household": household,
        "introducer": introducer[0] if introducer else None,
        "interpreter": interpreter[0] if interpreter else None,
        "shown_before": shown,
    }


def _value(raw: Any) -> Value:
    return Range(raw["min"], raw["max"]) if isinstance(raw, dict) else raw
