"""Escrow records: a secret, locked under a data key that is split among custodians (docs/FORMATS.md §3).

What the server and a custodian need of them: the form, the bindings, one custodian's share. Splitting and
combining are the business of the clients (`vault.opening`).
"""

from __future__ import annotations

from typing import Any

from vault.errors import Conflict, Invalid, Tampered
from vault.sealing import boxes, locks
from vault.sealing.digests import Document, Json, b64, canonical, digest, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster

Escrow = dict[str, Any]

IDENTITY_PADDED = 2048
MATCH_PADDED = IDENTITY_PADDED  # it lies among the identities, and is no shorter
CASE_KEY_PADDED = 64
SHARE_SIZE = 33
PADDED = {
    "identity": IDENTITY_PADDED,
    "match": MATCH_PADDED,
    **dict.fromkeys(("case-key", "archive-key", "snapshot-key"), CASE_KEY_PADDED),
}
_SHARING = ("epoch", "roster", "threshold")
_MEMBERS = {"format", "purpose", "vault", "record", *_SHARING, "locked", "shares", "origin"}
_NAMED_SHARE = ("index", "custodian", "hash")
_SHARE_MEMBERS = {*_NAMED_SHARE, "sealed"}


def binding(record: Escrow) -> tuple[str, Document]:
    """What the locked payload is bound to: the record as it was first sealed, but the ciphertexts; so every share."""
    first = record["origin"] or sharing(record)
    return "escrow", {**{key: record[key] for key in ("format", "purpose", "vault", "record")}, **first}


def sharing(record: Escrow) -> dict[str, Any]:
    """Who holds the shares of a record, and the hash of each; no ciphertext."""
    shares = [{key: share[key] for key in _NAMED_SHARE} for share in record["shares"]]
    return {**{key: record[key] for key in _SHARING}, "shares": shares}


def share_binding(record: Document, escrow: str, entry: Document, total: int) -> tuple[str, Document]:
    """What the sealed share of one entry is bound to; `escrow` is the record's fingerprint.

    Two records may have one id, if the server wants it: by the fingerprint a share is of one of them and no other.
    """
    return "share", {
        **{key: record[key] for key in ("purpose", "vault", "record", "epoch", "threshold")},
        "escrow": escrow,
        "total": total,
        "index": entry["index"],
        "custodian": entry["custodian"],
    }


def fingerprint(record: Escrow) -> str:
    """The digest by which deposits, cases and terms name exactly this record, however often it was shared anew."""
    return b64(digest("document", canonical({**binding(record)[1], "locked": record["locked"]})))


def share_hash(share: bytes) -> str:
    """The hash by which the record knows a share."""
    return b64(digest("share", share))


def check(record: Json, purpose: str, name: str, roster: Roster) -> Escrow:
    """The record, if it is a sound new escrow of `purpose`, record id `name`, to the custodians of `roster`.

    Raises Conflict when it was sealed to other custodians (an old roster), Invalid for anything malformed.
    """
    sound = check_form(record)
    holders = tuple(share["custodian"] for share in record["shares"])
    of_roster = (roster.epoch, roster.threshold, roster.codes)
    if (record["epoch"], record["threshold"], holders) != of_roster:
        raise Conflict("The custodians have changed since this page was opened: reload it and seal again.")
    found = (record["purpose"], record["vault"], record["record"])
    if found != (purpose, roster.vault, name) or record["roster"] > roster.version or record["origin"]:
        raise Invalid("The sealed record belongs elsewhere; reload the page and seal it again.")
    return sound


def check_form(record: Json) -> Escrow:
    """The record, if every member, type, order and length is that of docs/FORMATS.md §3. Raises Invalid."""
    if not (_is_whole(record) and all(map(_is_whole_share, record["shares"])) and _is_numbered(record)):
        raise Invalid("The sealed record is not whole; reload the page and seal it again.")
    _check_part(record["locked"], PADDED[record["purpose"]] + locks.OVERHEAD, locks.MARKER)
    for share in record["shares"]:
        unb64(share["hash"], 32)
        _check_part(share["sealed"], SHARE_SIZE + boxes.OVERHEAD, boxes.MARKER)
    if record["origin"] is not None:
        _check_origin(record)
    return dict(record)


def for_custodian(record: Escrow, code: str) -> Escrow:
    """The record as one custodian gets it: its own share, no payload. Raises Invalid when it holds none."""
    shares = [share for share in record["shares"] if share["custodian"] == code]
    if not shares:
        raise Invalid("This custodian holds no share of that record.")
    kept = {key: value for key, value in record.items() if key not in ("locked", "shares", "origin")}
    return {**kept, "escrow": fingerprint(record), "total": len(record["shares"]), "share": shares[0]}


def open_share(extract: Escrow, key: SealingKey) -> bytes:
    """The custodian's share out of what `for_custodian` gave. Raises Tampered unless the record names it.

    The fingerprint is the extract's own: whoever opens it for a request compares that first.
    """
    try:
        share = extract["share"]
        about = share_binding(extract, extract["escrow"], share, extract["total"])
        opened = boxes.unseal(key, about, unb64(share["sealed"]))
        if is_share(opened, share):
            return opened
    except (KeyError, TypeError, Invalid, Tampered):
        pass
    raise Tampered("The share in this request is not the one that was sealed.")


def is_share(opened: bytes, entry: Json) -> bool:
    """Whether these bytes are the share of this entry. A box proves no author: anyone can seal anything."""
    named = (entry["index"], entry["hash"])
    return len(opened) == SHARE_SIZE and (opened[0], share_hash(opened)) == named


def _is_whole(record: Json) -> bool:
    return (
        isinstance(record, dict)
        and set(record) == _MEMBERS
        and all(isinstance(record[key], str) for key in ("format", "purpose", "vault", "record"))
        and record["format"] == "witness-vault/v1/escrow"
        and record["purpose"] in PADDED
        and isinstance(record["shares"], list)
    )


def _is_whole_share(share: Json) -> bool:
    return isinstance(share, dict) and set(share) == _SHARE_MEMBERS and isinstance(share["custodian"], str)


def _check_origin(record: Escrow) -> None:
    first = record["origin"]
    try:
        entries = first["shares"]
        named = all(set(e) == set(_NAMED_SHARE) and isinstance(e["custodian"], str) for e in entries)
        whole = named and set(first) == {*_SHARING, "shares"} and _is_numbered(first)
        if whole and first["epoch"] < record["epoch"] and first["roster"] < record["roster"]:
            for entry in entries:
                unb64(entry["hash"], 32)
            return
    except (KeyError, TypeError):
        pass
    raise Invalid("The sealed record is not whole; reload the page and seal it again.")


def _is_numbered(record: Escrow) -> bool:
    indices = [share["index"] for share in record["shares"]]
    numbers = [*(record[key] for key in _SHARING), *indices]
    return (
        all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
        and min(numbers) >= 1
        and indices == list(range(1, len(indices) + 1))
        and 2 <= record["threshold"] <= len(indices) <= 9
    )


def _check_part(text: Json, size: int, marker: bytes) -> None:
    if unb64(text, size)[:4] != marker:
        raise Invalid("The sealed record is damaged; reload the page and seal it again.")
