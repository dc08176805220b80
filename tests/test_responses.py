"""What the accused says: signed, sealed to whoever reads editions, and any change of it noticed and named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from tests.answers import answer, approach, ask, come_back, heard, point, record, undisputed
from tests.cast import R1, V1, V2
from tests.readers import audited
from tests.stage import DAY, Scene, actor
from tests.test_canaries import Disk
from vault import cases, ledgers, responses
from vault.errors import Conflict, Invalid, Refused, Tampered
from vault.ledgers import Ledger
from vault.rules.points import Claim
from vault.rules.responses import Place
from vault.store.evidence import ResponseRow


def test_what_they_said_later_is_set_beside_what_they_said_before(scene: Scene) -> None:
    late, early = record(scene, answer(scene)), record(scene, undisputed(scene), by=V2)
    log = heard(scene)
    assert [one.author for one in log.entries] == ["V1", "V2"]
    claim = Claim(scene.hospital, "strike.took_place", "yes")
    assert log.to_json()["conflicts"] == [
        {
            "claim": claim.to_json(),
            "points": [{"response": early, "point": 0}, {"response": late, "point": 0}],
        }
    ]


def test_what_replaces_a_response_ends_its_conflicts(scene: Scene) -> None:
    record(scene, answer(scene))
    before = record(scene, undisputed(scene))
    now = record(scene, undisputed(scene, points=[point(scene, "demands", "Name them.")], replaces=before))
    log = heard(scene)
    assert (log.to_json()["conflicts"], log.standing.replaced) == ([], {before: now})
    with pytest.raises(Conflict):
        record(scene, undisputed(scene, replaces=before))


def test_what_came_back_stands_with_what_was_asked(scene: Scene) -> None:
    asked, said = ask(scene), record(scene, answer(scene))
    come_back(scene, asked, by=V2)
    come_back(scene, asked, day="2015-12-23", kind="substantive", response=said)
    (came, _) = heard(scene).standing.returns[asked]
    assert (came.kind, came.response) == ("acknowledged_only", None)
    with pytest.raises(Conflict):
        come_back(scene, said)


def test_nothing_is_written_down_of_a_day_to_come(scene: Scene) -> None:
    tomorrow = (DAY + timedelta(days=1)).isoformat()
    with pytest.raises(Invalid, match="has been"):
        record(scene, answer(scene, said=tomorrow))
    with pytest.raises(Invalid, match="has been"):
        ask(scene, day=tomorrow)
    record(scene, answer(scene, said=f"{DAY:%Y-%m}"))


def test_only_who_reads_editions_reads_it_and_each_reading_and_writing_is_audited(scene: Scene) -> None:
    ask(scene)
    record(scene, answer(scene))
    heard(scene, V2)
    acts = ["approach recorded", "response recorded", "responses read"]
    assert [entry["act"] for entry in audited(scene)[-3:]] == acts
    assert "ministry" not in str(audited(scene)[-3:])
    with pytest.raises(Refused):
        heard(scene, R1)
    with pytest.raises(Refused):
        record(scene, answer(scene), by=R1)


def test_what_is_altered_missing_or_out_of_place_is_noticed_and_named(scene: Scene) -> None:
    for _ in range(3):
        record(scene, answer(scene))
    with scene.writing() as uow:
        row = select(ResponseRow.sealed).where(ResponseRow.position == 2)
        sealed = bytearray(uow.testimony.scalars(row).one())
        sealed[-1] ^= 1
        second = update(ResponseRow).where(ResponseRow.position == 2)
        uow.testimony.execute(second.values(sealed=bytes(sealed)))
    with pytest.raises(Tampered, match="Entry 2 of what the accused said"):
        heard(scene)
    with scene.writing() as uow:
        uow.testimony.execute(delete(ResponseRow).where(ResponseRow.position == 2))
    with pytest.raises(Tampered, match="Entry 2 of what the accused said"):
        heard(scene)


@pytest.mark.parametrize("act", ["approach", "praise"])
def test_an_entry_that_no_vault_would_have_written_is_named(scene: Scene, act: str) -> None:
    record(scene, answer(scene))
    with scene.writing() as uow:
        log = Ledger(cases.find(uow, scene.case), "response", "editions", ResponseRow)
        before = responses.read(scene.vault, uow, actor(V1), cases.show(uow, actor(V1), scene.case)).documents
        content = approach(scene, incidents=[])
        entry = {"format": "witness-vault/v1/response", "day": "2015-12-23", "act": act, "content": content}
        ledgers.append(uow, actor(V1), log, before, entry)
    with pytest.raises(Tampered, match="Entry 2 of what the accused said"):
        heard(scene)


def test_a_point_is_found_by_its_place(scene: Scene) -> None:
    name = record(scene, answer(scene))
    assert heard(scene).standing.point(Place(name, 0)).words["en"].startswith("There was no")


def test_the_disk_holds_no_word_of_it(scene: Scene) -> None:
    told = point(scene, "denies", "The umberwood smoke rose from a depot.")
    record(scene, answer(scene, told, who="The Vermilloth ministry"))
    come_back(scene, ask(scene, asked="Who flew over Quorndon?"), summary="Thornabout regrets")
    disk = Disk(scene.folder, "umberwood", "Vermilloth", "Quorndon", "Thornabout")
    disk.look()
    assert not disk.found
