"""A server that lies, to everybody and about everything it can, gets nothing out of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import stage
from tests.cast import C1, C2, C3, R2, V2
from tests.cli.line import PROFILES, Line, LineAfter, Said, open_line, over_a_line
from tests.cli.lying import (
    CASES,
    HANDED,
    HARMLESS,
    LIES_ABOUT_ROSTERS,
    NAME,
    ROSTERS,
    SHOWN,
    WITH_CASES,
    WITH_ROSTERS,
    Heist,
    robbed,
)
from vault.errors import Tampered, VaultError


def approved(line: Line) -> Heist:
    made = robbed(line)
    made.approve(C1, C2, C3)
    return made


@pytest.fixture
def heist(line_after: LineAfter) -> Heist:
    return carried_on(*line_after(robbed))


@pytest.fixture(scope="module")
def lasting(prepared: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heist]:
    """One heist for all whom a lie stops before they do anything: none of them changes what the next one finds."""
    folder, known = prepared(over_a_line(robbed))
    scene = stage.copied(folder, tmp_path_factory.mktemp("heist") / "vault")
    with open_line(scene, scene.folder / PROFILES) as line:
        line.profile(V2), line.profile(R2)  # who has seen the true rosters
        before = without_visits(scene)
        yield carried_on(line, known)
        assert without_visits(scene) == before
    scene.close()


@pytest.fixture
def unmoved(lasting: Heist) -> Iterator[Heist]:
    lasting.line.said = Said()
    yield lasting
    lasting.line.lies.clear()


def without_visits(scene: stage.Scene) -> dict[str, Any]:
    return {name: rows for name, rows in scene.contents().items() if name != "attendance"}


def carried_on(line: Line, known: Heist) -> Heist:
    """The heist, at a copy of its vault."""
    line.heard += known.line.heard
    return replace(known, line=line)


@pytest.mark.parametrize("lie", LIES_ABOUT_ROSTERS)
@pytest.mark.parametrize("act", WITH_ROSTERS)
def test_nobody_acts_on_rosters_that_are(act: str, lie: str, unmoved: Heist, tmp_path: Path) -> None:
    line = unmoved.line
    line.lie(*ROSTERS, LIES_ABOUT_ROSTERS[lie])
    before = len(line.heard)
    with pytest.raises(VaultError):
        WITH_ROSTERS[act](unmoved, tmp_path)
    sent = {call for call, _ in line.heard[before:] if call.startswith("POST")}
    assert sent <= HARMLESS
    assert NAME not in line.said.out + "".join(body for _, body in line.heard)


@pytest.mark.parametrize("lie", SHOWN)
def test_no_share_is_handed_over_for(lie: str, heist: Heist) -> None:
    heist.line.lie("GET", "/api/openings", SHOWN[lie](heist))
    with pytest.raises(VaultError):
        heist.approve(C1)
    assert heist.line.posted("/api/decisions") == 0


def test_the_truth_is_approved(heist: Heist) -> None:
    heist.line.lie("GET", "/api/openings", heist.packet(heist.terms, heist.wanted))
    heist.approve(C1)
    assert heist.line.posted("/api/decisions") == 1


@pytest.mark.parametrize("lie", HANDED)
def test_nothing_is_shown_of(lie: str, line_after: LineAfter) -> None:
    heist = carried_on(*line_after(approved))
    heist.line.lie("POST", "/api/redemptions", HANDED[lie](heist))
    with pytest.raises(VaultError):
        heist.combine()
    assert heist.line.said.out == ""


@pytest.mark.parametrize("lie", CASES)
@pytest.mark.parametrize("act", WITH_CASES)
def test_nobody_trusts_a_case_with(act: str, lie: str, unmoved: Heist) -> None:
    line = unmoved.line
    line.lie("GET", f"/api/cases/{line.scene.case}/access", CASES[lie])
    before = len(line.heard)
    with pytest.raises(Tampered):
        WITH_CASES[act](unmoved)
    assert {call for call, _ in line.heard[before:] if call.startswith("POST")} <= HARMLESS
