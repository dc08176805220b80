"""Proposing a case in the web: nothing typed is lost, and the server signs a new case's first brief, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import R1, V1, V2, Person, following, signed_by
from tests.sitting import D1, set_up
from tests.stage import DAYS, PLAN, TEAM, Scene, invitations
from tests.visitor import Visitor, hidden, sentences, words
from tests.web.test_hostile_text import HOSTILE
from vault.founding import found_case
from vault.sealing.digests import b64, document_digest, unb64
from vault.sealing.signatures import read_by
from vault.sealing.words import fingerprint

FORM = "/cases/new"
BRIEF = "/api/cases/new/brief"
PROPOSAL = "/api/cases/new/proposal"
GOOD: dict[str, Any] = {
    "code": "S2",
    "title": "Strikes on hospitals",
    "incident-1-title": "Field hospital",
    "incident-1-place": "Sermin",
    "incident-1-date": "2015-10-20",
    "incident-1-vocabulary": "air-strike",
    "team-R1": ["brief", "evidence"],
    "team-V1": ["corroboration", "editions", "evidence"],
    "team-V2": ["testimony"],
}
DOCUMENT = {
    *("format", "vault", "case", "version", "previous"),
    *("author", "roster", "nonce", "title", "incidents"),
}


@pytest.fixture
def reviewer(scene: Scene) -> Visitor:
    return Visitor(scene.app(), V1)


def typed(**changes: Any) -> dict[str, Any]:
    """The form, filled in so that it is accepted, with some fields changed; None leaves one out."""
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in {**GOOD, "act": "look", **changed}.items() if value is not None}


def text(answer: TestResponse) -> str:
    return words(answer.get_data(as_text=True))


NO_CODE = "Give the case a code of one to eight letters and digits, such as S1."
NO_TITLE = "Give the case a title of at most 200 characters."
NOT_OFFERED = "Somebody or something that you chose is not offered any more: look at the team again."
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no code": ({"code": ""}, "code", NO_CODE),
    "a code of words": (
        {"code": "the case"},
        "code",
        NO_CODE,
    ),
    "a code in other letters": (
        {"code": "\u04211"},
        "code",
        NO_CODE,
    ),
    "no title": ({"title": " "}, "title", NO_TITLE),
    "a long title": ({"title": "x" * 201}, "title", NO_TITLE),
    "no incident": (
        {"incident_1_title": "", "incident_1_place": "", "incident_1_date": ""},
        "incident-1-title",
        "Describe at least one incident: say in a few words what happened.",
    ),
    "an incident without a title": (
        {"incident_2_place": "Upriver", "incident_2_vocabulary": "air-strike"},
        "incident-2-title",
        "Say in a few words what happened.",
    ),
    "a long place": (
        {"incident_1_place": "x" * 201},
        "incident-1-place",
        "The place of an incident has at most 200 characters.",
    ),
    "a long date": (
        {"incident_1_date": "x" * 101},
        "incident-1-date",
        "The date of an incident has at most 100 characters.",
    ),
    "questions that are not offered": (
        {"incident_1_vocabulary": "rumours"},
        "incident-1-vocabulary",
        "Choose one of the question lists that are offered.",
    ),
    "somebody unknown on the team": (
        {"team_R9": ["brief"]},
        "team",
        NOT_OFFERED,
    ),
    "figures for a researcher": (
        {"team_R1": ["editions"]},
        "team",
        NOT_OFFERED,
    ),
    "a key that cases do not have": (
        {"team_V2": ["identity"]},
        "team",
        NOT_OFFERED,
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_beside_its_field_and_nothing_typed_is_lost(reviewer: Visitor, case: str) -> None:
    changes, field, sentence = BAD[case]
    answer = reviewer.post(FORM, typed(**changes))
    page = answer.get_data(as_text=True)
    assert (answer.status_code, sentences(answer)) == (422, [sentence])
    assert f'<a href="#{field}">' in page
    assert f'id="{field}"' in page
    assert f'<p class="wrong" id="{field}-error">' in page
    for name, value in typed(**changes).items():
        if name in ("title", "incident-1-title", "incident-1-place", "incident-1-date") and value.strip():
            assert f'value="{value}"' in page
    assert reviewer.post(BRIEF, typed(**changes)).get_json() == {"error": sentence}


@pytest.mark.parametrize("field", [*GOOD, "team-", "incident-99-title", "act"])
def test_hostile_text_in_any_field_is_taken_whole_or_refused(reviewer: Visitor, field: str) -> None:
    for hostile in HOSTILE.values():
        fields = {**typed(), field: hostile.encode("utf-8", "replace").decode()}
        page, brief = reviewer.post(FORM, fields), reviewer.post(BRIEF, fields)
        assert {page.status_code, brief.status_code} <= {200, 422}
        assert b"<script>alert" not in page.data


def test_everything_that_was_typed_goes_there_and_back(reviewer: Visitor) -> None:
    fields = typed(incident_4_title='A "fourth" & last', incident_4_vocabulary="air-strike")
    look = reviewer.post(FORM, fields)
    assert look.status_code == 200
    carried = hidden(look)
    assert {
        name: fields[name] for name in fields if "team" not in name and name != "act"
    }.items() <= carried.items()
    back = reviewer.post(FORM, {**fields, "act": "change"}).get_data(as_text=True)
    assert back.count('class="incident"') == 4
    assert 'value="A &#34;fourth&#34; &amp; last"' in back
    assert (
        back.count(" checked") == 2 + 4 + 2
    )  # R1 and a key; V1 and three; V2 and a key, which puts them there
    assert '<input type="checkbox" name="team-V2" value="testimony" checked>' in back


def test_another_incident_can_be_added_without_a_script(reviewer: Visitor) -> None:
    page = reviewer.post(FORM, typed(act="more", code="")).get_data(as_text=True)
    assert page.count('class="incident"') == 4
    assert 'name="incident-4-title" maxlength="200" dir="auto" autocomplete="off" autofocus' in page
    assert 'value="Field hospital"' in page
    assert 'id="errors"' not in page


def test_the_last_look_says_who_will_read_and_see_and_whose_deposit_only_ends(reviewer: Visitor) -> None:
    said = text(reviewer.post(FORM, typed(team_R1=["testimony"])))
    assert "These will read testimony: R1, V2." in said
    assert "For R1 this ends deposit-only in this case" in said
    assert "These will see evidence: V1." in said
    nobody = text(reviewer.post(FORM, typed(team_V2=None, team_R1=["brief"], team_V1=None)))
    assert "Nobody will read testimony." in nobody
    assert "Nobody will see evidence." in nobody
    assert "deposit-only" not in nobody
    assert "When 3 of 5 custodians have signed" in nobody


def test_without_a_script_the_plan_is_there_for_the_command_line(scene: Scene, reviewer: Visitor) -> None:
    page = reviewer.post(FORM, typed()).get_data(as_text=True)
    without = page[page.index("<noscript>") : page.index("</noscript>")]
    assert "the keys cannot be born here" in words(without)
    shown = without[without.index("tabindex") :]
    plan = json.loads(words(shown[shown.index(">") + 1 : shown.index("</pre>")]))
    assert plan["team"] == {
        "R1": ["brief", "evidence"],
        "V1": ["brief", "corroboration", "editions", "evidence"],
        "V2": ["brief", "testimony"],
    }
    found_case(plan, scene.roster(), "V1", V1.secret.signing, scene.vault.vocabularies)


def test_custodians_desks_are_not_offered(scene: Scene) -> None:
    set_up(scene, D1)
    reviewer = Visitor(scene.app(), V1)
    page = reviewer.get(FORM).get_data(as_text=True)
    assert 'name="team-R2"' in page
    assert 'name="team-C1"' not in page
    assert reviewer.post(FORM, typed(team_C1=["brief"])).status_code == 422


# --- what the server signs ---------------------------------------------------------------------------------------


def brief(reviewer: Visitor, **changes: Any) -> dict[str, Any]:
    """The document that the server signed, by the reviewer's key alone."""
    answer = reviewer.post(BRIEF, typed(**changes))
    assert answer.status_code == 200
    return read_by(answer.get_json(), "brief", "V1", V1.secret.signing.public)


def test_the_server_signs_the_first_brief_of_a_case_that_is_new(scene: Scene, reviewer: Visitor) -> None:
    before = scene.contents()
    one, other = brief(reviewer), brief(reviewer)
    assert scene.contents() == before  # and keeps nothing of it
    roster = scene.roster()
    for document in (one, other):
        assert set(document) == DOCUMENT
        named = (document["vault"], document["author"], document["roster"])
        assert named == (roster.vault, "V1", roster.version)
        assert (document["version"], document["previous"], document["title"]) == (1, None, GOOD["title"])
        ((incident),) = document["incidents"]
        assert incident.pop("incident")
        assert incident == {
            name: GOOD[f"incident-1-{name}"] for name in ("title", "place", "date", "vocabulary")
        }
        unb64(document["case"], 16)
    assert len({one["case"], other["case"], scene.case}) == 3
    assert one["nonce"] != other["nonce"]


STEERING: dict[str, Callable[[Scene], dict[str, str]]] = {
    "a case that exists": lambda scene: {"case": scene.case},
    "another author": lambda _: {"author": "V2", "proposer": "V2", "member": "V2"},
    "a later version": lambda _: {"version": "2", "previous": b64(bytes(32)), "nonce": b64(bytes(16))},
    "another vault and roster": lambda _: {"vault": b64(bytes(16)), "roster": "1", "epoch": "9"},
    "another kind of document": lambda scene: {
        "format": "witness-vault/v1/deposit",
        "document": json.dumps({"format": "witness-vault/v1/edition", "case": scene.case}),
        "brief": json.dumps({"case": scene.case}),
    },
    "an incident that exists": lambda scene: {
        "incident": scene.hospital,
        "incident-1-incident": scene.hospital,
    },
    "JSON in a title": lambda scene: {"title": json.dumps({"case": scene.case, "version": 2})},
}


@pytest.mark.parametrize("steering", STEERING)
def test_nothing_else_can_be_had_signed(scene: Scene, reviewer: Visitor, steering: str) -> None:
    fields = STEERING[steering](scene)
    document = brief(reviewer, **fields)
    roster = scene.roster()
    assert set(document) == DOCUMENT
    named = (
        document["format"],
        document["vault"],
        document["author"],
        document["roster"],
        document["version"],
    )
    assert named == ("witness-vault/v1/brief", roster.vault, "V1", roster.version, 1)
    assert document["case"] != scene.case
    assert scene.hospital not in [entry["incident"] for entry in document["incidents"]]
    assert document["title"] == fields.get("title", GOOD["title"])


def test_nobody_else_gets_a_signature(scene: Scene) -> None:
    set_up(scene, D1)
    app = scene.app()
    for person in (R1, D1):
        visitor = Visitor(app, person)
        assert [visitor.post(path, typed()).status_code for path in (BRIEF, PROPOSAL, FORM)] == [403] * 3


@pytest.mark.parametrize("path", [BRIEF, PROPOSAL])
def test_another_sites_form_gets_nothing(reviewer: Visitor, path: str) -> None:
    assert reviewer.post(path, {**typed(), "csrf": ""}).status_code == 403
    foreign = {"headers": {"Origin": "https://evil.example"}}
    assert reviewer.post(path, typed(), **foreign).status_code == 403


# --- what it takes -----------------------------------------------------------------------------------------------


def made(scene: Scene, proposer: Person = V1) -> tuple[dict[str, Any], dict[str, Any]]:
    plan = {**PLAN, "code": "S2", "team": TEAM}
    return found_case(plan, scene.roster(), proposer.code, proposer.secret.signing, scene.vault.vocabularies)


def send(reviewer: Visitor, document: Any, attachments: Any) -> TestResponse:
    return reviewer.post(PROPOSAL, {"document": json.dumps(document), "attachments": json.dumps(attachments)})


def test_a_case_is_put_before_the_custodians_once(scene: Scene, reviewer: Visitor) -> None:
    document, attachments = made(scene)
    digest = document_digest(document)
    assert send(reviewer, document, attachments).get_json() == {"digest": b64(digest)}
    after = scene.contents()
    assert send(reviewer, document, attachments).get_json() == {"digest": b64(digest)}
    assert scene.contents() == after
    for page in (reviewer.get("/"), reviewer.post(FORM, typed())):
        assert f"S2 A case Its six words: {fingerprint(digest)} signed by 0 of 3" in text(page)
    assert fingerprint(digest) in text(Visitor(scene.app(), V2).get("/"))
    scene.carry(V1, document, attachments)
    assert "S2 Air strikes" in text(reviewer.get("/"))


WRONG: dict[str, Callable[[Scene], tuple[str, str, int]]] = {
    "nothing": lambda _: ("", "", 422),
    "no JSON": lambda _: ("{", "{}", 422),
    "a list": lambda _: ("[]", "[]", 422),
    "null": lambda _: ("null", "null", 422),
    "JSON nested without end": lambda _: ("[" * 100_000, "{}", 422),
    "a number without end": lambda _: ('{"format": ' + "9" * 9000 + "}", "{}", 422),
    "a fraction": lambda scene: (json.dumps({**made(scene)[0], "version": 1.5}), "{}", 422),
    "not a number": lambda scene: (json.dumps({**made(scene)[0], "version": float("nan")}), "{}", 422),
    "no attachments": lambda scene: (json.dumps(made(scene)[0]), "null", 422),
    "in another's name": lambda scene: (json.dumps(made(scene, V2)[0]), json.dumps(made(scene, V2)[1]), 422),
    "what belongs to another case": lambda scene: (
        json.dumps(made(scene)[0]),
        json.dumps(made(scene)[1]),
        422,
    ),
    "a roster": lambda scene: (json.dumps(following(scene.roster(), **DAYS)), "null", 403),
    "invitations": lambda scene: (json.dumps(invitations(scene.roster(), (R1,))), "null", 403),
    "something signed already": lambda scene: (json.dumps(signed_by(made(scene)[0], [V1])), "null", 422),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_nothing_else_can_be_proposed_in_a_browser(scene: Scene, reviewer: Visitor, wrong: str) -> None:
    document, attachments, status = WRONG[wrong](scene)
    before = scene.contents()
    answer = reviewer.post(PROPOSAL, {"document": document, "attachments": attachments})
    assert (answer.status_code, len(sentences(answer))) == (status, 1)
    after = scene.contents()
    assert {table for table in before if before[table] != after[table]} <= {"audit"}
