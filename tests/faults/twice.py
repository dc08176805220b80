"""Whatever is handed in twice: it is there once, and the second answer is the first one's, or a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask

from tests.asking import sealed_identity
from tests.cast import C1, R1, V2, Person
from tests.dossier import handed_in
from tests.faults.works import CONTENT
from tests.readers import coding
from tests.sending import send
from tests.stage import Scene
from tests.visitor import Api, sentences
from vault.sealing.digests import Json

Given = tuple[str, Person, str, Json]  # what it is, who hands it in, where, and the package
_WRITTEN = ("audit", "segments")  # by whoever looks, too


def there_once(scene: Scene) -> int:
    """Of each kind of package. How many were handed in twice."""
    app, kinds = scene.app(), 0
    for package in _packages(scene, app):
        path, body = package[2:]
        client = _client(app, package[1], scene)
        first = client.call("POST", path, body)
        assert first.status_code in (200, 204), (package[0], sentences(first))
        kept = _kept(scene)
        again = client.call("POST", path, body)
        assert _kept(scene) == kept, package[0]
        assert again.get_data() == first.get_data() or again.status_code in (404, 409, 422), package[0]
        assert again.status_code < 400 or len(sentences(again)) == 1
        kinds += 1
    return kinds


def _packages(scene: Scene, app: Flask) -> Iterator[Given]:
    started = (
        Api(app, R1).call("POST", f"/api/cases/{scene.case}/drafts", {"incident": scene.hospital}).get_json()
    )
    attempt = {"case": scene.case, "incident": scene.hospital, "token": started["token"]}
    raw = {
        **scene.interview(scene.said("heard")),
        "attempt": {**attempt, "new_pseudonym": started["pseudonym"]},
    }
    yield "an interview", R1, f"/api/drafts/{started['draft']}/deposit", raw
    told = scene.deposit(R1, scene.said("heard"))
    yield "a second coding", V2, f"/api/cases/{scene.case}/codings", coding(told.digest, scene.said("saw"))
    upload = send(scene, CONTENT)
    item = handed_in(scene, item=upload.facts.item, original=upload.id)
    yield "a file of evidence", R1, f"/api/cases/{scene.case}/evidence", item
    opening = sealed_identity(scene)
    terms = opening.signed_terms()
    yield "a request for an opening", V2, "/api/openings", terms
    opening.terms = terms
    yield "a custodian's decision", C1, "/api/decisions", opening.decision(C1)
    yield "a withdrawal", R1, "/api/withdraw", {"token": told.withdrawal_token, "scope": "interview"}


def _client(app: Flask, person: Person, scene: Scene) -> Api:
    return Api(app, person, scene.roster().vault)


def _kept(scene: Scene) -> dict[str, Any]:
    """How many rows there are of each kind that says something."""
    rows = {name: found.total() for name, found in scene.contents().items() if name not in _WRITTEN}
    return {**rows, **scene.taken()}
