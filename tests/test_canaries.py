"""Canaries: names and sentences that must never stand anywhere in the clear, followed through everything that is kept.

What the server receives, stores (while a transaction is open, and after) and says is recorded byte by byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from drill.thief import disguises
from tests.cast import R1, R2, V1, V2, Person
from tests.stage import Scene, actor
from tests.visitor import Api, Visitor
from vault.drafts import find_draft

IDENTITY = {
    "name": "Balthazar Quillfeather",
    "other_names": "Uncle Zephyrine",
    "contact": "+99 777 000 123",
    "address": "Ninth lane, Thornabout",
    "notes": "Walks with Ottoline to the mill",
}
TESTIMONY = "The umberwood smoke rose over Quorndon yard."
REASON = "Misheard at Peregrine corner"


class Recorder:
    """Stands before an application and keeps every byte that reaches it, and every byte that leaves."""

    def __init__(self, app: Flask) -> None:
        self.inner = app.wsgi_app
        self.received, self.sent = bytearray(), bytearray()
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = "\n".join(f"{name}: {value}" for name, value in environ.items() if isinstance(value, str))
        self.received += headers.encode() + body + unquote_to_bytes(body.replace(b"+", b" "))
        for chunk in self.inner(environ, start_response):
            self.sent += chunk
            yield chunk


class Disk:
    """What lies in a folder at every flush and commit, journals included, and in the end: are canaries in it?"""

    def __init__(self, folder: Path, *canaries: str) -> None:
        self.folder, self.canaries = folder, canaries
        self.files: set[str] = set()
        self.found: set[str] = set()
        self._seen: set[bytes] = set()

    def look(self, *_: object) -> None:
        for path in sorted(one for one in self.folder.rglob("*") if one.is_file()):
            data = path.read_bytes()
            mark = hashlib.sha256(data).digest()
            self.files.add(path.name)
            if mark not in self._seen:
                self._seen.add(mark)
                self.found |= {one for one in self.canaries if any(form in data for form in disguises(one))}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look whenever something is about to be written, or was."""
        events = ("before_commit", "after_commit")
        for name in events:
            event.listen(Session, name, self.look)
        try:
            yield
        finally:
            for name in events:
                event.remove(Session, name, self.look)
            self.look()


def _log_an_interview(
    scene: Scene, app: Flask, person: Person, act: str = "deposit", **changes: str
) -> Visitor:
    """A researcher fills in the long form; their device seals the identity before it is sent."""
    visitor = Visitor(app, person)
    path, hidden = visitor.start(scene.case, scene.hospital)
    with scene.reading() as uow:
        draft = find_draft(uow, actor(person), path.rpartition("/")[2])
    claim = next(name for name, value in hidden.items() if value == "aircraft.present").rpartition("-")[0]
    filled = {
        **hidden,
        "consent-recording": "yes",
        "consent-uses": "corroboration",
        "kind": "original",
        "date": "2015-11-03",
        "language": "ar",
        "mode": "in_person",
        "testimony": TESTIMONY,
        "sealed_identity": json.dumps(scene.seal_identity(draft, IDENTITY)),
        f"{claim}-perception": "heard",
        "act": act,
    }
    answer = visitor.post(path, {**filled, **changes})
    assert answer.status_code in (200, 303, 422), answer.get_data(as_text=True)
    return visitor


@pytest.fixture
def evidence(
    scene: Scene, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> tuple[Recorder, Disk, list[str]]:
    """A day's work over HTTP: deposits by form and client, drafts, errors, a cut, a reading, a sign-out."""
    caplog.set_level(logging.DEBUG)
    app = scene.app()
    recorder, disk = Recorder(app), Disk(scene.folder, *IDENTITY.values(), TESTIMONY, TESTIMONY[:20], REASON)
    with disk.watched():
        researcher = _log_an_interview(scene, app, R1)
        _log_an_interview(scene, app, R1, act="save")
        _log_an_interview(scene, app, R2, date="no day")
        _log_an_interview(scene, app, R2, reason=REASON)
        client = Api(app, R2)
        started = client.call(
            "POST", f"/api/cases/{scene.case}/drafts", {"incident": scene.hospital}
        ).get_json()
        with scene.reading() as uow:
            draft = find_draft(uow, actor(R2), started["draft"])
        said = scene.interview(scene.said("saw"), testimony=TESTIMONY * 900)
        said["sealed_identity"] = scene.seal_identity(draft, IDENTITY)
        answer = client.call("POST", f"/api/drafts/{started['draft']}/deposit", said)
        assert answer.status_code == 200
        assert Visitor(app, V1).post(f"/cases/{scene.case}/editions/cut").status_code == 303
        assert Visitor(app, V2).get(f"/cases/{scene.case}/testimony").status_code == 200
        researcher.post("/sign-out", {"travel": "yes"})
    said_aloud = list(capfd.readouterr())
    return recorder, disk, [*said_aloud, caplog.text]


def test_no_byte_of_an_identity_reaches_the_server(evidence: tuple[Recorder, Disk, list[str]]) -> None:
    recorder, _, _ = evidence
    received = bytes(recorder.received)
    assert (
        TESTIMONY.encode() in received
    )  # the recorder hears: what is typed into the form does reach the server
    for canary in IDENTITY.values():
        assert not [form for form in disguises(canary) if form in received]
        assert canary.encode() not in bytes(recorder.sent)


@pytest.mark.sqlite
def test_no_file_ever_holds_an_identity_or_a_testimony_in_the_clear(
    evidence: tuple[Recorder, Disk, list[str]],
) -> None:
    _, disk, _ = evidence
    assert disk.found == set()
    assert {"testimony.db", "identities.db", "shreds.db"} <= disk.files
    assert any(name.endswith("-journal") for name in disk.files)  # journals were seen while they were there
    assert not [path for path in disk.folder.iterdir() if path.name.endswith(("-journal", "-wal", "-shm"))]


def test_nobody_who_listens_hears_a_canary(evidence: tuple[Recorder, Disk, list[str]]) -> None:
    _, _, said = evidence
    for canary in (*IDENTITY.values(), TESTIMONY, REASON, R1.passphrase, V2.passphrase, "umberwood"):
        assert not [text for text in said if canary in text]


def test_the_disk_is_really_read(scene: Scene) -> None:
    """The same search finds a canary where somebody did write it down."""
    disk = Disk(scene.folder, "Quillfeather", "Thornabout")
    (scene.folder / "note").write_bytes(b"x" + "Quillfeather".encode("utf-16-be").hex().encode())
    disk.look()
    assert disk.found == {"Quillfeather"}
