"""Canonical encoding, labels, hashes, contexts and padding (docs/FORMATS.md §1, §2.4)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from vault.errors import N_, Invalid, Tampered

Json: TypeAlias = Any
Document: TypeAlias = Mapping[str, Json]

NOT_READ = N_("This is not a document that the vault can read: take another file, or the whole of its text.")
DAMAGED = N_("A record is damaged.")

_LARGEST_INTEGER = 2**53 - 1
_DEEPEST = 32  # no format of ours nests deeper; without a bound, a hostile document exhausts the stack
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_B64 = re.compile(r"[A-Za-z0-9_-]*\Z")


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: object, size: int | None = None) -> bytes:
    """The bytes that `b64` wrote, `size` of them if given. Raises Invalid for any other spelling."""
    if not isinstance(text, str) or not _B64.match(text) or len(text) % 4 == 1:
        raise Invalid("A sealed value is not written as this vault writes it.")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(data) != text or (size is not None and len(data) != size):
        raise Invalid("A sealed value does not have its proper length.")
    return data


def canonical(value: Json) -> bytes:
    """The one UTF-8 JSON spelling of `value` (RFC 8785's subset of docs/FORMATS.md §1). Raises Invalid."""
    _check(value)
    try:
        return _CANONICAL.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("A text holds half of a character pair; type it again.") from None


def parse(data: bytes | str) -> Json:
    """UTF-8 JSON that has a canonical spelling. Raises Invalid, for duplicate keys and floats too."""
    try:
        text = (data.encode("utf-8") if isinstance(data, str) else data).decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
        _check(value)
        if "\\u" in text:  # only an escape can still be half of a character pair
            _CANONICAL.encode(value).encode("utf-8")
    except (ValueError, RecursionError):
        raise Invalid(NOT_READ) from None
    return value


def parse_object(data: bytes | str) -> dict[str, Json]:
    """`parse` for what must be an object."""
    value = parse(data)
    if not isinstance(value, dict):
        raise Invalid(NOT_READ)
    return value


def stored(text: bytes | str, *members: str) -> dict[str, Json]:
    """The object that a row holds, with at least these members. Raises Tampered: who edits a row may write anything."""
    try:
        found = parse_object(text)
    except Invalid:
        raise Tampered(DAMAGED) from None
    if not found.keys() >= set(members):
        raise Tampered(DAMAGED)
    return found


def label(kind: str) -> bytes:
    """The domain separator of a kind of thing."""
    return b"witness-vault/v1/" + kind.encode("ascii")


def digest(kind: str, data: bytes) -> bytes:
    """hash(kind, data): SHA-256 under the label of its kind, so that no hash is valid in two places."""
    return hashlib.sha256(label(kind) + b"\0" + data).digest()


def document_digest(document: Document) -> bytes:
    """The digest by which a document is named; signatures are no part of it."""
    return digest("document", canonical(document))


def context(kind: str, about: Document) -> bytes:
    """What a ciphertext is bound to: its kind and where it belongs."""
    return label(kind) + b"\0" + canonical(about)


def witness_tag(case: str, pseudonym: str) -> str:
    """How the coded side of a case names a witness."""
    return b64(digest("witness", canonical({"case": case, "pseudonym": pseudonym}))[:16])


def label_tag(case: str, kind: str, label: str) -> str:
    """How the coded side of a case names what a researcher typed; its width, case and spaces do not matter.

    It hides a label from nobody who can guess it: whoever reads this side is trusted with that much.
    """
    plain = " ".join(unicodedata.normalize("NFKC", label).casefold().split())
    return b64(digest("label", canonical({"case": case, "kind": kind, "label": plain}))[:16])


def pad(data: bytes, size: int) -> bytes:
    """`data` with its length, filled with zeros to exactly `size` bytes. Raises Invalid for more."""
    if len(data) + 4 > size:
        raise Invalid("This is too long to be sealed in one piece; shorten it.")
    return len(data).to_bytes(4, "big") + data + bytes(size - 4 - len(data))


def unpad(padded: bytes) -> bytes:
    """What `pad` was given. Raises Invalid when the length or the filler is not as `pad` writes them."""
    length = int.from_bytes(padded[:4], "big")
    if len(padded) < 4 or length > len(padded) - 4 or padded[4 + length :].strip(b"\0"):
        raise Invalid("A sealed value is not padded as this vault pads.")
    return padded[4 : 4 + length]


def size_class(length: int) -> int:
    """The smallest of 16 KiB x 2^i into which `length` bytes can be padded."""
    size = 16 * 1024
    while size < length + 4:
        size *= 2
    return size


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _refuse(_: str) -> Json:
    raise ValueError("not an integer")


def _check(value: Json, depth: int = 0) -> None:
    """Raises Invalid for what has no canonical spelling, whatever its texts are."""
    inner: Collection[Json] = ()
    if isinstance(value, dict):
        inner, allowed = value.values(), depth < _DEEPEST and _are_names(value)
    elif isinstance(value, (list, tuple)):
        inner, allowed = value, depth < _DEEPEST
    elif isinstance(value, int):
        allowed = abs(value) <= _LARGEST_INTEGER
    else:
        allowed = value is None or isinstance(value, str)
    if not allowed:
        raise Invalid(NOT_READ)
    for item in inner:
        if not isinstance(item, str):  # as most are
            _check(item, depth + 1)


def _are_names(keys: Iterable[Json]) -> bool:
    try:
        return "".join(keys).isascii()
    except TypeError:
        return False
