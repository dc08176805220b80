"""Attack 9: whoever has the register of the whole town tries everybody in it against everything that is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drill import telling
from drill.attack import Attack, Finding, spoilt
from drill.naive import CONFIGURATION
from drill.world import NAIVE, World
from tests.stage import Facts
from vault.sealing.digests import digest, label_tag, witness_tag
from vault.store.keks import Keks

OTHERS = 1  # in the register, for each witness
_HASHES = ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
_SHORT = 12  # bytes of a digest that are looked for: what is stored may be cut
_SETTING = re.compile(rb"^\w+ *= *(.+)$", re.MULTILINE)
Heads = np.ndarray[tuple[int], np.dtype[np.uint64]]
Tails = np.ndarray[tuple[int], np.dtype[np.uint32]]


def forms(person: dict[str, str]) -> set[bytes]:
    """What of somebody may have been hashed: name, contact, both, as they are and made plain."""
    name, contact = person["name"], person["contact"]
    texts = (name, contact, name + contact, f"{name}|{contact}", f"{name},{person['address']}")
    plain = [" ".join(text.casefold().split()) for text in texts]
    return {one.encode() for one in (*texts, *plain, *(text.replace(" ", "") for text in plain))}


def digests(text: bytes, secrets: Sequence[bytes]) -> Iterator[bytes]:
    """Every way that we know to make a fingerprint of a text, with each secret."""
    for how in _HASHES:
        yield hashlib.new(how, text).digest()
    for secret in secrets:
        yield hashlib.sha256(secret + text).digest()
        yield hashlib.sha256(text + secret).digest()
        for how in ("sha1", "sha256", "sha512"):
            yield hmac.digest(secret, text, how)
        yield hashlib.blake2b(text, key=secret[:64]).digest()


def ours(text: str, case: str) -> Iterator[bytes]:
    """The vault's own ways."""
    for kind in ("witness", "label", "identity", "name", "match"):
        yield digest(kind, text.encode())
    yield base64.urlsafe_b64decode(witness_tag(case, text) + "==")
    for kind in ("introducer", "interpreter", "shown_before"):
        yield base64.urlsafe_b64decode(label_tag(case, kind, text) + "==")


_PREPARED: dict[tuple[Facts, tuple[bytes, ...]], Fingerprints] = {}


@dataclass(frozen=True)
class Fingerprints:
    """What is looked for: the first eight bytes of every fingerprint, ascending, the next four, and whose it is."""

    heads: Heads
    tails: Tails
    people: Tails

    @classmethod
    def of(cls, made: Iterable[tuple[int, bytes]]) -> Fingerprints:
        """Of fingerprints and whose they are: raw, in hexadecimal digits, as base64."""
        owners, shapes = array("I"), bytearray()
        for number, found in made:
            for shape in _shapes(found):
                owners.append(number)
                shapes += shape[:_SHORT]
        rows = np.frombuffer(shapes, dtype=np.dtype([("head", "<u8"), ("tail", "<u4")]))
        order = rows["head"].argsort()
        return cls(rows["head"][order].copy(), rows["tail"][order].copy(), np.array(owners, "<u4")[order])

    def hits(self, data: bytes) -> Iterator[int]:
        """Whose fingerprints stand in some bytes."""
        few = np.zeros(1 << 24, dtype=bool)
        few[self.heads & np.uint64(0xFFFFFF)] = True
        for shift in range(8):
            words = np.frombuffer(data, dtype="<u8", offset=shift, count=max(0, len(data) - shift) // 8)
            maybe = np.flatnonzero(few[words & np.uint64(0xFFFFFF)])
            found = np.searchsorted(self.heads, words[maybe]) % len(self.heads)
            there = self.heads[found] == words[maybe]
            for place, one in zip(maybe[there], found[there], strict=True):
                after = shift + 8 * int(place) + 8
                if self.tails[one] == int.from_bytes(data[after : after + _SHORT - 8], "little"):
                    yield int(self.people[one])


def _shapes(found: bytes) -> tuple[bytes, ...]:
    plain, digits = base64.b64encode(found), found.hex().encode()
    return found, digits, digits.upper(), plain, plain.replace(b"+", b"-").replace(b"/", b"_")


def separated(witnesses: Sequence[int], others: Sequence[int]) -> float:
    """How likely a witness has more hits than somebody else (the area under the curve): 0.5 says nothing."""
    more = sum((mine > theirs) + 0.5 * (mine == theirs) for mine in witnesses for theirs in others)
    return more / (len(witnesses) * len(others))


def _people(world: World) -> tuple[list[dict[str, str]], int]:
    """The register, witnesses first, and how many these are."""
    witnesses = [one.identity for one in world.truth.witnesses]
    rest = range(len(witnesses), (1 + OTHERS) * len(witnesses))
    return [*witnesses, *map(telling.identity, rest)], len(witnesses)


def _secrets(world: World) -> tuple[bytes, ...]:
    """What lies in the configuration and beside it, and the names of the cases, of which a salt may be made."""
    with closing(sqlite3.connect(world.vault / "testimony.db")) as connection:
        cases = [case for (case,) in connection.execute("SELECT id FROM cases")]
    return (*Keks(world.vault / "shreds.key").read(), (world.vault / "log.key").read_bytes(), *cases)


def _made(world: World, secrets: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, person in enumerate(_people(world)[0]):
        for text in forms(person):
            yield from ((number, found) for found in digests(text, secrets))
        yield from ((number, found) for found in ours(person["name"], world.facts.case))


def _tried(world: World, files: Iterable[Path], secrets: tuple[bytes, ...]) -> float:
    about = world.facts, secrets
    if about not in _PREPARED:
        _PREPARED[about] = Fingerprints.of(_made(world, secrets))
    people, count = _people(world)
    found = [0] * len(people)
    for path in files:
        for number in _PREPARED[about].hits(path.read_bytes()):
            found[number] += 1
    return separated(found[:count], found[count:])


def _dictionary(world: World) -> Finding:
    kept = sorted(path for path in world.vault.rglob("*") if path.is_file())
    return _said(_tried(world, kept, _secrets(world)))


def _naive_dictionary(world: World) -> Finding:
    settings = (world.folder / NAIVE / CONFIGURATION).read_bytes()
    return _said(_tried(world, [world.folder / NAIVE / "naive.db"], tuple(_SETTING.findall(settings))))


def _said(area: float) -> Finding:
    return Finding(f"AUC {area:.1f}", area == 0.5)


def _looked_up(world: World) -> None:
    """Names are looked up by a keyed hash of them, beside the record."""
    (secret, *_) = Keks(world.vault / "shreds.key").read()
    with closing(sqlite3.connect(world.vault / "testimony.db")) as connection:
        for one in world.truth.witnesses:
            mark = hmac.digest(secret, one.identity["name"].casefold().encode(), "sha256")
            row = mark, one.records["testimony"]
            connection.execute("UPDATE slots SET receipt = ? WHERE record = ?", row)
        connection.commit()


ATTACKS = (
    Attack(
        9,
        "Try everybody in the register against all that is stored",
        "AUC 0.5: nobody in it is told from anybody else",
        "AUC 0.5",
        _dictionary,
        _naive_dictionary,
        (spoilt("a keyed hash of the name beside the record", _dictionary, _looked_up),),
    ),
)
