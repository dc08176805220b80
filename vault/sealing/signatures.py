"""Signed documents (docs/FORMATS.md §2.6): Ed25519 over the canonical document, verifiable offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.errors import Invalid, Tampered
from vault.sealing.digests import Document, Json, b64, canonical, label, unb64
from vault.sealing.keypairs import SigningKey

Signed = dict[str, Any]


def sign(document: Document, by: str, key: SigningKey) -> Signed:
    """A signed document with one signature, by the bearer of code `by`."""
    return {"document": dict(document), "signatures": [signature(document, by, key)]}


def signature(document: Document, by: str, key: SigningKey) -> dict[str, str]:
    """One entry of `signatures`."""
    return {"by": by, "signature": b64(key.private.sign(_message(document)))}


def with_signatures(document: Document, entries: Iterable[Mapping[str, str]]) -> Signed:
    """The document with these signatures, in ascending order of signer."""
    in_order = sorted((dict(entry) for entry in entries), key=lambda entry: entry["by"])
    return {"document": dict(document), "signatures": in_order}


def verify(document: Document, entry: Json, public: bytes) -> None:
    """Raises Tampered unless `entry` is a signature of `document` by the holder of `public`."""
    _verify(document, [(entry, public)])


def read(signed: Json, kind: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The document, of format `kind`, and its signatures, unverified. Raises Tampered for another shape."""
    match signed:
        case {"document": {"format": str(found)}, "signatures": [*entries], **more} if not more:
            names = [str(entry["by"]) for entry in entries if _is_entry(entry)]
            in_order = names == sorted(set(names)) and len(names) == len(entries)
            if found == f"witness-vault/v1/{kind}" and in_order:
                return dict(signed["document"]), entries
    raise Tampered("This is not the signed document that belongs here.")


def signers(document: Document, entries: Iterable[Json], publics: Mapping[str, bytes]) -> frozenset[str]:
    """Which of `publics` signed; entries of others are ignored. Raises Tampered when one of theirs fails."""
    known = [entry for entry in entries if _is_entry(entry) and entry["by"] in publics]
    _verify(document, [(entry, publics[entry["by"]]) for entry in known])
    return frozenset(entry["by"] for entry in known)


def read_by(signed: Json, kind: str, by: str, public: bytes) -> dict[str, Any]:
    """The document, signed by `by` alone. Raises Tampered."""
    document, entries = read(signed, kind)
    if [entry["by"] for entry in entries] != [by]:
        raise Tampered("This document is not signed by whom it names.")
    verify(document, entries[0], public)
    return document


def _verify(document: Document, entries: Iterable[tuple[Json, bytes]]) -> None:
    try:
        message = _message(document)
        for entry, public in entries:
            Ed25519PublicKey.from_public_bytes(public).verify(unb64(entry["signature"], 64), message)
    except (InvalidSignature, Invalid, ValueError, KeyError, TypeError):
        raise Tampered("A signature does not hold.") from None


def _is_entry(entry: Json) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("by"), str)


def _message(document: Document) -> bytes:
    return label("signature") + b"\0" + canonical(document)
