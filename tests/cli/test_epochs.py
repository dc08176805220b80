"""Custodians leave, come and lose their files: a new epoch, by the commands that people give."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.cast import C1, C2, C3, C4, C5, CUSTODIANS, R1, Person
from tests.cli.epochs import (
    C6,
    begin_anew,
    change,
    export,
    next_cards,
    propose_change,
    reshare,
    shared_anew,
    sign,
    submit,
)
from tests.cli.line import Line, LineAfter
from vault import holdings, proposals
from vault.errors import Conflict, Invalid, Refused, SignInNeeded, Tampered, VaultError
from vault.profile import KEY_FILE, read_file
from vault.rules.access import Role
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.members import open_key_file
from vault.sealing.rosters import Roster
from vault.shredding import shred
from vault.store.identities import IdentitySlotRow
from vault.store.testimony import AttendanceRow, AuditRow, OpeningRow, PacketRow

NAME = "somebody with a name"


@pytest.fixture
def kept(line: Line) -> Line:
    """A line to a vault with one identity."""
    deposit(line)
    return line


@dataclass(frozen=True)
class Before:
    """What there was before a new epoch began."""

    roster: Roster
    key_file: dict[str, Any]  # C1's
    identities: list[Any]  # where they lie


def begin(line: Line) -> Before:
    deposit(line)
    ask(line)
    before = Before(line.scene.roster(), line.profile(C1).read(KEY_FILE), places(line))
    change(line)
    return before


def carry_over(line: Line) -> Before:
    before = begin(line)
    shared_anew(line)
    return before


@pytest.fixture
def changed(line_after: LineAfter) -> Line:
    """A line to a vault with one identity, in which a new epoch has begun."""
    return line_after(begin)[0]


@pytest.fixture
def anew(line_after: LineAfter) -> Line:
    """A line to such a vault, in which everything is shared anew."""
    return line_after(carry_over)[0]


def places(line: Line) -> list[Any]:
    """Where identities lie, and how large."""
    with line.scene.reading() as uow:
        sizes = func.length(IdentitySlotRow.content)
        return list(uow.identities.execute(select(IdentitySlotRow.record, IdentitySlotRow.taken, sizes)))


def ask(line: Line) -> None:
    """Something is asked for."""
    with line.scene.writing() as uow:
        packet = {"id": bytes(16), "terms": bytes(32), "expires": "2999-01-01", "epoch": 1}
        uow.testimony.add(OpeningRow(**packet))
        uow.testimony.flush()
        uow.testimony.add(PacketRow(opening=bytes(16), recipient="C1", sealed=b"sealed"))


def deposit(line: Line, **changes: Any) -> str:
    """R1 deposits an identity; its record id."""
    scene, draft = line.scene, line.scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME}, **changes)
    scene.hand_in(R1, draft, {**scene.interview(), "sealed_identity": sealed})
    return draft.identity_record


def epochs(line: Line) -> set[int]:
    """To which epochs anything is sealed."""
    found = set()
    with line.scene.reading() as uow:
        found |= set(uow.testimony.scalars(select(AuditRow.epoch)))
        for kind in ("case-key", "identity"):
            for record in holdings.page(uow, kind, "").values():
                assert record is not None
                found.add(record["epoch"])
    return found


def drilled(line: Line, *people: Person) -> list[str]:
    return [line.run(person, "custodian", "drill").out for person in people]


def keys_of(line: Line, person: Person) -> int:
    """How many sealing keys a custodian's key file holds."""
    return len(open_key_file(line.profile(person).read(KEY_FILE), person.passphrase).secrets)


def test_a_custodian_leaves_another_comes_and_the_former_keys_are_destroyed(changed: Line) -> None:
    assert epochs(changed) == {1}
    shared_anew(changed)
    assert epochs(changed) == {2}
    assert drilled(changed, C1, C2, C6) == ["6 shares open with this key file.\n"] * 3
    told = changed.run(
        C1, "custodian", "retire-keys", "--yes"
    )  # who agreed beforehand is told it all the same
    assert "Keys to be destroyed: 1, of past epochs. With this file no archive" in told.err
    assert "Destroyed: 1, of past epochs" in told.out
    assert (keys_of(changed, C1), keys_of(changed, C2)) == (1, 2)
    drilled(changed, C1)
    assert "roster signed" in changed.run(C6, "audit", "read").out
    with pytest.raises(SignInNeeded):
        changed.run(C5, "custodian", "drill")


def test_the_same_people_may_go_on_with_another_quorum(kept: Line) -> None:
    change(kept, (C1, C2, C3), threshold=2)
    shared_anew(kept)
    roster = kept.scene.roster()
    assert (roster.epoch, roster.threshold, roster.codes) == (2, 2, ("C1", "C2", "C3"))
    drilled(kept, C1, C2)


def test_what_is_deposited_during_a_ceremony_is_sealed_to_the_new_epoch_and_stays_as_it_is(
    changed: Line,
) -> None:
    exported = export(changed)
    deposit(changed)
    reshare(changed, exported, changed.folder / "result")
    assert "Everything" in submit(changed, changed.folder / "result")
    assert epochs(changed) == {2}
    assert drilled(changed, C6) == ["7 shares open with this key file.\n"]


def test_an_identity_that_was_sealed_before_a_renewal_within_the_epoch_is_still_taken(line: Line) -> None:
    before = line.scene.roster()
    digest = line.run(C1, "custodian", "renew", "--yes").out.strip()
    sign(line, digest, (C1, C2, C3))
    assert line.scene.roster().version == before.version + 1
    assert deposit(line, roster=before)


def test_an_identity_that_was_sealed_before_the_epoch_is_refused_kindly(line_after: LineAfter) -> None:
    line, before = line_after(begin)
    with pytest.raises(Conflict, match="reload"):
        deposit(line, roster=before.roster)


def test_identities_are_overwritten_in_their_slots(line_after: LineAfter) -> None:
    line, before = line_after(carry_over)
    assert places(line) == before.identities


def test_the_export_holds_no_ciphertext_and_no_deposit_is_named(changed: Line) -> None:
    lines = [json.loads(line) for line in export(changed).read_text().splitlines()]
    assert {"kind", "name", "escrow", "locked", "shared"} == set(lines[1])
    assert all(len(line["locked"]) < 100 for line in lines[1:-1])


# --- who signs a change of custodians --------------------------------------------------------------------------


def test_a_change_takes_k_of_the_present_and_k_of_the_next(line: Line) -> None:
    """Three of the next five are newcomers: the present custodians alone are not enough."""
    newcomers = tuple(Person(f"D{n}") for n in range(1, 4))
    digest = propose_change(line, (C1, C2, *newcomers))
    assert sign(line, digest, CUSTODIANS[:4]) == "Signed by 2; it takes 3."
    assert line.scene.roster().epoch == 1
    proposal = str(line.folder / "proposal")
    line.run(C1, "custodian", "proposals", "--out", proposal)
    signature = line.folder / "D1.signature"
    said = line.run(newcomers[0], "custodian", "countersign", proposal, "--out", str(signature), "--yes")
    assert "A new epoch" in said.err
    assert "The vault's six words" in said.err
    told = line.run(C4, "custodian", "sign", "--signature", str(signature), "--", digest).out.strip()
    assert (told, line.scene.roster().epoch) == ("Signed by 4; it takes 3.", 2)
    drilled(line, newcomers[0])


def test_only_a_newcomers_own_signature_is_carried(line: Line) -> None:
    digest = propose_change(line)
    proposal = line.folder / "proposal"
    line.run(C1, "custodian", "proposals", "--out", str(proposal))
    with pytest.raises(Invalid):
        line.run(C5, "custodian", "countersign", str(proposal), "--yes")
    entry = json.loads(line.run(C2, "custodian", "countersign", str(proposal), "--yes").out)
    for by in ("C2", "C6", "C9"):
        (line.folder / "forged").write_text(json.dumps({**entry, "by": by}))
        with pytest.raises(VaultError):
            line.run(C1, "custodian", "sign", "--signature", str(line.folder / "forged"), "--", digest)
    with line.scene.reading() as uow:
        (waiting,) = proposals.waiting(uow, Role.CUSTODIAN)
    assert waiting.signed_by == ()


def test_a_copy_of_a_key_file_from_before_the_newest_card_says_that_it_is_old(line_after: LineAfter) -> None:
    line, before = line_after(carry_over)
    profile = line.profile(C1)
    profile.overwrite(KEY_FILE, {**before.key_file, "pin": profile.read(KEY_FILE)["pin"]})
    with pytest.raises(Refused, match="take the newest copy"):
        line.run(C1, "custodian", "drill")


def test_a_custodian_to_come_refuses_a_proposal_of_another_chain(line: Line) -> None:
    propose_change(line)
    proposal = line.folder / "proposal"
    line.run(C1, "custodian", "proposals", "--out", str(proposal))
    file = json.loads(proposal.read_text())
    for spoilt in (
        {**file, "rosters": file["rosters"][:1]},
        {**file, "format": "x"},
        {**file, "rosters": []},
    ):
        proposal.write_text(json.dumps(spoilt))
        with pytest.raises(VaultError):
            line.run(C6, "custodian", "countersign", str(proposal), "--yes")


def test_a_key_file_that_was_lost_is_replaced_under_the_same_code_by_the_others(kept: Line) -> None:
    cards = [*next_cards(kept, (C1, C2, C3, C4)), begin_anew(kept, C5)]
    said = kept.run(C1, "custodian", "change-custodians", *cards, "--threshold", "3", "--yes")
    assert "Changes C5 from (card: " in said.err
    with pytest.raises(SignInNeeded):
        sign(kept, said.out.strip(), (C5,))
    sign(kept, said.out.strip(), (C1, C2, C3))
    shared_anew(kept)
    assert drilled(kept, C5) == ["6 shares open with this key file.\n"]


def test_a_next_card_is_made_once_until_a_roster_lists_it(line: Line) -> None:
    (first,) = next_cards(line, (C1,))
    made = json.loads(Path(first).read_text())
    (again,) = next_cards(line, (C1,))
    assert json.loads(Path(again).read_text()) == made
    assert keys_of(line, C1) == 2
    change(line)
    line.run(C1, "custodian", "proposals")
    (third,) = next_cards(line, (C1,))
    assert json.loads(Path(third).read_text()) != made
    assert keys_of(line, C1) == 3


def test_cards_of_the_present_epoch_begin_no_other(line: Line) -> None:
    cards = []
    for person in CUSTODIANS:
        path = line.folder / f"{person.code}.card"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(person.card))
        cards.append(str(path))
    with pytest.raises(Invalid, match="next-card"):
        line.run(C1, "custodian", "change-custodians", *cards, "--threshold", "3", "--yes")
    with pytest.raises(Invalid, match="same code"):
        line.run(C1, "custodian", "change-custodians", cards[0], *cards, "--threshold", "3", "--yes")


def test_no_epoch_begins_while_a_re_sharing_is_unfinished(changed: Line) -> None:
    changed.run(C6, "custodian", "proposals")
    with pytest.raises(Conflict, match="shared anew"):
        propose_change(changed)
    shared_anew(changed)
    digest = propose_change(changed)
    sign(changed, digest, (C1, C2, C6))
    assert changed.scene.roster().epoch == 3


def test_a_new_epoch_ends_the_requests_of_the_one_before(changed: Line) -> None:
    with changed.scene.reading() as uow:
        assert uow.testimony.scalars(select(PacketRow)).all() == []


# --- destroying the former keys --------------------------------------------------------------------------------


def retire(line: Line, person: Person = C1) -> None:
    line.run(person, "custodian", "retire-keys", "--yes")


def test_nothing_is_destroyed_before_everything_is_shared_anew_and_k_have_proved_it(changed: Line) -> None:
    with pytest.raises(Refused, match="shared anew"):
        retire(changed)
    reshare(changed, export(changed), changed.folder / "result")
    with pytest.raises(Refused, match="shared anew"):
        retire(changed)
    submit(changed, changed.folder / "result")
    with pytest.raises(Refused, match="So far 1 of 3"):
        retire(changed)
    drilled(changed, C2)
    with pytest.raises(Refused, match="So far 2 of 3"):
        retire(changed)
    assert keys_of(changed, C1) == 2
    drilled(changed, C6)
    deposit(changed)  # what is deposited meanwhile was never sealed to the former keys
    retire(changed)
    assert keys_of(changed, C1) == 1
    with pytest.raises(Invalid):
        retire(changed)


def test_the_pair_of_a_card_that_is_out_already_outlives_the_former_one(anew: Line) -> None:
    drilled(anew, C2, C3)
    anew.run(C1, "custodian", "next-card", "--out", str(anew.folder / "C1-card"))
    assert keys_of(anew, C1) == 3
    retire(anew)
    assert keys_of(anew, C1) == 2
    card = read_file(anew.folder / "C1-card")["document"]["sealing"]
    assert anew.profile(C1).read(KEY_FILE)["cards"][-1]["document"]["sealing"] == card
    with pytest.raises(Invalid, match="no key of a past epoch"):
        retire(anew)


def test_a_report_that_somebody_put_there_by_hand_counts_for_nothing(anew: Line) -> None:
    drilled(anew, C2)
    with anew.scene.writing() as uow:
        mine = uow.testimony.get(AttendanceRow, "C2")
        assert mine is not None
        for code in ("C3", "C4", "C6"):
            uow.testimony.merge(AttendanceRow(custodian=code, drill=mine.drill))
    with pytest.raises(Refused, match="So far 2 of 3"):
        retire(anew)


def test_a_server_that_calls_it_finished_and_hides_what_is_left_shows_it_by_the_drills(anew: Line) -> None:
    """A record that the server hides from one custodian is in another's report."""
    drilled(anew, C2, C6)
    anew.lie("GET", "/api/drills/identity", lambda _: {"records": [], "next": None})
    with pytest.raises(Refused, match="So far 1 of 3"):
        retire(anew)


def test_a_record_that_was_withdrawn_after_it_was_shared_anew_is_in_nobodys_way(anew: Line) -> None:
    with anew.scene.writing() as uow:
        (withdrawn,) = holdings.page(uow, "identity", "")
        shred(uow, unb64(withdrawn))
    drilled(anew, C2, C6)
    retire(anew)
    assert "1 of them are not there any more" in anew.said.err
    assert keys_of(anew, C1) == 1


def test_a_record_that_is_hidden_and_not_named_as_withdrawn_stops_it(anew: Line) -> None:
    """Nor does it help to name in its place what was shown with a share."""
    with anew.scene.reading() as uow:
        shown = list(holdings.page(uow, "case-key", ""))
    anew.lie("GET", "/api/drills/identity", lambda _: {"records": [], "next": None})
    drilled(anew, C2, C6)
    for named in ([], shown, ["x"], None):
        anew.lie("GET", "/api/drills/withdrawn", lambda _, named=named: {"withdrawn": named, "next": None})  # type: ignore[misc]
        with pytest.raises(VaultError, match=r"Destroy nothing|something else"):
            retire(anew)
    assert keys_of(anew, C1) == 2


@pytest.mark.parametrize("part", ["vault", "record", "epoch", "threshold", "roster"])
def test_a_share_in_anothers_place_stops_the_drill(anew: Line, part: str) -> None:
    def swapped(truth: Json) -> Json:
        (record,) = truth["records"]
        other = {"vault": b64(bytes(16)), "record": b64(bytes(16)), "epoch": 1, "threshold": 2, "roster": 3}
        record["extract"][part] = other[part]
        return truth

    anew.lie("GET", "/api/drills/identity", swapped)
    if part == "roster":  # says only which version was read; no share is bound to it
        drilled(anew, C2)
    else:
        with pytest.raises(Tampered):
            drilled(anew, C2)
        assert anew.posted("/api/drills") == 0


@pytest.mark.parametrize("answer", [{"records": [{}], "next": None}, {"records": [5], "next": None}])
def test_what_is_no_share_stops_the_drill(kept: Line, answer: Json) -> None:
    kept.lie("GET", "/api/drills/identity", lambda _: answer)
    with pytest.raises(Tampered):
        drilled(kept, C2)


def test_a_record_that_was_sealed_badly_is_named_and_stops_no_drill(kept: Line) -> None:
    """Whoever deposits can seal anything to anybody; in the present epoch that is theirs alone."""
    scene, draft = kept.scene, kept.scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME})
    sealed["shares"][1]["sealed"] = sealed["shares"][0]["sealed"]
    scene.hand_in(R1, draft, {**scene.interview(), "sealed_identity": sealed})
    said = kept.run(C2, "custodian", "drill")
    assert said.err == f"Your share does not open: {draft.identity_record}\n"
    assert said.out == "6 shares open with this key file.\n"
    assert drilled(kept, C1) == ["7 shares open with this key file.\n"]


def test_what_nobody_can_open_is_given_up_by_k_custodians_and_then_in_nobodys_way(kept: Line) -> None:
    scene, draft = kept.scene, kept.scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME})
    for share in sealed["shares"]:
        share["sealed"] = sealed["shares"][0]["sealed"]
    scene.hand_in(R1, draft, {**scene.interview(), "sealed_identity": sealed})
    name = f"identity {draft.identity_record}"
    change(kept)
    said = reshare(kept, export(kept), kept.folder / "first")
    assert name in said.err
    assert name in kept.run(C1, "custodian", "reshare-submit", str(kept.folder / "first")).err
    with pytest.raises(Refused):
        retire(kept)
    reshare(kept, export(kept, "rest"), kept.folder / "second", more=["--give-up"])
    assert "Everything" in submit(kept, kept.folder / "second")
    drilled(kept, C2, C6)
    retire(kept)
    assert keys_of(kept, C1) == 1


def test_withdrawn_and_damaged_records_are_left_out_and_in_nobodys_way(kept: Line) -> None:
    withdrawn, damaged = deposit(kept), deposit(kept)
    with kept.scene.writing() as uow:
        shred(uow, unb64(withdrawn))
        chosen = IdentitySlotRow.record == unb64(damaged)
        uow.identities.execute(update(IdentitySlotRow).where(chosen).values(content=bytes(20480)))
    change(kept)
    exported = export(kept)
    assert "2 records are withdrawn or damaged" in kept.said.err
    reshare(kept, exported, kept.folder / "result")
    assert "Everything" in submit(kept, kept.folder / "result")
