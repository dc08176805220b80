"""A published statement with its whole proof, as a vault would make it, from the cast's own keys."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.cast import (
    C1,
    CHAIN,
    CUSTODIANS,
    ROSTER,
    THRESHOLD,
    V1,
    V2,
    VAULT,
    Person,
    following,
    identifier,
    seed,
    signed_by,
)
from vault.sealing import commitments, logs, merkle, notes, statements
from vault.sealing.commitments import Group
from vault.sealing.digests import Json, b64, canonical
from vault.sealing.keypairs import SigningKey
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import Signed

V3 = Person("V3", "reviewer")
ROSTERS: tuple[Signed, ...] = (*CHAIN, signed_by(following(ROSTER, [V3]), CUSTODIANS[:THRESHOLD]))
CHAINED: tuple[Roster, ...] = verify_chain(ROSTERS)
INCIDENT = identifier("the field hospital")
CASE = identifier("the case")
LOG = SigningKey(seed("log"))
ORIGIN = logs.origin(VAULT)
SIGNERS = (C1, V1, V2, V3)
NONCE = seed("proof nonce")
Claims = tuple[tuple[str, Json, str, int, int | None], ...]
EXACT: Claims = (
    ("strike.took_place", "yes", "direct", 3, None),
    ("aircraft.present", "yes", "direct", 2, 0),
    ("aircraft.number", {"min": 2, "max": 3}, "saw", 1, 1),
)
LADDER: Claims = (
    ("strike.took_place", "yes", "direct", 6, None),
    ("explosions.count", 4, "heard", 3, None),
    ("warning.given", "yes", "direct", 0, None),
)

QUOTE = {
    "words": "I saw it, very high. رأيتها بعيني",
    "descriptor": "health_worker",
    "claims": [0, 1],
}


@dataclass(frozen=True)
class Proven:
    """A published file and all that it was made from."""

    published: dict[str, Any]
    leaves: tuple[tuple[dict[str, Json], ...], ...]  # of each line, opened
    tree: tuple[bytes, ...]
    entries: tuple[dict[str, Json], ...]

    @property
    def data(self) -> bytes:
        """The file."""
        return canonical(self.published)

    @property
    def document(self) -> dict[str, Any]:
        """The statement, unsigned."""
        found: dict[str, Any] = self.published["statement"]["document"]
        return found

    @property
    def root(self) -> bytes:
        """Of the edition's tree."""
        return merkle.root(self.tree)

    @property
    def proof(self) -> dict[str, Any]:
        found: dict[str, Any] = self.published["proof"]
        return found

    @property
    def text(self) -> str:
        """What is stamped."""
        return notes.verify_note(self.proof["checkpoint"], ORIGIN, LOG.public)

    def openings(self, line: int) -> dict[str, Any]:
        """What a court would get of a line."""
        statement = statements.parse(self.document)
        paths = [commitments.path_to(self.tree, commitments.leaf_hash(leaf)) for leaf in self.leaves[line]]
        return statements.openings(statement, line, list(zip(self.leaves[line], paths, strict=True)))

    def stamped(self, *stamps: bytes) -> Proven:
        """With these stamps."""
        return self.changed(lambda raw: raw["proof"].update(stamps=[statements.stamp(one) for one in stamps]))

    def changed(self, change: Callable[[dict[str, Any]], object]) -> Proven:
        """With something changed in the published file."""
        raw = copy.deepcopy(self.published)
        change(raw)
        return replace(self, published=raw)


def log_of(entries: Sequence[dict[str, Json]]) -> tuple[bytes, ...]:
    """The leaf hashes of a log."""
    return tuple(map(logs.entry_hash, entries))


def checkpoint_of(entries: Sequence[dict[str, Json]]) -> str:
    """The signed state of a log."""
    return logs.checkpoint(VAULT, log_of(entries), LOG)


def entry_of(number: int, *values: bytes) -> dict[str, Json]:
    """An entry of the log."""
    return logs.entry(VAULT, number, f"2026-11-{number + 1:02}", values)


def document_of(lines: Sequence[Json], root: bytes) -> dict[str, Any]:
    """A statement, unsigned."""
    return {
        "format": "witness-vault/v1/statement",
        "vault": VAULT,
        "incident": INCIDENT,
        "about": {"en": "the strike on a field hospital in Sermin", "ar": "قصف مشفى ميداني في سرمين"},
        "vocabulary": "air-strike",
        "month": "2026-11",
        "same_person": "2026-11, in part",
        "lines": list(lines),
        "policy": {
            **{"name": "RP-1", "ladder": [3, 5, 8, 12, 20, 30, 50], "pool": 20, "share": 20, "cover": 5},
            **{"width": 2, "reviewers": 2, "revised_after_days": 180},
        },
        "consent": "all_counted_and_all_complements" if lines[0]["exactly"] else "aggregate",
        "root": b64(root),
        "log": {"origin": ORIGIN, "key": b64(LOG.public)},
        "previous": None,
        "roster": 3,
        "preparer": "V1",
    }


def lines_of(claims: Claims) -> tuple[list[Json], tuple[tuple[dict[str, Json], ...], ...]]:
    """The lines of the statement, and the leaves behind each."""
    lines, leaves, exactly = [], [], claims is EXACT
    for at, (subject, value, column, counted, within) in enumerate(claims):
        number = counted if exactly else max(step for step in (0, 3, 5, 8) if step <= counted)
        group = Group(INCIDENT, subject, value, column)
        keys = [[seed(f"shred {at} {one}")] for one in range(counted)]
        opened = tuple(
            commitments.leaf(VAULT, group, commitments.salt(key, NONCE, (CASE, 1), group)) for key in keys
        )
        named = commitments.line_digest(map(commitments.leaf_hash, opened)) if number else None
        line = {"subject": subject, "value": value, "column": column, "number": number, "exactly": exactly}
        lines.append({**line, "within": within, "leaves": named})
        leaves.append(opened)
    return lines, tuple(leaves)


def prove(claims: Claims) -> Proven:
    """A statement, signed by all who must, in the third entry of a log of five."""
    lines, leaves = lines_of(claims)
    tree = commitments.edition_tree(commitments.leaf_hash(leaf) for line in leaves for leaf in line)
    root = merkle.root(tree)
    values = commitments.entry_values([root, seed("the root of another edition")])
    entries = tuple(
        entry_of(number, *(values if number == 3 else [seed(f"entry {number}")])) for number in range(1, 6)
    )
    proof = logs.proof(root, values, entries[2], log_of(entries), checkpoint_of(entries))
    signed = signed_by(document_of(lines, root), SIGNERS)
    return Proven(statements.published(signed, ROSTERS, proof), leaves, tree, entries)


def prove_quoted() -> Proven:
    """The exact statement with a witness's own words, signed anew."""
    document = PROVEN.document | {"quotes": [dict(QUOTE)]}
    return PROVEN.changed(lambda raw: raw.update(statement=signed_by(document, SIGNERS)))


PROVEN = prove(EXACT)
AT_LEAST = prove(LADDER)
QUOTED = prove_quoted()
