"""What a new epoch gives and takes: sessions, grants, sealed shares; and what an old archive is worth afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from drill.thief import Thief
from tests import stage
from tests.cast import C1, C2, C5, CUSTODIANS, R1, V1, Person, following
from tests.sealing.epochs import NEXT
from tests.sharing import begin, begin_epoch, ceremony, lines, share_anew, stated, take
from tests.stage import DAY, Scene, actor, copied
from vault import drills, holdings, resharing
from vault.errors import Invalid, NotFound, Refused, Tampered, VaultError
from vault.opening import entrust
from vault.sealing import escrows, resharings
from vault.sealing.digests import Json, b64
from vault.sealing.drills import report
from vault.store.testimony import GrantRow, MemberRow, ResharingRow

NAME = "Balthazar Quillfeather"
NEWCOMER = Person("R9", "researcher")


def deposit(scene: Scene) -> None:
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME})
    scene.hand_in(R1, draft, {**scene.interview(), "sealed_identity": sealed})


# --- an old archive: attack 12 -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archived(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything of the vault, shred keys included, as it was before C5 left."""
    folder = tmp_path_factory.mktemp("archive") / "vault"
    scene = copied(staged, folder)
    deposit(scene)
    scene.close()
    return folder


def coerced(folder: Path, *keys: bytes) -> list[str]:
    thief = Thief(folder)
    thief.learn(*keys)
    return thief.attack().finds(NAME)


FORMER = {person.code: person.secret.sealing.seed for person in CUSTODIANS}
PRESENT = [person.secret.sealing.seed for person in NEXT]


@pytest.mark.sqlite
def test_before_the_former_keys_are_destroyed_an_old_archive_opens_with_the_key_files(archived: Path) -> None:
    """The control: C5, who left, and two who still have what they should have destroyed."""
    assert coerced(archived, *PRESENT, FORMER["C5"], FORMER["C1"], FORMER["C2"]) == [NAME]


@pytest.mark.sqlite
@pytest.mark.parametrize("kept", ["C1", "C2", "C3", "C4"])
def test_once_enough_have_destroyed_theirs_it_opens_with_no_set_of_key_files(
    archived: Path, kept: str
) -> None:
    """n - k + 1 = 3 of the four who remain have; C5 and the fourth have not; every present key file is taken."""
    assert coerced(archived, *PRESENT, FORMER["C5"], FORMER[kept]) == []


@pytest.mark.sqlite
def test_the_vault_itself_opens_with_present_keys_alone(archived: Path, tmp_path: Path) -> None:
    scene = copied(archived, tmp_path / "vault")
    begin_epoch(scene)
    share_anew(scene)
    scene.close()
    assert coerced(scene.folder, *FORMER.values()) == []
    assert coerced(scene.folder, *PRESENT[:2]) == []
    assert coerced(scene.folder, *PRESENT[:3]) == [NAME]


@pytest.mark.sqlite
def test_former_and_present_keys_do_not_add_up(archived: Path, tmp_path: Path) -> None:
    """Two shares of each epoch, of an archive and of today's vault, are worth less than three of one."""
    scene = copied(archived, tmp_path / "vault")
    begin_epoch(scene)
    share_anew(scene)
    scene.close()
    for folder in (archived, scene.folder):
        assert coerced(folder, FORMER["C4"], FORMER["C5"], *PRESENT[:2]) == []


# --- what the server takes -----------------------------------------------------------------------------------------


@pytest.fixture
def begun(scene: Scene) -> Scene:
    deposit(scene)
    begin_epoch(scene)
    return scene


def test_what_fewer_than_k_former_custodians_signed_is_not_taken(begun: Scene) -> None:
    made = [ceremony(begun).anew(line) for line in lines(begun)]
    for people in ((C1, C2), (C1, C2, NEXT[4]), ()):
        with pytest.raises(Tampered):
            begin(begun, stated(begun, [made], people))
    begin(begun, stated(begun, [made], (C1, C2, C5)))  # who leaves may help, once more


def test_a_batch_that_the_statement_does_not_name_is_not_taken(begun: Scene) -> None:
    made = [ceremony(begun).anew(line) for line in lines(begun)]
    name = begin(begun, stated(begun, [made]))
    before = begun.contents()
    others: list[Json] = [made[:-1], [], None, 5, [{}], [ceremony(begun).anew(line) for line in lines(begun)]]
    for other in others:
        with pytest.raises(VaultError):
            take(begun, name, other)
    with pytest.raises(NotFound):
        take(begun, b64(bytes(32)), made)
    assert begun.contents() == before


def _swapped(made: list[Json]) -> None:
    made[0]["shared"], made[1]["shared"] = made[1]["shared"], made[0]["shared"]
    made[0]["name"], made[1]["name"] = made[1]["name"], made[0]["name"]


def _to_others(made: list[Json]) -> None:
    for line in made:
        if line["kind"] != "audit":
            line["shared"]["shares"] = line["shared"]["shares"][:4]


@pytest.mark.parametrize("how", [_swapped, _to_others])
def test_even_what_k_signed_changes_no_record_but_those_it_is_about(
    begun: Scene, how: Callable[[list[Json]], None]
) -> None:
    made = [ceremony(begun).anew(line) for line in lines(begun)]
    how(made)
    name = begin(begun, stated(begun, [made]))
    before = begun.contents()
    with pytest.raises(Tampered):
        take(begun, name, made)
    assert begun.contents() == before


def test_lines_about_what_is_not_there_or_failed_change_nothing(begun: Scene) -> None:
    made = [{**line, "shared": None} for line in lines(begun)]
    made.append({**made[-1], "kind": "identity", "name": b64(bytes(16))})
    made += [{**made[0], "kind": "audit", "name": odd, "escrow": None} for odd in ("999999", "x", "-1")]
    name = begin(begun, stated(begun, [made]))
    before = begun.contents()
    assert take(begun, name, made) == 0
    assert begun.contents() == before
    assert len(resharing.finish(begun.vault, actor(C1), name, DAY)) == len(lines(begun))


def test_a_statement_that_somebody_edited_in_the_database_replaces_no_share(begun: Scene) -> None:
    made = [ceremony(begun).anew(line) for line in lines(begun)]
    name = begin(begun, stated(begun, [made]))
    forged = {**stated(begun, [made[:1]])["document"], "lost": ["identity x"]}
    signed = {"document": forged, "signatures": stated(begun, [made])["signatures"]}
    with begun.writing() as uow:
        uow.testimony.execute(update(ResharingRow).values(signed=json.dumps(signed)))
    with pytest.raises(Tampered):
        take(begun, name, made[:1])
    with pytest.raises(Tampered):
        resharing.finish(begun.vault, actor(C1), name, DAY)


def test_finishing_twice_says_so_once(begun: Scene) -> None:
    name = share_anew(begun)
    links = len(begun.contents()["audit"])
    assert resharing.finish(begun.vault, actor(C1), name, DAY) == []
    assert begin(begun, json.loads(_row(begun).signed)) == name
    assert len(begun.contents()["audit"]) == links
    with begun.reading() as uow:
        assert [one["document"]["epoch"] for one in resharing.statements(uow, actor(C1))] == [2]


def _row(scene: Scene) -> ResharingRow:
    with scene.reading() as uow:
        return uow.testimony.scalars(select(ResharingRow)).one()


def test_pages_hold_everything_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        deposit(scene)
    begin_epoch(scene)
    whole = lines(scene)
    monkeypatch.setattr(holdings, "PAGE", 2)
    paged = lines(scene)
    assert sorted(map(resharings.name_of, paged)) == sorted(map(resharings.name_of, whole))
    assert len({resharings.name_of(line) for line in paged}) == len(paged) > 10


@pytest.mark.parametrize(("kind", "after"), [("backup", ""), ("identity", "x"), ("identity", "AAAA")])
def test_a_page_of_what_there_is_not_is_refused(scene: Scene, kind: str, after: str) -> None:
    with scene.reading() as uow:
        with pytest.raises(Invalid):
            resharing.page(uow, actor(C1), kind, after)
        with pytest.raises(Invalid):
            drills.page(uow, actor(C1), kind, after)
        with pytest.raises(Invalid):
            drills.page(uow, actor(C1), "audit", "")


def test_in_the_first_epoch_there_is_nothing_to_do(scene: Scene) -> None:
    deposit(scene)
    assert lines(scene) == []
    with scene.reading() as uow:
        assert resharing.is_finished(uow)
    with pytest.raises(Invalid):
        begin(scene, stated(scene, []))


@pytest.mark.parametrize("person", [R1, V1, NEWCOMER], ids=lambda person: person.code)
def test_only_custodians_fetch_shares_and_hand_them_in(scene: Scene, person: Person) -> None:
    acts: list[Callable[[Any], object]] = [
        lambda uow: resharing.page(uow, actor(person), "identity", ""),
        lambda uow: resharing.begin(uow, actor(person), {}, DAY),
        lambda uow: resharing.take(uow, actor(person), "", []),
        lambda _: resharing.finish(scene.vault, actor(person), "", DAY),
        lambda uow: resharing.statements(uow, actor(person)),
        lambda uow: drills.page(uow, actor(person), "identity", ""),
        lambda uow: drills.hand_in(uow, actor(person), {}, DAY),
        lambda uow: drills.reports(uow, actor(person)),
    ]
    for act in acts:
        with scene.reading() as uow, pytest.raises(Refused):
            act(uow)


def test_a_report_in_anothers_name_or_of_another_epoch_is_not_kept(scene: Scene) -> None:
    mine = report(scene.roster(), ("C1", C1.secret.signing), DAY.isoformat(), {}, ())
    with scene.writing() as uow:
        with pytest.raises(Tampered):
            drills.hand_in(uow, actor(C2), mine, DAY)
        drills.hand_in(uow, actor(C1), mine, DAY)
    with scene.reading() as uow:
        assert drills.reports(uow, actor(C2)) == {"reports": {"C1": mine}, "finished": True}
    begin_epoch(scene)
    with scene.reading() as uow:
        assert drills.reports(uow, actor(C2)) == {"reports": {}, "finished": False}


# --- what a roster ends --------------------------------------------------------------------------------------------


def grants_of(scene: Scene, code: str) -> int:
    with scene.reading() as uow:
        return len(uow.testimony.scalars(select(GrantRow).where(GrantRow.member == code)).all())


def generation(scene: Scene, code: str) -> bytes | None:
    with scene.reading() as uow:
        row = uow.testimony.get(MemberRow, code)
        return None if row is None else row.generation


def listed(scene: Scene, code: str, **changes: Json) -> None:
    """The roster with another entry of this member, or without one."""
    document = following(scene.roster(), **stage.DAYS)
    entries = [{**e, **changes} if e["code"] == code else e for e in document["members"]]
    kept = [entry for entry in entries if changes or entry["code"] != code]
    scene.carry(C1, {**document, "members": kept})


def test_with_a_member_go_grants_session_and_wrapped_keys(scene: Scene) -> None:
    others = (grants_of(scene, "V2"), generation(scene, "V2"))
    assert grants_of(scene, "V1")
    listed(scene, "V1")
    assert (grants_of(scene, "V1"), generation(scene, "V1")) == (0, None)
    assert (grants_of(scene, "V2"), generation(scene, "V2")) == others


@pytest.mark.parametrize("part", ["sealing", "signing"])
def test_with_other_keys_a_member_begins_anew(scene: Scene, part: str) -> None:
    before = generation(scene, "V1")
    other = Person("X8").secret
    listed(scene, "V1", **{part: b64(getattr(other, part).public)})
    assert grants_of(scene, "V1") == 0
    assert generation(scene, "V1") not in (before, None)


def test_with_another_request_key_alone_a_member_goes_on(scene: Scene) -> None:
    before = (grants_of(scene, "V1"), generation(scene, "V1"))
    listed(scene, "V1", request=b64(Person("X8").secret.signing.public))
    assert (grants_of(scene, "V1"), generation(scene, "V1")) == before


def test_a_renewed_roster_ends_nothing(scene: Scene) -> None:
    before = scene.contents()
    scene.carry(C1, following(scene.roster(), **stage.DAYS))
    for table in ("members", "grants", "invitations"):
        assert scene.contents()[table] == before[table]


def test_match_records_are_shared_anew_as_identities_are(scene: Scene) -> None:
    draft = scene.start(R1)
    sealed = entrust(b"{}", "match", draft.match_record, scene.roster())
    scene.hand_in(R1, draft, {**scene.interview(), "sealed_match": sealed})
    deposit(scene)
    begin_epoch(scene)
    share_anew(scene)
    with scene.reading() as uow:
        (record,) = holdings.page(uow, "match", "").values()
        assert len(holdings.page(uow, "identity", "")) == 1
    assert record is not None
    assert record["epoch"] == scene.roster().epoch == 2
    assert escrows.fingerprint(record) == escrows.fingerprint(sealed)
