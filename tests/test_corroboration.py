"""Cutting editions: who counts, once; what is set aside, visibly; and numbers that move only in batches."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.cast import C1, OUTSIDER, R1, R2, V1, V2, Person, seed
from tests.readers import cut, direct, frames, plant, row, told
from tests.stage import DAY, Scene, actor, later
from vault import corroboration, editions, keyrings
from vault.cases import find
from vault.errors import NotFound, Refused, Tampered
from vault.receipts import Receipt
from vault.sealing import deposits
from vault.sealing.digests import b64, unb64, witness_tag
from vault.sealing.signatures import Signed, sign
from vault.sealing.words import new_pseudonym
from vault.shredding import shred
from vault.store.testimony import EditionRow, SlotRow

NO_ACCOUNT = {"recording": True, "uses": ["internal"]}


def _heard(scene: Scene, times: int = 1, **changes: Any) -> list[Receipt]:
    """So many witnesses who heard the aircraft."""
    return [scene.deposit(R1, scene.said("heard"), **changes) for _ in range(times)]


def _status(scene: Scene, edition: editions.Edition) -> str:
    return str(edition.incident(scene.hospital)["status"])


# --- who counts ---------------------------------------------------------------------------------------------


def test_a_follow_up_of_the_same_person_counts_once(scene: Scene) -> None:
    receipts = _heard(scene, 3)
    scene.deposit(R2, scene.said("saw"), kind="follow-up", pseudonym=receipts[0].pseudonym)
    edition = cut(scene)
    counted = row(edition, scene.hospital)
    assert counted["direct"] == {"min": 3, "max": 3}
    assert (counted["heard"], counted["saw"]) == (3, 1)


def test_whoever_does_not_consent_to_counting_does_not_count(scene: Scene) -> None:
    _heard(scene, 3)
    scene.deposit(R1, scene.said("saw"), consent=NO_ACCOUNT)
    counted = row(cut(scene), scene.hospital)
    assert (counted["direct"]["max"], counted["saw"]) == (3, 0)
    assert len(told(scene)[0]) == 4


def test_those_who_were_interviewed_together_count_once(scene: Scene) -> None:
    receipts = _heard(scene, 3)
    facts = {**scene.interview()["interview"], "together_with": [receipts[0].pseudonym]}
    scene.deposit(R2, scene.said("heard"), interview=facts)
    assert direct(cut(scene), scene.hospital) == 3


@pytest.mark.both
def test_a_correction_replaces_what_it_corrects(scene: Scene) -> None:
    receipts = _heard(scene, 3)
    _correct(scene, receipts[0], "did_not_hear")
    counted = row(cut(scene), scene.hospital)
    assert (counted["direct"]["max"], counted["not_perceived"]) == (2, 1)


def test_what_one_case_holds_does_not_count_in_another(scene: Scene) -> None:
    _heard(scene, 3)
    edition = cut(scene)
    assert edition.incident(scene.mosque)["status"] == "too-few"
    assert edition.incident(scene.mosque)["claims"] is None


def _correct(scene: Scene, receipt: Receipt, *perception: str) -> Receipt:
    return scene.deposit(
        R1,
        scene.said(*perception),
        kind="correction",
        pseudonym=receipt.pseudonym,
        supersedes=receipt.digest,
        reason="It was misheard",
    )


# --- set aside, visibly -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forger:
    """Somebody who writes to the databases and knows every public key."""

    scene: Scene

    def plant(self, sign_it: Callable[[dict[str, Any]], Signed], **changes: Any) -> None:
        """A deposit of a witness who saw and heard everything, signed in some way, in slots of its own."""
        with self.scene.reading() as uow:
            file = find(uow, self.scene.case)
        token, pseudonym = secrets.token_bytes(32), changes.pop("pseudonym", new_pseudonym())
        body = changes.pop("body", {})
        interview = self.scene.interview()
        testimony = {
            "format": "witness-vault/v1/testimony",
            "nonce": deposits.Root(token).nonce("testimony"),
            "pseudonym": pseudonym,
            "kind": "original",
            "reason": "",
            "consent": interview["consent"],
            "interview": {**interview["interview"], "interpreter": "", "together_with": []},
            "testimony": "Everybody saw it.",
            "identity": None,
            **body,
        }
        said = {**self.scene.said("saw", "heard"), "value": "yes", "modality": "affirmed"}
        observations = {
            "format": "witness-vault/v1/observations",
            "nonce": deposits.Root(token).nonce("observations"),
            "witness": witness_tag(file.id, pseudonym),
            "together_with": [],
            "consent": interview["consent"],
            "observations": [{**said, "placed": "unknown", "chain": []}],
            **body,
        }
        facts = {
            **{"vault": file.vault, "case": file.id, "roster": self.scene.roster().version},
            **{"depositor": "R1", "kind": "original", "supersedes": None, **changes},
        }
        signed = sign_it(deposits.statement(facts, testimony, observations))
        halves = (("testimony", "testimony", testimony), ("observations", "corroboration", observations))
        for half, key, content in halves:
            place = deposits.Place(file.vault, file.id, key, 1)
            record = deposits.record_id(token, half)
            sealed = deposits.seal_half(signed, content, file.keys[key], place, {0: record}.__getitem__)
            plant(self.scene, half, sealed)


def _by(person: Person, name: str = "") -> Callable[[dict[str, Any]], Signed]:
    return lambda document: sign(document, name or person.code, person.secret.signing)


def _unsigned(document: dict[str, Any]) -> Signed:
    return {"document": document, "signatures": []}


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], Signed], dict[str, Any]]] = {
    "unsigned": (_unsigned, {}),
    "signed by a stranger in R1's name": (_by(OUTSIDER, "R1"), {}),
    "signed by a stranger": (_by(OUTSIDER), {"depositor": "X1"}),
    "signed by a reviewer": (_by(V1), {"depositor": "V1"}),
    "signed by a custodian": (_by(C1), {"depositor": "C1"}),
    "signed by R2 in R1's name": (_by(R2, "R1"), {}),
    "of another case": (_by(R1), {"case": b64(bytes(16))}),
    "of another vault": (_by(R1), {"vault": b64(bytes(16))}),
    "of a roster before R1": (_by(R1), {"roster": 1}),
    "of a roster that never was": (_by(R1), {"roster": 99}),
    "of a roster that is no number": (_by(R1), {"roster": [2]}),
    "of a kind that is none": (_by(R1), {"kind": "withdrawal-request"}),
    "with a body that is not whole": (_by(R1), {"body": {"consent": None}}),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_deposit_counts_nowhere_and_is_seen(scene: Scene, what: str) -> None:
    sign_it, changes = FORGERIES[what]
    _heard(scene, 3)
    Forger(scene).plant(sign_it, **changes)
    edition = cut(scene)
    assert row(edition, scene.hospital)["direct"] == {"min": 3, "max": 3}
    assert row(edition, scene.hospital)["saw"] == 0
    assert edition.document["set_aside"] == {
        "unsigned": "fewer than 3",
        "repeated": "none",
        "misdirected": "none",
    }
    found, unsound = told(scene)
    assert (len(found), unsound) == (3, 1)


def test_what_a_researcher_really_signed_is_no_forgery(scene: Scene) -> None:
    """The forger's way of sealing is the right one: with R1's own signature it counts."""
    _heard(scene, 2)
    Forger(scene).plant(_by(R1))
    assert row(cut(scene), scene.hospital)["saw"] == 1
    assert (len(told(scene)[0]), told(scene)[1]) == (3, 0)


def test_a_deposit_that_comes_twice_counts_once_and_is_seen(scene: Scene) -> None:
    _heard(scene, 3)
    with scene.reading() as uow:
        file = find(uow, scene.case)
        ((_, key),) = keyrings.case_keys(uow, actor(V1), file, "corroboration")
    place = _place(scene, "corroboration")
    halves, _ = deposits.unseal_halves(frames(scene, "observations"), [(place, key)])
    opened = next(iter(halves.values()))
    public = file.keys["corroboration"]
    again = deposits.seal_half(opened["deposit"], opened["body"], public, place, lambda i: seed(f"x{i}")[:16])
    plant(scene, "observations", again)
    edition = cut(scene)
    assert direct(edition, scene.hospital) == 3
    assert edition.document["set_aside"]["repeated"] == "fewer than 3"


def test_a_correction_of_another_witness_is_set_aside(scene: Scene) -> None:
    receipts = _heard(scene, 3)
    named = {"kind": "correction", "supersedes": receipts[0].digest, "reason": "x"}
    scene.deposit(R2, scene.said("did_not_hear"), pseudonym=new_pseudonym(), **named)
    edition = cut(scene)
    assert direct(edition, scene.hospital) == 3
    assert edition.document["set_aside"]["misdirected"] == "fewer than 3"


def _place(scene: Scene, key: str) -> deposits.Place:
    return deposits.Place(scene.roster().vault, scene.case, key, 1)


# --- frames that are moved, dropped or spoilt ---------------------------------------------------------------


def _taken(scene: Scene, half: str) -> list[SlotRow]:
    with scene.reading() as uow:
        rows = select(SlotRow).where(SlotRow.half == half, SlotRow.taken.is_(True))
        return list(uow.testimony.scalars(rows))


@pytest.mark.parametrize("half", ["testimony", "observations"])
def test_swapped_slots_are_seen_and_the_rest_still_counts(scene: Scene, half: str) -> None:
    _heard(scene, 5)
    one, other = _taken(scene, half)[:2]
    with scene.writing() as uow:
        for record, content in ((one.record, other.content), (other.record, one.content)):
            uow.testimony.execute(update(SlotRow).where(SlotRow.record == record).values(content=content))
    _two_are_unsound(scene, half)


@pytest.mark.parametrize("half", ["testimony", "observations"])
def test_a_flipped_byte_is_seen_and_the_rest_still_counts(scene: Scene, half: str) -> None:
    _heard(scene, 5)
    with scene.writing() as uow:
        for slot in _taken(scene, half)[:2]:
            content = slot.content[:-1] + bytes([slot.content[-1] ^ 1])
            changed = update(SlotRow).where(SlotRow.record == slot.record).values(content=content)
            uow.testimony.execute(changed)
    _two_are_unsound(scene, half)


def _two_are_unsound(scene: Scene, half: str) -> None:
    edition = cut(scene)
    found, unsound = told(scene)
    if half == "observations":
        assert direct(edition, scene.hospital) == 3
        assert edition.document["set_aside"]["unsigned"] == "fewer than 3"
        assert (len(found), unsound) == (5, 0)
    else:
        assert direct(edition, scene.hospital) == 5
        assert (len(found), unsound) == (3, 2)


@pytest.mark.parametrize("dropped", [0, 1, 2])
def test_a_dropped_part_of_a_long_testimony_is_seen(scene: Scene, dropped: int) -> None:
    receipt = scene.deposit(R1, scene.said("heard"), testimony="x" * 40_000)
    parts = [
        deposits.record_id(_token(receipt), name) for name in ("testimony", "testimony/1", "testimony/2")
    ]
    with scene.writing() as uow:
        uow.testimony.execute(update(SlotRow).where(SlotRow.record == parts[dropped]).values(taken=False))
    found, unsound = told(scene)
    assert found == []
    assert unsound == 2


@pytest.mark.both
def test_a_destroyed_shred_key_takes_the_deposit_away_without_a_trace(scene: Scene) -> None:
    receipts = _heard(scene, 4)
    with scene.writing() as uow:
        record = deposits.record_id(_token(receipts[0]), "observations")
        shred(uow, record)
    edition = cut(scene)
    assert direct(edition, scene.hospital) == 3
    assert edition.document["set_aside"]["unsigned"] == "none"


def _token(receipt: Receipt) -> bytes:
    return unb64(receipt.withdrawal_token)


# --- days, and the batch rule -------------------------------------------------------------------------------


def test_between_cutting_days_nobody_cuts(scene: Scene) -> None:
    cut(scene)
    for days in (0, 1, 29):
        with pytest.raises(Refused, match=f"can be cut on {later(30)}"):
            cut(scene, days)
    assert cut(scene, 30).number == 2


def test_below_three_persons_there_is_no_number(scene: Scene) -> None:
    _heard(scene, 2)
    edition = cut(scene)
    assert _status(scene, edition) == "too-few"
    assert edition.table(scene.hospital) == {
        "edition": 1,
        "incident": scene.hospital,
        "claims": None,
        "status": "too-few",
    }


def test_one_or_two_more_persons_do_not_move_a_number_three_do(scene: Scene) -> None:
    _heard(scene, 3)
    cut(scene)
    for days, added, figures in ((30, 1, 1), (60, 1, 1), (90, 1, 4)):
        _heard(scene, added)
        edition = cut(scene, days)
        carried = figures == 1
        assert _status(scene, edition) == ("carried" if carried else "counted")
        assert edition.incident(scene.hospital)["figures"] == figures
        assert direct(edition, scene.hospital) == (3 if carried else 6)


def test_one_correction_hides_the_figures_until_three_changed(scene: Scene) -> None:
    receipts = _heard(scene, 5)
    cut(scene)
    _correct(scene, receipts[0], "did_not_hear")
    edition = cut(scene, 30)
    assert (_status(scene, edition), row(edition, scene.hospital)) == ("under-review", {})
    _correct(scene, receipts[1], "did_not_hear")
    assert _status(scene, cut(scene, 60)) == "under-review"
    _correct(scene, receipts[2], "did_not_hear")
    edition = cut(scene, 90)
    assert _status(scene, edition) == "counted"
    assert direct(edition, scene.hospital) == 2


def test_a_correction_that_changes_nothing_counted_keeps_the_figures(scene: Scene) -> None:
    receipts = _heard(scene, 3)
    cut(scene)
    _correct(scene, receipts[0], "heard")
    edition = cut(scene, 30)
    assert (_status(scene, edition), direct(edition, scene.hospital)) == ("carried", 3)


@pytest.mark.both
def test_figures_carry_the_month_in_which_they_were_counted(scene: Scene) -> None:
    _heard(scene, 3)
    assert cut(scene).incident(scene.hospital)["month"] == DAY.isoformat()[:7]
    assert cut(scene, 60).incident(scene.hospital)["month"] == DAY.isoformat()[:7]


# --- who may, and what is signed ----------------------------------------------------------------------------


@pytest.mark.parametrize("person", [R1, V2, C1, OUTSIDER], ids=lambda person: person.code)
def test_nobody_cuts_without_the_role_and_the_key(scene: Scene, person: Person) -> None:
    with pytest.raises(Refused), scene.writing() as uow:
        corroboration.cut(scene.vault, uow, actor(person), scene.case, DAY)
    assert scene.contents()["editions"].total() == 0


def test_a_reader_of_editions_reads_what_was_cut(scene: Scene) -> None:
    _heard(scene, 3)
    edition = cut(scene)
    with scene.unkept() as uow:
        assert editions.read(uow, actor(V2), scene.case, 1, DAY) == edition
        with pytest.raises(NotFound):
            editions.read(uow, actor(V2), scene.case, 2, DAY)
        with pytest.raises(Refused):
            editions.read(uow, actor(R1), scene.case, 1, DAY)


def test_cutting_and_reading_are_entered_in_the_audit(scene: Scene) -> None:
    before = scene.contents()["audit"].total()
    with scene.writing() as uow:
        number = corroboration.cut(scene.vault, uow, actor(V1), scene.case, DAY)
        editions.read(uow, actor(V1), scene.case, number, DAY)
    assert scene.contents()["audit"].total() == before + 2


def test_an_edition_that_is_taken_away_is_missed(scene: Scene) -> None:
    for days in (0, 30, 60):
        cut(scene, days)
    with scene.writing() as uow:
        uow.testimony.execute(delete(EditionRow).where(EditionRow.number == 2))
    with scene.reading() as uow, pytest.raises(Tampered):
        editions.read(uow, actor(V1), scene.case, 3, DAY)


def test_an_edition_put_in_anothers_place_is_seen(scene: Scene) -> None:
    for days in (0, 30):
        cut(scene, days)
    with scene.writing() as uow:
        rows = {one.number: one for one in uow.testimony.scalars(select(EditionRow))}
        rows[1].sealed, rows[2].sealed = rows[2].sealed, rows[1].sealed
    with scene.reading() as uow, pytest.raises(Tampered):
        editions.read(uow, actor(V1), scene.case, 1, DAY)


def test_a_basis_that_is_not_the_signed_one_stops_the_next_cut(scene: Scene) -> None:
    _heard(scene, 3)
    cut(scene)
    cut(scene, 30)
    with scene.writing() as uow:
        rows = {one.number: one for one in uow.testimony.scalars(select(EditionRow))}
        rows[2].basis = rows[1].basis
    with pytest.raises(Tampered):
        cut(scene, 60)
