"""The Sermin case with all that answers a denial: a published statement, evidence that a witness gave, a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.cast import C1, R1, V1, V2, Person
from tests.dossier import OPINION, RELEASE, go_on, with_file
from tests.proofs import V3
from tests.sending import JPEG
from tests.speaking import ABOUT, approve, prepare, publish, sermin, speaker
from tests.stage import DAY, Facts, Scene
from tests.test_pictures import photo
from vault import findings, rebuttals, rebutting, releases, responses
from vault.rebuttals import Listed
from vault.rebutting import Readable
from vault.receipts import Receipt
from vault.rules.assessments import Decision
from vault.rules.items import Act

ALLOWS = {
    "recording": True,
    "uses": ["corroboration", "paraphrase", "audio_video"],
    "recipients": {"public": "none"},
}
SAID: dict[str, Any] = {
    "said": "2015-12-23",
    "who": "A ministry",
    "where": "A press conference",
    "source": "",
    "imagery": [],
    "replaces": None,
}


@dataclass(frozen=True)
class Answered:
    """What there is: the case, the witness who gave the item, and by what everything is called."""

    facts: Facts
    giver: Receipt
    item: str
    release: str
    opinion: str
    response: str
    earlier: str
    approach: str
    finding: str
    statement: str


def answered(scene: Scene) -> Answered:
    """Everything up to the sheet."""
    facts = sermin(scene).facts
    name = prepare(scene)
    for reviewer in (V2, V3):
        approve(scene, reviewer, name)
    statement = publish(scene, C1).digest
    giver = scene.deposit(R1, scene.said("heard"), consent=ALLOWS)
    origin = {"how": "given", "from": "", "held": ""}
    item = with_file(scene, photo(), media=JPEG, kind="photo", origin=origin, giver=giver.pseudonym)
    release = released(scene, item, {**RELEASE, "picture": True})
    opinion = released(scene, item, {**RELEASE, "of": go_on(scene, item, Act.OPINION, OPINION)})
    earlier = said(scene, {"en": "The hospital was not hit."}, "does_not_dispute", said="2015-10")
    response = respond(scene)
    asked = {"day": "2015-11-09", "to": "The minister", "how": "letter", "asked": "What flew there?"}
    with scene.writing() as uow:
        raw = {**asked, "incidents": [scene.hospital]}
        approach = responses.approach(scene.vault, uow, speaker(V1), (scene.case, raw), DAY)
    finding = found(scene, response)
    return Answered(facts, giver, item, release, opinion, response, earlier, approach, finding, statement)


def point(scene: Scene, words: dict[str, str], kind: str, *subjects: str) -> dict[str, Any]:
    """Something that they said of claims of the hospital."""
    about = [{"incident": scene.hospital, "subject": subject, "value": "yes"} for subject in subjects]
    return {"words": words, "kind": kind, "about": about}


def said(scene: Scene, words: dict[str, str], kind: str, **changes: Any) -> str:
    """One thing that they said of the strike."""
    return record(scene, [point(scene, words, kind, "strike.took_place")], **changes)


def respond(scene: Scene, **changes: Any) -> str:
    """What they denied, and demanded."""
    unseen = {"en": "Eyewitnesses did not see or hear the aircraft.", "ar": "لم يرَ أحد الطائرات."}
    points = [
        point(scene, unseen, "denies", "aircraft.present"),
        point(scene, {"en": "There was no air strike at all."}, "denies", "strike.took_place"),
        point(scene, {"en": "Reveal who provided you with this data."}, "demands"),
    ]
    return record(scene, points, **changes)


def record(scene: Scene, points: list[dict[str, Any]], **changes: Any) -> str:
    """A response; by what it is called."""
    with scene.writing() as uow:
        raw = {**SAID, "points": points, **changes}
        return responses.record(scene.vault, uow, speaker(V1), (scene.case, raw), DAY)


def released(scene: Scene, item: str, raw: dict[str, Any]) -> str:
    """What may be said, by two."""
    with scene.writing() as uow:
        motion = releases.propose(scene.vault, uow, speaker(V1), (scene.case, item, raw), DAY)
    with scene.writing() as uow:
        taken = {"motion": motion, "upheld": True, "reason": "So it is"}
        releases.decide(scene.vault, uow, speaker(V2), (scene.case, item, taken), DAY)
    return motion


def write(scene: Scene, response: str, finding: str | None = None, version: int = 1) -> str:
    """A version of a finding, that waits; by what the finding is called."""
    factor = {"kind": "response", "response": response, "point": 0, "weight": "against", "why": "A denial."}
    raw = {
        "finding": finding,
        "version": version,
        "incident": scene.hospital,
        "proposition": {"en": "Aircraft of the accused struck the place."},
        "likelihood": "likely",
        "factors": [factor],
        "reasons": "Nobody else flew there.",
    }
    with scene.writing() as uow:
        return findings.propose(scene.vault, uow, speaker(V1), (scene.case, raw), DAY)


def found(scene: Scene, response: str, finding: str | None = None, version: int = 1) -> str:
    """The same, upheld."""
    name = write(scene, response, finding, version)
    with scene.writing() as uow:
        motion = findings.show(scene.vault, uow, speaker(V2), (scene.case, name), DAY)[0].proposed.name
        findings.decide(
            scene.vault, uow, speaker(V2), (scene.case, Decision(motion, True, "It follows")), DAY
        )
    return name


def choice(there: Answered, *more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What V1 answers: each kind once, and whatever more to the first point."""
    first = [{"statement": there.statement, "line": 1}, {"item": there.item, "release": there.opinion}, *more]
    second = [
        {"statement": there.statement, "line": 0},
        {"item": there.item, "release": there.release},
        {"response": there.earlier, "point": 0},
        {"approach": there.approach},
        {"finding": there.finding, "version": 1},
    ]
    points = [{"point": 0, "answers": first}, {"point": 1, "answers": second}, {"point": 2, "answers": []}]
    return {"about": ABOUT, "response": there.response, "points": points, **changes}


def propose(scene: Scene, raw: dict[str, Any], by: Person = V1) -> str:
    """A sheet; by what it is called."""
    with scene.writing() as uow:
        return rebuttals.propose(scene.vault, uow, speaker(by), (scene.case, raw), DAY)


def decide(scene: Scene, name: str, by: Person = V2, *, upheld: bool = True) -> None:
    """Decide on a sheet."""
    with scene.writing() as uow:
        decision = Decision(name, upheld, "It says what they say")
        rebuttals.decide(scene.vault, uow, speaker(by), (scene.case, decision), DAY)


def upheld(scene: Scene, there: Answered) -> str:
    """A sheet that two have signed; by what it is called."""
    name = propose(scene, choice(there))
    decide(scene, name)
    return name


def listed(scene: Scene, by: Person = V3) -> tuple[Listed, ...]:
    """The sheets, as one who had no part in them sees them."""
    with scene.unkept() as uow:
        return rebuttals.listing(scene.vault, uow, speaker(by), scene.case, DAY)


def given_out(scene: Scene, name: str, by: Person = V1) -> Readable:
    """A sheet as it leaves."""
    return rebutting.give_out(scene.vault, speaker(by), (scene.case, name), DAY)
