"""Custodians read the audit chain on their own device; outsiders verify an export of it with nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from tests.cast import C1, C2, MEMBERS
from tests.cli.line import HOSTILE, Line, harmless
from tests.readers import cut
from tests.stage import DAY
from vault import audit
from vault.cli.main import cli
from vault.errors import Invalid, Tampered
from vault.sealing.digests import Json, b64
from vault.store.testimony import AuditRow

AUDIT = ("GET", "/api/audit")


def verify(chain: Path, *more: str) -> str:
    """What an outsider is told, who has no profile and no server."""
    done = CliRunner().invoke(cli, ["audit", "verify", str(chain), *more], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout


def exported(line: Line, path: Path) -> Path:
    line.run(C1, "audit", "export", "--out", str(path))
    return path


def edited(path: Path, how: Callable[[Json], None]) -> Path:
    """The export with a change in its list of links."""
    file = json.loads(path.read_text())
    how(file["links"])
    changed = path.with_name(f"edited-{path.name}")
    changed.write_text(json.dumps(file))
    return changed


def test_a_custodian_reads_who_did_what(line: Line) -> None:
    lines = line.run(C2, "audit", "read").out.splitlines()
    assert [entry.split("  ")[0] for entry in lines] == [str(place) for place in range(1, len(lines) + 1)]
    assert lines[0].split("  ")[2:4] == ["C1", "invitations proposed"]
    assert lines[-1].split("  ")[2:4] == ["C3", "case signed"]


def test_a_long_chain_comes_in_parts(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.audit.MOST_AT_ONCE", 5)
    assert len(line.run(C1, "audit", "read").out.splitlines()) == 12


def test_an_outsider_verifies_an_export_and_that_it_continues_an_earlier_one(
    line: Line, tmp_path: Path
) -> None:
    earlier = exported(line, tmp_path / "earlier.json")
    cut(line.scene)
    later = exported(line, tmp_path / "later.json")
    told = verify(later, "--earlier", str(earlier)).splitlines()
    assert told[:2] == ["The chain of 13 entries holds.", f"C1 signed entry 13 on {DAY}."]
    with pytest.raises(Tampered, match="ends at entry 12, the earlier one at 13"):
        verify(earlier, "--earlier", str(later))


def test_an_export_names_no_member(line: Line, tmp_path: Path) -> None:
    text = exported(line, tmp_path / "chain.json").read_text()
    file = json.loads(text)
    assert set(file) == {"format", "vault", "links", "checkpoints", "rosters", "decisions"}
    assert not [member.code for member in MEMBERS if f'"{member.code}"' in text]
    assert {frozenset(entry) for entry in file["links"]} == {frozenset({"link", "commitment", "decision"})}


@pytest.mark.parametrize(
    "how",
    [
        lambda links: links.pop(4),
        lambda links: links.pop(0),
        lambda links: links.insert(3, links[5]),
        lambda links: links[4].update(commitment=b64(bytes(32))),
        lambda links: links[4].update(link=b64(bytes(32))),
        lambda links: links.reverse(),
    ],
    ids=["one missing", "the first missing", "one inserted", "a commitment", "a link", "the order"],
)
def test_a_changed_chain_does_not_verify(line: Line, tmp_path: Path, how: Callable[[Json], None]) -> None:
    with pytest.raises(Tampered, match="entry"):
        verify(edited(exported(line, tmp_path / "chain.json"), how))


@pytest.mark.parametrize("content", ["{}", '{"format": "witness-vault/v1/audit-chain", "links": [5]}', "["])
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "chain.json"
    path.write_text(content)
    with pytest.raises(Invalid):
        verify(path)


@pytest.mark.parametrize(
    "lie",
    [
        lambda told: {"entries": told["entries"][1:]},
        lambda told: {"entries": [told["entries"][0] | {"link": b64(bytes(32))}, *told["entries"][1:]]},
        lambda told: {"entries": [told["entries"][0] | {"body": told["entries"][1]["body"]}]},
        lambda told: {"entries": [told["entries"][0] | {"keys": {}}]},
        lambda told: {"entries": [told["entries"][0] | {"keys": "none"}]},
        lambda told: {"entries": [told["entries"][0] | {"position": "1"}]},
        lambda _: {"entries": ["none"]},
    ],
    ids=["one left out", "another link", "another body", "no key", "keys", "position", "no entry"],
)
def test_a_server_that_lies_about_the_chain_is_noticed(line: Line, lie: Callable[[Json], Json]) -> None:
    answers = iter([lie])

    def told(entries: Json) -> Json:
        return next(answers, lambda _: {"entries": []})(entries)

    line.lie(*AUDIT, told)
    with pytest.raises(Tampered):
        line.run(C1, "audit", "read")


def test_one_body_that_does_not_open_hides_none_that_follows(line: Line) -> None:
    whole = line.run(C1, "audit", "read").out.splitlines()
    with line.scene.writing() as uow:
        uow.testimony.execute(update(AuditRow).where(AuditRow.position == 1).values(keys="{}"))
    with pytest.raises(Tampered, match="the bodies of entry 1 do not open"):
        line.run(C1, "audit", "read")
    assert line.said.out.splitlines() == ["1  not readable with this key file", *whole[1:]]


def test_an_entry_cannot_move_the_terminal(line: Line) -> None:
    with line.scene.writing() as uow:
        audit.record(uow, "V1", HOSTILE, {"record": HOSTILE}, DAY)
    assert all(harmless(entry) for entry in line.run(C1, "audit", "read").out.splitlines())
