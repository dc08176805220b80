"""An item of evidence as its page shows it: the way it came, whether it is what it is said to be, who says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from vault.chains import Chain
from vault.evidence import Shown
from vault.pictures import FORMATS
from vault.rules.custody import Added, Event, File, What
from vault.rules.items import Entry
from vault.rules.opinions import Claim
from vault.rules.releases import Released
from vault.rules.vocabulary import Vocabulary
from web.evidence_words import (
    ADDED,
    CHECKS,
    EVENTS,
    FIELDS,
    FORMER,
    GRADES,
    HOWS,
    KINDS,
    ROLES,
    SAYS,
    shown_as,
)
from web.languages import Languages


@dataclass(frozen=True)
class Sheet:
    """An item, and who looks at it on which day."""

    shown: Shown
    vocabulary: Vocabulary
    languages: Languages
    reader: str
    today: date

    @property
    def chain(self) -> Chain:
        return self.shown.chain

    def facts(self) -> dict[str, Any]:
        """What was said of it when it came."""
        arrival = self.chain.item.arrival
        return {
            "id": self.chain.id,
            "title": arrival.facts.title,
            "kind": gettext(KINDS[arrival.facts.kind][0]),
            "how": gettext(HOWS[arrival.facts.origin.how]),
            "origin": arrival.facts.origin,
            "given": arrival.giver is not None,
            "giver": self.shown.giver,
            "withdrawn": self.chain.item.withdrawn,
            "by": self.chain.item.entries[0].author,
            "day": self.chain.item.entries[0].day,
        }

    def files(self) -> list[dict[str, Any]]:
        """Its files, those that stand first."""
        item = self.chain.item
        if item.withdrawn:
            return []
        stand = [{"role": gettext(ROLES[role]), "file": file} for role, file in item.current.items()]
        former = [file for file in item.files.values() if file not in item.current.values()]
        return [*stand, *({"role": gettext(FORMER), "file": file} for file in reversed(former))]

    def seen(self, asked: bool) -> dict[str, Any] | None:
        """The file that the page shows, the working copy before the original; `open`: it is in the chain today."""
        item = self.chain.item
        for file in (item.working, item.original):
            as_what = shown_as(file.media) if file else None
            if file is not None and as_what is not None:
                pictured = file.media in FORMATS and file is item.working
                opened = asked or self._opened_today(file)
                return {"file": file, "as": as_what, "open": opened, "preview": pictured}
        return None

    def timeline(self) -> list[dict[str, Any]]:
        """What happened to it, by the day on which it did."""
        rows = [row for entry in self.chain.item.entries for row in self._happened(entry)]
        return sorted(rows, key=lambda row: str(row["day"]))

    def bears(self) -> list[dict[str, Any]]:
        """What it says of which claim."""
        found = self.chain.item.bears
        return [{"says": SAYS[one.how], "claim": self.claim(one.about), "why": one.why} for one in found]

    def assessed(self) -> list[dict[str, Any]]:
        """Who takes it for what it is said to be."""
        return [
            {
                "by": by,
                "one": one,
                "grade": gettext(GRADES[one.grade]),
                "checks": [gettext(CHECKS[c]) for c in sorted(one.checks)],
            }
            for by, one in self.chain.item.assessed.items()
        ]

    def questions(self) -> list[dict[str, Any]]:
        """What experts answered, question by question."""
        return [
            {
                "question": one.question,
                "disagree": one.disagree,
                "given": [
                    {
                        "name": given.name,
                        "by": given.author,
                        "one": given.opinion,
                        "field": gettext(FIELDS[given.opinion.field]),
                        "claim": given.opinion.about and self.claim(given.opinion.about),
                    }
                    for given in one.given
                ],
            }
            for one in self.chain.item.questions
        ]

    def releases(self) -> list[dict[str, Any]]:
        """What may be said of it in public, or waits to be decided."""
        standing = {one.name for one in self.chain.item.releases}
        return [self._release(one, standing) for one in reversed(self.chain.item.released.values())]

    def claim(self, about: Claim) -> str:
        """A claim in the reader's language."""
        return self.languages.claim(self.languages.of(self.vocabulary), *about)

    def _release(self, one: Released, standing: set[str]) -> dict[str, Any]:
        opinion = self.chain.item.opinions.get(one.release.of or "")
        if one.recall is not None:
            state = "recalled"
        elif self.chain.item.withdrawn:
            state = "withdrawn"
        elif one.decision is None:
            state = "waits"
        elif not one.decision.upheld:
            state = "rejected"
        else:
            state = "stands" if one.name in standing else "replaced"
        return {
            "one": one,
            "text": sorted(one.release.text.items(), key=lambda said: (said[0] != "en", said)),
            "state": state,
            "opinion": opinion and opinion.opinion,
            "mine": one.author == self.reader,
        }

    def _opened_today(self, file: File) -> bool:
        return any(
            isinstance(entry.said, Event)
            and (entry.said.what, entry.said.file, entry.author) == (What.ACCESSED, file.file, self.reader)
            and entry.said.day == self.today
            for entry in self.chain.item.entries
        )

    def _happened(self, entry: Entry) -> Iterator[dict[str, Any]]:
        said = entry.said
        about = {"author": entry.author, "written": entry.day}
        if entry is self.chain.item.entries[0]:
            yield {**about, "what": gettext("Handed in"), "day": entry.day, "by": entry.author}
            for event in self.chain.item.arrival.facts.events:
                yield {**about, **self._event(event)}
        elif isinstance(said, Event):
            yield {**about, **self._event(said)}
        elif isinstance(said, Added):
            yield {
                **about,
                "what": gettext(ADDED[said.role]),
                "day": entry.day,
                "by": entry.author,
                "note": said.how,
            }

    def _event(self, event: Event) -> dict[str, Any]:
        roles = {file.file: gettext(ROLES[role]) for role, file in self.chain.item.current.items()}
        return {
            "what": gettext(EVENTS[event.what]),
            "day": event.day.isoformat(),
            "by": event.by,
            "to": event.to,
            "note": event.note,
            "held": event.held,
            "file": event.file and roles.get(event.file, gettext(FORMER)),
        }
