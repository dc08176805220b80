"""Drafts of rosters: what custodians propose, and sign once they have compared the words (docs/FORMATS.md §6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from vault.errors import Invalid
from vault.sealing.digests import Json, b64
from vault.sealing.members import LISTED
from vault.sealing.rosters import Roster, epoch_follows, parse


def founding_document(
    vault: str, cards: Sequence[Json], threshold: int, days: tuple[str, str]
) -> dict[str, Any]:
    """The draft of version 1 from the custodians' cards; `days` are issue and expiry. Raises Invalid."""
    document = {
        "format": "witness-vault/v1/roster",
        "vault": vault,
        "version": 1,
        "previous": None,
        "epoch": 1,
        "threshold": threshold,
        "issued": days[0],
        "expires": days[1],
        "cooling": 0,
        "page": None,
        "custodians": _custodian_entries(cards),
        "members": [],
    }
    return parse(document).document


def with_members(old: Roster, cards: Sequence[Json], days: tuple[str, str]) -> dict[str, Any]:
    """The draft of the version after `old` that also lists these member cards' documents. Raises Invalid."""
    kept = {entry["code"]: entry for entry in old.document["members"]}
    kept |= {card["code"]: {key: card[key] for key in LISTED} for card in cards}
    return _next(old, days, members=[kept[code] for code in sorted(kept)])


def without_members(old: Roster, codes: Collection[str], days: tuple[str, str]) -> dict[str, Any]:
    """The draft of the version after `old` that no longer lists these members. Raises Invalid for an unknown one."""
    if not set(codes) <= old.members.keys():
        raise Invalid("One of these codes is not in the roster: compare them.")
    return _next(old, days, members=[e for e in old.document["members"] if e["code"] not in codes])


def with_custodians(
    old: Roster, cards: Sequence[Json], threshold: int, days: tuple[str, str]
) -> dict[str, Any]:
    """The draft of the version that begins the next epoch: exactly these custodians, each with a new sealing key.

    The desk of a custodian who leaves goes too. Raises Invalid.
    """
    codes = {card["code"] for card in cards}
    kept = [e for e in old.document["members"] if e["role"] != "custodian" or e["code"] in codes]
    custodians = _custodian_entries(cards)
    draft = _next(old, days, epoch=old.epoch + 1, threshold=threshold, custodians=custodians, members=kept)
    if not epoch_follows(old, parse(draft)):
        raise Invalid(
            "Every custodian of the next epoch needs a new card: `witness-vault custodian next-card`."
        )
    return draft


def with_rules(old: Roster, days: tuple[str, str], cooling: int, page: bytes | None) -> dict[str, Any]:
    """The draft of the version after `old` with this cooling time, in days, and this pinned page. Raises Invalid."""
    return _next(old, days, cooling=cooling, page=None if page is None else b64(page))


def _next(old: Roster, days: tuple[str, str], **changes: Json) -> dict[str, Any]:
    chained = {"version": old.version + 1, "previous": b64(old.digest), "issued": days[0], "expires": days[1]}
    return parse({**old.document, **chained, **changes}).document


def _custodian_entries(cards: Sequence[Json]) -> list[dict[str, str]]:
    entries = [{key: card[key] for key in ("code", "sealing", "signing")} for card in cards]
    return sorted(entries, key=lambda entry: str(entry["code"]))
