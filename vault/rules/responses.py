"""What the accused says, entry by entry; what they were asked, what came back, and where they contradict themselves.

**Response.** Somebody said something, point by point. Each point is of one kind and about some claims, or about none.
What another response replaces, to mend how it was written down, stands no more.

**Approach and return.** The right of reply: what was asked of whom, and what came back. Silence is an approach to which
nothing came back.

**Conflict.** About one claim, a point that denies it and a point that does not, of responses that stand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from vault.errors import Invalid, Message
from vault.rules.fields import Fields
from vault.rules.points import LONGEST_LINE, LONGEST_NAME, Claim, Kind, Known, Point, Response, optional_name

LONGEST_TOLD = 2_000


class Act(StrEnum):
    """What an entry does."""

    RESPONSE = "response"
    APPROACH = "approach"
    RETURN = "return"


class How(StrEnum):
    """By what way they were asked."""

    LETTER = "letter"
    E_MAIL = "e_mail"
    MEETING = "meeting"
    CALL = "call"
    OTHER = "other"


class Came(StrEnum):
    """What came back."""

    SUBSTANTIVE = "substantive"
    ACKNOWLEDGED_ONLY = "acknowledged_only"
    REFUSED = "refused"


@dataclass(frozen=True)
class Approach:
    """What was asked of whom, on which day, by what way, about which incidents."""

    day: str
    to: str
    how: How
    incidents: tuple[str, ...]
    asked: str

    @classmethod
    def from_json(cls, raw: object, known: Known) -> "Approach":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "An approach", ("day", "to", "how", "incidents", "asked"))
        incidents = fields.distinct("incidents", len(known))
        if not incidents or not set(incidents) <= set(known):
            raise Invalid("Say about which incidents of this case they were asked.", "incidents")
        return cls(
            day=fields.day("day").isoformat(),
            to=fields.line("to", LONGEST_LINE),
            how=fields.choice("how", How),
            incidents=tuple(incidents),
            asked=_told(fields, "asked"),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        facts = {"day": self.day, "to": self.to, "how": str(self.how)}
        return {**facts, "incidents": list(self.incidents), "asked": self.asked}


@dataclass(frozen=True)
class Return:
    """What came back on an approach; `response` is the entry that holds it, where it says something."""

    approach: str
    day: str
    kind: Came
    summary: str
    response: str | None

    @classmethod
    def from_json(cls, raw: object) -> "Return":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A return", ("approach", "day", "kind", "summary", "response"))
        return cls(
            approach=fields.text("approach", LONGEST_NAME),
            day=fields.day("day").isoformat(),
            kind=fields.choice("kind", Came),
            summary=_told(fields, "summary"),
            response=optional_name(fields, "response"),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        facts = {"approach": self.approach, "day": self.day, "kind": str(self.kind)}
        return {**facts, "summary": self.summary, "response": self.response}


Said = Response | Approach | Return


@dataclass(frozen=True)
class Entry:
    """One entry of a case's log: by what it is called, who wrote it down, and what it says."""

    name: str
    author: str
    said: Said


class Place(NamedTuple):
    """A point of a response: by what the response is called, and which of its points, from 0 on."""

    response: str
    point: int


@dataclass(frozen=True)
class Conflict:
    """Two points that contradict each other about a claim; what was said earlier comes first."""

    claim: Claim
    one: Place
    other: Place


@dataclass
class Standing:
    """What of a log stands. `responses` are all that nothing replaced; `returns` are by the approach."""

    responses: dict[str, Response] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    approaches: dict[str, Approach] = field(default_factory=dict)
    returns: dict[str, list[Return]] = field(default_factory=dict)

    def point(self, place: Place) -> Point:
        """A point of a response that stands. Raises Invalid."""
        response = self.responses.get(place.response)
        if response is None or not 0 <= place.point < len(response.points):
            raise Invalid("There is no such point of a response that stands.")
        return response.points[place.point]


def standing(entries: Iterable[Entry]) -> Standing:
    """What stands of a log, oldest entry first. Raises Invalid for an entry that names what is not there."""
    found = Standing()
    for entry in entries:
        said = entry.said
        if isinstance(said, Response):
            _replace(found, entry.name, said)
        elif isinstance(said, Approach):
            found.approaches[entry.name] = said
            found.returns[entry.name] = []
        else:
            _return(found, said)
    return found


def conflicts(responses: Mapping[str, Response]) -> tuple[Conflict, ...]:
    """Every two points of these that contradict each other, claim by claim."""
    denied: dict[Claim, list[Place]] = {}
    granted: dict[Claim, list[Place]] = {}
    for name, response in responses.items():
        for place, point in enumerate(response.points):
            for claim in point.about:
                side = denied if point.kind is Kind.DENIES else granted
                side.setdefault(claim, []).append(Place(name, place))

    def when(place: Place) -> tuple[str, Place]:
        return responses[place.response].said, place

    return tuple(
        Conflict(claim, *sorted((one, other), key=when))
        for claim in denied
        for one in denied[claim]
        for other in granted.get(claim, ())
    )


def from_json(act: object, raw: object, known: Known) -> Said:
    """What an entry says, about the incidents of a case; raises Invalid."""
    if act == Act.RESPONSE:
        return Response.from_json(raw, known)
    if act == Act.APPROACH:
        return Approach.from_json(raw, known)
    if act == Act.RETURN:
        return Return.from_json(raw)
    raise Invalid("An entry is a response, an approach or a return.")


def act_of(said: Said) -> Act:
    """What an entry that says this does."""
    if isinstance(said, Response):
        return Act.RESPONSE
    return Act.APPROACH if isinstance(said, Approach) else Act.RETURN


def _replace(found: Standing, name: str, response: Response) -> None:
    if response.replaces is not None:
        if found.responses.pop(response.replaces, None) is None:
            raise Invalid("What this would replace is not there, or was replaced already.", "replaces")
        found.replaced[response.replaces] = name
    found.responses[name] = response


def _return(found: Standing, said: Return) -> None:
    asked = found.approaches.get(said.approach)
    if asked is None:
        raise Invalid("There is no such approach.", "approach")
    if said.day < asked.day:
        raise Invalid("What came back came on the day of the approach, or later.", "day")
    if said.response is not None and said.response not in found.responses:
        raise Invalid(
            "What they said is not there, or was replaced: name the response that stands.", "response"
        )
    found.returns[said.approach].append(said)


def _told(fields: Fields, name: str) -> str:
    text = fields.text(name, LONGEST_TOLD)
    if not text.strip():
        raise fields.fault(name, Message("text of 1 to %(most)s characters", most=f"{LONGEST_TOLD:,}"))
    return text
