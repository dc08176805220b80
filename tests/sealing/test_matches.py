"""The same-person ceremony's papers: who may ask, what custodians sign, and who reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import C1, C2, C3, CHAIN, ROSTER, TODAY, V1, V2, identifier, signed_by
from tests.sealing.test_casefiles import FILE, KEYS
from vault.errors import Invalid, Tampered
from vault.sealing import matches
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Document, Json, b64, canonical
from vault.sealing.matches import Found
from vault.sealing.rosters import verify_chain
from vault.sealing.signatures import Signed, sign

COUNTS = replace(FILE, team={**FILE.team, "V2": ("brief", "corroboration")})
NAMES = [f"{identifier(name)}.{b64(bytes(32))}" for name in ("one", "two")]
ASKED = matches.request(COUNTS, ROSTER, "V2", TODAY, {"incident": NAMES})
FOUND = Found("incident", frozenset("abc"), frozenset({frozenset("ab")}), frozenset({frozenset("bc")}))


def asked_by_v2(**changes: Json) -> Signed:
    assert V2.request is not None
    return sign({**ASKED, **changes}, "V2", V2.request)


def sealed(document: Document, *by: Json) -> bytes:
    return matches.seal_partition(FILE, signed_by(document, by or (C1, C2, C3)))


def opened(sealed: bytes) -> tuple[str, list[Found]]:
    return matches.open_partition([KEYS["corroboration"]], FILE, verify_chain(CHAIN), sealed)


def test_a_record_comes_back_as_it_was_sealed_and_another_kind_is_no_match_record() -> None:
    assert matches.read_payload(matches.payload({"name": "Yusuf"})) == {"name": "Yusuf"}
    with pytest.raises(Invalid):
        matches.read_payload(canonical({"format": "witness-vault/v1/identity", "name": "Yusuf"}))


def test_a_reviewer_who_may_count_asks_with_the_key_that_no_server_holds() -> None:
    document = matches.read_request(asked_by_v2(), ROSTER, COUNTS)
    assert matches.records_of(document) == set(NAMES)


@pytest.mark.parametrize(
    "changes",
    [{"case": b64(bytes(16))}, {"day": "today"}, {"more": 1}, {"incidents": [{"records": ["x"]}]}],
    ids=str,
)
def test_a_request_that_is_not_whole_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(Tampered):
        matches.read_request(asked_by_v2(**changes), ROSTER, COUNTS)


@pytest.mark.parametrize("file", [FILE, COUNTS], ids=["may not count", "may"])
def test_whoever_may_not_count_or_has_no_request_key_is_refused(file: CaseFile) -> None:
    with pytest.raises(Tampered):
        matches.read_request(asked_by_v2(), ROSTER, FILE)
    signed = sign({**ASKED, "reviewer": "V1"}, "V1", V1.secret.signing)
    with pytest.raises(Tampered):
        matches.read_request(signed, ROSTER, file)


def test_what_k_custodians_found_is_read_as_they_signed_it() -> None:
    document = matches.partition(ASKED, ROSTER, TODAY, [FOUND])
    assert opened(sealed(document)) == (TODAY, [FOUND])
    with pytest.raises(Tampered):
        opened(sealed(document, C1, C2))
    with pytest.raises(Tampered):
        opened(sealed({**document, "case": identifier("another")}))


@pytest.mark.parametrize(
    "changes",
    [{"same": [["a", "d"]]}, {"same": [["a"]], "checked": ["a"]}, {"maybe": 5}, {"checked": None}],
    ids=str,
)
def test_a_partition_that_joins_what_nobody_compared_says_nothing(changes: dict[str, Json]) -> None:
    document = matches.partition(ASKED, ROSTER, TODAY, [])
    with pytest.raises(Tampered):
        opened(sealed({**document, "incidents": [{**FOUND.to_json(), **changes}]}))
