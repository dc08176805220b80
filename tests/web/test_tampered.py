"""Somebody edits rows in the databases: the web says that something does not hold, and never falls over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.cast import C1, R1, R2, V1, V2
from tests.stage import Scene
from tests.visitor import Api, Visitor, sentences
from tests.web.desks import Watch
from vault.sealing.digests import unb64
from vault.store.shreds import SessionRow
from vault.store.testimony import BriefRow, CaseVersionRow, GrantRow, MemberRow, RosterRow
from vault.store.unit_of_work import UnitOfWork

Edit = Callable[[UnitOfWork, Scene], Any]
NO_SIGNATURE = "A signature does not hold."


def _edit_roster(uow: UnitOfWork, _: Scene) -> None:
    """R1 becomes a reviewer, by the stroke of a pen."""
    row = uow.testimony.get_one(RosterRow, 2)
    signed = json.loads(row.signed)
    signed["document"]["members"][0]["role"] = "reviewer"
    row.signed = json.dumps(signed)


def _cut_roster(uow: UnitOfWork, _: Scene) -> None:
    uow.testimony.get_one(RosterRow, 1).signed = '{"document": {"for'


def _edit_case(uow: UnitOfWork, _: Scene) -> None:
    row = uow.testimony.scalars(select(CaseVersionRow)).one()
    signed = json.loads(row.signed)
    signed["document"]["team"][0]["keys"].append("testimony")
    row.signed = json.dumps(signed)


def _edit_brief(uow: UnitOfWork, _: Scene) -> None:
    row = uow.testimony.scalars(select(BriefRow)).one()
    row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])


def _spoil_grant(uow: UnitOfWork, scene: Scene) -> None:
    row = uow.testimony.get_one(GrantRow, (unb64(scene.case), "brief", 1, "R1"))
    row.sealed = bytes(len(row.sealed))


EDITS: list[tuple[Edit, str]] = [
    (_edit_roster, "/"),
    (_cut_roster, "/"),
    (_edit_roster, "/api/roster"),
    (_edit_case, "/"),
    (_edit_brief, "/"),
    (_spoil_grant, "/"),
]


@pytest.mark.parametrize(("edit", "path"), EDITS)
def test_an_edited_row_is_told_in_one_sentence(scene: Scene, watch: Watch, edit: Edit, path: str) -> None:
    visitor = Visitor(scene.app(), R1)
    with scene.writing() as uow:
        edit(uow, scene)
    watch.printed.readouterr()
    answer = visitor.get(path)
    assert "fault" not in "".join(watch.printed.readouterr())
    assert (answer.status_code, len(sentences(answer))) == (409, 1)


def test_an_edited_roster_makes_nobody_a_reviewer(scene: Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    with scene.writing() as uow:
        _edit_roster(uow, scene)
    assert visitor.post(f"/cases/{scene.case}/editions/cut").status_code == 409


@pytest.mark.parametrize("keys", [b"", b"x", bytes(2200)])
def test_a_spoilt_session_row_is_nobodys(scene: Scene, watch: Watch, keys: bytes) -> None:
    visitor = Visitor(scene.app(), R1)
    with scene.writing() as uow:
        uow.shreds.execute(update(SessionRow).values(keys=keys))
    watch.printed.readouterr()
    answer = visitor.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert "fault" not in "".join(watch.printed.readouterr())


def test_a_session_row_with_another_sessions_keys_is_nobodys(scene: Scene) -> None:
    app = scene.app()
    one, other = Visitor(app, R1), Visitor(app, V2)
    name = {visitor: hashlib.sha256(unb64(visitor.token)).digest() for visitor in (one, other)}
    with scene.writing() as uow:
        keys = uow.shreds.get_one(SessionRow, name[other]).keys
        uow.shreds.get_one(SessionRow, name[one]).keys = keys
    assert one.get("/").status_code == 303
    assert other.get("/").status_code == 200


def test_a_grant_copied_to_another_member_opens_nothing(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    with scene.writing() as uow:
        for key in ("testimony", "editions", "corroboration"):
            holder = "V1" if key == "corroboration" else "V2"
            sealed = uow.testimony.get_one(GrantRow, (unb64(scene.case), key, 1, holder)).sealed
            uow.testimony.merge(
                GrantRow(case=unb64(scene.case), key=key, version=1, member="R1", sealed=sealed)
            )
    visitor = Visitor(scene.app(), R1)
    assert visitor.get(f"/cases/{scene.case}/testimony").status_code == 403
    assert visitor.get(f"/cases/{scene.case}/editions").status_code == 403
    assert visitor.post(f"/cases/{scene.case}/editions/cut").status_code == 403


def test_a_members_card_with_another_role_gives_no_right(scene: Scene) -> None:
    with scene.writing() as uow:
        row = uow.testimony.get_one(MemberRow, "R1")
        card = json.loads(row.card)
        card["document"]["role"] = "reviewer"
        row.card = json.dumps(card)
    assert Visitor(scene.app(), R1).get(f"/cases/{scene.case}/editions").status_code == 403


@pytest.mark.parametrize("wrapped", ["", "{}", "[]", "[" * 90_000, '{"format": "witness-vault/v1/wrapped"}'])
def test_spoilt_keys_open_no_session_and_are_no_fault(scene: Scene, watch: Watch, wrapped: str) -> None:
    app = scene.app()
    with scene.writing() as uow:
        uow.testimony.get_one(MemberRow, "R1").wrapped = wrapped
    watch.printed.readouterr()
    answer = Api(app).sign_in(R1)
    assert answer.status_code in (401, 409, 422)
    assert "fault" not in "".join(watch.printed.readouterr())


def test_another_members_wrapped_keys_open_no_session(scene: Scene) -> None:
    """R2's row put in V1's place: R2's passphrase opens R2's keys only as R2."""
    with scene.writing() as uow:
        wrapped = uow.testimony.get_one(MemberRow, "R2").wrapped
        uow.testimony.get_one(MemberRow, "V1").wrapped = wrapped
    api = Api(scene.app())
    assert api.sign_in(R2, member="V1").status_code == 401
    assert api.sign_in(R2).status_code == 200


def test_before_the_founding_pages_say_so(scene: Scene, watch: Watch) -> None:
    app = scene.app()
    with scene.writing() as uow:
        uow.testimony.execute(delete(RosterRow))
    assert Visitor(app).get("/about").status_code == 200
    assert Visitor(app).get("/sign-in").status_code == 200
    client = Api(app, V1)
    assert client.call("GET", "/").status_code == 404
    assert client.call("GET", "/api/cases").status_code == 404
    assert Api(app).sign_in_custodian(C1, "").status_code in (401, 404)
    assert "fault" not in "".join(watch.printed.readouterr())


def test_every_page_warns_while_the_roster_does_not_hold(scene: Scene) -> None:
    app = scene.app()
    with scene.writing() as uow:
        _edit_roster(uow, scene)
    for path in ("/about", "/sign-in"):
        page = Visitor(app).get(path)
        assert page.status_code == 200
        assert NO_SIGNATURE in page.get_data(as_text=True)
