"""Acts that are refused over HTTP are in the audit chain, though their own transactions were rolled back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from tests.cast import C1, R1, V1, V2
from tests.readers import audited, cut
from tests.stage import Scene
from tests.visitor import Api, Visitor
from tests.web.desks import Desk
from vault import audit
from vault.errors import Busy
from vault.store.testimony import RosterRow
from vault.store.unit_of_work import UnitOfWork
from web.app import create_app
from web.refusals import act_word


def since(scene: Scene, before: int) -> list[tuple[str, str, Any]]:
    return [(body["actor"], body["act"], body["about"]) for body in audited(scene)[before:]]


@pytest.fixture
def before(scene: Scene) -> int:
    return len(audited(scene))


def test_a_role_that_does_not_allow_it(scene: Scene, before: int) -> None:
    assert Api(scene.app(), R1).call("GET", "/api/audit").status_code == 403
    assert since(scene, before) == [("R1", "act refused", {"act": "audit entries", "error": "Refused"})]


def test_an_act_whose_transaction_was_rolled_back(scene: Scene, before: int) -> None:
    client = Api(scene.app(), C1, scene.roster().vault)
    forged = {"document": {"format": "witness-vault/v1/approval"}, "signatures": []}
    assert client.call("POST", "/api/decisions", forged).status_code == 409
    assert since(scene, before) == [("C1", "act refused", {"act": "openings decide", "error": "Tampered"})]


def test_a_page_that_says_itself_why_it_refuses(scene: Scene) -> None:
    cut(scene)
    reviewer, before = Visitor(scene.app(), V1), len(audited(scene))
    assert reviewer.post(f"/cases/{scene.case}/editions/cut").status_code == 409
    assert since(scene, before) == [("V1", "act refused", {"act": "editions cut", "error": "Refused"})]


def test_of_what_was_handed_in_nothing(scene: Scene, before: int) -> None:
    client = Api(scene.app(), V2)
    handed = {"document": {"format": "witness-vault/v1/terms", "reason": "ZEPHYRINE"}, "signatures": []}
    assert client.call("POST", "/api/openings", handed).status_code in (403, 409)
    assert len(since(scene, before)) == 1
    assert "ZEPHYRINE" not in str(audited(scene))


def test_a_failed_sign_in_names_nobody(scene: Scene, before: int) -> None:
    app = scene.app()
    assert Visitor(app).sign_in(R1, passphrase="not it").status_code == 401
    assert Api(app).sign_in(R1, member="R7").status_code == 401
    assert since(scene, before) == [("", "sign-ins failed", {"at least": 1})]


def test_bad_input_a_wrong_address_and_an_ended_session_leave_none(scene: Scene, before: int) -> None:
    reviewer = Visitor(scene.app(), V1)
    assert reviewer.post(f"/cases/{scene.case}/incidents", {"title": ""}).status_code == 422
    assert reviewer.get("/cases/nowhere").status_code == 404
    assert Visitor(scene.app()).get("/custody").status_code == 303
    assert since(scene, before) == []


@pytest.mark.parametrize(
    "what",
    [
        {"consent-recording": None},
        {"kind": "follow-up", "pseudonym": "zebra-zebra-zebra-zebra"},
        {"csrf": "another's"},
    ],
    ids=["without consent", "another's pseudonym", "from elsewhere"],
)
def test_depositing_leaves_neither_a_member_nor_a_day_however_it_ends(
    desk: Desk, what: dict[str, Any]
) -> None:
    before = desk.scene.contents()["audit"]
    assert desk.post(**what).status_code in (403, 422)
    assert desk.post().status_code == 200
    assert desk.post().status_code in (404, 409, 200)
    assert Visitor(desk.app, V1).get(desk.path).status_code == 403
    assert desk.researcher.post("/renew", {"csrf": "another's"}).status_code == 403
    assert desk.scene.contents()["audit"] == before


def test_a_fault_while_writing_it_down_is_told_and_leaves_the_refusal_as_it_is(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    client = Api(scene.app(), R1)

    def broken(*_given: object) -> None:
        raise OSError("ZEPHYRINE")

    monkeypatch.setattr(audit, "record", broken)
    answer = client.call("GET", "/api/audit")
    assert (answer.status_code, answer.get_json()) == (403, {"error": "Your role does not allow this."})
    out, _ = capfd.readouterr()
    assert out.startswith("fault: OSError at ")
    assert "ZEPHYRINE" not in out


def test_a_roster_that_does_not_hold_keeps_nobody_from_being_told_so(
    scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    client = Api(scene.app(), R1)
    with scene.writing() as uow:
        uow.testimony.execute(update(RosterRow).where(RosterRow.version == 2).values(signed="{}"))
    assert client.call("GET", "/api/audit").status_code == 409
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_vault_that_is_busy_refuses_nothing(
    scene: Scene, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, entered = Api(scene.app(), V2), UnitOfWork.__enter__

    def busy(uow: UnitOfWork) -> UnitOfWork:
        if uow._writes:
            uow.__exit__(None, None, None)
            monkeypatch.setattr(UnitOfWork, "__enter__", entered)
            raise Busy("Busy.")
        return entered(uow)

    monkeypatch.setattr(UnitOfWork, "__enter__", busy)
    answer = client.call("POST", "/api/openings", {"document": {}, "signatures": []})
    assert (answer.status_code, answer.get_json()) == (409, {"error": "Busy."})
    assert since(scene, before) == []


def test_before_the_founding_a_failed_sign_in_says_nothing_to_anybody(
    databases: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(databases)
    app = create_app(scene.settings)
    assert Api(app).sign_in(R1).status_code == 401
    assert capfd.readouterr() == ("", "")
    app.extensions["vault"].store.dispose()
    scene.close()


def test_an_act_has_one_name_in_the_web_and_for_clients() -> None:
    assert act_word("editions.cut_post") == act_word("editions.api_cut") == "editions cut"
