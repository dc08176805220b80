"""A case names its keys by fingerprint, a share opens by the record's id: custodians' devices see that they are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import C1, C2, C3, FOUNDING, ROSTER, TODAY, V1, V2, signed_by
from tests.stage import PLAN
from vault.errors import Tampered
from vault.founding import found_case
from vault.opening import Days, Holder, ask, combine, decide, entrust
from vault.sealing import escrows
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import Json
from vault.sealing.escrows import fingerprint
from vault.sealing.signatures import Signed

TEAM = {"V1": list(KEYS), "V2": ["brief"]}
DOCUMENT, ATTACHED = found_case(
    {**PLAN, "team": TEAM}, ROSTER, "V1", V1.secret.signing, ["air-strike"]
)  # fmt: skip
CASE = signed_by(DOCUMENT, (C1, C2, C3))
PROMISED, WANTED = ATTACHED["escrows"]["brief"], ATTACHED["escrows"]["testimony"]
TWIN = entrust(
    bytes(32), "case-key", WANTED["record"], ROSTER
)  # another record under the id of the wanted one


def asked(record: Json, named: Json) -> tuple[Signed, Any]:
    """V2 asks for a record by its id, and by the fingerprint of another."""
    about = {"purpose": "case-key", "record": record["record"], "escrow": fingerprint(named)}
    assert V2.request is not None
    return ask({**about, "reason": "lost", "requester": "V2"}, ROSTER, V2.request, Days(TODAY, "2026-12-22"))


def packet(terms: Signed, extract: Json, case: Signed = CASE) -> dict[str, Any]:
    return {"terms": terms, "escrow": extract, "case": [case]}


def share(of: Json, **lie: str) -> dict[str, Any]:
    """What C1 gets of a record, and what the server says of it instead."""
    return {**escrows.for_custodian(of, "C1"), **lie}


def approve(shown: Json) -> Signed:
    return decide(shown, (FOUNDING, ROSTER), Holder("C1", C1.secret), None, TODAY)


def test_the_key_that_the_case_promises_is_handed_over() -> None:
    terms, key = asked(PROMISED, PROMISED)
    handed = [
        decide(
            packet(terms, escrows.for_custodian(PROMISED, one.code)),
            (FOUNDING, ROSTER),
            Holder(one.code, one.secret),
            None,
            TODAY,
        )
        for one in (C1, C2, C3)
    ]
    assert len(combine(terms["document"], key, PROMISED, handed, ROSTER)) == 32


def of_a_twin(**lie: str) -> dict[str, Any]:
    """A case of V2's own, one of whose keys was entrusted under the id of the wanted record."""
    document = {**DOCUMENT, "escrows": {**DOCUMENT["escrows"], "brief": fingerprint(TWIN)}}
    return packet(asked(TWIN, TWIN)[0], share(WANTED, **lie), signed_by(document, (C1, C2, C3)))


LIES: dict[str, Callable[[], dict[str, Any]]] = {
    "the terms name the promised one by fingerprint": lambda: packet(
        asked(WANTED, PROMISED)[0], share(WANTED)
    ),
    "the server says so too": lambda: packet(
        asked(WANTED, PROMISED)[0], share(WANTED, escrow=fingerprint(PROMISED))
    ),
    "the share is said to be the promised one's": lambda: packet(
        asked(PROMISED, PROMISED)[0],
        share(WANTED, record=PROMISED["record"], escrow=fingerprint(PROMISED)),
    ),
    "two records have one id": of_a_twin,
    "two records are said to have one fingerprint": lambda: of_a_twin(escrow=fingerprint(TWIN)),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_share_of_another_key_is_handed_over_where(lie: str) -> None:
    with pytest.raises(Tampered, match=r"another record|not the one that was sealed"):
        approve(LIES[lie]())
