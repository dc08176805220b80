"""Deposits: two signed halves, cut into frames, each sealed for its slot (docs/FORMATS.md §4.2, §4.3, §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from vault.errors import Invalid, Tampered
from vault.sealing import boxes, locks
from vault.sealing.digests import Document, Json, b64, canonical, digest, document_digest, parse
from vault.sealing.keypairs import SealingKey, SigningKey
from vault.sealing.signatures import Signed, read, read_by, sign

SECOND_CODING = "second-coding"
MOST_CODINGS = 16  # second codings of one interview
# Whether a deposit of each kind names an earlier one that it replaces; None: it may.
KINDS: Mapping[str, bool | None] = {
    "original": False,
    "follow-up": False,
    "correction": True,
    "consent": None,
    SECOND_CODING: None,
}
ID_SIZE = 16
SLOT_SIZE = 16384
IDENTITY_SLOT_SIZE = 20480
IDENTITY_CONTENT = IDENTITY_SLOT_SIZE - locks.OVERHEAD
FRAME_SIZE = SLOT_SIZE - locks.OVERHEAD - boxes.OVERHEAD
FRAME_DATA = FRAME_SIZE - ID_SIZE - 4
_LAST = bytes(ID_SIZE)
_STATEMENT = {
    *("format", "vault", "case", "roster", "depositor"),
    *("kind", "supersedes", "testimony", "observations"),
}


@dataclass(frozen=True)
class Place:
    """Where a sealed half belongs: a case, one of its keys, that key's version."""

    vault: str
    case: str
    key: str
    version: int

    def frame(self, record: bytes) -> tuple[str, Document]:
        """The context of one frame."""
        about = {"vault": self.vault, "case": self.case, "key": self.key, "version": self.version}
        return "deposit-frame", {**about, "record": b64(record)}


@dataclass(frozen=True)
class _Frame:
    following: bytes
    data: bytes


@dataclass(frozen=True)
class Half:
    """One verified half of a deposit: the receipt digest, the signed statement and the body."""

    digest: str
    statement: dict[str, Any]
    body: dict[str, Any]


@dataclass(frozen=True)
class Root:
    """What the ids and nonces of a deposit follow from: a token, and the branch of it on which this deposit lies.

    An interview lies on the trunk, second codings of it on branches, and all of them are withdrawn by its token. A
    change of consent has a token of its own, and a branch where no withdrawal looks.
    """

    token: bytes = field(repr=False)
    branch: str = ""

    @property
    def withdraws(self) -> bool:
        """Whether the token withdraws this deposit, and so belongs on its receipt."""
        return not self.branch

    def record(self, part: str, place: int = 0) -> bytes:
        """The id of a record: of a half its so-many-th, or of the identity or match record."""
        return locks.derive(self.token, f"id/{self.branch}{part}{f'/{place}' if place else ''}", ID_SIZE)

    def nonce(self, half: str) -> str:
        """What keeps a half's hash from being guessed; the same at a second attempt."""
        return b64(locks.derive(self.token, f"nonce/{self.branch}{half}", ID_SIZE))

    def again(self, number: int) -> Root:
        """Where the so-many-th second coding of this interview lies."""
        return Root(self.token, f"again/{number}/")

    def change(self) -> Root:
        """Where a change of consent lies."""
        return Root(self.token, "change/")


def record_id(token: bytes, part: str) -> bytes:
    """The id of a record of the interview whose withdrawal token this is."""
    return Root(token).record(part)


def half_hash(body: Document) -> str:
    """How the signed statement names a half."""
    return b64(digest("half", canonical(body)))


def statement(facts: Document, testimony: Document, observations: Document) -> dict[str, Any]:
    """The document that is signed: the one place where the two halves meet."""
    hashes = {"testimony": half_hash(testimony), "observations": half_hash(observations)}
    return {"format": "witness-vault/v1/deposit", **facts, **hashes}


def sign_statement(document: Document, key: SigningKey) -> Signed:
    """The statement, signed by its depositor."""
    return sign(document, str(document["depositor"]), key)


def seal_half(
    signed: Signed, body: Document, public: bytes, place: Place, ids: Callable[[int], bytes]
) -> dict[bytes, bytes]:
    """The half as sealed frames by record id; `ids(i)` names the i-th. Locked, each fills a slot."""
    data = canonical({"deposit": signed, "body": dict(body)})
    chunks = [data[i : i + FRAME_DATA] for i in range(0, len(data), FRAME_DATA)]
    sealed = {}
    for i, chunk in enumerate(chunks):
        following = ids(i + 1) if i + 1 < len(chunks) else _LAST
        frame = following + len(chunk).to_bytes(4, "big") + chunk + bytes(FRAME_DATA - len(chunk))
        sealed[ids(i)] = boxes.seal(public, place.frame(ids(i)), frame)
    return sealed


def unseal_halves(
    sealed: Mapping[bytes, bytes], keys: Sequence[tuple[Place, SealingKey]]
) -> tuple[dict[bytes, Json], int]:
    """What lies in these frames, by the record id each half starts at; and how many frames say nothing sound.

    `keys` are the versions of one of the case's keys, each with where what is sealed to it belongs.
    """
    frames = {}
    for record, box in sealed.items():
        try:
            frames[record] = _unseal_frame(box, keys, record)
        except Tampered:
            continue
    halves: dict[bytes, Json] = {}
    sound: set[bytes] = set()
    # Every frame may be a first one: whether another frame claims to lead to it must not hide it.
    for first in frames:
        try:
            parts = _follow(first, frames)
            halves[first] = _parse(b"".join(frames[part].data for part in parts))
            sound.update(parts)
        except Tampered:
            continue
    return halves, len(sealed) - len(sound)


class Unsealing:
    """One half of many deposits, frame by frame: what is whole is handed on at once, and not kept."""

    def __init__(self, keys: Sequence[tuple[Place, SealingKey]]) -> None:
        self._keys, self._waiting = keys, dict[bytes, _Frame]()
        self.unsound = 0  # frames that say nothing sound

    def take(self, record: bytes, box: bytes) -> Json | None:
        """What a frame says by itself, or None where it waits for others or says nothing."""
        try:
            frame = _unseal_frame(box, self._keys, record)
        except Tampered:
            self.unsound += 1
            return None
        if frame.following == _LAST:
            with suppress(Tampered):
                return _parse(frame.data)
        self._waiting[record] = frame
        return None

    def rest(self) -> Iterator[tuple[list[bytes], Json]]:
        """What several frames say together, and which ones, the first one first."""
        sound: set[bytes] = set()
        for first in self._waiting:  # every one may be a first one, as in `unseal_halves`
            with suppress(Tampered):
                parts = _follow(first, self._waiting)
                yield parts, _parse(b"".join(self._waiting[part].data for part in parts))
                sound.update(parts)
        self.unsound += len(self._waiting.keys() - sound)


def verify_half(opened: Json, half: str, case: Document, key_of: Callable[[Document], bytes]) -> Half:
    """The half, if its statement is of this case and signed by the depositor it names. Raises Tampered.

    `key_of(statement)` gives the signing key of the member whom it names, if that one may make it, or raises Tampered.
    """
    try:
        document, _ = read(opened["deposit"], "deposit")
        depositor, body = document["depositor"], opened["body"]
        key = key_of(document)
        signed = read_by(opened["deposit"], "deposit", depositor, key)
        whole = _fits(signed) and isinstance(body, dict) and half_hash(body) == signed[half]
        if whole and all(signed[key] == value for key, value in case.items()):
            return Half(b64(document_digest(signed)), signed, body)
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("A deposit is not signed by a researcher of this vault.")


def _fits(signed: Document) -> bool:
    """Whether a statement has the members of its kind."""
    replaces, codes_again = KINDS[signed["kind"]], signed["kind"] == SECOND_CODING
    named = isinstance(signed["supersedes"], str)
    return (
        set(signed) == _STATEMENT | ({"codes"} if codes_again else set())
        and (named or signed["supersedes"] is None)
        and replaces in (None, named)
        and (not codes_again or isinstance(signed["codes"], str))
    )


def _unseal_frame(box: bytes, keys: Sequence[tuple[Place, SealingKey]], record: bytes) -> _Frame:
    for place, key in keys:
        with suppress(Tampered):
            return _frame(boxes.unseal(key, place.frame(record), box))
    raise Tampered("A deposit's record is damaged.")


def _frame(frame: bytes) -> _Frame:
    length = int.from_bytes(frame[ID_SIZE : ID_SIZE + 4], "big")
    if len(frame) != FRAME_SIZE or length > FRAME_DATA:
        raise Tampered("A deposit's record is damaged.")
    return _Frame(frame[:ID_SIZE], frame[ID_SIZE + 4 : ID_SIZE + 4 + length])


def _follow(first: bytes, frames: Mapping[bytes, _Frame]) -> list[bytes]:
    parts: list[bytes] = []
    record = first
    while record != _LAST:
        if record not in frames or len(parts) == len(frames):
            raise Tampered("A part of a deposit is missing, or its parts run in a circle.")
        parts.append(record)
        record = frames[record].following
    return parts


def _parse(data: bytes) -> Json:
    try:
        return parse(data)
    except Invalid:
        raise Tampered("A deposit's records hold something else than a deposit.") from None
