"""However somebody loses their keys or leaves, it is at once: in pages, for clients, and in what is under way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import C1, R1, V1, V2, Person, following
from tests.dossier import with_file
from tests.sending import film
from tests.stage import DAYS, Scene
from tests.teams import revoke
from tests.visitor import Api, Visitor
from tests.web.test_cutting import ask, held, rest
from tests.web.test_evidence_data import original, path
from tests.web.test_uploads import FILM, begun, put
from vault.errors import SignInNeeded
from vault.sealing.pieces import PIECE
from web import cutting, evidence_files

End = Callable[[Scene, Visitor, Person], object]


def _in_the_case(scene: Scene, _: Visitor, person: Person) -> None:
    revoke(scene, V2, person.code)


def _everywhere(scene: Scene, _: Visitor, person: Person) -> None:
    revoke(scene, V2, person.code, everywhere=True)


def _by_the_roster(scene: Scene, _: Visitor, person: Person) -> None:
    kept = [entry for entry in scene.roster().document["members"] if entry["code"] != person.code]
    scene.carry(C1, {**following(scene.roster(), **DAYS), "members": kept})


def _without_a_trace(_: Scene, elsewhere: Visitor, __: Person) -> None:
    assert elsewhere.post("/sign-out", {"travel": "yes"}).status_code == 303


ways = pytest.mark.parametrize("end", [_in_the_case, _everywhere, _by_the_roster, _without_a_trace])


@ways
def test_pages_clients_drafts_and_uploads_of_every_session_end(scene: Scene, end: End) -> None:
    app = scene.app()
    visitor, elsewhere, client = Visitor(app, R1), Visitor(app, R1), Api(app, R1)
    address, form = visitor.start(scene.case, scene.hospital)
    name = begun(scene, client)["upload"]
    assert put(client, name, 0, FILM[:PIECE]).status_code == 200
    end(scene, elsewhere, R1)
    before = scene.contents()
    assert [visitor.get(page).status_code for page in ("/", f"/cases/{scene.case}", address)] == [303] * 3
    assert client.call("GET", "/api/cases").status_code == 401
    assert put(client, name, 1, FILM[PIECE : 2 * PIECE]).status_code == 401
    late = {**form, "testimony": "Said too late.", "act": "save"}
    assert visitor.post(address, late).status_code in (401, 403)
    assert scene.contents() == before


@ways
def test_a_download_under_way_breaks_off(scene: Scene, end: End, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_files, "LOOK_EVERY", 1)
    app = scene.app()
    item = with_file(scene, film(4 * PIECE))
    reader, elsewhere = Api(app, V1), Visitor(app, V1)
    arriving = reader.call(
        "GET", path(scene, item, "files", original(scene, item)), buffered=False
    ).iter_encoded()
    assert [len(next(arriving)) for _ in range(2)] == [PIECE, PIECE]
    end(scene, elsewhere, V1)
    with pytest.raises(SignInNeeded):
        list(arriving)


@ways
def test_a_cut_under_way_cuts_nothing(scene: Scene, end: End, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "AT_ONCE", -1)
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    app = scene.app()
    reviewer, elsewhere = Visitor(app, V1), Visitor(app, V1)
    with held():
        address = ask(reviewer, scene)
        end(scene, elsewhere, V1)
    rest()
    assert reviewer.get(address).status_code == 303
    assert scene.contents()["editions"].total() == 0
