"""Signed notes: the format of C2SP, so that others' programs can watch the log."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import seed
from vault.errors import Invalid, Tampered
from vault.sealing import notes
from vault.sealing.keypairs import SigningKey
from vault.sealing.notes import Checkpoint

KEY = SigningKey(seed("log"))
WATCHER = SigningKey(seed("watcher"))
ORIGIN = "witness-vault/log"
STATE = Checkpoint(ORIGIN, 5, seed("root"))
NOTE = notes.sign_note(STATE.text(), ORIGIN, KEY)
# the example of Go's golang.org/x/mod/sumdb/note, whose format this is
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
GO_KEY = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]


def refused(note: str) -> None:
    with pytest.raises(Tampered):
        notes.read_checkpoint(note, ORIGIN, KEY.public)


def test_a_note_of_another_implementation_verifies() -> None:
    assert notes.verify_note(GO_NOTE, "PeterNeumann", GO_KEY).startswith("If you think")


def test_a_checkpoint_is_read_as_it_was_signed() -> None:
    assert notes.read_checkpoint(NOTE, ORIGIN, KEY.public) == STATE
    assert NOTE.startswith(f"{ORIGIN}\n5\n")


def test_lines_of_others_are_kept_and_passed_over() -> None:
    line = notes.signature_line(STATE.text(), "watcher.example/1", WATCHER)
    cosigned = notes.with_line(NOTE, line)
    assert cosigned.endswith(line)
    assert notes.read_checkpoint(cosigned, ORIGIN, KEY.public) == STATE
    assert notes.verify_note(cosigned, "watcher.example/1", WATCHER.public) == STATE.text()


@pytest.mark.parametrize("line", ["", "\u2014 a b", "- a YQ==\n", "\u2014 a+b YQ==\n", "\u2014 a YQ==\n\n"])
def test_only_a_line_of_signature_can_be_added(line: str) -> None:
    with pytest.raises(Invalid):
        notes.with_line(NOTE, line)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_changed_byte_passes(at: int, mask: int) -> None:
    data = bytearray(NOTE.encode())
    data[at] ^= mask
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n05\n{STATE.text().splitlines()[2]}\n",
        f"{ORIGIN}\n5\n{STATE.text().splitlines()[2]}\nmore\n",
        f"{ORIGIN}\n5\nAAAA\n",
        f"{ORIGIN}\n5\nA\n",
        f"{ORIGIN}\n5\n{'A' * 42}B=\n",
        f"{ORIGIN}\n-5\n{STATE.text().splitlines()[2]}\n",
        f"witness-vault/other\n5\n{STATE.text().splitlines()[2]}\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_of_this_log_is_refused(text: str) -> None:
    refused(notes.sign_note(text, ORIGIN, KEY))


@pytest.mark.parametrize(
    "note",
    [
        "",
        STATE.text(),
        f"{STATE.text()}\n",
        NOTE.rstrip("\n"),
        NOTE.replace("\u2014", "-"),
        f"{NOTE}no line\n",
        notes.sign_note(STATE.text(), "witness-vault/other", KEY),
        notes.sign_note(STATE.text(), ORIGIN, WATCHER),
        notes.sign_note(f"{STATE.text()}\t\n", ORIGIN, KEY),
        NOTE + notes.signature_line(STATE.text(), "x", KEY) * 1000,
        NOTE + notes.signature_line("another text\n", ORIGIN, KEY),
    ],
)
def test_what_is_not_such_a_note_is_refused(note: str) -> None:
    refused(note)
