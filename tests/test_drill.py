"""The drill in short: every attack fails on the vault, succeeds on the naive build, and finds each planted leak."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

import pytest

from drill import faults
from drill.__main__ import main
from drill.attack import Attack, Result, attempt
from drill.attacks import ATTACKS
from drill.building import SHORT, Size, build
from drill.report import written
from drill.world import World
from tests.rules.cast import ROOT

REPORT = ROOT / "docs/DRILL.md"
Try = Callable[[Attack], Result]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("drill"), SHORT)


@pytest.fixture(scope="module")
def tried(world: World) -> Try:
    """What came of an attack, tried once for all tests."""
    return cache(partial(attempt, world=world))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number}")
def test_the_vault_holds_the_naive_build_falls_and_every_leak_is_found(attack: Attack, tried: Try) -> None:
    result = tried(attack)
    assert result.ours.holds, result.ours
    assert result.naive is None or not result.naive.holds, result.naive
    assert attack.leaks
    assert [what for what, found in result.planted if found.holds] == []


def test_the_report_is_that_of_this_drill_whatever_its_size(tried: Try) -> None:
    said = written([tried(attack) for attack in ATTACKS], Size())
    attacks, _, faulty = REPORT.read_text("utf-8").partition("\n## Faults\n")
    assert _without_numbers(attacks) == _without_numbers(said)
    assert _cells(faulty) == [fault.what for fault in faults.FAULTS]


def test_an_attack_that_is_not_there_is_an_error_that_names_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["drill", "3", "99"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "there are the attacks 1, 2, 3," in capsys.readouterr().err


def test_no_attack_is_missing() -> None:
    assert [attack.number for attack in ATTACKS] == [*range(1, 23)]


def _without_numbers(report: str) -> list[str]:
    return [re.sub(r"\d[\d,.]*", "#", line) for line in report.splitlines()]


def _cells(table: str) -> list[str]:
    """The first cell of each row."""
    return re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[1:]
