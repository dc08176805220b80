"""vault.register: the list is only a cache, and says what it can no longer vouch for"""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from tests import test_releases as releasing
from tests.cast import R1, V1, V2
from tests.dossier import EVENT, GRADED, OPINION, SUPPORTS, add, chain, go_on, with_file
from tests.readers import audited
from tests.sending import film
from tests.stage import DAY, TEAM, After, Scene, actor
from tests.teams import change
from tests.test_canaries import Disk
from vault import custody, register
from vault.errors import Invalid, Refused, Tampered
from vault.rules import register as rule
from vault.rules.items import Act
from vault.rules.register import CUT, GONE, TOGETHER, Page, Row, Said, Wanted
from vault.sealing.digests import b64, unb64, witness_tag
from vault.sealing.words import new_pseudonym
from vault.store.evidence import EvidenceRow, RegisterRow


def listed(scene: Scene, **wanted: Any) -> Page:
    with scene.writing() as uow:
        return register.listing(scene.vault, uow, actor(V1), (scene.case, Wanted(**wanted)), DAY)


def faults(scene: Scene) -> dict[str, str]:
    return {row.item: row.fault for row in listed(scene).rows if row.fault}


def flip(scene: Scene, item: str, position: int = 1) -> None:
    with scene.writing() as uow:
        row = uow.testimony.get_one(EvidenceRow, (unb64(scene.case), item, position))
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])


def remove(scene: Scene, item: str, position: int) -> None:
    of_this = (EvidenceRow.item == item, EvidenceRow.position >= position)
    with scene.writing() as uow:
        uow.testimony.execute(delete(EvidenceRow).where(*of_this))


def test_the_list_says_of_each_item_what_its_chain_says(scene: Scene) -> None:
    item = with_file(scene, film(100), giver=new_pseudonym(), events=[])
    go_on(scene, item, Act.AUTHENTICITY, GRADED)
    go_on(scene, item, Act.OPINION, OPINION)
    go_on(scene, item, Act.EVENT, EVENT)
    (row,) = listed(scene).rows
    found = chain(scene, item).item
    assert row == Row.of(item, found)
    assert found.original is not None
    assert (row.kind, row.grades, row.opinions, row.events, row.given) == (
        "video",
        ("authentic",),
        1,
        1,
        True,
    )
    assert (row.sha256, row.media) == (found.original.sha256, "video/mp4")
    assert row.says == (Said("strike.took_place", "strike.took_place", "yes", "supports"),)


def test_the_list_says_who_waits_for_another_to_decide(after: After) -> None:
    scene, facts = after(releasing.opened)
    scene._facts = facts
    item = add(scene)
    motion = releasing.propose(scene, item)
    assert [(row.released, row.waits) for row in listed(scene).rows] == [(0, ("V1",))]
    releasing.decide(scene, item, motion)
    assert [(row.released, row.waits) for row in listed(scene).rows] == [(1, ())]


def test_whoever_does_not_hold_the_key_sees_no_list(scene: Scene) -> None:
    add(scene)
    for by in (R1, V2):
        with scene.reading() as uow, pytest.raises(Refused):
            register.every(scene.vault, uow, actor(by), scene.case)


def test_the_list_is_audited_and_choosing_from_it_writes_nothing(scene: Scene) -> None:
    item = add(scene)
    with scene.reading() as uow:
        assert [row.item for row in register.every(scene.vault, uow, actor(V1), scene.case)] == [item]
        assert uow.testimony.get(RegisterRow, unb64(scene.case)) is None
    listed(scene)
    assert audited(scene)[-1]["act"] == "evidence listed"


def test_items_are_found_by_incident_kind_and_claim(scene: Scene) -> None:
    two = {**SUPPORTS, "subject": "aircraft.number", "value": 2}
    strike = add(scene, title="a")
    aircraft = add(scene, kind="photo", title="b", bears=[two])
    mosque = add(scene, incident=scene.mosque, title="c", bears=[])
    looked_for: list[tuple[dict[str, str], list[str]]] = [
        ({}, [strike, aircraft, mosque]),
        ({"incident": scene.mosque}, [mosque]),
        ({"kind": "photo"}, [aircraft]),
        ({"claim": "strike.took_place"}, [strike]),
        ({"claim": "aircraft.number"}, [aircraft]),
        ({"claim": "aircraft.number=2"}, [aircraft]),
        ({"claim": "aircraft.number=3"}, []),
        ({"incident": scene.mosque, "claim": "strike.took_place"}, []),
    ]
    for wanted, found in looked_for:
        page = listed(scene, **wanted)
        assert [row.item for row in page.rows] == found
        assert page.found == len(found)
    assert [claim for claim, _ in listed(scene).claims] == ["aircraft.number=2", "strike.took_place"]
    assert listed(scene, incident=scene.mosque).claims == ()


def test_the_list_goes_on_with_the_chains(scene: Scene) -> None:
    item = add(scene)
    assert listed(scene).rows[0].grades == ()
    go_on(scene, item, Act.AUTHENTICITY, GRADED)
    second = add(scene)
    rows = {row.item: row for row in listed(scene).rows}
    assert (rows[item].grades, rows[item].entries, rows[second].entries) == (("authentic",), 2, 1)


@pytest.mark.parametrize("content", [b"", secrets.token_bytes(200)])
def test_a_list_that_does_not_open_is_made_again(scene: Scene, content: bytes) -> None:
    item = add(scene)
    before = listed(scene)
    with scene.writing() as uow:
        uow.testimony.execute(update(RegisterRow).values(content=content))
    assert listed(scene) == before
    with scene.reading() as uow:
        assert uow.testimony.get_one(RegisterRow, unb64(scene.case)).content != content
    assert [row.item for row in before.rows] == [item]


def test_items_are_read_and_listed_after_their_key_was_exchanged(scene: Scene) -> None:
    item = with_file(scene, film(100))
    before = listed(scene)
    change(scene, V1, TEAM, rotate=["evidence"])
    go_on(scene, item, Act.AUTHENTICITY, GRADED)
    second = with_file(scene, film(200))
    rows = {row.item: row for row in listed(scene).rows}
    assert rows.keys() == {item, second}
    assert rows[item] == before.rows[0]._replace(entries=2, grades=("authentic",), head=rows[item].head)
    for name in rows:
        original = chain(scene, name).item.original
        assert original is not None
        assert custody.verify(scene.vault, actor(V1), (scene.case, name, original.file), DAY).held


def test_no_row_says_what_the_list_says(scene: Scene) -> None:
    add(scene)
    listed(scene)
    with scene.reading() as uow:
        content = uow.testimony.get_one(RegisterRow, unb64(scene.case)).content
    assert b"hospital" not in content


@pytest.mark.sqlite
def test_nothing_of_an_item_lies_on_the_disk_in_the_clear(scene: Scene) -> None:
    giver = new_pseudonym()
    canaries = (
        "Umberwood film",
        "Quorndon yard",
        "Peregrine",
        "Thornabout",
        giver,
        witness_tag(scene.case, giver),
    )
    disk = Disk(scene.folder, *canaries)
    with disk.watched():
        said: dict[str, Any] = {
            "title": canaries[0],
            "events": [{**EVENT, "note": canaries[1]}],
            "giver": giver,
        }
        item = with_file(scene, canaries[2].encode() * 1_000, **said)
        go_on(scene, item, Act.OPINION, {**OPINION, "reasons": canaries[3]})
        listed(scene)
    assert disk.found == set()
    assert len(disk.files) > len(("testimony.db", "identities.db", "shreds.db", "facts.json"))


def test_an_item_that_was_taken_away_goes_on_being_named(scene: Scene) -> None:
    item, other = add(scene), add(scene)
    listed(scene)
    remove(scene, item, 1)
    for _ in range(2):
        assert faults(scene) == {item: GONE}
    assert [row.title for row in listed(scene).rows if row.fault] == ["The hospital after the strike"]
    assert not chain(scene, other).item.assessed


def test_a_chain_whose_end_was_cut_off_is_named(scene: Scene) -> None:
    item = add(scene)
    go_on(scene, item, Act.AUTHENTICITY, GRADED)
    listed(scene)
    remove(scene, item, 2)
    for _ in range(2):
        assert faults(scene) == {item: CUT}
    for _ in range(2):
        go_on(scene, item, Act.AUTHENTICITY, GRADED)
        assert faults(scene) == {item: CUT}


def test_a_chain_that_does_not_hold_does_not_stop_the_list(scene: Scene) -> None:
    item, other = add(scene), add(scene)
    flip(scene, item)
    assert faults(scene) == {item: "Entry 1 of the custody chain of this item does not open: it was changed."}
    assert {row.item for row in listed(scene, kind="photo").rows} == {item}
    flip(scene, item)
    assert faults(scene) == {}
    assert {row.item for row in listed(scene).rows} == {item, other}


def test_a_chain_that_was_changed_behind_the_list_shows_when_its_item_is_opened(scene: Scene) -> None:
    item = add(scene)
    listed(scene)
    flip(scene, item)
    assert faults(scene) == {}
    with pytest.raises(Tampered, match="Entry 1 of the custody chain"):
        chain(scene, item)


@pytest.mark.parametrize(
    "raw", [{"page": "0"}, {"page": "x"}, {"page": "²"}, {"kind": "rumour"}, {"words": "x"}]
)
def test_what_cannot_be_looked_for_is_refused(raw: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Wanted.parse(raw)


def test_what_an_address_says_is_what_is_looked_for() -> None:
    assert Wanted.parse({}) == Wanted()
    said = {"incident": "i", "kind": "photo", "claim": "c", "page": "3"}
    assert Wanted.parse(said) == Wanted("i", "photo", "c", 3)


@given(st.integers(0, 3 * TOGETHER), st.integers(1, 5))
def test_pages_together_show_each_item_once(count: int, wanted: int) -> None:
    rows = [Row(b64(bytes([0, number])), 1, title=f"{number % 7}") for number in range(count)]
    pages = rule.page(rows, Wanted()).pages
    shown = [row for number in range(1, pages + 1) for row in rule.page(rows, Wanted(page=number)).rows]
    assert sorted(shown) == sorted(rows)
    found = rule.page(rows, Wanted(page=wanted))
    assert (found.found, found.page) == (count, min(wanted, pages))
    assert len(found.rows) <= TOGETHER


def test_the_newest_come_first_behind_what_nobody_can_vouch_for() -> None:
    rows = [
        Row("a", 1, day="2026-11-01", title="b"),
        Row("b", 1, day="2026-11-02", title="b"),
        Row("c", 1, day="2026-11-02", title="a"),
        Row("d", 1, fault=GONE),
    ]
    assert [row.item for row in rule.page(rows, Wanted()).rows] == ["d", "c", "b", "a"]
