"""Rosters: whoever starts from a known version 1 cannot be shown other keys than those a quorum signed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.cast import (
    AFTERWARDS,
    C1,
    C2,
    C3,
    C4,
    C5,
    CHAIN,
    CUSTODIANS,
    EXPIRES,
    FOUNDING,
    ISSUED,
    MEMBERS,
    OUTSIDER,
    R1,
    ROSTER,
    V1,
    VAULT,
    Person,
    cards,
    following,
    founding,
    identifier,
    signed_by,
)
from vault.errors import Expired, Invalid, Tampered, VaultError
from vault.sealing import roster_drafts, rosters
from vault.sealing.digests import Json, b64
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed

TEN = [Person(f"D{number}") for number in range(10)]
C6 = Person("C6")


def entry(person: Person, **changes: Json) -> dict[str, Json]:
    """A custodian as a roster lists them."""
    document = person.card["document"]
    return {"code": person.code, "sealing": document["sealing"], "signing": document["signing"], **changes}


def listing(people: Sequence[Person]) -> list[Json]:
    return [entry(person) for person in people]


def member(person: Person, **changes: Json) -> dict[str, Json]:
    return {**entry(person), "role": person.role, "request": None, **changes}


@dataclass(frozen=True)
class Case:
    """A chain that somebody shows, and whether it is believed."""

    name: str
    chain: Callable[[], Json]
    refused: type[VaultError] | None = None
    pinned: Roster | None = None


def first(
    changes: dict[str, Json] | None = None, by: Sequence[Person] = CUSTODIANS
) -> Callable[[], list[Signed]]:
    """A founding roster with these changes."""
    return lambda: [signed_by({**founding(), **(changes or {})}, by)]


def second(
    changes: dict[str, Json] | None = None, by: Sequence[Person] = (C1, C2, C3)
) -> Callable[[], list[Signed]]:
    """A founding roster and a successor with these changes."""
    return lambda: [CHAIN[0], signed_by(following(FOUNDING, MEMBERS, **(changes or {})), by)]


def third(changes: dict[str, Json], by: Sequence[Person]) -> Callable[[], list[Signed]]:
    """The cast's chain and a third version with these changes."""
    return lambda: [*CHAIN, signed_by(following(ROSTER, **changes), by)]


def renewed(people: Sequence[Person], **changes: Json) -> dict[str, Json]:
    """The custodians of the next epoch, each with a new sealing key."""
    return {"custodians": listing([replace(person, epoch=2) for person in people]), "epoch": 2, **changes}


def unnamed(*codes: str) -> dict[str, Json]:
    """The founding custodians, these codes misspelled."""
    return {"custodians": [entry(person, code=code) for person, code in zip(CUSTODIANS, codes, strict=False)]}


THREE = {"custodians": listing([C1, C2, C3]), "threshold": 2}
SIGNING_TWICE = {"custodians": [*listing([C1, C2, C3]), entry(C4, signing=entry(C1)["signing"])]}
SEALING_TWICE = {"custodians": [*listing([C1, C2, C3]), entry(C4, sealing=entry(C1)["sealing"])]}
JOINED = renewed([*CUSTODIANS, C6])
REPLACED = renewed([C1, C2, C3, C4, C6])
TWO_LEFT = renewed([C1, C2, C3], threshold=2)
OTHERS = renewed([C3, C4, C5, C6])
REKEYED = renewed(CUSTODIANS)
REKEYED["custodians"][0]["signing"] = b64(C6.secret.signing.public)
KEPT_ONE = renewed(CUSTODIANS)
KEPT_ONE["custodians"][4] = entry(C5)

CASES = [
    # --- version 1: all n sign
    Case("founded by all", first()),
    Case("founded by all, and an outsider's signature is no harm", first(by=[*CUSTODIANS, OUTSIDER])),
    Case("2 of 3 is the smallest", first(THREE, [C1, C2, C3])),
    Case("9 of 9 is the largest", first({"custodians": listing(TEN[:9]), "threshold": 9}, TEN[:9])),
    Case("founded by all but one", first(by=[C1, C2, C3, C4]), Tampered),
    Case("founded by nobody", first(by=[]), Tampered),
    Case("k = 1", first({"threshold": 1}), Invalid),
    Case("k = 0", first({"threshold": 0}), Invalid),
    Case("k more than n", first({"threshold": 6}), Invalid),
    Case("k = true", first({"threshold": True}), Invalid),
    Case("k as text", first({"threshold": "3"}), Invalid),
    Case("n = 10", first({"custodians": listing(TEN)}, TEN), Invalid),
    Case("nobody listed", first({"custodians": [], "threshold": 2}, []), Invalid),
    Case("duplicate code", first({"custodians": [entry(C1), entry(C1), *listing([C2, C3])]}), Invalid),
    Case("not in order of code", first({"custodians": listing([C2, C1, C3, C4, C5])}), Invalid),
    Case("a code in small letters", first(unnamed("C1", "C2", "C3", "C4", "c5")), Invalid),
    Case("a code that is a number", first(unnamed("C1", "C2", "C3", "C4", 5)), Invalid),  # type: ignore[arg-type]
    Case("one signing key under two codes", first(SIGNING_TWICE), Invalid),
    Case("one sealing key under two codes", first(SEALING_TWICE), Invalid),
    Case("a short sealing key", first({"custodians": [entry(C1, sealing="AAAA"), entry(C2)]}), Invalid),
    Case("member code equals custodian code", first({"members": [member(R1, code="C1")]}), Invalid),
    Case("member listed twice", first({"members": [member(R1), member(R1)]}), Invalid),
    Case("a member who is a custodian by role", first({"members": [member(R1, role="custodian")]}), Invalid),
    Case("a role that is no text", first({"members": [member(R1, role=["researcher"])]}), Invalid),
    Case("a request key that is none", first({"members": [member(R1, request="AAAA")]}), Invalid),
    Case("version 0", first({"version": 0}), Invalid),
    Case("version 2 as the founding one", first({"version": 2}), Tampered),
    Case("a founding version with a predecessor", first({"previous": b64(bytes(32))}), Tampered),
    Case("another format", first({"format": "witness-vault/v1/case"}), Tampered),
    Case("a vault id of another length", first({"vault": "AAAA"}), Invalid),
    Case("a day that is no day", first({"expires": "soon"}), Invalid),
    Case("a day in other digits", first({"expires": "٢٠٢٧-٠٤-٣٠"}), Invalid),
    Case("a number for a day", first({"issued": 20261101}), Invalid),
    Case("a day that no month has", first({"expires": "2027-04-31"}), Invalid),
    Case("issued on a day that no month has", first({"issued": "2026-02-29"}), Invalid),
    Case("issued and run out on one day", first({"expires": ISSUED})),
    Case("run out before it was issued", first({"expires": "2026-10-31"}), Invalid),
    Case("366 days long", first({"expires": "2027-11-02"})),
    Case("longer than 366 days", first({"expires": "2027-11-03"}), Invalid),
    Case("an epoch that is a list", first({"epoch": [1]}), Invalid),
    Case("custodians that are no list", first({"custodians": 5}), Invalid),
    Case("custodians that are no objects", first({"custodians": ["C1", "C2"]}), Invalid),
    # --- version v + 1: k of the old and k of the new
    Case("members added by k", second()),
    Case("members added by all", second(by=CUSTODIANS)),
    Case("members added by k - 1", second(by=[C1, C2]), Tampered),
    Case("k - 1 and an outsider", second(by=[C1, C2, OUTSIDER]), Tampered),
    Case("k - 1 and a member", second(by=[C1, C2, R1]), Tampered),
    Case("missing previous", second({"previous": None}), Tampered),
    Case("previous of another chain", second({"previous": b64(bytes(32))}), Tampered),
    Case("a version left out", second({"version": 3}), Tampered),
    Case("the same version again", second({"version": 1}), Tampered),
    Case("another vault", second({"vault": identifier("elsewhere")}), Tampered),
    Case("a threshold lowered to 1 by k", second({"threshold": 1}), Invalid),
    Case("a custodian joins, signed by k who are in both", third(JOINED, [C1, C2, C3])),
    Case("a custodian joins and signs as one of k of the old", third(JOINED, [C1, C2, C6]), Tampered),
    Case("a custodian is replaced, signed by k who are in both", third(REPLACED, [C1, C2, C3])),
    Case("a removed custodian signs for the old only", third(REPLACED, [C1, C2, C5]), Tampered),
    Case("k of the old with the removed, k of the new with the newcomer", third(REPLACED, [C1, C2, C5, C6])),
    Case("k of the old but too few of the new", third(OTHERS, [C1, C2, C3]), Tampered),
    Case("k of the new but too few of the old", third(OTHERS, [C3, C4, C6]), Tampered),
    Case("k of both, not the same people", third(OTHERS, [C1, C3, C4, C6])),
    Case("k lowered: the old k still binds", third(TWO_LEFT, [C1, C2]), Tampered),
    Case("k lowered by the old k", third(TWO_LEFT, [C1, C2, C3])),
    Case("a custodian's key swapped by the others", third(REKEYED, [C2, C3, C4])),
    Case("whose key is swapped cannot sign with either", third(REKEYED, [C1, C2, C3, C4]), Tampered),
    Case("a custodian joins within the epoch", third({"custodians": listing([*CUSTODIANS, C6])}, CUSTODIANS), Tampered),
    Case("k changes within the epoch", third({"threshold": 4}, CUSTODIANS), Tampered),
    Case("an epoch that keeps one old key", third(KEPT_ONE, CUSTODIANS), Tampered),
    Case("an epoch with the old keys", third({"epoch": 2}, CUSTODIANS), Tampered),
    Case("an epoch left out", third({**JOINED, "epoch": 3}, CUSTODIANS), Tampered),
    Case("a longer cooling time", third({"cooling": 14}, [C1, C2, C3])),
    Case("a cooling time without end", third({"cooling": 15}, CUSTODIANS), Invalid),
    Case("an epoch before the first", third({"epoch": 0}, [C1, C2, C3]), Invalid),
    # --- what this device has seen before
    Case("the pinned version", lambda: CHAIN, pinned=ROSTER),
    Case("newer than pinned", lambda: CHAIN, pinned=FOUNDING),
    Case("rollback behind the pin", lambda: CHAIN[:1], Tampered, pinned=ROSTER),
    Case("fork from the pin", second({"issued": "2026-11-02"}), Tampered, pinned=ROSTER),
    Case("another vault than the pinned", first({"vault": identifier("x")}), Tampered, pinned=FOUNDING),
    Case("no roster at all", list, Tampered),
    Case("a chain without its beginning", lambda: CHAIN[1:], Tampered),
    Case("a chain in another order", lambda: CHAIN[::-1], Tampered),
    Case("what is no roster", lambda: [None], Tampered),
    Case("rosters that are lists", lambda: [[]], Tampered),
    Case("a number for a chain", lambda: 5, Tampered),
    Case("nothing for a chain", lambda: None, Tampered),
    Case("an object for a chain", lambda: {"0": CHAIN[0]}, Tampered),
    Case("text for a chain", lambda: "rosters", Tampered),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_chain_is_believed_only_as_far_as_quorums_signed_it(case: Case) -> None:
    chain = case.chain()
    if case.refused is None:
        assert [roster.version for roster in rosters.verify_chain(chain, case.pinned)] == [
            *range(1, len(chain) + 1)
        ]
    else:
        with pytest.raises(case.refused):
            rosters.verify_chain(chain, case.pinned)


def test_the_epoch_never_goes_back() -> None:
    chain = [*CHAIN, signed_by(following(ROSTER, **JOINED), [C1, C2, C3])]
    newest = rosters.verify_chain(chain)[-1]
    with pytest.raises(Tampered):
        rosters.verify_chain([*chain, signed_by(following(newest, epoch=1), [C1, C2, C3])])


@pytest.mark.parametrize("part", sorted(founding()))
def test_a_roster_without_one_of_its_parts_is_refused(part: str) -> None:
    document = {key: value for key, value in founding().items() if key != part}
    with pytest.raises(VaultError):
        rosters.verify_chain([signed_by(document, CUSTODIANS)])


@pytest.mark.parametrize("document", [None, [], "text", 5, {}])
def test_what_is_no_roster_is_refused(document: Json) -> None:
    with pytest.raises(Invalid):
        rosters.parse(document)


def test_any_change_to_a_signed_roster_is_refused() -> None:
    for path in [("expires",), ("members", 0, "role"), ("custodians", 0, "sealing"), ("threshold",)]:
        signed: Any = copy.deepcopy(CHAIN[1])
        inner = signed["document"]
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = {"role": "reviewer", "sealing": entry(C6)["sealing"], "threshold": 2}.get(
            str(path[-1]), AFTERWARDS
        )
        with pytest.raises(Tampered):
            rosters.verify_chain([CHAIN[0], signed])


def test_a_roster_is_in_force_to_its_last_day() -> None:
    rosters.require_in_force(ROSTER, EXPIRES)
    with pytest.raises(Expired):
        rosters.require_in_force(ROSTER, AFTERWARDS)


class TestWhatARosterSays:
    def test_who_is_listed_is_found_with_their_keys(self) -> None:
        assert ROSTER.codes == ("C1", "C2", "C3", "C4", "C5")
        assert ROSTER.member("R1").signing == R1.secret.signing.public
        assert ROSTER.member("V1").request is None
        assert ROSTER.custodian_keys()["C1"] == C1.secret.signing.public
        assert (ROSTER.vault, ROSTER.version, ROSTER.epoch, ROSTER.threshold) == (VAULT, 2, 1, 3)
        assert (ROSTER.issued, ROSTER.expires) == (ISSUED, EXPIRES)

    @pytest.mark.parametrize("code", ["C1", "X1", "", "r1"])
    def test_whoever_is_not_listed_is_nobody(self, code: str) -> None:
        with pytest.raises(Tampered):
            ROSTER.member(code)

    def test_its_fingerprint_is_six_words_and_its_own(self) -> None:
        assert len(FOUNDING.fingerprint.split()) == 6
        assert FOUNDING.fingerprint != ROSTER.fingerprint

    def test_it_shows_no_keys_when_printed(self) -> None:
        assert b64(R1.secret.signing.public) not in repr(ROSTER)

    def test_a_quorum_of_its_custodians_and_nobody_else_meets_it(self) -> None:
        signed = signed_by(following(ROSTER), [C1, C2, C3])
        document, entries = signed["document"], signed["signatures"]
        assert rosters.is_met(document, entries, ROSTER)
        assert not rosters.is_met(document, entries[:2], ROSTER)


class TestDrafts:
    def test_a_founding_roster_lists_the_cards_in_order_of_code(self) -> None:
        document = roster_drafts.founding_document(VAULT, cards([C3, C1, C2]), 2, (ISSUED, EXPIRES))
        assert rosters.parse(document).codes == ("C1", "C2", "C3")
        assert (document["version"], document["previous"], document["epoch"], document["members"]) == (
            1,
            None,
            1,
            [],
        )

    @pytest.mark.parametrize(
        ("people", "threshold"), [((C1,), 2), ((C1, C2, C3), 1), ((C1, C1, C2), 2), (TEN, 3)]
    )
    def test_no_vault_is_founded_with_too_few_or_too_many(
        self, people: Sequence[Person], threshold: int
    ) -> None:
        with pytest.raises(Invalid):
            roster_drafts.founding_document(VAULT, cards(people), threshold, (ISSUED, EXPIRES))

    def test_a_successor_keeps_whom_it_does_not_change(self) -> None:
        again = following(ROSTER, [Person("R1", "reviewer")])
        assert [entry["code"] for entry in again["members"]] == ["R1", "R2", "V1", "V2"]
        assert again["members"][0]["role"] == "reviewer"
        assert again["members"][1:] == ROSTER.document["members"][1:]
        assert again["previous"] == b64(ROSTER.digest)

    def test_whoever_is_taken_off_is_the_only_one_who_goes(self) -> None:
        left = roster_drafts.without_members(ROSTER, ["R1", "V2"], (ISSUED, EXPIRES))
        assert [entry["code"] for entry in left["members"]] == ["R2", "V1"]
        assert left["custodians"] == ROSTER.document["custodians"]
        with pytest.raises(Invalid):
            roster_drafts.without_members(ROSTER, ["R1", "R9"], (ISSUED, EXPIRES))

    def test_the_next_epoch_begins_with_new_keys_alone(self) -> None:
        with pytest.raises(Invalid):
            roster_drafts.with_custodians(ROSTER, cards(CUSTODIANS), 3, (ISSUED, EXPIRES))

    @pytest.mark.parametrize(("page", "named"), [(None, None), (bytes(32), b64(bytes(32)))])
    def test_rules_change_nothing_else(self, page: bytes | None, named: str | None) -> None:
        draft = roster_drafts.with_rules(ROSTER, (ISSUED, EXPIRES), 3, page)
        assert (draft["cooling"], draft["page"]) == (3, named)
        same = ("custodians", "members", "threshold", "epoch")
        assert [draft[part] for part in same] == [ROSTER.document[part] for part in same]

    def test_a_custodian_is_never_a_member(self) -> None:
        with pytest.raises(Invalid):
            following(ROSTER, [Person("C1", "researcher")])

    def test_reviewers_and_researchers_are_told_apart(self) -> None:
        assert {person.code: ROSTER.member(person.code).role for person in (R1, V1)} == {
            "R1": "researcher",
            "V1": "reviewer",
        }
