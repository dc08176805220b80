"""The same-person ceremony by the commands that people give: asked, carried, compared offline, handed in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from drill.thief import disguises
from tests.cast import C1, CUSTODIANS, R1, R2, V2, Person
from tests.cli.line import Line, LineAfter, Said
from tests.readers import cut, direct
from tests.stage import DAY, PLAN, TEAM, Facts, actor
from vault import cases
from vault.cli.common import PASSPHRASE
from vault.cli.main import cli
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.profile import KEY_FILE
from vault.sealing.digests import unb64

SURE = [{"name": "Balthazar Quillfeather", "phone": "4711"}, {"name": "Baltasar Quilfether", "phone": "4711"}]
DOUBTFUL = [{"name": "Yusuf Umberwood"}, {"name": "يوسف Umberwood"}]
NAMES = ("Quillfeather", "Quilfether", "Umberwood")


def interview(line: Line) -> Facts:
    """A case in which V2 counts; two witnesses in it were interviewed twice, one of them beyond doubt."""
    scene = line.scene
    counting = ["brief", "corroboration", "editions"]
    made = scene.open_case({**PLAN, "code": "S2"}, {**TEAM, "V1": ["brief"], "V2": counting})
    with scene.reading() as uow:
        incidents = cases.show(uow, actor(V2), made).incidents
    scene._facts = Facts(made, *(one["incident"] for one in incidents))
    for number, match in enumerate([*SURE, *DOUBTFUL]):
        draft = scene.folder / f"draft-{number}"
        draft.write_text(json.dumps({**scene.interview(scene.said("heard")), "match": match}))
        line.run((R1, R2)[number % 2], "deposit", str(draft), "--case", made)
        draft.unlink()
    return scene._facts


@pytest.fixture
def line(line_after: LineAfter) -> Line:
    """A line to a vault with such a case."""
    again, facts = line_after(interview)
    again.scene._facts = facts
    return again


@pytest.fixture
def case(line: Line) -> str:
    return line.scene.case


def exported(line: Line, case: str) -> Path:
    """What is carried to the machine of the ceremony."""
    request, export = line.folder / "request", line.folder / "export"
    line.run(V2, "match", "request", "--case", case, "--out", str(request))
    assert (
        line.run(C1, "match", "export", str(request), "--out", str(export)).out == "4 of 4 match records.\n"
    )
    return export


def ceremony(
    line: Line,
    export: Path,
    out: Path,
    said: Iterable[str] = ("yes", "yes"),
    people: Iterable[Person] = CUSTODIANS[:3],
) -> Said:
    """The ceremony, with the key files of these people, and what two of them say of the doubtful pair."""
    typed = {f"{PASSPHRASE}_{one.code}": one.passphrase for one in CUSTODIANS}
    named = [word for one in people for word in ("--key-file", str(line.profile(one).folder / KEY_FILE))]
    command = ["match", "run", str(export), *named, "--out", str(out), "--yes"]
    done = CliRunner(env=typed).invoke(
        cli, command, input="".join(f"{one}\n" for one in said), standalone_mode=False
    )
    if done.exception is not None:
        raise done.exception
    return Said(done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [(("yes", "yes"), 2, 2), (("no", "no"), 3, 3), (("yes", "no"), 2, 3), (("unsure", "unsure"), 2, 3)],
)
def test_two_custodians_settle_what_is_in_doubt(
    line: Line, case: str, said: tuple[str, str], least: int, most: int
) -> None:
    result = line.folder / "result"
    shown = ceremony(line, exported(line, case), result, said)
    assert "Umberwood" in shown.err
    assert "Quillfeather" not in shown.err + shown.out  # nobody sees a name that nobody has to judge
    for _ in range(2):
        assert line.run(C1, "match", "submit", str(result)).out == "Handed in.\n"
    line.scene.deposit(R1, line.scene.said("heard"))
    edition = cut(line.scene, reviewer=V2)
    found = next(
        row for row in edition.incident(line.scene.hospital)["claims"] if row["subject"] == "aircraft.present"
    )
    assert found["direct"] == {"min": least + 1, "max": most + 1}
    assert edition.incident(line.scene.hospital)["same_person"] == f"{DAY.isoformat()[:7]}, in part"


def test_a_ceremony_that_breaks_off_at_any_question_leaves_nothing_and_is_given_again(
    line: Line, case: str
) -> None:
    export, result = exported(line, case), line.folder / "result"
    for one in CUSTODIANS:
        line.profile(one)
    before = {path: path.read_bytes() for path in line.folder.rglob("*") if path.is_file()}
    for said in ((), ("yes",)):
        with pytest.raises(click.Abort):
            ceremony(line, export, result, said)
        assert {path: path.read_bytes() for path in line.folder.rglob("*") if path.is_file()} == before
    ceremony(line, export, result)
    with pytest.raises(Conflict):
        ceremony(line, export, result)
    line.run(C1, "match", "submit", str(result))
    assert direct(cut(line.scene, reviewer=V2), line.scene.hospital) == 0  # two persons: too few to count


def test_no_name_is_in_anything_that_is_carried_or_kept(line: Line, case: str) -> None:
    result = line.folder / "result"
    ceremony(line, exported(line, case), result)
    line.run(C1, "match", "submit", str(result))
    kept = [path.read_bytes() for path in line.folder.rglob("*") if path.is_file()]
    kept += [path.read_bytes() for path in line.scene.folder.rglob("*") if path.is_file()]
    assert not any(form in data for name in NAMES for form in disguises(name) for data in kept)


def test_below_k_nothing_is_compared(line: Line, case: str) -> None:
    with pytest.raises(Refused):
        ceremony(line, exported(line, case), line.folder / "result", people=CUSTODIANS[:2])
    assert not (line.folder / "result").exists()


def test_files_of_another_kind_are_refused(line: Line, case: str) -> None:
    other = line.folder / "other"
    other.write_text("{}")
    with pytest.raises(Invalid):
        line.run(C1, "match", "export", str(other), "--out", str(line.folder / "export"))
    with pytest.raises(Invalid):
        ceremony(line, other, line.folder / "result")
    with pytest.raises(Invalid):
        line.run(C1, "match", "submit", str(other))
    asked = ("--case", case, "--incident", line.scene.mosque)
    with pytest.raises(NotFound):
        line.run(V2, "match", "request", *asked, "--out", str(line.folder / "request"))


def test_another_case_than_the_one_that_was_asked_for_is_not_believed(line: Line, case: str) -> None:
    with line.scene.reading() as uow:
        other = next(file.id for file in cases.every(uow) if file.id != case)
        versions = cases.signed_versions(uow, unb64(other))
    line.lie("GET", f"/api/cases/{case}/match", lambda shown: {**shown, "case": versions})
    with pytest.raises(Tampered):
        line.run(V2, "match", "request", "--case", case, "--out", str(line.folder / "request"))
    assert not (line.folder / "request").exists()
