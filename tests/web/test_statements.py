"""Statements in the browser and for clients: chosen from a table, tried, prepared, approved, pulled; public pages."""

from __future__ import annotations

import json
import re

import pytest

from tests.cast import C1, V1, V2
from tests.proofs import V3
from tests.readers import audited
from tests.speaking import ABOUT, agree, approved, listing, opened, prepare, publish, published
from tests.stage import After, Scene
from tests.visitor import Api, Visitor, sentences
from vault import verifier
from vault.rules.assessments import Pool
from vault.rules.circumstances import Band

LINES = [
    ["strike.took_place", "yes", "direct"],
    ["aircraft.present", "yes", "direct"],
    ["aircraft.number", 2, "saw"],
]
CELLS = [json.dumps(line, separators=(",", ":")) for line in LINES]
SAID = "Three witnesses"


@pytest.fixture
def scene(after: After) -> Scene:
    """The Sermin case up to its statement, in a vault with public pages."""
    found = opened(after)[0]
    found.become(public=True)
    return found


def form(scene: Scene) -> str:
    return f"/cases/{scene.case}/editions/1/{scene.hospital}/statement"


def test_a_statement_is_chosen_looked_at_prepared_approved_and_pulled(scene: Scene) -> None:
    app = scene.app()
    preparer, other = Visitor(app, V1), Visitor(app, V2)
    page = preparer.get(form(scene)).get_data(as_text=True)
    assert all(json.dumps(cell)[1:-1].replace("\\", "") in page.replace("&#34;", '"') for cell in CELLS)
    looked = preparer.post(form(scene), {"form": "exact", "cell": CELLS, "act": "look"})
    shown = looked.get_data(as_text=True)
    assert "Every gate is open" in shown
    assert SAID in shown
    about = {"about-en": ABOUT["en"], "about-ar": ABOUT["ar"]}
    made = preparer.post(form(scene), {"form": "exact", "cell": CELLS, "act": "prepare", **about})
    assert made.status_code == 303, sentences(made)
    path = made.headers["Location"]
    assert "You prepared it" in preparer.get(path).get_data(as_text=True)
    assert preparer.post(f"{path}/approval").status_code == 409
    assert "Approve and sign it" in other.get(path).get_data(as_text=True)
    assert other.post(f"{path}/approval").status_code == 303
    assert "waits for 1 more approval" in other.get(f"/cases/{scene.case}/statements").get_data(as_text=True)
    assert "Take this statement back?" in other.get(f"{path}/pull").get_data(as_text=True)
    assert other.post(f"{path}/pull").status_code == 303
    assert listing(scene) == ()


def test_a_shut_gate_says_its_cure_and_prepares_nothing(scene: Scene) -> None:
    agree(scene, Pool(scene.hospital, "aircraft.number", Band.UNDER_20))
    visitor = Visitor(scene.app(), V1)
    sent = {"form": "exact", "cell": CELLS, "about-en": "a strike"}
    page = visitor.post(form(scene), {**sent, "act": "look"}).get_data(as_text=True)
    assert "It cannot be said like this" in page
    assert "Too few people could have perceived this" in page
    refused = visitor.post(form(scene), {**sent, "act": "prepare"})
    assert (refused.status_code, listing(scene)) == (422, ())


@pytest.mark.parametrize(
    "cell", ["", "{", "[]", "[1,2,3]", '["no.such","yes","direct"]', '["strike.took_place","yes","x"]']
)
def test_what_was_not_offered_cannot_be_chosen(scene: Scene, cell: str) -> None:
    answer = Visitor(scene.app(), V1).post(form(scene), {"form": "exact", "cell": cell, "act": "look"})
    assert answer.status_code == 422


def test_clients_do_the_same(scene: Scene) -> None:
    app = scene.app()
    asked = {"incident": scene.hospital, "lines": LINES, "form": "exact"}
    path = f"/api/cases/{scene.case}/statements"
    tried = Api(app, V1).call("POST", path, asked).get_json()
    assert (tried["statement"], tried["shut"]) == (None, [])
    made = Api(app, V1).call("POST", path, {**asked, "prepare": True, "about": ABOUT}).get_json()["statement"]
    assert Api(app, V2).call("POST", f"{path}/{made}/approval").get_json() == {"lacking": 1}
    assert Api(app, V3).call("POST", f"{path}/{made}/approval").get_json() == {"lacking": 0}
    (one,) = Api(app, V2).call("GET", path).get_json()["statements"]
    assert (one["state"], one["approved"]) == ("approved", ["V2", "V3"])
    assert Api(app, V2).call("POST", f"{path}/{made}/pull").status_code == 204


def test_what_is_published_can_be_read_by_everybody_and_kept_for_a_while(scene: Scene) -> None:
    published(scene)
    digest, stranger = listing(scene)[0].statement.digest, Visitor(scene.app())
    for path in ("", digest, f"{digest}.json", f"{digest}.pdf", f"{digest}?language=ar", "verifier.py"):
        answer = stranger.get(f"/public/{path}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=300"), path
        assert "Set-Cookie" not in answer.headers
    page = stranger.get(f"/public/{digest}")
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert SAID in page.get_data(as_text=True)
    data = stranger.get(f"/public/{digest}.json").get_data()
    assert verifier.conclude(lambda: verifier.Given(data)).code == verifier.NOT_IN_LOG
    assert stranger.get("/public/checkpoint").status_code == 404


def test_public_pages_speak_the_language_of_their_address_or_else_the_visitors(scene: Scene) -> None:
    scene.become(public=True)
    stranger = Visitor(scene.app())
    for path, headers, code, runs in (
        ("", {}, "en", "ltr"),
        ("?language=ar", {}, "ar", "rtl"),
        ("", {"Accept-Language": "ru"}, "ru", "ltr"),
        ("?language=xx", {"Accept-Language": "ar"}, "ar", "rtl"),
    ):
        answer = stranger.get(f"/public/{path}", headers=headers)
        assert f'<html lang="{code}" dir="{runs}">' in answer.get_data(as_text=True)
        assert {"accept-language", "cookie"} <= {one.lower() for one in answer.vary}


def test_a_pulled_statement_says_only_that_it_is_withdrawn_for_review(scene: Scene) -> None:
    name = published(scene)
    digest, app = listing(scene)[0].statement.digest, scene.app()
    assert Visitor(app, V2).post(f"/cases/{scene.case}/statements/{name}/pull").status_code == 303
    stranger = Visitor(app)
    for path in (digest, f"{digest}.json", f"{digest}.pdf"):
        answer = stranger.get(f"/public/{path}")
        assert answer.status_code == 410
        assert b"withdrawn for review" in answer.get_data()
        assert not re.search(b"strike.took_place|Three|Sermin", answer.get_data())
        assert "public, max-age=300" in answer.headers["Cache-Control"]
        signed_in = Visitor(app, V2).get(f"/public/{path}")  # no session is looked at
        assert signed_in.get_data() == answer.get_data()
    assert not [one for one in audited(scene) if "refused" in one["act"]]
    index = stranger.get("/public/").get_data(as_text=True)
    assert "withdrawn for review" in index
    assert SAID not in index


@pytest.mark.parametrize("path", ["", "A" * 43, "verifier.py", "checkpoint"])
def test_nothing_is_public_unless_the_vault_is_set_to_be(scene: Scene, path: str) -> None:
    scene.become(public=False)
    assert Visitor(scene.app()).get(f"/public/{path}").status_code == 404


def test_what_only_waits_is_not_public(scene: Scene) -> None:
    approved(scene)
    assert "Nothing is published yet" in Visitor(scene.app()).get("/public/").get_data(as_text=True)
    publish(scene, C1)
    assert "Nothing is published yet" not in Visitor(scene.app()).get("/public/").get_data(as_text=True)
    assert prepare(scene)
