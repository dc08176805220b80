"""The incidents worked by hand once more, through the whole vault: handed in, sealed, decided on, cut, and read with
the command that a reviewer gives."""

from __future__ import annotations

import json
from itertools import groupby
from operator import attrgetter
from typing import Any

import pytest

from tests import stage
from tests.cast import V2
from tests.cli.line import Line, open_line
from tests.incidents import telling
from tests.incidents.reading import Incident, incidents
from tests.incidents.telling import Told
from tests.readers import cut
from vault.rules.editions import about_how_many

INCIDENTS = incidents()


@pytest.fixture(scope="module")
def shown(staged: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What `witness-vault edition show --json` says of each incident in its last edition."""
    folder = tmp_path_factory.mktemp("incidents")
    scene = stage.copied(staged, folder / "vault")
    found: dict[str, dict[str, Any]] = {}
    with open_line(scene, folder / "profiles") as line:
        for _, chapter in groupby(INCIDENTS.values(), attrgetter("chapter")):
            told = telling.begin(scene, chapter)
            for number in telling.editions(told):
                cut(told[0].scene, 30 * (number - 1))
                due = [one for one in told if len(one.incident.editions) == number]
                found |= {one.incident.name: show(line, one, number) for one in due}
    scene.close()
    return found


def show(line: Line, one: Told, number: int) -> dict[str, Any]:
    where = ("--case", one.scene.case, "--incident", one.id, "--number", str(number))
    said = line.run(V2, "edition", "show", *where, "--json")
    return dict(json.loads(said.out))


def expected(incident: Incident) -> dict[str, Any]:
    """The members that were worked by hand; a table of this cut names no status."""
    status = incident.editions[-1].removesuffix(" anew")
    said: dict[str, Any] = {} if status == "counted" else {"status": status}
    if incident.table is None:
        return {**said, "claims": None}
    reasons = [why for _, why in incident.excluded]
    return {
        **said,
        "claims": list(incident.table),
        "details": list(incident.beside),
        "excluded": {why: about_how_many(reasons.count(why)) for why in reasons},
    }


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_command_shows_what_was_worked_by_hand(shown: dict[str, dict[str, Any]], name: str) -> None:
    worked = expected(INCIDENTS[name])
    answer = {member: shown[name][member] for member in worked.keys() | {"status"} & shown[name].keys()}
    assert answer == worked
