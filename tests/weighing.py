"""A case in which two reviewers may weigh what there is: figures, an item, an expert, what the accused said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests import dossier
from tests.cast import R1, V1, V2, Person
from tests.readers import cut
from tests.stage import DAY, PLAN, Facts, Scene, actor
from vault import cases, findings, responses
from vault.findings import Listed, Shown
from vault.rules.assessments import Decision
from vault.rules.items import Act

KEYS = ["brief", "corroboration", "editions", "evidence"]
PROPOSITION = {"en": "The hospital was hit from the air.", "ar": "قُصف المستشفى من الجو."}


@dataclass(frozen=True)
class Weighed:
    """What there is in which case: an item and the newest entry of its chain, an opinion on it, a response."""

    facts: Facts
    item: str
    at: str
    opinion: str
    response: str

    def factors(self) -> list[dict[str, Any]]:
        """One of each kind of source."""
        cell = {"edition": 1, "subject": "aircraft.present", "value": "yes", "column": "direct"}
        return [
            {"kind": "claim", **cell, "weight": "for", "why": "Three people."},
            {"kind": "evidence", "item": self.item, "at": self.at, "weight": "for", "why": ""},
            {
                "kind": "opinion",
                "item": self.item,
                "opinion": self.opinion,
                "weight": "for",
                "why": "The crater.",
            },
            {
                "kind": "response",
                "response": self.response,
                "point": 0,
                "weight": "against",
                "why": "A denial.",
            },
        ]


def weighed(scene: Scene) -> Weighed:
    """The scene with such a case: three perceived aircraft, an edition counted them; V1 and V2 hold the same keys."""
    case = scene.open_case(PLAN, {"R1": ["brief"], "V1": KEYS, "V2": KEYS})
    with scene.reading() as uow:
        names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
    scene._facts = Facts(case, *names)
    for perception in ("saw", "heard", "heard"):
        scene.deposit(R1, scene.said(perception))
    cut(scene)
    item = dossier.add(scene)
    opinion = dossier.go_on(scene, item, Act.OPINION, dossier.OPINION)
    return Weighed(scene._known, item, opinion, opinion, respond(scene))


def respond(scene: Scene, replaces: str | None = None) -> str:
    """The accused deny it; by what that is called."""
    claim = {"incident": scene.hospital, "subject": "strike.took_place", "value": "yes"}
    point = {"words": {"en": "There was no air strike."}, "kind": "denies", "about": [claim]}
    said = {"said": "2015-10-22", "who": "A ministry", "where": "A briefing", "source": "Its site"}
    raw = {**said, "points": [point], "imagery": [], "replaces": replaces}
    with scene.writing() as uow:
        return responses.record(scene.vault, uow, actor(V1), (scene.case, raw), DAY)


def wish(scene: Scene, there: Weighed, **changes: Any) -> dict[str, Any]:
    """What V1 wants to find."""
    return {
        "finding": None,
        "version": 1,
        "incident": scene.hospital,
        "proposition": PROPOSITION,
        "likelihood": "likely",
        "factors": there.factors(),
        "reasons": "They agree, and nobody else flew there.",
        **changes,
    }


def propose(scene: Scene, there: Weighed, by: Person = V1, **changes: Any) -> str:
    """A version; by what its finding is called."""
    with scene.writing() as uow:
        return findings.propose(scene.vault, uow, actor(by), (scene.case, wish(scene, there, **changes)), DAY)


def versions(scene: Scene, finding: str, by: Person = V2) -> tuple[Shown, ...]:
    """The versions of a finding, newest first."""
    with scene.unkept() as uow:
        return findings.show(scene.vault, uow, actor(by), (scene.case, finding), DAY)


def listed(scene: Scene, by: Person = V2) -> tuple[Listed, ...]:
    with scene.unkept() as uow:
        return findings.listing(scene.vault, uow, actor(by), scene.case, DAY)


def decide(scene: Scene, finding: str, by: Person = V2, *, upheld: bool = True) -> None:
    """Decide on the newest version of a finding."""
    decision = Decision(versions(scene, finding)[0].proposed.name, upheld, "It follows")
    with scene.writing() as uow:
        findings.decide(scene.vault, uow, actor(by), (scene.case, decision), DAY)
