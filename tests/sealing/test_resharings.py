"""What travels to and from a re-sharing: a line changes who holds the shares of one record, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.cast import C1, C2, C3, C4, CHAIN, CUSTODIANS, ROSTER, Person, identifier, signed_by
from tests.sealing.epochs import NEW, NEXT_CHAIN, anew
from vault.ceremony import Ceremony
from vault.errors import Invalid, Tampered
from vault.opening import Holder, entrust
from vault.sealing import audits, escrows, resharings
from vault.sealing.digests import Json, b64
from vault.sealing.rosters import verify_chain

RECORD = identifier("record to share anew")
OLD = entrust(b"a name", "identity", RECORD, ROSTER)
MET = Ceremony(ROSTER, NEW, {person.code: Holder(person.code, person.secret) for person in (C1, C2, C3)})
LINE = MET.anew(resharings.of_record(OLD))
ENTRY = audits.seal(
    (7, bytes(32), None),
    {"day": "2026-11-22"},
    {person.code: person.secret.sealing.public for person in CUSTODIANS},
)
ENTRY_LINE = MET.anew(
    resharings.of_entry(7, ENTRY.body, {code: b64(box) for code, box in ENTRY.keys.items()})
)


def with_shared(**changes: Json) -> dict[str, Any]:
    return {**LINE, "shared": {**LINE["shared"], **changes}}


def test_a_record_shared_anew_keeps_payload_origin_and_fingerprint() -> None:
    made = resharings.shared_anew(OLD, LINE, NEW)
    assert made["locked"] == OLD["locked"]
    assert made["origin"] == escrows.sharing(OLD)
    assert escrows.fingerprint(made) == escrows.fingerprint(OLD)
    assert [share["custodian"] for share in made["shares"]] == list(NEW.codes)


def test_what_travels_holds_no_ciphertext() -> None:
    line = resharings.of_record(OLD)
    assert len(line["locked"]) < 100
    assert OLD["locked"] not in str(line)


@pytest.mark.parametrize(
    "line",
    [
        None,
        [],
        {},
        {**LINE, "more": 1},
        {**LINE, "kind": "backup"},
        {**LINE, "name": 5},
        {**LINE, "shared": []},
        {**LINE, "locked": "AAAA"},
        {**LINE, "escrow": None},
        {**LINE, "escrow": "AAAA"},
        {**LINE, "kind": "audit"},
    ],
)
def test_what_is_no_line_is_refused(line: Json) -> None:
    with pytest.raises(Invalid):
        resharings.check_line(line)


@pytest.mark.parametrize(
    "line",
    [
        {**LINE, "shared": None},
        with_shared(more=1),
        with_shared(shares=[]),
        with_shared(shares=5),
        with_shared(shares=[5]),
        with_shared(threshold="3"),
        {**LINE, "shared": {"locked": LINE["locked"], "epoch": 2, "roster": 3, "threshold": 3}},
    ],
)
def test_a_line_that_is_not_whole_changes_nothing(line: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        resharings.shared_anew(OLD, line, NEW)


@pytest.mark.parametrize(
    "line",
    [
        {**LINE, "name": identifier("another record")},
        {**LINE, "kind": "case-key"},
        {**LINE, "locked": ENTRY_LINE["locked"]},
        {**LINE, "escrow": b64(bytes(32))},
        with_shared(epoch=3),
        with_shared(roster=9),
        with_shared(threshold=2),
        with_shared(shares=LINE["shared"]["shares"][:3]),
    ],
)
def test_a_line_about_another_record_or_to_others_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(Tampered):
        resharings.shared_anew(OLD, line, NEW)


def test_a_record_whose_origin_would_change_is_refused() -> None:
    """Shared anew from what claims to have an origin in the present epoch."""
    odd = {**OLD, "origin": {**escrows.sharing(OLD), "epoch": 2}}
    with pytest.raises(Invalid):
        resharings.shared_anew(odd, {**LINE, "escrow": escrows.fingerprint(odd)}, NEW)


def test_an_audit_entry_is_boxed_to_the_new_custodians_and_says_the_same() -> None:
    keys = resharings.boxed_anew(ENTRY.body, ENTRY_LINE, NEW)
    assert sorted(keys) == sorted(NEW.codes)
    for person in (C1, C4):
        read = audits.Entry(7, ENTRY.link, ENTRY.commitment, None, ENTRY.body, keys)
        assert audits.read(read, person.code, anew(person).secret.sealing)["day"] == "2026-11-22"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ({**ENTRY_LINE, "locked": LINE["locked"]}, Tampered),
        ({**ENTRY_LINE, "shared": None}, Invalid),
        ({**ENTRY_LINE, "shared": {"C1": ENTRY_LINE["shared"]["C1"]}}, Tampered),
        ({**ENTRY_LINE, "shared": {**ENTRY_LINE["shared"], "C1": "AAAA"}}, Invalid),
    ],
)
def test_an_audit_entry_takes_no_other_boxes(line: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        resharings.boxed_anew(ENTRY.body, line, NEW)


LOST = {**LINE, "shared": None}


def statement(**changes: Json) -> dict[str, Any]:
    return {
        **resharings.statement(NEW, "2026-11-22", [[LINE, LOST], [ENTRY_LINE]], ["identity x"]),
        **changes,
    }


def test_k_of_the_former_custodians_sign_a_resharing() -> None:
    signed = signed_by(statement(), (C1, C2, C3))
    read = resharings.read_statement(signed, NEXT_CHAIN)
    assert read["lost"] == ["identity x"]
    assert read["batches"] == [resharings.batch_digest(batch) for batch in ([LINE, LOST], [ENTRY_LINE])]
    assert read["records"] == 1  # neither what was lost nor an audit entry is one


@pytest.mark.parametrize("people", [(), (C1, C2), (C1, C2, Person("C9"))])
def test_fewer_are_not_enough_and_strangers_do_not_count(people: tuple[Person, ...]) -> None:
    with pytest.raises(Tampered, match="lacks"):
        resharings.read_statement(signed_by(statement(), people), NEXT_CHAIN)


@pytest.mark.parametrize(
    "changes",
    [
        {"vault": identifier("other")},
        {"epoch": 1},
        {"day": "today"},
        {"day": 5},
        {"batches": [5]},
        {"batches": None},
        {"records": "1"},
        {"records": True},
        {"more": 1},
    ],
)
def test_a_statement_for_another_vault_or_epoch_or_not_whole_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(Tampered):
        resharings.read_statement(signed_by(statement(**changes), CUSTODIANS), NEXT_CHAIN)


def test_a_statement_that_lacks_a_part_is_refused() -> None:
    short = statement()
    del short["lost"]
    with pytest.raises(Tampered):
        resharings.read_statement(signed_by(short, CUSTODIANS), NEXT_CHAIN)


def test_in_the_first_epoch_nothing_is_shared_anew() -> None:
    with pytest.raises(Invalid):
        resharings.former(verify_chain(CHAIN))
    assert resharings.former(NEXT_CHAIN).digest == ROSTER.digest


def test_lines_are_named_and_batches_told_apart() -> None:
    assert resharings.name_of(LINE) == f"identity {RECORD}"
    other = copy.deepcopy(LINE)
    other["shared"]["epoch"] = 9
    assert resharings.batch_digest([LINE]) != resharings.batch_digest([other])
