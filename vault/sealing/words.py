"""What people read aloud, type and write down: fingerprints, pseudonyms, codes (docs/FORMATS.md §2.8).

The list is the EFF long word list (Electronic Frontier Foundation, CC BY 3.0 US) without its four
hyphens, so that a hyphen only ever joins words, and without words that could harm whoever is called by them.
"""

from __future__ import annotations

import base64
import secrets
from functools import cache
from importlib.resources import files

from vault.errors import Invalid
from vault.sealing.digests import digest
from vault.sealing.keypairs import DEVICE_KEY_SIZE

FINGERPRINT_WORDS = 6
OPENING_CODE_WORDS = 10
PASSPHRASE_WORDS = 6
_SPELLED = -(-8 * DEVICE_KEY_SIZE // 5)  # signs of a device key in base32


@cache
def word_list() -> tuple[str, ...]:
    """Some 7,500 words: 12.9 bits each."""
    return tuple(files("vault.sealing").joinpath("words.txt").read_text("ascii").split())


def words(hashed: bytes, count: int) -> list[str]:
    """`count` words that stand for a hash."""
    number, chosen = int.from_bytes(hashed, "big"), []
    for _ in range(count):
        number, index = divmod(number, len(word_list()))
        chosen.append(word_list()[index])
    return chosen


def fingerprint(hashed: bytes) -> str:
    """Six words, to be compared by voice."""
    return " ".join(words(hashed, FINGERPRINT_WORDS))


def random_words(count: int) -> str:
    """`count` random words (12.9 bits each)."""
    return " ".join(secrets.choice(word_list()) for _ in range(count))


def new_pseudonym() -> str:
    """About 39 random bits as three words, and a check word."""
    stem = "-".join(secrets.choice(word_list()) for _ in range(3))
    return f"{stem}-{_check_word(stem)}"


def check_pseudonym(typed: str, about: str | None = None) -> str:
    """The pseudonym as the vault writes it. Raises Invalid when a word is mistyped: the check word tells."""
    pseudonym = "-".join(typed.strip().lower().replace("-", " ").split())
    stem, _, last = pseudonym.rpartition("-")
    if stem.count("-") != 2 or last != _check_word(stem):
        raise Invalid("That pseudonym has a typing error: compare its four words with the receipt.", about)
    return pseudonym


def spell_device_key(key: bytes) -> str:
    """A device key as thirteen groups of four letters and digits."""
    text = base64.b32encode(key).decode("ascii").rstrip("=")
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def read_device_key(typed: str) -> bytes:
    """The device key that was typed or pasted. Raises Invalid."""
    text = "".join(typed.split()).replace("-", "").upper()
    try:  # of no other length: to decode megabytes takes seconds, and anybody may send them
        key = base64.b32decode(text + "=" * (-len(text) % 8)) if len(text) == _SPELLED else b""
    except ValueError:
        key = b""
    if len(key) != DEVICE_KEY_SIZE or spell_device_key(key).replace("-", "") != text:
        raise Invalid(
            "The device key has thirteen groups of four letters or digits; check it against the kit."
        )
    return key


def opening_key(typed: str) -> bytes:
    """The symmetric key that an opening code stands for (≥ 128 random bits, so one hash suffices)."""
    return digest(
        "opening-code", " ".join(typed.lower().replace("-", " ").split()).encode("utf-8", "surrogatepass")
    )


def _check_word(stem: str) -> str:
    return words(digest("pseudonym", stem.encode("utf-8", "surrogatepass")), 1)[0]
