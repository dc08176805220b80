"""vault.rules.packing and vault.rules.tabulation: the same deposits in few bytes, the same figures, all at once."""

from dataclasses import fields, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.cast import AGREES, AIR_STRIKE, HOSPITAL, MOSQUE, VOCABULARIES, says
from tests.rules.worlds import DECISIONS, histories
from vault.errors import Invalid
from vault.rules import packing, tabulation
from vault.rules.accounts import Decisions, Deposited, resolve
from vault.rules.dependence import LinkKind, Settlement, Tie
from vault.rules.independence import count
from vault.rules.observations import Certainty, ChainLink, Distance, Observation, WhyNot
from vault.rules.packing import from_bytes, merge, merged, pack, to_bytes
from vault.rules.tabulation import tabulate
from vault.rules.vocabulary import ChainKind, Modality, Placed, Range

INCIDENTS = st.sampled_from([HOSPITAL, MOSQUE])
MEMBERS = st.fixed_dictionaries(
    {
        "certainty": st.sampled_from([None, *Certainty]),
        "distance": st.sampled_from([None, *Distance]),
        "why_not": st.frozensets(st.sampled_from(WhyNot), max_size=2),
    }
)
MANY = 30  # random worlds for what costs little


@st.composite
def worlds(draw: st.DrawFn) -> list[Deposited]:
    """A few deposits on two incidents."""
    found: list[Deposited] = []
    for one in draw(histories()):
        said = tuple(replace(said, incident=draw(INCIDENTS), **draw(MEMBERS)) for said in one.observations)
        match = draw(st.sampled_from([None, "one", "other"]))
        found.append(replace(one, observations=said, match=match))
    return found


def check(deposits: list[Deposited], decisions: Decisions | None = None) -> None:
    """Every cell is what the rules count."""
    resolved = resolve(deposits, decisions)
    table = tabulate(pack(deposits, VOCABULARIES), VOCABULARIES, decisions)
    for incident in (HOSPITAL, MOSQUE):
        assert table.rows(incident) == count(resolved.accounts.get(incident, ()), resolved.ties, AIR_STRIKE)
    assert table.rows("of another case") == ()


@pytest.mark.untraced
@settings(max_examples=400)
@given(worlds(), DECISIONS)
def test_every_cell_is_what_the_rules_count(deposits: list[Deposited], decisions: Decisions) -> None:
    check(deposits, decisions)


@given(deposits=worlds(), decisions=DECISIONS)
def test_blocks_of_incidents_are_counted_as_all_at_once(
    deposits: list[Deposited], decisions: Decisions
) -> None:
    packed = pack(deposits, VOCABULARIES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabulation, "BLOCK", 1)
        small = tabulate(packed, VOCABULARIES, decisions)
    whole = tabulate(packed, VOCABULARIES, decisions)
    assert (small.cells == whole.cells).all()
    assert (small.figures == whole.figures).all()


def test_nothing_packed_is_nothing_counted() -> None:
    check([])
    assert list(pack([], VOCABULARIES).deposits()) == []


def _one(number: int, witness: str, *said: object, **more: object) -> Deposited:
    return Deposited(str(number), None, witness, AGREES, (), said, **more)  # type: ignore[arg-type]


def test_a_settled_pair_leaves_a_third_who_ties_both_together() -> None:
    heard = says("aircraft.present", "heard")
    one = replace(_one(1, "w1", heard), together_with=("w2", "w3"))
    apart = Settlement(LinkKind.INTERVIEWED_TOGETHER, "w1", "w2", False)
    for deposits in ([one, _one(2, "w2", heard)], [one, _one(2, "w2", heard), _one(3, "w3", heard)]):
        check(deposits, Decisions(settled=frozenset({apart})))
    check([replace(one, together_with=("w2",)), _one(2, "w2", heard)], Decisions(settled=frozenset({apart})))


def test_a_decision_may_name_somebody_who_never_spoke() -> None:
    heard = says("aircraft.present", "heard")
    same = {
        Tie(LinkKind.SAME_PERSON, frozenset({"w1", "silent"})),
        Tie(LinkKind.SAME_PERSON, frozenset({"w2", "silent"})),
    }
    check([_one(1, "w1", heard), _one(2, "w2", heard)], Decisions(same=frozenset(same)))


def test_two_who_told_each_other_what_both_perceived_are_followed_once() -> None:
    def said(origin: str) -> Observation:
        chain = (ChainLink(ChainKind.NEIGHBOUR, True, Placed.YES, origin),)
        return replace(says("aircraft.present", "heard", "learnt_from_others"), chain=chain)

    check([_one(1, "w1", said("w2")), _one(2, "w2", said("w1")), _one(3, "w3", said("w1"))])


def test_chains_of_many_links_hold_together() -> None:
    heard = says("aircraft.present", "heard")
    order = list(range(200))
    Random(7).shuffle(order)
    deposits = [replace(_one(n, f"w{n}", heard), household=(f"w{n + 1}",)) for n in order]
    packed = pack(deposits, VOCABULARIES)
    (row,) = tabulate(packed, VOCABULARIES).rows(HOSPITAL)
    assert (row.direct_min, row.direct_max, row.heard) == (1, 1, 1)


# --- packing ----------------------------------------------------------------------------------------------------


def _canonical(said: Observation) -> str:
    return repr(said.to_json())


def _in_order(one: Deposited) -> Deposited:
    """A deposit with whatever has no order in some order, and nothing twice."""
    named = ("together_with", "present", "household", "shown_before")
    sets: dict[str, Any] = {name: tuple(sorted(set(getattr(one, name)))) for name in named}
    return replace(one, observations=tuple(sorted(set(one.observations), key=_canonical)), **sets)


@settings(max_examples=MANY)
@given(worlds())
def test_what_was_packed_comes_out(deposits: list[Deposited]) -> None:
    found = from_bytes(to_bytes(pack(deposits, VOCABULARIES)))
    expected = sorted((_in_order(one) for one in deposits), key=lambda one: one.digest)
    assert [_in_order(one) for one in found.deposits()] == expected


def test_every_member_of_a_deposit_and_an_observation_is_packed() -> None:
    link = ChainLink(ChainKind.NEIGHBOUR, True, Placed.YES, "w2")
    said = says(
        "aircraft.number",
        *("learnt_from_others", "did_not_see"),
        value=Range(2, 3),
        modality=Modality.UNCERTAIN,
        placed=Placed.NO,
        chain=(link, replace(link, origin=None)),
        why_not=frozenset({WhyNot.NIGHT}),
        certainty=Certainty.FAIRLY,
        distance=Distance.UNDER_2_KM,
    )
    named: dict[str, Any] = dict.fromkeys(
        ("together_with", "present", "household", "shown_before"), ("w2", "w3")
    )
    labels: dict[str, Any] = {
        "introducer": "A",
        "interpreter": "B",
        "match": "C",
        "depositor": "R1",
        "record": "D",
        "supersedes": "0",
        "changes_consent": True,
    }
    one = replace(_one(1, "w1", said), **named, **labels)
    empty = Deposited("", None, "", AGREES, (), ())
    unset = [field.name for field in fields(one) if getattr(one, field.name) == getattr(empty, field.name)]
    assert unset == ["consent"]
    assert list(pack([one], VOCABULARIES).deposits()) == [one]


@settings(max_examples=MANY)
@given(worlds(), st.integers(0, 8), st.randoms(use_true_random=False))
def test_the_bytes_depend_on_nothing_but_which_deposits_there_are(
    deposits: list[Deposited], cut: int, random: Random
) -> None:
    whole = to_bytes(pack(deposits, VOCABULARIES))
    random.shuffle(deposits)
    parts = pack(deposits[:cut], VOCABULARIES), pack(deposits[max(cut - 1, 0) :], VOCABULARIES)
    assert to_bytes(merge(*parts)) == to_bytes(merge(*reversed(parts))) == whole
    assert to_bytes(merged([*parts, *parts, parts[0]])) == whole


def test_what_is_said_alike_of_two_claims_is_packed_once() -> None:
    both = [says(subject, "heard") for subject in ("aircraft.present", "strike.took_place")]
    packed = pack([_one(1, "w1", *both)], VOCABULARIES)
    assert (len(packed.read("claims")), len(packed.read("sayings"))) == (2, 1)
    (deposit,) = packed.deposits()
    assert set(deposit.observations) == set(both)


def test_what_is_not_of_the_case_is_not_packed() -> None:
    with pytest.raises(Invalid, match="an incident that this case does not have"):
        pack([_one(1, "w1", says("aircraft.present", "heard", incident="another"))], VOCABULARIES)


def test_what_does_not_fit_into_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_DEPOSITS", 1)
    with pytest.raises(Invalid, match="too many deposits"):
        pack([_one(1, "w1", says("aircraft.present", "heard"))], VOCABULARIES)
