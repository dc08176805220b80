"""Attack 19: a vault that lies about when and what it counted, to whoever verifies what it published.

All of the vault lies together here: the log's key, every custodian and every reviewer. What does not is the authority
that stamped the log, and whoever kept what they were shown before.
"""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from drill import naive
from drill.attack import Attack, Finding, Leak
from drill.forgeries import OWN
from drill.world import NAIVE, World
from tests.authority import LocalAuthority
from tests.cast import V1, founding, seed, signed_by
from tests.proofs import SIGNERS
from tests.stage import DAY, Scene, actor, later
from vault import court, log, publishing, stamping, statements, verifier
from vault.sealing import commitments, logs
from vault.sealing.digests import Json, b64, canonical, unb64
from vault.sealing.keypairs import SigningKey
from vault.sealing.statements import stamp
from vault.verifier import FAILED, PROVED, Given, Report

_WEEK = 7
_LONG_AGO = "2015-01-01"


@dataclass(frozen=True)
class Shown:
    """A published file as it was verified once, the openings of its first line, and all that it was made from."""

    published: dict[str, Any]
    openings: dict[str, Any]
    entries: tuple[log.Entry, ...]
    key: SigningKey = field(repr=False)
    certificate: bytes
    vault: str
    founding: str  # the digest of the first list of members

    def given(self, **changes: Any) -> Given:
        """What an auditor verifies: with the authority's certificate, and the checkpoint that they kept."""
        kept = self.published["proof"]["checkpoint"].encode()
        opened = [canonical(self.openings)]
        true = Given(canonical(self.published), opened, [self.certificate], kept, None, self.founding)
        return true._replace(**changes)

    def changed(self, change: Callable[[dict[str, Any]], object]) -> Given:
        """The same with something changed in the published file; of another statement there are no openings."""
        raw = copy.deepcopy(self.published)
        change(raw)
        return self.given(published=canonical(raw), openings=())

    def opening(self, change: Callable[[dict[str, Any]], object]) -> Given:
        """The same with something changed in the openings."""
        raw = copy.deepcopy(self.openings)
        change(raw)
        return self.given(openings=[canonical(raw)])

    def checkpoint(self, *documents: Json) -> str:
        """The state of a log of these entries, signed."""
        return logs.checkpoint(self.vault, [logs.entry_hash(one) for one in documents], self.key)


def show(scene: Scene, folder: Path) -> Shown:
    """The vault's newest statement, in the first of three entries of a log that an authority has stamped."""
    key, authority = log.key_in(scene.vault.log_key), LocalAuthority(folder / "authority")
    with scene.writing() as uow:
        for weeks in (1, 2):
            log.append(uow, key, _WEEK, later(weeks * _WEEK))
        one = statements.every(uow)[-1]
        raw = publishing.file_of(uow, one)
        opened = court.open_line(scene.vault, uow, actor(V1), (scene.case, one.signed, 0), DAY).document
        entries = log.entries(uow, key.public)
    assert opened is not None
    text = verifier.signed_text(raw["proof"]["checkpoint"]).decode()
    answer, _ = stamping.stamp(text, authority.as_known)
    raw["proof"]["stamps"] = [stamp(answer)]
    first = b64(verifier.digest(raw["rosters"][0]["document"]))
    return Shown(raw, opened, entries, key, authority.root, scene.roster().vault, first)


# --- the lies -------------------------------------------------------------------------------------------------------


def _back_dated(shown: Shown, anew: bool) -> Given:
    """The entry has another day, and the log's state is signed anew, or left as it was stamped."""

    def put(raw: dict[str, Any]) -> None:
        proof = raw["proof"]
        proof["entry"]["day"] = _LONG_AGO
        if anew:
            documents = [proof["entry"], *(one.document for one in shown.entries[1:])]
            hashes = [logs.entry_hash(one) for one in documents]
            proof |= {
                "log": commitments.path_to(hashes, hashes[0]),
                "checkpoint": shown.checkpoint(*documents),
            }

    return shown.changed(put)._replace(checkpoint=None)


def _signed(shown: Shown, **changes: Json) -> Given:
    """Another statement under the same proof, signed anew by everybody who must."""
    document = {**shown.published["statement"]["document"], **changes}
    return shown.changed(lambda raw: raw.update(statement=signed_by(document, SIGNERS)))


def _entered_afterwards(shown: Shown) -> Given:
    """Everybody signs a figure of today, its root is put into the log's first entry, and the log is signed anew."""
    root, first = b64(seed("a later edition")), shown.entries[0].document
    values = commitments.entry_values([unb64(root)])
    entry = logs.entry(shown.vault, 1, first["day"], values)
    documents = [entry, *(one.document for one in shown.entries[1:])]
    hashes = [logs.entry_hash(one) for one in documents]
    proof = logs.proof(unb64(root), values, entry, hashes, shown.checkpoint(*documents))
    stamps = shown.published["proof"]["stamps"]
    raw = json.loads(_signed(shown, root=root).published)
    return shown.given(
        published=canonical({**raw, "proof": {**proof, "stamps": stamps}}), openings=(), checkpoint=None
    )


def _raised(shown: Shown) -> Given:
    return shown.changed(lambda raw: raw["statement"]["document"]["lines"][0].update(number=9))


def _stamp_of_before(shown: Shown) -> Given:
    """The log has gone on, and has an entry more than what was stamped."""
    documents = [one.document for one in shown.entries]
    documents.append({**documents[-1], "number": len(documents) + 1})
    hashes = [logs.entry_hash(one) for one in documents]
    later_state = {"checkpoint": shown.checkpoint(*documents), "log": commitments.path_to(hashes, hashes[0])}
    return shown.changed(lambda raw: raw["proof"].update(later_state))._replace(checkpoint=None)


def _twice(raw: dict[str, Any]) -> None:
    for part in ("leaves", "paths"):
        raw[part][1:1] = raw[part][:1]


def _made_up(raw: dict[str, Any]) -> None:
    raw["leaves"].append({**raw["leaves"][0], "salt": b64(seed("made up"))})
    raw["paths"].append(raw["paths"][0])


def _forked(shown: Shown) -> Given:
    """Somebody else was shown a log of the same length, with another last entry."""
    documents = [one.document for one in shown.entries]
    other = shown.checkpoint(*documents[:-1], {**documents[-1], "root": b64(seed("another root"))})
    return shown.given(checkpoint=other.encode())


def _rewritten(shown: Shown) -> Given:
    """Somebody else was shown a shorter log, which this one does not continue."""
    first = {**shown.entries[0].document, "root": b64(seed("another root"))}
    grown = logs.consistency([one.hash for one in shown.entries], 1)
    return shown.given(checkpoint=shown.checkpoint(first).encode(), consistency=canonical(grown))


def _another_vault(shown: Shown) -> Given:
    return shown.changed(lambda raw: raw.update(rosters=[signed_by(founding(OWN), OWN)]))


LIES: dict[str, Callable[[Shown], Given]] = {
    "an earlier day, the log signed anew": lambda shown: _back_dated(shown, anew=True),
    "an earlier day, under the stamped state": lambda shown: _back_dated(shown, anew=False),
    "an earlier stamp": _stamp_of_before,
    "an edition that is not in the log": lambda shown: _signed(shown, root=b64(seed("a later edition"))),
    "an edition entered afterwards": _entered_afterwards,
    "a figure that nobody signed": _raised,
    "a leaf shown twice": lambda shown: shown.opening(_twice),
    "a leaf that was never counted": lambda shown: shown.opening(_made_up),
    "two histories of one length": _forked,
    "a shorter history that does not go on": _rewritten,
    "another list of members from the founding on": _another_vault,
}


# --- the attack -----------------------------------------------------------------------------------------------------


def lie(world: World, blind: Callable[[Given], Given] = lambda given: given) -> Finding:
    """Whether any lie passes with an auditor; a blind one does not look at something."""
    with world.copy() as lying, lying.served() as scene:
        shown = show(scene, lying.folder)
    if concluded(shown.given()).code != PROVED:
        return Finding("what is true is not proved", False)
    reports = {what: concluded(blind(tell(shown))) for what, tell in LIES.items()}
    passed = [what for what, report in reports.items() if report.code != FAILED]
    if passed:
        return Finding(f"taken for true: {', '.join(passed)}", False)
    steps = sorted({str(report.failed) for report in reports.values()})
    return Finding(
        f"all of {len(LIES)} lies are refused, at {', '.join(steps)}; what is true is proved", True
    )


def concluded(given: Given) -> Report:
    """The verifier's report."""
    return verifier.conclude(lambda: given)


def _unsigned(world: World) -> Finding:
    with patch.object(verifier, "check_signature", lambda *_: None):
        return lie(world)


def _naive(world: World) -> Finding:
    """The day in a row is what somebody wrote there last."""
    with world.copy() as lying, closing(sqlite3.connect(lying.folder / NAIVE / naive.DATABASE)) as connection:
        connection.execute("UPDATE testimonies SET created_at = ?", (_LONG_AGO,))
        days = {day for (day,) in connection.execute("SELECT created_at FROM testimonies")}
    return Finding("every day is what was written last: a testimony of today is of 2015", days != {_LONG_AGO})


ATTACKS = (
    Attack(
        19,
        "The whole vault lies: a claim back-dated, a leaf added, two histories shown",
        "the verifier that strangers run refuses each",
        "0",
        lie,
        _naive,
        (
            Leak("the verifier looks at no signature", _unsigned),
            Leak(
                "the auditor names no authority",
                lambda world: lie(world, lambda given: given._replace(authorities=())),
            ),
            Leak(
                "the auditor kept no checkpoint to compare",
                lambda world: lie(world, lambda given: given._replace(checkpoint=None, consistency=None)),
            ),
        ),
    ),
)
