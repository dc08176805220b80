"""What the factors of a finding say, and how each stands today (docs/FORMATS.md §21).

Nothing that a factor names is copied into a finding: it is looked up where it stands, by the reader's own keys. So the
figures of an edition, the chain of an item and the words of the accused are read as they are, and never as they were
retold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from vault import chains, editions, register, responses
from vault.cases import Case
from vault.chains import Chain, Chains
from vault.editions import Edition
from vault.errors import N_, Invalid, Message, NotFound
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.custody import OF_A_FILE, Event
from vault.rules.factors import CELLS, About, Counted, Item, Opinion, Point
from vault.rules.findings import Version
from vault.rules.items import Entry
from vault.rules.opinions import Opinion as Given
from vault.rules.points import Response
from vault.rules.register import Row
from vault.rules.vocabulary import value_to_json
from vault.store.unit_of_work import UnitOfWork

_NO_CELL = N_("Choose a claim of the figures that an edition has of this incident.")
_NO_ITEM = N_("There is no such item of evidence in this case, or no such entry of its chain.")
_NO_OPINION = N_("There is no such opinion on this item of evidence.")
_NO_POINT = N_("There is no such point of what the accused said.")


Kinds: TypeAlias = dict[str, dict[str, int]]  # by source, and of evidence by the kind of the item


@dataclass(frozen=True)
class Seen:
    """What a source says, and what has changed since it was weighed, in words; blank: nothing.

    `says` is None for evidence that the reader has no key for.
    """

    about: About
    says: Mapping[str, Any] | None
    now: str = ""


@dataclass(frozen=True)
class Sources:
    """Where one reader looks up what the factors of a case's findings name."""

    vault: Installation
    uow: UnitOfWork
    actor: Actor
    case: Case

    @cached_property
    def reads_evidence(self) -> bool:
        """Whether the reader may see what evidence says."""
        return chains.may_read(self.uow, self.actor, self.case.file)

    def see(self, about: About, incident: str) -> Seen:
        """What a factor of a finding on an incident says. Raises Invalid where there is nothing that it names."""
        if isinstance(about, Counted):
            return self._counted(about, incident)
        if isinstance(about, Point):
            return self._point(about)
        if not self.reads_evidence:
            return Seen(about, None)
        return self._item(about) if isinstance(about, Item) else self._opinion(about)

    def weighed(self, version: Version) -> tuple[Seen, ...]:
        """What each factor of a version says. Raises Invalid, naming the first by its number that names nothing."""
        return tuple(
            self._numbered(number, factor.about, version.incident)
            for number, factor in enumerate(version.factors, start=1)
        )

    def kinds(self, version: Version) -> Kinds:
        """How many factors a version has of each kind of source, items by their own kind; none is added to another."""
        found: Kinds = {}
        for factor in version.factors:
            about = factor.about
            row = self._register.get(about.item) if isinstance(about, Item) else None
            kind = (row and row.kind) or ("item" if isinstance(about, Item) else str(about.source))
            of = found.setdefault(str(about.source), {})
            of[kind] = of.get(kind, 0) + 1
        return found

    def offered(self, incident: str) -> Iterator[Seen]:
        """What a finding on an incident can rest on: the newest figures, the evidence and opinions, what was said."""
        yield from self._cells(incident)
        for row in self._register.values():
            if row.incident == incident and not row.fault:
                yield Seen(Item(row.item, row.head), {"evidence": row.kind, "title": row.title})
                given = self._chain(row.item).item.opinions if row.opinions else ()
                yield from (self._opinion(Opinion(row.item, name)) for name in given)
        for name, response in self._responses.standing.responses.items():
            yield from (self._point(Point(name, place)) for place in range(len(response.points)))

    def _numbered(self, number: int, about: About, incident: str) -> Seen:
        try:
            return self.see(about, incident)
        except Invalid as error:
            raise Invalid(
                "Factor %(number)d: %(fault)s", f"factors/{number - 1}", number=number, fault=error.message
            ) from None

    def _counted(self, about: Counted, incident: str) -> Seen:
        cell = self._cell(about, about.edition, incident)
        if cell is None:
            raise Invalid(_NO_CELL, "factors")
        return Seen(about, {"number": cell}, self._since(about, incident))

    def _since(self, about: Counted, incident: str) -> str:
        """What the newest edition says of the same cell."""
        newest = len(self._editions)
        then, now = (self._editions[number - 1].incident(incident) for number in (about.edition, newest))
        if now["claims"] is None:
            return Message(
                "Edition %(edition)d shows no figures of this incident: they are under review.",
                edition=newest,
            )
        cells = (self._cell(about, number, incident) for number in (about.edition, newest))
        if then["figures"] == now["figures"] or next(cells) == next(cells):
            return ""
        return Message(
            "Edition %(edition)d has another figure: look at it before you rest on this one.", edition=newest
        )

    def _cell(self, about: Counted, number: int, incident: str) -> dict[str, int] | None:
        """A cell of the figures that an edition has; None where it has none."""
        try:
            rows = self._editions[number - 1].incident(incident)["claims"] if number > 0 else None
        except (IndexError, NotFound):
            return None
        claim = about.subject, value_to_json(about.value)
        found = (_bounds(row[about.column]) for row in rows or () if (row["subject"], row["value"]) == claim)
        return next(found, None)

    def _cells(self, incident: str) -> Iterator[Seen]:
        """Every cell of the newest figures that counts somebody."""
        newest = len(self._editions)
        known = {one["incident"]: one for one in self._editions[-1].document["incidents"]} if newest else {}
        vocabulary = chains.vocabularies(self.vault, self.case)[incident]
        for row in known.get(incident, {}).get("claims") or ():
            value = vocabulary.check_value(row["subject"], row["value"])
            for column in CELLS:
                cell = _bounds(row[column])
                if cell["max"]:
                    yield Seen(Counted(newest, row["subject"], value, column), {"number": cell})

    def _item(self, about: Item) -> Seen:
        chain = self._chain(about.item)
        names = [entry.name for entry in chain.item.entries]
        if about.at not in names:
            raise Invalid(_NO_ITEM, "factors")
        later = [one for one in chain.item.entries[names.index(about.at) + 1 :] if _tells(one)]
        now = _gone_on(len(later)) if later else ""
        return Seen(about, _of(chain), chains.WITHDRAWN if chain.item.withdrawn else now)

    def _opinion(self, about: Opinion) -> Seen:
        chain = self._chain(about.item)
        if about.opinion not in chain.item.opinions:
            raise Invalid(_NO_OPINION, "factors")
        said: Given = chain.item.opinions[about.opinion].opinion
        facts = {"expert": said.expert, "field": str(said.field), "question": said.question}
        now = chains.WITHDRAWN if chain.item.withdrawn else ""
        return Seen(about, {**_of(chain), **facts, "answer": str(said.answer)}, now)

    def _point(self, about: Point) -> Seen:
        said = next((one.said for one in self._responses.entries if one.name == about.response), None)
        if not isinstance(said, Response) or not 0 <= about.point < len(said.points):
            raise Invalid(_NO_POINT, "factors")
        point = said.points[about.point]
        facts = {"who": said.who, "said": said.said, "words": dict(point.words), "as": str(point.kind)}
        replaced = about.response in self._responses.standing.replaced
        return Seen(about, facts, N_("This response was replaced by another.") if replaced else "")

    def _chain(self, item: str) -> Chain:
        """Raises Invalid where there is none."""
        if item not in self._read:
            try:
                self._read[item] = self._chains.read(item)
            except NotFound:
                raise Invalid(_NO_ITEM, "factors") from None
        return self._read[item]

    @cached_property
    def _read(self) -> dict[str, Chain]:
        """The chains that were read already."""
        return {}

    @cached_property
    def _editions(self) -> tuple[Edition, ...]:
        return editions.history(self.uow, self.actor, self.case)

    @cached_property
    def _responses(self) -> responses.Log:
        return responses.read(self.vault, self.uow, self.actor, self.case)

    @cached_property
    def _register(self) -> dict[str, Row]:
        """The list of the items, which is faster than their chains; without the evidence key empty."""
        rows = register.every(self.vault, self.uow, self.actor, self.case.id) if self.reads_evidence else ()
        return {row.item: row for row in rows}

    @cached_property
    def _chains(self) -> Chains:
        return chains.of(self.vault, self.uow, self.actor, self.case.id)


def _bounds(figure: int | Mapping[str, int]) -> dict[str, int]:
    """A cell as its lower and upper bound; those who perceived directly alone may have two."""
    return {"min": figure, "max": figure} if isinstance(figure, int) else dict(figure)


def _of(chain: Chain) -> dict[str, Any]:
    facts = chain.item.arrival.facts
    return {"evidence": str(facts.kind), "title": facts.title}


def _tells(entry: Entry) -> bool:
    """Whether an entry says more than that somebody opened a file, or found it as it was."""
    said = entry.said
    return not isinstance(said, Event) or said.what not in OF_A_FILE or said.held is False


def _gone_on(count: int) -> Message:
    if count == 1:
        return Message("Its chain has gone on since: 1 entry.")
    return Message("Its chain has gone on since: %(count)d entries.", count=count)
