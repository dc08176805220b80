"""What somebody with a stolen cookie, or in another window, can make of the long form; leaving on every device."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from tests.cast import R1
from tests.stage import actor
from tests.visitor import SESSION, Visitor
from tests.web.desks import TESTIMONY, Desk
from vault import drafts
from vault.sealing.digests import b64
from vault.sealing.words import new_pseudonym
from vault.store.shreds import DraftRow, SessionRow
from web.auth import DEVICE, csrf_token


def _end_sessions(desk: Desk) -> None:
    with desk.scene.writing() as uow:
        uow.shreds.execute(update(SessionRow).values(ends=0))


def _count(desk: Desk) -> int:
    with desk.scene.reading() as uow:
        return uow.shreds.scalar(select(func.count()).select_from(DraftRow)) or 0


def _thief(desk: Desk) -> tuple[Visitor, str]:
    """Somebody with the cookie of R1's ended session, and the field that follows from it."""
    stolen = desk.researcher.token
    _end_sessions(desk)
    desk.stranger.cookie(SESSION, stolen)
    return desk.stranger, csrf_token(stolen)


def test_the_cookie_of_an_ended_session_plants_no_draft(desk: Desk) -> None:
    thief, field = _thief(desk)
    planted = desk.form(csrf=field, token=b64(bytes(32)), new_pseudonym=new_pseudonym())
    before = desk.scene.contents()
    assert thief.post(f"/drafts/{b64(bytes(16))}", planted).status_code == 404
    assert desk.scene.contents() == before


def test_the_cookie_of_an_ended_session_changes_no_token_and_no_pseudonym(desk: Desk) -> None:
    thief, field = _thief(desk)
    known = b64(bytes(32))
    planted = desk.form(csrf=field, token=known, new_pseudonym=new_pseudonym())
    assert thief.post(desk.path, planted).status_code == 401
    with desk.scene.reading() as uow:
        (draft,) = drafts.listing(uow, actor(R1))
    assert (draft.token_text, draft.pseudonym) == (desk.hidden["token"], desk.hidden["new_pseudonym"])
    page = Visitor(desk.app, R1).get(desk.path).get_data(as_text=True)
    assert TESTIMONY in page
    assert desk.hidden["token"] in page
    assert known not in page


def test_a_late_form_of_a_deposited_interview_makes_no_draft(desk: Desk) -> None:
    form = desk.form()
    assert desk.researcher.post(desk.path, form).status_code == 200
    _end_sessions(desk)
    assert desk.researcher.post(desk.path, form).status_code == 404
    assert _count(desk) == 0


def test_a_form_saved_in_another_window_after_the_deposit_makes_no_draft(desk: Desk) -> None:
    form = desk.form()
    assert desk.researcher.post(desk.path, form).status_code == 200
    assert desk.researcher.post(desk.path, {**form, "act": "save"}).status_code == 404
    assert _count(desk) == 0


def test_what_is_typed_is_kept_between_the_steps_of_the_form_and_after_the_sessions_end(desk: Desk) -> None:
    assert desk.post(act="keep", sealed_identity=desk.sealed()).status_code == 204
    assert desk.draft().form["testimony"] == TESTIMONY
    assert "sealed_identity" not in desk.draft().form
    late = desk.form(act="keep", testimony="And then it was quiet.")
    _end_sessions(desk)
    assert desk.researcher.post(desk.path, late).status_code == 401
    assert desk.draft().form["testimony"] == "And then it was quiet."


def test_a_draft_is_discarded_from_the_desk(desk: Desk) -> None:
    home = desk.researcher.get("/").get_data(as_text=True)
    assert "Discard" in home
    assert desk.researcher.post(desk.path, {"act": "discard"}).status_code == 303
    assert _count(desk) == 0
    assert desk.researcher.post(desk.path, {"act": "discard"}).status_code == 404


@pytest.mark.parametrize("travels", [True, False])
def test_leaving_no_trace_ends_every_session_and_signing_out_this_one(desk: Desk, travels: bool) -> None:
    phone, client = Visitor(desk.app, R1), desk.client
    assert desk.researcher.post("/sign-out", {"travel": "yes"} if travels else {}).status_code == 303
    assert phone.get("/").status_code == (303 if travels else 200)
    assert client.call("GET", "/api/cases").status_code == (401 if travels else 200)
    assert desk.reviewer.get("/").status_code == 200
    assert _count(desk) == (0 if travels else 1)
    assert Visitor(desk.app, R1).get("/").status_code == 200


def test_after_leaving_no_trace_a_late_form_of_another_device_is_nobodys(desk: Desk) -> None:
    phone = Visitor(desk.app, R1)
    desk.researcher.post("/sign-out", {"travel": "yes"})
    path, hidden = Visitor(desk.app, R1).start(desk.scene.case, desk.scene.hospital)
    before = desk.scene.contents()
    late = desk.form(**{**hidden, "csrf": phone.csrf})
    assert phone.post(path, late).status_code == 401
    assert desk.scene.contents() == before


def test_destroying_a_draft_after_the_sessions_end_leaves_it_as_it_was(desk: Desk) -> None:
    saved = desk.form(act="save")
    desk.researcher.post(desk.path, saved)
    _end_sessions(desk)
    before = desk.scene.contents()
    for act in ("discard", "check", "anything"):
        assert desk.researcher.post(desk.path, {"csrf": saved["csrf"], "act": act}).status_code == 401
    assert desk.scene.contents() == before


def test_leave_no_trace_works_after_the_sessions_end(desk: Desk) -> None:
    field = desk.form()["csrf"]
    second = Visitor(desk.app, R1)
    desk.researcher.cookie(f"{DEVICE}R1", "AAAA")
    _end_sessions(desk)
    answer = desk.researcher.post("/sign-out", {"csrf": field, "travel": "yes"})
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    dropped = [line for line in answer.headers.getlist("Set-Cookie") if "Expires=Thu, 01 Jan 1970" in line]
    assert {line.partition("=")[0] for line in dropped} == {SESSION, f"{DEVICE}R1"}
    assert _count(desk) == 0
    assert second.get("/").status_code == 303


def test_another_site_cannot_sign_anybody_out(desk: Desk) -> None:
    assert desk.researcher.post("/sign-out", {"csrf": "wrong", "travel": "yes"}).status_code == 403
    assert _count(desk) == 1


def test_what_a_deposit_would_refuse_the_check_refuses(desk: Desk) -> None:
    form = desk.form()
    assert desk.researcher.post(desk.path, {**form, "act": "check"}).status_code == 204
    desk.researcher.post(desk.path, {**form, "act": "discard"})
    assert desk.researcher.post(desk.path, {**form, "act": "check"}).status_code == 422
    refused = desk.researcher.post(desk.path, form)
    assert refused.status_code == 404
    assert TESTIMONY in refused.get_data(as_text=True)
