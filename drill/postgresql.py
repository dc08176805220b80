"""Attack 3 on PostgreSQL: who belongs to whom, by what the server says of rows, and by what its files keep.

The same people are interviewed again, by the same use cases, in a vault that lies there; it is looked at before `tidy`
and after it. What a server says is asked as its superuser: whoever has its files can work it out.
"""

from __future__ import annotations

import atexit
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp
from unittest.mock import patch

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from drill.attack import Finding, Leak
from drill.chance import SIGMAS, follows, matching
from drill.heaps import TABLES, Records, Seen, seen
from drill.matching import DICE, PAIRS, Places, linked
from drill.world import Witness, World
from tests import places
from tests.cast import R1
from tests.postgres import maintained
from tests.stage import Facts, Scene, copied, found_once
from vault.sealing.deposits import record_id
from vault.sealing.digests import digest
from vault.store.decoys import Decoys
from vault.store.unit_of_work import UnitOfWork
from vault.tidying import tidy

ONE_IN = 8  # rows, of those that were written anew, is the right one
_FEW = 16  # witnesses are enough to find a leak
_LAST = 8  # of them, when the others are there
_FAR = 60  # transactions; what lies further apart is no less likely to belong together


@dataclass(frozen=True)
class Looks:
    """Which guesses of the newest rows were right, as they came; all rows before `tidy`, and after it."""

    guessed: list[bool]
    before: Seen
    after: Seen


_TRIED: dict[Facts, Looks] = {}


def looks(world: World) -> Looks:
    """The same deposits on PostgreSQL, before and after."""
    if world.facts not in _TRIED:
        with _vault() as scene:
            records, guessed = _all_come(scene, world.truth.witnesses)
            store = scene.vault.store
            before = seen(store, records)
            for _ in tidy(store):
                pass
            _TRIED[world.facts] = Looks(guessed, before, seen(store, records, before))
    return _TRIED[world.facts]


def _all_come(scene: Scene, witnesses: Sequence[Witness]) -> tuple[list[Records], list[bool]]:
    """All deposit; after each of the last ones somebody who knows that it came guesses which rows are its own."""
    records, guessed = list[Records](), list[bool]()
    for number, one in enumerate(witnesses):
        records.append(deposited(scene, one))
        if number >= len(witnesses) - _LAST:
            with scene.reading() as uow:
                guessed += [_guessed(uow, half) == records[-1][half] for half in TABLES]
    return records, guessed


def _guessed(uow: UnitOfWork, half: str) -> bytes:
    """One of the rows that bear the newest number; where there are some, one whose key bears the newest as well."""
    database, table = TABLES[half]
    within = "taken" if half == "identity" else f"taken AND half = '{half}'"
    newest = _newest(getattr(uow, database), table, "record", within)
    keys = _newest(uow.shreds, "shreds", "id", "taken")
    both = [one for one in newest if digest("shred", one) in keys] or newest
    return both[int(DICE.integers(len(both)))]


def _newest(session: Session, table: str, name: str, within: str) -> list[bytes]:
    number = "xmin::text::bigint"
    last = f"SELECT max({number}) FROM {table} WHERE {within}"
    found = session.scalars(text(f"SELECT {name} FROM {table} WHERE {within} AND {number} = ({last})"))
    return [bytes(one) for one in found]


@cache
def _founded() -> Path:
    """A founded vault on PostgreSQL, to be copied."""
    folder = Path(mkdtemp(prefix="witness-vault-drill-"))
    atexit.register(rmtree, folder)
    found_once(places.migrated(folder, "postgresql"))
    return folder


@contextmanager
def _vault() -> Iterator[Scene]:
    """A founded vault on PostgreSQL, for as long as it is looked at."""
    with TemporaryDirectory(prefix="witness-vault-drill-") as folder:
        scene = copied(_founded(), Path(folder) / "vault")
        maintained().execute("CHECKPOINT")  # what others have left in the log is not looked through
        try:
            yield scene
        finally:
            scene.close()
    places.sweep()


def _left_out(
    part: str, instead: object, judge: Callable[[list[bool], Seen], Finding]
) -> Callable[[World], Finding]:
    """Deposits beside which less is written anew."""

    def attack(world: World) -> Finding:
        with _vault() as scene, patch.object(Decoys, part, instead):
            records, guessed = _all_come(scene, world.truth.witnesses[:_FEW])
            return judge(guessed, seen(scene.vault.store, records))

    return attack


def _alone(_self: Decoys, _session: Session, _partition: object, write: Callable[[], int]) -> list[bytes]:
    write()
    return []


def deposited(scene: Scene, witness: Witness) -> Records:
    """One witness is interviewed; the ids of the records."""
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, witness.identity)
    said = scene.interview(scene.said("heard"), testimony=witness.said, sealed_identity=sealed)
    scene.hand_in(R1, draft, said)
    return {half: record_id(draft.token, half) for half in TABLES}


# --- what it says ---------------------------------------------------------------------------------------------------


def try_all(world: World) -> Finding:
    """Before and after."""
    found = looks(world)
    findings = before_tidy(found.guessed, found.before), after_tidy(found.after)
    return Finding("; ".join(one.text for one in findings), all(one.holds for one in findings))


def before_tidy(guessed: Sequence[bool], look: Seen) -> Finding:
    """Rows that were written by one transaction, or by neighbours, belong together: one in eight of them does."""
    found = by_numbers(guessed, look), by_keys(guessed, look)
    caught = [one for one in found if not one.holds]
    return caught[0] if caught else Finding("by the rows alone, before `tidy`, at most one in eight", True)


def by_numbers(_guessed: Sequence[bool], look: Seen) -> Finding:
    """All rows at once, by who wrote them."""
    rights = [_nearest(look.halves[one], look.halves[other]) for one, other in PAIRS]
    return Finding(
        "linked by the numbers of transactions",
        not _too_many(max(rights), len(look.halves["identity"]["place"])),
    )


def by_keys(guessed: Sequence[bool], _look: Seen) -> Finding:
    """The newest rows, by who wrote their keys."""
    right = _too_many(sum(guessed), len(guessed))
    return Finding("a deposit's rows told from those beside them, by their keys", not right)


def _too_many(right: int, of: int) -> bool:
    return right > of / ONE_IN + SIGMAS * math.sqrt(of / ONE_IN * (1 - 1 / ONE_IN))


def _nearest(one: Places, other: Places) -> int:
    """How many the cheapest matching has right; where two cost the same, dice decide."""
    count = len(one["transaction"])
    dice, cost = DICE.permutation(count), np.zeros((count, count))
    for what in ("transaction", "transaction of the key"):
        apart = np.abs(np.array(one[what])[:, None] - np.array(other[what])[dice][None, :])
        cost += np.minimum(apart, _FAR)
    return int((dice[matching(cost)] == np.arange(count)).sum())


def after_tidy(look: Seen) -> Finding:
    """Nothing links better than chance or lies in an order; the files have nothing but what is in the rows."""
    found = linked({f"{one} and {other}": (look.halves[one], look.halves[other]) for one, other in PAIRS})
    ordered = any(follows(order) for half in look.halves.values() for order in half.values())
    order = "in the order in which they came" if ordered else "in a random order"
    gone = nothing_former(look)
    return Finding(
        f"after it {found.text}, {order}, and {gone.text}", found.holds and gone.holds and not ordered
    )


def nothing_former(look: Seen) -> Finding:
    """Whether log, deleted rows and former keys are gone."""
    if look.former:
        return Finding("the log and deleted rows say in which order everything came", False)
    return Finding("no log or deleted row of it is left", True)


LEAKS = (
    Leak(
        "on PostgreSQL, no other rows written anew beside those of a deposit",
        _left_out("around", _alone, by_numbers),
    ),
    Leak(
        "on PostgreSQL, keys that are written alone",
        _left_out("rewrite", lambda _self, _session, _names: None, by_keys),
    ),
    Leak("on PostgreSQL, a vault that is never tidied", lambda world: nothing_former(looks(world).before)),
)
