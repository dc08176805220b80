"""Key pairs come from their seeds; private halves unwrap with passphrase, factor and context, or never."""

from __future__ import annotations

import copy
import secrets
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import R1
from vault.errors import Invalid, Tampered
from vault.sealing import keypairs
from vault.sealing.digests import Document, b64, canonical, unb64
from vault.sealing.keypairs import CHEAPEST, MemberSecret, SealingKey, SigningKey, unwrap, wrap
from vault.sealing.locks import lock

ABOUT: tuple[str, Document] = ("member-secret", {"code": "R1"})
FACTOR = R1.device_key


class TestSigningKeys:
    # RFC 8032 §7.1: tests 1, 2 and 3.
    @pytest.mark.parametrize(
        ("seed", "public", "message", "signature"),
        [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                "d25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                "387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                "4a7c15e9716ed28dc027beceea1ec40a",
            ),
        ],
        ids=["1", "2", "3"],
    )
    def test_they_meet_rfc_8032(self, seed: str, public: str, message: str, signature: str) -> None:
        key = SigningKey(bytes.fromhex(seed))
        assert key.public.hex() == public
        assert key.private.sign(bytes.fromhex(message)).hex() == signature

    def test_each_is_new_and_hides_its_seed(self) -> None:
        key = SigningKey.generate()
        assert key != SigningKey.generate()
        assert key.seed.hex() not in repr(key)
        assert str(key.seed) not in repr(key)


class TestSealingKeys:
    def test_each_is_new_and_hides_its_seed(self) -> None:
        key = SealingKey.generate()
        assert key != SealingKey.generate()
        assert str(key.seed) not in repr(key)

    def test_the_public_half_is_read_back(self) -> None:
        public = R1.secret.sealing.public
        assert len(public) == 1216
        assert keypairs.sealing_public(public) is keypairs.sealing_public(bytes(public))

    @pytest.mark.parametrize("data", [b"", bytes(1215), bytes(1217), b"\xff" * 1216])
    def test_what_is_no_public_half_is_refused(self, data: bytes) -> None:
        with pytest.raises(Invalid):
            keypairs.sealing_public(data)

    def test_this_installation_can_seal_post_quantum(self) -> None:
        keypairs.require_post_quantum()


class TestMemberSecrets:
    def test_they_come_back_from_64_bytes(self) -> None:
        secret = MemberSecret.generate()
        assert len(secret.to_bytes()) == 64
        assert MemberSecret.from_bytes(secret.to_bytes()) == secret
        assert str(secret.sealing.seed) not in repr(secret)

    @pytest.mark.parametrize("size", [0, 32, 63, 65])
    def test_any_other_length_is_refused(self, size: int) -> None:
        with pytest.raises(Tampered):
            MemberSecret.from_bytes(bytes(size))


class TestWrapping:
    @settings(max_examples=20)
    @given(st.binary(max_size=64), st.text(max_size=20), st.sampled_from([b"", FACTOR]))
    def test_what_was_wrapped_unwraps(self, secret: bytes, passphrase: str, factor: bytes) -> None:
        wrapped = wrap(secret, passphrase, factor, ABOUT, CHEAPEST)
        keypairs.cost_of(wrapped)
        assert unwrap(wrapped, passphrase, factor, ABOUT) == secret

    def test_the_layout_is_that_of_the_formats(self) -> None:
        """Another hand wraps: the factor, then the passphrase in NFKC, under Argon2id 0x13, 32 bytes out."""
        salt = secrets.token_bytes(16)
        password = FACTOR + b"fi 2"
        key = hash_secret_raw(password, salt, 2, 64, 2, 32, Type.ID, version=0x13)
        kdf = {"name": "argon2id", "memory_kib": 64, "iterations": 2, "lanes": 2, "salt": b64(salt)}
        wrapped = {
            "format": "witness-vault/v1/wrapped",
            "kdf": kdf,
            "locked": b64(lock(key, ABOUT, b"a secret")),
        }
        assert unwrap(wrapped, "ﬁ ²", FACTOR, ABOUT) == b"a secret"

    def test_argon2id_meets_its_reference_implementation(self) -> None:
        key = hash_secret_raw(b"password", b"somesalt", 2, 256, 1, 32, Type.ID, version=0x13)
        assert key.hex() == "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"

    def test_the_profiles_are_those_of_the_formats(self) -> None:
        profiles = (keypairs.MEMBER, keypairs.KEY_FILE, CHEAPEST)
        costs = [(cost.memory_kib, cost.iterations, cost.lanes) for cost in profiles]
        assert costs == [(65536, 3, 4), (65536, 3, 1), (8, 1, 1)]

    @pytest.mark.parametrize(
        ("passphrase", "factor", "about"),
        [
            ("wrong", FACTOR, ABOUT),
            ("right ", FACTOR, ABOUT),
            ("Right", FACTOR, ABOUT),
            ("right", b"", ABOUT),
            ("right", FACTOR[::-1], ABOUT),
            ("right", FACTOR, ("request-key", ABOUT[1])),
            ("right", FACTOR, ("member-secret", {"code": "R2"})),
            ("right\ud800", FACTOR, ABOUT),
        ],
    )
    def test_neither_passphrase_nor_factor_nor_context_may_differ(
        self, passphrase: str, factor: bytes, about: tuple[str, Document]
    ) -> None:
        wrapped = wrap(b"a secret", "right", FACTOR, ABOUT, CHEAPEST)
        with pytest.raises(Tampered):
            unwrap(wrapped, passphrase, factor, about)

    def test_a_wrong_passphrase_and_a_wrong_factor_look_alike(self) -> None:
        wrapped = wrap(b"a secret", "right", FACTOR, ABOUT, CHEAPEST)
        said = set()
        for passphrase, factor in [("wrong", FACTOR), ("right", bytes(32))]:
            with pytest.raises(Tampered) as raised:
                unwrap(wrapped, passphrase, factor, ABOUT)
            said.add(raised.value.message)
        assert len(said) == 1

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("format", "witness-vault/v2/wrapped"),
            ("locked", None),
            ("locked", "A"),
            ("kdf", None),
            ("kdf.name", "argon2i"),
            ("kdf.salt", b64(bytes(15))),
            ("kdf.salt", 5),
            ("kdf.memory_kib", 7),
            ("kdf.memory_kib", 2**20 + 1),
            ("kdf.memory_kib", "8"),
            ("kdf.memory_kib", -8),
            ("kdf.iterations", 0),
            ("kdf.iterations", 17),
            ("kdf.iterations", True),
            ("kdf.lanes", 0),
            ("kdf.lanes", 17),
            ("kdf.lanes", 2),
            ("kdf.lanes", True),
        ],
    )
    def test_another_form_or_a_cost_out_of_bounds_is_refused_before_deriving(
        self, part: str, value: object
    ) -> None:
        wrapped = damaged(part, value)
        for read in (
            lambda: keypairs.cost_of(wrapped),
            lambda: unwrap(wrapped, "right", FACTOR, ABOUT),
        ):
            with pytest.raises(Invalid):
                read()

    @pytest.mark.parametrize("part", ["format", "kdf", "locked", "kdf.salt", "kdf.lanes"])
    def test_a_missing_part_is_refused(self, part: str) -> None:
        with pytest.raises(Invalid):
            keypairs.cost_of(damaged(part, ...))

    @pytest.mark.parametrize("wrapped", [None, [], "text", 5])
    def test_what_is_no_object_is_refused(self, wrapped: object) -> None:
        with pytest.raises(Invalid):
            keypairs.cost_of(wrapped)

    def test_a_shortened_one_does_not_open(self) -> None:
        locked = unb64(wrap(b"a secret", "right", FACTOR, ABOUT, CHEAPEST)["locked"])
        with pytest.raises(Tampered):
            unwrap(damaged("locked", b64(locked[:-60])), "right", FACTOR, ABOUT)

    def test_what_is_wrapped_for_nobody_has_the_form_and_size_of_a_members_and_opens_for_nobody(self) -> None:
        for_nobody = keypairs.wrapped_for_nobody(64, ABOUT, CHEAPEST)
        known = wrap(bytes(64), "right", FACTOR, ABOUT, CHEAPEST)
        assert len(canonical(for_nobody)) == len(canonical(known))
        assert keypairs.cost_of(for_nobody) == CHEAPEST
        with pytest.raises(Tampered):
            unwrap(for_nobody, "right", FACTOR, ABOUT)


def damaged(part: str, value: object) -> dict[str, Any]:
    """A wrapped secret in which one part is another, or (...) missing."""
    wrapped: dict[str, Any] = copy.deepcopy(dict(wrap(b"a secret", "right", FACTOR, ABOUT, CHEAPEST)))
    *path, name = part.split(".")
    inner = wrapped
    for step in path:
        inner = inner[step]
    if value is ...:
        del inner[name]
    else:
        inner[name] = value
    return wrapped
