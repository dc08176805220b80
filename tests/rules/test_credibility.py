"""vault.rules.credibility"""

import pytest

from tests.rules.cast import AIR_STRIKE, HOSPITAL, person, says, tied
from vault.errors import Invalid
from vault.rules.credibility import Excluded, Information, Rating, Reliability, is_confirmed
from vault.rules.dependence import LinkKind, Ties
from vault.rules.independence import Account
from vault.rules.vocabulary import Modality, Placed

CLAIM = ("aircraft.present", "yes")
HEARD, TOLD = says("aircraft.present", "heard"), says("aircraft.present", "learnt_from_others")
DENIED = says("aircraft.present", "did_not_see", modality=Modality.DENIED, placed=Placed.YES)


def test_what_nobody_rated_is_f6() -> None:
    rating = Rating.from_json({"witness": "w1", "incident": HOSPITAL})
    assert rating == Rating("w1", HOSPITAL)
    assert rating.grade(False) == "F6"


def test_source_and_information_are_rated_apart() -> None:
    rating = Rating("w1", HOSPITAL, Reliability.USUALLY, Information.DOUBTFUL)
    assert (rating.grade(False), rating.grade(True)) == ("B4", "B1")


def test_confirmed_is_never_typed() -> None:
    with pytest.raises(Invalid, match="computed from the count"):
        Rating.from_json({"witness": "w1", "incident": HOSPITAL, "information": "1"})


def test_a_rating_survives_json() -> None:
    raw = {
        "witness": "w1",
        "incident": HOSPITAL,
        "reliability": "C",
        "information": "5",
        "excluded": "contradicts_itself",
        "reason": "Two tales of one night.",
    }
    assert Rating.from_json(raw).to_json() == raw
    assert Rating("w1", HOSPITAL).to_json()["excluded"] is None


@pytest.mark.parametrize(
    "raw", [{"reliability": "G"}, {"information": "7"}, {"excluded": "disliked"}, {"note": "x"}]
)
def test_an_unknown_mark_is_invalid(raw: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Rating.from_json({"witness": "w1", "incident": HOSPITAL, **raw})


def test_nobody_is_set_aside_without_a_reason() -> None:
    with pytest.raises(Invalid, match="why this source"):
        Rating("w1", HOSPITAL, excluded=Excluded.OTHER, reason=" ")


def confirmed(*others: Account, ties: Ties | None = None) -> bool:
    return is_confirmed(CLAIM, "w1", [person("w1", HEARD), *others], ties or Ties(), AIR_STRIKE)


def test_others_who_perceived_it_confirm_it() -> None:
    assert confirmed(person("w2", HEARD))
    assert not confirmed()
    assert not confirmed(person("w2", TOLD))


@pytest.mark.parametrize("kind", [LinkKind.HOUSEHOLD, LinkKind.INTRODUCER])
def test_whoever_may_be_one_source_with_the_witness_confirms_nothing(kind: LinkKind) -> None:
    assert not confirmed(person("w2", HEARD), ties=tied([("w1", "w2")], kind))
    assert confirmed(person("w2", HEARD), person("w3", HEARD), ties=tied([("w1", "w2")], kind))


def test_what_somebody_placed_denies_is_not_confirmed() -> None:
    assert not confirmed(person("w2", HEARD), person("w3", DENIED))


def test_hearsay_is_confirmed_by_who_perceived_it_and_an_unknown_claim_by_nobody() -> None:
    accounts = [person("w1", TOLD), person("w2", HEARD)]
    assert is_confirmed(CLAIM, "w1", accounts, Ties(), AIR_STRIKE)
    assert not is_confirmed(("strike.second", "yes"), "w1", accounts, Ties(), AIR_STRIKE)
