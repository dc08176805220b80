"""Items of evidence for tests: R1 hands them in and cannot read them back, V1 holds the key and goes on with them."""

from __future__ import annotations

import secrets
from typing import Any

from tests import stage
from tests.cast import R1, V1, Person
from tests.stage import DAY, Scene, actor
from vault import cases, evidence, uploads
from vault.chains import Chain
from vault.evidence import Shown
from vault.rules.items import Act
from vault.sealing.digests import b64
from vault.uploads import Facts

SUPPORTS = {"subject": "strike.took_place", "value": "yes", "how": "supports", "why": "The crater is fresh."}
EVENT = {
    "what": "collected",
    "day": "2015-10-21",
    "by": "R1",
    "to": "",
    "note": "",
    "file": None,
    "held": None,
}
GRADED = {"grade": "authentic", "checks": ["origin", "place"], "reasons": "The sender is known."}
OPINION = {
    "expert": "Expert 1",
    "field": "munitions",
    "question": "What made this crater?",
    "about": {"subject": "strike.took_place", "value": "yes"},
    "answer": "probable",
    "reasons": "Its shape.",
}
RELEASE = {"of": None, "text": {"en": "A video shows the damage."}, "picture": False}


def opened(scene: Scene, team: dict[str, list[str]]) -> stage.Facts:
    """A case of this team."""
    case = scene.open_case(stage.PLAN, team)
    with scene.reading() as uow:
        names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
    return stage.Facts(case, *names)


def handed_in(scene: Scene, **changes: Any) -> dict[str, Any]:
    """What somebody hands in, with some members changed."""
    return {
        "item": b64(secrets.token_bytes(16)),
        "kind": "video",
        "title": "The hospital after the strike",
        "incident": scene.hospital,
        "origin": {"how": "sent", "from": "", "held": ""},
        "giver": None,
        "original": None,
        "working": None,
        "events": [EVENT],
        "bears": [SUPPORTS],
        **changes,
    }


def add(scene: Scene, by: Person = R1, **changes: Any) -> str:
    """An item; its id."""
    return evidence.add(scene.vault, actor(by), (scene.case, handed_in(scene, **changes)), DAY)


def with_file(scene: Scene, content: bytes, by: Person = R1, media: str = "video/mp4", **changes: Any) -> str:
    """An item with an original of these bytes."""
    sent = scene.case, (Facts.of(content, media), content)
    upload = uploads.whole(scene.vault, actor(by), *sent, DAY)
    return add(scene, by, item=upload.facts.item, original=upload.id, **changes)


def go_on(scene: Scene, item: str, act: Act, raw: dict[str, Any], by: Person = V1) -> str:
    """One more entry."""
    with scene.writing() as uow:
        return evidence.act(scene.vault, uow, actor(by), (scene.case, item, act, raw), DAY)


def shown(scene: Scene, item: str, by: Person = V1) -> Shown:
    """The item as somebody sees it."""
    with scene.unkept() as uow:
        return evidence.show(scene.vault, uow, actor(by), (scene.case, item), DAY)


def chain(scene: Scene, item: str) -> Chain:
    return shown(scene, item).chain


def waiting(scene: Scene, by: Person = R1) -> int:
    """How many uploads somebody has under way."""
    return len(uploads.waiting(scene.vault, actor(by), scene.case))
