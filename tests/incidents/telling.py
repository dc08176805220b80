"""Tells an incident worked by hand to a running vault, by the use cases: what was said, and what was decided since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.cast import R1, R2, V1, V2, Person, seed
from tests.incidents.reading import Incident, Interview, Raw
from tests.readers import code_again, coding, frames, plant
from tests.recognising import ALIKE, DOUBTFUL, YUSUF, sealed_match, settled
from tests.stage import DAY, Facts, Scene, actor, later
from vault import assessments, cases, keyrings
from vault.drafts import Draft
from vault.errors import Refused
from vault.receipts import Receipt
from vault.rules.assessments import Decision, Exclusion, Motion
from vault.rules.credibility import Excluded
from vault.rules.dependence import LinkKind, Settlement
from vault.sealing import deposits
from vault.sealing.digests import unb64, witness_tag
from vault.sealing.words import new_pseudonym
from vault.shredding import shred
from vault.testimonies import place

RESEARCHERS = {"R1": R1, "R2": R2}
COUNTING = ["brief", "corroboration", "editions"]
READING = ["brief", "testimony"]
TEAM = {"R1": READING, "R2": READING, "V1": COUNTING, "V2": COUNTING}
# What a second researcher wrote down of the same person, and of one who may be the same.
AGAIN = {LinkKind.SAME_PERSON: ALIKE, LinkKind.MAYBE_SAME_PERSON: DOUBTFUL}


@dataclass
class Told:
    """One incident being told to the members of a vault."""

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
        if interview.changes:
            return "consent"
        if interview.corrects:
            return "correction"
        earlier = [one.witness for one in self.incident.interviews[: number - 1]]
        return "follow-up" if interview.witness in earlier else "original"

    def called(self, witness: str) -> str:
        return self.pseudonyms.setdefault(witness, new_pseudonym())

    def tag(self, witness: str) -> str:
        return witness_tag(self.scene.case, self.called(witness))

    # --- what was said ---------------------------------------------------------------------------------------

    def hand_in(self, edition: int) -> None:
        """What comes in before an edition, and what is gone before it."""
        for number, interview in enumerate(self.incident.interviews, 1):
            if interview.edition == edition:
                self.deposit(number, interview)
            if interview.withdrawn == edition:
                self.shred(self.receipts[number])

    def deposit(self, number: int, interview: Interview) -> None:
        if interview.repeats:
            self.repeat(self.receipts[interview.repeats])
        else:
            by, raw = RESEARCHERS[interview.by], self.draft(number, interview)
            self.receipts[number] = self.scene.hand_in(by, self.drafts[number], raw)

    def draft(self, number: int, interview: Interview) -> dict[str, Any]:
        kind = self.kind(number)
        facts: dict[str, Any] = {"date": "2015-11-03", "language": "ar", "mode": "in_person"}
        for name, witnesses in interview.named.items():
            facts[name] = [self.called(witness) for witness in witnesses]
        # Labels hold for a whole case, and these incidents share one: each has labels of its own.
        facts |= {name: f"{label} of {self.id}" for name, label in interview.labels.items()}
        facts["shown_before"] = [f"{label} of {self.id}" for label in interview.shown]
        replaced = interview.corrects or interview.replaces
        replacing = {"supersedes": self.receipts[replaced].digest} if replaced else {}
        return {
            "kind": kind,
            "pseudonym": None if kind == "original" else self.called(interview.witness),
            "reason": "It was misheard.",
            "consent": {"recording": True, "uses": ["corroboration"] if interview.counted else []},
            "interview": facts,
            "testimony": "It was before dawn.",
            "observations": self.observed(interview.observations),
            **replacing,
            **self.matched(number, interview.witness),
        }

    def observed(self, said: Iterable[Raw]) -> list[Raw]:
        return [{**raw, "incident": self.id, **self.chain(raw)} for raw in said]

    def chain(self, raw: dict[str, Any]) -> dict[str, Any]:
        links = raw.get("chain", ())
        return {
            "chain": [
                {**link, "origin": self.called(link["origin"]) if link["origin"] else None} for link in links
            ]
        }

    def matched(self, number: int, witness: str) -> dict[str, Any]:
        """The match record of whoever turns out to be somebody else, or may be."""
        for kind, one, other in self.incident.same:
            if witness in (one, other) and self.kind(number) == "original":
                record = YUSUF if witness == one else AGAIN[LinkKind(kind)]
                return {"sealed_match": sealed_match(self.scene, self.drafts[number], record)}
        return {}

    # --- what no researcher does ------------------------------------------------------------------------------

    def shred(self, receipt: Receipt) -> None:
        with self.scene.writing() as uow:
            shred(uow, _record(receipt))

    def repeat(self, receipt: Receipt) -> None:
        """The same signed half once more, under another id: whoever counts can open it and seal it again."""
        scene, record = self.scene, _record(receipt)
        with scene.reading() as uow:
            file = cases.find(uow, scene.case)
            ((name, key),) = keyrings.case_keys(uow, actor(V1), file, "corroboration")
        where, sealed = place(file, name), {record: frames(scene, "observations")[record]}
        opened = deposits.unseal_halves(sealed, [(where, key)])[0][record]
        again = deposits.seal_half(
            opened["deposit"], opened["body"], file.keys["corroboration"], where, lambda _: seed(self.id)[:16]
        )
        plant(scene, "observations", again)

    # --- what was made of it ----------------------------------------------------------------------------------

    def code_again(self) -> None:
        """Another researcher, who may read, codes a testimony once more; nobody gets to do so with their own."""
        for number, coder, said in self.incident.recoded:
            own = self.incident.interviews[number - 1].by == coder
            with pytest.raises(Refused) if own else nullcontext():
                again = coding(self.receipts[number].digest, *self.observed(said))
                code_again(self.scene, RESEARCHERS[coder], again)

    def decide(self) -> None:
        """Links are settled and sources set aside: one reviewer moves it, another upholds it."""
        moved: list[Settlement | Exclusion] = [*self.settlements(), *self.exclusions()]
        for about in moved:
            self.assess(V1, Motion(about, "The second interview says so"))
            self.assess(V2, Decision(self.newest(), True, "Both accounts bear it out"))

    def settlements(self) -> Iterator[Settlement]:
        for kind, one, other, verdict, *about in self.incident.settled:
            claim = (self.id, about[0]) if about else None
            yield Settlement(LinkKind(kind), self.tag(one), self.tag(other), verdict == "dependent", claim)

    def exclusions(self) -> Iterator[Exclusion]:
        for witness, why in self.incident.excluded:
            yield Exclusion(self.tag(witness), self.id, Excluded(why))

    def assess(self, by: Person, said: Motion | Decision) -> None:
        with self.scene.writing() as uow:
            assessments.assess(uow, actor(by), self.scene.case, said, DAY)

    def newest(self) -> str:
        """By what the newest entry of the case's log is called."""
        with self.scene.reading() as uow:
            file = cases.find(uow, self.scene.case)
            keys = [key for _, key in keyrings.case_keys(uow, actor(V1), file, "corroboration")]
            return str(assessments.read(uow, file, keys).head)

    def sign_recut(self, edition: int) -> None:
        """A quorum signs that the edition of this number counts the incident anew, if that is its story."""
        if edition > len(self.incident.editions) or not self.incident.editions[edition - 1].endswith(" anew"):
            return
        roster = self.scene.roster()
        document = {
            "format": "witness-vault/v1/recut",
            "vault": roster.vault,
            "roster": roster.version,
            "case": self.scene.case,
            "incident": self.id,
            "edition": edition - 1,
            "requester": "V1",
            "reason": "court_or_mandate_asks",
            "day": DAY.isoformat(),
        }
        self.scene.carry(V1, document)


def begin(scene: Scene, incidents: Iterable[Incident]) -> list[Told]:
    """All of them in one new case."""
    chosen = list(incidents)
    places = [{"title": one.name, "place": "Sermin", "date": "2015-10-20"} for one in chosen]
    case = scene.open_case({"code": "S9", "title": "Worked by hand", "incidents": places}, TEAM)
    there = copy(scene)  # it shares what is open
    there._facts = Facts(case, "", "")
    with there.reading() as uow:
        ids = {one["title"]: one["incident"] for one in cases.show(uow, actor(V1), case).incidents}
    telling = [Told(there, incident, ids[incident.name]) for incident in chosen]
    for told in telling:
        told.begin()
    return telling


def editions(telling: list[Told]) -> Iterator[int]:
    """Everything that comes before each edition of their case; then its number, and it is to be cut."""
    for number in range(1, 1 + max(len(told.incident.editions) for told in telling)):
        for told in telling:
            told.hand_in(number)
            told.sign_recut(number)
        if number == 1:
            for told in telling:
                told.code_again()
                told.decide()
        settled(telling[0].scene, lambda *_: None, later(30 * (number - 1)))
        yield number


def _record(receipt: Receipt) -> bytes:
    return deposits.record_id(unb64(receipt.withdrawal_token), "observations")
