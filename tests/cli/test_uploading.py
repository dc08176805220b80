"""vault.cli.uploading: over a line that fails a file arrives once, and goes on where an earlier command stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response, request

from tests.cast import R1
from tests.cli.line import Line
from tests.sending import film
from tests.stage import DAY, actor
from vault import uploads
from vault.cli.common import Place, open_member
from vault.cli.uploading import send
from vault.client import Client
from vault.errors import Conflict, Unreachable
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE

FILM = film(9 * PIECE + 5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A film on R1's device."""
    path = tmp_path / "holiday.mp4"
    path.write_bytes(FILM)
    return path


@pytest.fixture
def client(line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """R1, signed in, on a line on which nobody waits."""
    monkeypatch.setenv("WITNESS_VAULT_PASSPHRASE", R1.passphrase)
    monkeypatch.setattr("vault.cli.uploading.time.sleep", lambda _: None)
    with open_member(line.profile(R1).folder, Place()).signed_in() as (client, _):
        yield client


def arrived(line: Line, name: str) -> bool:
    facts = uploads.check(line.scene.vault, actor(R1), name, DAY)
    return bool(facts["sha256"] == b64(hashlib.sha256(FILM).digest()))


def lose(line: Line, times: int) -> None:
    """So many answers to pieces are lost on the way: the pieces have arrived."""
    left = [True] * times

    def answer(response: Response) -> Response:
        if request.method == "PUT" and left:
            left.pop()
            response.set_data("no answer")
        return response

    line.scene._apps[-1][0].after_request_funcs[None].append(answer)


def test_a_file_is_sent_whole_and_without_its_name(line: Line, client: Client, path: Path) -> None:
    sent = send(client, line.scene.case, path)
    assert arrived(line, sent["upload"])
    assert uploads.find(line.scene.vault, actor(R1), sent["upload"]).facts.media == "video/mp4"
    assert not [body for _, body in line.heard if "holiday" in body]
    assert [call for call, _ in line.heard].count(f"PUT /api/uploads/{sent['upload']}/0") == 1


def test_pieces_whose_answers_are_lost_are_not_sent_twice_into_the_file(
    line: Line, client: Client, path: Path
) -> None:
    lose(line, 3)
    assert arrived(line, send(client, line.scene.case, path)["upload"])


def test_the_same_file_goes_on_where_an_earlier_command_stopped(
    line: Line, client: Client, path: Path
) -> None:
    lose(line, 100)
    with pytest.raises(Unreachable, match="goes on where it was"):
        send(client, line.scene.case, path)
    line.scene._apps[-1][0].after_request_funcs[None].pop()
    (waiting,) = uploads.waiting(line.scene.vault, actor(R1), line.scene.case)
    assert 0 < waiting.received < waiting.needed
    sent = send(client, line.scene.case, path)
    assert sent["upload"] == waiting.id
    assert arrived(line, sent["upload"])


def test_another_item_gets_an_upload_of_its_own(line: Line, client: Client, path: Path) -> None:
    first, item = send(client, line.scene.case, path), "A" * 21 + "Q"
    second = send(client, line.scene.case, path, item)
    assert (second["item"], second["upload"] == first["upload"]) == (item, False)


def test_what_the_vault_cannot_take_is_said_and_not_tried_for_ever(
    line: Line, client: Client, path: Path
) -> None:
    line.scene.vault.files.write_text("where the folder should be")
    with pytest.raises(Conflict, match="could not write to its disk"):
        send(client, line.scene.case, path)
