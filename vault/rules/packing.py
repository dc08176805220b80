"""Making packed deposits: from deposits, from two packed sets, from bytes and to bytes.

`merge(pack(some, …), pack(others, …))` is `pack(both, …)` to the byte.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vault.errors import Invalid
from vault.rules.accounts import Deposited
from vault.rules.dependence import Ties
from vault.rules.independence import COLUMNS, Account, standings
from vault.rules.observations import Observation
from vault.rules.packed import (
    ARRAYS,
    CELL,
    COLUMN_BITS,
    DEPOSIT,
    DEPOSIT_BITS,
    HALF,
    LISTS,
    LOW,
    NAMED,
    Numbers,
    Packed,
    Wide,
    distinct,
    link,
    unlink,
)
from vault.rules.vocabulary import Vocabulary, value_to_json

MOST_DEPOSITS, MOST_CELLS = 1 << 24, 1 << 28
_ALIGNED = 8
_OF_DEPOSIT = {  # and where the texts stand
    "witness": "witnesses",
    "depositor": "depositors",
    "consent": "consents",
    "record": "records",
    "replaced": "replaced",
    "match": "matches",
}
_OPTIONAL = 4  # from here on 0 is nothing, and n + 1 the n-th text


@dataclass
class _Loose:
    """Deposits whose texts stand in any order: each table one row after the other, each text by its number here.

    `said` has incident, claim, deposit, columns, saying; `links` deposit, kind, whom; `told` incident, claim, deposit,
    origin.
    """

    texts: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in LISTS})
    facts: list[tuple[int, ...]] = field(default_factory=list)
    said: list[tuple[int, ...]] = field(default_factory=list)
    links: list[tuple[int, ...]] = field(default_factory=list)
    told: list[tuple[int, ...]] = field(default_factory=list)
    coded: dict[Observation, tuple[str, str, int]] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)

    def number(self, name: str, text: str) -> int:
        known = self.texts[name]
        return known.setdefault(text, len(known))

    def take(self, one: Deposited, known: Mapping[str, Vocabulary]) -> None:
        number = self.number("digests", one.digest)
        facts = (
            self.number("witnesses", one.witness),
            self.number("depositors", one.depositor),
            self.number("consents", _json([one.changes_consent, one.consent.to_json()])),
            self.number("records", one.record),
        )
        replaced = 0 if one.supersedes is None else 1 + self.number("replaced", one.supersedes)
        match = 0 if one.match is None else 1 + self.number("matches", one.match)
        self.facts.append((*facts, replaced, match))
        for kind, named in enumerate((one.together_with, one.present, one.household)):
            self.links += [(number, kind, self.number("witnesses", tag)) for tag in named]
        for kind, labels in enumerate(((one.introducer,), (one.interpreter,), one.shown_before), NAMED):
            self.links += [(number, kind, self.number("labels", tag)) for tag in labels if tag is not None]
        for said in one.observations:
            claim, saying, columns = self._code(said, known)
            cell = self.number("incidents", said.incident), self.number("claims", claim)
            self.said.append((*cell, number, columns, self.number("sayings", saying)))
            self.told += [(*cell, number, self.number("witnesses", origin)) for origin in said.origins]

    def _code(self, said: Observation, known: Mapping[str, Vocabulary]) -> tuple[str, str, int]:
        if said not in self.coded:
            if said.incident not in known:
                raise Invalid("An observation is about an incident that this case does not have.")
            vocabulary, facts = known[said.incident], said.to_json()
            claim = _json([vocabulary.name, said.subject, value_to_json(said.value)])
            saying = _json({name: facts[name] for name in facts.keys() - {"incident", "subject", "value"}})
            if saying not in self.columns:
                self.columns[saying] = _columns(said, vocabulary)
            self.coded[said] = claim, saying, self.columns[saying]
        return self.coded[said]


def _columns(said: Observation, vocabulary: Vocabulary) -> int:
    """The columns of its own claim in which an observation puts a witness, by the one definition of them."""
    claim = said.subject, said.value
    alone = standings([Account("", (said,))], Ties(), vocabulary)
    (columns,) = (one.columns[""] for one in alone if (one.subject, one.value) == claim)
    return sum(1 << place for place, name in enumerate(COLUMNS) if name in columns)


@dataclass(frozen=True)
class _Tables:
    """The same, as tables of numbers."""

    texts: Mapping[str, Sequence[str]]
    facts: Wide
    said: Wide
    links: Wide
    told: Wide


def pack(deposits: Iterable[Deposited], known: Mapping[str, Vocabulary]) -> Packed:
    """These deposits, each once. Raises Invalid for an incident or claim that is not known."""
    loose = _Loose()
    for deposit in {deposit.digest: deposit for deposit in deposits}.values():
        loose.take(deposit, known)
    texts = {name: list(numbers) for name, numbers in loose.texts.items()}
    facts, said = _table(loose.facts, len(_OF_DEPOSIT)), _table(loose.said, 5)
    return _settle(_Tables(texts, facts, said, _table(loose.links, 3), _table(loose.told, 4)))


def merge(one: Packed, other: Packed) -> Packed:
    """The deposits of both."""
    first, second = _tables(one), _tables(other)
    known = set(first.texts["digests"])
    fresh = np.array([digest not in known for digest in second.texts["digests"]], bool)
    texts: dict[str, list[str]] = {}
    for name in LISTS:
        texts[name] = [*first.texts[name], *second.texts[name]]
    texts["digests"] = [*first.texts["digests"], *np.array(second.texts["digests"], object)[fresh]]
    place = np.cumsum(fresh, dtype=np.uint64) - np.uint64(1)  # of a deposit among the fresh ones
    shift = {name: np.uint64(len(first.texts[name])) for name in LISTS}
    facts = second.facts[fresh]
    for column, name in enumerate(_OF_DEPOSIT.values()):
        facts[:, column] += np.where((column < _OPTIONAL) | (facts[:, column] > 0), shift[name], 0)

    def moved(table: Wide, deposit: int, by: dict[int, np.uint64]) -> Wide:
        table = table[fresh[table[:, deposit]]]
        table[:, deposit] = place[table[:, deposit]] + shift["digests"]
        for column, distance in by.items():
            table[:, column] += distance
        return table

    of_cell = {0: shift["incidents"], 1: shift["claims"]}
    links = moved(second.links, 0, {})
    links[:, 2] += np.where(links[:, 1] < NAMED, shift["witnesses"], shift["labels"])
    return _settle(
        _Tables(
            texts,
            np.vstack((first.facts, facts)),
            np.vstack((first.said, moved(second.said, 2, {**of_cell, 4: shift["sayings"]}))),
            np.vstack((first.links, links)),
            np.vstack((first.told, moved(second.told, 2, {**of_cell, 3: shift["witnesses"]}))),
        )
    )


def merged(parts: Sequence[Packed]) -> Packed:
    """The deposits of all: two and two, so that many small ones cost no more than one large one."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return merge(merged(parts[:half]), merged(parts[half:]))


def _tables(packed: Packed) -> _Tables:
    cells = packed.cells[packed.keys >> CELL]
    said = (cells >> HALF, cells & LOW, (packed.keys >> DEPOSIT) & DEPOSIT_BITS, packed.keys & COLUMN_BITS)
    told = packed.told.reshape(-1, 3)
    about = packed.cells[told[:, 0]]
    return _Tables(
        {name: packed.read(name) for name in LISTS},
        np.column_stack([getattr(packed, name) for name in _OF_DEPOSIT]).astype(np.uint64),
        np.column_stack((*said, packed.saying)).astype(np.uint64),
        np.column_stack(unlink(packed.links)),
        np.column_stack((about >> HALF, about & LOW, told[:, 1], told[:, 2])).astype(np.uint64),
    )


def _settle(loose: _Tables) -> Packed:
    """Everything in its one order."""
    texts = {name: sorted(set(found)) for name, found in loose.texts.items()}
    to = {}
    for name, found in loose.texts.items():
        places = {text: place for place, text in enumerate(texts[name])}
        to[name] = np.fromiter((places[text] for text in found), np.uint64, len(found))
    cell = (to["incidents"][loose.said[:, 0]] << HALF) | to["claims"][loose.said[:, 1]]
    cells, cell = np.unique(cell, return_inverse=True)
    if len(loose.facts) >= MOST_DEPOSITS or len(cells) >= MOST_CELLS:
        raise Invalid("A case has too many deposits to be counted in one.")
    keys = (cell.astype(np.uint64) << CELL) | (to["digests"][loose.said[:, 2]] << DEPOSIT) | loose.said[:, 3]
    saying = to["sayings"][loose.said[:, 4]].astype(np.uint32)
    order = np.lexsort((saying, keys))
    keys, saying = keys[order], saying[order]
    first = np.ones(len(keys), bool)  # who says the same twice says it once
    first[1:] = (keys[1:] != keys[:-1]) | (saying[1:] != saying[:-1])
    about = (to["incidents"][loose.told[:, 0]] << HALF) | to["claims"][loose.told[:, 1]]
    told = np.column_stack(
        (
            np.searchsorted(cells, about).astype(np.uint64),
            to["digests"][loose.told[:, 2]],
            to["witnesses"][loose.told[:, 3]],
        )
    )
    return Packed(
        texts={name: _json(found).encode() for name, found in texts.items()},
        **_facts(loose.facts[np.argsort(to["digests"])], to),
        cells=cells,
        keys=keys[first],
        saying=saying[first],
        links=_links(loose.links, to),
        told=np.unique(told, axis=0).astype(np.uint32).reshape(-1),
    )


def _facts(facts: Wide, to: Mapping[str, Wide]) -> dict[str, Numbers]:
    found = {}
    for column, (member, name) in enumerate(_OF_DEPOSIT.items()):
        places = to[name]
        if column >= _OPTIONAL:
            places = np.concatenate((np.zeros(1, np.uint64), places + np.uint64(1)))
        found[member] = places[facts[:, column]].astype(np.uint32)
    return found


def _links(loose: Wide, to: Mapping[str, Wide]) -> Wide:
    found = [np.zeros(0, np.uint64)]
    for kind in np.unique(loose[:, 1]).tolist():
        rows = loose[loose[:, 1] == kind]
        whom = to["witnesses" if kind < NAMED else "labels"][rows[:, 2]]
        found.append(link(to["digests"][rows[:, 0]], kind, whom))
    return distinct(np.concatenate(found))


def to_bytes(packed: Packed) -> bytes:
    """The packed deposits in one piece; `from_bytes` reads it without copying."""
    parts = [*(packed.texts[name] for name in LISTS), *(getattr(packed, name).data for name in ARRAYS)]
    sizes = np.array([memoryview(part).nbytes for part in parts], "<u8")
    found = bytearray(sizes.tobytes())
    for part in parts:
        found += bytes(part) if isinstance(part, memoryview) else part
        found += bytes(-len(found) % _ALIGNED)
    return bytes(found)


def from_bytes(data: bytes | bytearray | memoryview) -> Packed:
    """What `to_bytes` was given. The bytes must come from there: they are not checked."""
    view, at = memoryview(data), _ALIGNED * (len(LISTS) + len(ARRAYS))
    parts = []
    for size in np.frombuffer(view[:at], "<u8").tolist():
        parts.append(view[at : at + size])
        at += size + -size % _ALIGNED
    texts = {name: bytes(part) for name, part in zip(LISTS, parts, strict=False)}
    numbers: dict[str, Any] = {
        name: np.frombuffer(part, np.dtype(kind).newbyteorder("<"))
        for (name, kind), part in zip(ARRAYS.items(), parts[len(LISTS) :], strict=True)
    }
    return Packed(texts=texts, **numbers)


def _table(rows: list[tuple[int, ...]], width: int) -> Wide:
    return np.array(rows, np.uint64).reshape(-1, width)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
