"""One identity is opened by the people of the demonstration, on their devices, over a real server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import click
import httpx
import pytest

from vault.cli import custodian, decisions, openings
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import CUSTODIANS, THRESHOLD, Stage, perform
from vault.cli.requests import CODE
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.profile import MEMBER, OPENINGS, Profile

REASON = "to warn the witness"


@dataclass(frozen=True)
class Company:
    """The people of the stage, each at a device of their own."""

    stage: Stage

    def run(self, code: str, command: click.Command, *arguments: str, typed: str = "") -> tuple[str, str]:
        """Somebody runs a command; what it prints, and what it says aside."""
        secrets = {PASSPHRASE: self.stage.passphrases[code], **({CODE: typed} if typed else {})}
        return perform(command, ["--profile", str(self.stage.folder / code), *arguments], secrets)

    def ask(self, record: str) -> tuple[str, str]:
        """V2 asks for an identity: the opening's id and its code."""
        printed, aside = self.run("V2", openings.request, "--record", record, "--reason", REASON)
        return printed.strip(), _code(aside)

    def decide(self, holder: str, opening: str, *how: str) -> str:
        return self.run(holder, decisions.decide_on, "--yes", *how, "--", opening)[0].strip()

    def combine(self, opening: str, code: str) -> dict[str, str]:
        """V2 combines; the identity as it is shown."""
        shown, _ = self.run("V2", openings.combine_and_show, "--yes", "--", opening, typed=code)
        return dict(line.split(": ", 1) for line in shown.splitlines() if ": " in line)

    def record_of(self, pseudonym: str) -> str:
        """The record as the testimony's page names it to its reader."""
        headers = self._signed_in()
        with httpx.Client(base_url=self.stage.server, headers=headers, trust_env=False) as read:
            case = read.get("/api/cases").json()["cases"][0]["case"]
            page = read.get(f"/cases/{case}/testimony").text
            for link in sorted(set(re.findall(rf'href="(/cases/{re.escape(case)}/testimony/[^"]+)"', page))):
                one = read.get(link).text
                found = re.search(r"--record[ =]([\w-]+\.[\w-]+)", one)
                if pseudonym in one and found:
                    return found[1]
        raise AssertionError("no page names a record of this witness")

    def _signed_in(self) -> dict[str, str]:
        kept = Profile(self.stage.folder / "V2").read(MEMBER)
        secrets = {
            "member": "V2",
            "passphrase": self.stage.passphrases["V2"],
            "device_key": kept["device_key"],
        }
        answer = httpx.post(f"{self.stage.server}/api/sign-in", json=secrets, trust_env=False)
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture
def company(stage: Stage) -> Company:
    met = Company(stage)
    for code in CUSTODIANS:  # a custodian names the vault's address once
        met.run(code, custodian.proposals, "--server", stage.server)
    return met


def _code(aside: str) -> str:
    return aside.strip().rpartition(": ")[2]


def _pseudonym(stage: Stage, number: int) -> str:
    return str(json.loads((stage.folder / f"receipt-{number}.json").read_text())["pseudonym"])


def test_three_of_five_open_one_identity_over_the_line(company: Company) -> None:
    pseudonym = _pseudonym(company.stage, 0)
    opening, code = company.ask(company.record_of(pseudonym))
    # (1) Every custodian sees who asks for what and why; two approve, and nothing opens.
    for number, holder in enumerate(CUSTODIANS[: THRESHOLD - 1], start=1):
        assert REASON in company.run(holder, decisions.inbox)[0]
        assert f"by {number} of {THRESHOLD}" in company.decide(holder, opening)
    with pytest.raises(Refused, match=f"so far {THRESHOLD - 1} of {THRESHOLD}"):
        company.combine(opening, code)
    # (2) Nobody approves twice; a refusal is no approval.
    with pytest.raises(Conflict):
        company.decide(CUSTODIANS[0], opening)
    assert f"by 2 of {THRESHOLD}" in company.decide(CUSTODIANS[4], opening, "--refuse", "I do not know why")
    with pytest.raises(Refused):
        company.combine(opening, code)
    # (3) The third approves: with the opening code, and with no other, exactly this identity is shown.
    assert f"by {THRESHOLD} of {THRESHOLD}" in company.decide(CUSTODIANS[2], opening)
    with pytest.raises(Tampered):
        company.combine(opening, code + " x")
    shown = company.combine(opening, code)
    assert shown["Pseudonym"] == pseudonym
    assert shown["Name"].startswith("Invented ")
    # (4) It is shown once: the key is gone from the device.
    with pytest.raises(NotFound):
        company.combine(opening, code)
    assert not (company.stage.folder / "V2" / OPENINGS / f"{opening}.json").exists()


def test_requests_and_decisions_are_carried_by_hand(company: Company, papers: Path) -> None:
    pseudonym = _pseudonym(company.stage, 1)
    record = company.record_of(pseudonym)
    # (1) The request is written without meeting a server, and handed in by whoever carries it.
    asked = papers / "request.json"
    named = ("--record", record, "--reason", REASON, "--offline", "--out", str(asked))
    code = _code(company.run("V2", openings.request, *named)[1])
    opening = company.run("V2", openings.submit_request, str(asked))[0].strip()
    with pytest.raises(Conflict):
        company.run("V2", openings.submit_request, str(asked))
    # (2) Each custodian takes the packet to a device without a line, and decides there.
    carried = []
    for holder in CUSTODIANS[2:]:
        company.run(holder, decisions.inbox, "--out", str(papers / holder))
        packet = papers / holder / f"request-{opening}.json"
        carried.append((holder, papers / f"{holder}.decision"))
        company.decide(holder, str(packet), "--offline", "--out", str(carried[-1][1]))
    assert REASON not in "".join(path.read_text() for path in papers.rglob("*.*") if path != asked)
    # (3) Two are not enough, one custodian's decision does not serve twice, the third opens.
    for holder, path in carried[:2]:
        company.run(holder, decisions.submit_decision, str(path))
    with pytest.raises(Refused):
        company.combine(opening, code)
    with pytest.raises(Invalid):
        company.run(carried[2][0], decisions.submit_decision, str(carried[0][1]))
    company.run(carried[2][0], decisions.submit_decision, str(carried[2][1]))
    assert company.combine(opening, code)["Pseudonym"] == pseudonym


def test_nobody_asks_in_another_role_or_for_another_record(company: Company, papers: Path) -> None:
    record = company.record_of(_pseudonym(company.stage, 2))
    name, _, fingerprint = record.partition(".")
    for other in (f"{name}.{'A' * 43}", f"{'A' * 22}.{fingerprint}"):
        with pytest.raises((Conflict, NotFound, Tampered)):
            company.run("V2", openings.request, "--record", other, "--reason", REASON)
    with pytest.raises((Invalid, Tampered)):
        company.run("V2", openings.request, "--record", record, "--reason", " ")
    asked = papers / "request.json"
    company.run(
        "V2", openings.request, "--record", record, "--reason", REASON, "--offline", "--out", str(asked)
    )
    with pytest.raises(Refused):
        company.run("V1", openings.submit_request, str(asked))
