"""The versions of a case: each signed by a quorum, each following the one before, no key exchanged in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, C2, ROSTER, V2, identifier, seed, signed_by
from tests.sealing.test_casefiles import BRIEF, CASE, FILE, KEYS, QUORUM, roster_at
from vault.errors import Invalid, Refused, Tampered
from vault.sealing import casefiles
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json, b64, document_digest
from vault.sealing.keypairs import SealingKey
from vault.sealing.signatures import Signed

NEW = SealingKey(seed("case key testimony, version 2"))
READER = {"member": "R2", "keys": ["brief", "testimony"]}


def after(file: CaseFile = FILE, **changes: Json) -> dict[str, Any]:
    """The document that follows, with these members other ones."""
    version = file.version + 1
    return {
        **CASE,
        "version": version,
        "previous": file.digest,
        "keys": {
            key: {"version": file.key_versions[key], "public": b64(file.keys[key])} for key in casefiles.KEYS
        },
        "escrows": dict(file.escrows),
        "brief": {"version": file.brief[0] + 1, "digest": b64(seed(f"brief {version}"))},
        **changes,
    }


def rotated(file: CaseFile = FILE, key: str = "testimony", **changes: Json) -> dict[str, Any]:
    """The document that follows, with one key exchanged."""
    plain = after(file)
    fresh = {"version": file.key_versions[key] + 1, "public": b64(NEW.public)}
    keys, escrows = {**plain["keys"], key: fresh}, {**plain["escrows"], key: b64(seed("another escrow"))}
    return {**plain, "keys": keys, "escrows": escrows, **changes}


def chain(*documents: Json) -> list[Signed]:
    return [signed_by(document, QUORUM) for document in (CASE, *documents)]


def test_a_chain_gives_its_newest_version_with_those_before() -> None:
    second = rotated(team=[*CASE["team"][1:], READER])
    file = casefiles.verify_chain(chain(second), roster_at)
    assert (file.version, file.previous) == (2, FILE.digest)
    assert [one.version for one in file.earlier] == [1]
    assert file.versions("testimony") == [("testimony", 1), ("testimony", 2)]
    assert file.with_key(("testimony", 1)).keys["testimony"] == KEYS["testimony"].public
    assert file.with_key(("testimony", 2)).keys["testimony"] == NEW.public
    with pytest.raises(Tampered):
        file.with_key(("testimony", 3))


def test_who_was_on_the_team_once_is_known_and_who_had_a_present_key() -> None:
    second = rotated(team=[CASE["team"][1], READER])
    file = casefiles.verify_chain(chain(second), roster_at)
    assert not file.promises("R1", "brief")
    assert file.has_promised("R1", "brief")
    assert file.given()["brief"] == {"R1", "R2", "V1", "V2"}  # not exchanged: who left may have kept it
    assert file.given()["testimony"] == {"R2"}


@pytest.mark.parametrize("documents", [[], [CASE, CASE], [after()], [CASE, after(version=3)]], ids=len)
def test_a_chain_with_a_gap_a_repetition_or_no_beginning_is_refused(documents: list[Json]) -> None:
    with pytest.raises(Tampered):
        casefiles.verify_chain([signed_by(one, QUORUM) for one in documents], roster_at)


def test_a_version_that_fewer_than_a_quorum_signed_is_refused() -> None:
    with pytest.raises(Tampered):
        casefiles.verify_chain([*chain(), signed_by(after(), (C1, C2))], roster_at)


@pytest.mark.parametrize(
    "document",
    [
        after(previous=b64(seed("another"))),
        after(previous=None),
        after(case=identifier("another")),
        after(code="S2"),
        after(version=1),
        after(version=3),
        after(proposer="V2", team=[{"member": "V2", "keys": ["brief"]}], brief={**CASE["brief"]}),
        after(brief=CASE["brief"]),
        after(roster=1, epoch=1),
        after(keys={**CASE["keys"], "testimony": {"version": 1, "public": b64(NEW.public)}}),
        after(escrows={**CASE["escrows"], "testimony": b64(seed("another"))}),
        rotated(escrows=CASE["escrows"]),
        rotated(keys={**CASE["keys"], "testimony": {"version": 2, "public": b64(FILE.keys["testimony"])}}),
        rotated(keys={**CASE["keys"], "testimony": {"version": 3, "public": b64(NEW.public)}}),
    ],
    ids=range(14),
)
def test_what_does_not_follow_is_refused(document: Json) -> None:
    with pytest.raises((Tampered, Invalid)):
        casefiles.verify_chain(chain(document), roster_at)


def test_the_proposer_of_a_version_was_on_the_team_before_it() -> None:
    alone = after(team=[{"member": "V1", "keys": ["brief"]}])
    file = casefiles.verify_chain(chain(alone), roster_at)
    by_another = after(file, proposer="V2", team=[{"member": "V2", "keys": ["brief"]}])
    with pytest.raises(Tampered):
        casefiles.verify_chain(chain(alone, by_another), roster_at)


class TestPromisedKeys:
    """What custodians look at before a key of a case leaves escrow."""

    def terms(self, escrow: str, requester: str = "V2") -> dict[str, Any]:
        return {"escrow": escrow, "requester": requester, "vault": CASE["vault"]}

    def test_the_newest_version_must_promise_it_to_who_asks(self) -> None:
        promised = rotated(team=[*CASE["team"][:2], {"member": "V2", "keys": ["brief", "testimony"]}])
        for escrow, version in ((CASE["escrows"]["testimony"], 1), (promised["escrows"]["testimony"], 2)):
            _, name = casefiles.promised_key(chain(promised), self.terms(escrow), roster_at)
            assert name == ("testimony", version)
        with pytest.raises(Refused):
            casefiles.promised_key(chain(promised), self.terms(escrow, "R1"), roster_at)

    def test_a_former_promise_is_none(self) -> None:
        promised = after(team=[*CASE["team"][:2], {"member": "V2", "keys": ["brief", "testimony"]}])
        file = casefiles.verify_chain(chain(promised), roster_at)
        taken = after(file)
        with pytest.raises(Refused):
            casefiles.promised_key(
                chain(promised, taken), self.terms(CASE["escrows"]["testimony"]), roster_at
            )

    @pytest.mark.parametrize("versions", [None, [], "text", [CASE], [{}]])
    def test_without_the_case_nothing_is_promised(self, versions: Json) -> None:
        with pytest.raises(Tampered):
            casefiles.promised_key(versions, self.terms(CASE["escrows"]["testimony"]), roster_at)


def test_the_first_brief_is_that_of_the_first_version() -> None:
    assert FILE.brief == (1, b64(document_digest(BRIEF)))
    assert ROSTER.member(V2.code).role == "reviewer"
