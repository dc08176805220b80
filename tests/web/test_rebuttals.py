"""Rebuttal sheets in the browser and for clients: chosen, looked at, proposed, upheld, given out."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from tests.answered import Answered, answered, choice, listed, propose, upheld, write
from tests.cast import V1, V2
from tests.paper import Page, traces
from tests.proofs import V3
from tests.stage import After, Scene
from tests.test_rebuttals import recall
from tests.visitor import Api, Visitor, sentences
from vault import printing
from vault.sealing.digests import unb64
from vault.store.evidence import RebuttalRow

SAID = "Of those who perceived the strike directly, two perceived aircraft directly."


@pytest.fixture
def there(after: After) -> tuple[Scene, Answered]:
    scene, made = after(answered)
    scene._facts = made.facts
    return scene, made


def typed(made: Answered, **changes: Any) -> dict[str, Any]:
    """What a form sends for the usual choice."""
    sent: dict[str, Any] = {"point": ["2"], "about-en": "the strike in Sermin", "about-ar": ""}
    for one in choice(made)["points"]:
        values = [json.dumps(answer, separators=(",", ":"), sort_keys=True) for answer in one["answers"]]
        sent[f"answer-{one['point']}"] = values
    return {**sent, **changes}


def test_a_sheet_is_chosen_looked_at_proposed_upheld_and_taken(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    app = scene.app()
    first, second = Visitor(app, V1), Visitor(app, V2)
    form, index = f"/cases/{scene.case}/responses/{made.response}/rebuttal", f"/cases/{scene.case}/rebuttals"
    assert form in first.get(f"/cases/{scene.case}/responses").get_data(as_text=True)
    offered = Page(first.get(form).get_data(as_text=True))
    sent = typed(made)
    assert {*sent["answer-0"], *sent["answer-1"], "2"} <= set(offered.attributes["value"])
    looked = first.post(form, {**sent, "act": "look"})
    assert SAID in looked.get_data(as_text=True)
    assert "Draft" in looked.get_data(as_text=True)
    assert looked.headers["Content-Security-Policy"].startswith(printing.POLICY_WITH_PICTURES)
    assert listed(scene) == ()
    assert first.post(form, {**sent, "act": "propose"}).status_code == 303
    assert "Waits for another reviewer" in first.get(index).get_data(as_text=True)
    name = listed(scene)[0].proposed.name
    assert "لم يرَ أحد الطائرات" in second.get(f"{index}/{name}?language=ar").get_data(as_text=True)
    assert second.post(f"{index}/{name}", {"upheld": "yes", "reason": "So it is"}).status_code == 303
    pdf = second.post(f"{index}/{name}/out", {"language": "ar", "format": "pdf"})
    assert (pdf.mimetype, traces(pdf.get_data())) == ("application/pdf", [])
    assert "attachment" in pdf.headers["Content-Disposition"]
    html = second.post(f"{index}/{name}/out", {"language": "en", "format": "html"}).get_data(as_text=True)
    assert SAID in html
    assert "Draft" not in html
    assert "rebuttal sheet" in first.get(f"/cases/{scene.case}/exports").get_data(as_text=True)


def test_what_cannot_be_taken_is_said_and_nothing_that_was_chosen_is_lost(
    there: tuple[Scene, Answered],
) -> None:
    scene, made = there
    visitor = Visitor(scene.app(), V1)
    form = f"/cases/{scene.case}/responses/{made.response}/rebuttal"
    wrong: list[dict[str, Any]] = [{"about-en": ""}, {"answer-0": ["{"]}]
    for changes in (*wrong, {"answer-0": [], "answer-1": [], "point": []}):
        answer = visitor.post(form, typed(made, act="propose", **changes))
        assert answer.status_code == 422, sentences(answer)
        assert " checked" in answer.get_data(as_text=True) or changes.get("point") == []
    recall(scene, made)
    answer = visitor.post(form, typed(made, act="propose"))
    assert answer.status_code == 409
    assert "does not stand any more" in answer.get_data(as_text=True)
    assert visitor.post(form, typed(made, act="look")).status_code == 409
    assert visitor.get(f"{form[: -len('/rebuttal')]}x/rebuttal").status_code == 403
    assert listed(scene) == ()


def test_a_sheet_whose_ground_is_gone_says_so_and_is_not_taken(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    name, visitor = upheld(scene, made), Visitor(scene.app(), V1)
    recall(scene, made)
    index = f"/cases/{scene.case}/rebuttals"
    assert "does not stand any more" in visitor.get(index).get_data(as_text=True)
    assert "It was given out before" not in visitor.get(index).get_data(as_text=True)
    refused = visitor.post(f"{index}/{name}/out", {"language": "en", "format": "pdf"})
    assert (refused.status_code, refused.mimetype) == (409, "text/html")
    assert visitor.post(f"{index}/{name}/out", {"language": "en", "format": "doc"}).status_code == 422
    assert visitor.post(f"{index}/{name}", {"upheld": "no", "reason": " "}).status_code == 422
    assert visitor.post(f"{index}/{name}", {"upheld": "no", "reason": "I changed my mind"}).status_code == 409


def test_clients_do_the_same(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    first, second = Api(scene.app(), V1), Api(scene.app(), V2)
    path = f"/api/cases/{scene.case}/rebuttals"
    offered = first.call("GET", f"/api/cases/{scene.case}/responses/{made.response}/answers").get_json()
    assert offered["points"][0][0]["source"] == {"statement": made.statement, "line": 1}
    name = first.call("POST", path, {"act": "rebuttal", **choice(made)}).get_json()["rebuttal"]
    decision = {"act": "decision", "rebuttal": name, "upheld": True, "reason": "So it is"}
    assert second.call("POST", path, decision).status_code == 204
    (one,) = Api(scene.app(), V3).call("GET", path).get_json()
    assert (one["decision"]["author"], one["refusal"]) == ("V2", "")
    taken = first.call("POST", f"{path}/{name}/out", {"language": "en", "format": "json"}).get_json()
    found = json.loads(base64.b64decode(taken["content"]))
    assert found["format"] == "witness-vault/v1/published-rebuttal"
    assert found["sheet"]["document"] == one["sheet"]


def test_the_case_says_what_waits_for_whom_and_which_log_does_not_hold(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    first, second, case = Visitor(scene.app(), V1), Visitor(scene.app(), V2), f"/cases/{scene.case}"
    propose(scene, choice(made))
    write(scene, made.response)
    for page in (case, "/"):
        link = r'href="([^"]+)">(?:<span[^>]*>\w+</span><span>)?A (\w+) to decide on'
        waits = re.findall(link, second.get(page).get_data(as_text=True))
        assert waits == [(f"{case}/findings", "finding"), (f"{case}/rebuttals", "rebuttal")]
        assert "to decide on" not in first.get(page).get_data(as_text=True)
    with scene.writing() as uow:
        row = uow.testimony.get(RebuttalRow, (unb64(scene.case), 1))
        assert row is not None
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    assert "Entry 1 of the rebuttals of this case" in first.get(case).get_data(as_text=True)


def test_who_decides_reads_every_language_and_is_asked_for_numbers_and_names(
    there: tuple[Scene, Answered],
) -> None:
    scene, made = there
    hidden = {"en": "what was said", "tlh": "three of them spoke"}
    propose(scene, choice(made, about=hidden))
    asked = Visitor(scene.app(), V2).get(f"/cases/{scene.case}/rebuttals").get_data(as_text=True)
    assert f'<b>A number, of what?</b> <bdi lang="tlh">{hidden["tlh"]}</bdi>' in asked
    assert "count no witnesses, name nobody" in asked


def test_hostile_words_are_text(there: tuple[Scene, Answered]) -> None:
    scene, made = there
    hostile = "<script>alert(1)</script>"
    name = propose(scene, choice(made, about={"en": hostile}))
    visitor = Visitor(scene.app(), V1)
    for path in ("", f"/{name}"):
        page = visitor.get(f"/cases/{scene.case}/rebuttals{path}").get_data(as_text=True)
        assert "&lt;script&gt;alert(1)" in page.lower()
        assert hostile not in page
