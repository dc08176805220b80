"""Statements, and the files in which they are published with their proof (docs/FORMATS.md §16).

What a sound statement is, and whether a published file holds, is said in one place, `vault/verifier.py`, which a
stranger runs too: what the vault signs and publishes is never measured by another rule than what they measure by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vault import verifier
from vault.errors import N_, Invalid, Tampered
from vault.sealing.digests import Document, Json, b64, document_digest, unb64
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed, read, verify

COLUMNS = verifier.COLUMNS
_WRONG = N_("This is not a statement of this version of the vault.")


@dataclass(frozen=True)
class Statement:
    """A sound statement, unsigned or signed, and what of it others ask for."""

    document: dict[str, Any] = field(repr=False)
    vault: str
    incident: str
    lines: tuple[Document, ...]
    policy: Document
    root: bytes
    log: tuple[str, bytes]
    previous: str | None
    roster: int
    preparer: str

    @property
    def digest(self) -> str:
        """The name of the statement; signatures are no part of it."""
        return b64(document_digest(self.document))


@dataclass(frozen=True)
class Signatories:
    """Who has signed a statement so far."""

    prepared: bool
    reviewers: frozenset[str]
    custodians: frozenset[str]
    wanted: int

    @property
    def lacking(self) -> int:
        """How many other reviewers must still sign."""
        return max(0, self.wanted - len(self.reviewers))

    @property
    def complete(self) -> bool:
        """Whether it may be published: by its preparer, enough others, and a custodian."""
        return self.prepared and not self.lacking and bool(self.custodians)


def parse(document: Json) -> Statement:
    """The statement that a document makes. Raises Invalid for one that no verifier would take."""
    try:
        verifier.check_statement(document)
    except (verifier.Wrong, ValueError, TypeError, KeyError, AttributeError):
        raise Invalid(_WRONG) from None
    return Statement(
        document=dict(document),
        vault=document["vault"],
        incident=document["incident"],
        lines=tuple(document["lines"]),
        policy=document["policy"],
        root=unb64(document["root"], 32),
        log=(document["log"]["origin"], unb64(document["log"]["key"], 32)),
        previous=document["previous"],
        roster=document["roster"],
        preparer=document["preparer"],
    )


def signatories(signed: Json, chain: Sequence[Roster]) -> tuple[Statement, Signatories]:
    """A signed statement and who signed it, by the roster version that it names.

    Raises Invalid for an unsound one, Tampered for a signature that fails or is of nobody who may sign.
    """
    document, entries = read(signed, "statement")
    statement = parse(document)
    named = [roster for roster in chain if roster.version == statement.roster]
    if not named or named[0].vault != statement.vault:
        raise Tampered("A statement names a roster that is not there.")
    custodians = named[0].custodian_keys()
    reviewers = {code: one.signing for code, one in named[0].members.items() if one.role == "reviewer"}
    keys: Mapping[str, bytes] = {**reviewers, **custodians}
    codes = {entry["by"] for entry in entries}
    if statement.preparer not in reviewers or not codes <= keys.keys():
        raise Tampered("A statement is signed by somebody who may not sign it.")
    if len({keys[code] for code in codes}) < len(codes):
        raise Tampered("A statement is signed twice by one key.")
    for entry in entries:
        verify(document, entry, keys[entry["by"]])
    return statement, Signatories(
        prepared=statement.preparer in codes,
        reviewers=frozenset(codes & reviewers.keys() - {statement.preparer}),
        custodians=frozenset(codes & custodians.keys()),
        wanted=statement.policy["reviewers"],
    )


def published(signed: Signed, rosters: Sequence[Signed], proof: Document | None) -> dict[str, Json]:
    """The file to publish: the signed statement, every signed roster, and its proof once the log has it."""
    return {
        "format": "witness-vault/v1/published",
        "statement": signed,
        "rosters": list(rosters),
        "proof": None if proof is None else dict(proof),
    }


def stamp(answer: bytes) -> dict[str, str]:
    """How a proof has an authority's answer: with its hash, for the bytes that no signature in it covers."""
    return {"answer": b64(answer), "hash": b64(hashlib.sha256(answer).digest())}


def openings(statement: Statement, line: int, opened: Sequence[tuple[Document, Document]]) -> dict[str, Json]:
    """What a court is given of one line: its leaves, opened, each with its path in the edition's tree."""
    return {
        "format": "witness-vault/v1/commitment-openings",
        "statement": statement.digest,
        "line": line,
        "leaves": [dict(leaf) for leaf, _ in opened],
        "paths": [dict(path) for _, path in opened],
    }


def check_published(data: bytes) -> verifier.Report:
    """What a stranger would find in a published file. Raises Tampered, naming the step that fails."""
    report = verifier.Report()
    try:
        verifier.verify(verifier.Given(data), report)
    except verifier.Failed as error:
        raise Tampered(
            "A published statement does not hold at the step %(step)s: %(reason)s",
            step=error.step,
            reason=error.reason,
        ) from None
    return report
