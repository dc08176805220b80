"""Rebuttal sheets: for one response, point by point, what was said and what answers it; entry by entry.

**Chosen.** A reviewer chooses: which points, and of each by what it is answered. The words are no choice. They are
those of statements, releases, responses and findings, and no number of witnesses stands in a sheet: it names lines of
published statements, and whoever prints it reads the numbers there.

**Made.** The program makes the sheet of what was chosen. Whoever decides on it has it made again: the same choice must
give the same sheet, or it is not upheld.

**Given out.** Upheld by another, signed by both, while all that it was made of still stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.answers import MOST_ANSWERS, MOST_POINTS, Document, check
from vault.rules.assessments import LONGEST_REASON, Decision, reason
from vault.rules.fields import Fields
from vault.rules.responses import Place

_NAME = 43


class Act(StrEnum):
    """What an entry does."""

    REBUTTAL = "rebuttal"
    DECISION = "decision"


@dataclass(frozen=True)
class Line:
    """A line of a published statement."""

    statement: str
    line: int


@dataclass(frozen=True)
class Released:
    """What was released of an item of evidence, or of an opinion on it."""

    item: str
    release: str


@dataclass(frozen=True)
class Approached:
    """That they were asked, and what came back."""

    approach: str


@dataclass(frozen=True)
class Found:
    """A version of a finding."""

    finding: str
    version: int


Source = Line | Released | Place | Approached | Found


@dataclass(frozen=True)
class Answered:
    """A point of the response, from 0 on, and what it shall be answered by."""

    point: int
    answers: tuple[Source, ...]


@dataclass(frozen=True)
class Choice:
    """What a sheet is made of: one response, those of its points that are answered, and by what."""

    response: str
    points: tuple[Answered, ...]

    @classmethod
    def from_json(cls, raw: object) -> "Choice":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A choice", ("response", "points"))
        points = tuple(_answered(one) for one in fields.items("points", MOST_POINTS))
        if not points or [one.point for one in points] != sorted({one.point for one in points}):
            raise Invalid("Choose at least one point, each once, in their order.", "points")
        return cls(fields.text("response", _NAME), points)

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 22)."""
        points = [
            {"point": one.point, "answers": list(map(source_to_json, one.answers))} for one in self.points
        ]
        return {"response": self.response, "points": points}


@dataclass(frozen=True)
class Proposal:
    """A sheet, what it was made of, and its author's signature."""

    sheet: Document = field(repr=False)
    choice: Choice
    signature: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Verdict:
    """What another made of a sheet, with the signature of who upholds it."""

    decision: Decision
    signature: Mapping[str, str] | None = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """One entry of a case's log of rebuttals: by what it is called, who wrote it, on which day, and what it says."""

    name: str
    author: str
    day: str
    said: Proposal | Verdict


@dataclass(frozen=True)
class Proposed:
    """A sheet and, once it was taken, the decision on it, each with who wrote it."""

    name: str
    author: str
    day: str
    proposal: Proposal
    decider: str | None = None
    verdict: Verdict | None = None

    @property
    def upheld(self) -> bool:
        """Whether another upheld it."""
        return self.verdict is not None and self.verdict.decision.upheld


def standing(entries: Iterable[Entry]) -> dict[str, Proposed]:
    """Every sheet by its entry's name, oldest first. Raises Invalid for a decision that nobody was free to take."""
    found: dict[str, Proposed] = {}
    for entry in entries:
        if isinstance(entry.said, Proposal):
            found[entry.name] = Proposed(entry.name, entry.author, entry.day, entry.said)
        else:
            one = _open(found, entry.author, entry.said.decision.motion)
            found[one.name] = replace(one, decider=entry.author, verdict=entry.said)
    return found


def _open(found: Mapping[str, Proposed], author: str, motion: str) -> Proposed:
    one = found.get(motion)
    if one is None:
        raise Invalid("There is no such sheet.")
    if one.verdict is not None:
        raise Invalid("This sheet was decided on already.")
    if one.author == author:
        raise Invalid("Somebody else decides on what you proposed.")
    return one


def from_json(act: object, raw: object) -> Proposal | Verdict:
    """What an entry says; raises Invalid."""
    if act == Act.REBUTTAL:
        fields = Fields(raw, "A rebuttal", ("sheet", "sources", "signature"))
        sheet, choice = check(fields.value("sheet")), Choice.from_json(fields.value("sources"))
        return Proposal(sheet, choice, _signature(fields))
    if act == Act.DECISION:
        fields = Fields(raw, "A decision", ("motion", "upheld", "reason", "signature"))
        upheld, why = fields.flag("upheld"), reason(fields.text("reason", LONGEST_REASON))
        signed = _signature(fields) if upheld else None
        if not upheld and fields.value("signature") is not None:
            raise Invalid("What is rejected is not signed.")
        return Verdict(Decision(fields.text("motion", _NAME), upheld, why), signed)
    raise Invalid("An entry is a rebuttal or a decision.")


def to_json(said: Proposal | Verdict) -> tuple[Act, dict[str, object]]:
    """What an entry says, as it stands in the log."""
    if isinstance(said, Proposal):
        content: dict[str, object] = {
            "sheet": dict(said.sheet),
            "sources": said.choice.to_json(),
            "signature": dict(said.signature),
        }
        return Act.REBUTTAL, content
    decision, signature = said.decision, said.signature and dict(said.signature)
    taken = {"motion": decision.motion, "upheld": decision.upheld, "reason": decision.reason}
    return Act.DECISION, {**taken, "signature": signature}


def _signature(fields: Fields) -> dict[str, str]:
    inner = Fields(fields.value("signature"), "A signature", ("by", "signature"))
    return {"by": inner.text("by", _NAME), "signature": inner.text("signature", 2 * _NAME)}


def _answered(raw: object) -> Answered:
    fields = Fields(raw, "A point of a choice", ("point", "answers"))
    answers = tuple(map(_source, fields.items("answers", MOST_ANSWERS)))
    if len(set(answers)) < len(answers):
        raise Invalid("Choose each answer to a point once.", "answers")
    return Answered(fields.whole("point"), answers)


def _source(raw: object) -> Source:
    members = set(raw) if isinstance(raw, Mapping) else set()
    fields = Fields(raw, "A source", members)
    if members == {"statement", "line"}:
        return Line(fields.text("statement", _NAME), fields.whole("line"))
    if members == {"item", "release"}:
        return Released(fields.text("item", _NAME), fields.text("release", _NAME))
    if members == {"response", "point"}:
        return Place(fields.text("response", _NAME), fields.whole("point"))
    if members == {"approach"}:
        return Approached(fields.text("approach", _NAME))
    if members == {"finding", "version"}:
        return Found(fields.text("finding", _NAME), fields.whole("version"))
    raise Invalid(
        "A source is a line of a statement, a release, a point, an approach or a finding.", "answers"
    )


def source_to_json(source: Source) -> dict[str, object]:
    """The JSON form of a source."""
    return source._asdict() if isinstance(source, Place) else dict(vars(source))
