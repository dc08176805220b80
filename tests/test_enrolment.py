"""Becoming a member: in a browser or by a client, once per invitation, pending until a quorum lists the card."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.cast import C1, R1, R2, Person, following, identifier, seed
from tests.stage import DAY, DAYS, LAST, Scene, invitations, later
from vault import enrolment, sessions
from vault.enrolment import Kit
from vault.errors import Conflict, Expired, Invalid, NotFound, SignInNeeded, Tampered
from vault.rules.access import Role
from vault.sealing.digests import b64, canonical
from vault.sealing.keypairs import CHEAPEST, KEY_FILE, MEMBER, CostProfile, SigningKey
from vault.sealing.members import card_fingerprint, read_card, request_card, unwrap_member, wrap_member
from vault.sealing.words import read_device_key, spell_device_key
from vault.store.shreds import LaneRow
from vault.store.testimony import MemberRow
from vault.throttling import lane

R9 = Person("R9", "researcher")
TOKEN = b64(seed("R9 invitation"))
PASSPHRASE = "seven herons crossed the cold canal"
NOW = datetime.now(UTC)


@pytest.fixture
def invited(scene: Scene) -> Scene:
    scene.carry(C1, invitations(scene.roster(), (R9,)))
    return scene


def _enrol(scene: Scene, card: str = "", days: int = 0, token: str = TOKEN) -> Kit:
    return enrolment.enrol(scene.vault, token, (PASSPHRASE, PASSPHRASE), card, later(days))


def _admit(scene: Scene) -> None:
    with scene.reading() as uow:
        (card,) = enrolment.pending(uow, Role.CUSTODIAN)
    listed = {key: card["document"][key] for key in ("code", "role", "sealing", "signing", "request")}
    document = following(scene.roster(), **DAYS)
    members = sorted([*document["members"], listed], key=lambda entry: str(entry["code"]))
    scene.carry(C1, {**document, "members": members})


def _role(scene: Scene, kit: Kit) -> Role:
    token = sessions.sign_in(scene.vault, kit.code, PASSPHRASE, kit.device_key, NOW)
    return sessions.resume(scene.vault, token, NOW).role


def test_whoever_enrols_in_a_browser_is_pending_until_the_roster_lists_the_card(invited: Scene) -> None:
    kit = _enrol(invited)
    assert kit.code == "R9"
    with invited.reading() as uow:  # so that no stranger's guesses hold up their first sign-in
        assert uow.shreds.get_one(LaneRow, lane("R9", read_device_key(kit.device_key))).known
    assert _role(invited, kit) is Role.PENDING
    _admit(invited)
    assert _role(invited, kit) is Role.RESEARCHER


def test_the_kit_and_the_passphrase_alone_open_what_the_server_keeps(invited: Scene) -> None:
    kit = _enrol(invited)
    with invited.reading() as uow:
        wrapped, card = (
            enrolment.wrapped_keys(uow, "R9"),
            json.loads(uow.testimony.get_one(MemberRow, "R9").card),
        )
        assert enrolment.own_fingerprint(uow, "R9") == kit.card_fingerprint == card_fingerprint(card)
    secret = unwrap_member(wrapped, "R9", PASSPHRASE, read_device_key(kit.device_key))
    assert b64(secret.sealing.public) == read_card(card, "member-card")["sealing"]
    for passphrase, device_key in ((PASSPHRASE, bytes(32)), ("x", read_device_key(kit.device_key))):
        with pytest.raises(Tampered):
            unwrap_member(wrapped, "R9", passphrase, device_key)


def test_the_server_keeps_neither_device_key_nor_passphrase(invited: Scene) -> None:
    kit = _enrol(invited)
    everything = repr(invited.contents())
    for secret in (PASSPHRASE, kit.device_key, repr(read_device_key(kit.device_key))[2:-1]):
        assert secret not in everything


def test_an_invitation_serves_once_until_its_last_day(invited: Scene) -> None:
    after = (LAST - DAY).days + 1
    with pytest.raises(Expired):
        _enrol(invited, days=after)
    _enrol(invited, days=after - 1)
    with pytest.raises(Conflict):
        _enrol(invited)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, b64(seed("R8 invitation")), "\0", "é"])
def test_any_other_token_is_no_invitation(invited: Scene, token: str) -> None:
    before = invited.contents()
    with pytest.raises(NotFound):
        _enrol(invited, token=token)
    assert invited.contents() == before


def test_a_request_card_lists_the_key_that_was_made_elsewhere(invited: Scene) -> None:
    key, vault = SigningKey(seed("request")), invited.roster().vault
    _enrol(invited, canonical(request_card(vault, "R9", key)).decode())
    _admit(invited)
    assert invited.roster().member("R9").request == key.public


@pytest.mark.parametrize(("vault", "code"), [("another", "R9"), ("", "R8")])
def test_a_request_card_of_another_is_refused(invited: Scene, vault: str, code: str) -> None:
    named = identifier(vault) if vault else invited.roster().vault
    with pytest.raises(Invalid):
        _enrol(invited, canonical(request_card(named, code, SigningKey(seed("x")))).decode())
    assert _enrol(invited).code == "R9"


# --- by a client --------------------------------------------------------------------------------------------


def test_a_client_hands_in_a_card_and_wrapped_keys(invited: Scene) -> None:
    invited.enrol(R9)
    with pytest.raises(Conflict):
        invited.enrol(R9)


@pytest.mark.parametrize("other", [R1, Person("R9", "reviewer"), Person("R8", "researcher")])
def test_a_card_for_another_invitation_is_refused(invited: Scene, other: Person) -> None:
    with invited.writing() as uow:
        standing = enrolment.invitation(uow, TOKEN, DAY)
        with pytest.raises(Invalid):
            enrolment.accept(uow, standing, other.card, other.wrapped, CHEAPEST)


@pytest.mark.parametrize("cost", [KEY_FILE, CostProfile(64, 1, 1), CostProfile(128 * 1024, 3, 4)])
def test_keys_wrapped_cheaper_or_dearer_than_the_vaults_are_refused(
    invited: Scene, cost: CostProfile
) -> None:
    wrapped = wrap_member(R9.secret, "R9", PASSPHRASE, R9.device_key, cost)
    with invited.writing() as uow, pytest.raises(Invalid, match="cost"):
        enrolment.accept(uow, enrolment.invitation(uow, TOKEN, DAY), R9.card, wrapped, MEMBER)


# --- signing in ---------------------------------------------------------------------------------------------


def test_whose_keys_were_exchanged_in_the_database_is_pending(invited: Scene) -> None:
    """A hand in the database replaces R1's card and keys by R9's: the roster does not list those."""
    invited.enrol(R9)
    with invited.writing() as uow:
        row = uow.testimony.get_one(MemberRow, "R1")
        impostor = wrap_member(R9.secret, "R1", PASSPHRASE, R9.device_key, CHEAPEST)
        row.wrapped, row.card = json.dumps(impostor), json.dumps(R9.card)
    kit = Kit("R1", _spelled(R9), "")
    assert _role(invited, kit) is Role.PENDING


def test_nobody_signs_in_with_the_secrets_of_another(invited: Scene) -> None:
    for code, person in (("R1", R2), ("R9", R1), ("C1", R1), ("", R1)):
        with pytest.raises(SignInNeeded):
            sessions.sign_in(invited.vault, code, person.passphrase, _spelled(person), NOW)


def _spelled(person: Person) -> str:
    return spell_device_key(person.device_key)
