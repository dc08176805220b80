"""Nobody signs blind: a custodian reads what changes, in words that were read aloud, against the roster they pinned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tests import stage
from tests.cast import C1, C2, C3, CUSTODIANS, MEMBERS, R1, V1, V2, VAULT, Person, following, next_epoch, seed
from tests.cli.line import HOSTILE, Line, harmless
from vault import enrolment, proposals
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import perform
from vault.cli.main import cli
from vault.errors import Conflict, Invalid, NotFound, Tampered, VaultError
from vault.founding import found_case
from vault.profile import FOUNDING, KEY_FILE, Profile
from vault.sealing import members
from vault.sealing.digests import Document, Json, b64, digest, document_digest
from vault.sealing.keypairs import CHEAPEST, MemberSecret
from vault.sealing.roster_drafts import founding_document
from vault.sealing.words import fingerprint

NEWCOMER = Person("V9", "reviewer", asks=True)
IMPOSTOR = Person("X9")
LATER = stage.later(200).isoformat()


def name(document: Document) -> str:
    return b64(document_digest(document))


def words(card: Any) -> str:
    return members.card_fingerprint(card)


def keys(person: Person) -> dict[str, str]:
    return {part: person.card["document"][part] for part in ("sealing", "signing")}


def proposed(line: Line, document: Document) -> str:
    """Have the server show this document to custodians, whoever made it."""
    shown = {"digest": name(document), "document": document, "signed_by": [], "threshold": 3}
    line.lie("GET", "/api/proposals", lambda _: {"proposals": [shown]})
    return name(document)


def listed(line: Line, part: str, **changed: dict[str, Any]) -> dict[str, Any]:
    """The roster after the present one, in which the entries of these codes are other ones (or gone)."""
    return changed_in(following(line.scene.roster(), **stage.DAYS), part, changed)


def epoch(line: Line, **changed: dict[str, Any]) -> dict[str, Any]:
    """The roster that begins the next epoch, in which the entries of these custodians are other ones (or gone)."""
    return changed_in({**next_epoch(line.scene.roster())[0], **stage.DAYS}, "custodians", changed)


def changed_in(document: dict[str, Any], part: str, changed: dict[str, Any]) -> dict[str, Any]:
    entries = {entry["code"]: entry for entry in document[part]} | changed
    return {**document, part: [entries[code] for code in sorted(entries) if entries[code]]}


def aside(line: Line, document: Document) -> str:
    """What a custodian reads before answering no; nothing is signed."""
    with pytest.raises(click.Abort):
        line.run(C1, "custodian", "sign", "--", proposed(line, document), answer="n\n")
    assert not any("/signatures" in call for call, _ in line.heard)
    return line.said.err


@pytest.mark.parametrize("person", MEMBERS, ids=lambda person: person.code)
def test_a_roster_has_the_words_that_its_members_read_from_their_cards(person: Person) -> None:
    entry = {part: person.card["document"][part] for part in members.LISTED}
    assert members.member_fingerprint(VAULT, entry) == words(person.card)
    if person.request is None:
        assert members.request_fingerprint(VAULT, entry) is None
    else:
        shown = words(members.request_card(VAULT, person.code, person.request))
        assert members.request_fingerprint(VAULT, entry) == shown


@pytest.mark.parametrize("person", CUSTODIANS, ids=lambda person: person.code)
def test_a_roster_has_the_words_of_its_custodians_cards(person: Person) -> None:
    entry = {"code": person.code, **keys(person)}
    assert members.custodian_fingerprint(entry) == words(person.card)


@pytest.mark.parametrize("part", members.LISTED)
def test_the_words_of_a_card_change_with_everything_that_a_roster_takes_from_it(part: str) -> None:
    changed = {**V2.card["document"], part: V1.card["document"][part]}
    if part == "role":
        changed["role"] = "researcher"
    assert members.member_fingerprint(VAULT, changed) != words(V2.card)


def test_other_keys_under_the_code_of_a_custodian_are_shown_with_both_words(line: Line) -> None:
    read = aside(line, epoch(line, C2={"code": "C2", **keys(IMPOSTOR)}))
    other = members.custodian_fingerprint({"code": "C2", **keys(IMPOSTOR)})
    assert f"Changes C2 from (card: {words(C2.card)}) to (card: {other})" in read


@pytest.mark.parametrize("part", ["sealing", "signing", "request", "role"])
def test_other_keys_under_the_code_of_a_member_are_shown_with_both_words(line: Line, part: str) -> None:
    before = line.scene.roster().document["members"][2]
    other = {**keys(IMPOSTOR), "request": keys(IMPOSTOR)["signing"], "role": "researcher"}[part]
    read = aside(line, listed(line, "members", V1={**before, part: other}))
    assert f"Changes V1 from (reviewer; card: {words(V1.card)}; request key: none) to (" in read
    assert members.member_fingerprint(VAULT, {**before, part: other}) in read


def test_who_is_added_and_who_is_removed_is_shown(line: Line) -> None:
    entry = {part: NEWCOMER.card["document"][part] for part in members.LISTED}
    read = aside(line, listed(line, "members", R1={}, V9=entry))
    assert f"Removes R1 (researcher; card: {words(R1.card)}; request key: none)" in read
    assert NEWCOMER.request is not None
    own = words(members.request_card(VAULT, "V9", NEWCOMER.request))
    assert f"Adds V9 (reviewer; card: {words(NEWCOMER.card)}; request key: {own})" in read
    assert "R2 (" not in read


def test_another_quorum_epoch_or_last_day_is_shown(line: Line) -> None:
    roster = line.scene.roster()
    document, renewed = next_epoch(roster, CUSTODIANS, 2)
    read = aside(line, {**document, "issued": stage.DAY.isoformat(), "expires": LATER})
    assert f"until {LATER}: 2 of 5 custodians, epoch 2." in read
    assert "The quorum changes! It was 3 of 5 custodians, epoch 1." in read
    for before, after in zip(CUSTODIANS, renewed, strict=True):
        assert (
            f"Changes {before.code} from (card: {words(before.card)}) to (card: {words(after.card)})" in read
        )
    assert "No members change." in read


def test_another_custodian_is_shown_though_the_codes_are_those_of_others(line: Line) -> None:
    read = aside(line, epoch(line, C5={}, C6={"code": "C6", **keys(IMPOSTOR)}))
    assert f"Removes C5 (card: {words(CUSTODIANS[4].card)})" in read
    assert "Adds C6 (card: " in read


@pytest.mark.parametrize(
    "changes",
    [
        {"previous": None},
        {"previous": b64(bytes(32))},
        {"version": 9},
        {"version": 1, "previous": None},
        {"vault": b64(bytes(16))},
        {"threshold": 1},
        {"expires": HOSTILE},
    ],
)
def test_a_roster_that_does_not_follow_the_pinned_one_is_neither_explained_nor_signed(
    line: Line, changes: dict[str, Json]
) -> None:
    document = {**following(line.scene.roster(), **stage.DAYS), **changes}
    with pytest.raises((Tampered, Invalid)):
        line.run(C1, "custodian", "sign", "--yes", "--", proposed(line, document))
    assert not any("/signatures" in call for call, _ in line.heard)
    said = line.run(C1, "custodian", "proposals")
    assert "Do not sign" in said.out
    assert "Roster version" not in said.out


def test_whoever_shows_one_document_and_names_another_gets_no_signature(line: Line) -> None:
    document = following(line.scene.roster(), **stage.DAYS)
    proposed(line, document)
    shown = {"digest": b64(bytes(32)), "document": document, "signed_by": [], "threshold": 3}
    line.lie("GET", "/api/proposals", lambda _: {"proposals": [shown]})
    with pytest.raises(NotFound):
        line.run(C1, "custodian", "sign", "--yes", "--", b64(bytes(32)))


def invited(line: Line, **changes: Json) -> dict[str, Any]:
    return {**stage.invitations(line.scene.roster(), (NEWCOMER,)), **changes}


def entry(**changes: Json) -> dict[str, Any]:
    return {"code": "V9", "role": "reviewer", "token": b64(digest("invitation", b"")), **changes}


def case(line: Line, **changes: Json) -> dict[str, Any]:
    plan = {**stage.PLAN, "team": stage.TEAM}
    known = line.scene.vault.vocabularies
    return {**found_case(plan, line.scene.roster(), "V1", V1.secret.signing, known)[0], **changes}


@pytest.mark.parametrize(
    "make",
    [
        lambda line: invited(line, expires=f"2027-01-01{HOSTILE}"),
        lambda line: invited(line, vault=b64(bytes(16))),
        lambda line: invited(line, roster=1),
        lambda line: invited(line, invitations=[entry(code=f"V9{HOSTILE}")]),
        lambda line: invited(line, invitations=[entry(role=f"reviewer{HOSTILE}")]),
        lambda line: invited(line, invitations=[entry(token="AAAA")]),
        lambda line: invited(line, invitations=5),
        lambda line: case(line, code=f"S1{HOSTILE}"),
        lambda line: case(line, proposer="R1"),
        lambda line: case(line, roster=1),
        lambda line: case(line, vault=b64(bytes(16))),
        lambda line: case(line, team=[{"member": f"V1{HOSTILE}", "keys": ["brief"]}]),
        lambda line: case(line, team=[*case(line)["team"], {"member": "X1", "keys": ["brief"]}]),
        lambda _: {"format": f"witness-vault/v1/{HOSTILE}"},
        lambda _: {"format": 5},
    ],
)
def test_a_proposal_that_is_not_whole_is_not_put_into_words(
    line: Line, make: Callable[[Line], dict[str, Any]]
) -> None:
    document = make(line)
    with pytest.raises(VaultError) as refused:
        line.run(C1, "custodian", "sign", "--yes", "--", proposed(line, document))
    assert harmless(str(refused.value))
    assert line.said.err == ""
    said = line.run(C1, "custodian", "proposals")
    assert all(harmless(part) for part in said.out.splitlines())
    assert "Do not sign" in said.out


def test_a_case_has_the_same_six_words_for_whoever_proposes_and_whoever_signs(
    line: Line, tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({**stage.PLAN, "code": "S2", "team": stage.TEAM}))
    said = line.run(V1, "case", "propose", str(tmp_path / "plan.json"), "--yes")
    (heard,) = (json.loads(body)["document"] for call, body in line.heard if call == "POST /api/proposals")
    six = fingerprint(document_digest(heard))
    assert said.out.strip() == name(heard)
    assert six in said.err
    signed = line.run(C1, "custodian", "sign", "--yes", "--", name(heard))
    assert f"Its six words: {six}" in signed.err
    assert signed.out == "Signed by 1; it takes 3.\n"


def test_a_server_that_takes_another_document_than_was_proposed_is_caught(line: Line, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({**stage.PLAN, "code": "S2", "team": stage.TEAM}))
    line.lie("POST", "/api/proposals", lambda _: {"digest": b64(bytes(32))})
    with pytest.raises(Tampered):
        line.run(V1, "case", "propose", str(tmp_path / "plan.json"), "--yes")
    assert line.said.out == ""


@pytest.fixture
def waiting(line: Line) -> Line:
    """A line on which a newcomer's card waits for the roster."""
    scene = line.scene
    scene.carry(C1, stage.invitations(scene.roster(), (NEWCOMER,)))
    scene.enrol(NEWCOMER)
    return line


def test_the_request_key_has_words_of_its_own_wherever_a_card_is_shown(waiting: Line) -> None:
    assert NEWCOMER.request is not None
    own = f"request key: {words(members.request_card(VAULT, 'V9', NEWCOMER.request))}"
    assert own in waiting.run(C1, "custodian", "cards").out
    admitted = waiting.run(C1, "custodian", "admit", "V9", "--yes")
    assert own in admitted.err
    assert words(NEWCOMER.card) in admitted.err
    assert own in waiting.run(C2, "custodian", "sign", "--yes", "--", admitted.out.strip()).err


def test_a_request_key_that_the_server_put_into_a_card_has_other_words(line: Line) -> None:
    scene, mine = line.scene, NEWCOMER.request
    assert mine is not None
    scene.carry(C1, stage.invitations(scene.roster(), (NEWCOMER,)))
    facts = {part: NEWCOMER.card["document"][part] for part in ("vault", "code", "role", "invitation")}
    swapped = members.member_card(facts, NEWCOMER.secret, IMPOSTOR.secret.signing.public)
    line.lie("GET", "/api/cards", lambda _: {"cards": [swapped]})
    shown = line.run(C1, "custodian", "cards").out
    assert words(members.request_card(VAULT, "V9", mine)) not in shown


@pytest.mark.parametrize("part", ["vault", "code", "role"])
def test_a_card_that_is_no_members_of_this_vault_is_not_shown(line: Line, part: str) -> None:
    facts = {part: NEWCOMER.card["document"][part] for part in ("vault", "code", "role", "invitation")}
    odd = members.member_card({**facts, part: HOSTILE}, NEWCOMER.secret, None)
    line.lie("GET", "/api/cards", lambda _: {"cards": [odd]})
    for command in (("cards",), ("admit", "V9", "--yes")):
        with pytest.raises(VaultError):
            line.run(C1, "custodian", *command)
        assert line.said.out == ""


def test_three_custodians_admit_whom_they_heard(waiting: Line) -> None:
    digest = waiting.run(C1, "custodian", "admit", "V9", "--yes").out.strip()
    for custodian in (C1, C2, C3):
        waiting.run(custodian, "custodian", "sign", "--yes", "--", digest)
    assert "V9" in waiting.scene.roster().members
    with waiting.scene.reading() as uow:
        assert proposals.waiting(uow, stage.actor(C1).role) == []


@pytest.mark.parametrize("part", ["sealing", "signing"])
def test_nobody_signs_a_founding_roster_with_another_key_under_their_code(tmp_path: Path, part: str) -> None:
    swapped = {**C1.card["document"], part: keys(IMPOSTOR)[part]}
    cards = [swapped, *(person.card["document"] for person in CUSTODIANS[1:])]
    draft = founding_document(VAULT, cards, 3, (stage.DAY.isoformat(), LATER))
    (tmp_path / "roster.draft").write_text(json.dumps(draft))
    profile = Profile(tmp_path / "C1")
    profile.write(KEY_FILE, C1.key_file)
    command = ["custodian", "sign-founding", str(tmp_path / "roster.draft"), "--profile", str(profile.folder)]
    with pytest.raises(Invalid):
        perform(cli, [*command, "--yes"], {PASSPHRASE: C1.passphrase})
    assert not profile.has(FOUNDING)


def test_cooling_the_pinned_page_and_a_new_epoch_are_said(line: Line, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"a page")
    sha = hashlib.sha256(b"a page").digest()
    said = line.run(C1, "custodian", "set-rules", "--cooling", "3", "--page", str(page), "--yes")
    assert "Days of cooling after the k-th approval: 3; before: 0." in said.err
    assert (
        f"The pinned page changes! Now: {fingerprint(sha)} (SHA-256 {sha.hex()}); before: none." in said.err
    )
    for custodian in (C1, C2, C3):
        line.run(custodian, "custodian", "sign", "--yes", "--", said.out.strip())
    roster = line.scene.roster()
    assert (roster.cooling, roster.page) == (3, sha)
    undone = line.run(C1, "custodian", "set-rules", "--page", "none", "--yes")
    assert "Days of cooling" not in undone.err
    assert "The pinned page changes! Now: none; before: " in undone.err
    line.run(C2, "custodian", "withdraw", "--yes", "--", undone.out.strip())
    with pytest.raises(Invalid):
        line.run(C1, "custodian", "set-rules", "--page", str(tmp_path / "nothing"), "--yes")
    with pytest.raises(click.BadParameter):
        line.run(C1, "custodian", "set-rules", "--cooling", "15", "--yes")


def test_who_is_dismissed_is_said_and_nobody_else_can_be(line: Line) -> None:
    said = line.run(C1, "custodian", "dismiss", "R1", "--yes")
    assert f"Removes R1 (researcher; card: {words(R1.card)}" in said.err
    for codes in (["R9"], ["R1", "C1"]):
        with pytest.raises(Invalid):
            line.run(C1, "custodian", "dismiss", *codes, "--yes")


def test_a_desk_and_a_listed_member_are_invited_by_code(line: Line) -> None:
    said = line.run(C1, "custodian", "invite", "--researcher", "R1", "--desk", "C1")
    assert [row.split()[0] for row in said.out.splitlines()] == ["C1", "R1"]
    with pytest.raises(Conflict):
        line.run(C1, "custodian", "invite", "--desk", "C9")
    with pytest.raises(Conflict):
        line.run(C1, "custodian", "invite", "--reviewer", "R1")


def test_whoever_lost_everything_enrols_with_new_keys_and_is_listed_with_them(line: Line) -> None:
    scene, again = line.scene, Person("R1", "researcher")
    anew = MemberSecret.generate()
    token = b64(digest("invitation", seed("again")))
    scene.carry(C1, invited(line, invitations=[entry(code="R1", role="researcher", token=token)]))
    facts = {"vault": VAULT, "code": "R1", "role": "researcher", "invitation": token}
    card = members.member_card(facts, anew, None)
    wrapped = members.wrap_member(anew, "R1", again.passphrase, again.device_key, CHEAPEST)
    with scene.writing() as uow:
        invitation = enrolment.invitation(uow, b64(seed("again")), stage.DAY)
        enrolment.accept(uow, invitation, card, wrapped, CHEAPEST)
    said = line.run(C1, "custodian", "admit", "R1", "--yes")
    assert f"Changes R1 from (researcher; card: {words(R1.card)}" in said.err
    for custodian in (C1, C2, C3):
        line.run(custodian, "custodian", "sign", "--yes", "--", said.out.strip())
    assert scene.roster().members["R1"].sealing == anew.sealing.public
    assert line.run(C1, "custodian", "cards").out == ""
