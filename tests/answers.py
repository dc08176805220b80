"""What the accused of the tests says, and is asked, about the founded case."""

from __future__ import annotations

from typing import Any

from tests.cast import V1, Person
from tests.stage import DAY, Scene, actor
from vault import responses
from vault.responses import Log


def point(scene: Scene, kind: str, words: str, subject: str = "strike.took_place") -> dict[str, Any]:
    """A point about a claim of the hospital."""
    about = [{"incident": scene.hospital, "subject": subject, "value": "yes"}]
    return {"words": {"en": words}, "kind": kind, "about": [] if kind == "demands" else about}


def answer(scene: Scene, *points: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What they said at a briefing: there was no strike."""
    said = {"said": "2015-12-23", "who": "The ministry of defence", "where": "Press briefing"}
    told = list(points) or [point(scene, "denies", "There was no air strike at all in that area.")]
    return {**said, "source": "Our recording", "points": told, "imagery": [], "replaces": None, **changes}


def undisputed(scene: Scene, **changes: Any) -> dict[str, Any]:
    """What they had said before: the hospital stands; of the strike, nothing."""
    told = point(scene, "does_not_dispute", "The hospital was not hit.")
    earlier = {"said": "2015-10-31", "where": "A written statement"}
    return answer(scene, told, **{**earlier, **changes})


def approach(scene: Scene, **changes: Any) -> dict[str, Any]:
    """They were asked by letter."""
    asked = {"day": "2015-11-09", "to": "The minister of defence", "how": "letter"}
    return {**asked, "incidents": [scene.hospital], "asked": "Which aircraft flew that day?", **changes}


def record(scene: Scene, raw: dict[str, Any], by: Person = V1) -> str:
    """Write a response down; by what it is called."""
    with scene.writing() as uow:
        return responses.record(scene.vault, uow, actor(by), (scene.case, raw), DAY)


def ask(scene: Scene, by: Person = V1, **changes: Any) -> str:
    """Write down that they were asked."""
    with scene.writing() as uow:
        return responses.approach(scene.vault, uow, actor(by), (scene.case, approach(scene, **changes)), DAY)


def come_back(scene: Scene, approached: str, by: Person = V1, **changes: Any) -> str:
    """Write down what came back."""
    came = {"approach": approached, "day": "2015-11-20", "kind": "acknowledged_only", "summary": "Received"}
    with scene.writing() as uow:
        what = scene.case, {**came, "response": None, **changes}
        return responses.returned(scene.vault, uow, actor(by), what, DAY)


def heard(scene: Scene, by: Person = V1) -> Log:
    """The log, as somebody reads it."""
    with scene.writing() as uow:
        return responses.listing(scene.vault, uow, actor(by), scene.case, DAY)
