"""The custodians' half of sharing anew: offline, on a machine with k of the former key files (docs/FORMATS.md §13).

Here the data key of every record is for a moment in memory, on a machine that has no ciphertext; the server, which
has them all, never gets a key. Nothing is destroyed: until the server has taken a line, the former shares stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from vault.errors import Invalid, Refused, Tampered, VaultError
from vault.opening import Holder
from vault.sealing import boxes, escrows, locks, shares
from vault.sealing.audits import key_binding
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.members import KeyFile
from vault.sealing.resharings import AUDIT, check_line, former
from vault.sealing.rosters import Roster

Line = dict[str, Any]


@dataclass(frozen=True)
class Ceremony:
    """Former custodians, with the keys of their epoch, and the roster of those to come."""

    old: Roster
    new: Roster
    holders: dict[str, Holder]

    def anew(self, line: Json) -> Line:
        """The line with shares for the new custodians; with none when these key files do not open it."""
        known = check_line(line)
        about = {part: known[part] for part in ("kind", "name", "escrow", "locked")}
        try:
            key = self._entry_key(known) if known["kind"] == AUDIT else self._data_key(known)
            shared = self._box_key(known, key) if known["kind"] == AUDIT else self._split(known, key)
        except (VaultError, KeyError, TypeError, AttributeError, IndexError):
            return {**about, "shared": None}  # somebody else's doing: whoever deposits can seal anything
        return {**about, "shared": shared}

    def _data_key(self, line: Line) -> bytes:
        # (1) the shares of those present, each the one that the record names; under another fingerprint none opens
        opened, record = [], _record(line, self.old)
        for entry in record["shares"]:
            holder = self.holders.get(entry["custodian"])
            if holder is not None:
                about = escrows.share_binding(record, line["escrow"], entry, len(record["shares"]))
                try:
                    share = boxes.unseal(holder.secret.sealing, about, unb64(entry["sealed"]))
                except VaultError:
                    continue
                if escrows.is_share(share, entry):
                    opened.append(share)
        # (2) any k of them that give the key under which the payload is locked
        for chosen in combinations(opened, record["threshold"]):
            key = shares.combine(chosen)
            if locks.commits(key, unb64(line["locked"])):
                return key
        raise Tampered("These shares do not open the record.")

    def _split(self, line: Line, key: bytes) -> Line:
        roster = self.new
        # (3) split among the new, and (4) prove that the new shares give the same key before they go anywhere
        dealt = shares.split(key, roster.threshold, len(roster.codes))
        if not all(shares.combine(some) == key for some in _windows(dealt, roster.threshold)):
            raise Tampered("The new shares do not give the key.")  # pragma: no cover - Shamir's theorem
        sharing = {"epoch": roster.epoch, "roster": roster.version, "threshold": roster.threshold}
        about = {**_record(line, self.old), **sharing}
        entries = []
        for code, share in zip(roster.codes, dealt, strict=True):
            named = {"index": share[0], "custodian": code, "hash": escrows.share_hash(share)}
            binding = escrows.share_binding(about, line["escrow"], named, len(dealt))
            sealed = boxes.seal(roster.custodians[code].sealing, binding, share)
            entries.append({**named, "sealed": b64(sealed)})
        return {**sharing, "shares": entries}

    def _entry_key(self, line: Line) -> bytes:
        for code, holder in self.holders.items():
            try:
                box = unb64(line["shared"][code])
                key = boxes.unseal(holder.secret.sealing, key_binding(int(line["name"]), code), box)
            except (VaultError, KeyError):
                continue
            if locks.commits(key, unb64(line["locked"])):
                return key
        raise Tampered("These key files do not open the audit entry.")

    def _box_key(self, line: Line, key: bytes) -> Line:
        position = int(line["name"])
        return {
            code: b64(boxes.seal(custodian.sealing, key_binding(position, code), key))
            for code, custodian in self.new.custodians.items()
        }


def convene(chain: Sequence[Roster], files: Sequence[KeyFile]) -> Ceremony:
    """A ceremony from the former epoch's custodians to the present ones. Raises Refused, and Tampered for a pin.

    One key file at least must have seen the vault's rosters. Otherwise whoever writes an export could found a vault of
    their own under its name, let these custodians follow themselves there, and themselves follow these.
    """
    old, new = former(chain), chain[-1]
    if all(file.pin is None for file in files):
        raise Refused(
            "None of these key files has seen the vault's rosters: bring one with which its custodian has signed in."
        )
    holders = {}
    for file in files:
        _check_pin(chain, file)
        secret, listed = file.listed(old), old.custodians.get(file.code)
        if listed is None or (listed.sealing, listed.signing) != (
            secret.sealing.public,
            secret.signing.public,
        ):
            raise Refused(
                "The key file of %(custodian)s is not one of the custodians before the change.",
                custodian=file.code,
            )
        holders[file.code] = Holder(file.code, secret)
    if len(holders) < old.threshold:
        raise Refused(
            "It takes the key files of %(threshold)d custodians of before the change; these are %(given)d.",
            threshold=old.threshold,
            given=len(holders),
        )
    return Ceremony(old, new, holders)


def _check_pin(chain: Sequence[Roster], file: KeyFile) -> None:
    if file.pin is None:
        return
    known = {roster.version: b64(roster.digest) for roster in chain}
    if file.pin["vault"] != chain[-1].vault or known.get(file.pin["version"]) != file.pin["digest"]:
        raise Tampered(
            "The export shows another or an older roster than %(custodian)s has seen. Tell the custodians.",
            custodian=file.code,
        )


def _record(line: Line, old: Roster) -> Line:
    """What a share is bound to, from the line."""
    shared = line["shared"]
    if not isinstance(shared["shares"], list) or not 2 <= shared["threshold"] <= len(shared["shares"]) <= 9:
        raise Invalid("This record is not whole.")
    return {"purpose": line["kind"], "vault": old.vault, "record": line["name"], **shared}


def _windows(dealt: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    # every share stands in one of these, so that none is wrong if each gives the key
    return (dealt[at : at + size] for at in range(len(dealt) - size + 1))
