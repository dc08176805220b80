"""The demonstration's statement: two reviewers make it, and every gate is tried with one thing taken away.

It is small: one other reviewer approves, and the statement says so.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from config import settings
from vault import cases, editions, grounds
from vault.cli.common import Member, Place, today
from vault.cli.verifying import verify
from vault.client import Client
from vault.errors import NotFound
from vault.grounds import Grounds
from vault.installation import Installation
from vault.keyrings import Actor
from vault.profile import Profile
from vault.rules.access import Role
from vault.rules.circumstances import Circumstances
from vault.rules.consent import Use
from vault.rules.disclosure import Form, Policy, lines, refusals
from vault.rules.nesting import nested
from vault.rules.sheets import Cell, Sheet
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording, sentences
from vault.sealing.keypairs import MEMBER
from vault.store.unit_of_work import Store
from vault.verifier import VERDICTS

CONSENTS = {Use.COUNT_EXACT: "exact numbers", Use.DETAIL: "details"}
NOTHING = "nothing shuts"


@dataclass(frozen=True)
class Speaking:
    """Who speaks, where, and of what: a case's incident, and what `sermin.json` has for its statement."""

    folder: Path
    server: str
    passphrases: Mapping[str, str] = field(repr=False)
    case: str
    incident: str
    plan: Mapping[str, Any] = field(repr=False)
    said: list[str] = field(default_factory=list)

    def prepare(self) -> str:
        """V1 moves what surrounds the figures, V2 upholds it; V1 prepares, V2 approves. The statement's name."""
        around = f"/api/cases/{self.case}/editions/1/{self.incident}/sources"
        known = f"/api/cases/{self.case}/statements"
        with self._signed_in("V1") as (_, first), self._signed_in("V2") as (_, second):
            for moved in self.plan["moved"]:
                first.call("POST", around, moved)
            for one in second.call("GET", around)["motions"]:
                decided = {"motion": one["motion"], "upheld": "yes", "reason": self.plan["upheld"]}
                second.call("POST", around, {"act": "decision", **decided})
            chosen = {"incident": self.incident, "lines": self.plan["lines"], "form": str(Form.EXACT)}
            made = first.call("POST", known, {**chosen, "about": self.plan["about"], "prepare": True})
            second.call("POST", f"{known}/{made['statement']}/approval")
        return str(made["statement"])

    def tried(self) -> dict[str, str]:
        """Each thing that may be taken away, and by which gate the statement is then refused, and why.

        The rules are the real ones, on the figures that V1's own keys open; nothing is written.
        """
        found: dict[str, str] = {}
        now, vocabulary = self._grounds()
        cells = [Cell(one, vocabulary.check_value(one, value), how) for one, value, how in self.plan["lines"]]
        said = lines(now.sheet, nested(now.sheet, cells, Form.EXACT), Form.EXACT, Policy())
        for thing, sheet, around in _taken_away(now):
            shut = refusals(sheet, said, around, Policy(), today())
            gate = f"the gate “{shut[0].gate}” shuts. {shut[0].cure}" if shut else NOTHING
            if not shut or thing not in found:  # of three consents each has to be missed
                found[thing] = gate
        return found

    def told(self, digest: str) -> Iterator[str]:
        """What the published file says, and how verifying it ends; the file is fetched as a stranger would."""
        page = f"{self.server}/public/{digest}"
        answer = httpx.get(f"{page}.json", trust_env=False).raise_for_status()
        path = self.folder / "statement.json"
        path.write_bytes(answer.content)
        document = answer.json()["statement"]["document"]
        yield f"Everybody may read the statement at {page}"
        yield f"About {document['about']['en']}:"
        wording = Wording.parse(settings.wording_texts()["en"])
        self.said.extend(sentences(document, _vocabularies()[document["vocabulary"]], wording))
        yield from (f"  {one}" for one in self.said)
        code = _verified(path)
        yield f"`witness-vault verify` ends with {code}. {VERDICTS.get(code, 'The file was refused.')}"

    def _grounds(self) -> tuple[Grounds, Vocabulary]:
        with self._signed_in("V1") as (member, client):
            secret = member.unwrap(client.call("GET", "/api/keys")["wrapped"])
        actor, known = Actor("V1", Role.REVIEWER, secret), settings.load(self.folder / "vault.toml")
        vault = Installation(
            Store(dict(known.databases), known.shreds_key), _vocabularies(), MEMBER, known.cut_every_days
        )
        try:
            with vault.store.read() as uow:
                case = cases.show(uow, actor, self.case)
                place = case, editions.history(uow, actor, case), self.incident
                now = grounds.of(vault, uow, actor, place, today())
        finally:
            vault.store.dispose()
        if now is None:
            raise NotFound("The edition has no figures to speak of.")
        return now, vault.vocabularies[case.incident(self.incident)["vocabulary"]]

    @contextlib.contextmanager
    def _signed_in(self, code: str) -> Iterator[tuple[Member, Client]]:
        member = Member(Profile(self.folder / code), code, self.passphrases[code], Place(self.server))
        with member.signed_in() as (client, _):
            yield member, client


def _taken_away(now: Grounds) -> Iterator[tuple[str, Sheet, Circumstances]]:
    """The figures and what surrounds them, each time without a consent of one witness, one pool, or the tally."""
    around, witnesses = now.circumstances(), now.narrowed.witnesses
    for use, words in CONSENTS.items():
        for place, one in enumerate(witnesses):
            fewer = (*witnesses[:place], replace(one, uses=one.uses - {use}), *witnesses[place + 1 :])
            yield (
                f"one witness's consent to {words}, any of the three",
                replace(now.narrowed, witnesses=fewer),
                around,
            )
    for subject in around.pools:
        rest = {other: band for other, band in around.pools.items() if other != subject}
        yield f"the pool of {subject}", now.narrowed, replace(around, pools=rest)
    yield "the tally of whom the team met", now.narrowed, replace(around, contacts=None)


def _verified(path: Path) -> int:
    """The exit status of `witness-vault verify`."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            verify.main(args=[str(path)], standalone_mode=False)
        except SystemExit as ended:
            return int(ended.code or 0)
    return 0


def _vocabularies() -> dict[str, Vocabulary]:
    return {name: Vocabulary.parse(text) for name, text in settings.vocabulary_texts().items()}
