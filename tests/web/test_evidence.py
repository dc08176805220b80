"""The pages of evidence, in a browser without scripts: handed in, weighed, released; what is refused loses nothing."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.cast import R1, V1, V2
from tests.dossier import EVENT, OPINION, RELEASE, add, chain, go_on, waiting, with_file
from tests.sending import JPEG, exchange, film, on_disk, opened
from tests.stage import DAY, After, Scene, later
from tests.test_pictures import photo
from tests.test_releases import opened as both
from tests.visitor import Visitor, sentences
from vault.rules.custody import What
from vault.rules.items import Act
from vault.rules.register import Said
from vault.sealing.pieces import PIECE
from vault.sealing.words import new_pseudonym
from web import evidence as pages

FILM = film(PIECE + 9)
HOSTILE = '"><script>alert(1)</script>'


def path(scene: Scene, *more: str) -> str:
    return "/".join((f"/cases/{scene.case}/evidence", *more))


def typed(scene: Scene, **changes: Any) -> dict[str, Any]:
    """The form of an item, as a browser sends it: two rows of claims and one event."""
    said = {
        "item": "",
        "new": "B" * 21 + "A",
        "upload": "",
        "kind": "video",
        "title": "The hospital after the strike",
        "incident": scene.hospital,
        "how": "sent",
        "giver": "",
        "from": "A channel",
        "held": "",
        "claim": ["strike.took_place", "aircraft.number"],
        "number": ["", "2-3"],
        "bears": ["supports", "contradicts"],
        "why": ["The crater.", ""],
        "what": "collected",
        "day": "2015-10-21",
        "by": "R1",
        "to": "",
        "note": "",
        "act": "add",
    }
    return {**said, **changes}


def file(content: bytes = FILM, name: str = "holiday.mp4", media: str = "video/mp4") -> dict[str, Any]:
    return {"upload-file": (io.BytesIO(content), name, media)}


def test_a_film_is_handed_in_without_a_script_and_not_seen_again(scene: Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    assert "You hand evidence in; it is sealed" in visitor.get(path(scene)).text
    assert visitor.get(path(scene, f"new?incident={scene.hospital}")).status_code == 200
    answer = visitor.post(path(scene, "new"), {**typed(scene), **file()})
    assert "You cannot open it again." in answer.text
    assert f"{len(FILM):,} bytes" in answer.text
    (item,) = re.findall(r'translate="no">([\w-]{22})<', answer.text)
    found = chain(scene, item).item
    assert found.original is not None
    assert (found.original.size, found.original.media) == (len(FILM), "video/mp4")
    assert [one.about[0] for one in found.bears] == ["strike.took_place", "aircraft.number"]
    assert [event.by for event in found.events] == ["R1"]
    assert visitor.get(path(scene, item)).status_code == 403
    assert "holiday" not in str(chain(scene, item).documents)


def test_a_thing_that_is_sent_twice_is_there_once(scene: Scene) -> None:
    visitor = Visitor(scene.app(), V1)
    for _ in range(2):
        assert "It is sealed" in visitor.post(path(scene, "new"), typed(scene, kind="remnant")).text
    assert "1 item<" in visitor.get(path(scene)).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"kind": ""}, "kind"),
        ({"incident": "elsewhere"}, "incident"),
        ({"how": ""}, "how"),
        ({"giver": "not-a-pseudonym", "from": ""}, "giver"),
        ({"giver": new_pseudonym()}, "from"),
        ({"giver": new_pseudonym(), "from": "", "how": "found"}, "how"),
        ({"claim": ["aircraft.number", ""], "number": ["two", ""]}, "claim-1"),
        ({"claim": ["strike.took_place"] * 2, "number": ["", ""]}, "bears"),
        ({"day": later(1).isoformat()}, "events"),
        ({"what": "", "by": "Somebody", "note": "x"}, "events"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    scene: Scene, changes: dict[str, Any], field: str
) -> None:
    visitor = Visitor(scene.app(), R1)
    answer = visitor.post(path(scene, "new"), {**typed(scene, held="ZEPHYRINE", **changes), **file()})
    assert answer.status_code == 422, sentences(answer)
    assert f'href="#{field}"' in answer.text or field == "claim-1"
    assert f'id="{field}"' in answer.text
    assert "ZEPHYRINE" in answer.text
    assert waiting(scene) == 1  # the file need not be sent again
    assert re.search(r'name="upload" value="[\w-]{22}"', answer.text)


@pytest.mark.parametrize("act", ["claim", "what"])
def test_one_more_row_comes_from_the_server_and_hands_nothing_in(scene: Scene, act: str) -> None:
    answer = Visitor(scene.app(), R1).post(path(scene, "new"), typed(scene, act=act))
    assert answer.status_code == 200
    assert {"claim": 'id="claim-3"', "what": 'id="event-2-what"'}[act] in answer.text
    assert 'value="2-3"' in answer.text


def test_a_list_that_is_older_than_its_vocabulary_is_still_shown(scene: Scene) -> None:
    known = scene.app().extensions["vault"].vocabularies["air-strike"]
    lost = Said("crowd.size=9", "crowd.size", 9, "supports")
    with scene.app().test_request_context("/"):
        assert pages._claim([known], lost) == "crowd.size=9"


# --- the list and the item ----------------------------------------------------------------------------------------


def test_the_list_shows_what_is_looked_for_and_an_empty_one_teaches(scene: Scene) -> None:
    visitor = Visitor(scene.app(), V1)
    assert "Nothing has been handed in yet." in visitor.get(path(scene)).text
    item = with_file(scene, photo(), media=JPEG, kind="photo")
    add(scene, title="A letter", kind="document", bears=[])
    go_on(scene, item, Act.OPINION, OPINION)
    go_on(scene, item, Act.OPINION, {**OPINION, "answer": "unlikely"})
    page = visitor.get(path(scene)).text
    assert "experts disagree" in page
    assert "Nobody has said yet what it bears on" in page
    (preview,) = re.findall(r'src="([^"]+/preview)"', page)
    assert visitor.get(preview).mimetype == "image/webp"
    assert "A letter" not in visitor.get(path(scene) + "?kind=photo&incident=&claim=").text
    assert "No item is like that." in visitor.get(path(scene) + "?kind=audio").text
    assert Visitor(scene.app(), V2).get(path(scene)).text.count("You hand evidence in") == 1


def test_a_picture_is_shown_only_once_somebody_asked_and_then_stays_open(scene: Scene) -> None:
    item = with_file(scene, photo(), media=JPEG, kind="photo")
    visitor = Visitor(scene.app(), V1)
    page = visitor.get(path(scene, item)).text
    assert "Opening a file is written into the custody chain" in page
    assert not re.search(r'<img src="[^"]+/files/[\w-]{22}"', page)
    (shown,) = re.findall(
        r'<img src="([^"]+/files/[\w-]{22})"', visitor.get(path(scene, item) + "?open=yes").text
    )
    assert What.ACCESSED not in [event.what for event in chain(scene, item).item.events]
    assert visitor.get(shown).mimetype == JPEG
    assert shown in visitor.get(path(scene, item)).text
    assert "media-src 'self'" in visitor.get(path(scene, item)).headers["Content-Security-Policy"]
    assert "media-src" not in visitor.get(path(scene)).headers["Content-Security-Policy"]


def test_a_file_is_verified_and_taken_out_after_a_warning(scene: Scene) -> None:
    item = with_file(scene, FILM)
    original = chain(scene, item).item.original
    assert original is not None
    visitor = Visitor(scene.app(), V1)
    assert visitor.post(path(scene, item), {"act": "verify", "file": original.file}).status_code == 303
    assert "It is what arrived" in visitor.get(path(scene, item)).text
    warned = visitor.get(path(scene, item, "files", original.file, "take")).text
    assert "It is in the custody chain" in warned
    assert visitor.post(path(scene, item, "files", original.file)).data == FILM
    exchange(on_disk(scene, opened(scene, original.file)), (0, 1))
    assert visitor.post(path(scene, item), {"act": "verify", "file": original.file}).status_code == 303
    page = visitor.get(path(scene, item)).text
    assert "It is not what arrived" in page
    assert "Piece 1" in page


def test_an_item_is_weighed_without_a_script(scene: Scene) -> None:
    item = add(scene)
    visitor = Visitor(scene.app(), V1)
    event = {"what": "shared", "day": DAY.isoformat(), "by": "V1", "to": "An expert", "note": "", "file": ""}
    rows = {
        "claim": ["strike.took_place", ""],
        "number": ["", ""],
        "bears": ["contradicts"] * 2,
        "why": ["", ""],
    }
    graded = {"grade": "cannot_say", "checks": ["origin", "time"], "reasons": "No original."}
    opinion = {**OPINION, "claim": "aircraft.number", "number": "2", "about": ""}
    release = {"of": "", "lang": ["en", "ar", ""], "words": ["It shows it.", "يظهر.", ""]}
    for act, said in (
        ("event", event),
        ("bearing", rows),
        ("authenticity", graded),
        ("opinion", opinion),
        ("release", release),
    ):
        answer = visitor.post(path(scene, item), {"act": act, **said})
        assert answer.status_code == 303, sentences(answer)
    found = chain(scene, item).item
    (motion,) = found.released
    assert found.released[motion].release.text == {"en": "It shows it.", "ar": "يظهر."}
    page = visitor.get(path(scene, item)).text
    for words in (
        "An expert",
        "Contradicts",
        "Cannot say",
        "What made this crater?",
        "Waits for another reviewer",
    ):
        assert words in page
    own = visitor.post(
        path(scene, item), {"act": "decision", "motion": motion, "upheld": "yes", "reason": "x"}
    )
    assert (own.status_code, sentences(own)) == (409, ["Somebody else decides on what you proposed."])
    assert (
        visitor.post(path(scene, item), {"act": "recall", "release": motion, "reason": "x"}).status_code
        == 303
    )
    assert "Recalled: it is said no more" in visitor.get(path(scene, item)).text


@pytest.fixture
def two(after: After) -> Scene:
    """Two reviewers weigh the evidence of the case."""
    scene, scene_facts = after(both)
    scene._facts = scene_facts
    return scene


def test_a_release_waits_for_another_reviewer_who_is_told(two: Scene) -> None:
    item = add(two)
    first, second = Visitor(two.app(), V1), Visitor(two.app(), V2)
    proposed = {"act": "release", "of": "", "lang": "en", "words": "It shows it."}
    assert first.post(path(two, item), proposed).status_code == 303
    assert "A release of evidence to decide on" in second.get("/").text
    assert "to decide on" not in first.get("/").text
    assert "May this be said of it in public?" not in first.get(path(two, item)).text
    (motion,) = chain(two, item).item.released
    said = {"act": "decision", "motion": motion, "upheld": "yes", "reason": ""}
    again = second.post(path(two, item), said)
    assert again.status_code == 422
    assert re.search(r'value="yes" required checked', again.text)
    assert second.post(path(two, item), {**said, "reason": "So it is"}).status_code == 303
    assert "It may be said." in first.get(path(two, item)).text
    assert "to decide on" not in second.get("/").text


def test_a_giver_is_named_to_readers_of_testimony_alone(scene: Scene) -> None:
    giver = new_pseudonym()
    item = add(scene, origin={"how": "given", "from": "", "held": ""}, giver=giver)
    page = Visitor(scene.app(), V1).get(path(scene, item)).text
    assert "Who, is sealed to readers of testimony" in page
    assert giver not in page


def test_a_working_copy_comes_with_the_form(scene: Scene) -> None:
    item = with_file(scene, FILM)
    visitor = Visitor(scene.app(), V1)
    said = {"act": "file", "upload": "", "item": item, "how": "Cut", **file(FILM[:50])}
    assert visitor.post(path(scene, item), said).status_code == 303
    working = chain(scene, item).item.working
    assert working is not None
    assert working.size == 50
    assert visitor.post(path(scene, item), {**said, **file(FILM[:60])}).status_code == 303
    assert "Former file" in visitor.get(path(scene, item)).text
    assert "Former file: take it out?" in visitor.get(path(scene, item, "files", working.file, "take")).text


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"act": "event", **EVENT, "file": "", "day": "yesterday"}, 422),
        ({"act": "event", **EVENT, "file": "", "what": "verified"}, 422),
        ({"act": "opinion", **OPINION, "about": "", "reasons": " "}, 422),
        ({"act": "authenticity", "grade": "", "reasons": "x"}, 422),
        ({"act": "release", "lang": "ar", "words": "x"}, 422),
        ({"act": "recall", "release": "none", "reason": "x"}, 409),
        ({"act": "verify", "file": "A" * 22}, 409),
        ({"act": "file", "how": "x"}, 422),
        ({"act": "arrival"}, 422),
        ({"act": HOSTILE}, 422),
        ({}, 422),
    ],
)
def test_what_cannot_be_said_comes_back_as_it_was_typed(
    scene: Scene, said: dict[str, Any], status: int
) -> None:
    item = add(scene)
    answer = Visitor(scene.app(), V1).post(path(scene, item), said)
    assert answer.status_code == status
    assert sentences(answer)
    for field in re.findall(r'<a href="#([\w-]+)">[^<]+</a></li>', answer.text):
        assert f'id="{field}"' in answer.text
    assert len(chain(scene, item).documents) == 1


def test_hostile_text_runs_nowhere(scene: Scene) -> None:
    item = add(scene, title=HOSTILE, origin={"how": "sent", "from": HOSTILE, "held": HOSTILE})
    for act, raw in (
        (Act.OPINION, {**OPINION, "question": HOSTILE, "expert": HOSTILE, "reasons": HOSTILE}),
        (Act.EVENT, {**EVENT, "by": HOSTILE, "to": HOSTILE, "note": HOSTILE}),
    ):
        go_on(scene, item, act, raw)
    visitor = Visitor(scene.app(), V1)
    visitor.post(path(scene, item), {"act": "release", **{**RELEASE, "lang": "en", "words": HOSTILE}})
    for page in (path(scene), path(scene, item)):
        assert "<script>alert" not in visitor.get(page).text
