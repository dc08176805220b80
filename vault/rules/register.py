"""The list of a case's evidence: a row for each item, found by incident, kind and claim, never by what was told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from vault.errors import N_, Message
from vault.rules.evidence import Bearing, Kind
from vault.rules.fields import Fields
from vault.rules.items import Item
from vault.rules.skeletons import spell_claim
from vault.rules.vocabulary import value_to_json

TOGETHER = 50  # rows on one page
GONE = N_("This item was in the list, and is not here any more. Tell a custodian.")
CUT = N_("Entries that the custody chain of this item had are missing. Tell a custodian.")
_LONGEST = 200


class Said(NamedTuple):
    """What an item says of one claim, which `claim` spells as a cell of a table does; the value as JSON has it."""

    claim: str
    subject: str
    value: Any
    how: str


class Row(NamedTuple):
    """What the list says of an item. `fault`: why nobody can vouch for it; then the rest may be blank."""

    item: str
    entries: int
    fault: str = ""
    head: str = ""  # by what the newest entry is called
    day: str = ""
    kind: str = ""
    title: str = ""
    incident: str = ""
    says: tuple[Said, ...] = ()
    sha256: str | None = None
    media: str | None = None
    working: str | None = None  # the working copy, by the id of its file
    grades: tuple[str, ...] = ()
    opinions: int = 0
    events: int = 0
    released: int = 0
    given: bool = False  # by a witness
    differ: bool = False  # experts, on some question
    last: str = ""  # what happened to it most lately, and when
    last_day: str = ""
    waits: tuple[str, ...] = ()  # who proposed what nobody has decided on yet

    @classmethod
    def of(cls, name: str, item: Item) -> "Row":
        """What it says of an item that was read."""
        facts, original, working = item.arrival.facts, item.original, item.working
        return cls(
            item=name,
            entries=len(item.entries),
            head=item.head,
            day=item.entries[0].day,
            kind=str(facts.kind),
            title=facts.title,
            incident=facts.incident,
            says=tuple(map(_said, item.bears)),
            sha256=original.sha256 if original else None,
            media=original.media if original else None,
            working=working.file if working else None,
            grades=tuple(sorted({str(one.grade) for one in item.assessed.values()})),
            opinions=len(item.opinions),
            events=len(item.events),
            released=len(item.releases),
            given=item.arrival.giver is not None,
            differ=any(one.disagree for one in item.questions),
            last=str(item.events[-1].what) if item.events else "",
            last_day=item.events[-1].day.isoformat() if item.events else "",
            waits=tuple(
                one.author
                for one in item.released.values()
                if not (item.withdrawn or one.decision or one.recall)
            ),
        )

    @classmethod
    def from_json(cls, raw: list[Any]) -> "Row":
        """A row as JSON has it, column by column; raises TypeError or IndexError for one of another version."""
        raw[_SAYS] = tuple(map(Said._make, raw[_SAYS]))
        raw[_GRADES], raw[_WAITS] = tuple(raw[_GRADES]), tuple(raw[_WAITS])
        return cls._make(raw)


_SAYS, _GRADES, _WAITS = map(Row._fields.index, ("says", "grades", "waits"))


@dataclass(frozen=True)
class Wanted:
    """Which items somebody looks for; blank is any. A claim without a value is any claim of its subject."""

    incident: str = ""
    kind: str = ""
    claim: str = ""
    page: int = 1

    @classmethod
    def parse(cls, raw: object) -> "Wanted":
        """From what an address says, all of it text; raises Invalid."""
        fields = Fields(raw, "The list", ("incident", "kind", "claim", "page"))
        page = fields.text("page", 6, "1")
        if not (page.isascii() and page.isdecimal() and int(page)):
            raise fields.fault("page", "a number from 1 on")
        incident, kind, claim = (fields.text(name, _LONGEST, "") for name in ("incident", "kind", "claim"))
        if kind and kind not in set(Kind):
            raise fields.fault("kind", Message("one of %(codes)s", codes=", ".join(Kind)))
        return cls(incident, kind, claim, int(page))

    def fits(self, row: Row) -> bool:
        """Whether an item is among them. What nobody can vouch for is always shown."""
        if row.fault:
            return True
        about = self.incident in ("", row.incident) and self.kind in ("", row.kind)
        return about and (not self.claim or any(self.claim in (one.claim, one.subject) for one in row.says))


@dataclass(frozen=True)
class Page:
    """Some of the items that were looked for, how many there are, which claims they can be looked for by."""

    rows: tuple[Row, ...]
    found: int
    page: int
    pages: int
    claims: tuple[tuple[str, Said], ...]


def is_whole(head: str, item: Item) -> bool:
    """Whether the entry that the list knew last of a chain, if any, is still in it: one whose end was cut off may have
    been gone on with since."""
    return head in ("", *(entry.name for entry in item.entries))


def page(rows: Iterable[Row], wanted: Wanted) -> Page:
    """A page of those that are wanted: first what nobody can vouch for, then the newest."""
    every = list(rows)
    found = sorted((row for row in every if wanted.fits(row)), key=lambda row: (row.title, row.item))
    found.sort(key=lambda row: (bool(row.fault), row.day), reverse=True)
    pages = max(1, -(-len(found) // TOGETHER))
    at = min(wanted.page, pages)
    known = (row for row in every if wanted.incident in ("", row.incident))
    claims = {one.claim: one for row in known for one in row.says}
    some = found[(at - 1) * TOGETHER : at * TOGETHER]
    return Page(tuple(some), len(found), at, pages, tuple(sorted(claims.items())))


def _said(one: Bearing) -> Said:
    subject, value = one.about[0], value_to_json(one.about[1])
    return Said(spell_claim(subject, value), subject, value, str(one.how))
