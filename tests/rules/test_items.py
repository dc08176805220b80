"""vault.rules.items, evidence, custody, opinions, releases: what an item's chain says, and what it makes of the item"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE, HOSPITAL, VOCABULARIES
from vault.errors import Invalid
from vault.rules.access import Permission
from vault.rules.assessments import Decision
from vault.rules.consent import Use
from vault.rules.custody import Added, Event, File, FileRole, What
from vault.rules.evidence import Arrival, Authenticity, Bearings, Check, Draft, Giver, Grade
from vault.rules.items import NEEDS, Act, Entry, Item, Said, from_json, item, to_json
from vault.rules.opinions import Answer, Field, Given, Opinion, questions
from vault.rules.releases import Recall, Release

DAY = "2026-11-22"
FILE = File("f1", 10, "hash", "image/jpeg", 1)
EVENT = {
    "what": "shared",
    "day": "2015-11-03",
    "by": "R1",
    "to": "An expert",
    "note": "",
    "file": None,
    "held": None,
}
BEARS = {"subject": "aircraft.number", "value": {"min": 2, "max": 3}, "how": "supports", "why": ""}
RAW: dict[str, Any] = {
    "item": "i1",
    "kind": "photo",
    "title": "A crater",
    "incident": HOSPITAL,
    "origin": {"how": "sent", "from": "", "held": ""},
    "giver": None,
    "original": "u1",
    "working": None,
    "events": [EVENT],
    "bears": [BEARS],
}
OPINION = Opinion("Expert 1", Field.IMAGERY, "When?", None, Answer.PROBABLE, "The shadows.")
RELEASE = Release(None, {"en": "A photo shows a crater."}, False)
PICTURE = replace(RELEASE, picture=True)
WITHDRAWN = Event(What.WITHDRAWN, date(2026, 11, 22), "V1")


def arrival(**changes: Any) -> Arrival:
    facts = Draft.parse(RAW, VOCABULARIES).facts
    return replace(Arrival(facts, None, FILE, None), **changes)


def chain(*said: Said | tuple[str, Said]) -> list[Entry]:
    """An arrival and what follows, by V1 where nobody is named; entries are called e0, e1 …"""
    every: list[Said | tuple[str, Said]] = [("R1", arrival()), *said]
    by = [one if isinstance(one, tuple) else ("V1", one) for one in every]
    return [Entry(f"e{place}", author, DAY, what) for place, (author, what) in enumerate(by)]


def working(name: str = "f2") -> Added:
    return Added(FileRole.WORKING, replace(FILE, file=name), "Turned upright")


def given_then(*said: Said | tuple[str, Said]) -> list[Entry]:
    """The same of an item that a witness gave."""
    first, *later = chain(*said)
    return [replace(first, said=arrival(giver=Giver("box", "box"))), *later]


def upheld(motion: str, author: str = "V2") -> tuple[str, Said]:
    return author, Decision(motion, True, "So it is")


def test_an_arrival_reads_back_as_it_was_written() -> None:
    giver = Giver("box", "box")
    for one in (arrival(), arrival(giver=giver, working=FILE), arrival(original=None)):
        assert Arrival.parse(one.to_json(), VOCABULARIES) == one


@pytest.mark.parametrize(
    "said",
    [
        Event(What.VERIFIED, date(2026, 11, 22), "V1", file="f1", held=False),
        Event(What.COPIED, date(2026, 11, 22), "V1", "A disk", "Twice"),
        Event(What.WITHDRAWN, date(2026, 11, 22), "V1"),
        working(),
        Bearings.from_json({"bears": [BEARS]}, AIR_STRIKE),
        Authenticity(Grade.PROBABLY_NOT, frozenset({Check.TIME, Check.PLACE}), "Leaves on the trees."),
        OPINION,
        replace(OPINION, about=("aircraft.number", 2)),
        PICTURE,
        replace(RELEASE, of="e1", text={"en": "x", "ar": "س\u200cص"}),
        Decision("e1", False, "Too much"),
        Recall("e1", "It was wrong"),
    ],
)
def test_every_entry_reads_back_as_it_was_written(said: Said) -> None:
    kinds = {Added: Act.FILE, Bearings: Act.BEARING}
    act = kinds.get(type(said)) or Act(type(said).__name__.lower())
    assert from_json(act, to_json(said), AIR_STRIKE) == said


@pytest.mark.parametrize(
    "change",
    [
        {"incident": "elsewhere"},
        {"bears": [BEARS, {**BEARS, "how": "contradicts"}]},
        {"bears": [{**BEARS, "value": 0.5}]},
        {"giver": "a-b-c-d", "origin": {"how": "given", "from": "A doctor", "held": ""}},
        {"giver": "a-b-c-d", "origin": {"how": "found", "from": "", "held": ""}},
        {"original": None, "working": "u2"},
        {"events": [{**EVENT, "file": "u2"}]},
        {"events": [{**EVENT, "what": "verified", "held": True, "file": "u1"}]},
        {"events": [{**EVENT, "held": True}]},
        {"events": [{**EVENT, "what": "accessed"}]},
        {"title": "two\nlines"},
        {"origin": {"how": "found", "from": "a\u202eb", "held": ""}},
        {"events": [{**EVENT, "by": "R1\x1b[2J"}]},
    ],
)
def test_no_draft_says_what_cannot_be(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Draft.parse({**RAW, **change}, VOCABULARIES)


def test_a_draft_may_name_the_files_that_come_with_it() -> None:
    found = Draft.parse({**RAW, "working": "u2", "events": [{**EVENT, "file": "u2"}]}, VOCABULARIES)
    assert (found.original, found.working) == ("u1", "u2")


@pytest.mark.parametrize(
    ("act", "raw"),
    [
        (Act.ARRIVAL, {}),
        (Act.EVENT, {**EVENT, "what": "accessed"}),
        (Act.EVENT, {**EVENT, "what": "verified"}),
        (Act.RELEASE, {"of": "e1", "text": {"en": "x"}, "picture": True}),
        (Act.RELEASE, {"of": None, "text": {"ar": "x"}, "picture": False}),
        (Act.OPINION, {**to_json(OPINION), "reasons": " "}),
        (Act.AUTHENTICITY, {"grade": "authentic", "checks": [], "reasons": ""}),
        (Act.DECISION, {"motion": "e1", "upheld": True, "reason": " "}),
        (Act.RECALL, {"release": "e1", "reason": ""}),
    ],
)
def test_no_entry_says_what_cannot_be(act: Act, raw: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        from_json(act, raw, AIR_STRIKE)


def test_the_newest_file_of_a_role_stands_and_former_ones_are_still_there() -> None:
    found = item(chain(working("f2"), working("f3")))
    assert (found.original, found.working) == (FILE, replace(FILE, file="f3"))
    assert set(found.files) == {"f1", "f2", "f3"}
    assert found.head == "e2"


def test_an_item_without_files_has_none() -> None:
    found = item([Entry("e0", "R1", DAY, arrival(original=None))])
    assert (found.original, found.working) == (None, None)


def test_an_event_is_of_a_file_that_the_item_has() -> None:
    opened = Event(What.ACCESSED, date(2026, 11, 22), "V1", file="f1")
    assert item(chain(opened)).events[-1] == opened
    with pytest.raises(Invalid, match="no such file"):
        item(chain(replace(opened, file="f2")))


def test_what_was_withdrawn_has_no_files_and_nothing_is_said_of_it_in_public() -> None:
    assert item(given_then(RELEASE, upheld("e1"))).releases
    found = item(given_then(RELEASE, upheld("e1"), WITHDRAWN, ("V2", Recall("e1", "So it is")), OPINION))
    assert found.withdrawn
    assert (found.original, found.working, found.releases) == (None, None, ())
    assert (set(found.files), len(found.opinions)) == ({"f1"}, 1)


def test_assessments_of_authenticity_stand_by_author_and_may_disagree() -> None:
    sure, doubts = (Authenticity(grade, frozenset(), "x") for grade in (Grade.AUTHENTIC, Grade.CANNOT_SAY))
    assert not item(chain(sure, ("V2", sure))).disagree
    assert item(chain(sure, ("V2", doubts))).disagree
    changed = item(chain(sure, ("V2", doubts), ("V2", sure)))
    assert not changed.disagree
    assert set(changed.assessed) == {"V1", "V2"}


def test_what_it_bears_on_is_said_anew_as_a_whole() -> None:
    found = item(chain(Bearings(())))
    assert found.arrival.facts.bears
    assert found.bears == ()


@pytest.mark.parametrize(
    "entries",
    [
        [Entry("e0", "V1", DAY, OPINION)],
        chain(arrival()),
        chain(replace(RELEASE, of="e0")),
        chain(PICTURE),
        chain(Decision("e0", True, "x")),
        chain(Recall("e0", "x")),
        chain(RELEASE, upheld("e1", "V1")),
        chain(RELEASE, upheld("e1"), upheld("e1")),
        chain(RELEASE, Recall("e1", "x"), Recall("e1", "x")),
        chain(Event(What.ACCESSED, date(2026, 11, 22), "V2", file="f1")),
        chain(WITHDRAWN),
        given_then(WITHDRAWN, WITHDRAWN),
        given_then(replace(WITHDRAWN, by="V2")),
        given_then(WITHDRAWN, RELEASE),
        given_then(WITHDRAWN, Added(FileRole.WORKING, FILE, "Blurred")),
        given_then(RELEASE, WITHDRAWN, upheld("e1")),
    ],
)
def test_nobody_writes_what_they_were_not_free_to_write(entries: list[Entry]) -> None:
    with pytest.raises(Invalid):
        item(entries)


def stands(found: Item) -> list[str]:
    return [one.name for one in found.releases]


def test_a_release_stands_once_another_upheld_it_until_it_is_recalled() -> None:
    of_item, of_opinion = RELEASE, replace(RELEASE, of="e1")
    said: list[Said] = [OPINION, of_item, of_opinion]
    assert stands(item(chain(*said))) == []
    assert [len(one.given) for one in item(chain(*said)).questions] == [1]
    assert stands(item(chain(*said, upheld("e2"), upheld("e3")))) == ["e2", "e3"]
    assert stands(item(chain(*said, upheld("e2"), ("V2", Decision("e3", False, "x"))))) == ["e2"]
    assert stands(item(chain(*said, upheld("e2"), Recall("e2", "x")))) == []


def test_a_picture_put_in_the_place_of_a_released_one_is_not_released() -> None:
    said: list[Said | tuple[str, Said]] = [working("f2"), PICTURE, upheld("e2")]
    assert stands(item(chain(*said))) == ["e2"]
    assert stands(item(chain(*said, working("f3")))) == []
    assert stands(item(chain(*said, working("f3"), working("f2")))) == ["e2"]


def test_a_witness_must_allow_the_picture_too_where_it_is_shown() -> None:
    assert RELEASE.uses == (Use.PARAPHRASE,)
    assert PICTURE.uses == (Use.PARAPHRASE, Use.AUDIO_VIDEO)


@given(st.lists(st.tuples(st.sampled_from(["When?", " when? ", "Where?"]), st.sampled_from(Answer))))
def test_every_opinion_stands_under_its_question_and_answers_that_differ_disagree(
    answers: list[tuple[str, Answer]],
) -> None:
    given_ = [
        Given(f"e{place}", "V1", replace(OPINION, question=question, answer=answer))
        for place, (question, answer) in enumerate(answers)
    ]
    found = questions(given_)
    assert sorted(one.name for question in found for one in question.given) == sorted(
        one.name for one in given_
    )
    assert len(found) == len({question.strip().casefold() for question, _ in answers})
    for question in found:
        assert question.disagree == (len({one.opinion.answer for one in question.given}) > 1)


def test_reviewers_alone_weigh_what_others_keep() -> None:
    assert {act for act in Act if NEEDS[act] is not Permission.WEIGH_EVIDENCE} == {
        Act.ARRIVAL,
        Act.FILE,
        Act.EVENT,
    }
