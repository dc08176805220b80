"""What the accused says, in a browser without scripts and as data: written down, read, and refused in plain words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.answers import answer, approach, ask, heard, point, record, undisputed
from tests.cast import R1, V1, V2
from tests.stage import Scene, lately, later
from tests.visitor import Api, Visitor, sentences


def path(scene: Scene, *more: str) -> str:
    return "/".join((f"/cases/{scene.case}/responses", *more))


def typed(scene: Scene, **changes: Any) -> dict[str, Any]:
    """The form of a denial, as a browser sends it: five points, most of them blank."""
    blank = {f"point-{row}-{name}": "" for row in range(2, 6) for name in ("kind", "claim", "number")}
    said = {"said": "2015-12-23", "who": "The ministry", "where": "A briefing", "source": ""}
    told = {
        "point-1-lang": ["en", "ru"],
        "point-1-words": ["There was no\r\nair strike.", "Удара не было."],
        "point-1-kind": "denies",
        "point-1-claim": ["strike.took_place", "aircraft.number", "aircraft.altitude=high"],
        "point-1-number": ["", "2-3", ""],
        "point-1-incident": [scene.hospital] * 3,
    }
    shown = {"image-1-shown_as": "The hospital", "image-1-finding": "is_not", "image-1-item": "A" * 22}
    return {**blank, **said, **told, **shown, "act": "sign", **changes}


def test_a_response_is_written_down_without_a_script(scene: Scene) -> None:
    visitor = Visitor(scene.app(), V1)
    assert visitor.get(path(scene, "new")).status_code == 200
    assert visitor.post(path(scene, "new"), typed(scene)).status_code == 303
    (response,) = heard(scene).standing.responses.values()
    (told,) = response.points
    assert told.words == {"en": "There was no air strike.", "ru": "Удара не было."}
    assert [claim.to_json()["value"] for claim in told.about] == ["yes", {"min": 2, "max": 3}, "high"]
    page = visitor.get(path(scene)).text
    assert "23 December 2015" in page
    assert "Denies it" in page
    assert "It is not what it was shown as" in page
    assert f"/evidence/{'A' * 22}" in page


def test_what_contradicts_is_said_beside_both(scene: Scene) -> None:
    record(scene, answer(scene))
    record(scene, undisputed(scene, said="2015-10"))
    page = " ".join(re.sub(r"<[^>]*>", "", Visitor(scene.app(), V2).get(path(scene)).text).split())
    sentence = (
        "Strike: it took place (Field hospital, Sermin) · October 2015: not disputed "
        "· 23 December 2015: denied."
    )
    assert page.count(sentence) == 2
    assert page.index("23 December 2015 · The ministry") < page.index("October 2015 · The ministry")


def test_in_one_response_it_is_called_the_same_response(scene: Scene) -> None:
    both = point(scene, "denies", "No."), point(scene, "acknowledges", "Yes.")
    record(scene, answer(scene, *both))
    page = Visitor(scene.app(), V1).get(path(scene)).text
    assert "in the same response: acknowledged" in page


def test_of_many_contradictions_a_few_are_told_beside_a_point_and_the_others_counted(scene: Scene) -> None:
    granted = [point(scene, "acknowledges", f"So it was, {place}.") for place in range(7)]
    record(scene, answer(scene, point(scene, "denies", "No."), *granted))
    page = Visitor(scene.app(), V1).get(path(scene)).text
    assert page.count("They contradict themselves.") == 8
    assert page.count("And 2 more.") == 1


def test_what_is_written_down_anew_starts_from_what_stood_and_keeps_it_beneath(scene: Scene) -> None:
    told = point(scene, "denies", "No.", "strike.took_place")
    told["about"] += [{**told["about"][0], "subject": "aircraft.number", "value": {"min": 2, "max": 3}}]
    name = record(scene, answer(scene, told))
    visitor = Visitor(scene.app(), V1)
    form = visitor.get(path(scene, f"new?replaces={name}")).text
    assert 'value="strike.took_place" selected' in form
    assert 'value="2-3"' in form
    assert visitor.post(path(scene, f"new?replaces={name}"), typed(scene)).status_code == 303
    page = visitor.get(path(scene)).text
    assert page.index("There was no air strike.") < page.index("is replaced") < page.index(">No.<")
    assert visitor.post(path(scene, f"new?replaces={name}"), typed(scene)).status_code == 409
    assert visitor.get(path(scene, f"new?replaces={name}")).status_code == 404


@pytest.mark.parametrize(
    ("act", "there"),
    [("point", "point-6-kind"), ("claim 1", "point-1-claim-4"), ("image", "image-2-finding")],
)
def test_one_more_row_comes_from_the_server_and_loses_nothing(scene: Scene, act: str, there: str) -> None:
    page = Visitor(scene.app(), V1).post(path(scene, "new"), typed(scene, act=act)).text
    assert f'id="{there}"' in page
    assert "Удара не было." in page
    assert 'value="strike.took_place" selected' in page
    assert not heard(scene).entries


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"who": ""}, "who", "one printable line"),
        ({"said": "yesterday"}, "said", "a month such as 2015-10"),
        ({"said": later(2).isoformat()}, "said", "a day that has been"),
        ({"point-1-kind": ""}, "point-1-kind", "Choose what they do with it"),
        ({"point-1-lang": ["en", ""]}, "point-1-words-1", "in English, and once in every other language"),
        ({"point-1-lang": ["en", "en"]}, "point-1-words-1", "in English, and once in every other language"),
        ({"point-1-number": ["", "two", ""]}, "point-1-claim-1", "give a whole number"),
        ({"point-1-words": "", "point-1-claim": "", "point-1-number": ""}, "point-1-words-1", "in English"),
        ({"point-3-kind": "denies"}, "point-3-words-1", "in English"),
        ({"image-1-finding": ""}, "image-1-finding", "what it was shown as"),
        ({"image-1-item": "the video"}, "image-1-item", "the id of an item"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    scene: Scene, changes: dict[str, Any], field: str, sentence: str
) -> None:
    answer = Visitor(scene.app(), V1).post(path(scene, "new"), typed(scene, **changes))
    assert answer.status_code == 422
    assert re.search(rf'<a href="#{field}">[^<]*{sentence}', answer.text)
    assert f'id="{field}"' in answer.text
    assert "A briefing" in answer.text
    assert not heard(scene).entries


def test_asked_and_answered_without_a_script(scene: Scene) -> None:
    visitor = Visitor(scene.app(), V1)
    asked = {"act": "approach", **approach(scene)}
    assert visitor.post(path(scene), asked).status_code == 303
    assert "Nothing has come back." in visitor.get(path(scene)).text
    (name,) = heard(scene).standing.approaches
    came = {
        "act": "return",
        "approach": name,
        "day": "2015-11-20",
        "kind": "refused",
        "summary": "No answer.",
    }
    early = visitor.post(path(scene), {**came, "day": "2015-11-01"})
    assert early.status_code == 409
    assert f'href="#return-{name}-day"' in early.text
    assert visitor.post(path(scene), came).status_code == 303
    assert "20 November 2015</time>: A refusal to answer." in visitor.get(path(scene)).text


def test_a_letter_about_no_incident_comes_back_with_what_was_typed(scene: Scene) -> None:
    asked = {"act": "approach", **approach(scene), "incidents": []}
    answer = Visitor(scene.app(), V1).post(path(scene), asked)
    assert answer.status_code == 422
    assert 'href="#approach-incidents"' in answer.text
    assert "Which aircraft flew that day?" in answer.text


def test_an_answer_that_was_written_down_anew_is_still_found(scene: Scene) -> None:
    asked, name = ask(scene), record(scene, answer(scene))
    came = {"approach": asked, "day": "2015-12-23", "kind": "substantive", "summary": "A briefing"}
    api = Api(scene.app(), V1)
    raw = {"act": "return", **came, "response": name}
    assert api.call("POST", f"/api{path(scene)}", raw).status_code == 200
    now = record(scene, answer(scene, replaces=name))
    assert f'href="#said-{now}-1"' in Visitor(scene.app(), V2).get(path(scene)).text


def test_the_same_as_data(scene: Scene) -> None:
    api, address = Api(scene.app(), V1), f"/api{path(scene)}"
    name = (api.call("POST", address, {"act": "response", **answer(scene)}).json or {})["name"]
    found = Api(scene.app(), V2).call("GET", address).json or {}
    day = found["entries"][0]["day"]
    assert day in lately()
    facts = {"name": name, "day": day, "author": "V1", "act": "response"}
    assert found == {"entries": [{**facts, "content": answer(scene)}], "conflicts": []}
    wrong = api.call("POST", address, {"act": "praise"})
    assert (wrong.status_code, sentences(wrong)) == (
        422,
        ["An entry is a response, an approach or a return."],
    )


def test_who_does_not_read_editions_learns_nothing(scene: Scene) -> None:
    record(scene, answer(scene))
    assert Visitor(scene.app(), R1).get(path(scene)).status_code == 403
    assert "What the accused says" not in Visitor(scene.app(), R1).get(f"/cases/{scene.case}").text
    assert "What the accused says" in Visitor(scene.app(), V1).get(f"/cases/{scene.case}").text


def test_the_claims_are_read_in_the_chosen_language(scene: Scene) -> None:
    record(scene, answer(scene))
    page = Visitor(scene.app(), V1).get(path(scene, "?labels=ar").replace("/?", "?")).text
    assert '<bdi lang="ar">' in page
    assert "Strike: it took place" not in page
