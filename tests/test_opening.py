"""Openings, on the devices of those concerned: k approvals open one record; nothing else opens anything."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import (
    AFTERWARDS,
    C1,
    C2,
    C3,
    C4,
    C5,
    CUSTODIANS,
    FOUNDING,
    MEMBERS,
    OUTSIDER,
    R1,
    ROSTER,
    TODAY,
    V2,
    Person,
    following,
    identifier,
    next_epoch,
    signed_by,
)
from vault.errors import Expired, Invalid, Refused, Tampered, VaultError
from vault.opening import Days, Holder, ask, combine, decide, entrust, reasons
from vault.sealing import boxes, escrows, shares
from vault.sealing.digests import Json, b64, canonical, document_digest, pad, unb64, unpad
from vault.sealing.escrows import Escrow, fingerprint
from vault.sealing.keypairs import MemberSecret, SealingKey, SigningKey
from vault.sealing.locks import lock, unlock
from vault.sealing.rosters import Roster, follow
from vault.sealing.signatures import Signed, sign

IDENTITY = canonical({"format": "witness-vault/v1/identity", "name": "a canary"})
RECORD, OTHER_RECORD = identifier("record"), identifier("another record")
LAST = "2026-12-22"
ESCROW = entrust(IDENTITY, "identity", RECORD, ROSTER)
OTHER = entrust(IDENTITY, "identity", OTHER_RECORD, ROSTER)
AGAIN = entrust(IDENTITY, "identity", RECORD, ROSTER)


def request(escrow: Escrow = ESCROW) -> tuple[Signed, SealingKey]:
    named = {"record": escrow["record"], "escrow": fingerprint(escrow)}
    about = {"purpose": "identity", **named, "reason": "She asked us to call.", "requester": "V2"}
    assert V2.request is not None
    return ask(about, ROSTER, V2.request, Days(TODAY, LAST))


ASKED, KEY = request()
ASKED_AGAIN, KEY_AGAIN = request()


def packet(person: Person, escrow: Escrow = ESCROW, terms: Signed = ASKED) -> dict[str, Any]:
    """What the server keeps for a custodian."""
    return {"terms": terms, "escrow": escrows.for_custodian(escrow, person.code)}


def holder(person: Person) -> Holder:
    return Holder(person.code, person.secret)


def approve(person: Person, escrow: Escrow = ESCROW, terms: Signed = ASKED) -> Signed:
    return decide(packet(person, escrow, terms), (FOUNDING, ROSTER), holder(person), None, TODAY)


def refuse(person: Person) -> Signed:
    return decide(packet(person), (FOUNDING, ROSTER), holder(person), "I do not know why.", TODAY)


APPROVALS = {person.code: approve(person) for person in CUSTODIANS}


def approvals(*people: Person) -> list[Signed]:
    return [APPROVALS[person.code] for person in people]


def changed(value: Json, /, **parts: Json) -> Json:
    """A copy with these parts; `a__b` is part b of part a."""
    value = copy.deepcopy(value)
    for path, part in parts.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        inner = value
        for step in steps:
            inner = inner[step]
        inner[last] = part
    return value


def resigned(person: Person, **parts: Json) -> Signed:
    """An approval with these parts, signed again by a custodian who means harm."""
    return sign({**APPROVALS[person.code]["document"], **parts}, person.code, person.secret.signing)


def handed(person: Person, share: bytes, index: int) -> Signed:
    """An approval that properly hands over whatever share a custodian chose to make up."""
    document = APPROVALS[person.code]["document"]
    about = {key: document[key] for key in ("opening", "terms", "custodian")} | {"index": index}
    box = boxes.seal(KEY.public, ("handed-share", about), share)
    return resigned(person, index=index, share=b64(box))


def own_share(person: Person, escrow: Escrow = ESCROW) -> bytes:
    return escrows.open_share(escrows.for_custodian(escrow, person.code), person.secret.sealing)


def forged(payload: bytes) -> Escrow:
    """A record that holds what the server chose, locked and split as the format says, padded or not."""
    record = copy.deepcopy(ESCROW)
    record["locked"] = b64(
        lock(shares.combine([own_share(C1), own_share(C2), own_share(C3)]), escrows.binding(record), payload)
    )
    return record


def three() -> list[Signed]:
    """As many approvals as are needed."""
    return approvals(C1, C2, C3)


def two_and(third: Callable[[], Json]) -> Callable[[], list[Json]]:
    """One approval too few, and something else."""
    return lambda: [*approvals(C1, C2), third()]


def edited(record: Escrow = ESCROW, /, **parts: Json) -> Callable[[], Escrow]:
    """The record as a hostile server hands it over."""
    return lambda: dict(changed(record, **parts))


def signed_in_anothers_name(by: Person) -> Callable[[], Signed]:
    """C3's approval under the signature of somebody else."""
    return lambda: sign(APPROVALS["C3"]["document"], "C3", by.secret.signing)


def approved_by_a_member() -> Signed:
    return sign({**APPROVALS["C3"]["document"], "custodian": "R1"}, "R1", R1.secret.signing)


def refusal_turned() -> Signed:
    return dict(changed(refuse(C3), document__decision="approve"))


def without_decision() -> Signed:
    return sign({"format": "witness-vault/v1/approval", "custodian": "C3"}, "C3", C3.secret.signing)


@dataclass(frozen=True)
class Combining:
    """What the requester's device was given, and how it ends."""

    name: str
    given: Callable[[], Sequence[Json]]
    refused: type[VaultError] | None = None
    record: Callable[[], Json] = field(default=lambda: ESCROW)
    terms: Json = field(default_factory=lambda: ASKED["document"])
    key: SealingKey = KEY


SWAPPED: dict[str, Json] = {"shares__3__custodian": "C5", "shares__4__custodian": "C4"}
COMBINING = [
    Combining("k approvals", three),
    Combining("any other k, in any order", lambda: approvals(C5, C2, C4)),
    Combining("more than k", lambda: approvals(*CUSTODIANS)),
    Combining("a refusal among approvals", lambda: [*approvals(C1, C2, C3), refuse(C4)]),
    Combining("nobody", list, Refused),
    Combining("k - 1", lambda: approvals(C1, C2), Refused),
    Combining("k - 1 and refusals", lambda: [*approvals(C1, C2), refuse(C3), refuse(C4), refuse(C5)], Refused),
    Combining("k refusals", lambda: [refuse(C1), refuse(C2), refuse(C3)], Refused),
    Combining("one approval three times", lambda: approvals(C1, C1, C1), Refused),
    Combining("two approvals by one custodian", lambda: [*approvals(C1, C2), approve(C2)], Refused),
    Combining("an approval of another opening", two_and(lambda: approve(C3, terms=ASKED_AGAIN)), Tampered),
    Combining("an approval of another record", two_and(lambda: handed(C3, own_share(C3, OTHER), 3)), Tampered),
    Combining("an approval of an earlier sealing", two_and(lambda: handed(C3, own_share(C3, AGAIN), 3)), Tampered),
    Combining("an outsider approves", two_and(signed_in_anothers_name(OUTSIDER)), Tampered),
    Combining("a custodian in another's name", two_and(signed_in_anothers_name(C2)), Tampered),
    Combining("a member approves", two_and(approved_by_a_member), Tampered),
    Combining("a refusal turned into an approval", two_and(refusal_turned), Tampered),
    Combining("an approval without a share", two_and(lambda: resigned(C3, share=None)), Tampered),
    Combining("a decision that is neither", two_and(lambda: resigned(C3, decision="perhaps")), Tampered),
    Combining("an approval that lacks its decision", two_and(without_decision), Tampered),
    Combining("a share of another custodian", two_and(lambda: handed(C3, own_share(C4), 4)), Tampered),
    Combining("another's index on one's own share", two_and(lambda: handed(C3, own_share(C3), 4)), Tampered),
    Combining("a swapped share index", two_and(lambda: resigned(C3, index=4)), Tampered),
    Combining("an index of zero", two_and(lambda: handed(C3, own_share(C3), 0)), Tampered),
    Combining("an index of zero by the last", two_and(lambda: handed(C5, own_share(C5), 0)), Tampered),
    Combining("an index beyond the last", two_and(lambda: handed(C3, own_share(C3), 6)), Tampered),
    Combining("an index that is a text", two_and(lambda: resigned(C3, index="3")), Tampered),
    Combining("a made-up share", two_and(lambda: handed(C3, b"\3" + bytes(32), 3)), Tampered),
    Combining("an empty share", two_and(lambda: handed(C3, b"", 3)), Tampered),
    Combining("a share sealed to another request", three, Tampered, key=KEY_AGAIN),
    Combining("approvals that are no documents", lambda: [None], Tampered),
    Combining("the record of another person", three, Tampered, lambda: OTHER),
    Combining("that record under the name asked for", three, Tampered, edited(OTHER, record=RECORD)),
    Combining("threshold lowered in the record", lambda: approvals(C1, C2), Tampered, edited(threshold=2)),
    Combining("threshold of one in the record", lambda: approvals(C1), Tampered, edited(threshold=1)),
    Combining("threshold raised in the record", three, Tampered, edited(threshold=4)),
    Combining("threshold lowered, enough approvals", three, Tampered, edited(threshold=2)),
    Combining("a share's hash edited", three, Tampered, edited(shares__0__hash=b64(bytes(32)))),
    Combining("an unused share's hash edited", three, Tampered, edited(shares__4__hash=b64(bytes(32)))),
    Combining("custodians swapped in the record", three, Tampered, edited(**SWAPPED)),
    Combining("an unused share replaced", three, None, edited(shares__4__sealed=OTHER["shares"][4]["sealed"])),
    Combining("locked payload swapped", three, Tampered, edited(locked=OTHER["locked"])),
    Combining("locked payload of an earlier sealing", three, Tampered, edited(locked=AGAIN["locked"])),
    Combining("the epoch edited", three, Tampered, edited(epoch=2)),
    Combining("a payload that is not padded", three, Tampered, lambda: forged(b"\xff" * 2048)),
    Combining("no record", three, Tampered, lambda: None),
    Combining("terms that were changed afterwards", three, Tampered, terms={**ASKED["document"], "reason": "Another."}),
    Combining("terms that name another record", three, Tampered, terms={**ASKED["document"], "record": OTHER_RECORD}),
]  # fmt: skip


@pytest.mark.parametrize("case", COMBINING, ids=lambda case: case.name)
def test_k_custodians_open_the_record_that_was_asked_for_and_nothing_else(case: Combining) -> None:
    open_it = partial(combine, case.terms, case.key, case.record(), case.given(), ROSTER)
    if case.refused is None:
        assert open_it() == IDENTITY
    else:
        with pytest.raises(case.refused) as raised:
            open_it()
        assert type(raised.value) is case.refused


def later(**changes: Json) -> Roster:
    return follow(ROSTER, signed_by(following(ROSTER, MEMBERS, **changes), CUSTODIANS))


def chain_to(roster: Roster) -> tuple[Roster, ...]:
    """The rosters that a custodian's device knows."""
    return (*(one for one in (FOUNDING, ROSTER) if one.version < roster.version), roster)


NEXT_EPOCH = follow(ROSTER, signed_by(next_epoch(ROSTER, CUSTODIANS)[0], CUSTODIANS))
WITHOUT_C1 = follow(ROSTER, signed_by(next_epoch(ROSTER, CUSTODIANS[1:])[0], CUSTODIANS))
WITHOUT_V2 = [entry for entry in ROSTER.document["members"] if entry["code"] != "V2"]


@dataclass(frozen=True)
class Deciding:
    """What the server showed to a custodian's device, and how it ends when that custodian approves."""

    name: str
    packet: Callable[[], Json] = field(default=lambda: packet(C1))
    refused: type[VaultError] | None = None
    holder: Holder = field(default_factory=lambda: holder(C1))
    roster: Roster = ROSTER
    today: str = TODAY


def other_terms(**parts: Json) -> Callable[[], Json]:
    """A packet whose terms say something else, properly signed by the requester."""

    def made() -> Json:
        assert V2.request is not None
        return {**packet(C1), "terms": sign({**ASKED["document"], **parts}, "V2", V2.request)}

    return made


def shown(**parts: Json) -> Callable[[], Json]:
    """The packet as a hostile server hands it over."""
    return lambda: changed(packet(C1), **parts)


def of_another_purpose() -> Json:
    return changed(other_terms(purpose="case-key")(), escrow__purpose="case-key")


ASKED_BY_THE_SERVER = sign(ASKED["document"], "V2", V2.secret.signing)
OF_ANOTHER_EPOCH = Holder("C1", MemberSecret(SealingKey.generate(), C1.secret.signing))
OF_LOW_ORDER = b64(KEY.public[:1184] + bytes(32))


DECIDING = [
    Deciding("the share and the terms belong together"),
    Deciding("on the last day", today=LAST),
    Deciding("a roster that was signed again since", roster=later()),
    Deciding("expired terms", refused=Expired, today="2026-12-23"),
    Deciding("terms of a day to come", refused=Expired, today="2026-11-21"),
    Deciding(
        "an expired roster", other_terms(day="2027-04-20", expires="2027-05-20"), Expired, today=AFTERWARDS
    ),
    Deciding("a request that lives too long", other_terms(expires="2027-01-22"), Invalid),
    Deciding("a day that no calendar has", other_terms(day="2026-11-00"), Tampered),
    Deciding("a last day that no calendar has", other_terms(expires="2026-11-31"), Tampered),
    Deciding("a request of the last day of all", other_terms(day="9999-12-31"), Tampered),
    Deciding("changed terms", shown(terms__document__reason="Another."), Tampered),
    Deciding("a longer term", shown(terms__document__expires="2027-12-22"), Tampered),
    Deciding("the server's own key in the terms", shown(terms__document__key=b64(KEY_AGAIN.public)), Tampered),
    Deciding("terms signed by the member's other key", shown(terms=ASKED_BY_THE_SERVER), Tampered),
    Deciding("a requester who is no longer listed", refused=Tampered, roster=later(members=WITHOUT_V2)),
    Deciding("other record's share", lambda: packet(C1, OTHER), Tampered),
    Deciding("that share under this name", lambda: changed(packet(C1, OTHER), escrow__record=RECORD), Tampered),
    Deciding("another custodian's share", lambda: packet(C2), Tampered),
    Deciding("another purpose", shown(escrow__purpose="case-key"), Tampered),
    Deciding("another purpose in both", of_another_purpose, Tampered),
    Deciding("a lower threshold", shown(escrow__threshold=2), Tampered),
    Deciding("no share", lambda: {"terms": ASKED}, Tampered),
    Deciding("no terms", lambda: {"escrow": packet(C1)["escrow"]}, Tampered),
    Deciding("what is no packet", lambda: [packet(C1)], Tampered),
    Deciding("terms that lack the opening", shown(terms__document={"requester": "V2"}), Tampered),
    Deciding("a key to which nothing can be sealed", other_terms(key=OF_LOW_ORDER), Invalid),
    Deciding("no reason", other_terms(reason=" "), Invalid),
    Deciding("a roster that is not out yet", other_terms(roster=3), Tampered),
    Deciding("another vault", other_terms(vault=identifier("elsewhere")), Tampered),
    Deciding("wrong key file", refused=Refused, holder=Holder("C1", C2.secret)),
    Deciding("a key file of another vault", refused=Refused, holder=Holder("C1", MemberSecret.generate())),
    Deciding("a key file of nobody here", refused=Refused, holder=holder(OUTSIDER)),
    Deciding("a member's keys", refused=Refused, holder=holder(R1)),
    Deciding("a custodian who was removed", refused=Refused, roster=WITHOUT_C1),
    Deciding("a request to the custodians of an earlier epoch", refused=Expired, roster=NEXT_EPOCH),
    Deciding("a key file of another epoch", refused=Tampered, holder=OF_ANOTHER_EPOCH),
]  # fmt: skip


@pytest.mark.parametrize("case", DECIDING, ids=lambda case: case.name)
def test_a_custodian_hands_over_one_share_of_what_was_asked_for_and_nothing_else(case: Deciding) -> None:
    approving = partial(decide, case.packet(), chain_to(case.roster), case.holder, None, case.today)
    if case.refused is None:
        assert combine(ASKED["document"], KEY, ESCROW, [approving(), *approvals(C2, C3)], ROSTER) == IDENTITY
    else:
        with pytest.raises(case.refused) as raised:
            approving()
        assert type(raised.value) is case.refused


class TestAsking:
    def test_terms_name_everything_and_are_signed_by_the_request_key(self) -> None:
        terms = ASKED["document"]
        assert (terms["requester"], terms["record"], terms["roster"]) == ("V2", RECORD, 2)
        assert (terms["day"], terms["expires"], terms["key"]) == (TODAY, LAST, b64(KEY.public))

    def test_every_request_has_an_opening_and_a_key_of_its_own(self) -> None:
        assert ASKED["document"]["opening"] != ASKED_AGAIN["document"]["opening"]
        assert KEY.public != KEY_AGAIN.public

    @pytest.mark.parametrize("requester", ["V2", "V1", "R1"])
    def test_a_device_whose_request_key_is_not_listed_cannot_ask(self, requester: str) -> None:
        about = {
            "purpose": "identity",
            "record": RECORD,
            "escrow": fingerprint(ESCROW),
            "reason": "Why?",
            "requester": requester,
        }
        with pytest.raises(Refused):
            ask(about, ROSTER, SigningKey.generate(), Days(TODAY, LAST))

    def test_whoever_is_not_listed_cannot_ask(self) -> None:
        about = {
            "purpose": "identity",
            "record": RECORD,
            "escrow": fingerprint(ESCROW),
            "reason": "Why?",
            "requester": "X1",
        }
        with pytest.raises(Tampered):
            ask(about, ROSTER, SigningKey.generate(), Days(TODAY, LAST))

    def test_nobody_asks_under_an_expired_roster(self) -> None:
        about = {
            "purpose": "identity",
            "record": RECORD,
            "escrow": fingerprint(ESCROW),
            "reason": "Why?",
            "requester": "V2",
        }
        assert V2.request is not None
        with pytest.raises(Expired):
            ask(about, ROSTER, V2.request, Days(AFTERWARDS, "2027-06-01"))


class TestEntrusting:
    def test_two_sealings_of_one_payload_have_nothing_in_common(self) -> None:
        for part in ("hash", "sealed"):
            assert not {share[part] for share in ESCROW["shares"]} & {
                share[part] for share in AGAIN["shares"]
            }
        assert ESCROW["locked"] != AGAIN["locked"]

    @pytest.mark.parametrize(("purpose", "most"), [("identity", 2044), ("case-key", 60)])
    def test_a_payload_has_a_largest_size(self, purpose: str, most: int) -> None:
        assert len(str(entrust(bytes(most), purpose, RECORD, ROSTER))) == len(
            str(entrust(b"", purpose, RECORD, ROSTER))
        )
        with pytest.raises(Invalid):
            entrust(bytes(most + 1), purpose, RECORD, ROSTER)

    def test_k_minus_one_key_files_and_everything_on_the_server_open_nothing(self) -> None:
        held = [own_share(C1), own_share(C2)]
        guesses = [shares.combine([*held, bytes([index]) + bytes(32)]) for index in (3, 4, 5)]
        for data_key in (shares.combine(held), *guesses):
            with pytest.raises(Tampered):
                unlock(data_key, escrows.binding(ESCROW), unb64(ESCROW["locked"]))


def test_a_refusal_hands_over_nothing_and_says_why() -> None:
    document = refuse(C1)["document"]
    assert (document["decision"], document["share"], document["index"]) == ("refuse", None, None)
    about = ("handed-share", {key: document[key] for key in ("opening", "terms", "custodian", "index")})
    assert unpad(boxes.unseal(KEY, about, unb64(document["reason"]))) == b"I do not know why."
    assert document["terms"] == b64(document_digest(ASKED["document"]))


def test_only_the_requests_own_key_reads_why_it_was_refused() -> None:
    given = [approve(C2), refuse(C1)]
    assert reasons(ASKED["document"], KEY, given, ROSTER) == {"C1": "I do not know why."}
    for terms, key in ((ASKED["document"], KEY_AGAIN), (ASKED_AGAIN["document"], KEY)):
        with pytest.raises(Tampered):
            reasons(terms, key, given, ROSTER)


@pytest.mark.parametrize("padded", [b"\xff" * 4096, pad(b"\xff", 4096)])
def test_a_reason_that_is_no_text_is_refused(padded: bytes) -> None:
    document = refuse(C1)["document"]
    about = ("handed-share", {key: document[key] for key in ("opening", "terms", "custodian", "index")})
    junk = {**document, "reason": b64(boxes.seal(KEY.public, about, padded))}
    for one in (junk, {**document, "reason": None}):
        with pytest.raises(Tampered):
            reasons(ASKED["document"], KEY, [sign(one, "C1", C1.secret.signing)], ROSTER)


def test_a_custodian_may_refuse_what_can_no_longer_be_approved() -> None:
    """A refusal needs no share: not even the record has to belong to the terms."""
    document = decide(packet(C1, OTHER), (FOUNDING, ROSTER), holder(C1), "", TODAY)["document"]
    assert (document["decision"], document["share"]) == ("refuse", None)


def test_keys_are_not_shown_when_a_holder_is_printed() -> None:
    assert repr(holder(C1)) == "Holder(code='C1')"


# --- whatever a hostile server or member writes in any place: a refusal or success, never a crash

JUNK: list[Json] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53 - 1,
    "",
    "A",
    "C1",
    "V2",
    b64(bytes(16)),
    "\0",
    [],
    {},
    [[]],
    {"a": 1},
]


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield from leaves(part, (*path, step))


def mutated(value: Json, path: tuple[str | int, ...], part: Json) -> Json:
    if not path:
        return part
    value = copy.deepcopy(value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = part
    return value


def mutations(value: Json) -> st.SearchStrategy[Json]:
    """`value` with any one part replaced by something of another type."""
    return st.builds(partial(mutated, value), st.sampled_from(list(leaves(value))), st.sampled_from(JUNK))


class TestJunkAnywhere:
    @given(mutations(packet(C1)), st.sampled_from([None, "No."]))
    def test_in_a_packet(self, junk: Json, refusal: str | None) -> None:
        try:
            decided = decide(junk, (FOUNDING, ROSTER), holder(C1), refusal, TODAY)
        except VaultError:
            return
        if refusal is None:
            assert combine(ASKED["document"], KEY, ESCROW, [decided, *approvals(C2, C3)], ROSTER) == IDENTITY

    @given(mutations(ASKED["document"]))
    def test_in_terms_that_the_requester_signed_so(self, junk: Json) -> None:
        if isinstance(junk, dict):
            assert V2.request is not None
            try:
                decide(
                    {**packet(C1), "terms": sign(junk, "V2", V2.request)},
                    (FOUNDING, ROSTER),
                    holder(C1),
                    None,
                    TODAY,
                )
            except VaultError:
                return

    @given(mutations(APPROVALS["C3"]))
    def test_in_an_approval(self, junk: Json) -> None:
        try:
            opened = combine(ASKED["document"], KEY, ESCROW, [*approvals(C1, C2), junk], ROSTER)
        except VaultError:
            return
        assert opened == IDENTITY

    @given(mutations(APPROVALS["C3"]["document"]))
    def test_in_an_approval_that_the_custodian_signed_so(self, junk: Json) -> None:
        if isinstance(junk, dict):
            try:
                given_ = [*approvals(C1, C2), sign(junk, "C3", C3.secret.signing)]
                opened = combine(ASKED["document"], KEY, ESCROW, given_, ROSTER)
            except VaultError:
                return
            assert opened == IDENTITY

    @given(mutations(ESCROW))
    def test_in_the_record(self, junk: Json) -> None:
        try:
            opened = combine(ASKED["document"], KEY, junk, approvals(C1, C2, C3), ROSTER)
        except VaultError:
            return
        assert opened == IDENTITY

    @given(mutations(escrows.for_custodian(ESCROW, "C1")))
    def test_in_what_a_custodian_gets_of_the_record(self, junk: Json) -> None:
        try:
            decide({"terms": ASKED, "escrow": junk}, (FOUNDING, ROSTER), holder(C1), None, TODAY)
        except VaultError:
            return


def test_a_payload_made_up_by_the_server_and_k_custodians_is_not_the_one_that_was_deposited() -> None:
    made_up = forged(pad(b"made up", 2048))
    with pytest.raises(Tampered):
        combine(ASKED["document"], KEY, made_up, approvals(C1, C2, C3), ROSTER)


def test_one_share_that_does_not_fit_does_not_keep_a_quorum_from_opening() -> None:
    broken = sign({**APPROVALS["C1"]["document"], "index": 2}, "C1", C1.secret.signing)
    assert combine(ASKED["document"], KEY, ESCROW, [broken, *approvals(C2, C3, C4)], ROSTER) == IDENTITY
    with pytest.raises(Tampered, match="ask the others"):
        combine(ASKED["document"], KEY, ESCROW, [broken, *approvals(C2, C3)], ROSTER)
