"""Case files: signed by a quorum; its keys reach whom they were granted, its brief is what a reviewer signed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.cast import (
    C1,
    C2,
    C3,
    C4,
    FOUNDING,
    OUTSIDER,
    R1,
    R2,
    ROSTER,
    V1,
    V2,
    VAULT,
    Person,
    identifier,
    seed,
    signed_by,
)
from vault.errors import Invalid, Refused, Tampered, VaultError
from vault.sealing import boxes, briefs, casefiles, grants
from vault.sealing.digests import Json, b64, canonical, document_digest, pad
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed, sign

KEYS = {name: SealingKey(seed(f"case key {name}")) for name in casefiles.KEYS}
PLACE = {"vault": VAULT, "case": identifier("case"), "author": "V1", "roster": 2}
INCIDENT = briefs.new_incident({"title": "Field hospital", "place": "Sermin", "date": "20 October 2015"})
BRIEF = briefs.first_brief(PLACE, "Sermin", [INCIDENT])
CASE: dict[str, Any] = {
    "format": "witness-vault/v1/case",
    **{
        "vault": VAULT,
        "case": identifier("case"),
        "version": 1,
        "previous": None,
        "code": "S1",
        "roster": 2,
        "epoch": 1,
        "proposer": "V1",
    },
    "keys": {name: {"version": 1, "public": b64(key.public)} for name, key in KEYS.items()},
    "team": [
        {"member": "R1", "keys": ["brief"]},
        {"member": "V1", "keys": ["brief", "corroboration"]},
        {"member": "V2", "keys": ["brief"]},
    ],
    "brief": {"version": 1, "digest": b64(document_digest(BRIEF))},
    "escrows": {name: b64(seed(f"escrow {name}")) for name in casefiles.KEYS},
}
FILE = casefiles.parse(CASE)
QUORUM = (C1, C2, C3)


def roster_at(version: int) -> Roster:
    rosters = {1: FOUNDING, 2: ROSTER}
    if version not in rosters:
        raise Tampered("There is no such roster.")
    return rosters[version]


def brief(by: Person = V1, **changes: Json) -> Signed:
    """The first brief with these changes (... removes a part), signed."""
    changed = {key: value for key, value in {**BRIEF, **changes}.items() if value is not ...}
    return sign(changed, str(changed.get("author")), by.secret.signing)


def opened(sealed: bytes, version: int = 1) -> dict[str, Any]:
    return briefs.open_brief(FILE, version, [KEYS["brief"]], sealed, roster_at)


class TestCases:
    def test_one_that_a_quorum_signed_is_believed(self) -> None:
        assert casefiles.verify(signed_by(CASE, QUORUM), roster_at) == FILE
        assert FILE.team == {"R1": ("brief",), "V1": ("brief", "corroboration"), "V2": ("brief",)}
        assert FILE.keys == {name: key.public for name, key in KEYS.items()}

    @pytest.mark.parametrize("by", [(), (C1, C2), (C1, C2, OUTSIDER), (C1, C2, V1)], ids=len)
    def test_one_that_fewer_signed_is_not(self, by: Iterable[Person]) -> None:
        with pytest.raises(Tampered):
            casefiles.verify(signed_by(CASE, by), roster_at)

    @pytest.mark.parametrize(("part", "value"), [("vault", identifier("elsewhere")), ("roster", 3)])
    def test_one_of_another_vault_or_an_unknown_roster_is_not(self, part: str, value: Json) -> None:
        with pytest.raises(Tampered):
            casefiles.verify(signed_by({**CASE, part: value}, (*QUORUM, C4)), roster_at)

    def test_one_that_somebody_else_than_a_reviewer_proposes_is_not(self) -> None:
        with pytest.raises(Tampered):
            casefiles.verify(signed_by({**CASE, "proposer": "R1"}, QUORUM), roster_at)

    def test_one_of_another_epoch_than_its_roster_is_not(self) -> None:
        with pytest.raises(Tampered):
            casefiles.verify(signed_by({**CASE, "epoch": 2}, QUORUM), roster_at)

    def test_a_key_is_promised_by_the_newest_version_that_is_shown_last(self) -> None:
        team = [one for one in CASE["team"] if one["member"] != "R1"]
        brief = {"version": 2, "digest": b64(bytes(32))}
        later = {**CASE, "version": 2, "previous": FILE.digest, "team": team, "brief": brief}
        later["escrows"] = {**CASE["escrows"], "brief": b64(seed("another"))}
        later["keys"] = {**CASE["keys"], "brief": {**CASE["keys"]["brief"], "version": 2}}
        first, second = signed_by(CASE, QUORUM), signed_by(later, QUORUM)
        terms = {"vault": VAULT, "requester": "R1", "escrow": later["escrows"]["brief"]}
        for shown in ([first, second], [second, first]):
            with pytest.raises(Refused):
                casefiles.promised_key(shown, terms, roster_at)

    @pytest.mark.parametrize("part", sorted(set(CASE) - {"format"}))
    def test_one_that_lacks_a_part_is_refused(self, part: str) -> None:
        with pytest.raises(Invalid):
            casefiles.parse({key: value for key, value in CASE.items() if key != part})

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("format", "witness-vault/v1/roster"),
            ("vault", "AAAA"),
            ("case", 5),
            ("code", "s1"),
            ("code", None),
            ("brief", b64(bytes(32))),
            ("brief", {"version": 1, "digest": b64(bytes(31))}),
            ("brief", {"version": 2, "digest": b64(bytes(32))}),
            ("version", 0),
            ("version", True),
            ("previous", b64(bytes(32))),
            ("escrows", {**CASE["escrows"], "brief": "AAAA"}),
            ("keys", []),
            ("keys", {}),
            ("keys", {**CASE["keys"], "brief": {"public": "AAAA"}}),
            ("keys", {**CASE["keys"], "brief": None}),
            ("keys", {**CASE["keys"], "brief": {**CASE["keys"]["brief"], "version": 2}}),
            ("escrows", {"brief": ""}),
            ("keys", {**CASE["keys"], "more": CASE["keys"]["brief"]}),
            ("escrows", {**CASE["escrows"], "more": CASE["escrows"]["brief"]}),
            ("keys", {key: CASE["keys"][key] for key in casefiles.KEYS[:4]}),
            ("escrows", {key: CASE["escrows"][key] for key in casefiles.KEYS[:4]}),
            ("team", []),
            ("team", 5),
            ("team", ["V1"]),
            ("team", [{"member": "R1", "keys": ["brief"]}]),
            ("team", [{"member": "V1", "keys": ["editions"]}]),
            ("team", [{"member": "V1", "keys": ["brief", "brief"]}]),
            ("team", [{"member": "V1", "keys": ["brief", "everything"]}]),
            ("team", [{"member": "V1", "keys": 5}]),
            ("team", [{"member": "V1", "keys": ["brief"]}, {"member": "v2", "keys": ["brief"]}]),
            ("team", [{"member": ["V1"], "keys": ["brief"]}]),
            ("team", [{"member": 5, "keys": ["brief"]}]),
        ],
    )
    def test_another_form_is_refused(self, part: str, value: Json) -> None:
        with pytest.raises(Invalid):
            casefiles.parse({**CASE, part: value})

    @pytest.mark.parametrize("document", [None, [], "text", 5])
    def test_what_is_no_case_is_refused(self, document: Json) -> None:
        with pytest.raises(Invalid):
            casefiles.parse(document)


class TestGrants:
    @pytest.mark.parametrize("key", casefiles.KEYS)
    def test_a_key_opens_for_whom_it_was_granted(self, key: str) -> None:
        sealed = grants.seal_grant(FILE, (key, 1), KEYS[key], "R1", R1.secret.sealing.public)
        assert grants.open_grant(FILE, (key, 1), "R1", R1.secret.sealing, sealed) == KEYS[key]

    @pytest.mark.parametrize(
        ("key", "member", "who"), [("testimony", "R1", R1), ("brief", "R2", R1), ("brief", "R1", R2)]
    )
    def test_it_opens_for_nobody_else_and_for_no_other_key(self, key: str, member: str, who: Person) -> None:
        sealed = grants.seal_grant(FILE, ("brief", 1), KEYS["brief"], "R1", R1.secret.sealing.public)
        with pytest.raises(Tampered):
            grants.open_grant(FILE, (key, 1), member, who.secret.sealing, sealed)

    @pytest.mark.parametrize("seed_", [KEYS["testimony"].seed, b"", KEYS["brief"].seed + b"\0"])
    def test_a_key_that_the_quorum_did_not_sign_is_refused(self, seed_: bytes) -> None:
        with pytest.raises(Tampered):
            grants.seal_grant(FILE, ("brief", 1), SealingKey(seed_), "R1", R1.secret.sealing.public)
        about = {"vault": VAULT, "case": FILE.id, "key": "brief", "version": 1, "member": "R1"}
        sealed = boxes.seal(R1.secret.sealing.public, ("grant", about), seed_)
        with pytest.raises(Tampered):
            grants.open_grant(FILE, ("brief", 1), "R1", R1.secret.sealing, sealed)


class TestBriefs:
    def test_the_first_is_the_one_that_the_quorum_named(self) -> None:
        assert opened(briefs.seal_brief(FILE, brief())) == BRIEF

    def test_a_next_one_chains_to_it_and_may_be_another_reviewers(self) -> None:
        more = briefs.new_incident({"title": "School"})
        document = briefs.next_brief(BRIEF, [more], "V2", 2)
        sealed = briefs.seal_brief(FILE, sign(document, "V2", V2.secret.signing))
        assert opened(sealed, 2)["incidents"] == [INCIDENT, more]
        assert document["previous"] == b64(document_digest(BRIEF))
        assert document["nonce"] != BRIEF["nonce"]

    def test_only_all_of_them_one_after_the_other_make_the_newest(self) -> None:
        def chain(*signed: Signed) -> dict[str, Any]:
            sealed = [briefs.seal_brief(FILE, one) for one in signed]
            return briefs.open_chain(FILE, [KEYS["brief"]], sealed, roster_at)

        document = briefs.next_brief(BRIEF, [], "V2", 2)
        assert chain(brief()) == BRIEF
        assert chain(brief(), sign(document, "V2", V2.secret.signing)) == document
        alone = sign({**document, "previous": b64(bytes(32))}, "V2", V2.secret.signing)
        for broken in [(), (brief(), alone)]:
            with pytest.raises(Tampered):
                chain(*broken)

    def test_no_version_passes_for_another(self) -> None:
        with pytest.raises(Tampered):
            opened(briefs.seal_brief(FILE, brief()), 2)

    @pytest.mark.parametrize(
        "signed",
        [
            brief(nonce="another"),
            brief(R1, author="R1"),
            brief(R1),
            brief(author="X1"),
            brief(author=["V1"]),
            brief(author=...),
            brief(roster=9),
            brief(roster=[2]),
            brief(roster=...),
            brief(case=identifier("another")),
            brief(case=...),
            {"document": None},
            {},
        ],
        ids=range(13),
    )
    def test_a_brief_that_no_reviewer_signed_for_this_case_is_refused(self, signed: Json) -> None:
        about = ("brief", {"vault": VAULT, "case": identifier("case"), "version": 1})
        sealed = boxes.seal(KEYS["brief"].public, about, pad(canonical(signed), 16384))
        with pytest.raises(Tampered):
            opened(sealed)

    @pytest.mark.parametrize("content", [b"", b"{}", pad(b"[]", 64), pad(b"null", 64), pad(b"\xff", 64)])
    def test_what_the_server_made_up_is_refused(self, content: bytes) -> None:
        about = ("brief", {"vault": VAULT, "case": identifier("case"), "version": 1})
        with pytest.raises(Tampered):
            opened(boxes.seal(KEYS["brief"].public, about, content))

    def test_its_size_says_little(self) -> None:
        sizes = {len(briefs.seal_brief(FILE, brief(title="x" * length))) for length in (1, 100, 5000)}
        assert sizes == {16384 + boxes.OVERHEAD}


class TestWhatIsTyped:
    def test_an_incident_has_an_id_of_its_own_and_plain_lines(self) -> None:
        one, two = (briefs.new_incident({"title": " School "}) for _ in range(2))
        assert one["incident"] != two["incident"]
        assert {**one, "incident": ""} == {
            **{"incident": "", "title": "School", "place": "", "date": ""},
            "vocabulary": "air-strike",
        }

    @pytest.mark.parametrize(
        "facts",
        [
            {},
            {"title": " "},
            {"title": "x" * 201},
            {"title": "x", "place": "x" * 201},
            {"title": "x", "date": "x" * 101},
        ],
    )
    def test_an_incident_without_a_title_or_with_a_novel_is_refused(self, facts: dict[str, str]) -> None:
        with pytest.raises(Invalid):
            briefs.new_incident(facts)

    @pytest.mark.parametrize("title", ["", "  ", "x" * 201])
    def test_a_case_has_a_short_title(self, title: str) -> None:
        with pytest.raises(VaultError):
            briefs.first_brief(PLACE, title, [INCIDENT])
