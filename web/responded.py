"""What the accused says, in words: the timeline of it, and where it contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext

from vault.cases import Case
from vault.errors import N_
from vault.responses import Log
from vault.rules.points import Claim, Image, Kind, Point, Response, Shown
from vault.rules.responses import Approach, Came, Conflict, Entry, How, Place, Return, conflicts
from vault.rules.vocabulary import Vocabulary
from web.dates import day
from web.languages import Languages

KINDS = {
    Kind.DENIES: N_("Denies it"),
    Kind.DOES_NOT_DISPUTE: N_("Does not dispute it"),
    Kind.ACKNOWLEDGES: N_("Acknowledges that it was so"),
    Kind.ACKNOWLEDGES_DENIES_RESPONSIBILITY: N_("Acknowledges that it was so, denies responsibility"),
    Kind.OTHER_EXPLANATION: N_("Explains it otherwise"),
    Kind.ACCEPTS: N_("Accepts responsibility"),
    Kind.DEMANDS: N_("Demands something"),
}
FINDINGS = {
    Shown.IS_NOT: N_("It is not what it was shown as"),
    Shown.IS: N_("It is what it was shown as"),
    Shown.CANNOT_SAY: N_("Whether it is what it was shown as, nobody can say yet"),
}
HOWS = {
    How.LETTER: N_("by letter"),
    How.E_MAIL: N_("by e-mail"),
    How.MEETING: N_("in a meeting"),
    How.CALL: N_("by telephone"),
    How.OTHER: N_("in another way"),
}
CAME = {
    Came.SUBSTANTIVE: N_("An answer to what was asked"),
    Came.ACKNOWLEDGED_ONLY: N_("Receipt acknowledged, nothing more"),
    Came.REFUSED: N_("A refusal to answer"),
}
_DID = {
    Kind.DENIES: N_("denied"),
    Kind.DOES_NOT_DISPUTE: N_("not disputed"),
    Kind.ACKNOWLEDGES: N_("acknowledged"),
    Kind.ACKNOWLEDGES_DENIES_RESPONSIBILITY: N_("acknowledged, but not responsibility for it"),
    Kind.OTHER_EXPLANATION: N_("explained otherwise"),
    Kind.ACCEPTS: N_("accepted"),
}
MOST_TOLD = 5  # conflicts beside one point; the data has them all


@dataclass(frozen=True)
class Timeline:
    """A case's log of what the accused says, as a page tells it: newest first, claims in the reader's words."""

    log: Log
    case: Case
    vocabularies: Mapping[str, Vocabulary]  # by incident
    languages: Languages

    def rows(self) -> list[dict[str, Any]]:
        """What stands, and what was asked; of what was replaced each earlier writing, under what stands."""
        told = [self._response(name, one) for name, one in self.log.standing.responses.items()]
        asked = [self._approach(name, one) for name, one in self.log.standing.approaches.items()]
        return sorted([*asked, *told], key=lambda row: str(row["day"]), reverse=True)

    def titled(self, response: Response) -> str:
        """A response in a list to choose from."""
        return f"{day(response.said)}: {response.who}"

    @cached_property
    def _entries(self) -> Mapping[str, tuple[Entry, str]]:
        days = (document["day"] for document in self.log.documents)
        return {entry.name: (entry, day) for entry, day in zip(self.log.entries, days, strict=True)}

    @cached_property
    def _conflicts(self) -> Mapping[Place, list[Conflict]]:
        found: dict[Place, list[Conflict]] = {}
        for one in conflicts(self.log.standing.responses):
            for place in (one.one, one.other):
                found.setdefault(place, []).append(one)
        return found

    def _response(self, name: str, one: Response) -> dict[str, Any]:
        entry, written = self._entries[name]
        places = [Place(name, at) for at in range(len(one.points))]
        return {
            "name": name,
            "day": one.said,
            "response": one,
            "author": entry.author,
            "written": written,
            "points": [self._point(*pair) for pair in zip(places, one.points, strict=True)],
            "imagery": [_image(image) for image in one.imagery],
            "before": self._before(one),
        }

    def _before(self, one: Response) -> dict[str, Any] | None:
        if one.replaces is None:
            return None
        entry, _ = self._entries[one.replaces]
        return self._response(entry.name, entry.said) if isinstance(entry.said, Response) else None

    def _point(self, place: Place, point: Point) -> dict[str, Any]:
        against = self._conflicts.get(place, [])
        return {
            "id": anchor(place),
            "words": sorted(point.words.items(), key=lambda one: (one[0] != "en", one)),
            "kind": gettext(KINDS[point.kind]),
            "about": [self._claim(claim) for claim in point.about],
            "conflicts": [self._conflict(one, place) for one in against[:MOST_TOLD]],
            "more": max(0, len(against) - MOST_TOLD),
        }

    def _claim(self, claim: Claim) -> dict[str, str]:
        vocabulary = self.languages.of(self.vocabularies[claim.incident])
        label = self.languages.claim(vocabulary, claim.subject, claim.value)
        return {"label": label, "incident": self.case.incident(claim.incident)["title"]}

    def _conflict(self, one: Conflict, here: Place) -> dict[str, Any]:
        (first, did), (second, contrary) = (self._did(place) for place in (one.one, one.other))
        return {
            "claim": self._claim(one.claim),
            "first": first,
            "did": did,
            "second": None if one.one.response == one.other.response else second,
            "contrary": contrary,
            "there": anchor(one.other if here == one.one else one.one),
        }

    def _did(self, place: Place) -> tuple[str, str]:
        response = self.log.standing.responses[place.response]
        return response.said, gettext(_DID[response.points[place.point].kind])

    def _approach(self, name: str, one: Approach) -> dict[str, Any]:
        entry, written = self._entries[name]
        return {
            "name": name,
            "day": one.day,
            "approach": one,
            "how": gettext(HOWS[one.how]),
            "incidents": [self.case.incident(incident)["title"] for incident in one.incidents],
            "author": entry.author,
            "written": written,
            "returns": [self._return(came) for came in self.log.standing.returns[name]],
        }

    def _return(self, came: Return) -> dict[str, Any]:
        now = came.response
        while now in self.log.standing.replaced:
            now = self.log.standing.replaced[now]
        return {
            "day": came.day,
            "kind": gettext(CAME[came.kind]),
            "summary": came.summary,
            "response": None if now is None else anchor(Place(now, 0)),
        }


def anchor(place: Place) -> str:
    """The id of a point on the page."""
    return f"said-{place.response}-{place.point + 1}"


def _image(image: Image) -> dict[str, Any]:
    return {
        "item": image.item,
        "shown_as": image.shown_as,
        "why": image.why,
        "finding": gettext(FINDINGS[image.finding]),
    }
