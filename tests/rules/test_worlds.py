"""Random worlds: the rules agree with the slow oracle, and keep what they promise whatever happens."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.cast import AGREES, AIR_STRIKE, HOSPITAL, WITNESSES
from tests.rules.oracle import figures
from tests.rules.worlds import DECISIONS, DECLINES, DEPOSIT, DEPOSITS, OBSERVATIONS, PAIRS, histories
from vault.rules.accounts import Decisions, Deposited, resolve
from vault.rules.dependence import STRONG, WEAK, LinkKind, Settlement, Tie
from vault.rules.details import details
from vault.rules.independence import COLUMNS, DIRECT_COLUMNS, Row, count
from vault.rules.observations import ChainLink, Observation
from vault.rules.vocabulary import DIRECT, ChainKind, Modality, Perception, Placed, Range, Value

pytestmark = pytest.mark.untraced
Table = dict[tuple[str, Value], Row]


def table(deposits: list[Deposited], decisions: Decisions | None = None) -> Table:
    resolved = resolve(deposits, decisions)
    rows = count(resolved.accounts.get(HOSPITAL, ()), resolved.ties, AIR_STRIKE)
    return {(row.subject, row.value): row for row in rows}


def figures_of(row: Row) -> list[int]:
    return [row.direct_min, row.direct_max, *(getattr(row, column) for column in COLUMNS)]


def never_more(before: Table, after: Table) -> bool:
    assert before.keys() == after.keys()
    return all(
        now <= then
        for claim, row in after.items()
        for now, then in zip(figures_of(row), figures_of(before[claim]), strict=True)
    )


@settings(max_examples=250)
@given(histories(), DECISIONS)
def test_the_rules_agree_with_the_oracle(deposits: list[Deposited], decisions: Decisions) -> None:
    found = [row.to_json() for row in table(deposits, decisions).values()]
    assert found == figures(deposits, decisions, HOSPITAL, AIR_STRIKE)


@given(histories(), DECISIONS, st.randoms(use_true_random=False))
def test_order_matters_neither_to_figures_nor_to_what_stands_beside_them(
    deposits: list[Deposited], decisions: Decisions, random: Random
) -> None:
    def beside(deposits: list[Deposited]) -> tuple[object, ...]:
        resolved = resolve(deposits, decisions)
        return details(resolved.accounts.get(HOSPITAL, ()), resolved.ties, AIR_STRIKE)

    before = table(deposits, decisions), beside(deposits)
    random.shuffle(deposits)
    assert (table(deposits, decisions), beside(deposits)) == before


@given(DEPOSITS, DECISIONS)
def test_no_figure_exceeds_what_bounds_it(deposits: list[Deposited], decisions: Decisions) -> None:
    people = len({deposit.witness for deposit in deposits})
    for row in table(deposits, decisions).values():
        assert 0 <= row.direct_min <= row.direct_max <= people
        assert (row.direct_min == 0) == (row.direct_max == 0)
        senses = [getattr(row, sense) for sense in DIRECT_COLUMNS]
        assert max(senses) <= row.direct_max <= sum(senses)
        for column in ("not_perceived", "hearsay", "inferred"):
            assert row.direct_max + getattr(row, column) <= people


@given(DEPOSITS, DECISIONS)
def test_children_never_exceed_their_parents(deposits: list[Deposited], decisions: Decisions) -> None:
    rows = table(deposits, decisions)
    for (subject, _), row in rows.items():
        for above in AIR_STRIKE.ancestors(subject):
            parent = rows[above, "yes"]
            for figure in ("direct_min", "direct_max", *DIRECT_COLUMNS):
                assert getattr(row, figure) <= getattr(parent, figure)


@given(DEPOSITS, DECISIONS)
def test_a_wider_value_never_has_fewer_direct_witnesses(
    deposits: list[Deposited], decisions: Decisions
) -> None:
    rows = table(deposits, decisions)
    for (subject, value), row in rows.items():
        for (other, wider), above in rows.items():
            if subject == other and isinstance(wider, Range) and AIR_STRIKE.contains(wider, value):
                assert (row.direct_min, row.direct_max) <= (above.direct_min, above.direct_max)
                assert row.direct_max <= above.direct_max


@given(DEPOSITS, DECISIONS, DEPOSIT)
def test_adding_what_is_not_direct_never_raises_direct(
    deposits: list[Deposited], decisions: Decisions, more: Deposited
) -> None:
    told = tuple(
        replace(said, perception=(said.perception - DIRECT) | {Perception.LEARNT_FROM_OTHERS})
        for said in more.observations
    )
    before = table(deposits, decisions)
    after = table([*deposits, replace(more, observations=told)], decisions)
    for claim, row in before.items():
        assert after[claim].direct_min <= row.direct_min
        assert after[claim].direct_max <= row.direct_max


@given(DEPOSITS, OBSERVATIONS, PAIRS)
def test_hearsay_never_makes_fewer_of_direct_witnesses(
    deposits: list[Deposited], said: Observation, origins: list[str]
) -> None:
    """Somebody new, who perceived nothing, and was told by whomever: no direct figure moves."""
    links = tuple(ChainLink(ChainKind.RELATIVE, True, Placed.YES, origin) for origin in origins)
    told = replace(said, perception=frozenset({Perception.LEARNT_FROM_OTHERS}), chain=links)
    more = Deposited("new", None, "w9", AGREES, (), (told,))
    before, after = table(deposits), table([*deposits, more])
    for claim, row in before.items():
        assert (after[claim].direct_min, after[claim].direct_max) == (row.direct_min, row.direct_max)
        assert all(getattr(after[claim], one) == getattr(row, one) for one in DIRECT_COLUMNS)


@given(DEPOSITS, DECISIONS, st.sampled_from(sorted(STRONG | WEAK)), PAIRS)
def test_merging_never_raises_any_figure(
    deposits: list[Deposited], decisions: Decisions, kind: LinkKind, pair: list[str]
) -> None:
    more = Tie(kind, frozenset(pair), HOSPITAL)
    before, after = (
        table(deposits, decisions),
        table(deposits, replace(decisions, same=decisions.same | {more})),
    )
    assert never_more(before, after)
    if kind in WEAK:
        assert all(figures_of(after[claim])[1:] == figures_of(row)[1:] for claim, row in before.items())


@given(DEPOSITS, PAIRS, st.sampled_from(sorted(frozenset(LinkKind) - {LinkKind.ORIGIN})))
def test_a_settlement_never_moves_a_figure_the_wrong_way(
    deposits: list[Deposited], pair: list[str], kind: LinkKind
) -> None:
    def settled(dependent: bool) -> Table:
        return table(deposits, Decisions(frozenset({Settlement(kind, pair[0], pair[1], dependent)})))

    before = table(deposits)
    assert never_more(before, settled(True))
    assert never_more(settled(False), before)


@given(DEPOSITS, st.integers(0, 6), PAIRS)
def test_a_silent_person_still_carries_a_household(
    deposits: list[Deposited], which: int, others: list[str]
) -> None:
    """Whether the carrier speaks on other things, or allows no counting, or is only named: the tie is the same."""
    speaking = [deposit for deposit in deposits if deposit.witness != "w9"]
    named = [Deposited(f"n{one}", None, one, DECLINES, (), (), household=("w9",)) for one in others]
    direct = [Deposited("s", None, "w9", DECLINES, (), (), household=tuple(others))]
    assert table([*speaking, *named]) == table([*speaking, *direct])
    if which < len(speaking):
        assert never_more(table(speaking), table([*speaking, *direct]))


@given(DEPOSITS, DECISIONS)
def test_a_denial_by_someone_not_placed_is_no_contradiction(
    deposits: list[Deposited], decisions: Decisions
) -> None:
    moved = [
        replace(
            deposit,
            observations=tuple(
                replace(said, placed=Placed.NO) if said.modality is Modality.DENIED else said
                for said in deposit.observations
            ),
        )
        for deposit in deposits
    ]
    assert all(row.denied == 0 for row in table(moved, decisions).values())


@given(DEPOSITS, DECISIONS)
def test_whoever_does_not_allow_counting_is_counted_nowhere(
    deposits: list[Deposited], decisions: Decisions
) -> None:
    declined = [replace(deposit, consent=DECLINES) for deposit in deposits]
    assert table(declined, decisions) == {}


@given(histories(), DECISIONS, WITNESSES, st.sampled_from([None, "nobody's"]))
def test_whoever_withdraws_by_their_pseudonym_alone_is_counted_nowhere(
    deposits: list[Deposited], decisions: Decisions, witness: str, named: str | None
) -> None:
    """Whatever they said and allowed before or after, and though what the change names is not known."""
    withdrawn = Deposited("new", named, witness, DECLINES, (), (), changes_consent=True)
    resolved, before = resolve([*deposits, withdrawn], decisions), resolve(deposits, decisions)
    left = [account for account in before.accounts.get(HOSPITAL, ()) if account.witness != witness]
    assert list(resolved.accounts.get(HOSPITAL, ())) == left
    assert resolved.ties == before.ties


@given(histories(), DECISIONS, WITNESSES)
def test_to_allow_more_without_naming_what_it_replaces_adds_nobody(
    deposits: list[Deposited], decisions: Decisions, witness: str
) -> None:
    more = Deposited("new", None, witness, AGREES, (), (), changes_consent=True)
    assert resolve([*deposits, more], decisions) == resolve(deposits, decisions)


@given(DEPOSITS, DECISIONS)
def test_what_stands_beside_a_figure_fits_it(deposits: list[Deposited], decisions: Decisions) -> None:
    resolved = resolve(deposits, decisions)
    accounts = resolved.accounts.get(HOSPITAL, ())
    rows = {(row.subject, row.value): row for row in count(accounts, resolved.ties, AIR_STRIKE)}
    found = {(one.subject, one.value): one for one in details(accounts, resolved.ties, AIR_STRIKE)}
    for claim, row in rows.items():
        one = found.get(claim)
        depth, origin = (one.depth, one.origin) if one else ({}, {})
        assert sum(depth.values()) == sum(origin.values()) == row.hearsay
        groups = one.merged if one else ()
        assert all(group.accounts >= 2 and group.because for group in groups)
        assert any(group.of == "direct.min" for group in groups) == (row.direct_min < row.direct_max)
        assert {kind for group in groups for kind in group.because} <= set(LinkKind)
        strong = [kind for group in groups if group.of != "direct.min" for kind in group.because]
        assert not set(strong) & WEAK


@pytest.mark.parametrize("kind", LinkKind)
def test_every_kind_of_link_is_either_strong_or_weak(kind: LinkKind) -> None:
    assert (kind in STRONG) != (kind in WEAK)
