"""The Sermin case up to its statement: three reviewers who may count, three accounts, pools and contacts by two."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests import stage
from tests.cast import C1, R1, V1, V2, Person, following
from tests.proofs import V3
from tests.readers import cut
from tests.stage import DAY, DAYS, PLAN, After, Facts, Scene, actor
from vault import approving, assessments, cases, keyrings, preparing, publishing, statements
from vault import roster as rosters
from vault.keyrings import Actor
from vault.preparing import Choice, Considered
from vault.publishing import Packet
from vault.rules.access import Role
from vault.rules.assessments import Contacts, Decision, Motion, Pool
from vault.rules.circumstances import Band
from vault.rules.disclosure import Form
from vault.rules.sheets import Cell
from vault.sealing import preparations
from vault.sealing.preparations import Approved
from vault.sealing.signatures import Signed, signature
from vault.sealing.statements import Statement
from vault.statements import Held

KEYS = ["brief", "corroboration", "editions", "evidence"]
TEAM = {"R1": ["brief"], "R2": ["brief"], "V1": KEYS, "V2": KEYS, "V3": KEYS}
STRIKE = Cell("strike.took_place", "yes", "direct")
AIRCRAFT = Cell("aircraft.present", "yes", "direct")
TWO = Cell("aircraft.number", 2, "saw")
ABOUT = {
    "en": "the strike on a field hospital in Sermin, Idleb, on 20 October 2015",
    "ar": "قصف مشفى ميداني في سرمين",
}
POOLS = {
    "strike.took_place": Band.FROM_50,
    "aircraft.present": Band.FROM_50,
    "aircraft.number": Band.FROM_20,
}
ALL = ("internal", "corroboration", "aggregate", "count_exact", "detail")
CODING = Path(__file__).parent / "rules" / "sermin.json"


@dataclass(frozen=True)
class Sermin:
    """The ids of the case, and the witnesses' pseudonyms."""

    facts: Facts
    witnesses: tuple[str, ...]


def speaker(person: Person) -> Actor:
    """Whom a use case sees; the third reviewer is none of the usual cast."""
    return Actor("V3", Role.REVIEWER, V3.secret) if person is V3 else actor(person)


def three_reviewers(scene: Scene) -> None:
    """A third reviewer joins, and a case opens in which all three may count."""
    scene.carry(C1, stage.invitations(scene.roster(), (V3,)))
    scene.enrol(V3)
    scene.carry(C1, following(scene.roster(), (V3,), **DAYS))
    case = scene.open_case(PLAN, TEAM)
    with scene.reading() as uow:
        names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
    scene._facts = Facts(case, *names)


def told(scene: Scene, **uses: list[str]) -> tuple[str, ...]:
    """The three accounts, and whose they are; `w1=[…]` gives the first witness other uses."""
    pseudonyms = []
    coding = json.loads(CODING.read_text())["coding"]
    for number in (1, 2, 3):
        said = [
            {"incident": scene.hospital}
            | {name: one[name] for name in ("subject", "value", "perception", "modality")}
            | ({"chain": one["chain"]} if "chain" in one else {})
            for one in coding
            if one["witness"] == number
        ]
        allowed = uses.get(f"w{number}", list(ALL))
        receipt = scene.deposit(R1, *said, consent={"recording": True, "uses": allowed})
        pseudonyms.append(receipt.pseudonym)
    return tuple(pseudonyms)


def counted(scene: Scene) -> Sermin:
    """Everything up to the table; nobody has said yet what surrounds it."""
    three_reviewers(scene)
    witnesses = told(scene)
    cut(scene)
    return Sermin(scene._known, witnesses)


def around(scene: Scene) -> dict[str, Pool | Contacts]:
    """What two reviewers have to agree on, by what each thing is called."""
    pools = {subject: Pool(scene.hospital, subject, band) for subject, band in POOLS.items()}
    return {**pools, "contacts": Contacts(scene.hospital, 1, 60, 60)}


def sermin(scene: Scene) -> Sermin:
    """Everything up to the statement."""
    made = counted(scene)
    for thing in around(scene).values():
        agree(scene, thing)
    return made


def agree(scene: Scene, about: Pool | Contacts) -> None:
    """One reviewer enters it, another upholds it."""
    with scene.writing() as uow:
        assessments.assess(uow, actor(V1), scene.case, Motion(about, "As the municipality says"), DAY)
    with scene.writing() as uow:
        file = cases.find(uow, scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V2), file, "corroboration")]
        newest = assessments.read(uow, file, keys).entries[-1].name
        assessments.assess(uow, actor(V2), scene.case, Decision(newest, True, "I asked there too"), DAY)


def opened(after: After, act: Callable[[Scene], Sermin] = sermin) -> tuple[Scene, Sermin]:
    """A copy of that vault, with its case in front."""
    scene, made = after(act)
    scene._facts = made.facts
    return scene, made


def choice(
    scene: Scene,
    form: Form = Form.EXACT,
    cells: tuple[Cell, ...] = (STRIKE, AIRCRAFT, TWO),
    quotes: tuple[str, ...] = (),
) -> Choice:
    return Choice(scene.hospital, cells, form, quotes)


def considered(scene: Scene, by: Person = V1, day: date = DAY, **changes: Any) -> Considered:
    with scene.reading() as uow:
        place = scene.case, choice(scene, **changes)
        return preparing.consider(scene.vault, uow, speaker(by), place, day)


def prepare(scene: Scene, by: Person = V1, about: dict[str, str] = ABOUT, **changes: Any) -> str:
    """The statement, prepared; its name."""
    with scene.writing() as uow:
        place = scene.case, choice(scene, **changes)
        return preparing.prepare(scene.vault, uow, speaker(by), place, about, DAY)


def approve(scene: Scene, by: Person, name: str, day: date = DAY) -> Approved:
    with scene.writing() as uow:
        return approving.approve(scene.vault, uow, speaker(by), (scene.case, name), day)


def approved(scene: Scene, **changes: Any) -> str:
    """The statement, prepared by one and approved by two; its name."""
    name = prepare(scene, **changes)
    approve(scene, V2, name)
    approve(scene, V3, name)
    return name


def packets(scene: Scene, by: Person) -> list[Packet]:
    with scene.reading() as uow:
        return publishing.waiting(uow, speaker(by))


def signed_on_device(scene: Scene, by: Person, name: str = "") -> tuple[str, Signed]:
    """What a custodian's device makes of a packet that waits: the one of this name, or the only one."""
    (packet,) = (one for one in packets(scene, by) if name in ("", one.name))
    with scene.reading() as uow:
        chain = rosters.history(uow)
    found = preparations.open_packet(by.secret.sealing, chain, (packet.name, by.code), packet.sealed)
    entry = signature(found.prepared.statement.document, by.code, by.secret.signing)
    return packet.name, found.signed(entry)


def hand_in(scene: Scene, by: Person, name: str, signed: Signed) -> Statement:
    with scene.writing() as uow:
        return publishing.publish(uow, speaker(by), name, signed, DAY)


def publish(scene: Scene, by: Person) -> Statement:
    return hand_in(scene, by, *signed_on_device(scene, by))


def published(scene: Scene) -> str:
    """The statement, prepared by one, approved by two, signed by a custodian; its name."""
    name = approved(scene)
    publish(scene, C1)
    return name


def listing(scene: Scene, by: Person = V2) -> tuple[Held, ...]:
    with scene.reading() as uow:
        return statements.listing(uow, speaker(by), scene.case)
