"""Evidence as data, and its files: every act by one call, any part of a file, and nothing that runs in a browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import R1, V1
from tests.dossier import EVENT, GRADED, OPINION, RELEASE, SUPPORTS, add, chain, handed_in, with_file
from tests.sending import JPEG, exchange, film, on_disk, opened, send
from tests.stage import Scene
from tests.test_pictures import photo
from tests.visitor import Api, Visitor, sentences
from vault.rules.custody import What
from vault.sealing.pieces import PIECE

FILM = film(2 * PIECE + 9)


@pytest.fixture
def api(scene: Scene) -> Api:
    """V1's client."""
    return Api(scene.app(), V1)


def path(scene: Scene, *more: str) -> str:
    return "/".join((f"/api/cases/{scene.case}/evidence", *more))


def test_an_item_is_handed_in_and_gone_on_with_by_calls_alone(scene: Scene, api: Api) -> None:
    upload = send(scene, FILM)
    raw = handed_in(scene, item=upload.facts.item, original=upload.id)
    researcher = Api(api.client.application, R1)
    for _ in range(2):
        assert researcher.call("POST", path(scene), raw).get_json() == {"item": raw["item"]}
    assert researcher.call("GET", path(scene, raw["item"])).status_code == 403
    for act, said in (
        ("event", EVENT),
        ("bearing", {"bears": [SUPPORTS]}),
        ("authenticity", GRADED),
        ("opinion", OPINION),
        ("release", RELEASE),
    ):
        answer = api.call("POST", path(scene, raw["item"]), {"act": act, **said}).get_json()
    recalled = api.call(
        "POST", path(scene, raw["item"]), {"act": "recall", "release": answer["name"], "reason": "Too early"}
    )
    found = api.call("GET", path(scene, raw["item"])).get_json()
    acts = ["arrival", "event", "bearing", "authenticity", "opinion", "release", "recall"]
    assert [entry["act"] for entry in found["entries"]] == acts
    assert found["entries"][-1]["name"] == recalled.get_json()["name"]
    assert found["files"]["original"]["size"] == len(FILM)
    assert (found["giver"], found["given_by_witness"], found["releases"]) == (None, False, [])
    assert "giver" not in found["entries"][0]["content"]


def test_nobody_decides_on_their_own_release(scene: Scene, api: Api) -> None:
    item = add(scene)
    motion = api.call("POST", path(scene, item), {"act": "release", **RELEASE}).get_json()["name"]
    said = {"act": "decision", "motion": motion, "upheld": True, "reason": "So it is"}
    refused = api.call("POST", path(scene, item), said)
    assert (refused.status_code, sentences(refused)) == (409, ["Somebody else decides on what you proposed."])


def test_a_working_copy_that_was_made_elsewhere_is_added(scene: Scene, api: Api) -> None:
    item = with_file(scene, FILM)
    facts = {"size": 0, "media": "video/mp4", "head": send(scene, b"").facts.head, "item": item}
    upload = api.call("POST", f"/api/cases/{scene.case}/uploads", facts).get_json()["upload"]
    said = {"act": "file", "role": "working", "upload": upload, "how": "Cut"}
    assert api.call("POST", path(scene, item), said).status_code == 200
    assert chain(scene, item).item.working is not None


def test_the_list_is_found_by_kind_and_claim(scene: Scene, api: Api) -> None:
    film, paper = add(scene), add(scene, kind="document", bears=[])
    found = api.call("GET", path(scene)).get_json()
    assert (found["found"], found["page"], found["pages"]) == (2, 1, 1)
    for asked, item in (("kind=document", paper), ("claim=strike.took_place", film)):
        rows = api.call("GET", f"{path(scene)}?{asked}").get_json()["items"]
        assert [row["item"] for row in rows] == [item]
    assert api.call("GET", f"{path(scene)}?kind=rumour").status_code == 422


@pytest.mark.parametrize(
    "raw", [{}, {"act": "praise"}, {"act": ["event"]}, {"act": "arrival"}, {"act": "event"}]
)
def test_what_is_no_act_is_refused(scene: Scene, api: Api, raw: dict[str, Any]) -> None:
    item = add(scene)
    assert api.call("POST", path(scene, item), raw).status_code == 422
    assert len(chain(scene, item).documents) == 1


# --- files --------------------------------------------------------------------------------------------------------


def original(scene: Scene, item: str) -> str:
    file = chain(scene, item).item.original
    assert file is not None
    return file.file


def test_any_part_of_a_file_is_served_and_opening_it_is_in_the_chain_once(scene: Scene) -> None:
    item = with_file(scene, FILM)
    page = f"/cases/{scene.case}/evidence/{item}/files/{original(scene, item)}"
    visitor = Visitor(scene.app(), V1)
    whole = visitor.get(page)
    assert (whole.status_code, whole.data, whole.headers["Accept-Ranges"]) == (200, FILM, "bytes")
    for asked, start, stop in (
        ("bytes=0-9", 0, 10),
        (f"bytes={PIECE - 1}-{PIECE}", PIECE - 1, PIECE + 1),
        (f"bytes={2 * PIECE}-", 2 * PIECE, len(FILM)),
        ("bytes=-3", len(FILM) - 3, len(FILM)),
    ):
        part = visitor.get(page, headers={"Range": asked})
        assert (part.status_code, part.data) == (206, FILM[start:stop])
        assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(FILM)}"
    assert visitor.get(page, headers={"Range": "bytes=0-1,3-4"}).data == FILM
    assert visitor.get(page, headers={"Range": f"bytes={len(FILM)}-"}).status_code == 416
    events = chain(scene, item).item.events
    assert [event.what for event in events] == [What.COLLECTED, What.ACCESSED]


@pytest.mark.parametrize(
    ("media", "shown", "kind"),
    [
        ("video/mp4", "inline", "video/mp4"),
        ("image/jpeg", "inline", "image/jpeg"),
        ("image/svg+xml", "attachment", "application/octet-stream"),
        ("text/html", "attachment", "application/octet-stream"),
        ("application/pdf", "attachment", "application/octet-stream"),
    ],
)
def test_a_file_runs_nothing_whatever_it_says_it_is(scene: Scene, media: str, shown: str, kind: str) -> None:
    item = with_file(scene, b"<script>alert(1)</script>", media=media)
    page = f"/cases/{scene.case}/evidence/{item}/files/{original(scene, item)}"
    visitor = Visitor(scene.app(), V1)
    answer = visitor.get(page)
    assert answer.headers["Content-Disposition"].startswith(f"{shown}; filename=")
    assert answer.mimetype == kind
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "hospital" not in str(answer.headers)
    taken = visitor.post(page)
    assert taken.headers["Content-Disposition"].startswith("attachment; filename=")
    assert taken.mimetype == "application/octet-stream"


def test_nothing_is_served_to_who_does_not_hold_the_key(scene: Scene) -> None:
    item = with_file(scene, FILM)
    for address in (path(scene, item, "files", original(scene, item)), path(scene, item)):
        assert Api(scene.app(), R1).call("GET", address).status_code == 403


def test_an_exchanged_piece_is_named_and_not_served(scene: Scene, api: Api) -> None:
    item = with_file(scene, FILM)
    name = original(scene, item)
    verified = api.call("POST", path(scene, item, "files", name, "verify"))
    assert verified.get_json() == {"held": True, "note": ""}
    exchange(on_disk(scene, opened(scene, name)), (0, 1))
    assert api.call("GET", path(scene, item, "files", name)).status_code == 409
    found = api.call("POST", path(scene, item, "files", name, "verify")).get_json()
    assert found["held"] is False
    assert "Piece 1" in found["note"]


def test_a_picture_is_served_without_what_its_maker_wrote_into_it(scene: Scene, api: Api) -> None:
    picture = photo()
    item = with_file(scene, picture, media=JPEG, kind="photo")
    files = api.call("GET", path(scene, item)).get_json()["files"]
    working, taken = (
        api.call("GET", path(scene, item, "files", files[role]["file"])).data
        for role in ("working", "original")
    )
    assert taken == picture
    assert b"GPS" not in working
    assert b"Exif" not in working
