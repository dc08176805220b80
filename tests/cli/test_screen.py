"""Whatever a stranger wrote, it is read as it is: nothing printed moves the cursor, hides, or turns text around."""

from __future__ import annotations

import io
import json
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import C1
from tests.cli.line import HOSTILE, Line, harmless
from vault.cli.common import PASSPHRASE
from vault.cli.main import main
from vault.cli.screen import printable, write_out
from vault.errors import Conflict


@given(st.text(st.characters()))
def test_nothing_unseen_is_ever_printed(text: str) -> None:
    assert harmless(printable(text))


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_what_can_be_seen_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_stays_the_same_json(text: str) -> None:
    assert json.loads(printable(json.dumps([text], ensure_ascii=False))) == [text]


def test_names_that_need_joiners_are_printed_as_they_are_written() -> None:
    assert printable("نمی\u200cدیدم") == "نمی\u200cدیدم"


def test_what_cannot_be_seen_is_spelled_out_beyond_the_first_plane_too() -> None:
    assert printable("a\x1b\x7f\U000e0041\ud800") == "a\\u001b\\u007f\\udb40\\udc41\\ud800"


def test_a_file_that_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_out({"withdrawal_token": HOSTILE}, tmp_path / "receipt.json")
    assert stat.S_IMODE((tmp_path / "receipt.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "receipt.json").read_text("utf-8")) == {"withdrawal_token": HOSTILE}


def test_a_file_that_exists_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text("an earlier one")
    with pytest.raises(Conflict):
        write_out({}, tmp_path / "receipt.json")
    assert (tmp_path / "receipt.json").read_text() == "an earlier one"


@pytest.mark.parametrize("typed", ["n\n", ""], ids=["no", "the end of what is typed"])
def test_whoever_stops_is_not_told_that_nothing_was_sent(
    line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    folder = line.profile(C1).folder
    monkeypatch.setenv(PASSPHRASE, C1.passphrase)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    monkeypatch.setattr(sys, "argv", ["witness-vault", "custodian", "renew", "--profile", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("Stopped.")


def test_what_a_hostile_server_says_in_its_errors_is_spelled_out(
    line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line.lie("POST", "/api/sign-in/custodian", lambda _: {"token": f"{HOSTILE}not a token"})
    line.lie("GET", "/api/roster", lambda _: {"error": f"{HOSTILE}All is well."})
    folder = line.profile(C1).folder
    monkeypatch.setenv(PASSPHRASE, C1.passphrase)
    monkeypatch.setattr(sys, "argv", ["witness-vault", "custodian", "proposals", "--profile", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert printed.out == ""
    assert all(harmless(said) for said in printed.err.splitlines())
    assert "All is well." not in printed.err.splitlines()
