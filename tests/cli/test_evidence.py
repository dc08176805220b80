"""Evidence from the command line: handed in and never read back, read by who holds the key, taken out as it came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Response, request

from tests.cast import R1, V1, Person
from tests.cli.line import HOSTILE, Line, harmless
from tests.dossier import EVENT, OPINION, RELEASE, SUPPORTS, add, chain, with_file
from tests.sending import exchange, film, on_disk, opened
from vault.errors import Conflict, NotFound, Refused, Tampered
from vault.sealing.pieces import PIECE
from vault.sealing.words import new_pseudonym

FILM = film(2 * PIECE + 5)


def act(line: Line, by: Person, command: str, *words: str, agreed: bool = True, **more: Any) -> str:
    yes = ("--yes",) if agreed and command not in ("list", "show", "verify") else ()
    return line.run(by, "evidence", command, *words, "--case", line.scene.case, *yes, **more).out


def written(folder: Path, content: Any) -> str:
    path = folder / "said.json"
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def hand_in(line: Line, *words: str, **more: Any) -> str:
    said = [
        "--incident",
        line.scene.hospital,
        "--kind",
        "video",
        "--title",
        "After the strike",
        "--how",
        "given",
    ]
    return act(line, R1, "add", *words, *said, **more).split()[-1]


def test_a_file_is_handed_in_with_what_it_bears_on_and_taken_out_as_it_came(
    line: Line, tmp_path: Path
) -> None:
    path, out = tmp_path / "holiday.mp4", tmp_path / "out.mp4"
    path.write_bytes(FILM)
    told = written(tmp_path, {"events": [EVENT], "bears": [SUPPORTS]})
    with pytest.raises(click.Abort):
        hand_in(line, str(path), agreed=False, answer="n\n")
    giver = {"WITNESS_VAULT_GIVER": new_pseudonym()}
    item = hand_in(line, str(path), "--describe", told, "--giver", typed=giver)
    found = chain(line.scene, item).item
    assert (len(found.events), len(found.bears), found.arrival.giver is None) == (1, 1, False)
    with pytest.raises(Refused):
        act(line, R1, "show", "--item", item)
    with pytest.raises(NotFound):
        act(line, V1, "get", "--item", item, "--role", "working", "--out", str(out))
    act(line, V1, "get", "--item", item, "--role", "original", "--out", str(out))
    assert out.read_bytes() == FILM
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        act(line, V1, "get", "--item", item, "--role", "original", "--out", str(out))
    assert "accessed on" in act(line, V1, "show", "--item", item)


def test_a_thing_has_no_file_and_its_chain_is_gone_on_with(line: Line, tmp_path: Path) -> None:
    item = hand_in(line)
    name = act(line, V1, "record", "--item", item, written(tmp_path, OPINION), "--act", "opinion").split()[-1]
    release = act(
        line, V1, "record", "--item", item, written(tmp_path, {**RELEASE, "of": name}), "--act", "release"
    )
    with pytest.raises(Conflict):
        act(
            line,
            V1,
            "decide",
            "--item",
            item,
            "--release",
            release.split()[-1],
            "--uphold",
            "--reason",
            "Mine",
        )
    act(line, V1, "recall", "--item", item, "--release", release.split()[-1], "--reason", "Too early")
    shown = act(line, V1, "show", "--item", item)
    assert "opinion: Expert 1, asked “What made this crater?”: probable: Its shape." in shown
    assert "release: may be said in public: A video shows the damage." in shown
    assert "recall: recalled" in shown
    assert [
        entry["act"] for entry in json.loads(act(line, V1, "show", "--item", item, "--json"))["entries"]
    ] == [
        "arrival",
        "opinion",
        "release",
        "recall",
    ]


def test_a_working_copy_takes_the_place_of_the_one_before(line: Line, tmp_path: Path) -> None:
    item = with_file(line.scene, FILM)
    path = tmp_path / "cut.mp4"
    path.write_bytes(FILM[:100])
    act(line, V1, "replace", "--item", item, str(path), "--how", "Cut to the strike")
    found = chain(line.scene, item).item
    assert found.working is not None
    assert found.working.size == 100


def test_the_list_goes_over_all_pages(line: Line) -> None:
    paper = add(line.scene, kind="document", title="A letter")
    for _ in range(51):
        add(line.scene)
    assert len(json.loads(act(line, V1, "list", "--json"))) == 52
    assert act(line, V1, "list", "--kind", "document").startswith(f"{paper}  document: A letter; came on ")


def test_what_does_not_hold_is_named_and_the_rest_verified(line: Line) -> None:
    items = [with_file(line.scene, FILM) for _ in range(2)]
    assert "Items that hold: 2." in act(line, V1, "verify")
    file = chain(line.scene, items[0]).item.original
    assert file is not None
    exchange(on_disk(line.scene, opened(line.scene, file.file)), (0, 1))
    with pytest.raises(Tampered, match="do not hold: 1"):
        act(line, V1, "verify")
    assert f"{items[1]}  holds" in line.said.out
    assert f"{items[0]}  Piece 1" in line.said.out
    with pytest.raises(Tampered):
        act(line, V1, "verify", "--item", items[0])


def test_another_file_than_the_chain_names_is_not_kept(line: Line, tmp_path: Path) -> None:
    item, out = with_file(line.scene, FILM), tmp_path / "out.mp4"

    def lie(shown: dict[str, Any]) -> dict[str, Any]:
        return {**shown, "files": {"original": {**shown["files"]["original"], "sha256": "A" * 43}}}

    line.lie("GET", f"/api/cases/{line.scene.case}/evidence/{item}", lie)
    with pytest.raises(Tampered, match="Nothing of it was kept"):
        act(line, V1, "get", "--item", item, "--role", "original", "--out", str(out))
    assert not out.exists()


def test_hostile_words_of_a_server_do_nothing_to_the_terminal(line: Line) -> None:
    path, item = f"/api/cases/{line.scene.case}/evidence", add(line.scene)
    facts = dict.fromkeys(("item", "kind", "title", "day", "fault"), HOSTILE)
    line.lie("GET", path, lambda _: {"items": [facts, {**facts, "fault": ""}], "pages": 1})
    said = dict.fromkeys(("what", "day", "by", "held", "grade", "reasons", "kind", "title"), HOSTILE)
    entries = [
        {"name": HOSTILE, "author": HOSTILE, "day": HOSTILE, "act": act, "content": said}
        for act in ("arrival", "event", "authenticity")
    ]
    file = {"media": HOSTILE, "size": HOSTILE, "sha256": HOSTILE}
    lie = {"files": {HOSTILE: file}, "given_by_witness": True, "giver": HOSTILE, "entries": entries}
    line.lie("GET", f"{path}/{item}", lambda _: {**lie, "releases": [HOSTILE]})
    printed = act(line, V1, "list") + act(line, V1, "show", "--item", item)
    assert printed.count("\n") == 8
    assert all(harmless(row) for row in printed.splitlines())


def test_an_answer_that_is_lost_hands_nothing_in_twice(line: Line) -> None:
    lost = [True]

    def answer(response: Response) -> Response:
        if (request.method, request.path) == ("POST", f"/api/cases/{line.scene.case}/evidence") and lost:
            lost.pop()
            response.set_data("no answer")
        return response

    line.scene._apps[-1][0].after_request_funcs[None].append(answer)
    item = hand_in(line)
    line.scene._apps[-1][0].after_request_funcs[None].remove(answer)
    assert [one["item"] for one in json.loads(act(line, V1, "list", "--json"))] == [item]
