"""The pages on which testimony is withdrawn: by a receipt, and by a reader."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import R1, V1, V2
from tests.readers import told
from tests.stage import DAY, Scene, actor
from tests.visitor import Api, Visitor, hidden, sentences
from vault import exports
from vault.receipts import Receipt, new_token

TERMS = {"recipient": "icc", "use": "legal", "identity": "none"}


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def receipt(scene: Scene) -> Receipt:
    allows = {"recording": True, "uses": ["corroboration", "legal"], "recipients": {"icc": "coded"}}
    return scene.deposit(R1, scene.said("heard"), consent=allows)


@pytest.fixture
def desk(scene: Scene, receipt: Receipt) -> tuple[Visitor, str]:
    """V2, and where the testimony of the receipt lies."""
    (one,) = told(scene)[0]
    assert one.half.digest == receipt.digest
    return Visitor(scene.app(), V2), f"/cases/{scene.case}/testimony/{one.record}"


class TestByReceipt:
    def test_whoever_has_the_receipt_sees_what_will_happen_and_then_it_does(
        self, scene: Scene, receipt: Receipt
    ) -> None:
        stranger = Visitor(scene.app())
        assert stranger.get("/withdraw").status_code == 200
        look = stranger.post("/withdraw", {"token": receipt.withdrawal_token, "act": "look"})
        assert "cannot be recalled" in text(look)
        assert "who said it" in text(look)
        assert len(told(scene)[0]) == 1
        done = stranger.post("/withdraw", {**hidden(look), "scope": "interview", "act": "withdraw"})
        assert (done.status_code, told(scene)[0]) == (200, [])

    def test_unknown_used_and_misspelled_are_answered_alike(self, scene: Scene, receipt: Receipt) -> None:
        stranger = Visitor(scene.app())
        stranger.post(
            "/withdraw", {"token": receipt.withdrawal_token, "scope": "interview", "act": "withdraw"}
        )
        answers = [
            stranger.post("/withdraw", {"token": token, "scope": "interview", "act": act})
            for token in (receipt.withdrawal_token, new_token(), "x", "")
            for act in ("look", "withdraw")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({text(answer) for answer in answers}) == 1

    @pytest.mark.parametrize("scope", [None, "witness", "x"])
    def test_without_saying_how_much_nothing_is_destroyed(
        self, scene: Scene, receipt: Receipt, scope: str | None
    ) -> None:
        form = {"token": receipt.withdrawal_token, "act": "withdraw"} | ({"scope": scope} if scope else {})
        assert Visitor(scene.app()).post("/withdraw", form).status_code in (404, 422)
        assert len(told(scene)[0]) == 1

    def test_a_client_does_the_same(self, scene: Scene, receipt: Receipt) -> None:
        client, token = Api(scene.app()), receipt.withdrawal_token
        assert client.call("POST", "/api/withdraw", {"token": token}).get_json() == {"scopes": ["interview"]}
        assert client.call("POST", "/api/withdraw", {"token": token, "scope": "interview"}).status_code == 204
        assert client.call("POST", "/api/withdraw", {"token": token}).status_code == 404
        assert client.call("POST", "/api/withdraw", {"token": 7, "scope": []}).status_code == 422
        assert told(scene)[0] == []


class TestByReader:
    def form(self, visitor: Visitor, path: str, **typed: Any) -> TestResponse:
        page = hidden(visitor.get(f"{path}/withdraw"))
        whole = {**page, "what": "interview", "reason": "witness_asks", "passphrase": V2.passphrase, **typed}
        return visitor.post(f"{path}/withdraw", whole)

    def test_the_passphrase_is_asked_again_and_nothing_happens_without(
        self, scene: Scene, desk: tuple[Visitor, str]
    ) -> None:
        visitor, path = desk
        assert f"{path}/withdraw" in text(visitor.get(path))
        answer = self.form(visitor, path, passphrase="some other words by the river")
        assert answer.status_code == 401
        assert len(sentences(answer)) == len(told(scene)[0]) == 1
        assert self.form(visitor, path).status_code == 200
        assert told(scene)[0] == []

    def test_one_use_or_one_recipient_is_taken_away_and_what_is_not_allowed_is_not_offered(
        self, scene: Scene, desk: tuple[Visitor, str]
    ) -> None:
        visitor, path = desk
        page = text(visitor.get(f"{path}/withdraw"))
        assert "use:legal" in page
        assert "use:verbatim" not in page
        assert "recipient:team" not in page
        assert self.form(visitor, path, what="use:legal").status_code == 200
        assert self.form(visitor, path, what="recipient:icc").status_code == 200
        allowed = next(one.allowed for one in told(scene)[0] if one.is_interview)
        assert allowed.uses == {"corroboration"}
        assert not allowed.recipients

    @pytest.mark.parametrize("wrong", [{"what": "use:x"}, {"what": ""}, {"reason": "x"}, {"what": "use"}])
    def test_what_is_not_in_the_list_is_refused_in_a_sentence(
        self, scene: Scene, desk: tuple[Visitor, str], wrong: dict[str, str]
    ) -> None:
        visitor, path = desk
        answer = self.form(visitor, path, **wrong)
        assert (answer.status_code, len(sentences(answer))) == (422, 1)
        assert len(told(scene)[0]) == 1

    def test_what_left_is_said_before_and_marked_afterwards(
        self, scene: Scene, desk: tuple[Visitor, str]
    ) -> None:
        visitor, path = desk
        with scene.writing() as uow:
            exports.hand_over(uow, actor(V2), (scene.case, path.rpartition("/")[2]), TERMS, DAY)
        scene.deposit(R1, scene.said("heard"))
        assert "The International Criminal Court" in text(visitor.get(f"{path}/withdraw"))
        ledger = f"/cases/{scene.case}/exports"
        assert "withdrawn since" not in text(visitor.get(ledger))
        self.form(visitor, path)
        assert "withdrawn since" in text(visitor.get(ledger))
        assert "withdrawn since" not in text(Visitor(scene.app(), V1).get(ledger))

    def test_an_identity_that_is_gone_is_said_to_be(self, scene: Scene) -> None:
        draft = scene.start(R1)
        sealed = scene.seal_identity(draft, {"name": "N"})
        scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))
        visitor, record = Visitor(scene.app(), V2), told(scene)[0][0].record
        path = f"/cases/{scene.case}/testimony/{record}"
        assert "opening request" in text(visitor.get(path))
        assert self.form(visitor, path, what="identity").status_code == 200
        page = text(visitor.get(path))
        assert "opening request" not in page
        assert "It was withdrawn." in page
