"""Cards are signed by the key they present; key files and wrapped keys open for their holder alone."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.cast import C1, C2, CUSTODIANS, MEMBERS, R1, ROSTER, V2, VAULT, Person
from vault.errors import Invalid, Tampered
from vault.sealing import members
from vault.sealing.digests import Json, b64, canonical
from vault.sealing.keypairs import CHEAPEST, MemberSecret, SigningKey
from vault.sealing.signatures import sign


class TestCards:
    @pytest.mark.parametrize("person", [*CUSTODIANS, *MEMBERS], ids=lambda person: person.code)
    def test_a_card_shows_the_public_halves(self, person: Person) -> None:
        kind = "member-card" if person.role else "custodian-card"
        card = members.read_card(person.card, kind)
        assert card["code"] == person.code
        assert card["sealing"] == b64(person.secret.sealing.public)
        assert card["signing"] == b64(person.secret.signing.public)

    def test_a_member_card_shows_a_request_key_where_there_is_one(self) -> None:
        assert members.read_card(R1.card, "member-card")["request"] is None
        assert V2.request is not None
        assert members.read_card(V2.card, "member-card")["request"] == b64(V2.request.public)

    def test_a_request_card_shows_the_request_key(self) -> None:
        key = SigningKey.generate()
        card = members.read_card(members.request_card(VAULT, "R1", key), "request-card")
        assert (card["vault"], card["code"], card["signing"]) == (VAULT, "R1", b64(key.public))

    def test_a_card_has_six_words_of_its_own(self) -> None:
        said = {members.card_fingerprint(person.card) for person in (*CUSTODIANS, *MEMBERS)}
        assert len(said) == 9
        assert all(len(words.split()) == 6 for words in said)

    def test_a_roster_shows_the_six_words_that_the_holder_of_a_card_reads(self) -> None:
        listed = [members.custodian_fingerprint(entry) for entry in ROSTER.document["custodians"]]
        assert listed == [members.card_fingerprint(person.card) for person in CUSTODIANS]
        listed = [members.member_fingerprint(VAULT, entry) for entry in ROSTER.document["members"]]
        assert listed == [members.card_fingerprint(person.card) for person in MEMBERS]

    def test_a_request_key_has_the_six_words_of_its_own_card(self) -> None:
        assert V2.request is not None
        card = members.request_card(VAULT, "V2", V2.request)
        words = members.request_fingerprint(VAULT, V2.card["document"])
        assert words == members.card_fingerprint(card)
        assert members.request_fingerprint(VAULT, R1.card["document"]) is None

    @pytest.mark.parametrize("kind", ["member-card", "request-card", "roster"])
    def test_a_card_of_another_kind_is_refused(self, kind: str) -> None:
        with pytest.raises(Tampered):
            members.read_card(C1.card, kind)

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("code", "C2"),
            ("code", ["C1"]),
            ("code", None),
            ("sealing", C2.card["document"]["sealing"]),
            ("signing", C2.card["document"]["signing"]),
            ("signing", "A"),
            ("signing", 5),
            ("more", 1),
        ],
    )
    def test_a_changed_card_is_refused(self, part: str, value: object) -> None:
        card = copy.deepcopy(C1.card)
        card["document"][part] = value
        with pytest.raises(Tampered):
            members.read_card(card, "custodian-card")

    @pytest.mark.parametrize("card", [None, [], {}, {"document": None}, {"document": {}}, "text", 5])
    def test_what_is_no_card_is_refused(self, card: Json) -> None:
        with pytest.raises(Tampered):
            members.read_card(card, "custodian-card")

    @pytest.mark.parametrize("missing", ["vault", "role", "sealing", "request", "invitation"])
    def test_a_card_that_lacks_a_part_is_refused_although_its_bearer_signed_it(self, missing: str) -> None:
        document = {key: value for key, value in R1.card["document"].items() if key != missing}
        with pytest.raises(Tampered):
            members.read_card(sign(document, "R1", R1.secret.signing), "member-card")

    def test_a_card_with_more_than_its_parts_is_refused_although_its_bearer_signed_it(self) -> None:
        document = {**R1.card["document"], "name": "a name that belongs nowhere"}
        with pytest.raises(Tampered):
            members.read_card(sign(document, "R1", R1.secret.signing), "member-card")


class TestWrappedKeys:
    def test_a_member_opens_them_with_passphrase_and_device_key(self) -> None:
        assert members.unwrap_member(R1.wrapped, "R1", R1.passphrase, R1.device_key) == R1.secret

    @pytest.mark.parametrize(
        ("code", "passphrase", "device_key"),
        [
            ("R2", R1.passphrase, R1.device_key),
            ("R1", "another", R1.device_key),
            ("R1", R1.passphrase, V2.device_key),
            ("R1", R1.passphrase, b""),
        ],
        ids=["another code", "another passphrase", "another device", "no device"],
    )
    def test_nobody_else_does(self, code: str, passphrase: str, device_key: bytes) -> None:
        with pytest.raises(Tampered):
            members.unwrap_member(R1.wrapped, code, passphrase, device_key)

    def test_a_request_key_is_wrapped_as_itself_and_nothing_else(self) -> None:
        assert V2.request is not None
        wrapped = members.wrap_request_key(V2.request, "V2", V2.passphrase, V2.device_key, CHEAPEST)
        assert members.unwrap_request_key(wrapped, "V2", V2.passphrase, V2.device_key) == V2.request
        with pytest.raises(Tampered):
            members.unwrap_member(wrapped, "V2", V2.passphrase, V2.device_key)

    def test_the_keys_of_nobody_are_as_long_as_a_members_and_open_for_nobody(self) -> None:
        # Asked for past its cache: whoever asked before must not decide what this test sees.
        for_nobody = json.loads(members.nobodys_keys.__wrapped__(CHEAPEST))
        assert len(canonical(for_nobody)) == len(canonical(R1.wrapped))
        with pytest.raises(Tampered):
            members.unwrap_member(for_nobody, "", R1.passphrase, R1.device_key)


class TestKeyFiles:
    def test_a_new_one_opens_with_its_passphrase_and_is_of_its_card(self) -> None:
        file, card = members.new_key_file("C1", "the right one", CHEAPEST)
        opened = members.open_key_file(file, "the right one")
        assert opened.code == "C1"
        assert members.read_card(card, "custodian-card")["signing"] == b64(opened.newest.signing.public)
        assert members.open_key_file(C2.key_file, C2.passphrase).newest == C2.secret

    def test_another_passphrase_does_not_open_it(self) -> None:
        with pytest.raises(Tampered, match="passphrase"):
            members.open_key_file(C1.key_file, C2.passphrase)

    def test_the_keys_of_one_under_the_card_of_another_do_not_open(self) -> None:
        with pytest.raises(Tampered):
            members.open_key_file({**C1.key_file, "cards": [C2.card]}, C1.passphrase)

    def test_the_next_pair_stands_beside_the_present_one_until_it_is_alone(self) -> None:
        first = members.open_key_file(C1.key_file, C1.passphrase)
        file, card = members.with_next_card(first, "another one", CHEAPEST)
        both = members.open_key_file(file, "another one")
        assert both.secrets[0] == C1.secret
        assert both.newest.signing == C1.secret.signing
        assert b64(both.newest.sealing.public) == card["document"]["sealing"]
        assert both.listed(ROSTER) == C1.secret
        left = members.without_former(both, both.newest.sealing.public, "another one", CHEAPEST)
        alone = members.open_key_file(left, "another one")
        assert alone.secrets == (both.newest,)
        assert alone.listed(ROSTER) == both.newest
        with pytest.raises(Invalid):
            members.without_former(alone, C1.secret.sealing.public, "another one", CHEAPEST)

    def test_with_the_former_pairs_goes_none_that_is_still_to_come(self) -> None:
        first = members.open_key_file(C1.key_file, C1.passphrase)
        second = members.open_key_file(members.with_next_card(first, "p", CHEAPEST)[0], "p")
        third = members.open_key_file(members.with_next_card(second, "p", CHEAPEST)[0], "p")
        left = members.without_former(third, second.newest.sealing.public, "p", CHEAPEST)
        assert members.open_key_file(left, "p").secrets == third.secrets[1:]
        assert members.former(third, second.newest.sealing.public) == 1

    def test_keys_under_the_card_of_other_keys_are_refused(self) -> None:
        guard = (C1.passphrase, CHEAPEST)
        with pytest.raises(Invalid):
            members.open_key_file(members.seal_key_file([C1.card], [C2.secret], None, guard), C1.passphrase)

    def test_a_card_that_is_left_out_does_not_pass_unnoticed(self) -> None:
        first = members.open_key_file(C1.key_file, C1.passphrase)
        file, _ = members.with_next_card(first, C1.passphrase, CHEAPEST)
        for cards in (file["cards"][:1], file["cards"][::-1]):
            with pytest.raises((Invalid, Tampered)):
                members.open_key_file({**file, "cards": cards}, C1.passphrase)

    @pytest.mark.parametrize(
        "file",
        [
            None,
            [],
            {},
            C1.card,
            {**C1.key_file, "format": "witness-vault/v2/key-file"},
            {**C1.key_file, "cards": []},
            {key: value for key, value in C1.key_file.items() if key != "pin"},
        ],
    )
    def test_what_is_no_key_file_is_refused(self, file: Json) -> None:
        with pytest.raises(Invalid):
            members.open_key_file(file, C1.passphrase)

    @pytest.mark.parametrize("wrapped", [None, {}, R1.wrapped])
    def test_what_it_wraps_must_be_its_holders(self, wrapped: Any) -> None:
        with pytest.raises((Invalid, Tampered)):
            members.open_key_file({**C1.key_file, "wrapped": wrapped}, C1.passphrase)


class TestCodesAndRoles:
    @pytest.mark.parametrize("code", ["A", "R1", "C3", "ABCDEFGH", "Z9"])
    def test_a_code_is_a_capital_and_up_to_seven_more_capitals_or_digits(self, code: str) -> None:
        assert members.check_code(code) == code

    @pytest.mark.parametrize("code", ["", "r1", "1R", "ABCDEFGHI", "R 1", "R1\n", "Ä1", "R-1", "R٣"])
    def test_anything_else_is_refused(self, code: str) -> None:
        with pytest.raises(Invalid):
            members.check_code(code)
        with pytest.raises(Invalid):
            members.custodian_card(code, MemberSecret.generate())

    def test_a_member_is_a_researcher_a_reviewer_or_a_desk(self) -> None:
        assert members.check_role("researcher") == "researcher"
        assert members.check_role("reviewer") == "reviewer"
        for role in ("operator", "", "Researcher"):
            with pytest.raises(Invalid):
                members.check_role(role)
