"""Terms: a request counts only if the member who is named signed it with the listed request key, in time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import AFTERWARDS, C1, CHAIN, ROSTER, TODAY, V1, V2, VAULT, identifier
from tests.sealing.epochs import NEXT_CHAIN
from vault.errors import Expired, Invalid, Tampered, VaultError
from vault.opening import Days, ask
from vault.sealing import boxes
from vault.sealing.digests import Json, b64, pad
from vault.sealing.keypairs import SigningKey
from vault.sealing.rosters import verify_chain
from vault.sealing.signatures import sign
from vault.sealing.terms import (
    LONGEST_REASON,
    PACKET_SIZE,
    check_terms,
    open_packet,
    require_present_epoch,
    seal_packet,
)

ABOUT = {
    "purpose": "identity",
    "record": identifier("record"),
    "escrow": b64(bytes(32)),
    "reason": "She asked us to call.",
    "requester": "V2",
}
LAST = "2026-12-22"


def key_of(person: Any) -> SigningKey:
    assert isinstance(person.request, SigningKey)
    return person.request


SIGNED, KEY = ask(ABOUT, ROSTER, key_of(V2), Days(TODAY, LAST))
TERMS = SIGNED["document"]


def signed(**changes: Json) -> Json:
    """Terms with these changes (... removes a part), properly signed."""
    changed = {key: value for key, value in {**TERMS, **changes}.items() if value is not ...}
    return sign(changed, "V2", key_of(V2))


def test_what_a_listed_requester_signed_stands() -> None:
    assert check_terms(SIGNED, ROSTER, TODAY) == TERMS
    assert check_terms(SIGNED, ROSTER, LAST) == TERMS


@pytest.mark.parametrize(
    ("today", "said"),
    [("2026-11-21", "a clock is wrong"), ("2026-12-23", "past its"), (AFTERWARDS, "past its")],
)
def test_it_stands_from_its_day_to_its_last(today: str, said: str) -> None:
    with pytest.raises(Expired, match=said):
        check_terms(SIGNED, ROSTER, today)


@pytest.mark.parametrize("part", sorted(TERMS))
@pytest.mark.parametrize("value", [..., None, True, 5, "", "A", [], {}, ["V2"], {"a": []}])
def test_terms_with_a_part_that_is_missing_or_of_another_kind_are_refused_although_signed(
    part: str, value: Json
) -> None:
    if (part, value) not in (("purpose", ""), ("purpose", "A"), ("reason", "A")):
        with pytest.raises(VaultError):
            check_terms(signed(**{part: value}), ROSTER, TODAY)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"more": 1}, Tampered),
        ({"vault": identifier("elsewhere")}, Tampered),
        ({"roster": 3}, Tampered),
        ({"roster": 0}, Tampered),
        ({"expires": "zzzz-zz-zz"}, Tampered),
        ({"expires": "2027-01-22"}, Invalid),
        ({"day": "2026-02-30"}, Tampered),
        ({"day": "9999-12-31", "expires": "9999-12-31"}, Tampered),
        ({"expires": "٢٢٢٧-٢٢-٢٢"}, Tampered),
        ({"day": "", "expires": "~"}, Tampered),
        ({"reason": "  "}, Invalid),
        ({"reason": "x" * (LONGEST_REASON + 1)}, Invalid),
        ({"record": b64(bytes(15))}, Invalid),
        ({"opening": b64(bytes(17))}, Invalid),
        ({"key": b64(bytes(32))}, Invalid),
    ],
)
def test_terms_that_say_too_little_or_too_much_are_refused_although_signed(
    changes: dict[str, Json], error: type[VaultError]
) -> None:
    with pytest.raises(error):
        check_terms(signed(**changes), ROSTER, TODAY)


@pytest.mark.parametrize(
    "reason",
    [
        *(
            "to\twarn",
            "to\nwarn",
            "to\u2028warn",
            "to\u2029warn",
            "to\x1bwarn",
            "to\u202ewarn",
            "to\u200bwarn",
        ),
        *("to  warn", "to\xa0warn", "to\u2003warn", "to\u3000warn", "\u200c\u200d ", " ", "\u2800"),
        *("to\u034fwarn", "to\u115fwarn", "to\u1160warn", "to\u3164warn", "to\uffa0warn", "to\u2800warn"),
        *(
            "to\ufe00warn",
            "to\ufe0fwarn",
            "to\U000e0100warn",
            "to\U000e01efwarn",
            "to\u180bwarn",
            "to\u17b4warn",
        ),
    ],
    ids=ascii,
)
def test_a_reason_in_which_something_is_not_seen_is_refused(reason: str) -> None:
    with pytest.raises(Invalid):
        check_terms(signed(reason=reason), ROSTER, TODAY)


@pytest.mark.parametrize(
    "reason",
    ["نمی\u200cدیدم", "क्\u200dष", "x", "Pour l'avertir, déjà."],
)
def test_a_reason_is_written_as_its_language_is_written(reason: str) -> None:
    assert check_terms(signed(reason=reason), ROSTER, TODAY)["reason"] == reason


@pytest.mark.parametrize(
    "request_",
    [
        None,
        [],
        {},
        {"document": None},
        {"document": {"requester": ["V2"]}, "signatures": []},
        {**SIGNED, "signatures": []},
        {**SIGNED, "document": {**TERMS, "reason": "Another."}},
        sign(TERMS, "V2", V2.secret.signing),
        sign(TERMS, "V1", key_of(V2)),
        sign({**TERMS, "requester": "V1"}, "V1", V1.secret.signing),
        sign({**TERMS, "requester": "C1"}, "C1", C1.secret.signing),
        sign({**TERMS, "requester": "X1"}, "X1", key_of(V2)),
    ],
    ids=[
        "nothing",
        "a list",
        "an empty object",
        "no document",
        "a requester that is a list",
        "unsigned",
        "changed afterwards",
        "signed by the key that the server can use",
        "signed in another's name",
        "a member without a request key",
        "a custodian",
        "an outsider",
    ],
)
def test_nobody_asks_in_the_name_of_a_member(request_: Json) -> None:
    with pytest.raises(Tampered):
        check_terms(request_, ROSTER, TODAY)


def test_a_request_to_the_custodians_of_an_earlier_epoch_is_asked_anew() -> None:
    require_present_epoch(TERMS, verify_chain(CHAIN))
    with pytest.raises(Expired):
        require_present_epoch(TERMS, NEXT_CHAIN)


class TestPackets:
    def test_one_opens_for_its_recipient_and_tells_nothing_by_its_size(self) -> None:
        sizes = set()
        for content in ({"terms": SIGNED}, {"terms": SIGNED, "escrow": {"share": "x" * 2000}}):
            packet = seal_packet(KEY.public, VAULT, TERMS["opening"], "C1", content)
            assert open_packet(KEY, VAULT, TERMS["opening"], "C1", packet) == content
            sizes.add(len(packet))
        assert sizes == {PACKET_SIZE + boxes.OVERHEAD}

    @pytest.mark.parametrize(
        ("vault", "opening", "recipient"),
        [("", "o", "C1"), ("v", "", "C1"), ("v", "o", ""), ("v", "o", "C2")],
    )
    def test_it_opens_nowhere_else(self, vault: str, opening: str, recipient: str) -> None:
        with pytest.raises(Tampered):
            open_packet(KEY, vault, opening, recipient, seal_packet(KEY.public, "v", "o", "C1", {}))

    @pytest.mark.parametrize(
        "content", [b"", b"{}", pad(b"[]", 64), pad(b"\xff", 64), pad(b"{", 64), pad(b"{}", 64)[:-1] + b"x"]
    )
    def test_one_that_the_server_made_up_is_refused(self, content: bytes) -> None:
        about = ("packet", {"vault": "v", "opening": "o", "recipient": "C1"})
        with pytest.raises(Tampered):
            open_packet(KEY, "v", "o", "C1", boxes.seal(KEY.public, about, content))
