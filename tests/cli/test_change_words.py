"""What a custodian reads of a change of team, whoever prepared it: the difference, and what is left open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, V1
from tests.cli.line import Line
from tests.stage import DAY, TEAM, Scene, actor
from tests.teams import file_of, prepared, revoke, without
from vault import proposals
from vault.cli.changes import check_team, opening_words
from vault.cli.proposals import in_words
from vault.errors import Invalid, Tampered, VaultError
from vault.sealing import casefiles

Team = dict[str, list[str]]


def read(line: Line, document: dict[str, Any], attachments: dict[str, Any]) -> str:
    """What C1's program says of a proposal that a reviewer's client made."""
    with line.scene.writing() as uow:
        proposals.propose(uow, actor(V1), document, attachments, DAY)
    return line.run(C1, "custodian", "proposals").out


@pytest.mark.parametrize(
    ("team", "rotate", "said"),
    [
        (without("R2"), (), "R2 may have kept a copy of the brief key, which stays as it is!"),
        (TEAM, (), "Nothing changes but the version."),
        ({**TEAM, "V2": ["brief"]}, ("testimony",), "V2 may have kept a copy of the editions key"),
        ({**TEAM, "V1": [*TEAM["V1"], "testimony"]}, (), "V1 gains testimony."),
        ({**TEAM, "R1": ["brief", "evidence"]}, (), "R1 gains evidence."),
        (TEAM, ("testimony",), "The testimony key is exchanged (version 1 to 2)"),
    ],
)
def test_the_difference_is_said_and_so_is_what_is_left_open(
    line: Line, team: Team, rotate: tuple[str, ...], said: str
) -> None:
    assert said in read(line, *prepared(line.scene, V1, team, rotate))


def test_a_change_that_exchanges_what_it_takes_away_leaves_nothing_open(line: Line) -> None:
    assert "may have kept" not in read(line, *prepared(line.scene, V1, without("R2"), ["brief"]))


def test_a_reviewer_who_reads_is_no_end_of_deposit_only(line: Line) -> None:
    team = {**TEAM, "V1": [*TEAM["V1"], "testimony"]}
    assert "Deposit-only" not in read(line, *prepared(line.scene, V1, team))


def test_somebody_new_is_said_to_join(line: Line) -> None:
    line.scene.carry(V1, *prepared(line.scene, V1, without("R2"), ["brief"]))
    assert "R2 joins the team: gains brief." in read(line, *prepared(line.scene, V1, TEAM))


def test_the_revoked_who_are_kept_are_said_to_be_put_back(line: Line) -> None:
    paper = prepared(line.scene, V1, TEAM, ["brief"])
    revoke(line.scene, C1, "R2")
    assert "R2 is put back! C1 revoked their keys" in read(line, *paper)


def test_without_the_vault_a_change_is_not_put_into_words(scene: Scene) -> None:
    document, _ = prepared(scene, V1, without("R2"), ["brief"])
    with pytest.raises(Invalid, match="without the vault"):
        in_words(document, scene.roster())


@pytest.mark.parametrize(
    "changes",
    [
        {"team": [*({"member": code, "keys": ["brief"]} for code in ("V1", "X1"))]},
        {
            "team": [{"member": "V1", "keys": ["brief"]}, {"member": "R1", "keys": ["brief"]}],
            "proposer": "R1",
        },
        {"roster": 1},
        {"vault": "A" * 22},
    ],
)
def test_what_does_not_follow_or_names_nobody_is_not_to_be_signed(
    scene: Scene, changes: dict[str, Any]
) -> None:
    document, _ = prepared(scene, V1, TEAM, ["brief"])
    with pytest.raises(VaultError):
        in_words({**document, **changes}, scene.roster())


@pytest.mark.parametrize("key", ["corroboration", "editions"])
def test_no_researcher_is_given_figures(scene: Scene, key: str) -> None:
    document, attachments = prepared(scene, V1, {**TEAM, "R1": ["brief", key]})
    with pytest.raises(Tampered, match="not for their role"):
        check_team(casefiles.parse(document), scene.roster())
    with scene.writing() as uow, pytest.raises(Invalid, match="Researchers may hold"):
        proposals.propose(uow, actor(V1), document, attachments, DAY)


def test_the_first_version_is_read_in_words(scene: Scene) -> None:
    said = opening_words(file_of(scene), scene.roster())
    assert "V2 is on the team, reads testimony, reads editions." in said
    assert "R1 is on the team." in said


def test_a_custodians_desk_is_on_no_team(scene: Scene) -> None:
    document, _ = prepared(scene, V1, TEAM, ["brief"])
    file = casefiles.parse({**document, "team": [*document["team"], {"member": "C1", "keys": ["brief"]}]})
    with pytest.raises(Tampered):
        check_team(file, scene.roster())
