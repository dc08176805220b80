"""A key file on paper: as words to be typed, each line with a check word, and as one text for a QR code (§6.1).

Still locked under the passphrase. Cards are left out: the keys give them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vault.errors import N_, Invalid, Tampered
from vault.sealing.digests import Document, Json, b64, digest, unb64
from vault.sealing.keypairs import (
    SEED_SIZE,
    CostProfile,
    MemberSecret,
    SealingKey,
    SigningKey,
    cost_of,
    unwrap,
    wrap,
)
from vault.sealing.locks import OVERHEAD
from vault.sealing.members import KeyFile, check_code, custodian_card, seal_key_file
from vault.sealing.words import word_list, words

LINE_SIZE = 12  # bytes: eight words of 12.87 bits hold 96 bits
LINE_WORDS = 8
_VERSION = 1
_DAMAGED = N_("This is not the paper of a key file, or it is of another version.")


@dataclass(frozen=True)
class _Reader:
    data: bytes

    def take(self, size: int) -> tuple[bytes, _Reader]:
        if len(self.data) < size:
            raise Invalid(_DAMAGED)
        return self.data[:size], _Reader(self.data[size:])


def to_paper(opened: KeyFile, pin: Json, guard: tuple[str, CostProfile]) -> bytes:
    """What stands on the paper of a key file; `guard` is the passphrase and its cost."""
    passphrase, cost = guard
    content = opened.newest.signing.seed + b"".join(secret.sealing.seed for secret in opened.secrets)
    wrapped = wrap(content, passphrase, b"", _about(opened.code), cost)
    known = b"\0"
    if pin is not None:
        known = b"\1" + unb64(pin["vault"], 16) + pin["version"].to_bytes(4, "big") + unb64(pin["digest"], 32)
    code = opened.code.encode("ascii")
    numbers = cost.memory_kib.to_bytes(4, "big") + bytes([cost.iterations, cost.lanes])
    salt = unb64(wrapped["kdf"]["salt"], 16)
    return bytes([_VERSION, len(code)]) + code + known + numbers + salt + unb64(wrapped["locked"])


def from_paper(paper: bytes, passphrase: str) -> dict[str, Any]:
    """The key file that was put on this paper. Raises Invalid for another thing, Tampered for a wrong passphrase."""
    code, pin, wrapped = _parts(paper)
    try:
        content = unwrap(wrapped, passphrase, b"", _about(code))
    except Tampered:
        raise Tampered("The passphrase does not open this paper.") from None
    signing, *seeds = (content[at : at + SEED_SIZE] for at in range(0, len(content), SEED_SIZE))
    holders = [MemberSecret(SealingKey(seed), SigningKey(signing)) for seed in seeds]
    cards = [custodian_card(code, secret) for secret in holders]
    return seal_key_file(cards, holders, pin, (passphrase, cost_of(wrapped)))


def to_words(paper: bytes) -> list[str]:
    """The lines to print: eight words and a check word each."""
    framed = len(paper).to_bytes(2, "big") + paper
    framed += bytes(-len(framed) % LINE_SIZE)
    pieces = [framed[at : at + LINE_SIZE] for at in range(0, len(framed), LINE_SIZE)]
    return [" ".join(_line(number, piece)) for number, piece in enumerate(pieces, start=1)]


def from_words(typed: str) -> bytes:
    """What `to_words` was given, from lines as somebody typed them. Raises Invalid, naming the line."""
    lines = [_tokens(line) for line in typed.splitlines() if _tokens(line)]
    pieces = [_piece(number, line) for number, line in enumerate(lines, start=1)]
    framed = b"".join(pieces)
    size = int.from_bytes(framed[:2], "big")
    wanted = -(-(size + 2) // LINE_SIZE)
    if len(pieces) != wanted:
        raise Invalid(
            "The paper has %(wanted)d lines, and %(typed)d were typed.", wanted=wanted, typed=len(pieces)
        )
    if any(framed[2 + size :]):
        raise Invalid(_DAMAGED)
    return framed[2 : 2 + size]


def _parts(paper: bytes) -> tuple[str, Json, Document]:
    head, rest = _Reader(paper).take(2)
    if head[0] != _VERSION:
        raise Invalid(_DAMAGED)
    code, rest = rest.take(head[1])
    flag, rest = rest.take(1)
    pin = None
    if flag != b"\0":
        vault, rest = rest.take(16)
        version, rest = rest.take(4)
        known, rest = rest.take(32)
        pin = {"vault": b64(vault), "version": int.from_bytes(version, "big"), "digest": b64(known)}
    memory, rest = rest.take(4)
    numbers, rest = rest.take(2)
    salt, rest = rest.take(16)
    seeds = len(rest.data) - OVERHEAD
    if seeds < 2 * SEED_SIZE or seeds % SEED_SIZE or flag not in (b"\0", b"\1"):
        raise Invalid(_DAMAGED)
    kdf = {
        "name": "argon2id",
        "memory_kib": int.from_bytes(memory, "big"),
        "iterations": numbers[0],
        "lanes": numbers[1],
        "salt": b64(salt),
    }
    wrapped = {"format": "witness-vault/v1/wrapped", "kdf": kdf, "locked": b64(rest.data)}
    return check_code(code.decode("ascii", "replace")), pin, wrapped


def _line(number: int, piece: bytes) -> list[str]:
    return [*words(piece, LINE_WORDS), _check_word(number, piece)]


def _check_word(number: int, piece: bytes) -> str:
    # the number of the line is in it: two lines that change places are noticed
    return words(digest("paper-line", bytes([number]) + piece), 1)[0]


def _piece(number: int, line: list[str]) -> bytes:
    known = word_list()
    if len(line) != LINE_WORDS + 1:
        raise Invalid(
            "Line %(number)d has %(words)d words in place of %(wanted)d.",
            number=number,
            words=len(line),
            wanted=LINE_WORDS + 1,
        )
    for at, word in enumerate(line, start=1):
        if word not in known:
            raise Invalid(
                "Line %(number)d: the list has no such word as word %(at)d; compare it with the paper.",
                number=number,
                at=at,
            )
    value: int = sum(known.index(word) * len(known) ** at for at, word in enumerate(line[:LINE_WORDS]))
    if value < 256**LINE_SIZE:
        piece = value.to_bytes(LINE_SIZE, "big")
        if line[LINE_WORDS] == _check_word(number, piece):
            return piece
    raise Invalid(
        "Line %(number)d has a typing error: compare its words with the paper, and that no line is left out.",
        number=number,
    )


def _tokens(line: str) -> list[str]:
    """The words of a line, without the number before it."""
    found = line.lower().split()
    return found[1:] if found and found[0].rstrip(".").isdecimal() else found


def _about(code: str) -> tuple[str, Document]:
    return "paper", {"code": code}
