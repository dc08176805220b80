"""vault.quotes: in a witness's own words, called so that nobody is pointed at, and by two reviewers"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import R1, V1, V2, Person
from tests.quoting import (
    BANDS,
    TESTIMONY,
    USES,
    WORDS,
    decide,
    listed,
    propose,
    record_of,
    surround,
    told_by_a_doctor,
    wish,
)
from tests.readers import audited
from tests.stage import After, Scene, actor, later
from tests.visitor import Api, Visitor
from vault import cases, keyrings, quotes, withdrawals
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.receipts import Receipt
from vault.rules.disclosure import NOT_NOW, Gate
from vault.rules.withdrawals import Scope
from vault.sealing import boxes
from vault.store.testimony import QuoteRow


def _surrounded(scene: Scene) -> Receipt:
    receipt = told_by_a_doctor(scene)
    surround(scene)
    return receipt


@pytest.fixture
def told(after: After) -> tuple[Scene, Receipt]:
    """A doctor among three who were counted; what two signed around them opens every gate."""
    return after(_surrounded)


@pytest.fixture
def scene(told: tuple[Scene, Receipt]) -> Scene:
    return told[0]


@pytest.fixture
def doctor(told: tuple[Scene, Receipt]) -> Receipt:
    """The doctor's receipt."""
    return told[1]


def test_nothing_is_upheld_that_could_not_be_said_exactly(after: After) -> None:
    scene, doctor = after(told_by_a_doctor)
    propose(scene, doctor)
    with pytest.raises(Refused, match="how many people could have perceived this"):
        decide(scene)
    assert {refusal.gate for refusal in listed(scene)[0].refusals} == {Gate.POOL}
    surround(scene)
    assert listed(scene)[0].refusals == ()
    decide(scene)


def test_a_doctor_is_called_a_health_worker_and_doctor_is_written_nowhere(
    scene: Scene, doctor: Receipt
) -> None:
    assert propose(scene, doctor) == "health_worker"
    decide(scene)
    (one,) = listed(scene)
    assert (one.proposed.upheld, one.proposed.quote.words, one.refusals) == (True, WORDS, ())
    assert "doctor" not in json.dumps(one.to_json())
    assert one.proposed.quote.witness not in json.dumps(one.to_json())
    assert [entry["act"] for entry in audited(scene)[-2:]] == ["quote proposed", "quote decided"]


def test_the_words_die_with_the_testimony_and_the_chain_stays_whole(scene: Scene, doctor: Receipt) -> None:
    propose(scene, doctor)
    decide(scene)
    withdrawals.by_receipt(scene.vault, doctor.withdrawal_token or "", Scope.INTERVIEW)
    assert listed(scene) == ()
    with scene.reading() as uow:
        file = cases.find(uow, scene.case)
        ((_, key),) = keyrings.case_keys(uow, actor(V1), file, "corroboration")
        rows = uow.testimony.scalars(select(QuoteRow).order_by(QuoteRow.position)).all()
        about = [{"vault": file.vault, "case": scene.case, "position": row.position} for row in rows]
        opened = [boxes.unseal(key, ("quote", at), row.sealed) for at, row in zip(about, rows, strict=True)]
    assert not [text for text in opened if b"three of them" in text or WORDS.encode() in text]
    assert b"health_worker" in opened[0]
    with pytest.raises(NotFound):
        propose(scene, doctor)


def test_past_the_day_that_a_witness_set_nothing_more_is_quoted(scene: Scene, doctor: Receipt) -> None:
    allowed = {"recording": True, "uses": USES, "until": later(10).isoformat()}
    scene.deposit(R1, kind="consent", pseudonym=doctor.pseudonym, consent=allowed, testimony="")
    with pytest.raises(Refused), scene.writing() as uow:
        quotes.propose(scene.vault, uow, actor(V1), (scene.case, wish(scene, doctor)), later(11))
    with scene.writing() as uow:
        quotes.propose(scene.vault, uow, actor(V1), (scene.case, wish(scene, doctor)), later(10))


def test_no_row_shows_words_or_who_said_them(scene: Scene, doctor: Receipt) -> None:
    propose(scene, doctor)
    with scene.reading() as uow:
        (row,) = uow.testimony.scalars(select(QuoteRow))
    assert WORDS.encode() not in row.sealed


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"words": "I saw three of them"}, Invalid),
        ({"words": " "}, Invalid),
        ({"words": "on the roof. Then it shook."}, Invalid),
        ({"claims": []}, Invalid),
        ({"claims": [{"subject": "aircraft.altitude", "value": "unusually_high"}]}, Refused),
        ({"descriptor": "surgeon"}, Invalid),
        ({"bands": {"doctor": "under_20"}}, Invalid),
        ({"bands": {"doctor": "many"}}, Invalid),
        ({"bands": 1}, Invalid),
        ({"incident": "elsewhere"}, NotFound),
        ({"receipt": "elsewhere"}, NotFound),
    ],
)
def test_what_the_testimony_does_not_bear_is_no_quote(
    scene: Scene, doctor: Receipt, change: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        propose(scene, doctor, **change)
    assert listed(scene) == ()


def test_words_may_run_over_a_break_of_lines(scene: Scene, doctor: Receipt) -> None:
    propose(scene, doctor, words=TESTIMONY)
    assert listed(scene)[0].proposed.quote.words == f"I was on the roof. {WORDS} Then it shook."


def test_a_witness_keeps_the_descriptor_of_the_first_quote(scene: Scene, doctor: Receipt) -> None:
    propose(scene, doctor)
    decide(scene)
    with pytest.raises(Refused, match="called otherwise"):
        propose(scene, doctor, words="Then it shook.", descriptor="resident")
    many = {**BANDS, "doctor": "200_to_999"}
    with pytest.raises(Refused, match="called otherwise"):
        propose(scene, doctor, words="Then it shook.", bands=many)
    assert propose(scene, doctor, words="Then it shook.") == "health_worker"


def test_a_second_descriptor_that_waited_is_not_upheld(scene: Scene, doctor: Receipt) -> None:
    propose(scene, doctor, descriptor="resident")
    propose(scene, doctor)
    decide(scene)
    older = listed(scene)[1]
    assert [refusal.cure.split(":")[0] for refusal in older.refusals] == [
        "This witness is called otherwise in another quote"
    ]


def test_nobody_decides_on_their_own_or_twice(scene: Scene, doctor: Receipt) -> None:
    propose(scene, doctor)
    with pytest.raises(Conflict, match="Somebody else"):
        decide(scene, V1)
    decide(scene, upheld=False)
    with pytest.raises(Conflict, match="already"):
        decide(scene)
    assert not listed(scene)[0].proposed.upheld


@pytest.mark.parametrize("uses", [["corroboration", *USES[1:4]], []])
def test_who_no_longer_allows_it_is_not_quoted_and_nobody_learns_why(
    scene: Scene, doctor: Receipt, uses: list[str]
) -> None:
    propose(scene, doctor)
    change = {"kind": "consent", "supersedes": doctor.digest, "pseudonym": doctor.pseudonym}
    raw = scene.interview(consent={"recording": True, "uses": uses}, testimony="No longer.", **change)
    scene.hand_in(R1, scene.start(R1), raw)
    assert listed(scene)[0].refusals == (NOT_NOW,)
    with pytest.raises(Refused) as refused:
        decide(scene)
    assert refused.value.message == NOT_NOW.cure


@pytest.mark.parametrize("by", [R1, V2])
def test_only_a_reviewer_who_reads_the_testimony_proposes(scene: Scene, doctor: Receipt, by: Person) -> None:
    with pytest.raises(Refused):
        propose(scene, doctor, by)


@pytest.mark.parametrize("forge", ["put in", "take out"])
def test_who_keeps_the_database_can_neither_put_in_nor_take_out_of_the_middle(
    scene: Scene, doctor: Receipt, forge: str
) -> None:
    propose(scene, doctor)
    decide(scene)
    with scene.writing() as uow:
        first, second = uow.testimony.scalars(select(QuoteRow).order_by(QuoteRow.position))
        if forge == "take out":
            uow.testimony.delete(first)
        else:
            second.sealed = first.sealed
    with pytest.raises(Tampered):
        listed(scene)


def test_in_the_browser_the_descriptor_is_widened_before_the_proposers_eyes(
    scene: Scene, doctor: Receipt
) -> None:
    reader = Visitor(scene.app(), V1)
    page = f"/cases/{scene.case}/testimony/{record_of(scene, doctor)}"
    assert "Quote this testimony" in reader.get(page).text
    path = f"{page}/quote/{scene.hospital}"
    assert "a doctor" in reader.get(path).text
    bands = {f"band-{code}": band for code, band in BANDS.items()}
    typed = {
        "receipt": doctor.digest,
        "words": WORDS,
        "descriptor": "doctor",
        "claim": '["aircraft.number", 2]',
        **bands,
    }
    again = reader.post(path, {**typed, "words": "I saw three"})
    assert again.status_code == 422
    assert "Copy the words" in again.text
    assert "I saw three" in again.text
    done = reader.post(path, typed)
    assert "a health worker" in done.text
    assert "too few people there can be called that" in done.text
    other = Visitor(scene.app(), V2)
    quotes = f"/cases/{scene.case}/quotes"
    assert WORDS in other.get(quotes).text
    assert "a doctor" not in other.get(quotes).text
    name = listed(scene)[0].proposed.name
    assert reader.post(quotes, {"quote": name, "upheld": "yes", "reason": "x"}).status_code == 409
    assert other.post(quotes, {"quote": name, "upheld": "yes", "reason": " "}).status_code == 422
    assert other.post(quotes, {"quote": name, "upheld": "yes", "reason": "x"}).status_code == 303
    assert "Upheld by" in other.get(quotes).text


def test_the_same_as_data(scene: Scene, doctor: Receipt) -> None:
    reader, other = Api(scene.app(), V1), Api(scene.app(), V2)
    path = f"/api/cases/{scene.case}/quotes"

    def listing() -> list[dict[str, Any]]:
        return list(other.call("GET", path).json or [])

    assert reader.call("POST", path, {"act": "quote", **wish(scene, doctor)}).json == {
        "descriptor": "health_worker"
    }
    (one,) = listing()
    assert (one["words"], one["decision"], one["refusals"]) == (WORDS, None, [])
    said = {"act": "decision", "quote": one["quote"], "upheld": True, "reason": "x"}
    assert other.call("POST", path, said).status_code == 204
    assert listing()[0]["decision"]["author"] == "V2"
