"""A custodian's drill: that each share still opens, told by a signed report (docs/FORMATS.md §13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from vault.errors import Tampered
from vault.sealing.digests import Json, b64, digest, unb64
from vault.sealing.keypairs import SigningKey
from vault.sealing.rosters import DAY, Roster
from vault.sealing.signatures import Signed, read_by, sign

_PARTS = {"format", "vault", "custodian", "roster", "epoch", "day", "records", "digest", "anew"}


def digest_of(shares: Mapping[str, str]) -> str:
    """The digest of records and the hashes of one custodian's shares in them; both as b64."""
    named = sorted((unb64(record, 16), unb64(share, 32)) for record, share in shares.items())
    return b64(digest("drill", b"".join(record + share for record, share in named)))


def report(
    roster: Roster, holder: tuple[str, SigningKey], day: str, shares: Mapping[str, str], anew: Iterable[str]
) -> Signed:
    """The report of a custodian (code and key) who has just opened these shares; `anew`: of records shared anew."""
    code, key = holder
    document = {
        "format": "witness-vault/v1/drill",
        "vault": roster.vault,
        "custodian": code,
        "roster": roster.version,
        "epoch": roster.epoch,
        "day": day,
        "records": len(shares),
        "digest": digest_of(shares),
        "anew": digest_of({record: shares[record] for record in anew}),
    }
    return sign(document, code, key)


def read_report(signed: Json, code: str, roster: Roster) -> dict[str, Any]:
    """The report, by this custodian, in the present epoch of this vault. Raises Tampered."""
    try:
        document = read_by(signed, "drill", code, roster.custodians[code].signing)
        named = (document["vault"], document["custodian"], document["epoch"])
        numbers = all(type(document[part]) is int for part in ("roster", "records"))
        texts = all(isinstance(document[part], str) for part in ("digest", "anew"))
        sound = set(document) == _PARTS and numbers and texts and _is_day(document["day"])
        if sound and named == (roster.vault, code, roster.epoch):
            return document
    except (KeyError, TypeError):
        pass
    raise Tampered("This is not a report of a drill in the present epoch of this vault.")


def _is_day(text: str) -> bool:
    try:
        return DAY.match(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False
