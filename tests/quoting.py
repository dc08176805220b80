"""A case in which two reviewers may count, and one of them reads testimony: that one can propose a quote."""

from __future__ import annotations

from typing import Any

from tests.cast import R1, V1, V2, Person
from tests.readers import cut
from tests.stage import DAY, PLAN, Facts, Scene, actor
from vault import assessments, cases, keyrings, quotes, testimonies
from vault.quotes import Listed
from vault.receipts import Receipt
from vault.rules.assessments import About, Contacts, Decision, Motion, Pool
from vault.rules.circumstances import Band

KEYS = ["brief", "corroboration", "editions"]
USES = ["corroboration", "aggregate", "count_exact", "detail", "verbatim"]
WORDS = "I saw two of them, very high."
TESTIMONY = f"I was on the roof.\n\n{WORDS} Then it shook."
BANDS = {"doctor": "under_20", "health_worker": "20_to_49", "resident": "1000_or_more"}


def told_by_a_doctor(scene: Scene) -> Receipt:
    """The scene with such a case: three spoke, the first of them is to be quoted; an edition counted them."""
    case = scene.open_case(PLAN, {"R1": ["brief"], "V1": [*KEYS, "testimony"], "V2": KEYS})
    with scene.reading() as uow:
        names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
    scene._facts = Facts(case, *names)
    allowed = {"recording": True, "uses": USES}
    two = scene.said("saw", subject="aircraft.number", value=2)
    first = scene.deposit(R1, two, testimony=TESTIMONY, consent=allowed)
    for _ in range(2):
        scene.deposit(R1, scene.said("heard"), consent=allowed)
    cut(scene)
    return first


def surround(scene: Scene) -> None:
    """Two reviewers say how many could have perceived it, and how many the team met."""
    pools: list[About] = [
        Pool(scene.hospital, one, Band.FROM_50) for one in ("aircraft.present", "aircraft.number")
    ]
    for about in (*pools, Contacts(scene.hospital, 1, 60, 60)):
        with scene.writing() as uow:
            assessments.assess(uow, actor(V1), scene.case, Motion(about, "Counted twice"), DAY)
            file = cases.show(uow, actor(V1), scene.case).file
            keys = [key for _, key in keyrings.case_keys(uow, actor(V1), file, "corroboration")]
            name = assessments.read(uow, file, keys).entries[-1].name
        with scene.writing() as uow:
            assessments.assess(uow, actor(V2), scene.case, Decision(name, True, "So it is"), DAY)


def record_of(scene: Scene, receipt: Receipt) -> str:
    """By what the testimony's page is addressed."""
    with scene.unkept() as uow:
        found, _ = testimonies.listing(uow, actor(V1), scene.case, DAY)
    return next(one.record for one in found if one.half.digest == receipt.digest)


def wish(scene: Scene, told: Receipt, **changes: Any) -> dict[str, Any]:
    """What V1 wants to quote."""
    return {
        "receipt": told.digest,
        "incident": scene.hospital,
        "words": WORDS,
        "claims": [{"subject": "aircraft.number", "value": 2}],
        "descriptor": "doctor",
        "bands": BANDS,
        **changes,
    }


def propose(scene: Scene, told: Receipt, by: Person = V1, **changes: Any) -> str:
    what = scene.case, wish(scene, told, **changes)
    with scene.writing() as uow:
        return quotes.propose(scene.vault, uow, actor(by), what, DAY)


def listed(scene: Scene, by: Person = V2) -> tuple[Listed, ...]:
    with scene.unkept() as uow:
        return quotes.listing(scene.vault, uow, actor(by), scene.case, DAY)


def decide(scene: Scene, by: Person = V2, *, upheld: bool = True) -> None:
    """Decide on the newest quote."""
    decision = Decision(listed(scene)[0].proposed.name, upheld, "It says no more")
    with scene.writing() as uow:
        quotes.decide(scene.vault, uow, actor(by), (scene.case, decision), DAY)
