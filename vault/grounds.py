"""What a statement stands on: an incident's newest figures without names, and what is allowed of them today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from vault import corroboration, keyrings, proofs
from vault.cases import Case
from vault.editions import Edition
from vault.errors import NotFound
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.proofs import Opener
from vault.rules.assessments import Standing as Assessed
from vault.rules.circumstances import Circumstances
from vault.rules.consent import Use
from vault.rules.disclosure import Line, counted
from vault.rules.editions import must_have_come
from vault.rules.sheets import Cell, Person, Sheet
from vault.sealing.commitments import leaf_hash, line_digest
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Grounds:
    """The figures as they were frozen (`sheet`), and with no more than what witnesses still allow (`narrowed`)."""

    incident: str
    entry: Mapping[str, Any]
    root: bytes
    sheet: Sheet = field(repr=False)
    narrowed: Sheet = field(repr=False)
    opener: Opener = field(repr=False)
    standing: Assessed = field(repr=False)
    came: int  # how many must have spoken between the edition of the figures and the one before

    def circumstances(
        self, published: Mapping[Cell, int] | None = None, days: Sequence[date] = ()
    ) -> Circumstances:
        """What two reviewers signed around these figures, beside what was published of the incident and when."""
        signed = self.standing.circumstances(self.incident, self.entry["figures"], published, days)
        return replace(signed, came=self.came)

    def holds(self, line: Line) -> bool:
        """Whether everybody whom a line counts may still be counted in it, and can still be proved."""
        same = counted(self.sheet, line) == counted(self.narrowed, line)
        return same and None not in self._leaves(line)

    def leaves(self, line: Line) -> str | None:
        """How a line names the commitments behind it; None for one that says how few they are."""
        if line.number == 0:
            return None
        return line_digest(leaf_hash(one) for one in self._leaves(line) if one is not None)

    def _leaves(self, line: Line) -> list[dict[str, Any] | None]:
        groups, behind = self.sheet.figure(line.cell).groups, counted(self.sheet, line)
        opened = self.opener.leaves(self.incident, self.sheet, line.cell)
        return [leaf for group, leaf in zip(groups, opened, strict=True) if group in behind]


def of(
    vault: Installation,
    uow: UnitOfWork,
    actor: Actor,
    place: tuple[Case, Sequence[Edition], str],
    today: date,
) -> Grounds | None:
    """What a case's newest edition gives to speak about an incident; None where that has no figures to be proved.

    Raises Refused without the corroboration keys, NotFound, Tampered.
    """
    case, known, incident = place
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "corroboration")]
    try:
        figures = proofs.figures_of(known, len(known), incident)
        sheet, opener = corroboration.sheet_of(vault, uow, actor, case, (len(known), incident))
    except NotFound:
        return None
    gathered = corroboration.gather(uow, actor, case, keys, vocabularies(vault, case))
    present = [one.on(today) for one in gathered.resolved.behind.get(incident, {}).values()]
    entry, root = known[-1].incident(incident), proofs.root_of(figures)
    came = _came(vault, uow, actor, (case, known[: figures.number - 1], incident), sheet)
    return Grounds(
        incident, entry, root, sheet, narrowed(sheet, present), opener, gathered.log.standing, came
    )


def _came(
    vault: Installation,
    uow: UnitOfWork,
    actor: Actor,
    place: tuple[Case, Sequence[Edition], str],
    sheet: Sheet,
) -> int:
    """How many must have spoken since the last of these editions, which came before the figures; none before the first:
    no day is known then from which on somebody spoke."""
    case, before, incident = place
    if not before:
        return 0
    try:
        earlier, _ = corroboration.sheet_of(vault, uow, actor, case, (len(before), incident))
    except NotFound:
        return must_have_come(0, len(sheet.witnesses))
    return must_have_come(len(earlier.witnesses), len(sheet.witnesses))


def narrowed(sheet: Sheet, present: Collection[Person]) -> Sheet:
    """The sheet in which nobody allows more than today. Whoever withdrew, or is no longer counted, allows nothing."""
    return replace(sheet, witnesses=tuple(_today(one, present) for one in sheet.witnesses))


def _today(one: Person, present: Collection[Person]) -> Person:
    """Records, not names, say who it is; all of them must still stand."""
    same = [found for found in present if not set(one.records).isdisjoint(found.records)]
    standing = {record for found in same for record in found.records}
    uses = one.uses if standing >= set(one.records) else frozenset[str]()
    for found in same:
        uses = frozenset(use for use in uses | found.uses if _allows(uses, use) and _allows(found.uses, use))
    return replace(one, uses=uses)


def _allows(uses: frozenset[str], use: str) -> bool:
    return use in uses or (use.startswith(f"{Use.DETAIL}:") and Use.DETAIL in uses)
