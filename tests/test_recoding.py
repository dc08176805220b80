"""A second coder: another reader codes a testimony again, and an edition shows where the two disagree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import forging
from tests.cast import C1, OUTSIDER, R1, R2, V1, V2, Person
from tests.readers import code_again, coding, cut, direct, frames, told
from tests.stage import PLAN, Scene, actor
from vault import cases, keyrings, recoding
from vault.editions import Edition
from vault.errors import Invalid, NotFound, Refused
from vault.receipts import Receipt
from vault.sealing import deposits
from vault.sealing.digests import b64, unb64, witness_tag
from vault.sealing.words import new_pseudonym
from vault.shredding import shred
from vault.testimonies import place

NONE = {"unsigned": "none", "repeated": "none", "misdirected": "none"}
FEW = "fewer than 3"


@pytest.fixture
def heard(scene: Scene) -> list[Receipt]:
    """Three who heard aircraft, logged by R1."""
    return [scene.deposit(R1, scene.said("heard")) for _ in range(3)]


def disputed(edition: Edition, scene: Scene) -> dict[str, int]:
    """How many witnesses' codings disagree, by claim."""
    beside = edition.incident(scene.hospital)["details"]
    return {detail["subject"]: detail["disputed"] for detail in beside if "disputed" in detail}


def coded(scene: Scene) -> list[dict[str, Any]]:
    """The observations bodies of second codings, as whoever may count unseals them."""
    with scene.reading() as uow:
        file = cases.find(uow, scene.case)
        keys = keyrings.case_keys(uow, actor(V1), file, "corroboration")
        places = [(place(file, name), key) for name, key in keys]
        opened, _ = deposits.unseal_halves(frames(scene, "observations"), places)
    return [half["body"] for half in opened.values() if "incidents" in half["body"]]


def test_disagreement_is_shown_and_no_figure_moves(scene: Scene, heard: list[Receipt]) -> None:
    code_again(scene, V2, coding(heard[0].digest, scene.said("did_not_hear")))
    edition = cut(scene)
    assert disputed(edition, scene) == {"aircraft.present": 1}
    assert direct(edition, scene.hospital) == 3
    assert edition.document["set_aside"] == NONE


def test_agreement_says_nothing(scene: Scene, heard: list[Receipt]) -> None:
    code_again(scene, V2, coding(heard[0].digest, scene.said("heard")))
    assert disputed(cut(scene), scene) == {}


def test_a_claim_that_a_coder_leaves_out_is_disputed_on_the_incidents_coded_again_alone(scene: Scene) -> None:
    both = [scene.said("heard"), scene.said("saw") | {"incident": scene.mosque}]
    receipts = [scene.deposit(R1, *both) for _ in range(3)]
    code_again(
        scene, V2, coding(receipts[0].digest, incidents=[scene.hospital], note="Only of the explosion.")
    )
    edition = cut(scene)
    assert disputed(edition, scene) == {"aircraft.present": 1}
    assert edition.incident(scene.mosque)["details"] == []


def test_a_second_coding_changes_nobody_and_completes_no_batch(scene: Scene, heard: list[Receipt]) -> None:
    assert direct(cut(scene), scene.hospital) == 3
    code_again(scene, V2, coding(heard[0].digest, scene.said("did_not_hear")))
    assert cut(scene, 30).incident(scene.hospital)["status"] == "carried"
    code_again(scene, V2, coding(heard[1].digest, scene.said("did_not_hear")))
    scene.deposit(R1, scene.said("saw"))  # one person changed: to say so would tell what they said
    assert cut(scene, 60).incident(scene.hospital)["status"] == "carried"


def test_second_codings_are_read_again_at_each_cut(scene: Scene, heard: list[Receipt]) -> None:
    code_again(scene, V2, coding(heard[0].digest, scene.said("did_not_hear")))
    cut(scene)
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    assert disputed(cut(scene, 30), scene) == {"aircraft.present": 1}


def test_a_correction_settles_it(scene: Scene, heard: list[Receipt]) -> None:
    code_again(scene, V2, coding(heard[0].digest, scene.said("did_not_hear")))
    named = {"pseudonym": heard[0].pseudonym, "supersedes": heard[0].digest, "reason": "Misheard."}
    scene.deposit(R1, scene.said("did_not_hear"), kind="correction", **named)
    edition = cut(scene)
    assert disputed(edition, scene) == {}
    assert edition.document["set_aside"] == NONE


def test_a_coder_may_replace_their_own_coding(scene: Scene, heard: list[Receipt]) -> None:
    first = code_again(scene, V2, coding(heard[0].digest, scene.said("did_not_hear")))
    code_again(scene, V2, coding(heard[0].digest, scene.said("heard"), supersedes=first.digest))
    edition = cut(scene)
    assert disputed(edition, scene) == {}
    assert edition.document["set_aside"] == NONE


def test_a_second_coding_of_what_is_gone_says_nothing_not_even_that_it_is_there(
    scene: Scene, heard: list[Receipt]
) -> None:
    code_again(scene, V2, coding(heard[0].digest, scene.said("saw")))
    scene.deposit(R1, scene.said("heard"))
    with scene.writing() as uow:
        record = deposits.record_id(unb64(heard[0].withdrawal_token), "observations")
        shred(uow, record)
    edition = cut(scene)
    assert disputed(edition, scene) == {}
    assert edition.document["set_aside"] == NONE


class TestHandingIn:
    """Who may, what fits, and what lies there afterwards."""

    @pytest.mark.parametrize("person", [R1, R2, V1, C1, OUTSIDER], ids=lambda person: person.code)
    def test_nobody_codes_again_without_the_role_and_the_key(
        self, scene: Scene, heard: list[Receipt], person: Person
    ) -> None:
        with pytest.raises(Refused):
            code_again(scene, person, coding(heard[0].digest, scene.said("saw")))
        assert scene.taken()["observations"] == 3

    def test_whoever_deposited_it_corrects_it_instead(self, scene: Scene) -> None:
        team = {"V1": ["brief"], "R1": ["brief", "testimony"], "R2": ["brief", "testimony"]}
        case = scene.open_case({**PLAN, "code": "S2"}, team)
        with scene.reading() as uow:
            about = cases.show(uow, actor(V1), case).incidents[0]["incident"]
        said = {"incident": about, "subject": "aircraft.present", "perception": ["saw"]}
        receipt = scene.hand_in(R1, scene.start(R1, case, about), scene.interview(said))
        raw = coding(receipt.digest, said)
        with pytest.raises(Refused, match="log a correction"):
            recoding.deposit(scene.vault, actor(R1), case, raw)
        recoding.deposit(scene.vault, actor(R2), case, raw)

    def test_made_twice_it_lies_there_once_also_when_it_replaces(
        self, scene: Scene, heard: list[Receipt]
    ) -> None:
        first = code_again(scene, V2, coding(heard[0].digest, scene.said("saw")))
        raw = coding(heard[0].digest, scene.said("heard"), supersedes=first.digest)
        assert code_again(scene, V2, raw) == code_again(scene, V2, raw)
        assert scene.taken() == {"testimony": 5, "observations": 5, "identities": 0}

    def test_a_testimony_is_coded_again_at_most_sixteen_times(
        self, scene: Scene, heard: list[Receipt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deposits, "MOST_CODINGS", 1)
        raw = coding(heard[0].digest, scene.said("saw"))
        assert code_again(scene, V2, raw).withdrawal_token is None
        with pytest.raises(Refused, match="so often"):
            code_again(scene, V2, {**raw, "note": "More."})
        code_again(scene, V2, raw)

    def test_it_leaves_no_audit_entry_and_fills_one_slot_of_each_half(
        self, scene: Scene, heard: list[Receipt]
    ) -> None:
        before = scene.contents()["audit"]
        code_again(scene, V2, coding(heard[0].digest, scene.said("saw")))
        assert scene.contents()["audit"] == before
        assert scene.taken() == {"testimony": 4, "observations": 4, "identities": 0}

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"codes": b64(bytes(32))}, "has this receipt"),
            ({"supersedes": b64(bytes(32))}, "your own codings"),
            ({"observations": [], "note": " "}, "nothing to hand in"),
            ({"incidents": []}, "names the incidents"),
            ({"incidents": ["elsewhere"]}, "names the incidents"),
            ({"note": "x" * 2_001}, "2,000 characters"),
            ({"witness": "x"}, "not known"),
        ],
        ids=str,
    )
    def test_what_does_not_fit_is_refused_in_one_sentence(
        self, scene: Scene, heard: list[Receipt], changes: dict[str, Any], sentence: str
    ) -> None:
        raw = coding(heard[0].digest, scene.said("saw"), **changes)
        with pytest.raises((Invalid, NotFound), match=sentence):
            code_again(scene, V2, raw)
        assert scene.taken()["observations"] == 3

    def test_observations_are_on_the_incidents_that_it_names(
        self, scene: Scene, heard: list[Receipt]
    ) -> None:
        with pytest.raises(Invalid, match="no others"):
            code_again(scene, V2, coding(heard[0].digest, scene.said("saw"), incidents=[scene.mosque]))

    def test_what_was_corrected_is_not_coded_again(self, scene: Scene, heard: list[Receipt]) -> None:
        named = {"pseudonym": heard[0].pseudonym, "supersedes": heard[0].digest, "reason": "Misheard."}
        scene.deposit(R1, scene.said("saw"), kind="correction", **named)
        with pytest.raises(Invalid, match="code that one"):
            code_again(scene, V2, coding(heard[0].digest, scene.said("saw")))

    def test_an_origin_is_another_witness_rightly_typed(self, scene: Scene, heard: list[Receipt]) -> None:
        for origin in (heard[0].pseudonym, "somebody", "abacus-abdomen-ability-able"):
            chain = [{"kind": "neighbour", "named": True, "origin": origin}]
            with pytest.raises(Invalid) as told_so:
                code_again(scene, V2, coding(heard[0].digest, scene.said("learnt_from_others", chain=chain)))
            assert origin not in str(told_so.value)

    def test_the_coded_half_has_tags_and_no_word(self, scene: Scene, heard: list[Receipt]) -> None:
        other, words = new_pseudonym(), {"time": "TIMELY", "anchor": "ANCHORED", "words": "WORDLY"}
        chain = [{"kind": "neighbour", "named": True, "origin": other}]
        said = scene.said("learnt_from_others", chain=chain, **words)
        code_again(scene, V2, coding(heard[0].digest, said, note="NOTEWORTHY"))
        (body,) = coded(scene)
        assert body["observations"][0]["chain"][0]["origin"] == witness_tag(scene.case, other)
        written = json.dumps(body)
        assert not [word for word in (other, heard[0].pseudonym, *words.values(), "NOTE") if word in written]


class TestReaders:
    """What the other readers see of it."""

    def test_a_testimony_says_by_whom_it_was_coded_again_and_the_coding_is_none(
        self, scene: Scene, heard: list[Receipt]
    ) -> None:
        first = code_again(scene, V2, coding(heard[0].digest, scene.said("saw"), note="Hard to hear."))
        found, unsound = told(scene)
        assert (len(found), unsound) == (3, 0)
        (one,) = [one for one in found if one.half.digest == heard[0].digest]
        (again,) = one.again
        assert (again.coder, again.digest, again.note) == ("V2", first.digest, "Hard to hear.")
        assert again.incidents == (scene.hospital,)
        assert not [other for other in found if other.again and other != one]

    def test_what_was_replaced_is_no_longer_said(self, scene: Scene, heard: list[Receipt]) -> None:
        first = code_again(scene, V2, coding(heard[0].digest, scene.said("saw")))
        second = code_again(scene, V2, coding(heard[0].digest, scene.said("heard"), supersedes=first.digest))
        assert [again.digest for one in told(scene)[0] for again in one.again] == [second.digest]


def body(scene: Scene, **changes: Any) -> dict[str, Any]:
    """The observations body of a second coding as an honest reader makes it, with some members changed."""
    return {
        "format": "witness-vault/v1/observations",
        "nonce": b64(bytes(16)),
        "incidents": [scene.hospital],
        "observations": [scene.said("did_not_hear")],
        **changes,
    }


class TestForged:
    """What somebody plants who has the public keys and a hand in the database."""

    def planted(self, scene: Scene, by: Person, of: str, **changes: Any) -> Edition:
        facts = {"kind": "second-coding", "codes": of, **changes.pop("facts", {})}
        forging.plant(scene, "observations", body(scene, **changes), by, **facts)
        return cut(scene)

    def test_an_honest_one_counts(self, scene: Scene, heard: list[Receipt]) -> None:
        edition = self.planted(scene, V2, heard[0].digest)
        assert (disputed(edition, scene), edition.document["set_aside"]) == ({"aircraft.present": 1}, NONE)

    @pytest.mark.parametrize("by", [R1, R2, V1, OUTSIDER, C1], ids=lambda person: person.code)
    def test_whoever_was_never_promised_the_testimony_key_is_set_aside(
        self, scene: Scene, heard: list[Receipt], by: Person
    ) -> None:
        edition = self.planted(scene, by, heard[0].digest)
        assert disputed(edition, scene) == {}
        assert edition.document["set_aside"] == {**NONE, "unsigned": FEW}

    @pytest.mark.parametrize(
        "changes",
        [
            {"facts": {"depositor": "R1"}},
            {"facts": {"codes": ["x"]}},
            {"facts": {"kind": "original"}},
            {"incidents": ["elsewhere"]},
            {"incidents": []},
            {"observations": "none"},
            {"witness": "A" * 22},
            {"match": "A" * 66},
        ],
        ids=str,
    )
    def test_what_is_not_well_formed_is_set_aside_and_stops_no_cut(
        self, scene: Scene, heard: list[Receipt], changes: dict[str, Any]
    ) -> None:
        edition = self.planted(scene, V2, heard[0].digest, **changes)
        assert (disputed(edition, scene), direct(edition, scene.hospital)) == ({}, 3)
        assert edition.document["set_aside"] == {**NONE, "unsigned": FEW}

    @pytest.mark.usefixtures("heard")
    def test_one_of_nothing_is_passed_over(self, scene: Scene) -> None:
        edition = self.planted(scene, V2, b64(bytes(32)))
        assert (disputed(edition, scene), edition.document["set_aside"]) == ({}, NONE)

    def test_one_that_comes_twice_is_repeated(self, scene: Scene, heard: list[Receipt]) -> None:
        forging.plant(scene, "observations", body(scene), V2, kind="second-coding", codes=heard[0].digest)
        edition = self.planted(scene, V2, heard[0].digest)
        assert disputed(edition, scene) == {"aircraft.present": 1}
        assert edition.document["set_aside"] == {**NONE, "repeated": FEW}

    @pytest.mark.parametrize(
        "changes",
        [{"incidents": "x"}, {"note": 1}, {"said": ["x"]}, {"observations": []}],
        ids=str,
    )
    def test_a_testimony_half_that_is_not_whole_hides_nothing(
        self, scene: Scene, heard: list[Receipt], changes: dict[str, Any]
    ) -> None:
        half = {"format": "witness-vault/v1/testimony", "nonce": "x", "incidents": [], "note": "", **changes}
        forging.plant(scene, "testimony", half, V2, kind="second-coding", codes=heard[0].digest)
        found, unsound = told(scene)
        assert (len(found), unsound) == (3, 1)
        assert not [one for one in found if one.again]
