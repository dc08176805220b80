"""What answers a point of what was said: looked up where it stands today, never typed (docs/FORMATS.md §22).

A line of a published statement is named, not repeated. What is said of evidence and of opinions is what was released,
while a witness who gave the item allows it. Beside them: other points that contradict this one, what was asked and what
came back, findings that stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import chains, findings, register, releases, responses, statements
from vault.cases import Case
from vault.chains import Chain, Chains
from vault.errors import N_, NotFound, Refused
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules import responses as said
from vault.rules.answers import Document, Kind
from vault.rules.custody import File
from vault.rules.findings import Version
from vault.rules.points import Claim, Response
from vault.rules.rebuttals import Answered, Approached, Choice, Found, Line, Released, Source
from vault.rules.register import Row
from vault.rules.responses import Place
from vault.rules.vocabulary import value_to_json
from vault.sealing.statements import Statement
from vault.store.unit_of_work import UnitOfWork

PRINTED = ("image/jpeg", "image/png")
LARGEST_PICTURE = 8 * 2**20
_RECALLED = N_("A release does not stand any more: leave out what it was of, or have it released anew.")
_NO_STATEMENT = N_(
    "A statement that this sheet names is not published any more, or was revised: choose its lines anew."
)
_NO_CONFLICT = N_("Another thing that they said answers a point only where it contradicts it.")
_GONE = N_("What answers a point is not there any more: leave it out, or choose something else.")


@dataclass(frozen=True)
class Answers:
    """Where one reviewer looks up, on a day, what answers what was said in a case."""

    vault: Installation
    uow: UnitOfWork
    actor: Actor
    case: Case
    today: date

    def sheet(self, choice: Choice, head: Mapping[str, Any]) -> Document:
        """The sheet of a choice. Raises Refused, in a sentence, for what may not be used today."""
        response = self.response(choice.response)
        points = [self._point(choice.response, response, one) for one in choice.points]
        return {**head, "response": _spoken(response), "points": points}

    def statements_of(self, sheet: Document) -> dict[str, Statement]:
        """The statements that a sheet names, by digest. Raises Refused where one does not stand any more."""
        named = {
            one["statement"] for point in sheet["points"] for one in point["answers"] if "statement" in one
        }
        if not named <= self.statements.keys():
            raise Refused(_NO_STATEMENT)
        return {digest: self.statements[digest] for digest in sorted(named)}

    def pictures_of(self, choice: Choice) -> dict[str, tuple[str, File]]:
        """The pictures that a choice shows, by their SHA-256: of which item, which file."""
        chosen = [source for point in choice.points for source in point.answers]
        items = dict.fromkeys(one.item for one in chosen if isinstance(one, Released))
        found = ((item, self._chain(item).item.working) for item in items)
        return {file.sha256: (item, file) for item, file in found if file is not None}

    def answer(self, source: Source, place: Place) -> dict[str, Any]:
        """What a source says, for a point. Raises Refused where it may not be used today."""
        match source:
            case Line():
                return self._line(source)
            case Released():
                return self._released(source)
            case Approached():
                return self._reply(source)
            case Found():
                return self._finding(source)
        return self._contradicting(source, place)

    def offered(self, place: Place) -> Iterator[tuple[Source, dict[str, Any]]]:
        """What a point can be answered by: of statements first the lines on the claims that it is about."""
        about = self.responses.point(place).about
        incidents = {claim.incident for claim in about} or {one["incident"] for one in self.case.incidents}
        yield from sorted(self._lines(incidents), key=lambda one: not self._is_about(one[0], about))
        for source in (*self._releases(incidents), *self._conflicting(place), *self._rest(incidents)):
            yield source, self.answer(source, place)

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """Those of this case that are published, were not pulled, and that none that stands revises."""
        standing = [
            one for one in statements.every(self.uow) if one.pulled_by is None and one.case == self.case.id
        ]
        revised = {one.statement.previous for one in standing}
        return {
            one.statement.digest: one.statement for one in standing if one.statement.digest not in revised
        }

    @cached_property
    def responses(self) -> said.Standing:
        """What they said, and were asked, as it stands."""
        return responses.read(self.vault, self.uow, self.actor, self.case).standing

    @cached_property
    def chains(self) -> Chains:
        """The evidence. Raises Refused without its key."""
        return chains.of(self.vault, self.uow, self.actor, self.case.id)

    @cached_property
    def _gate(self) -> releases.Gate:
        return releases.Gate(self.chains, self.today)

    @cached_property
    def _findings(self) -> dict[Found, Version]:
        log = findings.read(self.vault, self.uow, self.actor, self.case)
        stand = ((name, one.stands) for name, one in log.standing.findings.items())
        return {Found(name, one.version.number): one.version for name, one in stand if one is not None}

    def response(self, name: str) -> Response:
        """A response that stands. Raises Refused."""
        if name not in self.responses.responses:
            raise Refused("There is no such response, or another stands in its place: answer that one.")
        return self.responses.responses[name]

    def _point(self, name: str, response: Response, answered: Answered) -> dict[str, Any]:
        if not 0 <= answered.point < len(response.points):
            raise Refused(_GONE)
        place = Place(name, answered.point)
        answers = [self.answer(source, place) for source in answered.answers]
        point = response.points[answered.point]
        return {"words": dict(point.words), "kind": str(point.kind), "answers": answers}

    def _line(self, source: Line) -> dict[str, Any]:
        statement = self.statements.get(source.statement)
        if statement is None or not 0 <= source.line < len(statement.lines):
            raise Refused(_NO_STATEMENT)
        return {"kind": str(Kind.STATEMENT), "statement": source.statement, "line": source.line}

    def _released(self, source: Released) -> dict[str, Any]:
        chain = self._chain(source.item)
        release = next((one for one in chain.item.releases if one.name == source.release), None)
        if release is None:
            raise Refused(_RECALLED)
        self._gate.require(chain, release.release)
        item, text = chain.item, dict(release.release.text)
        if release.release.of is not None:
            opinion = item.opinions[release.release.of].opinion
            graded = {"field": str(opinion.field), "answer": str(opinion.answer)}
            return {"kind": str(Kind.OPINION), **graded, "text": text}
        shown = item.working if release.release.picture and _is_printed(item.working) else None
        # By the hash whoever seizes a telephone finds the file there, and so who gave it.
        original = None if item.arrival.giver is not None else item.original
        return {
            "kind": str(Kind.EVIDENCE),
            "evidence": str(item.arrival.facts.kind),
            "text": text,
            "sha256": original and original.sha256,
            "picture": shown and shown.sha256,
        }

    def _contradicting(self, source: Place, place: Place) -> dict[str, Any]:
        if source not in self._conflicting(place):
            raise Refused(_NO_CONFLICT)
        point = self.responses.point(source)
        spoken = _spoken(self.response(source.response))
        return {"kind": str(Kind.RESPONSE), **spoken, "words": dict(point.words), "as": str(point.kind)}

    def _reply(self, source: Approached) -> dict[str, Any]:
        asked = self.responses.approaches.get(source.approach)
        if asked is None:
            raise Refused(_GONE)
        came = self.responses.returns[source.approach]
        last = max(came, key=lambda one: one.day).kind if came else None
        return {"kind": str(Kind.REPLY), "day": asked.day, "how": str(asked.how), "came": last and str(last)}

    def _finding(self, source: Found) -> dict[str, Any]:
        version = self._findings.get(source)
        if version is None:
            raise Refused("A finding does not stand as it was chosen: look at it, and choose it anew.")
        likely = str(version.likelihood)
        return {"kind": str(Kind.FINDING), "proposition": dict(version.proposition), "likelihood": likely}

    def _lines(self, incidents: set[str]) -> Iterator[tuple[Line, dict[str, Any]]]:
        for digest, statement in self.statements.items():
            for at in range(len(statement.lines)) if statement.incident in incidents else ():
                source = Line(digest, at)
                yield source, self._line(source)

    def _is_about(self, source: Line, about: tuple[Claim, ...]) -> bool:
        statement = self.statements[source.statement]
        line = statement.lines[source.line]
        named = (statement.incident, line["subject"], line["value"])
        return named in [(one.incident, one.subject, value_to_json(one.value)) for one in about]

    def _releases(self, incidents: set[str]) -> Iterator[Released]:
        for row in self._listed:
            if row.released and not row.fault and row.incident in incidents:
                with suppress(Refused):  # a witness gave it, and who reads this may not ask what they allow
                    standing = self._gate.standing(self._chain(row.item))
                    yield from (Released(row.item, one.name) for one in standing)

    def _conflicting(self, place: Place) -> tuple[Place, ...]:
        pairs = [(one.one, one.other) for one in said.conflicts(self.responses.responses)]
        found = [other if one == place else one for one, other in pairs if place in (one, other)]
        return tuple(dict.fromkeys(found))

    def _rest(self, incidents: set[str]) -> Iterator[Source]:
        for name, asked in self.responses.approaches.items():
            if incidents & set(asked.incidents):
                yield Approached(name)
        yield from (source for source, version in self._findings.items() if version.incident in incidents)

    def _chain(self, item: str) -> Chain:
        try:
            if item not in self._read:
                self._read[item] = self.chains.read(item)
            return self._read[item]
        except NotFound:
            raise Refused(_GONE) from None

    @cached_property
    def _read(self) -> dict[str, Chain]:
        """The chains that were read already."""
        return {}

    @cached_property
    def _listed(self) -> tuple[Row, ...]:
        """The evidence as its list has it; none for whoever may not read it."""
        if not chains.may_read(self.uow, self.actor, self.case.file):
            return ()
        return register.every(self.vault, self.uow, self.actor, self.case.id)


def _spoken(response: Response) -> dict[str, str]:
    return {"who": response.who, "said": response.said, "where": response.where}


def _is_printed(file: File | None) -> bool:
    return file is not None and file.media in PRINTED and file.size <= LARGEST_PICTURE
