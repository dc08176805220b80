"""Hostile text in every field: taken whole or refused in one sentence, never a fault."""

from __future__ import annotations

import pytest

from tests.cast import R1, V1, V2
from tests.stage import DAY, actor
from tests.visitor import Api, Visitor, sentences
from tests.web.desks import Desk, Watch
from vault import testimonies

HOSTILE = {
    "NUL": "before\0after",
    "a lone surrogate": "before\ud800after",
    "a reversed pair": "\udc00\ud800",
    "an override": "before\u202eafter",
    "a byte order mark": "\ufeff",
    "an escape": "\x1b[2J\x07",
    "markup": "</textarea></script><script>alert(1)</script>",
    "a template": "{{ 7 * 7 }}{% raw %}",
    "an enormous number": "9" * 5000,
    "a negative number": "-1",
    "much of one sign": "﷽" * 3000,
}
TEXTS = ["kind", "pseudonym", "supersedes", "reason", "testimony", "sealed_identity"]
FACTS = ["date", "language", "mode", "interpreter"]
CODES = ["incident", "subject", "value", "modality", "placed"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_anywhere_in_a_draft_is_taken_whole_or_refused_never_a_fault(
    desk: Desk, watch: Watch, text: str
) -> None:
    hostile, scene = HOSTILE[text], desk.scene
    valid = scene.interview(scene.said("heard"))
    attempts = [{**valid, name: hostile} for name in TEXTS]
    attempts += [{**valid, "interview": {**valid["interview"], name: hostile}} for name in FACTS]
    attempts += [{**valid, "observations": [{**scene.said("heard"), name: hostile}]} for name in CODES]
    attempts.append({**valid, "observations": [scene.said(hostile)]})
    attempts.append({**valid, "consent": {"recording": True, "uses": [hostile]}})
    attempts.append({**valid, "interview": {**valid["interview"], "together_with": [hostile]}})
    attempts.append({**valid, hostile: "a member"})
    path = f"/api/drafts/{desk.draft_id}/deposit"
    for attempt in attempts:
        if attempt in (valid, {**valid, "testimony": hostile}):
            continue
        accepted = attempt["interview"].get("interpreter") or attempt.get("reason")
        with watch.over(desk, keeps=not accepted):
            answer = desk.client.call("POST", path, attempt)
        if answer.status_code == 200:  # whole: an interpreter or a reason may hold any text
            assert accepted
            path = f"/api/drafts/{desk.scene.start(R1).id}/deposit"
        else:
            assert answer.status_code == 422
            assert len(sentences(answer)) == 1


@pytest.mark.parametrize("text", sorted(set(HOSTILE) - {"a lone surrogate", "a reversed pair"}))
def test_hostile_testimony_comes_back_to_its_reader_as_it_was_written(desk: Desk, text: str) -> None:
    assert (
        desk.client.call(
            "POST", f"/api/drafts/{desk.draft_id}/deposit", desk.scene.interview(testimony=HOSTILE[text])
        ).status_code
        == 200
    )
    with desk.scene.unkept() as uow:
        (one,), unsound = testimonies.listing(uow, actor(V2), desk.scene.case, DAY)
    assert (one.half.body["testimony"], unsound) == (HOSTILE[text], 0)
    page = Visitor(desk.app, V2).get(f"/cases/{desk.scene.case}/testimony/{one.record}")
    assert page.status_code == 200
    assert b"<script>" not in page.data


OTHER_FIELDS = [
    ("/api/sign-in", ["member", "passphrase", "device_key"]),
    ("/api/cases/{case}/incidents", ["title", "place", "date", "vocabulary"]),
    ("/api/cases/{case}/drafts", ["incident"]),
    ("/api/proposals/x/signatures", ["by", "signature"]),
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("path", "names"), OTHER_FIELDS, ids=[path for path, _ in OTHER_FIELDS])
def test_hostile_text_elsewhere_is_never_a_fault(
    desk: Desk, watch: Watch, path: str, names: list[str], text: str
) -> None:
    valid = {
        "title": "A strike",
        "member": "R1",
        "passphrase": "x",
        "device_key": "x",
        "by": "C1",
        "signature": "x",
    }
    clients = [Api(desk.app, R1), Api(desk.app, V1), Api(desk.app)]
    for name in names:
        for client in clients:
            with watch.over(desk, keeps=False):
                answer = client.call(
                    "POST", path.format(case=desk.scene.case), {**valid, name: HOSTILE[text]}
                )
            assert answer.status_code in (200, 401, 403, 404, 422)
