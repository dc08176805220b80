"""Ratings, disputes and exclusions: signed, sealed to those who count, and obeyed by the next cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.assessing import counted_by_two
from tests.cast import R1, V1, V2, Person
from tests.readers import audited, cut, direct
from tests.stage import DAY, After, Scene, actor
from tests.visitor import Api, Visitor, sentences
from vault import assessments, cases, editions, sources
from vault.errors import Conflict, NotFound, Refused, Tampered
from vault.rules.assessments import Decision, Exclusion, Motion
from vault.rules.credibility import Excluded, Information, Rating, Reliability
from vault.rules.dependence import LinkKind, Settlement
from vault.sources import Sources
from vault.store.testimony import AssessmentRow


@pytest.fixture
def two(after: After) -> Scene:
    """Two reviewers who may count, and four accounts behind the figures."""
    return after(counted_by_two)[0]


def look(scene: Scene, by: Person = V1, number: int = 1) -> Sources:
    with scene.writing() as uow:
        return sources.look(scene.vault, uow, actor(by), (scene.case, number, scene.hospital), DAY)


def assess(scene: Scene, by: Person, said: Rating | Motion | Decision) -> None:
    with scene.writing() as uow:
        assessments.assess(uow, actor(by), scene.case, said, DAY)


def decided(scene: Scene, motion: Motion, *, upheld: bool = True) -> None:
    assess(scene, V1, motion)
    *_, name = look(scene).standing.moved
    assess(scene, V2, Decision(name, upheld, "Their accounts are each their own"))


def dispute(scene: Scene) -> Motion:
    (link,) = look(scene).links
    return Motion(
        Settlement(link.kind, link.one, link.other, dependent=False), "They spoke one after the other"
    )


def path(scene: Scene) -> str:
    return f"/cases/{scene.case}/editions/1/{scene.hospital}/sources"


def test_a_dispute_that_another_reviewer_upholds_is_obeyed_by_the_next_cut(two: Scene) -> None:
    decided(two, dispute(two))
    assert (
        cut(two, 30).incident(two.hospital)["status"] == "under-review"
    )  # two persons changed, and no third
    two.deposit(R1, two.said("saw"))
    edition = cut(two, 60)
    assert edition.incident(two.hospital)["status"] == "counted"
    assert direct(edition, two.hospital) == 5


def test_without_a_decision_nothing_changes(two: Scene) -> None:
    assess(two, V1, dispute(two))
    assert cut(two, 30).incident(two.hospital)["status"] == "carried"
    assess(two, V2, Rating(look(two).sources[0].witness, two.hospital, Reliability.USUALLY))
    assert cut(two, 60).incident(two.hospital)["status"] == "carried"


def test_a_source_set_aside_does_not_count_and_the_edition_says_why(two: Scene) -> None:
    for source in look(two).sources[:1]:
        about = Exclusion(source.witness, two.hospital, Excluded.CONTRADICTS_ITSELF)
        decided(two, Motion(about, "Two dates"))
    for _ in range(2):
        two.deposit(R1, two.said("did_not_see"))
    entry = cut(two, 30).incident(two.hospital)
    assert (entry["status"], entry["excluded"]) == ("counted", {"contradicts_itself": "fewer than 3"})


def test_nobody_decides_on_their_own_motion_nor_twice(two: Scene) -> None:
    assess(two, V1, dispute(two))
    (name,) = look(two).standing.moved
    with pytest.raises(Conflict):
        assess(two, V1, Decision(name, True, "because"))
    assess(two, V2, Decision(name, False, "because"))
    with pytest.raises(Conflict):
        assess(two, V2, Decision(name, True, "because"))


def test_whoever_lacks_the_corroboration_key_sees_and_says_nothing(scene: Scene) -> None:
    cut(scene)
    with pytest.raises(Refused):
        look(scene, V2)
    for person in (V2, R1):
        with pytest.raises(Refused):
            assess(scene, person, Rating("tag", scene.hospital))
    page = Visitor(scene.app(), V2).get(f"/cases/{scene.case}/editions/1/{scene.hospital}")
    assert "accounts behind" not in page.get_data(as_text=True).lower()


def test_the_accounts_of_an_edition_are_those_behind_its_figures_and_no_later_ones(two: Scene) -> None:
    assert len(look(two).sources) == 4
    two.deposit(R1, two.said("saw"))
    assert len(look(two).sources) == 4
    with pytest.raises(NotFound):
        look(two, number=2)


def test_labels_say_nothing_in_another_edition(two: Scene) -> None:
    orders = set()
    for number in range(1, 8):
        if number > 1:
            cut(two, 30 * (number - 1))
        orders.add(tuple(source.witness for source in look(two, number=number).sources))
    assert len(orders) > 1
    assert len({frozenset(order) for order in orders}) == 1


def test_confirmed_is_computed_from_somebody_independent(two: Scene) -> None:
    first = look(two).sources[0]
    assess(two, V2, Rating(first.witness, two.hospital, Reliability.USUALLY, Information.DOUBTFUL))
    again = look(two).sources[0]
    assert again.said is not None
    assert [grade for _, grade in again.said] == ["B1"]


def test_each_assessment_and_each_look_is_audited_and_names_no_witness(two: Scene) -> None:
    before = len(audited(two))
    witness = look(two).sources[0].witness
    assess(two, V1, Rating(witness, two.hospital))
    entries = audited(two)[before:]
    assert [entry["act"] for entry in entries] == ["accounts read", "source assessed"]
    assert witness not in str(entries)


def _change(scene: Scene, statement: Any) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(statement)


def test_an_entry_that_is_missing_or_in_another_place_is_noticed(two: Scene) -> None:
    for _ in range(3):
        assess(two, V1, Rating(look(two).sources[0].witness, two.hospital))
    _change(two, delete(AssessmentRow).where(AssessmentRow.position == 2))
    with pytest.raises(Tampered):
        look(two)
    _change(two, update(AssessmentRow).where(AssessmentRow.position == 3).values(position=2))
    with pytest.raises(Tampered):
        look(two)


def test_entries_that_an_edition_rests_on_cannot_be_cut_off(two: Scene) -> None:
    assess(two, V1, Rating(look(two).sources[0].witness, two.hospital))
    cut(two, 30)
    _change(two, delete(AssessmentRow))
    with pytest.raises(Tampered):
        cut(two, 60)


def test_a_reviewer_of_the_roster_who_may_not_count_in_the_case_cannot_sign_one(two: Scene) -> None:
    forger = replace(actor(R1), role=actor(V1).role)
    with pytest.raises(Refused), two.writing() as uow:
        assessments.assess(uow, forger, two.case, Rating("tag", two.hospital), DAY)


class TestThePage:
    def test_two_reviewers_settle_a_dispute_without_a_script(self, two: Scene) -> None:
        app = two.app()
        one, other = Visitor(app, V1), Visitor(app, V2)
        text = one.get(path(two)).get_data(as_text=True)
        assert "interviewed together" in text
        for source in look(two).sources:
            assert source.witness not in text
        order = [source.witness for source in look(two).sources]
        (link,) = look(two).links
        fields = {
            "act": "link",
            "kind": str(LinkKind.INTERVIEWED_TOGETHER),
            "one": str(order.index(link.one) + 1),
            "other": str(order.index(link.other) + 1),
            "subject": "",
            "dependent": "no",
        }
        assert one.post(path(two), {**fields, "reason": "One after the other"}).status_code == 303
        assert "Waits for another reviewer" in one.get(path(two)).get_data(as_text=True)
        (name,) = look(two).standing.moved
        decision = {"act": "decision", "motion": name, "upheld": "yes", "reason": "Both say so"}
        assert one.post(path(two), decision).status_code == 409
        assert other.post(path(two), decision).status_code == 303
        assert "Upheld by" in one.get(path(two)).get_data(as_text=True)
        undo = {"act": "contrary", "motion": name, "reason": "We were misled"}
        assert other.post(path(two), undo).status_code == 303

    def test_a_rating_and_an_exclusion_are_signed(self, two: Scene) -> None:
        visitor = Visitor(two.app(), V1)
        rating = {"act": "rating", "account": "2", "reliability": "B", "information": "3"}
        assert visitor.post(path(two), rating).status_code == 303
        out = {"act": "exclusion", "account": "2", "excluded": "contradicts_itself", "reason": "Two dates"}
        assert visitor.post(path(two), out).status_code == 303
        text = visitor.get(path(two)).get_data(as_text=True)
        assert "Set aside: account 2, because: contradicts itself." in text
        assert look(two).sources[1].rating.grade(False) == "B3"

    def test_what_surrounds_the_figures_is_said_by_two_and_moves_none(self, two: Scene) -> None:
        app = two.app()
        one, other = Visitor(app, V1), Visitor(app, V2)
        assert "Nobody has said yet" in one.get(path(two)).get_data(as_text=True)
        for said in (
            {"act": "pool", "subject": "aircraft.present", "band": "50_to_199"},
            {"act": "contacts", "tally": "60", "lately": "20"},
        ):
            assert one.post(path(two), {**said, "reason": "We counted"}).status_code == 303
            *_, name = look(two).standing.moved
            decision = {"act": "decision", "motion": name, "upheld": "yes", "reason": "So did we"}
            assert "Uphold it: statements rest on it" in other.get(path(two)).get_data(as_text=True)
            assert other.post(path(two), decision).status_code == 303
        text = one.get(path(two)).get_data(as_text=True)
        assert "50 to 199 people</dd>" in text
        assert "60 people, 20 of them since the edition before</dd>" in text
        assert "Move the contrary" not in text
        assert cut(two, 30).incident(two.hospital)["status"] == "carried"

    def test_the_same_as_data(self, two: Scene) -> None:
        client, api = Api(two.app(), V1), f"/api{path(two)}"
        shown = client.call("GET", api).get_json()
        assert [account["account"] for account in shown["accounts"]] == [1, 2, 3, 4]
        (link,) = shown["links"]
        move = {"act": "link", "kind": link["kind"], "dependent": "no", "reason": "One after the other"}
        one, other = link["accounts"]
        assert client.call("POST", api, {**move, "one": one, "other": other}).status_code == 204
        (motion,) = client.call("GET", api).get_json()["motions"]
        assert sorted(motion["accounts"]) == sorted(link["accounts"])
        assert (motion["dependent"], motion["decision"]) == (False, None)
        taken = {"act": "decision", "motion": motion["motion"], "upheld": "no", "reason": "They did not"}
        assert Api(two.app(), V2).call("POST", api, taken).status_code == 204
        (motion,) = client.call("GET", api).get_json()["motions"]
        assert motion["decision"] == {"author": "V2", "upheld": False, "reason": "They did not"}
        assert not [source.witness for source in look(two).sources if source.witness in str(shown)]

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"act": "else"},
            {"act": "rating", "account": "9", "reliability": "B", "information": "3"},
            {"act": "rating", "account": "1", "reliability": "B", "information": "1"},
            {"act": "exclusion", "account": "1", "excluded": "other", "reason": " "},
            {
                "act": "link",
                "one": "1",
                "other": "1",
                "kind": "same_household",
                "dependent": "yes",
                "reason": "x",
            },
            {"act": "contrary", "motion": "x", "reason": "x"},
            {"act": "pool", "subject": "no.such", "band": "50_to_199", "reason": "x"},
            {"act": "pool", "subject": "aircraft.present", "band": "many", "reason": "x"},
            {"act": "contacts", "tally": "-1", "lately": "-1", "reason": "x"},
            {"act": "contacts", "tally": "9" * 5000, "lately": "1", "reason": "x"},
            {"act": "contacts", "tally": "1", "lately": "2", "reason": "x"},
            {"act": "contacts", "tally": "1", "reason": "x"},
        ],
    )
    def test_what_is_not_offered_is_refused_and_changes_nothing(
        self, two: Scene, fields: dict[str, str]
    ) -> None:
        answer = Visitor(two.app(), V1).post(path(two), fields)
        assert answer.status_code == 422
        assert sentences(answer)
        with two.reading() as uow:
            assert uow.testimony.scalars(select(AssessmentRow)).all() == []


def test_the_basis_names_the_newest_assessment(two: Scene) -> None:
    assess(two, V1, Rating(look(two).sources[0].witness, two.hospital))
    edition = cut(two, 30)
    with two.reading() as uow:
        case = cases.show(uow, actor(V1), two.case)
        _, _, keys = sources.witnesses(uow, actor(V1), case, 2, two.hospital)
        log = assessments.read(uow, case.file, keys)
        assert editions.basis_of(uow, case.file, edition, keys)["assessments"] == log.head


def test_what_came_in_since_is_not_seen_behind_an_edition(two: Scene) -> None:
    pair = [two.deposit(R1, two.said("saw")).pseudonym for _ in range(3)][:2]
    cut(two, 30)
    before = look(two, number=2).to_json()
    interview = {"date": "2015-11-03", "language": "ar", "mode": "in_person", "household": pair}
    denied = two.said("saw", modality="denied", placed="yes")
    two.deposit(R1, denied, interview=interview)
    after = look(two, number=2).to_json()
    assert after["accounts"] == before["accounts"]
    assert after["links"] == before["links"]
