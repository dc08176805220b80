"""A statement on its way: prepared, approved, carried to a custodian, pulled (docs/FORMATS.md §18).

Who prepared and who approved is decided by signatures of reviewers to whom the case has promised its corroboration
key: on the server and on the custodian's device by the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vault.errors import N_, Invalid, Tampered
from vault.sealing import boxes, casefiles, statements
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Document, Json, canonical, pad, parse_object, size_class, unb64, unpad
from vault.sealing.keypairs import SealingKey, SigningKey
from vault.sealing.rosters import DAY, Roster, at
from vault.sealing.signatures import Signed, read, read_by, sign, signature, verify, with_signatures
from vault.sealing.statements import Statement

PREPARED, APPROVAL, PULL = "prepared", "statement-approval", "statement-pull"
LARGEST = 4 * 2**20
_WRONG = N_("This is not a statement that a reviewer of this case has prepared.")


@dataclass(frozen=True)
class Prepared:
    """A statement as its preparer signed it: of which edition, and when."""

    signed: Signed = field(repr=False)
    name: str
    edition: int
    day: date
    statement: Statement


@dataclass(frozen=True)
class Approval:
    """Another reviewer's approval: by whom, when they last looked at every gate, and their signature."""

    by: str
    day: date
    entry: dict[str, str] = field(repr=False)
    signed: Signed = field(repr=False)


@dataclass(frozen=True)
class Approved:
    """A prepared statement and who has approved it."""

    prepared: Prepared
    approvals: tuple[Approval, ...]

    @property
    def lacking(self) -> int:
        """How many more reviewers must approve."""
        return max(0, int(self.prepared.statement.policy["reviewers"]) - len(self.approvals))

    @property
    def looked_at(self) -> date:
        """The last day on which somebody found every gate open."""
        return max((one.day for one in self.approvals), default=self.prepared.day)

    def signed(self, *more: Mapping[str, str]) -> Signed:
        """The statement with the signatures of preparer and approvers, and more."""
        own = self.prepared.signed["document"]["statement"]["signatures"]
        entries = [*own, *(one.entry for one in self.approvals), *more]
        return with_signatures(self.prepared.statement.document, entries)


def prepare(document: Document, about: Document, today: date, key: SigningKey) -> Signed:
    """A statement with its preparer's signature; where it belongs (case, name, edition) and the day, signed too."""
    by = document["preparer"]
    wrapped = {"format": "witness-vault/v1/prepared", "vault": document["vault"], **about}
    return sign({**wrapped, "day": today.isoformat(), "statement": sign(document, by, key)}, by, key)


def read_prepared(signed: Json, file: CaseFile, chain: Sequence[Roster]) -> Prepared:
    """The statement, by the roster version that it names. Raises Tampered."""
    try:
        inner, _ = read(signed["document"]["statement"], "statement")
        statement = statements.parse(inner)
        public = _reviewer(file, at(chain)(statement.roster), statement.preparer)
        document = read_by(signed, PREPARED, statement.preparer, public)
        read_by(document["statement"], "statement", statement.preparer, public)
        unb64(document["name"], 16)
        placed = (document["vault"], document["case"]) == (file.vault, file.id) == (statement.vault, file.id)
        if placed and isinstance(document["edition"], int) and DAY.match(document["day"]):
            day = date.fromisoformat(document["day"])
            return Prepared(signed, document["name"], document["edition"], day, statement)
    except (KeyError, TypeError, ValueError, Invalid):
        pass
    raise Tampered(_WRONG)


def approve(prepared: Prepared, by: str, today: date, key: SigningKey) -> Signed:
    """A reviewer's approval, with their signature of the statement in it."""
    about = {name: prepared.signed["document"][name] for name in ("vault", "case", "name")}
    document = {
        "format": "witness-vault/v1/statement-approval",
        **about,
        "statement": prepared.statement.digest,
        "day": today.isoformat(),
        "by": by,
        "signature": signature(prepared.statement.document, by, key)["signature"],
    }
    return sign(document, by, key)


def read_approval(signed: Json, prepared: Prepared, file: CaseFile, chain: Sequence[Roster]) -> Approval:
    """An approval of this statement, by another reviewer than who prepared it. Raises Tampered."""
    try:
        by = signed["document"]["by"]
        public = _reviewer(file, at(chain)(prepared.statement.roster), by)
        document = read_by(signed, APPROVAL, by, public)
        entry = {"by": by, "signature": document["signature"]}
        verify(prepared.statement.document, entry, public)
        about = (prepared.name, prepared.statement.digest)
        if (document["name"], document["statement"]) == about and by != prepared.statement.preparer:
            return Approval(by, date.fromisoformat(document["day"]), entry, signed)
    except (KeyError, TypeError, ValueError):
        pass
    raise Tampered("This is not another reviewer's approval of this statement.")


def approved(prepared: Prepared, signed: Iterable[Json], file: CaseFile, chain: Sequence[Roster]) -> Approved:
    """The statement with those of these approvals that hold, one of each reviewer; the others count for nothing."""
    found: dict[str, Approval] = {}
    for one in signed:
        with suppress(Tampered):
            approval = read_approval(one, prepared, file, chain)
            found[approval.by] = approval
    return Approved(prepared, tuple(found[by] for by in sorted(found)))


def open_packet(key: SealingKey, chain: Sequence[Roster], about: tuple[str, str], sealed: bytes) -> Approved:
    """What waits for a custodian: `about` is the statement's name and their code. Raises Tampered, also for one that
    lacks an approval."""
    name, custodian = about
    content = unseal([key], packet_place(chain[-1].vault, name, custodian), sealed)
    try:
        file = casefiles.verify_chain(content["case"], at(chain))
        prepared = read_prepared(content["prepared"], file, chain)
        found = approved(prepared, content["approvals"], file, chain)
    except (KeyError, TypeError, Invalid):
        raise Tampered(_WRONG) from None
    # The roster of today: whoever it no longer lists approves nothing any more.
    if prepared.name != name or prepared.statement.roster != chain[-1].version or found.lacking:
        raise Tampered("This statement is not approved by everybody who must, under the newest roster.")
    return found


def pull(about: Document, by: str, today: date, key: SigningKey) -> Signed:
    """What pulls a published statement: `about` names vault, case, statement and the roster that lists who pulls."""
    document = {"format": "witness-vault/v1/statement-pull", **about, "day": today.isoformat(), "by": by}
    return sign(document, by, key)


def read_pull(signed: Json, file: CaseFile, chain: Sequence[Roster]) -> tuple[str, str]:
    """Which statement is pulled, and by whom: a reviewer to whom the case promised its figures, or a custodian.

    Raises Tampered.
    """
    try:
        code, roster = signed["document"]["by"], at(chain)(signed["document"]["roster"])
        if code in roster.custodians:
            public = roster.custodians[code].signing
        else:
            public = _reviewer(file, roster, code, "editions")
        document = read_by(signed, PULL, code, public)
        if (document["vault"], document["case"]) == (file.vault, file.id):
            return str(document["statement"]), code
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("This does not pull a statement of this case.")


def seal(public: bytes, about: tuple[str, Document], content: Document) -> bytes:
    """Signed things, padded and sealed."""
    data = canonical(content)
    return boxes.seal(public, about, pad(data, size_class(len(data))))


def unseal(keys: Iterable[SealingKey], about: tuple[str, Document], sealed: bytes) -> dict[str, Any]:
    """What `seal` was given. Raises Tampered."""
    try:
        return parse_object(unpad(boxes.unseal_with(keys, about, sealed)))
    except Invalid:
        raise Tampered(_WRONG) from None


def place(kind: str, file: CaseFile, name: str) -> tuple[str, Document]:
    """What is sealed to the case's editions key is bound to: the statement's row, and what is in it."""
    return kind, {"vault": file.vault, "case": file.id, "name": name}


def packet_place(vault: str, name: str, custodian: str) -> tuple[str, Document]:
    """What a custodian's packet is bound to."""
    return "statement-packet", {"vault": vault, "name": name, "recipient": custodian}


def _reviewer(file: CaseFile, roster: Roster, code: str, key: str = "corroboration") -> bytes:
    member = roster.member(code)
    if member.role != "reviewer" or not file.has_promised(code, key):
        raise Tampered("This reviewer has no such part in this case.")
    return member.signing
