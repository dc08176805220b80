"""vault.rules.assessments"""

from __future__ import annotations

from dataclasses import replace

import pytest

from vault.errors import Invalid
from vault.rules.assessments import (
    About,
    Act,
    Contacts,
    Decision,
    Entry,
    Exclusion,
    Motion,
    Pool,
    contrary,
    from_json,
    standing,
    to_json,
)
from vault.rules.circumstances import Band, Circumstances
from vault.rules.credibility import Excluded, Information, Rating, Reliability
from vault.rules.dependence import LinkKind, Settlement

LINK = Settlement(LinkKind.HOUSEHOLD, "a", "b", dependent=False)
ORIGIN = Settlement(LinkKind.ORIGIN, "b", "a", dependent=False, about=("I", "aircraft.present"))
LIAR = Exclusion("a", "I", Excluded.CONTRADICTS_ITSELF)
RATED = Rating("a", "I", Reliability.USUALLY, Information.PROBABLY_TRUE)
POOL = Pool("I", "aircraft.present", Band.FROM_50)
MET = Contacts("I", 2, 60, 20)
SAID: list[Rating | Motion | Decision] = [
    RATED,
    *(Motion(about, "why") for about in (LINK, ORIGIN, LIAR, POOL, MET)),
    Decision("m", True, "why"),
]


def moved(motion: Motion, *, upheld: bool, by: str = "V2", name: str = "m") -> list[Entry]:
    return [Entry(name, "V1", motion), Entry(f"{name}-decided", by, Decision(name, upheld, "because"))]


@pytest.mark.parametrize("said", SAID, ids=lambda said: type(said).__name__)
def test_what_is_written_is_read_again(said: Rating | Motion | Decision) -> None:
    assert from_json(*to_json(said)) == said


def test_a_motion_alone_changes_nothing() -> None:
    found = standing([Entry("m", "V1", Motion(LINK, "why"))])
    assert (found.settled, found.rated) == (frozenset(), frozenset())


def test_a_motion_that_another_upheld_stands() -> None:
    assert standing(moved(Motion(LINK, "why"), upheld=True)).settled == {LINK}
    (rating,) = standing(moved(Motion(LIAR, "why"), upheld=True)).rated
    assert (rating.witness, rating.excluded, rating.reason) == ("a", Excluded.CONTRADICTS_ITSELF, "why")


@pytest.mark.parametrize(
    ("about", "found"),
    [
        (POOL, Circumstances(pools={"aircraft.present": Band.FROM_50})),
        (MET, Circumstances(contacts=60, lately=20)),
        (replace(POOL, incident="another"), Circumstances()),
        (replace(MET, incident="another"), Circumstances()),
        (replace(MET, edition=1), Circumstances()),
    ],
)
def test_what_two_say_around_figures_is_of_that_incident_and_moves_none(
    about: About, found: Circumstances
) -> None:
    assert standing([Entry("m", "V1", Motion(about, "why"))]).circumstances("I", 2) == Circumstances()
    upheld = standing(moved(Motion(about, "why"), upheld=True))
    assert upheld.circumstances("I", 2) == found
    assert (upheld.settled, upheld.rated) == (frozenset(), frozenset())


def test_of_pools_and_contacts_the_last_that_was_upheld_stands() -> None:
    later: list[About] = [replace(POOL, band=Band.UNDER_20), replace(MET, tally=1, lately=0)]
    said: list[About] = [POOL, MET, *later]
    entries = [
        entry
        for number, about in enumerate(said)
        for entry in moved(Motion(about, "why"), upheld=True, name=str(number))
    ]
    found = standing(entries).circumstances("I", 2)
    assert (found.pools, found.contacts) == ({"aircraft.present": Band.UNDER_20}, 1)


@pytest.mark.parametrize(
    ("tally", "lately"), [(-1, -1), (1_000_001, 1), (True, 0), ("60", 1), (60, -1), (60, 61), (60, None)]
)
def test_a_tally_is_a_number_of_people_and_lately_are_some_of_them(tally: object, lately: object) -> None:
    met = {"incident": "I", "edition": 1, "tally": tally, "lately": lately}
    with pytest.raises(Invalid):
        from_json(Act.MOTION, {"contacts": met, "reason": "why"})


@pytest.mark.parametrize("about", [POOL, MET])
def test_another_number_is_moved_and_not_the_contrary(about: About) -> None:
    with pytest.raises(Invalid, match="another number"):
        contrary(Motion(about, "why"), "why not")


def test_a_rejected_motion_changes_nothing() -> None:
    assert standing(moved(Motion(LINK, "why"), upheld=False)).settled == frozenset()


def test_nobody_decides_on_their_own_motion() -> None:
    with pytest.raises(Invalid):
        standing(moved(Motion(LINK, "why"), upheld=True, by="V1"))


def test_a_motion_is_decided_once_and_an_unknown_one_never() -> None:
    decided = moved(Motion(LINK, "why"), upheld=False)
    with pytest.raises(Invalid):
        standing([*decided, Entry("again", "V3", Decision("m", True, "because"))])
    with pytest.raises(Invalid):
        standing([Entry("d", "V1", Decision("m", True, "because"))])


def test_of_two_upheld_motions_about_one_thing_the_later_stands() -> None:
    entries = moved(Motion(LINK, "why"), upheld=True)
    other_way = Settlement(LinkKind.HOUSEHOLD, "b", "a", dependent=True)
    entries += moved(Motion(other_way, "we were wrong"), upheld=True, name="n")
    assert standing(entries).settled == {other_way}


def test_the_contrary_of_an_exclusion_lets_the_source_count_again_and_keeps_its_rating() -> None:
    out = Motion(LIAR, "why")
    entries = [Entry("r", "V2", RATED), *moved(out, upheld=True)]
    entries += moved(contrary(out, "it was another"), upheld=True, name="n")
    (rating,) = standing(entries).rated
    assert (rating.excluded, rating.reliability) == (None, Reliability.USUALLY)
    with pytest.raises(Invalid):
        contrary(contrary(out, "so"), "and so")


def test_the_contrary_of_a_settlement_says_the_opposite_of_the_same_link() -> None:
    undone = contrary(Motion(LINK, "why"), "so")
    assert undone.target == Motion(LINK, "why").target
    assert isinstance(undone.about, Settlement)
    assert undone.about.dependent


def test_the_newest_rating_stands() -> None:
    later = Rating("a", "I", Reliability.UNRELIABLE, Information.DOUBTFUL)
    assert standing([Entry("1", "V1", RATED), Entry("2", "V2", later)]).rated == {later}


@pytest.mark.parametrize(
    ("act", "raw"),
    [
        ("else", {}),
        (Act.RATING, {"witness": "a", "incident": "I", "reliability": "B", "information": "1"}),
        (Act.RATING, {**to_json(RATED)[1], "excluded": "other"}),
        (Act.MOTION, {"reason": "why"}),
        (Act.MOTION, {"settlement": LINK.to_json(), "exclusion": {}, "reason": "why"}),
        (Act.MOTION, {"settlement": LINK.to_json(), "reason": " "}),
        (Act.MOTION, {"settlement": {**LINK.to_json(), "witnesses": ["a"]}, "reason": "why"}),
        (Act.MOTION, {"settlement": {**LINK.to_json(), "about": ["I"]}, "reason": "why"}),
        (Act.DECISION, {"motion": "m", "upheld": 1, "reason": "why"}),
        (Act.DECISION, {"motion": "m", "upheld": True, "reason": ""}),
    ],
)
def test_what_says_nothing_or_too_much_is_refused(act: str, raw: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        from_json(act, raw)
