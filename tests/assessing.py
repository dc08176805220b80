"""A case in which two reviewers may count, so that one can move what the other decides."""

from __future__ import annotations

from tests.cast import R1, V1
from tests.readers import cut
from tests.stage import PLAN, Facts, Scene, actor
from vault import cases

KEYS = ["brief", "corroboration", "editions"]


def counted_by_two(scene: Scene) -> None:
    """The scene with such a case: four spoke, two of them interviewed together, and an edition counted them."""
    case = scene.open_case(PLAN, {"R1": ["brief"], "V1": KEYS, "V2": KEYS})
    with scene.reading() as uow:
        names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
    scene._facts = Facts(case, *names)
    first = scene.deposit(R1, scene.said("saw"))
    interview = {
        "date": "2015-11-03",
        "language": "ar",
        "mode": "in_person",
        "together_with": [first.pseudonym],
    }
    scene.deposit(R1, scene.said("heard"), interview=interview)
    for _ in range(2):
        scene.deposit(R1, scene.said("heard"))
    cut(scene)
