"""Access from the command line: what changes is said before it is signed, and nothing is believed but signatures."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from tests.cast import C1, C2, C3, R1, R2, V1, V2, Person
from tests.cli.line import Line
from tests.readers import told
from tests.stage import PLAN, TEAM
from tests.teams import change, file_of, holds, prepared, revoke, sees, signed_revocation, without
from vault import cases
from vault.cli.requests import CODE
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import Json, unb64
from vault.store.testimony import GrantRow

QUORUM = (C1, C2, C3)


def proposed(line: Line, who: Person, command: str, *words: str) -> tuple[str, str]:
    """A change that this reviewer proposes: its digest, and what was said of it."""
    said = line.run(who, "access", command, "--yes", *words, "--", line.scene.case)
    return said.out.strip(), said.err


def sign(line: Line, digest: str) -> list[str]:
    """What each custodian of a quorum reads before signing."""
    return [line.run(one, "custodian", "sign", "--yes", "--", digest).err for one in QUORUM]


def asked(line: Line, who: Person, *words: str) -> tuple[str, str]:
    """A request for the testimony key: its opening and code."""
    given = ("--case", line.scene.case, "--key", "testimony", "--reason", "I have a new device", *words)
    said = line.run(who, "access", "request-key", *given)
    return said.out.strip(), said.err.strip().rpartition(": ")[2]


def decide(line: Line, opening: str) -> None:
    for custodian in QUORUM:
        line.run(custodian, "opening", "decide", "--yes", "--", opening)


def bereave(line: Line, member: str) -> None:
    """The member's testimony grant is gone."""
    with line.scene.writing() as uow:
        uow.testimony.execute(delete(GrantRow).where(GrantRow.member == member, GrantRow.key == "testimony"))


class TestChanging:
    def test_who_signs_reads_the_difference_and_the_end_of_deposit_only(self, line: Line) -> None:
        digest, said = proposed(line, V2, "change", "--add", "R2:testimony", "--remove", "R1")
        for read in (said, *sign(line, digest)):
            assert "R1 leaves the team: loses brief." in read
            assert "R2 gains testimony." in read
            assert "Deposit-only ends for R2, a researcher, who will read testimony." in read
            assert "The brief key is exchanged (version 1 to 2)" in read
        assert holds(line.scene, R2, "testimony")
        assert not sees(line.scene, R1)
        assert file_of(line.scene).key_versions == {**dict.fromkeys(KEYS, 1), "brief": 2}

    def test_one_key_can_be_taken_and_the_member_stay(self, line: Line) -> None:
        digest, said = proposed(line, V1, "change", "--remove", "V2:testimony")
        assert "V2 loses testimony." in said
        sign(line, digest)
        assert file_of(line.scene).team["V2"] == ("brief", "editions")
        assert file_of(line.scene).key_versions["testimony"] == 2

    @pytest.mark.parametrize(
        ("words", "error"),
        [
            ((), Invalid),
            (("--add", "R2:brief"), Invalid),
            (("--add", "R2:everything"), Invalid),
            (("--add", "X1:brief"), Refused),
            (("--add", "R1:corroboration"), Invalid),
            (("--add", "R1:editions"), Invalid),
            (("--remove", "X1"), NotFound),
            (("--remove", "V1"), Invalid),
        ],
    )
    def test_what_changes_nothing_or_names_nobody_is_refused(
        self, line: Line, words: tuple[str, ...], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            proposed(line, V1, "change", *words)
        assert line.posted("/api/proposals") == 0

    def test_a_custodian_signs_no_change_of_a_case_that_the_server_made_up(self, line: Line) -> None:
        digest, _ = proposed(line, V2, "change", "--add", "R2:testimony")

        def other_team(shown: Json) -> Json:
            lied = copy.deepcopy(shown)
            lied["versions"][0]["document"]["team"][1]["keys"] = ["brief", "testimony"]
            return lied

        line.lie("GET", f"/api/cases/{line.scene.case}/access", other_team)
        with pytest.raises(Tampered):
            sign(line, digest)
        assert "Do not sign" in line.run(C1, "custodian", "proposals").out

    def test_nor_one_that_is_set_against_former_versions(self, line: Line) -> None:
        change(line.scene, V1, without("R1"), ["brief"])
        digest, _ = proposed(line, V2, "change", "--add", "R2:testimony")
        line.lie(
            "GET",
            f"/api/cases/{line.scene.case}/access",
            lambda shown: {**shown, "versions": shown["versions"][:1]},
        )
        with pytest.raises(Tampered):
            sign(line, digest)

    def test_a_reviewer_prepares_nothing_upon_a_brief_that_was_rolled_back(self, line: Line) -> None:
        line.lie("GET", f"/api/cases/{line.scene.case}/briefs", lambda _: {"briefs": []})
        with pytest.raises(Tampered):
            proposed(line, V1, "change", "--remove", "R1")


def test_who_waits_for_a_key_is_shown_to_reviewers_and_to_themselves(line: Line) -> None:
    bereave(line, "V2")
    told = "V2 waits for testimony version 1: `witness-vault access hand-over`"
    for person in (V1, V2, C1):
        assert told in line.run(person, "access", "show", "--", line.scene.case).out
    assert "waits" not in line.run(R1, "access", "show", "--", line.scene.case).out
    line.scene.carry(V1, *prepared(line.scene, V1, {**TEAM, "R1": ["brief", "testimony"]}))
    bereave(line, "R1")
    shown = line.run(R1, "access", "show", "--", line.scene.case).out
    assert ("R1 waits for testimony" in shown, "V2 waits" in shown) == (True, False)


class TestRotating:
    def test_the_keys_that_are_due_are_exchanged_and_the_revoked_leave(self, line: Line) -> None:
        line.scene.deposit(R1, line.scene.said("heard"))
        line.run(C1, "access", "revoke", "--member", "R2", "--case", line.scene.case, "--yes")
        assert (
            "Due for rotation: brief version 1 (R2 revoked)"
            in line.run(V1, "access", "show", "--", line.scene.case).out
        )
        digest, said = proposed(line, V1, "rotate")
        assert "R2 leaves the team" in said
        sign(line, digest)
        line.scene.deposit(R1, line.scene.said("heard"))
        assert len(told(line.scene)[0]) == 2
        with pytest.raises(Invalid):
            proposed(line, V1, "rotate")

    def test_a_key_that_is_named_is_exchanged_though_it_is_not_due(self, line: Line) -> None:
        digest, _ = proposed(line, V1, "rotate", "--key", "testimony")
        sign(line, digest)
        assert file_of(line.scene).key_versions["testimony"] == 2
        assert holds(line.scene, V2, "testimony")

    def test_to_put_somebody_back_is_said_to_be_that(self, line: Line) -> None:
        revoke(line.scene, C1, "R2")
        digest, said = proposed(line, V1, "change", "--add", "R2")
        assert "R2 is put back! C1 revoked their keys on" in said
        assert all("R2 is put back!" in read for read in sign(line, digest))

    def test_a_roster_that_would_let_the_revoked_in_again_says_so(self, line: Line) -> None:
        line.run(V1, "access", "revoke", "--member", "R2", "--yes")
        proposed = line.run(C1, "custodian", "renew", "--yes")
        for read in (proposed.err, *sign(line, proposed.out.strip())):
            assert "R2 is put back! V1 revoked all their keys on" in read

    def test_a_forged_revocation_shuts_nobody_out(self, line: Line) -> None:
        forged = signed_revocation(line.scene, C1, "R2")
        forged["document"]["member"] = "V2"
        line.lie(
            "GET", f"/api/cases/{line.scene.case}/access", lambda shown: {**shown, "revocations": [forged]}
        )
        with pytest.raises(Invalid, match="due"):
            proposed(line, V1, "rotate")


class TestHandingOver:
    def test_a_colleague_hands_over_what_somebody_lacks(self, line: Line) -> None:
        change(line.scene, V1, {**TEAM, "R2": ["brief", "testimony"]})
        assert not holds(line.scene, R2, "testimony")
        said = line.run(V1, "access", "hand-over", "--case", line.scene.case).out
        assert said.startswith("Keys handed over: 0. Not handed over, because you do not hold them: 1")
        said = line.run(V2, "access", "hand-over", "--case", line.scene.case).out
        assert said.startswith("Keys handed over: 1.")
        assert holds(line.scene, R2, "testimony")

    def test_the_custodians_give_a_key_out_of_escrow(self, line: Line) -> None:
        line.scene.deposit(R1, line.scene.said("heard"))
        bereave(line, "V2")
        opening, code = asked(line, V2)
        assert "testimony" in line.run(C1, "opening", "inbox").out
        decide(line, opening)
        line.run(V2, "access", "collect", "--case", line.scene.case, "--", opening, typed={CODE: code})
        assert len(told(line.scene)[0]) == 1

    def test_it_can_be_written_out_and_pasted(self, line: Line, tmp_path: Path) -> None:
        bereave(line, "V2")
        opening, code = asked(line, V2, "--version", "1")
        decide(line, opening)
        file = tmp_path / "grant.json"
        given = ("--case", line.scene.case, "--out", str(file), "--", opening)
        line.run(V2, "access", "collect", *given, typed={CODE: code})
        made: dict[str, Any] = json.loads(file.read_text())
        assert (made["format"], made["member"]) == ("witness-vault/v1/grant-file", "V2")
        assert not holds(line.scene, V2, "testimony")

    def test_nobody_asks_for_what_the_case_does_not_promise(self, line: Line) -> None:
        change(line.scene, V1, {**TEAM, "V2": ["brief"]}, ["testimony", "editions"])
        with pytest.raises(Refused):
            asked(line, V2)
        assert line.posted("/api/openings") == 0

    def test_a_record_of_another_key_opens_nothing(self, line: Line) -> None:
        bereave(line, "V2")

        def exchanged(shown: Json) -> Json:
            records = {one["key"]: one["record"] for one in shown["escrows"]}
            swapped = [{**one, "record": records["brief"]} for one in shown["escrows"]]
            return {**shown, "escrows": swapped}

        line.lie("GET", f"/api/cases/{line.scene.case}/access", exchanged)
        with pytest.raises(Exception, match=r"record|deposited|escrow"):
            asked(line, V2)

    def test_a_key_of_another_case_is_not_handed_in_here(self, line: Line) -> None:
        bereave(line, "V2")
        other = line.scene.open_case({**PLAN, "code": "S2"}, TEAM)
        opening, code = asked(line, V2)
        decide(line, opening)
        with pytest.raises(Tampered):
            line.run(V2, "access", "collect", "--case", other, "--", opening, typed={CODE: code})


class TestRevoking:
    @pytest.mark.parametrize("by", [C1, V1, R1, R2], ids=lambda person: person.code)
    def test_a_custodian_or_colleague_takes_keys_away_at_once(self, line: Line, by: Person) -> None:
        where = ("--case", line.scene.case) if by == R1 else ()  # a researcher: in a case, or their own
        line.run(by, "access", "revoke", "--member", "R2", *where, "--yes")
        assert not sees(line.scene, R2)
        assert "(revoked)" in line.run(C2, "access", "show", "--", line.scene.case).out

    def test_it_asks_first(self, line: Line) -> None:
        with pytest.raises(Exception):  # noqa: B017, PT011 - click's own
            line.run(V1, "access", "revoke", "--member", "R2", answer="n\n")
        assert line.posted("/api/revocations") == 0
        assert sees(line.scene, R2)

    def test_the_passphrase_of_another_signs_nothing(self, line: Line) -> None:
        with pytest.raises(Exception, match="passphrase"):
            line.run(
                V1,
                "access",
                "revoke",
                "--member",
                "R2",
                "--yes",
                typed={"WITNESS_VAULT_PASSPHRASE": "another one altogether"},
            )
        assert sees(line.scene, R2)


def test_what_is_prepared_twice_after_a_lost_answer_takes_effect_once(line: Line) -> None:
    first, _ = proposed(line, V1, "change", "--remove", "R1")
    second, _ = proposed(line, V1, "change", "--remove", "R1")
    assert first != second
    sign(line, second)
    with pytest.raises(NotFound):
        sign(line, first)
    assert file_of(line.scene).version == 2


@pytest.mark.parametrize(
    ("path", "lie"),
    [
        ("access", {}),
        ("access", {"versions": [], "revocations": []}),
        ("access", {"versions": 5}),
        ("access", []),
        ("briefs", {}),
        ("briefs", {"briefs": [{"version": 1, "sealed": "?"}]}),
    ],
    ids=range(6),
)
def test_a_server_that_shows_no_case_gets_no_new_version_of_it(line: Line, path: str, lie: Json) -> None:
    line.lie("GET", f"/api/cases/{line.scene.case}/{path}", lambda _: lie)
    with pytest.raises(Tampered):
        proposed(line, V1, "rotate", "--key", "brief")
    assert line.posted("/api/proposals") == 0


def test_nor_one_that_shows_another_case_or_no_escrow(line: Line) -> None:
    other = line.scene.open_case({**PLAN, "code": "S2"}, TEAM)
    shown = line.run(V1, "access", "show", "--", other).out
    assert shown.startswith("Case S2")
    path = f"/api/cases/{line.scene.case}/access"
    line.lie("GET", path, lambda answer: {**answer, "escrows": []})
    with pytest.raises(Tampered):
        asked(line, V2)
    with line.scene.reading() as uow:
        versions = cases.signed_versions(uow, unb64(other))
    line.lie("GET", path, lambda answer: {**answer, "versions": versions})
    with pytest.raises(Tampered):
        proposed(line, V1, "rotate", "--key", "brief")


@pytest.mark.parametrize("answer", [{}, [], {"revocations": None}], ids=range(3))
def test_a_roster_is_not_signed_when_the_server_hides_who_was_revoked(line: Line, answer: Json) -> None:
    digest = line.run(C1, "custodian", "renew", "--yes").out.strip()
    line.lie("GET", "/api/revocations", lambda _: answer)
    with pytest.raises(Tampered):
        sign(line, digest)
