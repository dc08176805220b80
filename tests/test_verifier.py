"""The verifier that strangers run: what it takes, and the step at which it refuses whatever was changed."""

from __future__ import annotations

import ast
import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.authority import LocalAuthority
from tests.cast import (
    C1,
    C2,
    C3,
    CHAIN,
    CUSTODIANS,
    ROSTER,
    V1,
    V2,
    Person,
    following,
    identifier,
    seed,
    signed_by,
)
from tests.proofs import (
    AT_LEAST,
    LOG,
    ORIGIN,
    PROVEN,
    QUOTE,
    QUOTED,
    ROSTERS,
    SIGNERS,
    V3,
    Proven,
    checkpoint_of,
    entry_of,
    log_of,
)
from tests.vectors.reader import Case, each
from vault import stamping, verifier
from vault.errors import Invalid, Tampered
from vault.sealing import commitments, logs, notes, rosters
from vault.sealing.digests import Json, b64, canonical, unb64
from vault.sealing.signatures import signature, with_signatures
from vault.verifier import DATE_ASSERTED, FAILED, MISUSED, NOT_IN_LOG, PROVED, Given, Report

SOURCE = Path(verifier.__file__)
Stamped = tuple[Proven, bytes]


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    """A published file with one stamp, and the authority's certificate."""
    authority = LocalAuthority(tmp_path_factory.mktemp("authority"))
    answer, _ = stamping.stamp(PROVEN.text, authority.as_known)
    return PROVEN.stamped(answer), authority.root


def concluded(published: bytes, **given: Any) -> Report:
    return verifier.conclude(lambda: Given(published, **given))


def fails(published: bytes, step: str, **given: Any) -> Report:
    report = concluded(published, **given)
    assert (report.code, report.failed) == (FAILED, step), report.verdict
    return report


# --- verdicts


def test_a_stamped_statement_is_proved(stamped: Stamped) -> None:
    proven, certificate = stamped
    report = concluded(proven.data, authorities=[certificate])
    assert (report.code, report.failed) == (PROVED, None)
    assert report.stamped is not None
    steps = [step["step"] for step in report.steps]
    assert steps == ["form", "rosters", "signatures", "edition", "checkpoint", "log", "stamp"]


def test_without_a_stamp_the_date_is_asserted_only(stamped: Stamped) -> None:
    assert concluded(PROVEN.data).code == DATE_ASSERTED
    assert concluded(PROVEN.data, authorities=[stamped[1]]).code == DATE_ASSERTED
    assert concluded(stamped[0].data).code == DATE_ASSERTED  # nobody's certificate was named
    assert concluded(PROVEN.data).day == "2026-11-04"


def test_without_proof_it_is_not_yet_in_the_log() -> None:
    waiting = PROVEN.changed(lambda raw: raw.update(proof=None))
    assert concluded(waiting.data).code == NOT_IN_LOG
    assert concluded(waiting.data, checkpoint=b"").code == MISUSED


def test_an_end_of_line_after_the_file_changes_nothing() -> None:
    assert concluded(PROVEN.data + b"\n").code == DATE_ASSERTED


def test_the_vault_can_be_named() -> None:
    name = concluded(PROVEN.data).vault
    assert concluded(PROVEN.data, vault=name).code == DATE_ASSERTED
    fails(PROVEN.data, "rosters", vault=b64(seed("another vault")))


def test_a_line_is_said_in_words() -> None:
    assert concluded(PROVEN.data).lines == [
        "strike.took_place = yes, direct: 3",
        "aircraft.present = yes, direct: 2, among those of line 0",
        "aircraft.number = 2 to 3, saw: 1, among those of line 1",
    ]
    assert concluded(AT_LEAST.data).lines == [
        "strike.took_place = yes, direct: at least 5",
        "explosions.count = 4, heard: at least 3",
        "warning.given = yes, direct: fewer than 3",
    ]


def test_a_quote_is_said_with_the_lines_that_it_asserts() -> None:
    assert concluded(QUOTED.data).code == DATE_ASSERTED
    assert concluded(QUOTED.data).lines[:3] == concluded(PROVEN.data).lines
    assert concluded(QUOTED.data).lines[3:] == [f"health_worker: “{QUOTE['words']}”, of lines [0, 1]"]


WRONG_CLAIMS: list[Json] = [[], {}, [2], [3], [-1], [1, 0], [0, 0], [True], [None]]
WRONG_QUOTES: list[Json] = [
    *([], {}, None, [1], [QUOTE, QUOTE]),
    *([{**QUOTE, "claims": claims}] for claims in WRONG_CLAIMS),
    *([{**QUOTE, "words": words}] for words in ("", " ", "a" * 601, "two\nlines", "\u202eturned", 1)),
    *([{**QUOTE, "descriptor": code}] for code in ("", "A doctor", "a" * 81, None)),
    [{**QUOTE, "witness": "amber"}],
    [{name: QUOTE[name] for name in ("words", "claims")}],
]


@pytest.mark.parametrize("quotes", WRONG_QUOTES)
def test_a_quote_asserts_exact_lines_perceived_directly_and_names_nobody(quotes: Json) -> None:
    fails(QUOTED.changed(lambda raw: raw["statement"]["document"].update(quotes=quotes)).data, "form")


def test_no_quote_stands_beside_numbers_in_steps() -> None:
    document = AT_LEAST.document | {"quotes": [QUOTE | {"claims": [0]}]}
    fails(AT_LEAST.changed(lambda raw: raw["statement"].update(document=document)).data, "form")


def test_a_quote_does_not_say_that_one_person_stands_in_two_claims_that_are_apart() -> None:
    lines = [dict(line) for line in QUOTED.document["lines"]]
    apart = {"subject": "warning.given", "column": "direct", "within": 0}
    document = QUOTED.document | {"lines": [*lines[:2], {**lines[2], **apart, "value": "yes"}]}

    def quoting(*claims: int) -> bytes:
        said = document | {"quotes": [QUOTE | {"claims": list(claims)}]}
        return QUOTED.changed(lambda raw: raw.update(statement=signed_by(said, SIGNERS))).data

    assert concluded(quoting(0, 2)).code == DATE_ASSERTED
    fails(quoting(1, 2), "form")


# --- any change, anywhere

PLACES: dict[tuple[str, ...], set[str]] = {
    ("statement",): {"form", "signatures"},
    ("rosters",): {"form", "rosters"},
    ("proof", "edition"): {"edition"},
    ("proof", "entry"): {"edition", "log"},
    ("proof", "checkpoint"): {"checkpoint"},
    ("proof", "log"): {"log"},
    ("proof", "stamps"): {"stamp"},
    ("format",): {"form"},
}


def expected(place: tuple[Any, ...]) -> set[str]:
    return next(steps for path, steps in PLACES.items() if place[: len(path)] == path)


def places(value: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the single values of a document stand."""
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        yield at
    else:
        for key, one in inner:
            yield from places(one, (*at, key))


def put(raw: Json, place: tuple[Any, ...], change: Callable[[Json], Json]) -> None:
    for key in place[:-1]:
        raw = raw[key]
    raw[place[-1]] = change(raw[place[-1]])


def another(value: Json) -> Json:
    """A value that is spelled with one character more, less or changed."""
    match value:
        case bool() | None:
            return 0
        case int():
            return value + 1
        case _:
            middle = len(value) // 2
            return value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]


def test_any_changed_value_is_refused_at_the_step_that_it_belongs_to(stamped: Stamped) -> None:
    proven, certificate = stamped
    found = list(places(proven.published))
    assert len(found) > 200
    for place in found:
        changed = proven.changed(lambda raw, place=place: put(raw, place, another))  # type: ignore[misc]
        report = concluded(changed.data, authorities=[certificate])
        assert report.code == FAILED, place
        assert report.failed in expected(place), place


@settings(max_examples=250)
@given(data=st.data())
def test_any_changed_byte_is_refused(stamped: Stamped, data: st.DataObject) -> None:
    proven, certificate = stamped
    at, mask = data.draw(st.integers(0, len(proven.data) - 1)), data.draw(st.integers(1, 255))
    changed = bytearray(proven.data)
    changed[at] ^= mask
    report = concluded(bytes(changed), authorities=[certificate])
    assert report.code == FAILED
    assert report.failed


def objects(value: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the objects and lists of a document stand."""
    if isinstance(value, dict | list):
        yield at
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from objects(one, (*at, key))


def inside(raw: Json, place: tuple[Any, ...]) -> Any:
    for key in place:
        raw = raw[key]
    return raw


def test_any_member_left_out_or_added_is_refused(stamped: Stamped) -> None:
    proven, certificate = stamped
    for place in objects(proven.published):
        # with a stamp more or less it is as good as the stamps that are there
        if place == ("proof", "stamps") or inside(proven.published, place) == []:
            continue
        less, more = copy.deepcopy(proven.published), copy.deepcopy(proven.published)
        shorter, longer = inside(less, place), inside(more, place)
        if isinstance(longer, dict):
            longer["more"] = None
            shorter.popitem()
        else:
            longer.append(longer[-1])
            shorter.pop()
        for raw in (less, more):
            assert concluded(canonical(raw), authorities=[certificate]).code == FAILED, place


@pytest.mark.parametrize("index", [0, 1, 2, 4, 5, 16])
def test_a_path_proves_its_own_place_only(index: int) -> None:
    assert PROVEN.proof["log"]["index"] == 2
    if index != 2:
        fails(PROVEN.changed(lambda raw: raw["proof"]["log"].update(index=index)).data, "log")
        fails(PROVEN.changed(lambda raw: raw["proof"]["entry"].update(number=index + 1)).data, "log")


@pytest.mark.parametrize("size", [0, 15, 17, 64, 4096])
def test_a_padded_tree_has_one_of_its_sizes(size: int) -> None:
    fails(PROVEN.changed(lambda raw: raw["proof"]["edition"].update(size=size)).data, "edition")


# --- forms


@pytest.mark.parametrize(
    "spelled",
    [
        json.dumps(PROVEN.published, indent=1).encode(),
        PROVEN.data.replace(b'{"format"', b'{"format":"x","format"', 1),
        b" " + PROVEN.data,
        PROVEN.data + b"\n\n",
        b"[" * 100_000,
        b"{}",
        '{"\u0633":1}'.encode(),
        b"[]",
        b"null",
        b"\xff",
        b"",
        bytes(verifier.LARGEST + 1),
    ],
)
def test_another_spelling_is_refused(spelled: bytes) -> None:
    fails(spelled, "form")


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["statement"].update(more=None),
        lambda raw: raw["statement"]["signatures"].reverse(),
        lambda raw: raw["statement"]["signatures"].append(raw["statement"]["signatures"][-1]),
        lambda raw: raw["statement"]["signatures"][0].update(more=None),
        lambda raw: raw["statement"]["signatures"][0].update(by="somebody"),
        lambda raw: raw.update(more=None),
    ],
)
def test_nothing_stands_beside_what_is_signed(change: Callable[[dict[str, Any]], Any]) -> None:
    fails(PROVEN.changed(change).data, "form")


@each("canonical", refused=False)
def test_json_is_spelled_as_the_vault_spells_it(case: Case) -> None:
    data = unb64(case["canonical"])
    assert verifier.canonical(verifier.parse(data)) == data


@each("canonical", refused=True)
def test_what_has_no_spelling_is_refused(case: Case) -> None:
    with pytest.raises(verifier.Wrong):
        verifier.parse(case["json"].encode("utf-8", "surrogatepass"))


@each("b64", refused=False)
def test_bytes_are_spelled_as_the_vault_spells_them(case: Case) -> None:
    assert verifier.b64(verifier.unb64(case["b64"])) == case["b64"]


@each("b64", refused=True)
def test_no_other_spelling_of_bytes_is_taken(case: Case) -> None:
    with pytest.raises(verifier.Wrong):
        verifier.unb64(case["b64"])


# --- rosters and signatures

V4 = Person("V4", "reviewer")
NEXT = following(ROSTER, [V3])


def alone(document: dict[str, Any], codes: Iterable[str]) -> Any:
    """The document, signed by C1 under all of these codes."""
    return with_signatures(document, [signature(document, code, C1.secret.signing) for code in codes])


CODES = [one.code for one in CUSTODIANS]
FIRST = NEXT["custodians"][0]
OF_ONE = [{**entry, "signing": FIRST["signing"]} for entry in NEXT["custodians"]]
FORGED: dict[str, Any] = {
    "no roster": [],
    "signed by two of five": [*CHAIN, signed_by(NEXT, (C1, C2))],
    "signed by members": [*CHAIN, signed_by(NEXT, (V1, V2, V3))],
    "the first by a quorum alone": [signed_by(CHAIN[0]["document"], (C1, C2, C3)), *CHAIN[1:]],
    "a version left out": [CHAIN[0], ROSTERS[2]],
    "the first left out": ROSTERS[1:],
    "a version twice": [*CHAIN, CHAIN[1]],
    "another's version": [*CHAIN, signed_by({**NEXT, "vault": identifier("other")}, CUSTODIANS)],
    "a version that follows nothing": [*CHAIN, signed_by({**NEXT, "previous": b64(bytes(32))}, CUSTODIANS)],
    "another kind of document": [
        *CHAIN,
        signed_by({**NEXT, "format": "witness-vault/v1/recut"}, CUSTODIANS),
    ],
    "k of one": [*CHAIN, signed_by({**NEXT, "threshold": 1}, CUSTODIANS)],
    "k beyond n": [*CHAIN, signed_by({**NEXT, "threshold": 6}, CUSTODIANS)],
    "one key under many codes": [
        alone({**NEXT, "version": 1, "previous": None, "custodians": OF_ONE}, CODES),
    ],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_roster_is_refused_by_the_vault_and_by_the_verifier(name: str) -> None:
    with pytest.raises((Tampered, Invalid)):
        rosters.verify_chain(FORGED[name])
    fails(PROVEN.changed(lambda raw: raw.update(rosters=FORGED[name])).data, "rosters")


def test_nobody_signs_a_roster_beside_who_may() -> None:
    beside = signed_by(NEXT, (*CUSTODIANS, V4))
    fails(PROVEN.changed(lambda raw: raw.update(rosters=[*CHAIN, beside])).data, "rosters")


@pytest.mark.parametrize(
    ("people", "changes"),
    [
        ((C1, V1, V2), {}),
        ((V1, V2, V3), {}),
        ((C1, V2, V3), {}),
        ((C1, C2, V1), {}),
        ((*SIGNERS, Person("R1", "researcher")), {}),
        (SIGNERS, {"roster": 2}),
        (SIGNERS, {"roster": 4}),
        ((*SIGNERS, V4), {}),
        (SIGNERS, {"preparer": "C1"}),
    ],
)
def test_a_statement_that_lacks_a_signature_is_refused(people: Any, changes: dict[str, Any]) -> None:
    statement = signed_by({**PROVEN.document, **changes}, people)
    fails(PROVEN.changed(lambda raw: raw.update(statement=statement)).data, "signatures")


def test_a_statement_of_another_vault_is_refused() -> None:
    other = identifier("another vault")
    log = {**PROVEN.document["log"], "origin": f"witness-vault/{other}"}
    statement = signed_by({**PROVEN.document, "vault": other, "log": log}, SIGNERS)
    fails(PROVEN.changed(lambda raw: raw.update(statement=statement)).data, "signatures")


def test_two_codes_of_one_key_are_not_two_reviewers() -> None:
    twin = replace(V2, code="V4")
    listed = {**V2.card["document"], "code": "V4"}
    members = [*NEXT["members"], {name: listed[name] for name in NEXT["members"][0]}]
    chain = [*CHAIN, signed_by({**NEXT, "members": members}, CUSTODIANS)]
    entries = signed_by(PROVEN.document, (C1, V1, V2))["signatures"]
    same = {"by": twin.code, "signature": entries[2]["signature"]}
    statement = {"document": PROVEN.document, "signatures": [*entries, same]}
    report = fails(
        PROVEN.changed(lambda raw: raw.update(rosters=chain, statement=statement)).data, "signatures"
    )
    assert "one key" in report.verdict


# --- stamps


def test_a_stamp_counts_by_the_authority_that_is_named_only(stamped: Stamped, tmp_path: Path) -> None:
    other = LocalAuthority(tmp_path)
    fails(stamped[0].data, "stamp", authorities=[other.root])
    assert concluded(stamped[0].data, authorities=[other.root, stamped[1]]).code == PROVED


def test_a_stamp_of_another_state_is_refused(stamped: Stamped) -> None:
    proven, certificate = stamped
    entries = [*PROVEN.entries, entry_of(6, seed("sixth"))]
    hashes = log_of(entries)
    moved = proven.changed(
        lambda raw: raw["proof"].update(
            checkpoint=checkpoint_of(entries),
            log=commitments.path_to(hashes, hashes[2]),
        )
    )
    assert concluded(moved.data).code == DATE_ASSERTED
    fails(moved.data, "stamp", authorities=[certificate])


def test_a_stamp_that_is_none_is_refused(stamped: Stamped) -> None:
    fails(PROVEN.stamped(b"no stamp").data, "stamp", authorities=[stamped[1]])
    fails(stamped[0].data, "stamp", authorities=[b"no certificate"])


def test_without_the_package_for_stamps_it_says_what_is_missing(
    stamped: Stamped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    report = concluded(stamped[0].data, authorities=[stamped[1]])
    assert (report.code, report.failed) == (MISUSED, None)
    assert "rfc3161-client" in report.verdict


def test_cosignatures_do_not_disturb() -> None:
    line = notes.signature_line(PROVEN.text, "watcher.example/1", LOG)
    cosigned = PROVEN.changed(
        lambda raw: raw["proof"].update(checkpoint=notes.with_line(raw["proof"]["checkpoint"], line))
    )
    assert concluded(cosigned.data).code == DATE_ASSERTED


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"vault": identifier("another vault")}, "edition"),
        ({"day": "soon"}, "edition"),
        ({"more": None}, "edition"),
        ({"root": b64(bytes(32))}, "edition"),
        ({"number": 4}, "log"),
    ],
)
def test_whoever_has_the_key_of_the_log_cannot_enter_something_else(
    changes: dict[str, Any], step: str
) -> None:
    entry = {**PROVEN.proof["entry"], **changes}
    entries = [*PROVEN.entries[:2], entry, *PROVEN.entries[3:]]
    hashes = log_of(entries)
    proof = {
        "entry": entry,
        "log": commitments.path_to(hashes, hashes[2]),
        "checkpoint": checkpoint_of(entries),
    }
    fails(PROVEN.changed(lambda raw: raw["proof"].update(proof)).data, step)


SIZE, TOP = PROVEN.text.split("\n")[1:3]


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n{SIZE}\n{TOP}\nan extension\n",
        f"{ORIGIN}\n0{SIZE}\n{TOP}\n",
        f"{ORIGIN}\n{SIZE}\n{TOP}=\n",
        f"{ORIGIN}\n{SIZE}\nAAAA\n",
        f"{ORIGIN}\n{TOP}\n",
        f"witness-vault/other\n{SIZE}\n{TOP}\n",
    ],
    ids=["more lines", "a size with zeros", "a root too long", "a root too short", "no size", "another log"],
)
def test_what_the_key_of_the_log_signed_must_be_a_checkpoint_of_it(text: str) -> None:
    note = notes.sign_note(text, ORIGIN, LOG)
    fails(PROVEN.changed(lambda raw: raw["proof"].update(checkpoint=note)).data, "checkpoint")


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_checkpoint_that_is_cut_short_is_refused(cut: int) -> None:
    note = PROVEN.proof["checkpoint"][:-cut]
    fails(PROVEN.changed(lambda raw: raw["proof"].update(checkpoint=note)).data, "checkpoint")


# --- two checkpoints

EARLIER = checkpoint_of(PROVEN.entries[:3]).encode()
LATER = checkpoint_of([*PROVEN.entries, entry_of(6, seed("sixth"))]).encode()
FORK = checkpoint_of([*PROVEN.entries[:4], entry_of(5, seed("another fifth"))]).encode()


def consistency(first: int, second: int, entries: Any) -> bytes:
    return canonical(logs.consistency(log_of(entries)[:second], first))


def test_a_fork_is_found_where_two_checkpoints_of_one_size_differ() -> None:
    report = fails(PROVEN.data, "fork", checkpoint=FORK)
    assert "forked" in report.verdict


def test_the_same_checkpoint_is_no_fork() -> None:
    same = PROVEN.proof["checkpoint"].encode()
    assert concluded(PROVEN.data, checkpoint=same).code == DATE_ASSERTED


def test_a_log_that_grew_is_told_from_one_that_was_rewritten() -> None:
    grew = consistency(3, 5, PROVEN.entries)
    assert concluded(PROVEN.data, checkpoint=EARLIER).code == MISUSED
    assert concluded(PROVEN.data, checkpoint=EARLIER, consistency=grew).code == DATE_ASSERTED
    longer = consistency(5, 6, [*PROVEN.entries, entry_of(6, seed("sixth"))])
    assert concluded(PROVEN.data, checkpoint=LATER, consistency=longer).code == DATE_ASSERTED
    rewritten = checkpoint_of([entry_of(number, seed("other")) for number in (1, 2, 3)]).encode()
    fails(PROVEN.data, "fork", checkpoint=rewritten, consistency=grew)
    fails(PROVEN.data, "fork", checkpoint=EARLIER, consistency=longer)
    misnamed = {**logs.consistency(log_of(PROVEN.entries), 3), "first": 4}
    for raw in (misnamed, {**misnamed, "first": 3, "more": None}):
        fails(PROVEN.data, "fork", checkpoint=EARLIER, consistency=canonical(raw))
    fails(PROVEN.data, "fork", checkpoint=EARLIER, consistency=consistency(3, 5, PROVEN.entries)[:-1])


def test_a_checkpoint_of_another_key_or_log_is_refused() -> None:
    stranger = notes.sign_note(PROVEN.text, ORIGIN, V1.secret.signing).encode()
    elsewhere = notes.Checkpoint("witness-vault/other", 5, seed("root")).text()
    for other in (stranger, notes.sign_note(elsewhere, "witness-vault/other", LOG).encode(), b"\xff", b""):
        fails(PROVEN.data, "fork", checkpoint=other)


# --- openings


@pytest.mark.parametrize(
    ("proven", "line", "count"),
    [(PROVEN, 0, 3), (PROVEN, 1, 2), (PROVEN, 2, 1), (AT_LEAST, 0, 6), (AT_LEAST, 1, 3)],
)
def test_openings_show_the_different_accounts_behind_a_line(proven: Proven, line: int, count: int) -> None:
    report = concluded(proven.data, openings=[canonical(proven.openings(line))])
    assert report.code == DATE_ASSERTED
    says = f"{count} different accounts stand behind line {line}"
    assert report.steps[-1] == {"step": "openings", "says": says}


def test_of_few_nothing_is_opened() -> None:
    fails(AT_LEAST.data, "openings", openings=[canonical(AT_LEAST.openings(2))])


def twice(raw: dict[str, Any]) -> None:
    for name in ("leaves", "paths"):
        raw[name][1] = raw[name][0]


def fewer(raw: dict[str, Any]) -> None:
    for name in ("leaves", "paths"):
        raw[name].pop()


@pytest.mark.parametrize(
    "change",
    [
        twice,
        fewer,
        lambda raw: raw["paths"].pop(),
        lambda raw: raw.update(more=None),
        lambda raw: raw["leaves"][0].update(more=None),
        lambda raw: raw["paths"][0].update(more=None),
        lambda raw: raw.update(line=1),
        lambda raw: raw.update(line=3),
        lambda raw: raw.update(line=-1),
        lambda raw: raw.update(statement=b64(bytes(32))),
        lambda raw: raw["leaves"][0].update(salt=b64(bytes(32))),
        lambda raw: raw["leaves"][0].update(salt=b64(bytes(31))),
        lambda raw: raw["leaves"][0].update(subject="aircraft.present"),
        lambda raw: raw["leaves"][0].update(witness="W1"),
        lambda raw: raw["paths"][0].update(size=4095),
        lambda raw: raw["paths"][0].update(index=(raw["paths"][0]["index"] + 1) % 4096),
    ],
)
def test_openings_that_show_anything_else_are_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    raw = PROVEN.openings(0)
    change(raw)
    fails(PROVEN.data, "openings", openings=[canonical(raw)])


def test_more_than_a_line_was_signed_for_is_not_shown_in_its_name() -> None:
    # an exact line cannot be stretched, nor one that says "at least"
    for proven in (PROVEN, AT_LEAST):
        raw, other = proven.openings(0), proven.openings(1)
        for name in ("leaves", "paths"):
            raw[name].append(other[name][0])
        fails(proven.data, "openings", openings=[canonical(raw)])
        # nor is less shown than the line rests on, though it be as many as it says
        raw = proven.openings(0)
        for name in ("leaves", "paths"):
            raw[name] = raw[name][:-1]
        fails(proven.data, "openings", openings=[canonical(raw)])


# --- one file


def test_it_imports_nothing_of_ours() -> None:
    tree = ast.parse(SOURCE.read_text("utf-8"))
    named = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert named - sys.stdlib_module_names == {"cryptography", "rfc3161_client"}


def test_it_runs_by_itself(tmp_path: Path, stamped: Stamped) -> None:
    shutil.copy(SOURCE, tmp_path)
    (tmp_path / "published.json").write_bytes(stamped[0].data)
    (tmp_path / "root.pem").write_bytes(stamped[1])
    (tmp_path / "openings.json").write_bytes(canonical(PROVEN.openings(0)))
    words = ["published.json", "openings.json", "--authority", "root.pem", "--json"]
    command = [sys.executable, "-I", SOURCE.name, *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == PROVED, done.stderr
    said = json.loads(done.stdout)
    assert said["steps"][-1]["says"] == "3 different accounts stand behind line 0"
    assert said["does_not_prove"]


def test_what_it_prints_says_what_is_not_proved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "published.json"
    file.write_bytes(PROVEN.data)
    assert verifier.main([str(file)]) == DATE_ASSERTED
    said = capsys.readouterr().out
    assert "Date asserted, not proved" in said
    assert "It does not prove" in said
    file.write_bytes(PROVEN.data.replace(b"air-strike", b"car-strike"))
    assert verifier.main([str(file)]) == FAILED
    assert "Failed at signatures" in capsys.readouterr().out
    assert verifier.main([str(tmp_path / "nothing.json")]) == MISUSED
