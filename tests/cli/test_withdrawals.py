"""Withdrawing from the command line, by the file of a receipt or in the name of a witness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cast import R1, V1, V2
from tests.cli.line import Line
from tests.dossier import chain, with_file
from tests.readers import told
from tests.visitor import Api
from vault.errors import Invalid, NotFound


def test_what_will_happen_is_said_and_then_it_does(line: Line, tmp_path: Path) -> None:
    receipt = line.scene.deposit(R1, line.scene.said("heard"))
    path = tmp_path / "receipt.json"

    def written(**changes: Any) -> str:
        path.write_text(json.dumps({"withdrawal_token": receipt.withdrawal_token, **changes}))
        return str(path)

    with pytest.raises(click.Abort):
        line.run(R1, "withdraw", written(), answer="n\n")
    assert "cannot be recalled" in line.said.err
    with pytest.raises(Invalid, match="only-identity"):
        line.run(R1, "withdraw", written(), "--only-identity", "--yes")
    with pytest.raises(Invalid, match="withdraws nothing"):
        line.run(R1, "withdraw", written(withdrawal_token=None), "--yes")
    assert len(told(line.scene)[0]) == 1
    line.run(R1, "withdraw", written(), "--yes")
    assert told(line.scene)[0] == []
    with pytest.raises(NotFound, match="Nothing is kept here"):
        line.run(R1, "withdraw", written(), "--yes")


def test_a_reader_withdraws_what_a_witness_said_and_whoever_has_the_key_what_they_gave(line: Line) -> None:
    scene = line.scene
    first = scene.deposit(R1, scene.said("heard"))
    scene.deposit(R1, scene.said("heard"), kind="follow-up", pseudonym=first.pseudonym)
    item = with_file(scene, b"FILM", giver=first.pseudonym, origin={"how": "given", "from": "", "held": ""})
    why = "withdraw", "--reason=witness_asks", "--case", scene.case
    with pytest.raises(click.Abort):
        line.run(V2, *why, "--witness", first.digest, answer="n\n")
    assert "deposits: 2." in line.said.err
    assert "until somebody who holds the key of the evidence" in line.said.err
    line.run(V2, *why, "--interview", first.digest, "--only-identity", "--yes")
    line.run(V2, *why, "--interview", first.digest, "--yes")
    ((left,), _) = told(scene)
    line.run(V2, *why, "--witness", left.half.digest, "--yes")
    assert told(scene)[0] == []
    line.run(V1, *why, "--item", item, "--yes")
    assert chain(scene, item).item.withdrawn


def test_in_the_name_of_a_witness_it_is_said_which_and_why(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_text("{}")
    for words in (["--yes"], [str(path), "--item", "x"], ["--interview=x", "--witness", "y"]):
        with pytest.raises(Invalid, match="one of --interview"):
            line.run(V2, "withdraw", *words)
    with pytest.raises(Invalid, match="--case and --reason"):
        line.run(V2, "withdraw", "--interview=x")


def test_a_session_without_the_passphrase_withdraws_nothing(line: Line) -> None:
    """Whoever stole a session is asked for what the session does not hold."""
    scene = line.scene
    receipt = scene.deposit(R1, scene.said("heard"))
    wish = {"testimony": receipt.digest, "scope": "interview", "reason": "witness_asks"}
    client = Api(scene.app(), V2)
    assert client.call("POST", f"/api/cases/{scene.case}/withdraw", wish).status_code == 401
    path = f"/api/cases/{scene.case}/evidence/x/withdraw"
    assert Api(scene.app(), V1).call("POST", path, {"reason": "witness_asks"}).status_code == 401
    assert len(told(scene)[0]) == 1
