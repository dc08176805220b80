"""Published statements of which the newest edition counts fewer: somebody has withdrawn, or was counted otherwise.

A figure moves only once three have changed, so this says nothing that the edition does not, and never who.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vault import editions
from vault.cases import Case
from vault.editions import Edition
from vault.errors import NotFound
from vault.keyrings import Actor
from vault.statements import Held, State
from vault.store.unit_of_work import UnitOfWork


def overtaken(uow: UnitOfWork, actor: Actor, case: Case, known: Sequence[Held]) -> frozenset[str]:
    """Of the statements of a case that are published, and that no other revises, those that say more than the newest
    edition; by name. Raises Refused without the editions key, Tampered."""
    shown = [one for one in known if one.state is State.PUBLISHED]
    revised = {one.statement.previous for one in shown}
    standing = [one for one in shown if one.statement.digest not in revised]
    newest = editions.history(uow, actor, case)[-1:] if standing else ()
    return frozenset(one.name for one in standing for edition in newest if _says_more(one, edition))


def _says_more(one: Held, edition: Edition) -> bool:
    try:
        rows = edition.incident(one.statement.incident)["claims"]
    except NotFound:
        return False
    if rows is None:  # under review: nothing is known yet
        return False
    counted = {(row["subject"], str(row["value"])): row for row in rows}
    lines = [line for line in one.statement.document["lines"] if line["within"] is None]
    return any(line["number"] > _most(counted, line) for line in lines)


def _most(counted: Mapping[tuple[str, str], Mapping[str, Any]], line: Mapping[str, Any]) -> int:
    row = counted.get((line["subject"], str(line["value"])))
    if row is None:
        return 0
    figure = row[line["column"]]
    return int(figure if isinstance(figure, int) else figure["max"])
