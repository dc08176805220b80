"""A reminder by mail: one sentence that says nothing, at most once a day, only to whom something waits for."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests import places
from tests.asking import sealed_identity
from tests.cast import C1, C2, following
from tests.postbox import Postbox, certified, postbox
from tests.stage import DAYS, Scene, actor, later
from vault import proposals
from vault.cli import notify as notices
from vault.cli.main import cli
from vault.errors import NotFound, Unreachable
from vault.sealing.signatures import signature

ADDRESSES = {"C1": "first@example.org", "C2": "second@example.org", "C3": "third@example.org"}


@dataclass
class Office:
    """An operator with a configuration, and the mail server that it names."""

    scene: Scene
    folder: Path
    box: Postbox
    tls: str = "none"

    def notify(self, port: int = 0, mail: bool = True) -> None:
        lines = [places.configuration(self.scene.folder)]
        if mail:
            lines += ["[mail]", 'host = "127.0.0.1"', f"port = {port or self.box.port}"]
            lines += ['from = "office@example.org"', f'tls = "{self.tls}"', "[mail.custodians]"]
            lines += [f'{code} = "{address}"' for code, address in ADDRESSES.items()]
        path = self.folder / "vault.toml"
        path.write_text("\n".join(lines))
        done = CliRunner().invoke(cli, ["notify", "--config", str(path)], standalone_mode=False)
        assert done.output == ""
        if done.exception is not None:
            raise done.exception

    @property
    def reminded(self) -> list[str]:
        return [recipient for recipient, _ in self.box.mails]


@pytest.fixture
def office(scene: Scene, tmp_path: Path) -> Iterator[Office]:
    with postbox() as box:
        yield Office(scene, tmp_path, box)


def wait(office: Office) -> None:
    sealed_identity(office.scene).ask()


def test_nobody_is_reminded_of_nothing(office: Office) -> None:
    office.notify()
    assert office.box.heard == []


def test_each_custodian_with_an_address_is_reminded_once_a_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(office)
    monkeypatch.setattr(notices, "today", lambda: later(0))
    for _ in range(3):
        office.notify()
    assert office.reminded == sorted(ADDRESSES.values())
    monkeypatch.setattr(notices, "today", lambda: later(1))
    office.notify()
    assert office.reminded == sorted(ADDRESSES.values()) * 2


def test_whoever_decided_is_not_reminded(office: Office) -> None:
    opening = sealed_identity(office.scene)
    opening.ask()
    opening.decide(C1)
    office.notify()
    assert office.reminded == ["second@example.org", "third@example.org"]


def test_a_proposal_waits_for_whoever_has_not_signed_it(office: Office) -> None:
    document = following(office.scene.roster(), **DAYS)
    with office.scene.writing() as uow:
        name = proposals.propose(uow, actor(C2), document, None, later(0))
        proposals.sign(uow, actor(C2), name, signature(document, "C2", C2.secret.signing), later(0))
    office.notify()
    assert office.reminded == ["first@example.org", "third@example.org"]


def test_a_roster_that_is_about_to_run_out_waits_for_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "today", lambda: later(149))
    office.notify()
    assert office.reminded == []
    monkeypatch.setattr(notices, "today", lambda: later(150))
    office.notify()
    assert office.reminded == sorted(ADDRESSES.values())


def test_the_mail_says_nothing_of_what_waits_or_where(office: Office) -> None:
    wait(office)
    office.notify()
    _, text = office.box.mails[0]
    mail = message_from_string(text)
    assert set(mail.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }
    assert mail["Subject"] == "Reminder"
    assert mail.get_payload() == "Something is waiting for you; please have a look when you can."
    told = text + "\n".join(office.box.heard)
    assert not re.search(r"witness|vault|custod|opening|case|secret|\bC\d|127\.0\.0\.1", told, re.IGNORECASE)
    assert socket.gethostname() not in told
    assert "To: second" not in text


def test_a_mail_that_was_not_taken_is_tried_again_the_same_day(office: Office) -> None:
    wait(office)
    office.box.refuses.add("second@example.org")
    with pytest.raises(Unreachable, match="1 of the reminders"):
        office.notify()
    office.box.refuses.clear()
    office.notify()
    assert office.reminded == ["first@example.org", "third@example.org", "second@example.org"]


def test_a_mail_server_that_is_not_there_reminds_nobody_and_says_so(office: Office) -> None:
    wait(office)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="3 of the reminders"):
            office.notify(port=nobody.getsockname()[1])
    office.notify()
    assert len(office.reminded) == 3


def test_without_a_setting_nobody_is_reminded(office: Office) -> None:
    wait(office)
    with pytest.raises(NotFound, match="no \\[mail\\]"):
        office.notify(mail=False)


def test_over_tls_with_a_certificate_that_is_trusted(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(office)
    certificate = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with postbox(certificate) as box:
        Office(office.scene, office.folder, box, "starttls").notify()
    assert box.secured
    assert len(box.mails) == 3


@pytest.mark.parametrize("offered", [True, False], ids=["a foreign certificate", "no TLS"])
def test_never_without_tls_that_is_trusted(office: Office, tmp_path: Path, offered: bool) -> None:
    wait(office)
    with (
        postbox(certified(tmp_path) if offered else None) as box,
        pytest.raises(Unreachable),
    ):
        Office(office.scene, office.folder, box, "starttls").notify()
    assert box.mails == []
    assert not [line for line in box.heard if line.startswith(("MAIL", "RCPT"))]
