"""Secrets are typed, never given as arguments; what could be guessed locks no key; what is made is for its owner."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from config.settings import DATABASES
from tests import stage
from tests.cast import C1, CUSTODIANS, R1, V1, seed
from tests.cli.line import Line
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import perform
from vault.cli.main import cli
from vault.cli.member import DEVICE_KEY
from vault.errors import Invalid
from vault.founding import found_case
from vault.profile import MEMBER
from vault.sealing.digests import b64
from vault.sealing.words import random_words, spell_device_key

GUESSABLE = ["x", "password", "a" * 73, "password password password", "abcabcabcabcabcabc", "w" * 300]


def leaves(command: click.Command) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        for part in command.commands.values():
            yield from leaves(part)
    else:
        yield command


@pytest.mark.parametrize("command", [*leaves(cli)], ids=lambda command: command.name)
def test_no_command_takes_a_secret_as_an_argument(command: click.Command) -> None:
    asked = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert not [option.name for option in asked if option.hide_input or option.envvar or option.hidden]
    assert not {option.name for option in asked} & {"passphrase", "device_key"}


def test_a_passphrase_on_the_command_line_is_refused(tmp_path: Path) -> None:
    command = ["custodian", "new", "--code", "C1", "--profile", str(tmp_path / "C1")]
    with pytest.raises(click.NoSuchOption):
        perform(cli, [*command, "--passphrase", random_words(6)], {PASSPHRASE: random_words(6)})
    assert not (tmp_path / "C1").exists()


@pytest.mark.parametrize("passphrase", GUESSABLE)
def test_no_key_file_is_locked_with_a_passphrase_that_could_be_guessed(
    tmp_path: Path, passphrase: str
) -> None:
    command = ["custodian", "new", "--code", "C1", "--profile", str(tmp_path / "C1")]
    with pytest.raises(Invalid):
        perform(cli, command, {PASSPHRASE: passphrase})
    assert not (tmp_path / "C1").exists()


@pytest.mark.parametrize("command", ["enrol", "request-key"])
def test_nobody_enrols_with_a_passphrase_that_could_be_guessed(tmp_path: Path, command: str) -> None:
    link = f"https://vault.example.org/enrol/{b64(seed('R9 invitation'))}#six-words"
    with pytest.raises(Invalid, match="guessed"):
        perform(cli, [command, link, "--profile", str(tmp_path / "R9")], {PASSPHRASE: "password"})
    assert not (tmp_path / "R9").exists()


def test_a_new_passphrase_is_typed_twice(tmp_path: Path) -> None:
    good = random_words(6)
    command = ["custodian", "new", "--code", "C1", "--profile", str(tmp_path / "C1")]
    done = CliRunner().invoke(cli, command, input=f"{good}\n{good} \n{good}\n{good}\n", standalone_mode=False)
    assert done.exception is None
    assert (tmp_path / "C1" / "key-file.json").is_file()
    assert good not in done.output


def test_a_profile_takes_a_device_key_that_is_typed(line: Line) -> None:
    spelled = spell_device_key(bytes(32))
    line.run(R1, "device-key", typed={DEVICE_KEY: spelled})
    assert line.profile(R1).read(MEMBER)["device_key"] == spelled


@pytest.mark.parametrize("vocabulary", ["airstrike", "", ["air-strike"], None, 5])
def test_a_case_whose_vocabulary_nobody_has_is_not_founded(line: Line, vocabulary: object) -> None:
    scene = line.scene
    plan = {**stage.PLAN, "team": stage.TEAM, "incidents": [{"title": "H", "vocabulary": vocabulary}]}
    with pytest.raises(Invalid):
        found_case(plan, scene.roster(), "V1", V1.secret.signing, scene.vault.vocabularies)


def test_a_plan_with_an_unknown_vocabulary_is_not_proposed(line: Line, tmp_path: Path) -> None:
    plan = {**stage.PLAN, "team": stage.TEAM, "incidents": [{"title": "H", "vocabulary": "airstrike"}]}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(Invalid, match="air-strike"):
        line.run(V1, "case", "propose", str(tmp_path / "plan.json"), "--yes")
    assert line.posted("/api/proposals") == 0


def test_an_incident_is_added_only_in_a_vocabulary_that_there_is(line: Line) -> None:
    command = (
        "case",
        "add-incident",
        "--title",
        "Bakery",
        "--vocabulary",
        "airstrike",
        "--",
        line.scene.case,
    )
    with pytest.raises(click.BadParameter):
        line.run(V1, *command)
    assert not any("/incidents" in call for call, _ in line.heard)


def test_what_operator_and_custodian_make_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    lines = ['hosts = ["127.0.0.1"]', "[databases]"]
    lines += [f'{name} = "sqlite:///{tmp_path}/made/{name}.db"' for name in DATABASES]
    (tmp_path / "vault.toml").write_text("\n".join(lines))
    for custodian in CUSTODIANS:
        (tmp_path / f"{custodian.code}.card").write_text(json.dumps(custodian.card))
    given = [str(tmp_path / f"{custodian.code}.card") for custodian in CUSTODIANS]
    before = os.umask(0o022)
    try:
        settings = ["--config", str(tmp_path / "vault.toml")]
        perform(cli, ["init", *given, *settings, "--out", str(tmp_path / "made" / "roster.draft")], {})
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "made").iterdir()}
    assert modes == dict.fromkeys(
        [*(f"{name}.db" for name in DATABASES), "roster.draft", "shreds.key"], 0o600
    )


def test_a_receipt_is_for_its_owner_alone(line: Line, tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_text(json.dumps(line.scene.interview(line.scene.said("heard"))))
    out = tmp_path / "receipt.json"
    line.run(R1, "deposit", str(tmp_path / "draft.json"), "--case", line.scene.case, "--out", str(out))
    assert "withdrawal_token" in out.read_text()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_code_that_is_none_gets_no_key_file(tmp_path: Path) -> None:
    command = ["custodian", "new", "--code", "Anna", "--profile", str(tmp_path / "C1")]
    with pytest.raises(Invalid):
        perform(cli, command, {PASSPHRASE: C1.passphrase})
    assert not (tmp_path / "C1").exists()
