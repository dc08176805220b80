"""A database, or the key file of the shreds, is away for a while: what is answered then, and that it comes back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from werkzeug.test import TestResponse

from tests.cast import R1, V1, V2, Person
from tests.readers import told
from tests.stage import Scene
from tests.visitor import Api, Visitor, sentences

AWAY = ("testimony.db", "identities.db", "shreds.db", "shreds.key")
Ask = Callable[[], TestResponse]


def sentences_while_away(scene: Scene) -> int:
    """Whatever is asked for is refused in one sentence, or given; afterwards everything is given as before, to whoever
    was signed in, without a restart: whether the same file comes back or a copy. How many answers."""
    asked = _everything(scene)
    before, said = [ask().status_code for ask in asked], 0
    assert set(before) <= {200, 303}
    for name in AWAY:
        for again in (_moved, _copied):
            with again(scene, name):
                for answer in [ask() for ask in asked]:
                    said += 1
                    assert answer.status_code < 500
                    assert answer.status_code < 400 or len(sentences(answer)) == 1, sentences(answer)
            _settle(asked)
            assert [ask().status_code for ask in asked] == before, name
    read, unsound = told(scene)
    assert (unsound, len(read)) == (0, scene.taken()["testimony"])
    return said


def _settle(asked: list[Ask]) -> None:
    """What met a file that was no longer there is asked once more."""
    for ask in asked:
        ask()


@contextmanager
def _moved(scene: Scene, name: str) -> Iterator[None]:
    """The file is nowhere, and comes back."""
    there, away = scene.folder / name, scene.folder / f"{name}.away"
    there.rename(away)
    yield
    away.rename(there)


@contextmanager
def _copied(scene: Scene, name: str) -> Iterator[None]:
    """The file is nowhere, and an equal one comes in its place."""
    there, away = scene.folder / name, scene.folder / f"{name}.away"
    there.rename(away)
    yield
    shutil.copy2(away, there)
    away.unlink()


def _everything(scene: Scene) -> list[Ask]:
    """What a researcher, a reviewer and a reader look at and do, in a browser and by a client."""
    app = scene.app()
    client = Api(app, R1)

    def page(person: Person, path: str) -> Ask:
        visitor = Visitor(app, person)
        return lambda: visitor.get(path)

    def deposit() -> TestResponse:
        started = client.call("POST", f"/api/cases/{scene.case}/drafts", {"incident": scene.hospital})
        if started.status_code != 200:
            return started
        path = f"/api/drafts/{started.get_json()['draft']}/deposit"
        return client.call("POST", path, scene.interview(scene.said("heard")))

    shown = [page(person, path) for person in (R1, V1, V2) for path in ("/", f"/cases/{scene.case}")]
    read = page(V2, f"/cases/{scene.case}/testimony")
    stranger = Api(app)
    return [*shown, deposit, read, lambda: stranger.sign_in(R1)]
