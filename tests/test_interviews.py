"""Logging an interview: deposit-only, once, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.cast import C1, OUTSIDER, R1, R2, V1, Person, seed
from tests.readers import cut, direct, frames, told
from tests.stage import Scene, actor
from vault import drafts, interviews, keyrings
from vault.cases import find
from vault.drafts import Draft
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.receipts import Receipt
from vault.sealing import boxes
from vault.sealing.deposits import FRAME_DATA, Place, record_id
from vault.sealing.digests import parse_object, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.sealing.words import new_pseudonym
from vault.shredding import unshredded
from vault.store.identities import IdentitySlotRow

pytestmark = pytest.mark.both

HALVES = {"testimony": "testimony", "observations": "corroboration"}


class Killed(BaseException):
    """The process ends here, whatever it was about to do."""


@contextmanager
def killed_after(commits: int) -> Iterator[None]:
    """The process is killed right after its n-th commit."""
    left = [commits]

    def count(_session: Session) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    event.listen(Session, "after_commit", count)
    try:
        yield
    finally:
        event.remove(Session, "after_commit", count)


def _waiting(scene: Scene, person: Person = R1) -> list[Draft]:
    with scene.reading() as uow:
        return drafts.listing(uow, actor(person))


# --- deposit only -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("half", HALVES)
def test_no_key_of_the_depositor_opens_what_they_deposited(scene: Scene, half: str) -> None:
    """With all databases, every key that R1's sign-in leads to, and the right context for every frame."""
    scene.deposit(R1, scene.said("heard"), testimony="x" * 40_000)
    with scene.reading() as uow:
        file = find(uow, scene.case)
        ((_, brief),) = keyrings.case_keys(uow, actor(R1), file, "brief")
    seeds = (R1.secret.signing.seed, R1.device_key, seed("R1"))
    sealed = frames(scene, half)
    assert len(sealed) == (3 if half == "testimony" else 1)
    for key in (R1.secret.sealing, brief, *map(SealingKey, seeds)):
        for record, box in sealed.items():
            for case_key in HALVES.values():
                place = Place(file.vault, file.id, case_key, 1)
                with pytest.raises(Tampered):
                    boxes.unseal(key, place.frame(record), box)


def test_the_depositor_may_ask_and_is_refused(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    with pytest.raises(Refused, match="You do not hold every key"):
        told(scene, R1)


def test_the_reader_reads_what_was_said_under_its_pseudonym(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"), testimony="It came twice.")
    (one,), unsound = told(scene)
    assert unsound == 0
    assert one.half.digest == receipt.digest
    assert (one.half.body["pseudonym"], one.half.body["testimony"]) == (receipt.pseudonym, "It came twice.")
    assert one.half.statement["depositor"] == "R1"
    assert not one.superseded


@pytest.mark.parametrize("length", [0, 1, FRAME_DATA - 2_000, FRAME_DATA, 3 * FRAME_DATA, 200_000])
def test_testimony_of_any_length_comes_back_whole(scene: Scene, length: int) -> None:
    text = "الشاهد " * (length // 7) + "." * (length % 7)
    scene.deposit(R1, scene.said("heard"), testimony=text)
    (one,), unsound = told(scene)
    assert (one.half.body["testimony"], unsound) == (text, 0)


def test_a_deposit_leaves_no_entry_in_the_audit(scene: Scene) -> None:
    before = scene.contents()["audit"]
    scene.deposit(R1, scene.said("heard"))
    assert scene.contents()["audit"] == before


def test_the_draft_vanishes_with_its_deposit(scene: Scene) -> None:
    draft = scene.start(R1)
    scene.hand_in(R1, draft, scene.interview(scene.said("heard")))
    assert _waiting(scene) == []
    with scene.reading() as uow, pytest.raises(NotFound):
        drafts.find_draft(uow, actor(R1), draft.id)


# --- who, and what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [V1, C1, OUTSIDER], ids=lambda person: person.code)
def test_nobody_but_a_researcher_deposits(scene: Scene, person: Person) -> None:
    with pytest.raises(Refused):
        scene.hand_in(person, scene.start(R1), scene.interview(scene.said("heard")))
    assert scene.taken() == {"testimony": 0, "observations": 0, "identities": 0}


def test_nobody_deposits_somebody_elses_draft(scene: Scene) -> None:
    draft = scene.start(R1)
    with pytest.raises(NotFound):
        scene.hand_in(R2, draft, scene.interview(scene.said("heard")))
    assert len(_waiting(scene)) == 1


def test_a_researcher_who_is_not_on_the_team_deposits_nothing(scene: Scene) -> None:
    other = scene.open_case(
        {"code": "S2", "title": "Another", "incidents": [{"title": "x"}]}, {"R1": ["brief"], "V1": ["brief"]}
    )
    with pytest.raises(NotFound):
        scene.start(R2, other, scene.hospital)


def test_without_consent_to_a_record_nothing_is_kept(scene: Scene) -> None:
    draft = scene.start(R1)
    with pytest.raises(Refused, match="has not agreed to a record"):
        scene.hand_in(R1, draft, scene.interview(consent={"recording": False, "uses": []}))
    assert scene.taken() == {"testimony": 0, "observations": 0, "identities": 0}


def test_an_identity_in_the_clear_is_refused_before_anything_else(scene: Scene) -> None:
    with pytest.raises(Invalid, match="must be sealed on your device"):
        scene.deposit(R1, scene.said("heard"), identity={"name": "Balthazar"})


def test_the_check_before_sealing_stores_nothing_and_refuses_what_the_deposit_would(scene: Scene) -> None:
    draft, sound = scene.start(R1), scene.interview(scene.said("heard"))
    before = scene.contents()
    interviews.check(scene.vault, actor(R1), draft, sound)
    with pytest.raises(Invalid):
        interviews.check(scene.vault, actor(R1), draft, {**sound, "testimony": 7})
    with pytest.raises(Refused):
        interviews.check(scene.vault, actor(V1), draft, sound)
    assert scene.contents() == before


# --- once ---------------------------------------------------------------------------------------------------


def test_a_second_attempt_gives_the_same_receipt_and_changes_nothing(scene: Scene) -> None:
    draft, raw = scene.start(R1), scene.interview(scene.said("heard"))
    raw["sealed_identity"] = scene.seal_identity(draft, {"name": "Balthazar"})
    first = scene.hand_in(R1, draft, raw)
    before = scene.contents()
    assert scene.hand_in(R1, draft, raw) == first
    assert scene.contents() == before


def test_a_second_attempt_with_other_content_is_refused(scene: Scene) -> None:
    draft = scene.start(R1)
    scene.hand_in(R1, draft, scene.interview(scene.said("heard")))
    with pytest.raises(Conflict, match="your receipt stands"):
        scene.hand_in(R1, draft, scene.interview(scene.said("saw")))
    assert scene.taken()["testimony"] == 1


def test_a_discarded_draft_cannot_be_deposited(scene: Scene) -> None:
    draft = scene.start(R1)
    with scene.writing() as uow:
        drafts.discard(uow, actor(R1), draft.id)
    with pytest.raises(NotFound):
        scene.hand_in(R1, draft, scene.interview(scene.said("heard")))


def test_a_slot_says_nothing_of_the_receipt_or_the_token(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"))
    everything = repr(scene.contents())
    token, digest = unb64(receipt.withdrawal_token), unb64(receipt.digest)
    assert repr(token)[2:-1] not in everything
    assert repr(digest)[2:-1] not in everything
    assert receipt.pseudonym not in everything
    assert (
        repr(record_id(token, "testimony"))[2:-1] in everything
    )  # it is found again by whoever has the token


# --- killed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("commits", [1, 2])
def test_killed_between_commits_nothing_is_half_visible_and_a_retry_makes_one_deposit(
    scene: Scene, commits: int
) -> None:
    for _ in range(3):
        scene.deposit(R1, scene.said("heard"))
    draft, raw = scene.start(R1), scene.interview(scene.said("heard"))
    raw["sealed_identity"] = scene.seal_identity(draft, {"name": "Balthazar"})
    with killed_after(commits), pytest.raises(Killed):
        scene.hand_in(R1, draft, raw)
    # Readers and cuts see nothing of it, and nothing unsound; the draft waits.
    found, unsound = told(scene)
    assert (len(found), unsound) == (3, 0)
    edition = cut(scene)
    assert direct(edition, scene.hospital) == 3
    assert set(edition.document["set_aside"].values()) == {"none"}
    assert [one.id for one in _waiting(scene)] == [draft.id]
    # A retry, with the identity sealed once more, is one deposit with one identity.
    raw["sealed_identity"] = again = scene.seal_identity(draft, {"name": "Balthazar"})
    receipt = scene.hand_in(R1, draft, raw)
    assert scene.taken() == {"testimony": 4, "observations": 4, "identities": 1}
    found, unsound = told(scene)
    assert (receipt.digest in {one.half.digest for one in found}, unsound) == (True, 0)
    assert _waiting(scene) == []
    assert _identity(scene, draft) == again


@pytest.mark.parametrize("commits", [3, 4])
def test_killed_after_the_deposit_was_committed_a_retry_gives_its_receipt(scene: Scene, commits: int) -> None:
    draft, raw = scene.start(R1), scene.interview(scene.said("heard"))
    raw["sealed_identity"] = scene.seal_identity(draft, {"name": "Balthazar"})
    with killed_after(commits), pytest.raises(Killed):
        scene.hand_in(R1, draft, raw)
    assert len(told(scene)[0]) == 1
    assert len(_waiting(scene)) == (1 if commits == 3 else 0)
    receipt = scene.hand_in(R1, draft, raw)
    assert isinstance(receipt, Receipt)
    assert scene.taken() == {"testimony": 1, "observations": 1, "identities": 1}
    assert _waiting(scene) == []


def test_a_retry_after_an_interruption_may_leave_the_identity_out(scene: Scene) -> None:
    draft, raw = scene.start(R1), scene.interview(scene.said("heard"))
    sealed = scene.seal_identity(draft, {"name": "Balthazar"})
    with killed_after(2), pytest.raises(Killed):
        scene.hand_in(R1, draft, {**raw, "sealed_identity": sealed})
    scene.hand_in(R1, draft, raw)
    (one,), _ = told(scene)
    assert one.half.body["identity"] is None


def _identity(scene: Scene, draft: Draft) -> object:
    with scene.reading() as uow:
        slot = uow.identities.get_one(IdentitySlotRow, unb64(draft.identity_record))
        return parse_object(unpad(unshredded(uow, slot.record, slot.content)))


# --- follow-ups and corrections -----------------------------------------------------------------------------


def test_a_follow_up_goes_by_the_pseudonym_that_was_typed(scene: Scene) -> None:
    first = scene.deposit(R1, scene.said("heard"))
    second = scene.deposit(R2, scene.said("saw"), kind="follow-up", pseudonym=first.pseudonym)
    assert second.pseudonym == first.pseudonym
    assert {one.half.body["pseudonym"] for one in told(scene)[0]} == {first.pseudonym}


def test_nobody_learns_whether_a_pseudonym_is_known(scene: Scene) -> None:
    unknown = new_pseudonym()
    receipt = scene.deposit(R1, scene.said("heard"), kind="follow-up", pseudonym=unknown)
    assert receipt.pseudonym == unknown


def test_nobody_learns_whether_a_receipt_is_known(scene: Scene) -> None:
    nothing = "A" * 43
    named = {"kind": "correction", "pseudonym": new_pseudonym(), "supersedes": nothing, "reason": "x"}
    assert scene.deposit(R1, scene.said("heard"), **named).pseudonym == named["pseudonym"]


def test_a_correction_leaves_the_original_readable_and_says_so(scene: Scene) -> None:
    first = scene.deposit(R1, scene.said("saw"), testimony="I saw it.")
    scene.deposit(
        R2,
        scene.said("did_not_see"),
        kind="correction",
        pseudonym=first.pseudonym,
        supersedes=first.digest,
        reason="A slip of the pen",
        testimony="I did not see it.",
    )
    found, unsound = told(scene)
    assert unsound == 0
    said = {one.half.body["testimony"]: one.superseded for one in found}
    assert said == {"I saw it.": True, "I did not see it.": False}


def test_a_correction_under_another_pseudonym_supersedes_nothing(scene: Scene) -> None:
    first = scene.deposit(R1, scene.said("saw"))
    other = {"kind": "correction", "pseudonym": new_pseudonym(), "supersedes": first.digest, "reason": "x"}
    scene.deposit(R2, scene.said("did_not_see"), **other)
    assert not any(one.superseded for one in told(scene)[0])
