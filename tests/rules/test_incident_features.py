"""What the incidents worked by hand are said to show, they show."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.incidents import reading
from tests.incidents.reading import Incident, incidents

INCIDENTS = incidents()
README = (Path(reading.__file__).parent / "README.md").read_text("utf-8")
LISTED = {
    feature: names.split(" · ")
    for feature, names in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", README, re.MULTILINE)
    if feature != "feature"
}


def said(incident: Incident, **having: Any) -> bool:
    """Whether somebody said something that has these members."""
    observations = (one for interview in incident.interviews for one in interview.observations)
    return any(having.items() <= {"modality": "affirmed", **one}.items() for one in observations)


def named(incident: Incident, how: str) -> set[str]:
    return {other for interview in incident.interviews for other in interview.named.get(how, ())}


def chains(incident: Incident) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for interview in incident.interviews:
        for one in interview.observations:
            yield interview.witness, one.get("chain", [])


def has_shared_informant(incident: Incident) -> bool:
    told = {(chain[-1]["origin"], witness) for witness, chain in chains(incident) if chain}
    return any(count > 1 for origin, count in Counter(origin for origin, _ in told).items() if origin)


def has_silent_member(incident: Incident) -> bool:
    spoken = {
        subject: {one.witness for one in incident.interviews if said_of(one, subject)}
        for interview in incident.interviews
        for subject in {raw["subject"] for raw in interview.observations}
    }
    namers = {one.witness for one in incident.interviews if one.named.get("household")}
    silent = named(incident, "household") & {one.witness for one in incident.interviews}
    return any(namers <= speak and silent - speak for speak in spoken.values())


def said_of(interview: reading.Interview, subject: str) -> bool:
    return any(one["subject"] == subject for one in interview.observations)


def has_follow_up(incident: Incident) -> bool:
    told = [one.witness for one in incident.interviews if not (one.corrects or one.changes or one.repeats)]
    return len(told) > len(set(told))


def has_range(incident: Incident) -> bool:
    return any(row["direct"]["min"] < row["direct"]["max"] for row in incident.table or ())


FEATURES: dict[str, Callable[[Incident], bool]] = {
    "the case of the first day": lambda one: one.name == "Sermin",
    "a joint interview": lambda one: bool(named(one, "together_with")),
    "a shared informant": has_shared_informant,
    "a household carried by a silent member": has_silent_member,
    "a follow-up": has_follow_up,
    "a correction": lambda one: any(interview.corrects for interview in one.interviews),
    "a denial, placed to perceive": lambda one: said(one, modality="denied", placed="yes"),
    "a denial, not placed to perceive": lambda one: said(one, modality="denied", placed="no"),
    "an unsure pair": lambda one: any(kind == "maybe_same_person" for kind, *_ in one.same),
    "two coders who disagree": lambda one: any("disputed" in detail for detail in one.beside),
    "a withdrawn consent": lambda one: any(told.changes and not told.counted for told in one.interviews),
    "hearsay of depth three": lambda one: any(len(chain) == 3 for _, chain in chains(one)),
    "a range of values": lambda one: any(isinstance(row["value"], dict) for row in one.table or ()),
    "a range of persons": has_range,
    "an edition that is carried over": lambda one: one.editions[-1] == "carried",
    "a dispute that was settled": lambda one: bool(one.settled),
    "a source set aside": lambda one: bool(one.excluded),
    "the same person twice": lambda one: any(kind == "same_person" for kind, *_ in one.same),
    "an incident cut anew": lambda one: one.editions[-1] == "counted anew",
}


def test_the_list_names_every_feature_with_an_incident() -> None:
    assert list(LISTED) == list(FEATURES)


@pytest.mark.parametrize("feature", FEATURES)
def test_each_incident_listed_has_its_feature(feature: str) -> None:
    assert [name for name in LISTED[feature] if not FEATURES[feature](INCIDENTS[name])] == []


@pytest.mark.parametrize("feature", FEATURES)
def test_no_feature_is_one_that_every_incident_has(feature: str) -> None:
    assert not all(FEATURES[feature](one) for one in INCIDENTS.values())


def test_there_are_enough_of_them_and_each_says_why() -> None:
    assert len(INCIDENTS) >= 40
    assert [name for name, incident in INCIDENTS.items() if len(incident.why.split()) < 8] == []


def test_the_examples_for_whoever_wants_to_trust_the_count_are_as_they_were_worked() -> None:
    text = (Path(__file__).parents[2] / "docs" / "COUNTING.md").read_text("utf-8")
    examples = re.findall(r"^### (.+?)\n(.+?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert len(examples) == 3
    for name, example in examples:
        worked = {row["subject"]: row["direct"] for row in INCIDENTS[name].table or ()}
        shown = re.findall(r"^\| `([a-z_.]+)` \| (\d)(?: to (\d))? \|", example, re.MULTILINE)
        assert shown
        for subject, low, high in shown:
            assert worked[subject] == {"min": int(low), "max": int(high or low)}
