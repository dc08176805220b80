"""vault.rules.answers and vault.rules.rebuttals: the form of a sheet, what it is made of, and who decides on it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rebutting import ANSWERS, SHA256, WHO, WHOLE, point, sheet
from vault.errors import Invalid
from vault.rules import rebuttals as rule
from vault.rules.answers import check, has_number, worded
from vault.rules.assessments import Decision
from vault.rules.rebuttals import (
    Answered,
    Approached,
    Choice,
    Entry,
    Found,
    Line,
    Proposal,
    Released,
    Verdict,
)
from vault.rules.responses import Place

SIGNED = {"by": "V1", "signature": "c2lnbmVk"}
NAME = "A" * 43
CHOICE = Choice(NAME, (Answered(0, (Line(NAME, 1),)), Answered(2, ())))
PROPOSAL = Proposal(WHOLE, CHOICE, SIGNED)

NUMBERS = {"three", "три", "ثلاثة"}

names = st.text("ABCDEFabcdef0123456789-_", min_size=22, max_size=43)
places = st.integers(0, 99)
sources = st.one_of(
    st.builds(Line, names, places),
    st.builds(Released, names, names),
    st.builds(Place, names, places),
    st.builds(Approached, names),
    st.builds(Found, names, places),
)
answered = st.builds(Answered, st.integers(0, 19), st.lists(sources, max_size=4, unique=True).map(tuple))
choices = st.builds(
    Choice,
    names,
    st.lists(answered, min_size=1, max_size=4, unique_by=lambda one: one.point).map(
        lambda found: tuple(sorted(found, key=lambda one: one.point))
    ),
)


def with_answer(kind: str, **changes: Any) -> dict[str, Any]:
    return sheet(point({**ANSWERS[kind], **changes}))


def decided(motion: str = "s", upheld: bool = True) -> Verdict:
    return Verdict(Decision(motion, upheld, "It says what they say."), SIGNED if upheld else None)


def entries(*said: tuple[str, Proposal | Verdict]) -> list[Entry]:
    return [Entry(name, by, "2026-11-22", one) for name, (by, one) in zip("stuv", said, strict=False)]


def test_a_sheet_may_have_every_kind_of_answer() -> None:
    assert check(WHOLE) == WHOLE
    for answer in ANSWERS.values():
        assert check(sheet(point(answer)))


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_has_the_members_of_its_kind_and_no_others(kind: str) -> None:
    for name in ANSWERS[kind]:
        lacking = {member: value for member, value in ANSWERS[kind].items() if member != name}
        with pytest.raises(Invalid):
            check(sheet(point(lacking)))
    for extra in ("number", "count", "witnesses", "exactly"):
        with pytest.raises(Invalid):
            check(with_answer(kind, **{extra: 3}))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("statement", {"statement": "short"}),
        ("statement", {"line": -1}),
        ("statement", {"line": 100}),
        ("evidence", {"evidence": "rumour"}),
        ("evidence", {"sha256": "short"}),
        ("evidence", {"picture": 3}),
        ("evidence", {"text": {"en": "two\nlines"}}),
        ("evidence", {"text": {}}),
        ("opinion", {"field": "astrology"}),
        ("opinion", {"answer": "certain"}),
        ("response", {"said": "2015"}),
        ("response", {"as": "regrets"}),
        ("reply", {"day": "2015-11"}),
        ("reply", {"came": "silence"}),
        ("finding", {"likelihood": "very"}),
    ],
)
def test_an_answer_says_nothing_of_another_form(kind: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check(with_answer(kind, **changes))


def test_files_and_what_came_back_may_be_none() -> None:
    assert check(with_answer("evidence", sha256=None, picture=None))
    assert check(with_answer("evidence", sha256=SHA256, picture=SHA256))
    assert check(with_answer("reply", came="refused"))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "witness-vault/v1/statement"},
        {"roster": 0},
        {"month": "2026-13"},
        {"about": {}},
        {"about": {"en": ""}},
        {"response": {**WHO, "said": "lately"}},
        {"response": {**WHO, "who": ""}},
        {"response": {**WHO, "pseudonym": "x"}},
        {"points": []},
        {"points": ["one"]},
        {"points": [point("one")]},  # type: ignore[arg-type]
        {"points": [point(ANSWERS["reply"], kind="regrets")]},
        {"number": 3},
    ],
)
def test_a_sheet_has_its_form_and_no_other(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check({**sheet(point(ANSWERS["reply"])), **changes})


def test_only_a_demand_may_stand_without_an_answer() -> None:
    assert check(sheet(point(kind="demands")))
    with pytest.raises(Invalid, match="leave the point out"):
        check(sheet(point(kind="denies")))


@given(choices)
def test_a_choice_is_read_as_it_was_written(choice: Choice) -> None:
    assert Choice.from_json(choice.to_json()) == choice


@pytest.mark.parametrize(
    "points",
    [
        [],
        [{"point": 1, "answers": []}, {"point": 0, "answers": []}],
        [{"point": 0, "answers": []}, {"point": 0, "answers": []}],
        [{"point": 0, "answers": [{"approach": NAME}, {"approach": NAME}]}],
        [{"point": 0, "answers": [{"words": "They lie."}]}],
        [{"point": 0, "answers": [{"statement": NAME}]}],
        [{"point": 0, "answers": ["They lie."]}],
    ],
)
def test_nothing_is_chosen_but_what_stands_somewhere_each_once_and_in_order(points: list[Any]) -> None:
    with pytest.raises(Invalid):
        Choice.from_json({"response": NAME, "points": points})


@pytest.mark.parametrize("said", [PROPOSAL, decided(), decided(upheld=False)])
def test_an_entry_is_read_as_it_was_written(said: Proposal | Verdict) -> None:
    assert rule.from_json(*rule.to_json(said)) == said


def test_an_entry_is_a_sheet_or_a_signed_decision() -> None:
    _, taken = rule.to_json(decided())
    for act, content in (
        ("decision", {**taken, "signature": None}),
        ("decision", {**taken, "upheld": False}),
        ("decision", {**taken, "reason": " "}),
        ("rebuttal", {**rule.to_json(PROPOSAL)[1], "sheet": {**WHOLE, "number": 3}}),
        ("rebuttal", {**rule.to_json(PROPOSAL)[1], "signature": "signed"}),
        ("response", taken),
    ):
        with pytest.raises(Invalid):
            rule.from_json(act, content)


def test_a_sheet_is_upheld_by_another_or_not_at_all() -> None:
    (waiting,) = rule.standing(entries(("V1", PROPOSAL))).values()
    assert not waiting.upheld
    (upheld,) = rule.standing(entries(("V1", PROPOSAL), ("V2", decided()))).values()
    assert (upheld.upheld, upheld.author, upheld.decider) == (True, "V1", "V2")
    (rejected,) = rule.standing(entries(("V1", PROPOSAL), ("V2", decided(upheld=False)))).values()
    assert not rejected.upheld
    with pytest.raises(Invalid, match="Somebody else"):
        rule.standing(entries(("V1", PROPOSAL), ("V1", decided())))


def test_a_sheet_is_decided_on_once() -> None:
    with pytest.raises(Invalid, match="already"):
        rule.standing(entries(("V1", PROPOSAL), ("V2", decided()), ("V3", decided(upheld=False))))
    with pytest.raises(Invalid, match="no such sheet"):
        rule.standing(entries(("V1", decided("nothing"))))


def _strings(one: Any) -> set[str]:
    parts = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return {one} if isinstance(one, str) else set().union(*map(_strings, parts))


def test_who_signs_a_sheet_is_shown_every_word_that_people_wrote_in_whatever_language() -> None:
    text = {"en": "The hospital after the attack.", "tlh": "wej"}
    whole = sheet(point(*({**one, "text": text} if "text" in one else one for one in ANSWERS.values())))
    written = {words for _, words in worded(whole)}
    coded = {one for one in _strings(whole) - written if " " in one or not one.isascii()}
    assert ("tlh", "wej") in worded(whole)
    assert coded == set()
    assert {WHO["who"], WHO["where"]} <= written


@pytest.mark.parametrize(
    "words", ["3 men", "\u0663 رجال", "三人", "Three men", "شهد ثلاثة رجال", "три человека"]
)
def test_a_number_is_found_in_figures_of_any_script_and_in_known_words(words: str) -> None:
    assert has_number(words, NUMBERS)
    assert not has_number("The hospital after the attack", NUMBERS)


@pytest.mark.parametrize("hidden", ["\u200c", " \u200d ", "a" + 9 * "\u0301", "\u202e.neddih", "a\nb"])
def test_no_words_of_a_sheet_hide_or_are_drawn_over_others(hidden: str) -> None:
    for words in ({"en": hidden}, {"en": "Seen", "ar": hidden}):
        with pytest.raises(Invalid, match="printable line"):
            check(sheet(point(ANSWERS["reply"]), about=words))
    for seen in ("نمی\u200cدیدم", "بِسْمِ ٱللَّهِ", "בְּרֵאשִׁ֖ית", "a" + 8 * "\u0301"):
        check(sheet(point(ANSWERS["reply"]), about={"en": seen}))
