"""vault.rules.quotes: in whose words, called how, and what the words assert"""

from dataclasses import replace
from datetime import date

import pytest

from tests.rules.cast import AIR_STRIKE, HOSPITAL
from tests.rules.test_disclosure import ALL, AROUND, TODAY, sermin
from vault.errors import Invalid
from vault.rules.assessments import Decision
from vault.rules.circumstances import Band, Circumstances
from vault.rules.disclosure import NOT_NOW, Gate, Line, Policy
from vault.rules.quotes import (
    Claim,
    Entry,
    Quote,
    Speaker,
    from_json,
    generalised,
    lines,
    placed,
    refusals,
    shut,
    standing,
)
from vault.rules.sheets import Cell, Sheet

POLICY = Policy()
TWO: Claim = ("aircraft.number", 2)
AIRCRAFT: Claim = ("aircraft.present", "yes")
QUOTE = Quote("w3", "d3", "r3", HOSPITAL, "I saw two of them", (TWO,), "health_worker", Band.FROM_20)
THIRD = Speaker(frozenset({"verbatim"}), frozenset({TWO, AIRCRAFT, ("strike.took_place", "yes")}))
BANDS = {"doctor": Band.UNDER_20, "health_worker": Band.FROM_20, "resident": Band.FROM_1000}


def gates(quote: Quote = QUOTE, speaker: Speaker = THIRD) -> list[Gate]:
    return [one.gate for one in refusals(quote, speaker, AIR_STRIKE, POLICY)]


def ledger(*quotes: Quote, upheld: bool = True) -> list[Entry]:
    found = [Entry(f"q{place}", "V1", quote) for place, quote in enumerate(quotes)]
    return found + [Entry(f"d{one.name}", "V2", Decision(one.name, upheld, "x")) for one in found]


def test_a_doctor_among_few_is_called_a_health_worker() -> None:
    assert generalised(AIR_STRIKE, "doctor", BANDS, {}, POLICY) == "health_worker"
    many = {**BANDS, "doctor": Band.FROM_20}
    assert generalised(AIR_STRIKE, "doctor", many, {}, POLICY) == "doctor"


def test_each_who_is_called_so_needs_five_who_can_be() -> None:
    assert generalised(AIR_STRIKE, "doctor", BANDS, {"health_worker": 3}, POLICY) == "health_worker"
    assert generalised(AIR_STRIKE, "doctor", BANDS, {"health_worker": 4}, POLICY) == "resident"
    assert gates(speaker=replace(THIRD, alike=3)) == []
    assert gates(speaker=replace(THIRD, alike=4)) == [Gate.POOL]


@pytest.mark.parametrize("bands", [{}, {"doctor": Band.UNDER_20}, {"nurse": Band.FROM_1000}])
def test_whoever_would_be_pointed_at_by_any_descriptor_is_not_quoted(bands: dict[str, Band]) -> None:
    with pytest.raises(Invalid, match="Too few people"):
        generalised(AIR_STRIKE, "doctor", bands, {}, POLICY)


def test_a_quote_says_only_what_the_witness_perceived_and_what_that_entails() -> None:
    assert gates() == []
    assert gates(speaker=replace(THIRD, direct=frozenset({TWO}))) == [Gate.FORM]
    assert gates(replace(QUOTE, claims=(TWO, ("aircraft.altitude", "low")))) == [Gate.FORM]


def test_words_are_quoted_only_of_whoever_allows_it_and_no_refusal_says_so() -> None:
    silent = replace(THIRD, uses=frozenset({"paraphrase", "count_exact"}))
    assert refusals(QUOTE, silent, AIR_STRIKE, POLICY) == (NOT_NOW,)


def test_a_witness_is_called_by_one_descriptor_for_ever() -> None:
    assert gates(speaker=replace(THIRD, called=frozenset({"health_worker"}))) == []
    assert gates(speaker=replace(THIRD, called=frozenset({"resident"}))) == [Gate.FORM]
    found = standing(ledger(QUOTE))
    assert found.called(frozenset({"w1", "w3"})) == {"health_worker"}
    assert found.called(frozenset({"w1"})) == frozenset()
    assert standing(ledger(QUOTE, upheld=False)).called(frozenset({"w3"})) == frozenset()
    with pytest.raises(Invalid, match="called otherwise"):
        standing(ledger(QUOTE, replace(QUOTE, descriptor="resident")))
    both = ledger(QUOTE, replace(QUOTE, words="They were high", claims=(AIRCRAFT,)))
    assert len(standing(both).proposed) == 2


def test_only_others_who_are_called_so_on_the_same_incident_are_reckoned() -> None:
    one, other = replace(QUOTE, witness="w1"), replace(QUOTE, witness="w2", incident="elsewhere")
    found = standing(ledger(QUOTE, one, replace(one, words="Again"), other))
    assert found.alike(HOSPITAL, "health_worker", frozenset({"w3"})) == 1
    assert found.alike(HOSPITAL, "resident", frozenset({"w3"})) == 0


@pytest.mark.parametrize(
    ("author", "quote", "message"),
    [("V1", "q0", "Somebody else"), ("V2", "q9", "no such quote"), ("V2", "q0", "already")],
)
def test_nobody_decides_alone_twice_or_on_nothing(author: str, quote: str, message: str) -> None:
    entries = ledger(QUOTE) if message == "already" else [Entry("q0", "V1", QUOTE)]
    with pytest.raises(Invalid, match=message):
        standing([*entries, Entry("x", author, Decision(quote, True, "x"))])


def exact(quote: Quote = QUOTE, sheet: Sheet | None = None, around: Circumstances = AROUND) -> list[Gate]:
    found = sheet or sermin()
    said = lines(found, quote, AIR_STRIKE, POLICY)
    return [one.gate for one in shut(found, said, around, POLICY, TODAY)]


def test_what_the_words_assert_passes_the_gates_of_the_exact_form() -> None:
    said = lines(sermin(), QUOTE, AIR_STRIKE, POLICY)
    assert [(line.cell.subject, line.number, line.within) for line in said] == [
        ("strike.took_place", 3, None),
        ("aircraft.present", 2, 0),
        ("aircraft.number", 1, 1),
    ]
    assert exact() == []


@pytest.mark.parametrize("witness", [1, 2, 3])
def test_a_quote_waits_for_everyone_whom_its_claims_leave_out(witness: int) -> None:
    assert exact(sheet=sermin({witness: ALL - {"count_exact"}})) == [Gate.NOW]


def test_a_quote_needs_the_pool_and_the_cover_of_its_claims() -> None:
    assert set(exact(around=replace(AROUND, pools={}))) == {Gate.POOL}
    assert set(exact(around=replace(AROUND, contacts=0))) == {Gate.COVER}


def test_a_quote_does_not_say_that_one_person_stands_in_two_claims_apart() -> None:
    heard: Claim = ("aircraft.altitude", "unusually_high")
    apart = replace(QUOTE, claims=(TWO, heard))
    sheet = sermin()
    figures = dict(sheet.figures)
    cell = next(one for one in figures if one.subject == "aircraft.number" and one.column == "direct")
    other = next(one for one in figures if one.subject == "aircraft.altitude" and one.column == "direct")
    figures[other] = replace(figures[cell], groups=(frozenset({0}),))
    around = replace(AROUND, pools={**AROUND.pools, "aircraft.altitude": Band.FROM_50})
    claims = ((cell.subject, cell.value), (other.subject, other.value))
    assert Gate.FORM in exact(replace(apart, claims=claims), replace(sheet, figures=figures), around)


def test_a_quote_keeps_its_form() -> None:
    assert Quote.from_json(QUOTE.to_json(), AIR_STRIKE) == QUOTE
    assert from_json("quote", QUOTE.to_json(), AIR_STRIKE) == QUOTE
    decision = {"motion": "q0", "upheld": False, "reason": "x"}
    assert from_json("decision", decision, None) == Decision("q0", False, "x")


@pytest.mark.parametrize(
    "change",
    [
        {"claims": []},
        {"claims": [{"subject": "aircraft.number", "value": 2}] * 2},
        {"claims": [{"subject": "aircraft.number", "value": "x"}]},
        {"descriptor": "surgeon"},
        {"band": "many"},
        {"words": "x" * 601},
        {"name": "x"},
    ],
)
def test_what_is_no_quote_is_invalid(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Quote.from_json({**QUOTE.to_json(), **change}, AIR_STRIKE)


def test_an_entry_is_a_quote_or_a_decision() -> None:
    for act in ("rating", "quote"):
        with pytest.raises(Invalid, match="a quote or a decision"):
            from_json(act, QUOTE.to_json(), None)


def test_the_day_of_today_is_no_revision() -> None:
    assert exact(around=replace(AROUND, days=[date(2020, 1, 1)])) == []


def test_a_statement_has_a_quote_where_exact_lines_say_all_of_it_one_within_the_other() -> None:
    def line(claim: Claim, within: int | None, column: str = "direct", *, exactly: bool = True) -> Line:
        return Line(Cell(*claim, column), 3, exactly, within)

    two, both = QUOTE, replace(QUOTE, claims=(TWO, AIRCRAFT))
    strike: Claim = ("strike.took_place", "yes")
    said = [line(strike, None), line(AIRCRAFT, 0), line(TWO, 1)]
    assert (placed(two, said), placed(both, said)) == ((2,), (1, 2))
    assert placed(replace(both, claims=(TWO, strike)), said) == (0, 2)
    assert placed(both, said[:2]) == ()
    assert placed(both, [*said[:2], line(TWO, 0)]) == ()
    assert placed(two, [line(strike, None), line(TWO, 0, "saw")]) == ()
    assert placed(two, [line(TWO, None, exactly=False)]) == ()
