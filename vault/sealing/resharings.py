"""Sharing secrets anew with the custodians of a new epoch: what travels, and what signs it (docs/FORMATS.md §13).

What both sides need. Splitting and combining are the business of the ceremony (`vault.ceremony`), on a machine that
gets no ciphertext; the server, which has the ciphertexts, gets no key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from vault.errors import N_, Invalid, Tampered
from vault.sealing import boxes, escrows, locks
from vault.sealing.digests import Document, Json, b64, canonical, digest, unb64
from vault.sealing.escrows import Escrow
from vault.sealing.rosters import DAY, Roster
from vault.sealing.signatures import read, signers

BATCH = 100
KINDS = ("case-key", "audit", "identity", "match")
AUDIT = "audit"
_SHARED = ("epoch", "roster", "threshold", "shares")
_LINE = {"kind", "name", "escrow", "locked", "shared"}
_PARTS = {"format", "vault", "epoch", "roster", "day", "batches", "records", "lost"}
_UNSOUND = N_("This is not a line of a re-sharing, or it was damaged: carry the file over again.")


def of_record(record: Escrow) -> dict[str, Any]:
    """An escrow record as it travels to the ceremony: its shares, and of the ciphertext the key commitment alone."""
    shared = {key: record[key] for key in _SHARED}
    named = (record["purpose"], record["record"], escrows.fingerprint(record))
    return _line(named, unb64(record["locked"]), shared)


def of_entry(position: int, body: bytes, keys: Document) -> dict[str, Any]:
    """An audit entry as it travels: its key, boxed to each custodian, and the commitment of its body."""
    return _line((AUDIT, str(position), None), body, dict(keys))


def check_line(line: Json) -> dict[str, Any]:
    """The line, if it has the form of one; what it holds is not checked yet. Raises Invalid."""
    if not isinstance(line, dict) or set(line) != _LINE or line["kind"] not in KINDS:
        raise Invalid(_UNSOUND)
    if not isinstance(line["name"], str) or not isinstance(line["shared"], dict | None):
        raise Invalid(_UNSOUND)
    unb64(line["locked"], locks.HEAD)
    if line["kind"] != AUDIT:
        unb64(line["escrow"], 32)
    elif line["escrow"] is not None:
        raise Invalid(_UNSOUND)
    return line


def batch_digest(lines: Sequence[Json]) -> str:
    """By this the statement names a batch of lines."""
    return b64(digest("resharing-batch", canonical(list(lines))))


def shared_anew(record: Escrow, line: Document, roster: Roster) -> Escrow:
    """The record with the shares of this line; payload, and so the fingerprint, stay. Raises Invalid or Tampered.

    The line must be about exactly this ciphertext and go to exactly the custodians of the present epoch.
    """
    shared = line["shared"]
    head = b64(unb64(record["locked"])[: locks.HEAD])
    named = (record["purpose"], record["record"], escrows.fingerprint(record), head)
    if named != (line["kind"], line["name"], line["escrow"], line["locked"]):
        raise Tampered("A line of this re-sharing is about another record than the vault's.")
    if shared is None or set(shared) != set(_SHARED):
        raise Invalid(_UNSOUND)
    origin = record["origin"] or escrows.sharing(record)  # with the payload all that the fingerprint is of
    made = escrows.check_form({**record, **shared, "origin": origin})
    holders = tuple(share["custodian"] for share in made["shares"])
    of_roster = (roster.epoch, roster.threshold, roster.codes)
    if (made["epoch"], made["threshold"], holders) != of_roster or made["roster"] > roster.version:
        raise Tampered("A line of this re-sharing goes to others than the present custodians.")
    return made


def boxed_anew(body: bytes, line: Document, roster: Roster) -> dict[str, bytes]:
    """The boxes of an audit entry's key by custodian. Raises Invalid or Tampered, as `shared_anew`."""
    if line["locked"] != b64(body[: locks.HEAD]):
        raise Tampered("A line of this re-sharing is about another audit entry than the vault's.")
    if line["shared"] is None:
        raise Invalid(_UNSOUND)
    keys = {code: unb64(box, locks.KEY_SIZE + boxes.OVERHEAD) for code, box in line["shared"].items()}
    if tuple(sorted(keys)) != tuple(sorted(roster.codes)):
        raise Tampered("A line of this re-sharing goes to others than the present custodians.")
    return keys


def statement(
    roster: Roster, day: str, batches: Iterable[Sequence[Json]], lost: Iterable[str]
) -> dict[str, Any]:
    """What k of the former custodians sign: each batch, how many records it shares anew, and what they gave up."""
    digests, records = [], 0
    for batch in batches:  # one at a time: there may be many
        digests.append(batch_digest(batch))
        records += sum(line["kind"] != AUDIT and line["shared"] is not None for line in batch)
    return {
        "format": "witness-vault/v1/resharing",
        "vault": roster.vault,
        "epoch": roster.epoch,
        "roster": roster.version,
        "day": day,
        "batches": digests,
        "records": records,
        "lost": sorted(lost),
    }


def read_statement(signed: Json, chain: Sequence[Roster]) -> dict[str, Any]:
    """The statement, about the present epoch, by k of the custodians of the one before. Raises Tampered."""
    document, entries = read(signed, "resharing")
    roster, old = chain[-1], former(chain)
    try:
        whole = set(document) == _PARTS and DAY.match(document["day"]) and type(document["records"]) is int
        texts = [*document["batches"], *document["lost"]]
        named = (document["vault"], document["epoch"]) == (roster.vault, roster.epoch)
        if not (whole and named and all(isinstance(text, str) for text in texts)):
            raise Tampered("This re-sharing was for another vault or epoch.")
    except (KeyError, TypeError):
        raise Tampered("This re-sharing was for another vault or epoch.") from None
    given = len(signers(document, entries, old.custodian_keys()))
    if given < old.threshold:
        raise Tampered(
            "This re-sharing lacks %(missing)d signatures of former custodians.",
            missing=old.threshold - given,
        )
    return document


def former(chain: Sequence[Roster]) -> Roster:
    """The last roster of the epoch before the present one. Raises Invalid in the first epoch."""
    before = [roster for roster in chain if roster.epoch == chain[-1].epoch - 1]
    if not before:
        raise Invalid("Nothing is to be shared anew: the custodians are those of the founding.")
    return before[-1]


def name_of(line: Document) -> str:
    """How a record or entry is named where it could not be shared anew."""
    return f"{line['kind']} {line['name']}"


def _line(named: tuple[str, str, str | None], locked: bytes, shared: Document) -> dict[str, Any]:
    kind, name, escrow = named
    head = b64(locked[: locks.HEAD])
    return {"kind": kind, "name": name, "escrow": escrow, "locked": head, "shared": dict(shared)}
