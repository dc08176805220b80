"""The incidents worked by hand once more, through the whole vault: drafts handed in, sealed, unsealed, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.cast import R1, R2, V1
from tests.incidents.reading import Incident, Interview, incidents
from tests.readers import cut
from tests.stage import Facts, Scene, actor
from vault import cases
from vault.drafts import Draft
from vault.editions import Edition
from vault.receipts import Receipt
from vault.sealing import deposits
from vault.sealing.digests import digest, unb64
from vault.sealing.words import new_pseudonym
from vault.store.slots import destroy_shred

RESEARCHERS = {"R1": R1, "R2": R2}
# What a quorum or a custodian decides is not part of an interview, and nobody hands in one deposit twice.
HANDED_IN = {
    name: incident
    for name, incident in incidents().items()
    if incident.is_undecided
    and not any(interview.repeats for interview in incident.interviews)
    and not any(status.endswith(" anew") for status in incident.editions)
}


@dataclass
class Told:
    """One incident being told to the researchers of a vault."""

    scene: Scene
    incident: Incident
    id: str
    pseudonyms: dict[str, str] = field(default_factory=dict)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    drafts: dict[int, Draft] = field(default_factory=dict)

    def begin(self) -> None:
        """Everybody gets a pseudonym, so that the first may name the last."""
        for number, interview in enumerate(self.incident.interviews, 1):
            draft = self.scene.start(RESEARCHERS[interview.by], incident=self.id)
            self.drafts[number] = draft
            if self.kind(number) == "original":
                self.pseudonyms[interview.witness] = draft.pseudonym

    def kind(self, number: int) -> str:
        interview = self.incident.interviews[number - 1]
        if interview.corrects:
            return "correction"
        earlier = [one.witness for one in self.incident.interviews[: number - 1]]
        return "follow-up" if interview.witness in earlier else "original"

    def called(self, witness: str) -> str:
        return self.pseudonyms.setdefault(witness, new_pseudonym())

    def hand_in(self, edition: int) -> None:
        for number, interview in enumerate(self.incident.interviews, 1):
            if interview.edition == edition:
                raw = self.draft(number, interview)
                handed = self.scene.hand_in(RESEARCHERS[interview.by], self.drafts[number], raw)
                self.receipts[number] = handed
            if interview.withdrawn == edition:
                self.shred(self.receipts[number])

    def shred(self, receipt: Receipt) -> None:
        with self.scene.writing() as uow:
            record = deposits.record_id(unb64(receipt.withdrawal_token), "observations")
            destroy_shred(uow.shreds, digest("shred", record))

    def draft(self, number: int, interview: Interview) -> dict[str, Any]:
        kind = self.kind(number)
        facts: dict[str, Any] = {"date": "2015-11-03", "language": "ar", "mode": "in_person"}
        for name, witnesses in interview.named.items():
            facts[name] = [self.called(witness) for witness in witnesses]
        # Labels hold for a whole case, and these incidents share one: each has labels of its own.
        facts |= {name: f"{label} of {self.id}" for name, label in interview.labels.items()}
        facts["shown_before"] = [f"{label} of {self.id}" for label in interview.shown]
        correction = {"supersedes": self.receipts[interview.corrects].digest} if interview.corrects else {}
        return {
            "kind": kind,
            "pseudonym": None if kind == "original" else self.called(interview.witness),
            "reason": "It was misheard.",
            "consent": {"recording": True, "uses": ["corroboration"] if interview.counted else []},
            "interview": facts,
            "testimony": "It was before dawn.",
            "observations": [
                {**raw, "incident": self.id, **self.chain(raw)} for raw in interview.observations
            ],
            **correction,
        }

    def chain(self, raw: dict[str, Any]) -> dict[str, Any]:
        links = raw.get("chain", ())
        return {
            "chain": [
                {**link, "origin": self.called(link["origin"]) if link["origin"] else None} for link in links
            ]
        }


def begun(scene: Scene) -> Iterator[Told]:
    """All of them in one case."""
    places = [{"title": name, "place": "Sermin", "date": "2015-10-20"} for name in HANDED_IN]
    team = {"R1": ["brief"], "R2": ["brief"], "V1": ["brief", "corroboration", "editions"]}
    case = scene.open_case({"code": "S9", "title": "Worked by hand", "incidents": places}, team)
    scene = Scene(scene.folder, Facts(case, "", ""))
    with scene.reading() as uow:
        ids = {one["title"]: one["incident"] for one in cases.show(uow, actor(V1), case).incidents}
    for name, incident in HANDED_IN.items():
        yield Told(scene, incident, ids[name])


def shown(edition: Edition, told: Told) -> tuple[str, Any, Any]:
    entry = edition.incident(told.id)
    return entry["status"], entry["claims"], entry.get("details")


def expected(incident: Incident) -> tuple[str, Any, Any]:
    if incident.table is None:
        return incident.editions[-1], None, None
    return incident.editions[-1], list(incident.table), list(incident.beside)


def test_what_was_worked_by_hand_is_what_an_edition_says(scene: Scene) -> None:
    telling = list(begun(scene))
    assert len(telling) >= 40
    for told in telling:
        told.begin()
    for number in range(1, 1 + max(len(told.incident.editions) for told in telling)):
        for told in telling:
            told.hand_in(number)
        edition = cut(telling[0].scene, 30 * (number - 1))
        due = [told for told in telling if len(told.incident.editions) == number]
        assert {told.incident.name: shown(edition, told) for told in due} == {
            told.incident.name: expected(told.incident) for told in due
        }
