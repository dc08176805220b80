"""A custodian's paper: printed from a profile, typed into another, without anything that tells what it is of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cast import C1
from tests.cli.line import Line
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import perform
from vault.cli.main import cli
from vault.errors import Conflict, Invalid, Tampered
from vault.profile import KEY_FILE, Profile
from vault.sealing.members import open_key_file
from vault.sealing.words import word_list


def printed(line: Line, name: str) -> str:
    out = line.folder / name
    line.run(C1, "custodian", "paper", "--out", str(out))
    assert out.stat().st_mode & 0o077 == 0
    return out.read_text()


def typed(folder: Path, text: str, passphrase: str = C1.passphrase) -> Profile:
    """A new profile from what somebody typed."""
    (folder / "typed").write_text(text)
    profile = Profile(folder / "restored")
    command = ["custodian", "from-paper", str(folder / "typed"), "--profile", str(profile.folder)]
    perform(cli, command, {PASSPHRASE: passphrase})
    return profile


def test_what_was_printed_is_typed_in_and_opens(line: Line, tmp_path: Path) -> None:
    line.run(C1, "custodian", "drill")
    lines = [row for row in printed(line, "paper.txt").splitlines() if re.match(r"\d+\. ", row)]
    profile = typed(tmp_path, "\n".join(lines))
    opened = open_key_file(profile.read(KEY_FILE), C1.passphrase)
    assert opened.secrets == (C1.secret,)
    assert opened.pin == line.profile(C1).read(KEY_FILE)["pin"] is not None
    with pytest.raises(Conflict):
        typed(tmp_path, "\n".join(lines))


def test_a_typing_error_makes_no_key_file(line: Line, tmp_path: Path) -> None:
    lines = [row for row in printed(line, "paper.txt").splitlines() if re.match(r"\d+\. ", row)]
    first = lines[3].split()
    first[2] = next(word for word in word_list() if word != first[2])
    with pytest.raises(Invalid, match="Line 4 "):
        typed(tmp_path, "\n".join([*lines[:3], " ".join(first), *lines[4:]]))
    with pytest.raises(Tampered):
        typed(tmp_path, "\n".join(lines), "not the passphrase of this paper")
    assert not Profile(tmp_path / "restored").has(KEY_FILE)


def test_the_page_asks_nobody_and_names_nothing(line: Line) -> None:
    page = printed(line, "paper.html")
    assert "<svg" in page
    assert not re.search(r"<script|<link|<img|https?://(?!www\.w3\.org)|@import|url\(", page)
    assert not re.search(r"(?i)witness|vault|custodian|C1\b", page)
    with pytest.raises(Conflict):
        printed(line, "paper.html")
