"""The ceremony: k former custodians share every record anew, prove it, and destroy nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.cast import (
    C1,
    C2,
    C3,
    C4,
    C5,
    CHAIN,
    CUSTODIANS,
    EXPIRES,
    ISSUED,
    ROSTER,
    Person,
    cards,
    founding,
    identifier,
    signed_by,
)
from tests.sealing.epochs import NEW, NEXT, NEXT_CHAIN
from vault import carried
from vault.ceremony import Ceremony, convene
from vault.errors import Conflict, Invalid, Refused, Tampered
from vault.opening import Holder, entrust
from vault.sealing import boxes, escrows, locks, resharings, shares
from vault.sealing.digests import Json, b64, canonical, unb64
from vault.sealing.members import KeyFile
from vault.sealing.resharings import BATCH, of_record, read_statement, shared_anew
from vault.sealing.roster_drafts import with_custodians
from vault.sealing.rosters import Roster, verify_chain

SIGNED = [*CHAIN, signed_by(NEW.document, (C1, C2, C3, C4))]
RECORDS = [entrust(b"somebody", "identity", identifier(f"record {n}"), ROSTER) for n in range(3)]
LINES = [of_record(record) for record in RECORDS]


def meet(*people: Person) -> Ceremony:
    return Ceremony(ROSTER, NEW, {one.code: Holder(one.code, one.secret) for one in people})


def key_of(record: Json, people: tuple[Person, ...]) -> bytes:
    """The data key that these custodians of the new epoch put together."""
    opened = [
        escrows.open_share(escrows.for_custodian(record, one.code), one.secret.sealing) for one in people
    ]
    return shares.combine(opened)


def test_any_k_of_the_new_custodians_open_what_any_k_of_the_former_shared_anew() -> None:
    for former in combinations(CUSTODIANS, 3):
        made = shared_anew(RECORDS[0], meet(*former).anew(LINES[0]), NEW)
        for people in combinations(NEXT, 3):
            key = key_of(made, people)
            assert locks.unlock(key, escrows.binding(made), unb64(made["locked"]))


def test_former_and_new_shares_do_not_combine() -> None:
    """Fresh coefficients: k - 1 shares of one epoch and one of the other say nothing."""
    made = shared_anew(RECORDS[0], meet(C1, C2, C3).anew(LINES[0]), NEW)
    former = [
        escrows.open_share(escrows.for_custodian(RECORDS[0], one.code), one.secret.sealing)
        for one in (C1, C2)
    ]
    new = escrows.open_share(escrows.for_custodian(made, "C4"), NEXT[3].secret.sealing)
    assert not locks.commits(shares.combine([*former, new]), unb64(LINES[0]["locked"]))


def spoilt(line: Json, index: int, share: bytes, hashed: bool) -> dict[str, Any]:
    """The line with another share for one custodian, under its hash or under that of the right one."""
    made: dict[str, Any] = copy.deepcopy(line)
    entry = made["shared"]["shares"][index]
    if hashed:
        entry["hash"] = escrows.share_hash(share)
    about = {"purpose": line["kind"], "vault": ROSTER.vault, "record": line["name"], **made["shared"]}
    binding = escrows.share_binding(about, line["escrow"], entry, 5)
    entry["sealed"] = b64(boxes.seal(ROSTER.custodians[entry["custodian"]].sealing, binding, share))
    return made


@pytest.mark.parametrize("hashed", [True, False])
def test_a_bad_share_is_passed_over_while_k_good_ones_are_there(hashed: bool) -> None:
    line = spoilt(LINES[0], 0, bytes([1]) + bytes(32), hashed)
    assert meet(C1, C2, C3).anew(line)["shared"] is None
    made = meet(C1, C2, C3, C4).anew(line)
    assert shared_anew(RECORDS[0], made, NEW)


def test_a_share_that_another_custodian_cannot_open_is_passed_over() -> None:
    line = copy.deepcopy(LINES[0])
    line["shared"]["shares"][1]["sealed"] = line["shared"]["shares"][0]["sealed"]
    assert meet(C1, C2, C3).anew(line)["shared"] is None
    assert meet(C1, C2, C3, C5).anew(line)["shared"]


@pytest.mark.parametrize(
    "shared",
    [
        None,
        {},
        {"shares": 5},
        {**LINES[0]["shared"], "threshold": 1},
        {**LINES[0]["shared"], "threshold": "3"},
        {**LINES[0]["shared"], "shares": []},
        {**LINES[0]["shared"], "shares": [5, 5, 5]},
        {**LINES[0]["shared"], "epoch": 2},
        {**LINES[0]["shared"], "threshold": 2},
    ],
)
@pytest.mark.parametrize("kind", ["identity", "case-key", "audit"])
def test_what_somebody_else_spoilt_is_named_and_stops_nothing(shared: Json, kind: str) -> None:
    line = {**LINES[0], "kind": kind, "escrow": None if kind == "audit" else LINES[0]["escrow"]}
    made = meet(*CUSTODIANS).anew({**line, "shared": shared})
    assert (made["kind"], made["name"], made["shared"]) == (kind, LINES[0]["name"], None)


def test_a_record_under_another_commitment_is_not_shared_anew() -> None:
    other = meet(*CUSTODIANS).anew({**LINES[0], "locked": LINES[1]["locked"]})
    assert other["shared"] is None


PIN = {"vault": NEW.vault, "version": 2, "digest": b64(ROSTER.digest)}


def key_file(person: Person, pin: Json = None) -> KeyFile:
    return KeyFile(person.code, (person.card,), (person.secret,), pin)


def usurped() -> tuple[Roster, ...]:
    """A chain by two people of their own: they found the vault, let its custodians in, and then leave them out.

    Nobody but the two has signed any of it.
    """
    first, second = (replace(Person(code), epoch=1) for code in ("A1", "A2"))
    one = signed_by(founding((first, second), 2), (first, second))
    old = verify_chain([one])[-1]
    mixed, theirs = with_next((first, second), 2), (C1, C2, C3)
    two = signed_by(with_custodians(old, cards([*mixed, *theirs]), 2, (ISSUED, EXPIRES)), mixed)
    between = verify_chain([one, two])[-1]
    alone = with_next((first, second), 3)
    return verify_chain(
        [one, two, signed_by(with_custodians(between, cards(alone), 2, (ISSUED, EXPIRES)), alone)]
    )


def with_next(people: tuple[Person, ...], epoch: int) -> tuple[Person, ...]:
    return tuple(replace(person, epoch=epoch) for person in people)


def test_nothing_is_shared_with_whoever_founded_the_vault_anew_under_its_name() -> None:
    files = [key_file(C1), key_file(C2), key_file(C3)]
    with pytest.raises(Refused, match="None of these key files"):
        convene(usurped(), files)
    with pytest.raises(Tampered):
        convene(usurped(), [*files[1:], key_file(C1, PIN)])


def test_k_key_files_of_before_the_change_make_a_ceremony() -> None:
    met = convene(NEXT_CHAIN, [key_file(C1, PIN), key_file(C2), key_file(C5)])
    assert (met.old.version, met.new.version, sorted(met.holders)) == (2, 3, ["C1", "C2", "C5"])


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ([C1, C2], Refused),
        ([C1, C1, C2], Refused),
        ([C1, C2, Person("X1")], Refused),
        ([C1, C2, NEXT[2]], Refused),
        ([C1, C2, NEXT[4]], Refused),
    ],
)
def test_fewer_others_and_the_new_keys_are_not_enough(files: list[Person], error: type[Exception]) -> None:
    with pytest.raises(error):
        convene(NEXT_CHAIN, [key_file(person, PIN) for person in files])


@pytest.mark.parametrize(
    "pin",
    [
        {"vault": identifier("other"), "version": 2, "digest": b64(ROSTER.digest)},
        {"vault": NEW.vault, "version": 2, "digest": b64(bytes(32))},
        {"vault": NEW.vault, "version": 4, "digest": b64(bytes(32))},
    ],
)
def test_an_export_with_an_older_or_forked_roster_is_refused(pin: Json) -> None:
    with pytest.raises(Tampered):
        convene(NEXT_CHAIN, [key_file(C1, pin), key_file(C2), key_file(C3)])


# --- the files ----------------------------------------------------------------------------------------------------


def written(folder: Path, count: int = 3) -> Path:
    lines = [{**LINES[n % 3], "name": identifier(f"record {n}")} if n > 2 else LINES[n] for n in range(count)]
    carried.write_export(folder / "export", SIGNED, lines)
    return folder / "export"


def nothing() -> None:
    """Nobody watches the progress."""


def conducted(export: Path, out: Path, tick: Callable[[], None] = nothing) -> list[Json]:
    """The ceremony; the lines of its result."""
    carried.share_anew(export, out, meet(C1, C2, C3), tick)
    return [line for batch in carried.batches(out) for line in batch]


class KilledError(Exception):
    """As if the machine had stopped."""


def killing(after: int) -> Callable[[], None]:
    left = iter(range(after))

    def tick() -> None:
        if next(left, None) is None:
            raise KilledError

    return tick


@pytest.mark.parametrize("after", range(3))
def test_a_ceremony_that_stopped_after_any_line_goes_on_to_the_same_end(tmp_path: Path, after: int) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    with pytest.raises(KilledError):
        conducted(export, out, killing(after))
    lines = conducted(export, out)
    assert [line["name"] for line in lines] == [line["name"] for line in LINES]
    assert all(shared_anew(record, line, NEW) for record, line in zip(RECORDS, lines, strict=True))


def test_what_all_who_are_present_have_signed_is_not_done_again(tmp_path: Path) -> None:
    export, out = written(tmp_path, BATCH + 3), tmp_path / "result"
    with pytest.raises(KilledError):
        conducted(export, out, killing(BATCH + 2))
    before = out.read_bytes().splitlines()[: BATCH + 1]
    conducted(export, out)
    assert out.read_bytes().splitlines()[: BATCH + 1] == before


def made_up(line: Json) -> dict[str, Any]:
    """Shares of another secret, each of which opens and has its hash: no drill of the new custodians tells them."""
    about = {"purpose": line["kind"], "vault": NEW.vault, "record": line["name"], **line["shared"]}
    entries = []
    for code, share in zip(NEW.codes, shares.split(bytes(32), NEW.threshold, len(NEW.codes)), strict=True):
        named = {"index": share[0], "custodian": code, "hash": escrows.share_hash(share)}
        binding = escrows.share_binding(about, line["escrow"], named, len(NEW.codes))
        entries.append({**named, "sealed": b64(boxes.seal(NEW.custodians[code].sealing, binding, share))})
    return {**line, "shared": {**line["shared"], "shares": entries}}


def tampered_with(out: Path) -> None:
    """The first line of an unfinished result was in other hands."""
    head, first, *rest = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(head + canonical(made_up(json.loads(first))) + b"\n" + b"".join(rest))


def is_sound(lines: list[Json]) -> bool:
    made = [shared_anew(record, line, NEW) for record, line in zip(RECORDS, lines, strict=True)]
    return all(locks.commits(key_of(one, NEXT[:3]), unb64(one["locked"])[: locks.HEAD]) for one in made)


def test_nobody_signs_what_somebody_put_into_a_result_that_was_broken_off(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    tampered_with(out)
    with pytest.raises(Tampered, match="changed by somebody"):
        carried.conclude(out, meet(C1, C2, C3), "2026-11-22", ())
    assert is_sound(conducted(export, out))
    statement = carried.conclude(out, meet(C1, C2, C3), "2026-11-22", ())["document"]
    assert statement["batches"] == [resharings.batch_digest(batch) for batch in carried.batches(out)]


def test_one_of_those_present_cannot_vouch_for_a_result_in_the_place_of_the_others(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    carried.share_anew(export, out, Ceremony(ROSTER, NEW, {"C1": Holder("C1", C1.secret)}), nothing)
    assert all(line["shared"] is None for batch in carried.batches(out) for line in batch)
    assert is_sound(conducted(export, out))


@pytest.mark.parametrize("found", [b"", b"{}", b"[]", b"\xff", b'{"document": {}, "signatures": []}'])
def test_a_progress_that_is_none_means_to_begin_again(tmp_path: Path, found: bytes) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    (tmp_path / "result.progress").write_bytes(found)
    assert is_sound(conducted(export, out))


def test_a_ceremony_that_stopped_within_any_byte_of_a_line_goes_on_to_the_same_end(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    whole = out.read_bytes()
    for at in [0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 2, len(whole) - 1]:
        out.write_bytes(whole[:at])
        lines = conducted(export, out)
        assert [line["name"] for line in lines] == [line["name"] for line in LINES]
        assert all(shared_anew(record, line, NEW) for record, line in zip(RECORDS, lines, strict=True))


def test_a_torn_line_longer_than_a_reading_is_dropped_too(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    whole = out.read_bytes()
    out.write_bytes(whole + b"x" * 200_000)
    conducted(export, out)
    assert out.read_bytes() == whole


def test_a_concluded_result_is_left_as_it_is(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    met = meet(C1, C2, C3)
    signed = carried.conclude(out, met, "2026-11-22", ())
    whole = out.read_bytes()
    conducted(export, out)
    assert carried.conclude(out, met, "2026-11-23", ["identity x"]) == signed == carried.signed_statement(out)
    assert out.read_bytes() == whole


def test_the_statement_names_every_batch(tmp_path: Path) -> None:
    export, out = written(tmp_path, 3), tmp_path / "result"
    conducted(export, out)
    statement = read_statement(carried.conclude(out, meet(C1, C2, C3), "2026-11-22", ()), NEXT_CHAIN)
    (batch,) = carried.batches(out)
    assert statement["batches"] == [resharings.batch_digest(batch)]


def test_long_results_come_in_batches(tmp_path: Path) -> None:
    export, out = written(tmp_path, BATCH + 3), tmp_path / "result"
    conducted(export, out)
    assert [len(batch) for batch in carried.batches(out)] == [BATCH, 3]
    assert len(carried.failures(out)) == BATCH  # these have the shares of another record


@pytest.mark.parametrize("cut", [2, 30, 4000])
def test_an_export_that_was_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    export = written(tmp_path)
    export.write_bytes(export.read_bytes()[:-cut])
    with pytest.raises(Invalid):
        conducted(export, tmp_path / "result")


def test_an_export_in_which_two_have_one_id_is_refused(tmp_path: Path) -> None:
    twin = of_record(entrust(b"somebody else", "identity", RECORDS[0]["record"], ROSTER))
    carried.write_export(tmp_path / "export", SIGNED, [*LINES, twin])
    with pytest.raises(Tampered, match="one id"):
        conducted(tmp_path / "export", tmp_path / "result")


def test_an_export_without_its_last_lines_is_refused(tmp_path: Path) -> None:
    export = written(tmp_path)
    export.write_bytes(b"".join(export.read_bytes().splitlines(keepends=True)[:-2]))
    with pytest.raises(Invalid):
        list(carried.lines_of(export))


def test_the_result_of_another_ceremony_is_not_gone_on_with(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    carried.write_export(tmp_path / "other", SIGNED, LINES[1:])
    with pytest.raises(Conflict):
        conducted(tmp_path / "other", out)
    head, *rest = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(json.dumps({**json.loads(head), "roster": 9}).encode() + b"\n" + b"".join(rest))
    with pytest.raises(Conflict):
        conducted(export, out)
    with pytest.raises(Invalid):
        conducted(out, tmp_path / "third")


def test_an_export_overwrites_nothing_and_is_whole_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        carried.write_export(tmp_path / "export", SIGNED, [*LINES, {}])
    assert not (tmp_path / "export").exists()
    export = written(tmp_path)
    assert [roster.version for roster in carried.rosters_of(export)] == [1, 2, 3]
    with pytest.raises(Conflict):
        written(tmp_path)


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    export, out = written(tmp_path), tmp_path / "result"
    conducted(export, out)
    assert {path.stat().st_mode & 0o077 for path in (export, out, tmp_path / "result.progress")} == {0}
