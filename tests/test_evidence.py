"""vault.evidence: handed in without a key, read by whoever holds one, and never changed unnoticed"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from tests import dossier
from tests.cast import C1, OUTSIDER, R1, R2, V1, V2, Person
from tests.dossier import (
    EVENT,
    GRADED,
    OPINION,
    SUPPORTS,
    add,
    chain,
    go_on,
    handed_in,
    shown,
    waiting,
    with_file,
)
from tests.readers import audited
from tests.sending import JPEG, film, opened, send
from tests.stage import DAY, Scene, actor, later
from tests.test_pictures import SECRETS, photo
from vault import arrivals, cases, chains, evidence, files, ledgers, pictures, uploads
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.rules.access import Role
from vault.rules.items import Act
from vault.sealing.digests import b64, unb64
from vault.sealing.words import new_pseudonym
from vault.store.evidence import EvidenceRow
from vault.uploads import Facts

FILM = film(1_000)


class Killed(BaseException):
    """The process ends."""


@contextmanager
def killed_once_committed(scene: Scene, database: str = "testimony") -> Iterator[None]:
    """The process ends as soon as this database has what was written; of three, the testimony is the last."""

    def end(session: Session) -> None:
        if session.get_bind().engine.url == scene.vault.store.engines[database].url:
            raise Killed

    event.listen(Session, "after_commit", end)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        event.remove(Session, "after_commit", end)


def test_a_depositor_cannot_read_back_what_they_handed_in(scene: Scene) -> None:
    item = with_file(scene, FILM)
    with pytest.raises(Refused):
        shown(scene, item, R1)
    with pytest.raises(Refused):
        go_on(scene, item, Act.EVENT, EVENT, R1)
    found = chain(scene, item).item
    assert (found.arrival.facts.title, found.entries[0].author) == ("The hospital after the strike", "R1")
    assert found.original is not None
    assert found.original.sha256 == b64(hashlib.sha256(FILM).digest())
    assert b"".join(opened(scene, found.original.file).part(0, 1_000)) == FILM


def test_handing_in_leaves_no_audit_entry_and_reading_does(scene: Scene) -> None:
    before = len(audited(scene))
    item = with_file(scene, FILM)
    assert len(audited(scene)) == before
    with scene.writing() as uow:
        evidence.show(scene.vault, uow, actor(V1), (scene.case, item), DAY)
    assert [entry["act"] for entry in audited(scene)[before:]] == ["evidence read"]


def test_no_row_says_what_an_item_is(scene: Scene) -> None:
    add(scene)
    with scene.reading() as uow:
        (row,) = uow.testimony.scalars(select(EvidenceRow))
    assert b"hospital" not in row.sealed
    assert b"witness-vault" not in row.sealed


def test_an_item_handed_in_twice_lies_there_once(scene: Scene) -> None:
    upload = send(scene, FILM)
    raw = handed_in(scene, item=upload.facts.item, original=upload.id)
    for _ in range(2):
        assert evidence.add(scene.vault, actor(R1), (scene.case, raw), DAY) == upload.facts.item
    assert len(chain(scene, upload.facts.item).documents) == 1
    assert waiting(scene) == 0


@pytest.mark.parametrize(("by", "change"), [(R1, {"title": "Another"}), (R2, {}), (V1, {})])
def test_another_item_of_the_same_id_is_refused(scene: Scene, by: Person, change: dict[str, Any]) -> None:
    raw = handed_in(scene)
    evidence.add(scene.vault, actor(R1), (scene.case, raw), DAY)
    with pytest.raises(Conflict, match="added already"):
        evidence.add(scene.vault, actor(by), (scene.case, {**raw, **change}), DAY)
    assert len(chain(scene, raw["item"]).documents) == 1


def test_what_was_broken_off_before_the_upload_was_let_go_is_gone_on_with(scene: Scene) -> None:
    upload = send(scene, FILM)
    raw = handed_in(scene, item=upload.facts.item, original=upload.id)
    with killed_once_committed(scene):
        evidence.add(scene.vault, actor(R1), (scene.case, raw), DAY)
    assert waiting(scene) == 1
    evidence.add(scene.vault, actor(R1), (scene.case, raw), DAY)
    assert waiting(scene) == 0
    original = chain(scene, upload.facts.item).item.original
    assert original is not None
    assert b"".join(opened(scene, original.file).part(0, 1_000)) == FILM


def test_what_was_broken_off_between_two_databases_is_gone_on_with(scene: Scene) -> None:
    upload = send(scene, FILM)
    raw = handed_in(scene, item=upload.facts.item, original=upload.id)
    with killed_once_committed(scene, "shreds"):
        evidence.add(scene.vault, actor(R1), (scene.case, raw), DAY)
    with pytest.raises(NotFound):
        chain(scene, upload.facts.item)
    evidence.add(scene.vault, actor(R1), (scene.case, raw), DAY)
    original = chain(scene, upload.facts.item).item.original
    assert original is not None
    assert b"".join(opened(scene, original.file).part(0, 1_000)) == FILM


@pytest.mark.parametrize(
    "change",
    [
        {"item": "elsewhere"},
        {"kind": "rumour"},
        {"title": " "},
        {"title": "a\u202eb"},
        {"title": "x" * 201},
        {"incident": "elsewhere"},
        {"origin": {"how": "sent", "from": 1, "held": ""}},
        {"bears": [{**SUPPORTS, "subject": "unknown"}]},
        {"bears": [SUPPORTS, {**SUPPORTS, "how": "contradicts"}]},
        {"events": [{**EVENT, "what": "accessed"}]},
        {"events": [{**EVENT, "day": later(1).isoformat()}]},
        {"events": [{**EVENT, "file": "AAAAAAAAAAAAAAAAAAAAAA"}]},
        {"giver": "not-a-pseudonym"},
        {"more": 1},
    ],
)
def test_what_cannot_be_understood_is_not_taken(scene: Scene, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        add(scene, **change)
    with scene.reading() as uow:
        assert not uow.testimony.scalars(select(EvidenceRow)).all()


@pytest.mark.parametrize("step", [(arrivals, "copied"), (pictures, "copy_of")])
def test_what_is_handed_in_twice_at_once_is_there_once_and_both_are_told_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    upload, then = send(scene, photo(), media=JPEG), getattr(*step)
    what = scene.case, handed_in(scene, item=upload.facts.item, original=upload.id)

    def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        assert evidence.add(scene.vault, actor(R1), what, DAY) == upload.facts.item
        return then(*given)

    monkeypatch.setattr(*step, meanwhile)
    assert evidence.add(scene.vault, actor(R1), what, DAY) == upload.facts.item
    assert (len(chain(scene, upload.facts.item).documents), waiting(scene)) == (1, 0)


def test_a_file_that_was_sent_for_another_item_is_not_taken(scene: Scene) -> None:
    upload = send(scene, FILM)
    with pytest.raises(Invalid, match="for another item"):
        add(scene, original=upload.id)
    with pytest.raises(NotFound):
        add(scene, R2, item=upload.facts.item, original=upload.id)


@pytest.mark.parametrize("by", [C1, OUTSIDER])
def test_nobody_outside_the_team_hands_anything_in(scene: Scene, by: Person) -> None:
    with pytest.raises((Refused, NotFound)):
        add(scene, by)


def test_a_witness_who_gave_it_is_named_to_readers_of_testimony_alone(scene: Scene) -> None:
    giver = new_pseudonym()
    item = add(scene, origin={"how": "given", "from": "", "held": ""}, giver=giver)
    found = shown(scene, item)
    assert found.giver is None
    assert found.chain.item.arrival.giver is not None
    assert giver not in str(found.chain.documents)
    with pytest.raises(Refused):
        shown(scene, item, V2)  # reads testimony, and no evidence
    with pytest.raises(Invalid, match="pseudonym alone"):
        add(scene, origin={"how": "given", "from": "A doctor", "held": ""}, giver=giver)


def test_a_reader_of_testimony_sees_which_witness_gave_it(scene: Scene) -> None:
    scene._facts = dossier.opened(scene, {"R1": ["brief"], "V1": ["brief", "testimony", "evidence"]})
    giver = new_pseudonym()
    item = add(scene, giver=giver.upper().replace("-", " "))
    assert shown(scene, item).giver == giver
    assert shown(scene, add(scene)).giver is None


def test_whoever_holds_the_key_goes_on_with_the_chain(scene: Scene) -> None:
    item = add(scene)
    go_on(scene, item, Act.EVENT, {**EVENT, "what": "shared", "to": "An expert"})
    go_on(scene, item, Act.BEARING, {"bears": [{**SUPPORTS, "how": "contradicts"}]})
    go_on(scene, item, Act.AUTHENTICITY, GRADED)
    go_on(scene, item, Act.OPINION, OPINION)
    found = chain(scene, item).item
    assert [event.what for event in found.events] == ["collected", "shared"]
    assert [one.how for one in found.bears] == ["contradicts"]
    assert [one.grade for one in found.assessed.values()] == ["authentic"]
    assert [one.given[0].opinion.answer for one in found.questions] == ["probable"]
    assert audited(scene)[-1]["act"] == "opinion recorded"


def test_a_later_working_copy_takes_the_place_of_the_earlier_one(scene: Scene) -> None:
    item = with_file(scene, FILM)
    names = []
    for size in (500, 600):
        upload = send_for(scene, item, film(size))
        raw = {"role": "working", "upload": upload, "how": "Cut to the strike"}
        evidence.add_file(scene.vault, actor(V1), (scene.case, item, raw), DAY)
        names.append(upload)
    found = chain(scene, item).item
    assert found.working is not None
    assert (found.working.file, len(found.files)) == (names[1], 3)
    assert waiting(scene, V1) == 0


def test_a_picture_gets_a_working_copy_that_says_nothing_of_its_maker(scene: Scene) -> None:
    taken = photo()
    item = with_file(scene, taken, media=JPEG)
    found = chain(scene, item).item
    assert found.original is not None
    assert found.working is not None
    original, working = (
        b"".join(opened(scene, one.file).part(0, one.size)) for one in (found.original, found.working)
    )
    assert original == taken
    assert [secret for secret in SECRETS if secret in original]
    assert not [secret for secret in SECRETS if secret in working]
    with scene.reading() as uow:
        assert files.preview(scene.vault, uow, actor(V1), scene.case, found.working.file)[8:12] == b"WEBP"
    assert waiting(scene) == 0


def test_a_working_picture_that_was_made_elsewhere_is_drawn_anew(scene: Scene) -> None:
    """It may be shown in public, whatever the program that made it wrote beside the picture or behind its end."""
    item = add(scene)
    for content, media in ((photo(), JPEG), (photo("PNG"), "image/png"), (photo() + b"ZEPHYRINE", JPEG)):
        raw = {"role": "working", "upload": send_for(scene, item, content, media), "how": "Faces unknowable"}
        evidence.add_file(scene.vault, actor(V1), (scene.case, item, raw), DAY)
        found = chain(scene, item).item.working
        assert found is not None
        drawn = b"".join(opened(scene, found.file).part(0, found.size))
        assert not [secret for secret in SECRETS if secret in drawn]
        with scene.reading() as uow:
            assert files.preview(scene.vault, uow, actor(V1), scene.case, found.file)[8:12] == b"WEBP"
        assert waiting(scene, V1) == 0


def test_an_item_comes_with_a_working_picture_that_was_made_elsewhere(scene: Scene) -> None:
    made, item = photo(size=(40, 40)), b64(bytes(16))
    original, copy = (send_for(scene, item, *what) for what in ((FILM,), (made, JPEG)))
    copied = {**EVENT, "what": "copied", "file": copy}
    add(scene, V1, item=item, original=original, working=copy, events=[copied])
    found = chain(scene, item).item
    assert found.working is not None
    assert found.working.sha256 != b64(hashlib.sha256(made).digest())
    assert [event.file for event in found.events] == [found.working.file]
    assert waiting(scene, V1) == 0


def test_a_working_picture_that_cannot_be_drawn_is_not_taken(scene: Scene) -> None:
    item = add(scene)
    raw = {"role": "working", "upload": send_for(scene, item, FILM, JPEG), "how": "Faces unknowable"}
    with pytest.raises(Invalid, match="drawn safely"):
        evidence.add_file(scene.vault, actor(V1), (scene.case, item, raw), DAY)
    assert (len(chain(scene, item).documents), waiting(scene, V1)) == (1, 1)


def test_what_is_still_on_its_way_for_an_item_goes_on(scene: Scene) -> None:
    item = with_file(scene, FILM, V1)
    facts = Facts.of(film(700), "video/mp4", item)
    under_way = uploads.start(scene.vault, actor(V1), scene.case, facts, DAY)
    raw = {"role": "working", "upload": send_for(scene, item, film(500)), "how": "Cut to the strike"}
    evidence.add_file(scene.vault, actor(V1), (scene.case, item, raw), DAY)
    (left,) = uploads.waiting(scene.vault, actor(V1), scene.case)
    assert left.id == under_way.id


def send_for(scene: Scene, item: str, content: bytes, media: str = "video/mp4") -> str:
    facts = Facts.of(content, media, item)
    return uploads.whole(scene.vault, actor(V1), scene.case, (facts, content), DAY).id


def test_a_file_whose_adding_was_broken_off_is_there_once(scene: Scene) -> None:
    item = add(scene)
    raw = {"role": "working", "upload": send_for(scene, item, FILM), "how": "Cut to the strike"}
    with killed_once_committed(scene):
        evidence.add_file(scene.vault, actor(V1), (scene.case, item, raw), DAY)
    assert (len(chain(scene, item).documents), waiting(scene, V1)) == (2, 1)
    name = evidence.add_file(scene.vault, actor(V1), (scene.case, item, raw), DAY)
    assert name == chain(scene, item).item.head
    assert (len(chain(scene, item).documents), waiting(scene, V1)) == (2, 0)


@pytest.mark.parametrize(
    "raw", [{}, {"role": "copy", "upload": "x", "how": "x"}, {"role": "working", "upload": "x", "how": " "}]
)
def test_a_file_is_added_with_a_role_and_how_it_was_made(scene: Scene, raw: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        evidence.add_file(scene.vault, actor(V1), (scene.case, add(scene), raw), DAY)


@pytest.mark.parametrize(
    ("act", "raw", "kind"),
    [
        (Act.EVENT, {**EVENT, "what": "verified", "file": "x", "held": True}, Invalid),
        (Act.EVENT, {**EVENT, "day": later(1).isoformat()}, Invalid),
        (Act.EVENT, {**EVENT, "file": "AAAAAAAAAAAAAAAAAAAAAA"}, Conflict),
        (Act.BEARING, {"bears": [{**SUPPORTS, "value": "no"}]}, Invalid),
        (Act.OPINION, {**OPINION, "reasons": " "}, Invalid),
        (Act.RECALL, {"release": "none", "reason": "x"}, Conflict),
        (Act.ARRIVAL, {}, Invalid),
        (Act.RELEASE, {}, Invalid),
        (Act.DECISION, {}, Invalid),
    ],
)
def test_what_cannot_be_said_of_an_item_is_refused(
    scene: Scene, act: Act, raw: dict[str, Any], kind: type[Exception]
) -> None:
    item = add(scene)
    with pytest.raises(kind):
        go_on(scene, item, act, raw)
    assert len(chain(scene, item).documents) == 1


def test_there_is_nothing_to_go_on_with_where_no_item_is(scene: Scene) -> None:
    with pytest.raises(NotFound):
        go_on(scene, "AAAAAAAAAAAAAAAAAAAAAA", Act.EVENT, EVENT)
    with pytest.raises(NotFound):
        shown(scene, "elsewhere")


# --- tampering ----------------------------------------------------------------------------------------------------


@pytest.fixture
def three(scene: Scene) -> str:
    """An item whose chain has three entries."""
    item = add(scene)
    go_on(scene, item, Act.AUTHENTICITY, GRADED)
    go_on(scene, item, Act.OPINION, OPINION)
    return item


def test_an_entry_that_was_changed_is_named(scene: Scene, three: str) -> None:
    with scene.writing() as uow:
        row = uow.testimony.get_one(EvidenceRow, (unb64(scene.case), three, 2))
        row.sealed = bytes([*row.sealed[:-1], row.sealed[-1] ^ 1])
    with pytest.raises(Tampered, match="Entry 2 of the custody chain of this item does not open"):
        shown(scene, three)


def test_a_missing_entry_in_the_middle_is_noticed(scene: Scene, three: str) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(EvidenceRow).where(EvidenceRow.position == 2))
    with pytest.raises(Tampered, match="Entry 2 of the custody chain"):
        shown(scene, three)


def test_an_entry_of_another_item_opens_as_none_of_this_one(scene: Scene, three: str) -> None:
    other = add(scene)
    go_on(scene, other, Act.AUTHENTICITY, {**GRADED, "grade": "not_authentic"})
    with scene.writing() as uow:
        theirs = uow.testimony.get_one(EvidenceRow, (unb64(scene.case), other, 2)).sealed
        of_this = (EvidenceRow.item == three, EvidenceRow.position == 2)
        uow.testimony.execute(update(EvidenceRow).where(*of_this).values(sealed=theirs))
    with pytest.raises(Tampered, match="Entry 2 of the custody chain"):
        shown(scene, three)


def forge(scene: Scene, item: str, said: tuple[Act, dict[str, Any]], by: Person = V1, **more: Any) -> None:
    """An entry that somebody with the databases writes past the use cases."""
    documents = chain(scene, item).documents
    with scene.writing() as uow:
        at = chains.ledger(cases.find(uow, scene.case), item)
        ledgers.append(uow, actor(by), at, documents, {**chains.written(*said, DAY), **more})


def test_an_entry_by_somebody_without_the_key_is_named(scene: Scene, three: str) -> None:
    forge(scene, three, (Act.EVENT, EVENT), R1)
    with pytest.raises(Tampered, match="Entry 4 of the custody chain of this item is not signed by anybody"):
        shown(scene, three)


@pytest.mark.parametrize(
    ("act", "content"), [(Act.AUTHENTICITY, {"grade": "so so"}), (Act.ARRIVAL, {}), (Act.RECALL, {})]
)
def test_an_entry_that_says_nothing_is_no_entry(
    scene: Scene, three: str, act: Act, content: dict[str, Any]
) -> None:
    forge(scene, three, (act, content))
    with pytest.raises(Tampered, match="says nothing"):
        shown(scene, three)


def test_an_item_arrives_once_also_past_the_use_cases(scene: Scene, three: str) -> None:
    forge(scene, three, (Act.ARRIVAL, chain(scene, three).documents[0]["content"]))
    with pytest.raises(Tampered, match="did not behove"):
        shown(scene, three)


def test_nothing_is_an_item_that_does_not_begin_with_its_arrival(scene: Scene) -> None:
    item = b64(bytes(16))
    with scene.writing() as uow:
        at = chains.ledger(cases.find(uow, scene.case), item)
        ledgers.append(uow, actor(V1), at, (), chains.written(Act.AUTHENTICITY, GRADED, DAY))
    with pytest.raises(Tampered, match="says nothing"):
        shown(scene, item)


def test_a_day_is_a_day_also_past_the_use_cases(scene: Scene, three: str) -> None:
    forge(scene, three, (Act.AUTHENTICITY, GRADED), day="<script>")
    with pytest.raises(Tampered, match="says nothing"):
        shown(scene, three)


def test_nobody_upholds_their_own_release_past_the_use_cases(scene: Scene, three: str) -> None:
    forge(scene, three, (Act.RELEASE, {"of": None, "text": {"en": "x"}, "picture": False}))
    motion = chain(scene, three).item.head
    forge(scene, three, (Act.DECISION, {"motion": motion, "upheld": True, "reason": "x"}))
    with pytest.raises(Tampered, match="by whom it did not behove"):
        shown(scene, three)


def test_a_role_that_may_not_weigh_cannot_be_written_around(scene: Scene, three: str) -> None:
    with scene.reading() as uow:
        found = chains.of(scene.vault, uow, actor(V1), scene.case)
        documents = found.read(three).documents
        said = {**documents[1], "author": "R1"}
        with pytest.raises(Tampered, match="did not behove"):
            found._item([documents[0], said])
        assert found.actor.role is Role.REVIEWER
