"""Former keys are kept while the server shows fewer records than the former custodians signed for."""

from __future__ import annotations

import pytest

from tests.cast import C1, C2, R1
from tests.cli.epochs import C6, change, shared_anew
from tests.cli.line import Line, LineAfter
from vault.errors import Refused
from vault.profile import KEY_FILE
from vault.sealing.digests import Json
from vault.sealing.members import open_key_file


def move(line: Line) -> None:
    for _ in range(2):
        deposit(line)
    change(line)
    shared_anew(line)


@pytest.fixture
def moved(line_after: LineAfter) -> Line:
    """A line to a vault of two identities and five keys of a case, which were shared anew."""
    return line_after(move)[0]


def deposit(line: Line) -> None:
    draft = line.scene.start(R1)
    sealed = line.scene.seal_identity(draft, {"name": "somebody"})
    line.scene.hand_in(R1, draft, {**line.scene.interview(), "sealed_identity": sealed})


def retire(line: Line) -> None:
    for person in (C2, C6):
        line.run(person, "custodian", "drill")
    line.run(C1, "custodian", "retire-keys", "--yes")


def keys(line: Line) -> int:
    return len(open_key_file(line.profile(C1).read(KEY_FILE), C1.passphrase).secrets)


def all_but_the_first(truth: Json) -> Json:
    return {**truth, "records": truth["records"][1:]}


def test_a_record_that_is_hidden_from_everybody_keeps_the_former_keys(moved: Line) -> None:
    moved.lie("GET", "/api/drills/identity", all_but_the_first)
    with pytest.raises(Refused, match="shared 7 records anew, and the server shows 6"):
        retire(moved)
    assert keys(moved) == 2


def test_a_new_deposit_does_not_stand_in_for_a_hidden_record(moved: Line) -> None:
    deposit(moved)
    moved.lie("GET", "/api/drills/identity", lambda truth: {**truth, "records": dropped(truth["records"])})
    with pytest.raises(Refused, match="shared 7 records anew, and the server shows 6"):
        retire(moved)
    assert keys(moved) == 2


def dropped(records: Json) -> Json:
    """One of the records that were shared anew is left out."""
    hidden = next(record for record in records if record["anew"])
    return [record for record in records if record is not hidden]


def test_without_the_statement_of_the_former_custodians_nothing_is_destroyed(moved: Line) -> None:
    moved.lie("GET", "/api/resharing", lambda truth: {**truth, "statements": []})
    with pytest.raises(Refused, match="shared anew"):
        retire(moved)
    assert keys(moved) == 2


def test_where_all_of_them_are_shown_the_former_keys_are_destroyed(moved: Line) -> None:
    retire(moved)
    assert keys(moved) == 1
