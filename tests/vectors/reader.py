"""Reads the vectors, and opens an escrow record as k custodians and a requester together would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from vault.sealing import boxes, escrows, locks, shares
from vault.sealing.digests import unb64, unpad
from vault.sealing.keypairs import SealingKey

Case = dict[str, Any]


def cases(file: str) -> list[Case]:
    """The cases of one file."""
    found: list[Case] = json.loads((Path(__file__).parent / f"{file}.json").read_text("ascii"))
    return found


def each(file: str, *, refused: bool) -> pytest.MarkDecorator:
    """A parametrisation by `case`, each under its name."""
    chosen = [case for case in cases(file) if case.get("refused", False) is refused]
    return pytest.mark.parametrize("case", chosen, ids=[case["name"] for case in chosen])


def open_escrow(record: Case, seeds: Mapping[int, str]) -> bytes:
    """The payload, with the custodians' seeds by share index. Raises Tampered or Invalid."""
    handed = []
    for share in record["shares"]:
        if share["index"] in seeds:
            key = SealingKey(unb64(seeds[share["index"]]))
            handed.append(open_share(record, share, key))
    return unpad(locks.unlock(shares.combine(handed), escrows.binding(record), unb64(record["locked"])))


def open_share(record: Case, share: Case, key: SealingKey) -> bytes:
    """One custodian's share, out of its box."""
    about = escrows.share_binding(record, escrows.fingerprint(record), share, len(record["shares"]))
    return boxes.unseal(key, about, unb64(share["sealed"]))
