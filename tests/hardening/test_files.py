"""Every command that takes a file, with files that are not what it takes: one sentence, and no trace of a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import click
import hypothesis
import pytest
from click.testing import CliRunner

from config.settings import FILE_VARIABLE, UnsafeSettings
from tests import places
from tests.cast import C1, CHAIN, R1, V2, Person
from tests.cli.line import Line, open_line
from tests.hardening.mutating import CANARY, nested
from tests.hardening.targets import TARGETS
from tests.proofs import PROVEN
from tests.sealing.test_escrows import ESCROW
from tests.stage import copied
from vault.cli.common import PASSPHRASE
from vault.cli.main import cli
from vault.errors import VaultError

REFUSED = (VaultError, UnsafeSettings, click.ClickException, click.Abort, click.exceptions.Exit, SystemExit)
# Whose commands those of a module are; the others are a reviewer's.
CUSTODIANS = (
    "custodian",
    "decisions",
    "matching",
    "releasing",
    "resharing",
    "rosters",
    "audits",
    "backups",
    "paper",
)
WRONG: list[Any] = [
    {},
    [],
    {"document": {}, "signatures": []},
    {"document": {"format": f"witness-vault/v1/{CANARY}"}, "signatures": [{"by": CANARY}], "terms": CANARY},
    dict.fromkeys(("format", "terms", "packet", "rosters", "document", "signatures", "links"), CANARY),
    C1.card,
    C1.key_file,
    ESCROW,
    PROVEN.published,
    {"rosters": [*CHAIN]},
    TARGETS["export of the audit"].valid[0],
    TARGETS["draft of an interview"].valid[0],
]
BYTES = (
    b"",
    b"\0\xff" * 40,
    b"[" * 200_000,
    json.dumps(nested(900)).encode(),
    b"9" * 9_000,
    f'"{CANARY}'.encode(),
)


def _commands(
    group: click.Group, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))
        elif any(_is_file(one) and one.name != "config" for one in command.params):
            yield (*words, name), command


def _is_file(parameter: click.Parameter) -> bool:
    return isinstance(parameter.type, click.Path) and parameter.type.exists and parameter.type.file_okay


SEARCHING = hypothesis.settings().max_examples > 50  # then each gets every file
COMMANDS = list(_commands(cli))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wrong")
    made = []
    for place, content in enumerate([*(json.dumps(one).encode() for one in WRONG), *BYTES]):
        made.append(folder / f"{place}.json")
        made[-1].write_bytes(content)
    return made


def _given(command: click.Command, files: Iterator[Path], folder: Path) -> list[str]:
    """Words for all that a command takes as a file or needs."""
    words: list[str] = []
    for one in command.params:
        if _is_file(one) and one.name != "config":
            value = str(next(files))
        elif not one.required or one.name == "profile":
            continue
        elif isinstance(one.type, click.Choice):
            value = str(one.type.choices[0])
        else:
            value = str(folder / "out") if isinstance(one.type, click.Path) else "1"
        words += [value] if isinstance(one, click.Argument) else [one.opts[0], value]
    return words


def _person(command: click.Command) -> Person:
    module = getattr(command.callback, "__module__", "").rpartition(".")[2]
    return C1 if module in CUSTODIANS else R1 if module in ("deposits", "evidence") else V2


@pytest.fixture(scope="module")
def line(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    scene = copied(staged, tmp_path_factory.mktemp("files") / "vault")
    with open_line(scene, scene.folder / "profiles") as opened:
        yield opened
    scene.close()


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_a_wrong_file_is_refused_in_a_sentence(
    line: Line, files: list[Path], tmp_path: Path, words: tuple[str, ...], command: click.Command
) -> None:
    person = _person(command)
    config = tmp_path / "vault.toml"
    config.write_text(places.configuration(line.scene.folder))
    environment = {PASSPHRASE: person.passphrase, FILE_VARIABLE: str(config)}
    profiled = any(one.name == "profile" for one in command.params)
    device = ["--profile", str(line.profile(person).folder)] if profiled else []
    turn = cycle(files[COMMANDS.index((words, command)) % len(files) :] + files)
    for _ in range(len(files) if SEARCHING else 5):
        given = [*words, *device, *_given(command, turn, tmp_path)]
        done = CliRunner(env=environment).invoke(cli, given, input="no\n", standalone_mode=False)
        assert done.exception is None or isinstance(done.exception, REFUSED), (given, done.exception)
        assert CANARY not in f"{done.exception}"
