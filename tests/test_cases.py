"""Cases: who sees them, who adds to them, and that nobody else can, with the databases in hand."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from tests.cast import C1, OUTSIDER, R1, R2, V1, V2, Person
from tests.stage import DAY, PLAN, TEAM, Scene, actor
from vault import cases, keyrings
from vault.cases import Case
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.sealing import boxes, briefs, casefiles, grants
from vault.sealing.digests import b64, canonical, pad, size_class, unb64
from vault.sealing.signatures import sign
from vault.store.testimony import BriefRow, CaseEscrowRow, GrantRow, SlotRow

FACTS = {"title": "A bridge", "place": "Upriver", "date": "2015-10-05"}


def _show(scene: Scene, person: Person, case: str = "") -> Case:
    with scene.reading() as uow:
        return cases.show(uow, actor(person), case or scene.case)


def _add(scene: Scene, person: Person, **facts: str) -> str:
    with scene.writing() as uow:
        return cases.add_incident(uow, actor(person), scene.case, {**FACTS, **facts}, DAY)


@pytest.mark.parametrize("person", [R1, R2, V1, V2], ids=lambda person: person.code)
def test_the_team_sees_the_case_and_its_incidents(scene: Scene, person: Person) -> None:
    case = _show(scene, person)
    assert case.title == PLAN["title"]
    assert [entry["incident"] for entry in case.incidents] == [scene.hospital, scene.mosque]
    with scene.reading() as uow:
        assert [one.id for one in cases.listing(uow, actor(person))] == [scene.case]


@pytest.mark.parametrize("person", [C1, OUTSIDER], ids=lambda person: person.code)
def test_custodians_and_strangers_see_no_case(scene: Scene, person: Person) -> None:
    with pytest.raises(Refused):
        _show(scene, person)


def test_a_case_of_others_is_as_if_it_were_not(scene: Scene) -> None:
    other = scene.open_case({**PLAN, "code": "S2"}, {"V1": ["brief"], "R1": ["brief"]})
    said = []
    for name in (other, "A" * 22, "no id"):
        with pytest.raises(NotFound) as error:
            _show(scene, R2, name)
        said.append(error.value.message)
    assert len(set(said)) == 1
    with scene.reading() as uow:
        assert [one.id for one in cases.listing(uow, actor(R2))] == [scene.case]
        assert len(cases.listing(uow, actor(R1))) == 2


def test_a_reviewer_adds_an_incident_and_the_team_sees_it(scene: Scene) -> None:
    added = _add(scene, V1)
    for person in (R1, V2):
        assert _show(scene, person).incident(added)["title"] == "A bridge"
    assert [entry["incident"] for entry in _show(scene, R1).incidents][:2] == [scene.hospital, scene.mosque]


@pytest.mark.parametrize("person", [R1, C1, OUTSIDER], ids=lambda person: person.code)
def test_nobody_else_adds_one(scene: Scene, person: Person) -> None:
    with pytest.raises(Refused):
        _add(scene, person)


@pytest.mark.parametrize(
    "facts", [{"title": ""}, {"title": " "}, {"title": "x" * 201}, {"place": "x" * 201}, {"date": "x" * 101}]
)
def test_an_incident_has_a_short_title_and_short_facts(scene: Scene, facts: dict[str, str]) -> None:
    before = scene.contents()
    with pytest.raises(Invalid):
        _add(scene, V1, **facts)
    assert scene.contents() == before


def test_a_single_incident_brings_no_claims_that_nobody_checked(scene: Scene) -> None:
    added = _add(scene, V1, claims="strike.took_place")
    assert "claims" not in _show(scene, R1).incident(added)


def test_the_team_is_the_one_that_was_signed_whatever_the_rows_say(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(GrantRow).where(GrantRow.member == "R2"))
    assert cases.team(_show(scene, R1).file) == sorted((code, tuple(keys)) for code, keys in TEAM.items())


def test_opening_a_case_lays_out_all_of_its_rows(scene: Scene) -> None:
    with scene.reading() as uow:
        case = unb64(scene.case)
        granted = uow.testimony.execute(
            select(GrantRow.member, GrantRow.key).where(GrantRow.case == case)
        ).all()
        escrowed = uow.testimony.scalars(select(CaseEscrowRow.key).where(CaseEscrowRow.case == case)).all()
        free = uow.testimony.scalars(select(SlotRow.half).where(SlotRow.taken.is_(False))).all()
    assert sorted(tuple(row) for row in granted) == sorted((code, key) for code in TEAM for key in TEAM[code])
    assert sorted(escrowed) == sorted(casefiles.KEYS)
    assert free.count("testimony") == free.count("observations") > 0


# --- with the databases in hand -----------------------------------------------------------------------------


def _forge_brief(scene: Scene, author: str, signer: Person, **changes: Any) -> None:
    """A next version of the brief; its key to seal with is public."""
    case = _show(scene, V1)
    incident = briefs.new_incident({"title": "A trap"})
    document = {**briefs.next_brief(case.brief, [incident], author, scene.roster().version), **changes}
    data = canonical(sign(document, author, signer.secret.signing))
    about = {"vault": case.file.vault, "case": case.id, "version": 2}
    sealed = boxes.seal(case.file.keys["brief"], ("brief", about), pad(data, size_class(len(data))))
    with scene.writing() as uow:
        uow.testimony.add(BriefRow(case=unb64(scene.case), version=2, sealed=sealed))


def test_what_a_reviewer_of_the_team_signed_stands(scene: Scene) -> None:
    _forge_brief(scene, "V2", V2)
    assert len(_show(scene, R1).incidents) == 3


FORGERIES: list[tuple[str, Person, dict[str, Any]]] = [
    ("R1", R1, {}),
    ("V1", R1, {}),
    ("V1", OUTSIDER, {}),
    ("C1", C1, {}),
    ("V1", V1, {"case": "A" * 22}),
    ("V1", V1, {"version": 3}),
    ("V1", V1, {"roster": 99}),
    ("V1", V1, {"roster": 1}),
]


@pytest.mark.parametrize(("author", "signer", "changes"), FORGERIES)
def test_a_forged_brief_is_refused(
    scene: Scene, author: str, signer: Person, changes: dict[str, Any]
) -> None:
    _forge_brief(scene, author, signer, **changes)
    with pytest.raises((Tampered, Invalid)):
        _show(scene, R1)


def test_a_brief_by_a_reviewer_who_is_not_on_the_team_is_refused(scene: Scene) -> None:
    other = scene.open_case({**PLAN, "code": "S2"}, {"V1": ["brief"], "R1": ["brief"]})
    with scene.reading() as uow:
        case = cases.show(uow, actor(V1), other)
    document = briefs.next_brief(case.brief, [briefs.new_incident({"title": "A trap"})], "V2", 2)
    sealed = briefs.seal_brief(case.file, sign(document, "V2", V2.secret.signing))
    with scene.writing() as uow:
        uow.testimony.add(BriefRow(case=unb64(other), version=2, sealed=sealed))
    with pytest.raises(Tampered):
        _show(scene, R1, other)


def test_another_first_brief_than_the_signed_one_is_refused(scene: Scene) -> None:
    case = _show(scene, V1)
    document = {**case.brief, "title": "Another case altogether"}
    with scene.writing() as uow:
        row = uow.testimony.scalars(select(BriefRow)).one()
        row.sealed = briefs.seal_brief(case.file, sign(document, "V1", V1.secret.signing))
    with pytest.raises(Tampered):
        _show(scene, R1)


def test_a_brief_that_is_missing_is_noticed(scene: Scene) -> None:
    for title in ("A market", "A bakery"):
        with scene.writing() as uow:
            cases.add_incident(uow, actor(V1), scene.case, {"title": title}, DAY)
    assert len(_show(scene, R1).incidents) == 4
    for version in (2, 1, 3):
        with scene.writing() as uow:
            uow.testimony.execute(delete(BriefRow).where(BriefRow.version == version))
        with pytest.raises(Tampered):
            _show(scene, R1)


def test_briefs_that_do_not_follow_one_another_are_refused(scene: Scene) -> None:
    case = _show(scene, V1)
    for other in (b64(bytes(32)), None):
        document = {**briefs.next_brief(case.brief, [case.incidents[0]], "V1", 2), "previous": other}
        sealed = briefs.seal_brief(case.file, sign(document, "V1", V1.secret.signing))
        with scene.writing() as uow:
            uow.testimony.merge(BriefRow(case=unb64(scene.case), version=2, sealed=sealed))
        with pytest.raises(Tampered):
            _show(scene, R1)


@pytest.mark.parametrize("key", casefiles.KEYS[1:])
def test_a_grant_that_is_copied_or_made_up_opens_nothing(scene: Scene, key: str) -> None:
    place = (unb64(scene.case), key, 1)
    file = _show(scene, R1).file
    with scene.writing() as uow:
        copied = next(uow.testimony.scalars(select(GrantRow).where(GrantRow.key == key)))
        uow.testimony.add(GrantRow(case=place[0], key=key, version=1, member="R1", sealed=copied.sealed))
        about = {"vault": file.vault, "case": file.id, "key": key, "version": 1, "member": "R2"}
        made_up = boxes.seal(R2.secret.sealing.public, ("grant", about), R2.secret.sealing.seed)
        uow.testimony.add(GrantRow(case=place[0], key=key, version=1, member="R2", sealed=made_up))
    for person in (R1, R2):
        with scene.reading() as uow, pytest.raises(Refused):
            keyrings.case_keys(uow, actor(person), file, key)
        with scene.reading() as uow:
            row = uow.testimony.get_one(GrantRow, (*place, person.code))
        with pytest.raises(Tampered):
            grants.open_grant(file, (key, 1), person.code, person.secret.sealing, row.sealed)
