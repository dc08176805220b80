"""Asking on the command line: a sealed identity, V2's request for it, and custodians who approve."""

from __future__ import annotations

from tests.cast import C1, C2, C3, R1, V2
from tests.cli.line import HOSTILE, Line
from vault.sealing.escrows import fingerprint

IDENTITY = {"name": f"Amal{HOSTILE}Haddad", "contact": "by the well", "notes": "first\nsecond\x1b[8m"}
REASON = "to ask whether she is safe"


def sealed_record(line: Line) -> str:
    """A sealed identity, as the testimony's page names its record."""
    scene = line.scene
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, {**dict.fromkeys(("other_names", "address"), ""), **IDENTITY})
    scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))
    return f"{draft.identity_record}.{fingerprint(sealed)}"


def requested(line: Line, record: str, reason: str = REASON) -> tuple[str, str]:
    """The opening's id and code."""
    said = line.run(V2, "opening", "request", "--record", record, "--reason", reason)
    return said.out.strip(), said.err.strip().rpartition(": ")[2]


def decide(line: Line, opening: str, *more: str) -> None:
    for custodian in (C1, C2, C3):
        line.run(custodian, "opening", "decide", "--yes", *more, "--", opening)
