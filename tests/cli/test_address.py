"""Nothing is sent before a server has shown that it knows the vault, nor to another address than the kept one."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from flask import Flask, Response, jsonify, request

from tests import stage
from tests.cast import C1, CUSTODIANS, MEMBERS, R1, Person, cards, seed, signed_by
from tests.cli.line import Line, served
from vault import roster as rosters
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import perform
from vault.cli.main import cli
from vault.client import address
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.profile import SERVER
from vault.sealing.digests import b64
from vault.sealing.roster_drafts import founding_document
from vault.sealing.words import random_words

NEWCOMER = Person("R9", "researcher")
ELSEWHERE = founding_document(
    b64(bytes(16)), cards(CUSTODIANS), 3, (stage.DAY.isoformat(), stage.LAST.isoformat())
)


class Other:
    """Some other server, which shows what it likes and notes what it is told."""

    def __init__(self, shown: object) -> None:
        self.heard: list[str] = []
        self.app = Flask("other")

        @self.app.before_request
        def hear() -> Response:
            self.heard.append(f"{request.method} {request.path} {request.get_data(as_text=True)}")
            return jsonify(shown)


@pytest.mark.parametrize(
    "shown",
    [
        {"roster": signed_by(ELSEWHERE, CUSTODIANS)},
        {"roster": None},
        {"roster": {"document": {}, "signatures": []}},
        {"token": "AAAA", "nonce": "AAAA"},
        [],
        None,
    ],
    ids=["another vault", "no roster", "no document", "no answer to this", "a list", "nothing"],
)
@pytest.mark.parametrize("command", [(R1, "case", "list"), (C1, "custodian", "proposals")], ids=["R1", "C1"])
def test_another_server_gets_neither_passphrase_nor_signature(
    line: Line, command: tuple[Person, str, str], shown: object
) -> None:
    person, *words = command
    line.forget_address(person)
    other = Other(shown)
    with served(other.app) as mistaken, pytest.raises(Tampered):
        line.run(person, *words, "--server", mistaken)
    assert other.heard == ["GET /api/founding "]
    assert not line.profile(person).has(SERVER)


def test_the_kept_address_is_used_without_being_named(line: Line) -> None:
    assert "Sermin" in line.run(R1, "case", "list").out


def test_the_address_may_be_named_in_another_spelling(line: Line) -> None:
    assert line.run(R1, "case", "list", "--server", line.address.replace("http", "HTTP") + "/").out


@pytest.mark.parametrize("person", [R1, C1], ids=["a member", "a custodian"])
def test_another_address_is_refused_before_anything_is_sent(line: Line, person: Person) -> None:
    line.profile(person)
    other = Other({})
    command = ("case", "list") if person.role else ("custodian", "proposals")
    with served(other.app) as mistaken, pytest.raises(Refused, match="--moved"):
        line.run(person, *command, "--server", mistaken)
    assert other.heard == []
    assert line.profile(person).address(None) == line.address


def test_a_vault_that_has_moved_is_followed_and_kept(line: Line) -> None:
    line.profile(R1).keep_address("https://vault.example.org")
    line.run(R1, "case", "list", "--server", line.address, "--moved")
    assert line.profile(R1).address(None) == line.address


def test_a_move_to_another_vault_is_not_followed(line: Line) -> None:
    line.profile(R1)
    other = Other({"roster": signed_by(ELSEWHERE, CUSTODIANS)})
    with served(other.app) as mistaken, pytest.raises(Tampered):
        line.run(R1, "case", "list", "--server", mistaken, "--moved")
    assert line.profile(R1).address(None) == line.address


@pytest.mark.parametrize("rosters_", [5, None, {}, [5], [{}], [[]], []], ids=repr)
@pytest.mark.parametrize("person", [R1, C1], ids=["a member", "a custodian"])
def test_a_move_is_kept_only_when_the_rosters_hold(line: Line, person: Person, rosters_: object) -> None:
    line.profile(person)
    command = ("case", "list") if person.role else ("custodian", "proposals")
    other = Other({**_founding(line), "token": "AAAA", "nonce": "AAAA", "rosters": rosters_})
    with served(other.app) as mistaken, pytest.raises(Tampered):
        line.run(person, *command, "--server", mistaken, "--moved")
    assert line.profile(person).address(None) == line.address


@pytest.mark.parametrize("shown", [5, None, [], {}], ids=repr)
def test_an_answer_without_rosters_is_refused(line: Line, shown: object) -> None:
    line.lie("GET", "/api/roster", lambda _: shown)
    with pytest.raises(Tampered):
        line.run(R1, "case", "list")


def test_a_sign_out_that_fails_does_not_hide_what_went_wrong(line: Line) -> None:
    line.profile(R1)
    other = Other({**_founding(line), "token": "AAAA", "rosters": []})

    @other.app.after_request
    def refuse(response: Response) -> Response:
        response.status_code = 500 if request.path == "/api/sign-out" else 200
        return response

    with served(other.app) as mistaken, pytest.raises(Tampered):
        line.run(R1, "case", "list", "--server", mistaken, "--moved")
    assert other.heard[-1].startswith("POST /api/sign-out")


def test_a_custodian_names_the_address_once(line: Line) -> None:
    line.forget_address(C1)
    with pytest.raises(NotFound, match="--server"):
        line.run(C1, "custodian", "proposals")
    line.run(C1, "custodian", "proposals", "--server", line.address)
    line.run(C1, "custodian", "proposals")


def test_enrolling_keeps_the_address_of_the_link(line: Line, tmp_path: Path) -> None:
    link, profile = _invited(line), tmp_path / "R9"
    typed = {PASSPHRASE: random_words(6)}
    perform(cli, ["enrol", link, "--profile", str(profile)], typed)
    assert (profile / SERVER).is_file()
    with pytest.raises(Refused, match="roster does not list you"):
        perform(cli, ["case", "list", "--profile", str(profile)], typed)


def test_a_second_enrolment_into_a_profile_changes_nothing_in_it(line: Line) -> None:
    line.profile(R1).keep_address("https://vault.example.org")
    with pytest.raises(Conflict):
        line.run(R1, "enrol", _invited(line), typed={PASSPHRASE: random_words(6)})
    assert line.profile(R1).address(None) == "https://vault.example.org"


@pytest.mark.parametrize("command", ["enrol", "request-key"])
def test_whoever_enrols_reads_the_words_of_the_request_key_too(
    line: Line, tmp_path: Path, command: str
) -> None:
    out, err = perform(
        cli, [command, _invited(line), "--profile", str(tmp_path / "R9")], {PASSPHRASE: random_words(6)}
    )
    (said,) = (row for row in (out + err).splitlines() if "equest key's six words" in row)
    assert len(said.split(": ")[1].split()) == 6


@pytest.mark.parametrize(
    "named",
    [
        *("http://vault.example.org", "vault.example.org", "ftp://127.0.0.1", "", "https://", "https:///x"),
        *("http://[", "ftp://vault.example.org", "http://127.0.0.1.example.org"),
    ],
)
def test_an_address_over_which_others_could_read_along_is_refused(named: str) -> None:
    with pytest.raises(Invalid):
        address(named)


@pytest.mark.parametrize("named", ["https://Vault.Example.org:443/", "https://vault.example.org?a=b#c"])
def test_an_address_is_written_in_one_way(named: str) -> None:
    assert address(named) == "https://vault.example.org"


def test_a_stranger_sees_the_founding_roster_and_no_member(line: Line) -> None:
    answer = httpx.get(f"{line.address}/api/founding", trust_env=False)
    assert answer.json()["roster"]["document"]["members"] == []
    for person in MEMBERS:
        assert person.card["document"]["signing"] not in answer.text


def _founding(line: Line) -> dict[str, object]:
    """What the vault shows to strangers, and anybody can copy."""
    return dict(httpx.get(f"{line.address}/api/founding", trust_env=False).json())


def _invited(line: Line) -> str:
    """A newcomer's link."""
    scene = line.scene
    scene.carry(C1, stage.invitations(scene.roster(), (NEWCOMER,)))
    with scene.reading() as uow:
        words = rosters.history(uow)[0].fingerprint.replace(" ", "-")
    return f"{line.address}/enrol/{b64(seed('R9 invitation'))}#{words}"
