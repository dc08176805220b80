"""What is broken off of what people do: a deposit, a withdrawal, an opening; and what must hold of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from tests.asking import NAME, Opening, sealed_identity
from tests.backing import PAIRS, give_keys
from tests.cast import CUSTODIANS, R1, THRESHOLD, V2
from tests.faults.breaking import Act
from tests.readers import audited, coded, cut, gathered, told
from tests.stage import DAY, Scene, actor, lately
from vault import interviews, journal, shredding, withdrawals
from vault.drafts import Draft, find_draft
from vault.errors import Busy, Conflict, NotFound
from vault.receipts import Receipt
from vault.rules.withdrawals import Scope
from vault.sealing.deposits import Root
from vault.sealing.digests import digest, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.signatures import Signed
from vault.store.shreds import DraftRow
from vault.store.testimony import ApprovalRow, OpeningRow

# --- a deposit ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """An interview with an identity, about to be handed in; and the receipt of the same in an undisturbed vault."""

    draft: Draft
    raw: dict[str, Any]


def _drafted(scene: Scene) -> Attempt:
    scene.deposit(R1, scene.said("saw"))
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME})
    return Attempt(draft, scene.interview(scene.said("heard"), sealed_identity=sealed))


def _hand_in(scene: Scene, one: Attempt) -> Receipt:
    return interviews.deposit(scene.vault, actor(R1), one.draft, one.raw)


def _whole_or_not_there(scene: Scene, one: Attempt) -> None:
    """Its reader and its counter see both halves or none, whatever an identity without testimony takes up."""
    (read, unsound), counted = told(scene), gathered(scene).resolved.persons(scene.hospital)
    assert unsound == 0
    assert len(read) == len(coded(scene)) == len(counted)
    assert len(read) in (1, 2)
    assert len(read) == 2 or _is_open(scene, one)  # what has no receipt yet can be handed in again


def _is_open(scene: Scene, one: Attempt) -> bool:
    with scene.reading() as uow:
        return find_draft(uow, actor(R1), one.draft.id).token == one.draft.token


def _deposited_once(scene: Scene, one: Attempt) -> None:
    """As if undisturbed: one deposit, one identity, the same receipt for whoever asks again; no draft."""
    assert scene.taken() == {"testimony": 2, "observations": 2, "identities": 1}
    receipt = _hand_in(scene, one)
    (read, _) = told(scene)
    assert receipt.digest in {each.half.digest for each in read}
    assert len(gathered(scene).resolved.persons(scene.hospital)) == 2
    with scene.reading() as uow:
        assert uow.shreds.scalar(select(func.count()).select_from(DraftRow)) == 0


DEPOSIT = Act(
    "a deposit",
    "its reader and its counter see all of it or nothing; whoever tries again gets the receipt of one deposit",
    _drafted,
    _hand_in,
    _whole_or_not_there,
    _deposited_once,
)

# --- a withdrawal -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaving:
    """Two interviews with an identity: one that stays, one that is withdrawn, with its record; and the keys of the
    shreds before."""

    stays: Receipt
    goes: Receipt
    record: str
    keys: tuple[bytes, ...]

    @property
    def records(self) -> set[bytes]:
        """The first records of what goes."""
        root = Root(unb64(self.goes.withdrawal_token or ""))
        return {root.record(part) for part in ("testimony", "observations", "identity")}


def _two_interviews(scene: Scene) -> Leaving:
    give_keys(scene)
    first, second = (_hand_in(scene, _drafted(scene)) for _ in range(2))
    cut(scene)  # so that there is an index, which goes too
    (record,) = [each.record for each in told(scene)[0] if each.half.digest == second.digest]
    return Leaving(first, second, record, scene.vault.store.keks.read())


def _withdraw(scene: Scene, one: Leaving) -> None:
    with suppress(NotFound):  # it was done
        withdrawals.by_receipt(scene.vault, one.goes.withdrawal_token or "", Scope.INTERVIEW)


def _there_or_gone(scene: Scene, one: Leaving) -> None:
    """All of it, or nothing; what stays is read; and what is gone, a restored backup is told of."""
    read, unsound = told(scene)
    digests = {each.half.digest for each in read}
    assert (unsound, len(read)) == (0, 3 + (one.goes.digest in digests))
    assert one.stays.digest in digests
    with scene.reading() as uow:
        left = shredding.layers(uow, one.records)
    assert left.keys() in (set(), one.records)
    assert bool(left) == (one.goes.digest in digests)
    assert left or {digest("shred", record) for record in one.records} <= _noted(scene)


def _noted(scene: Scene) -> set[bytes]:
    vault, key = scene.roster().vault, PAIRS["snapshot"]
    lines = journal.lines_of(scene.vault.journal)
    return {name for line in lines for name in journal.names_in(line, vault, key)}


def _gone_for_good(scene: Scene, one: Leaving) -> None:
    """Nothing opens it any more, no copy of the former database either: the key that would is overwritten."""
    _there_or_gone(scene, one)
    keys, store = scene.vault.store.keks, scene.vault.store
    assert one.goes.digest not in {each.half.digest for each in told(scene)[0]}
    assert not shredding.is_due(store)
    assert not [key for key in one.keys if key in keys.path.read_bytes()]
    assert len(gathered(scene).resolved.persons(scene.hospital)) == 3


WITHDRAWAL = Act(
    "a withdrawal",
    "all of it is there, or destroyed and noted for restored backups; what stays is read; then no older copy opens it",
    _two_interviews,
    _withdraw,
    _there_or_gone,
    _gone_for_good,
)


def _take_away(scene: Scene, one: Leaving) -> None:
    """The same by a reader."""
    wish = {"scope": "interview", "reason": "witness_asks"}
    with suppress(NotFound):  # it was done
        withdrawals.by_reader(scene.vault, actor(V2), (scene.case, one.record), wish, DAY)


def _gone_and_audited(scene: Scene, one: Leaving) -> None:
    """Nothing goes of which the custodians do not learn that somebody withdrew it."""
    _there_or_gone(scene, one)
    gone = one.goes.digest not in {each.half.digest for each in told(scene)[0]}
    assert not gone or "testimony withdrawn" in {entry["act"] for entry in audited(scene)}


READERS = Act(
    "a reader's withdrawal",
    "the same, and the custodians learn that somebody withdrew something",
    _two_interviews,
    _take_away,
    _gone_and_audited,
    _gone_for_good,
    statements=False,
)

# --- an opening ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """A request that its requester signed, and the key that will open what comes of it."""

    about: tuple[str, str]
    terms: Signed
    seed: bytes

    def of(self, scene: Scene) -> Opening:
        """The same, in this vault."""
        return Opening(scene, *self.about, SealingKey(self.seed), self.terms)


def _asked(scene: Scene) -> Asking:
    opening = sealed_identity(scene)
    terms = opening.signed_terms()
    assert opening.key is not None
    return Asking((opening.record, opening.escrow), terms, opening.key.seed)


def _open(scene: Scene, one: Asking) -> dict[str, Any]:
    """Ask, have a quorum decide, and collect: each as far as it is not done."""
    opening = one.of(scene)
    with _unless_done():
        opening.ask(one.terms)
    for custodian in CUSTODIANS[:THRESHOLD]:
        with _unless_done():
            opening.decide(custodian)
    return opening.redeem()


@contextmanager
def _unless_done() -> Iterator[None]:
    try:
        yield
    except Busy:
        raise
    except Conflict:
        pass


def _audited_if_done(scene: Scene, _one: Asking) -> None:
    """Whatever was done stands in the audit chain, and whatever stands there was done."""
    acts = Counter(entry["act"] for entry in audited(scene))
    with scene.reading() as uow:
        rows = list(uow.testimony.scalars(select(OpeningRow)))
        decided = uow.testimony.scalar(select(func.count()).select_from(ApprovalRow))
    assert acts["opening requested"] == len(rows)
    assert acts["opening decided"] == decided
    assert bool(acts["opening handed over"]) == any(row.redeemed for row in rows)
    assert [row.met is not None for row in rows] == [decided == THRESHOLD for _ in rows]


def _opened_once(scene: Scene, one: Asking) -> None:
    """One request, a decision of each, and the identity for whoever asked."""
    _audited_if_done(scene, one)
    acts = Counter(entry["act"] for entry in audited(scene))
    assert (acts["opening requested"], acts["opening decided"]) == (1, THRESHOLD)
    opening = one.of(scene)
    assert opening.opened(opening.redeem())["name"] == NAME
    with scene.reading() as uow:
        assert {row.met for row in uow.testimony.scalars(select(OpeningRow))} <= lately()


OPENING = Act(
    "an opening",
    "what was done stands in the audit chain, and nothing else; one request, one decision each, one identity",
    _asked,
    _open,
    _audited_if_done,
    _opened_once,
    statements=False,
)
