"""Tables taken out of a case: what stands in them, that nothing in them computes, and that each is noted first."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import pytest

from tests import dossier, speaking
from tests.answers import answer, ask, come_back, point, record, undisputed
from tests.cast import R1, V1, V2, Person
from tests.speaking import Sermin
from tests.stage import DAY, After, Scene, actor
from tests.visitor import Api, Visitor
from tests.weighing import Weighed, decide, propose, weighed
from vault import cases, exchange, exports
from vault.errors import NotFound, Refused
from vault.exchange import Taken
from vault.rules import tables
from vault.rules.dictionary import TableName
from vault.rules.exports import Table
from vault.rules.items import Act
from vault.sealing.words import new_pseudonym

FORMULA = '=HYPERLINK("https://example.org?";A1)'
CLAIMS = [
    {"subject": "aircraft.number", "value": {"min": 2, "max": 3}},
    {"subject": "aircraft.altitude", "value": None},
]


def filled(scene: Scene) -> tuple[Weighed, str]:
    """A case of which every table but that of statements has rows, and formulas in all that is text."""
    there = weighed(scene)
    with scene.writing() as uow:
        event = {"title": FORMULA, "place": "-", "date": "2015", "vocabulary": "air-strike", "claims": CLAIMS}
        cases.add_incidents(uow, actor(V1), scene.case, [event], DAY)
    item = dossier.with_file(scene, b"footage", title=FORMULA)
    given = dossier.with_file(scene, b"from a telephone", giver=new_pseudonym())
    dossier.go_on(scene, given, Act.OPINION, dossier.OPINION)
    dossier.go_on(scene, item, Act.AUTHENTICITY, dossier.GRADED)
    record(scene, undisputed(scene, who="@SUM(A1)", source="+1"))
    record(
        scene, answer(scene, point(scene, "denies", "\uff1d1+1"), point(scene, "demands", "-1"), where="a;=1")
    )
    come_back(scene, ask(scene))
    ask(scene, to="=1")
    decide(scene, propose(scene, there, reasons="=1"))
    propose(scene, there)
    return there, item


@pytest.fixture
def case(after: After) -> tuple[Scene, Weighed, str]:
    scene, (there, item) = after(filled)
    scene._facts = there.facts
    return scene, there, item


def take(scene: Scene, table: TableName, by: Person = V1) -> Taken:
    return exchange.take(scene.vault, actor(by), (scene.case, table), DAY)


def rows(scene: Scene, table: TableName) -> list[dict[str, Any]]:
    return list(take(scene, table).to_json()["rows"])


def test_incidents_come_with_the_claims_in_question(case: tuple[Scene, Weighed, str]) -> None:
    scene, _, _ = case
    hospital, _, added = rows(scene, TableName.INCIDENTS)
    assert (hospital["id"], hospital["claims"]) == (scene.hospital, "")
    assert (added["incident"], added["claims"]) == (FORMULA, "aircraft.number=2-3; aircraft.altitude")


def test_evidence_comes_with_its_hash_but_for_what_a_witness_gave(case: tuple[Scene, Weighed, str]) -> None:
    scene, there, item = case
    found = {row["item"]: row for row in rows(scene, TableName.EVIDENCE)}
    assert found.keys() == {there.item, item}
    row = found[item]
    assert row["sha256"] == hashlib.sha256(b"footage").hexdigest()
    assert (row["bytes"], row["authenticity"], row["bears"]) == (7, "authentic", "supports strike.took_place")
    assert (row["incident_id"], row["events"]) == (scene.hospital, 1)
    assert found[there.item]["sha256"] == found[there.item]["bytes"] == ""


def test_responses_come_point_by_point_with_what_contradicts_them(case: tuple[Scene, Weighed, str]) -> None:
    scene, there, _ = case
    found = rows(scene, TableName.RESPONSES)
    by_kind = {(row["response"] == there.response, row["kind"]): row for row in found}
    denied, granted = by_kind[False, "denies"], by_kind[False, "does_not_dispute"]
    assert granted["conflicts"].split("; ").count(f"{denied['response']}/1") == 1
    assert f"{granted['response']}/1" in denied["conflicts"]
    assert denied["about"] == f"{scene.hospital}/strike.took_place"
    assert (by_kind[False, "demands"]["point"], by_kind[False, "demands"]["about"]) == (2, "")


def test_opinions_come_without_the_expert(case: tuple[Scene, Weighed, str]) -> None:
    scene, there, _ = case
    (found,) = rows(scene, TableName.OPINIONS)
    assert (found["opinion"], found["item"]) == (there.opinion, there.item)
    assert (found["answer"], found["about"]) == ("probable", "strike.took_place")
    assert "Expert 1" not in found.values()


def test_approaches_come_with_what_came_back(case: tuple[Scene, Weighed, str]) -> None:
    scene, _, _ = case
    answered, waiting = rows(scene, TableName.APPROACHES)
    assert (answered["came"], answered["incidents"]) == ("acknowledged_only", scene.hospital)
    assert (waiting["to"], waiting["came"], waiting["summary"]) == ("=1", "", "")


def test_of_findings_only_what_two_signed_comes_with_its_factors(case: tuple[Scene, Weighed, str]) -> None:
    scene, there, _ = case
    found = rows(scene, TableName.FINDINGS)
    assert [row["factor"] for row in found] == [1, 2, 3, 4]
    assert {row["reasons"] for row in found} == {"=1"}
    assert [row["refers_to"] for row in found] == [
        "1/aircraft.present/direct",
        there.item,
        f"{there.item}/{there.opinion}",
        f"{there.response}/1",
    ]
    decide(scene, propose(scene, there, likelihood="unknown", factors=[]))
    assert [row["source"] for row in rows(scene, TableName.FINDINGS)].count("") == 1


def published(scene: Scene) -> Sermin:
    made = speaking.sermin(scene)
    speaking.published(scene)
    return made


def test_statements_come_line_by_line(after: After) -> None:
    scene, _ = speaking.opened(after, published)
    first, second, third = rows(scene, TableName.STATEMENTS)
    assert (first["claim"], first["column"], first["number"], first["exactly"]) == (
        "strike.took_place",
        "direct",
        3,
        "yes",
    )
    assert (first["within"], second["within"], third["claim"]) == ("", 1, "aircraft.number=2")
    assert {row["pulled"] for row in (first, second, third)} == {"no"}


@pytest.mark.parametrize("table", TableName)
def test_no_cell_of_any_table_computes_and_every_one_comes_back(
    case: tuple[Scene, Weighed, str], table: TableName
) -> None:
    taken = take(case[0], table)
    text = taken.to_csv()
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d", "\t", "\r")) for cell in row)
    heading, *found = tables.read(text)
    assert tuple(heading) == taken.columns
    assert [dict(zip(heading, row, strict=True)) for row in found] == [
        {name: str(cell) for name, cell in row.items()} for row in taken.to_json()["rows"]
    ]


def test_what_leaves_is_in_the_ledger_and_shown_there(case: tuple[Scene, Weighed, str]) -> None:
    scene, _, _ = case
    answer = Visitor(scene.app(), V1).post(
        f"/cases/{scene.case}/data", {"table": "incidents", "format": "csv"}
    )
    assert answer.mimetype == "text/csv"
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    taken = Api(scene.app(), V2).call("POST", f"/api/cases/{scene.case}/data/evidence").get_json()
    assert taken["format"] == "witness-vault/v1/table"
    with scene.writing() as uow:
        left = exports.listing(uow, actor(V2), scene.case, DAY)
    assert {one.what for one in left} == {Table(TableName.INCIDENTS), Table(TableName.EVIDENCE)}
    page = Visitor(scene.app(), V1).get(f"/cases/{scene.case}/exports").get_data(as_text=True)
    assert "A table as data: Evidence" in page


def test_whoever_may_not_take_a_table_out_gets_none_and_leaves_no_entry(scene: Scene) -> None:
    for by, table in ((R1, TableName.INCIDENTS), (V2, TableName.EVIDENCE)):
        with pytest.raises(Refused):
            take(scene, table, by)
    page = Visitor(scene.app(), V2).get(f"/cases/{scene.case}/data").get_data(as_text=True)
    assert "evidence key" in page
    with scene.writing() as uow:
        assert exports.listing(uow, actor(V2), scene.case, DAY) == ()
    assert Api(scene.app(), V2).call("POST", f"/api/cases/{scene.case}/data/witnesses").status_code == 404
    with pytest.raises(NotFound), scene.reading() as uow:
        exchange.offered(uow, actor(V1), "A" * 22)
