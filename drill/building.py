"""Build the world: a vault is founded, works for a while, changes its custodians, and is stopped."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from drill import keeping, naive, story, telling
from drill.serving import Desk, ask_wrongly, served
from drill.world import AGED, BEFORE, FIRST, LOGS, NAIVE, SECOND, SNAPSHOT, VAULT, Truth, Witness, World
from migrations import upgrade
from tests import stage
from tests.cast import C1, CUSTODIANS, R1, R2, V1, V2, Person, following
from tests.proofs import V3
from tests.sealing.epochs import NEXT
from tests.sharing import begin_epoch, share_anew
from tests.stage import DAYS, Facts, Scene, actor
from vault import cases
from vault.opening import entrust
from vault.sealing.deposits import record_id
from vault.sealing.digests import canonical, unb64
from vault.store.unit_of_work import DATABASES

R9 = Person("R9", "researcher")
LATE = 2  # come between two archives
KEYS = ["brief", "corroboration", "editions", "evidence"]
TEAM = {"R1": ["brief"], "R2": ["brief"], "R9": ["brief"], "V1": KEYS, "V2": [*KEYS, "testimony"], "V3": KEYS}


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    witnesses: int = 300
    incidents: int = 40
    cases: int = 3


SHORT = Size(36, 4, 2)


@dataclass
class Works:
    """A vault at work: its people's clients, its cases' incidents, and who came so far."""

    scene: Scene
    address: str
    desks: dict[str, Desk]
    cases: dict[str, list[str]]
    came: list[Witness] = field(default_factory=list)
    sealed: dict[str, Any] = field(default_factory=dict)  # by pseudonym: the identity as it was handed in

    def incident(self, number: int) -> tuple[str, str]:
        """The case and the incident of one witness; of the first one three speak, and it comes to a statement."""
        places = [(case, incident) for case, incidents in self.cases.items() for incident in incidents]
        return places[0 if number < 3 else 1 + number % (len(places) - 1)]

    def case_of(self, witness: Witness) -> str:
        """In which case a witness spoke."""
        return next(case for case, incidents in self.cases.items() if witness.incident in incidents)

    def log(self, number: int) -> Witness:
        """One witness is interviewed by one of three researchers."""
        by = ("R1", "R2", "R9")[number % 3]
        case, incident = self.incident(number)
        known = [one for one in self.came[-20:] if one.incident == incident]
        together = [known[-1].pseudonym] if known and number % 11 == 10 else []
        who, raw = telling.identity(number), telling.interview(number, incident, together)
        started = self.desks[by].post(f"/api/cases/{case}/drafts", {"incident": incident})
        named = {"format": "witness-vault/v1/identity", "pseudonym": started["pseudonym"]}
        roster = self.scene.roster()
        sealed = entrust(canonical({**named, **who}), "identity", started["identity_record"], roster)
        path = f"/api/drafts/{started['draft']}/deposit"
        receipt = self.desks[by].post(path, {**raw, "sealed_identity": sealed})
        self.sealed[receipt["pseudonym"]] = sealed
        token = unb64(receipt["withdrawal_token"], 32)
        records = {half: record_id(token, half) for half in cases.HALVES}
        records["identity"] = unb64(started["identity_record"])
        facts = receipt["pseudonym"], receipt["withdrawal_token"], receipt["digest"]
        witness = Witness(who, *facts, incident, by, raw["testimony"], records)
        self.came.append(witness)
        return witness


def build(folder: Path, size: Size) -> World:
    """The world in an empty folder."""
    vault = folder / VAULT
    vault.mkdir()
    for name in DATABASES:
        upgrade(name, f"sqlite:///{vault / name}.db")
    scene = Scene(vault)
    with served(vault, folder / LOGS) as address:  # it starts while the vault is founded
        works = _founded(scene, address, size)
        keeping.make_keys(scene, 1)
        random = Random(1)
        late = range(
            2 * size.witnesses // 3, 2 * size.witnesses // 3 + LATE
        )  # no table of slots doubles there
        for number in range(size.witnesses):
            if number == late.start:
                keeping.image(scene, "first")
                keeping.archive(scene, FIRST)
            works.log(number)
            if number not in late:
                story.come_back(works, random, number)
            elif number == late.stop - 1:
                keeping.archive(scene, SECOND)
        opening = story.speak(works)
        shutil.copytree(vault, folder / BEFORE)
        shutil.copytree(folder / SNAPSHOT, folder / AGED)
        keeping.withdraw(works)
        for one in works.came[:2]:
            ask_wrongly(address, one.pseudonym)
            ask_wrongly(address, one.token)
        for desk in works.desks.values():
            desk.close()
    _change_custodians(scene)
    keeping.make_keys(scene, 2)
    keeping.append_to_log(scene)
    keeping.image(scene, "last")
    keeping.archive(scene, "third.archive")
    scene.close()
    truth = Truth(tuple(works.came), telling.MARK)
    (folder / NAIVE).mkdir()
    naive.build(folder / NAIVE, truth)
    assert scene._facts is not None
    return World(folder, truth, scene._facts, opening, NEXT, CUSTODIANS)


def _founded(scene: Scene, address: str, size: Size) -> Works:
    """Everybody has enrolled, and all cases are open."""
    scene.staff()
    newcomers = (V3, R9)
    scene.carry(C1, stage.invitations(scene.roster(), newcomers))
    for member in newcomers:
        scene.enrol(member)
    scene.carry(C1, following(scene.roster(), newcomers, **DAYS))
    opened = {}
    for number in range(size.cases):
        titles = len(range(number, size.incidents, size.cases))
        case = scene.open_case(telling.plan(number, titles), TEAM)
        with scene.reading() as uow:
            opened[case] = [one["incident"] for one in cases.show(uow, actor(V1), case).incidents]
    first, (hospital, mosque, *_) = next(iter(opened.items()))
    scene._facts = Facts(first, hospital, mosque)
    return Works(scene, address, {one.code: Desk(address, one) for one in (R1, R2, R9, V1, V2)}, opened)


def _change_custodians(scene: Scene) -> None:
    """R9 leaves, then C5, for whom C6 comes; everything is shared anew."""
    kept = [entry for entry in scene.roster().document["members"] if entry["code"] != "R9"]
    scene.carry(C1, {**following(scene.roster(), **DAYS), "members": kept})
    begin_epoch(scene)
    share_anew(scene)
