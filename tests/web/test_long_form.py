"""The long form under strain: sent twice, sent too late, sent by two at once, filled with hostile text."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.cast import R1, R2, V1, V2, Person
from tests.stage import PLAN, TEAM, Scene, actor
from tests.visitor import SESSION, Visitor, sentences, words
from tests.web.desks import NAMES, TESTIMONY, Desk, Watch
from vault import drafts
from vault.drafts import Draft
from vault.store.shreds import DraftRow, SessionRow
from web.auth import csrf_token

STANDS = "This interview was deposited already and your receipt stands. To change it, log a correction."


def _receipt(page: TestResponse) -> list[str]:
    """Pseudonym, digest and token, as the receipt shows them."""
    found = re.findall(r"<dt>.*?</dt>\s*<dd[^>]*>(.*?)</dd>", page.get_data(as_text=True), re.DOTALL)
    return ["".join(words(part).split()) for part in found]


def _end_sessions(scene: Scene) -> None:
    """As if everybody had been idle for too long."""
    gone = int(datetime.now(UTC).timestamp()) // 60 - 1
    with scene.writing() as uow:
        uow.shreds.execute(update(SessionRow).values(ends=gone))


def _drafts(scene: Scene, person: Person = R1) -> list[Draft]:
    with scene.reading() as uow:
        return drafts.listing(uow, actor(person))


# --- sent twice ---------------------------------------------------------------------------------------------


def test_a_doubled_submit_gives_the_same_receipt_and_one_deposit(desk: Desk) -> None:
    form = desk.form(sealed_identity=desk.sealed())
    first = desk.researcher.post(desk.path, form)
    kept = desk.scene.contents()
    second = desk.researcher.post(desk.path, form)
    assert (first.status_code, second.status_code) == (200, 200)
    assert _receipt(first) == _receipt(second)
    assert len(_receipt(first)) == 3
    assert desk.scene.contents() == kept
    assert desk.scene.taken() == {"testimony": 1, "observations": 1, "identities": 1}
    assert _drafts(desk.scene) == []


def test_a_doubled_submit_with_other_content_is_refused_and_changes_nothing(desk: Desk, watch: Watch) -> None:
    form = desk.form()
    assert desk.researcher.post(desk.path, form).status_code == 200
    with watch.over(desk):
        second = desk.researcher.post(desk.path, {**form, "testimony": "Something else."})
    assert (second.status_code, sentences(second)) == (409, [STANDS])


@pytest.mark.both
def test_two_submits_at_the_same_moment_make_one_deposit(desk: Desk) -> None:
    form = desk.form()
    windows = [Visitor(desk.app, R1) for _ in range(4)]
    forms = [{**form, "csrf": window.csrf} for window in windows]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda pair: pair[0].post(desk.path, pair[1]), zip(windows, forms, strict=True))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({tuple(_receipt(answer)) for answer in answers}) == 1
    assert desk.scene.taken() == {"testimony": 1, "observations": 1, "identities": 0}


def test_whoever_else_sends_a_used_form_learns_nothing_and_stores_nothing(desk: Desk, watch: Watch) -> None:
    form = desk.form(csrf=None)
    assert desk.post().status_code == 200
    other = Visitor(desk.app, R2)
    with watch.over(desk):
        answer = other.post(desk.path, form)
    assert answer.status_code == 409
    assert not _receipt(answer)


# --- two reviewers ------------------------------------------------------------------------------------------


def test_two_reviewers_who_cut_at_once_make_one_edition(scene: Scene) -> None:
    team = {**TEAM, "V2": TEAM["V1"]}
    case = scene.open_case({**PLAN, "code": "S2"}, team)
    app = scene.app()
    reviewers = [Visitor(app, person) for person in (V1, V2, V1, V2)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.post(f"/cases/{case}/editions/cut"), reviewers))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            (sentence,) = sentences(answer)
            assert re.fullmatch(r"The next edition can be cut on \d{1,2} \w+ \d{4}\.", sentence)
    assert scene.contents()["editions"].total() == 1


# --- sent too late ------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_form_sent_after_the_session_ended_becomes_a_draft_and_is_refilled(
    desk: Desk, watch: Watch
) -> None:
    form = desk.form(sealed_identity=desk.sealed(), interpreter="T7")
    _end_sessions(desk.scene)
    with watch.over(desk, keeps=False):
        late = desk.researcher.post(desk.path, form)
    assert late.status_code == 401
    assert "sealed to your key as a draft" in words(late.get_data(as_text=True))
    assert desk.scene.taken() == {"testimony": 0, "observations": 0, "identities": 0}
    # Nobody else can open it; R1 finds everything again, except the identity.
    assert not _drafts(desk.scene, R2)
    back = Visitor(desk.app, R1)
    page = back.get(desk.path).get_data(as_text=True)
    assert TESTIMONY in page
    assert 'value="T7"' in page
    assert re.search(rf'name="{desk.claim("aircraft.present")}-perception" value="heard" checked', page)
    assert not any(name in page for name in NAMES.values())
    receipt = back.post(desk.path, {**form, "csrf": back.csrf})
    assert _receipt(receipt)[0] == desk.hidden["new_pseudonym"]
    assert _drafts(desk.scene) == []


def test_the_sealed_identity_of_a_late_form_is_not_kept(desk: Desk) -> None:
    form = desk.form(sealed_identity=desk.sealed())
    _end_sessions(desk.scene)
    assert desk.researcher.post(desk.path, form).status_code == 401
    (draft,) = _drafts(desk.scene)
    assert "sealed_identity" not in draft.form
    assert draft.form["testimony"] == TESTIMONY


def test_a_late_form_without_the_token_of_its_session_stores_nothing(desk: Desk, watch: Watch) -> None:
    form = desk.form(csrf=csrf_token("another"))
    _end_sessions(desk.scene)
    with watch.over(desk):
        assert desk.researcher.post(desk.path, form).status_code == 403


@pytest.mark.parametrize("cookie", [None, "", "x", "A" * 43, "\x7f" * 43])
def test_a_form_without_a_session_that_ever_was_stores_nothing(
    desk: Desk, watch: Watch, cookie: str | None
) -> None:
    if cookie is not None:
        desk.stranger.cookie(SESSION, cookie)
    with watch.over(desk):
        answer = desk.stranger.post(desk.path, desk.form(csrf=csrf_token(cookie or "")))
    assert (answer.status_code, sentences(answer)) == (401, ["Sign in first."])


def test_after_signing_out_a_form_stores_nothing(desk: Desk, watch: Watch) -> None:
    form, token = desk.form(csrf=desk.researcher.csrf), desk.researcher.token
    assert desk.researcher.post("/sign-out").status_code == 303
    desk.stranger.cookie(SESSION, token)
    with watch.over(desk):
        assert desk.stranger.post(desk.path, form).status_code == 401


@pytest.mark.parametrize("person", [R2, V1], ids=lambda person: person.code)
def test_a_late_form_of_somebody_else_does_not_touch_the_draft(
    desk: Desk, watch: Watch, person: Person
) -> None:
    other = Visitor(desk.app, person)
    _end_sessions(desk.scene)
    with watch.over(desk):
        answer = other.post(desk.path, desk.form(csrf=None))
    assert answer.status_code in (403, 404)


def test_a_late_form_of_a_reviewer_becomes_no_draft(desk: Desk, watch: Watch) -> None:
    assert desk.reviewer.get("/").status_code == 200
    _end_sessions(desk.scene)
    with watch.over(desk):
        answer = desk.reviewer.post(f"/drafts/{'A' * 22}", desk.form(csrf=None))
    assert answer.status_code in (401, 403)


# --- leaving no trace ---------------------------------------------------------------------------------------


def test_leaving_no_trace_destroys_the_drafts_and_forgets_the_device(desk: Desk) -> None:
    assert len(_drafts(desk.scene)) == 1
    left = desk.researcher.post("/sign-out", {"travel": "yes"})
    assert left.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert desk.researcher.client.get_cookie("__Host-device-R1", "127.0.0.1") is None
    with desk.scene.reading() as uow:
        assert uow.shreds.query(DraftRow).count() == 0
    assert desk.researcher.get("/").status_code == 303
