"""Who signed the chain's end keeps the newest entries from being left out; an auditor verifies who decided what."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from tests.cast import C1, C2, C3
from tests.cli.line import Line
from tests.readers import cut
from tests.stage import DAY, Scene, actor
from vault import audit, drills, handing
from vault.cli.main import cli
from vault.errors import Refused, Tampered, VaultError
from vault.profile import AUDIT
from vault.rules.access import Role
from vault.sealing.digests import Json, b64
from vault.sealing.drills import report
from vault.sealing.signatures import Signed, sign
from vault.store.testimony import AuditRow, CheckpointRow, ProposalSignatureRow

CHECKPOINTS = ("GET", "/api/audit/checkpoints")


def verify(chain: Path, *more: str) -> list[str]:
    done = CliRunner().invoke(cli, ["audit", "verify", str(chain), *more], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout.splitlines()


def exported(line: Line, path: Path, *more: str) -> Path:
    line.run(C1, "audit", "export", *more, "--out", str(path))
    return path


def edited(path: Path, how: Callable[[Json], Any]) -> Path:
    file = json.loads(path.read_text())
    how(file)
    changed = path.with_name(f"edited-{path.name}")
    changed.write_text(json.dumps(file))
    return changed


def shorten(scene: Scene, position: int = 12) -> None:
    """Somebody with a hand in the database takes the newest entries away."""
    with scene.writing() as uow:
        uow.testimony.execute(delete(AuditRow).where(AuditRow.position >= position))


def forget(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(CheckpointRow))


@pytest.mark.parametrize("command", ["read", "sign", "export"])
def test_the_end_is_signed_by_whoever_verified_the_chain(line: Line, command: str) -> None:
    line.run(C1, "audit", command)
    with line.scene.reading() as uow:
        (row,) = uow.testimony.scalars(select(CheckpointRow.signed))
    assert json.loads(row) == line.profile(C1).read(AUDIT)["checkpoint"]
    assert json.loads(row)["document"]["position"] == 12


def test_signing_says_how_far(line: Line) -> None:
    assert line.run(C1, "audit", "sign").out == "The chain holds; you signed entry 12.\n"


def test_a_shortened_chain_is_noticed_by_who_signed_its_end(line: Line) -> None:
    line.run(C1, "audit", "sign")
    shorten(line.scene)
    forget(line.scene)
    for command in ("read", "sign", "export"):
        with pytest.raises(
            Tampered, match=r"newest audit entries are missing: C1 signed entry 12, and there are 11"
        ):
            line.run(C1, "audit", command)


def test_and_by_every_other_custodian_as_long_as_the_signature_is_there(line: Line) -> None:
    line.run(C1, "audit", "sign")
    shorten(line.scene)
    with pytest.raises(Tampered, match="newest audit entries are missing: C1 signed"):
        line.run(C2, "audit", "read")


def test_a_rewritten_chain_is_noticed(line: Line) -> None:
    line.run(C1, "audit", "sign")
    forget(line.scene)
    shorten(line.scene)
    with line.scene.writing() as uow:
        audit.record(uow, "V1", "edition cut", {}, DAY)
    with pytest.raises(Tampered, match="rewritten: entry 12"):
        line.run(C1, "audit", "sign")


def test_a_later_signature_takes_the_place_of_the_earlier_one(line: Line) -> None:
    line.run(C1, "audit", "sign")
    cut(line.scene)
    line.run(C1, "audit", "sign")
    line.run(C2, "audit", "sign")
    with line.scene.reading() as uow:
        rows = uow.testimony.scalars(select(CheckpointRow).order_by(CheckpointRow.custodian)).all()
    assert [(row.custodian, row.position) for row in rows] == [("C1", 13), ("C2", 13)]


@pytest.mark.parametrize(
    "lie",
    [
        lambda signed: signed["document"].update(position=11),
        lambda signed: signed["document"].update(custodian="C2"),
        lambda signed: signed["document"].update(vault="A" * 22),
        lambda signed: signed["signatures"].clear(),
    ],
    ids=["position", "custodian", "vault", "unsigned"],
)
def test_a_server_that_shows_a_false_signature_is_noticed(line: Line, lie: Callable[[Json], Any]) -> None:
    line.run(C1, "audit", "sign")

    def told(answer: Json) -> Json:
        lie(answer["checkpoints"][0])
        return answer

    line.lie(*CHECKPOINTS, told)
    with pytest.raises(Tampered):
        line.run(C2, "audit", "read")


def test_an_empty_chain_is_not_signed(line: Line) -> None:
    shorten(line.scene, 1)
    assert line.run(C1, "audit", "sign").out == "There is no entry yet.\n"
    assert not line.profile(C1).has(AUDIT)


def test_an_auditor_verifies_decisions_and_by_whose_word(line: Line, tmp_path: Path) -> None:
    chain = exported(line, tmp_path / "chain.json", "--decisions")
    words = line.profile(C1).rosters()[0].fingerprint
    assert verify(chain, "--words", words.replace(" ", "-").upper()) == [
        "The chain of 12 entries holds.",
        f"C1 signed entry 12 on {DAY}.",
        "9 signed decisions hold.",
    ]
    with pytest.raises(Tampered, match="six words"):
        verify(chain, "--words", "six words of some other vault")
    assert verify(chain)[-1].endswith(words)


@pytest.mark.parametrize(
    ("how", "position"),
    [
        (lambda file: file["decisions"][2].update(signed=file["decisions"][1]["signed"]), 4),
        (lambda file: file["decisions"][0]["signed"]["document"].update(expires="2030-01-01"), 2),
        (lambda file: file["decisions"][0].update(position=1), 1),
        (lambda file: file["decisions"][0].update(position=77), 77),
        (lambda file: file["decisions"][0].update(signed=[]), 2),
        (lambda file: file["links"][4].update(commitment=b64(bytes(32))), 5),
        (lambda file: file["links"].pop(), 12),
    ],
    ids=["another's", "edited", "no decision there", "no entry there", "no document", "the chain", "the end"],
)
def test_what_was_changed_in_an_export_is_named_by_its_position(
    line: Line, tmp_path: Path, how: Callable[[Json], Any], position: int
) -> None:
    chain = edited(exported(line, tmp_path / "chain.json", "--decisions"), how)
    with pytest.raises(Tampered, match=rf"entry {position}\b"):
        verify(chain)


def test_a_decision_by_a_key_that_was_never_listed_does_not_hold(line: Line, tmp_path: Path) -> None:
    """Whoever writes the database can forge an entry about a decision; not the signature that it needs."""
    chain = exported(line, tmp_path / "chain.json", "--decisions")

    def without_members(file: Json) -> None:
        file["rosters"] = file["rosters"][:1]
        file["decisions"][0]["signed"]["signatures"][0]["by"] = "V1"

    with pytest.raises(Tampered, match="entry 2"):
        verify(edited(chain, without_members))


def test_a_decision_that_is_left_out_is_named(line: Line, tmp_path: Path) -> None:
    with line.scene.writing() as uow:
        uow.testimony.execute(delete(ProposalSignatureRow).where(ProposalSignatureRow.by == "C2"))
    told = verify(exported(line, tmp_path / "chain.json", "--decisions"))
    assert told[2:4] == ["6 signed decisions hold.", "Not in this export: the decisions of entries 3, 7, 11."]


def test_decisions_come_in_parts(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.audit.MOST_DECISIONS", 2)
    assert "9 signed decisions hold." in verify(exported(line, tmp_path / "chain.json", "--decisions"))


def test_rosters_of_another_vault_are_refused(line: Line, tmp_path: Path) -> None:
    chain = exported(line, tmp_path / "chain.json")
    with pytest.raises(Tampered, match="another vault"):
        verify(edited(chain, lambda file: file.update(vault="A" * 22)))
    other = edited(chain, lambda file: file.update(vault="A" * 22))
    with pytest.raises(Tampered):
        verify(chain, "--earlier", str(other))


def test_without_a_signature_an_export_says_what_that_means(line: Line, tmp_path: Path) -> None:
    chain = edited(exported(line, tmp_path / "chain.json"), lambda file: file["checkpoints"].clear())
    assert "may have been left out" in verify(chain)[1]


def test_only_custodians_get_or_sign_it(line: Line) -> None:
    line.run(C3, "audit", "sign")
    signed = line.profile(C3).read(AUDIT)["checkpoint"]
    with line.scene.writing() as uow:
        for code, role, error in (("C1", Role.CUSTODIAN, Tampered), ("V1", Role.REVIEWER, Refused)):
            with pytest.raises(error):
                audit.keep_checkpoint(uow, code, role, signed)


def test_a_signature_of_another_chain_is_not_taken(line: Line) -> None:
    line.run(C1, "audit", "sign")
    signed = line.profile(C1).read(AUDIT)["checkpoint"]
    cut(line.scene)
    line.run(C1, "audit", "sign")
    with line.scene.writing() as uow, pytest.raises(VaultError, match="later"):
        audit.keep_checkpoint(uow, "C1", Role.CUSTODIAN, signed)
    shorten(line.scene)
    with line.scene.writing() as uow, pytest.raises(Tampered, match="another audit chain"):
        audit.keep_checkpoint(uow, "C1", Role.CUSTODIAN, signed)


def test_drills_revocations_and_signatures_are_decisions_that_an_auditor_gets(
    line: Line, tmp_path: Path
) -> None:
    scene = line.scene
    signed = report(scene.roster(), ("C2", C2.secret.signing), DAY.isoformat(), {}, [])
    with scene.writing() as uow:
        drills.hand_in(uow, actor(C2), signed, DAY)
        handing.revoke(uow, actor(C1), revocation(scene, "R2"), DAY)
    assert "11 signed decisions hold." in verify(
        exported(line, tmp_path / "chain.json", "--decisions"), "--words", scene_words(line)
    )


def scene_words(line: Line) -> str:
    return line.profile(C1).rosters()[0].fingerprint


def revocation(scene: Scene, member: str) -> Signed:
    """By C1: all keys of a member."""
    roster = scene.roster()
    document = {
        "format": "witness-vault/v1/revocation",
        "vault": roster.vault,
        "case": None,
        "version": roster.version,
        "member": member,
        "by": "C1",
        "roster": roster.version,
        "day": DAY.isoformat(),
    }
    return sign(document, "C1", C1.secret.signing)
