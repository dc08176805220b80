"""vault.rebuttals and vault.rebutting: a sheet is made three times, and must come out the same each time"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.answered import (
    ALLOWS,
    Answered,
    answered,
    choice,
    decide,
    found,
    given_out,
    listed,
    propose,
    respond,
    upheld,
)
from tests.cast import C1, R1, V1, V2
from tests.dossier import chain, go_on
from tests.proofs import V3
from tests.readers import audited
from tests.speaking import speaker
from tests.stage import DAY, After, Scene
from tests.teams import revoke
from tests.test_canaries import Disk
from vault import cases, exports, ledgers, publishing, rebuttals, rebutting, responses, roster, statements
from vault.answering import digest_of
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.ledgers import Ledger
from vault.releases import NOT_NOW
from vault.rules import rebuttals as rule
from vault.rules.assessments import Decision
from vault.rules.exports import Sheet
from vault.rules.items import Act
from vault.rules.rebuttals import Choice, Proposal
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, canonical, unb64
from vault.sealing.signatures import signature, verify
from vault.store.evidence import RebuttalRow
from vault.store.unit_of_work import UnitOfWork


@pytest.fixture
def there(after: After) -> tuple[Scene, Answered]:
    scene, made = after(answered)
    scene._facts = made.facts
    return scene, made


def kinds(sheet: Any) -> list[list[str]]:
    return [[answer["kind"] for answer in point["answers"]] for point in sheet["points"]]


def test_a_sheet_is_proposed_upheld_and_given_out_with_both_signatures(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name = upheld(scene, made)
    out = given_out(scene, name)
    assert kinds(out.sheet) == [
        ["statement", "opinion"],
        ["statement", "evidence", "response", "reply", "finding"],
        [],
    ]
    assert out.published is not None
    signed = out.published["sheet"]
    assert signed["document"] == out.sheet
    assert [one["by"] for one in signed["signatures"]] == ["V1", "V2"]
    for one, person in zip(signed["signatures"], (V1, V2), strict=True):
        verify(out.sheet, one, scene.roster().member(person.code).signing)
    with scene.reading() as uow:
        assert out.published["rosters"] == list(roster.chain(uow))
    assert set(out.statements) == {made.statement}
    assert audited(scene)[-2]["act"] == "rebuttal given out"


def test_nothing_of_a_sheet_says_who_gave_or_deposited_what(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    said = canonical(given_out(scene, upheld(scene, made)).published).decode()
    for hidden in (
        made.giver.pseudonym,
        made.giver.digest,
        made.item,
        made.release,
        "Expert 1",
        made.approach,
    ):
        assert hidden not in said


def test_the_original_of_a_witness_is_not_to_be_found_on_their_telephone_by_its_hash(
    there: tuple[Scene, Answered],
) -> None:
    scene, made = there
    (_, evidence, *_) = given_out(scene, upheld(scene, made)).sheet["points"][1]["answers"]
    assert (evidence["kind"], evidence["sha256"]) == ("evidence", None)
    original = chain(scene, made.item).item.original
    assert original is not None
    assert original.sha256 not in str(given_out(scene, upheld(scene, made)).published)


def test_a_picture_is_the_working_copy_that_was_released_and_opening_it_is_noted(
    there: tuple[Scene, Answered],
) -> None:
    scene, made = there
    out = given_out(scene, upheld(scene, made))
    (shown,) = out.pictures
    assert shown == out.sheet["points"][1]["answers"][1]["picture"]
    assert f"{shown}" == b64(hashlib.sha256(_bytes(out.pictures[shown].address)).digest())
    assert audited(scene)[-1]["act"] == "evidence opened"


def test_what_leaves_is_in_the_ledger_once_a_day(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name = upheld(scene, made)
    for _ in range(2):
        out = given_out(scene, name)
    given_out(scene, name, V2)
    with scene.unkept() as uow:
        left = exports.listing(uow, speaker(V3), scene.case, DAY)
    assert [(one.author, one.what) for one in left] == [
        (code, Sheet(digest_of(out.sheet))) for code in ("V1", "V2")
    ]


def test_a_list_says_when_a_sheet_was_given_out_though_it_is_shut_since(
    there: tuple[Scene, Answered],
) -> None:
    scene, made = there
    name = upheld(scene, made)
    assert [one.left for one in listed(scene)] == [()]
    given_out(scene, name, V2)
    recall(scene, made)
    (one,) = listed(scene)
    assert one.shut
    assert one.to_json()["left"] == [{"day": DAY.isoformat(), "author": "V2"}]


def test_nobody_decides_on_their_own_sheet_nor_twice(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name = propose(scene, choice(made))
    with pytest.raises(Conflict, match="Somebody else"):
        decide(scene, name, V1)
    with pytest.raises(Refused, match="once another"):
        given_out(scene, name)
    decide(scene, name, upheld=False)
    with pytest.raises(Conflict, match="already"):
        decide(scene, name, V3)
    with pytest.raises(Refused, match="once another"):
        given_out(scene, name)
    assert [one.proposed.upheld for one in listed(scene)] == [False]


def pull(scene: Scene, _: Answered) -> None:
    with scene.writing() as uow:
        (one,) = statements.listing(uow, speaker(V2), scene.case)
        publishing.pull(uow, speaker(V2), scene.case, one.name, DAY)


def recall(scene: Scene, made: Answered) -> None:
    go_on(scene, made.item, Act.RECALL, {"release": made.release, "reason": "Another hospital"}, V2)


def withdraw(scene: Scene, made: Answered) -> None:
    about = {"kind": "consent", "supersedes": made.giver.digest, "pseudonym": made.giver.pseudonym}
    consent = {**ALLOWS, "uses": ["corroboration"]}
    raw = scene.interview(consent=consent, testimony="I thought about it.", **about)
    scene.hand_in(R1, scene.start(R1), raw)


def say_anew(scene: Scene, made: Answered) -> None:
    respond(scene, replaces=made.response)


def find_anew(scene: Scene, made: Answered) -> None:
    found(scene, made.response, made.finding, 2)


def go_back(scene: Scene, made: Answered) -> None:
    """Something came back on the approach: the sheet would say so now."""
    raw = {
        "approach": made.approach,
        "day": "2015-12-01",
        "kind": "refused",
        "summary": "No.",
        "response": None,
    }
    with scene.writing() as uow:
        responses.returned(scene.vault, uow, speaker(V1), (scene.case, raw), DAY)


TAKEN = {
    "a statement that was pulled": (pull, "not published any more"),
    "a release that was recalled": (recall, "does not stand any more"),
    "a witness who withdrew": (withdraw, NOT_NOW),
    "a response that was replaced": (say_anew, "another stands in its place"),
    "a finding that was written anew": (find_anew, "choose it anew"),
    "an answer that came back": (go_back, "changed since"),
}


@pytest.mark.parametrize(("act", "why"), TAKEN.values(), ids=TAKEN)
def test_what_does_not_stand_is_neither_upheld_nor_given_out_and_nobody_learns_whose(
    there: tuple[Scene, Answered], act: Callable[[Scene, Answered], None], why: str
) -> None:
    scene, made = there
    first = upheld(scene, made)
    waiting = propose(scene, choice(made, about={"en": "the same, again"}))
    act(scene, made)
    for refused in (lambda: decide(scene, waiting), lambda: given_out(scene, first)):
        with pytest.raises(Refused) as error:
            refused()
        assert why in error.value.message
        assert made.giver.pseudonym not in error.value.message
    assert {why in one.shut for one in listed(scene, V2)} == {True}
    decide(scene, waiting, upheld=False)


def test_who_signed_and_left_the_case_signs_no_more(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name = upheld(scene, made)
    revoke(scene, C1, V2.code)
    with pytest.raises(Refused, match="left the case"):
        given_out(scene, name)


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (lambda made: {"statement": made.statement, "line": 99}, "not published"),
        (lambda _: {"statement": "A" * 43, "line": 0}, "not published"),
        (lambda made: {"item": made.item, "release": "A" * 43}, "does not stand"),
        (lambda made: {"item": "A" * 22, "release": made.release}, "not there"),
        (lambda made: {"response": made.earlier, "point": 0}, "contradicts"),
        (lambda made: {"response": made.response, "point": 0}, "contradicts"),
        (lambda _: {"approach": "A" * 43}, "not there"),
        (lambda made: {"finding": made.finding, "version": 2}, "does not stand"),
    ],
)
def test_a_point_is_answered_by_what_stands_alone(
    there: tuple[Scene, Answered], answer: Callable[[Answered], dict[str, Any]], refusal: str
) -> None:
    scene, made = there
    with pytest.raises(Refused, match=refusal):
        propose(scene, choice(made, answer(made)))
    assert listed(scene) == ()


def test_a_response_that_is_not_there_is_not_answered(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    with pytest.raises(Refused, match="no such response"):
        propose(scene, choice(made, response="A" * 43))
    with pytest.raises(Refused, match="not there"):
        propose(scene, choice(made, points=[{"point": 9, "answers": []}]))
    wrongs: tuple[dict[str, Any], ...] = ({"about": {"en": ""}}, {"points": []}, {"number": 3})
    for wrong in wrongs:
        with pytest.raises(Invalid):
            propose(scene, choice(made, **wrong))


def test_what_is_offered_can_be_chosen_and_lines_on_the_claim_come_first(
    there: tuple[Scene, Answered],
) -> None:
    scene, made = there
    with scene.writing() as uow:
        response, offers = rebuttals.offered(scene.vault, uow, speaker(V1), (scene.case, made.response), DAY)
    assert len(response.points) == len(offers.points) == 3
    first, second, _ = offers.points
    assert first[0][1] == {"kind": "statement", "statement": made.statement, "line": 1}
    assert second[0][1] == {"kind": "statement", "statement": made.statement, "line": 0}
    assert {said["kind"] for _, said in first} == {"statement", "evidence", "opinion", "reply", "finding"}
    assert "response" in {said["kind"] for _, said in second}


def test_a_draft_is_looked_at_before_it_is_proposed_and_says_so(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    looked = rebutting.look(scene.vault, speaker(V1), (scene.case, choice(made)), DAY)
    assert listed(scene) == ()
    name = propose(scene, choice(made))
    shown = rebutting.show(scene.vault, speaker(V3), (scene.case, name), DAY)
    assert (shown.sheet, shown.published, looked.published) == (looked.sheet, None, None)
    with pytest.raises(NotFound):
        rebutting.show(scene.vault, speaker(V3), (scene.case, "A" * 43), DAY)


def test_who_may_not_weigh_sees_no_sheet(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name = propose(scene, choice(made))
    for person in (R1, C1):
        with pytest.raises(Refused):
            listed(scene, person)
        with pytest.raises(Refused):
            propose(scene, choice(made), person)
        with pytest.raises(Refused):
            decide(scene, name, person)
        with pytest.raises(Refused):
            given_out(scene, name, person)


def test_a_sheet_that_was_tampered_with_is_named(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    upheld(scene, made)
    with scene.writing() as uow:
        row = uow.testimony.get(RebuttalRow, (_case(scene), 2))
        assert row is not None
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with pytest.raises(Tampered, match="Entry 2 of the rebuttals of this case"):
        listed(scene)


def test_a_sheet_that_nobody_signed_is_named_though_its_entry_is_signed(
    there: tuple[Scene, Answered],
) -> None:
    """A member of the case with a program of their own writes into the log what the other never proposed."""
    scene, made = there
    sheet = given_out(scene, upheld(scene, made)).sheet
    forged = [
        (sheet, signature(sheet, "V1", speaker(V2).keys.signing)),
        (sheet, signature(sheet, "V2", speaker(V2).keys.signing)),
        ({**sheet, "vault": sheet["vault"][::-1]}, None),
        ({**sheet, "roster": 1}, None),
        ({**sheet, "roster": 99}, None),
        ({**sheet, "month": "2015-12"}, None),
    ]
    for document, entry in forged:
        signed = entry or signature(document, "V1", speaker(V1).keys.signing)
        with scene.vault.store.work() as uow:  # never committed
            case = cases.show(uow, speaker(V1), scene.case)
            _write(uow, case.file, rebuttals.read(uow, speaker(V1), case), (document, signed, made))
            with pytest.raises(Tampered, match="not signed by whom it names"):
                rebuttals.read(uow, speaker(V1), case)


def test_the_disk_holds_no_word_of_a_sheet(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name = propose(scene, choice(made, about={"en": "the umberwood denial"}))
    with scene.writing() as uow:
        decision = Decision(name, True, "Thornabout says it")
        rebuttals.decide(scene.vault, uow, speaker(V2), (scene.case, decision), DAY)
    given_out(scene, name)
    disk = Disk(scene.folder, "umberwood", "Thornabout", "press conference")
    disk.look()
    assert not disk.found


def _write(uow: UnitOfWork, file: CaseFile, log: rebuttals.Log, what: tuple[Any, Any, Answered]) -> None:
    """An entry in the name of V1, who has signed it, with a sheet that need not be."""
    sheet, signed, made = what
    act, content = rule.to_json(Proposal(sheet, Choice.from_json(_chosen(made)), signed))
    said = {"format": "witness-vault/v1/rebuttal-entry", "day": DAY.isoformat(), "act": str(act)}
    at = Ledger(file, "rebuttal-entry", "editions", RebuttalRow)
    ledgers.append(uow, speaker(V1), at, log.documents, {**said, "content": content})


def _chosen(made: Answered) -> dict[str, Any]:
    return {name: value for name, value in choice(made).items() if name != "about"}


def _case(scene: Scene) -> bytes:
    return unb64(scene.case)


def _bytes(address: str) -> bytes:
    return base64.b64decode(address.partition(",")[2])
