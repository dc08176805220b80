"""A custodian's desk in the web: what waits, who can be reached, decisions handed in; no custody key is used there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from tests.asking import NAME, Opening, sealed_identity
from tests.cast import C1, C2, C3, C4, R1, following
from tests.readers import audited
from tests.sitting import D1, D2, set_up
from tests.stage import DAY, DAYS, After, Scene, actor, invitations, lately
from tests.visitor import Api, Visitor, sentences
from tests.web.desks import Watch
from vault import attendance, proposals
from vault import roster as rosters
from vault.errors import Tampered, VaultError
from vault.opening import Holder, decide
from vault.sealing import audits
from vault.sealing.auditing import from_file, verify_export
from vault.sealing.digests import Json, unb64
from vault.sealing.drills import report
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign, signature
from vault.sealing.terms import open_packet
from vault.store.testimony import AttendanceRow


def waiting(scene: Scene) -> Opening:
    """Two desks, and a request that waits."""
    set_up(scene)
    asked = sealed_identity(scene)
    asked.ask()
    return asked


@pytest.fixture
def opening(after: After) -> Opening:
    scene, asked = after(waiting)
    return replace(asked, scene=scene)


@pytest.fixture
def visitor(opening: Opening) -> Visitor:
    return Visitor(opening.scene.app(), D1)


def page(visitor: Visitor) -> str:
    return visitor.get("/custody").get_data(as_text=True)


def name(opening: Opening) -> str:
    assert opening.terms is not None
    return str(opening.terms["document"]["opening"])


def chain(opening: Opening) -> tuple[Roster, ...]:
    with opening.scene.reading() as uow:
        return rosters.history(uow)


def hand_in(visitor: Visitor, content: Json) -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    return visitor.post("/custody/decisions", {"text": text})


def test_the_desk_says_what_waits_and_nothing_of_what_it_is_about(opening: Opening, visitor: Visitor) -> None:
    shown = page(visitor)
    assert f">{name(opening)[:6]}<" in shown
    assert "Approved by 0 of 3" in shown
    assert "You have not decided." in shown
    assert opening.record not in shown
    assert "to warn them" not in shown
    assert not re.search(r"\bV2\b", shown.split('id="people"')[0])  # ids may hold any letters


@pytest.mark.both
def test_a_request_is_taken_away_decided_on_elsewhere_and_handed_in(
    opening: Opening, visitor: Visitor
) -> None:
    answer = visitor.get(f"/custody/requests/{name(opening)}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="request-{name(opening)[:6]}.json"'
    file = answer.get_json()
    packet = open_packet(C1.secret.sealing, file["vault"], file["opening"], "C1", unb64(file["packet"]))
    signed = decide(packet, chain(opening), Holder("C1", C1.secret), None, DAY.isoformat())
    assert hand_in(visitor, signed).status_code == 303
    shown = page(visitor)
    assert "Approved by 1 of 3" in shown
    assert "You approved." in shown
    assert f"/custody/requests/{name(opening)}" not in shown


def test_a_refusal_is_shown_with_who_refused(opening: Opening, visitor: Visitor) -> None:
    assert hand_in(visitor, opening.decision(C1, refusal="not without asking")).status_code == 303
    shown = page(Visitor(visitor.client.application, D2))
    assert re.search(r"Refused by <span[^>]*>C1</span>", shown)
    assert "not without asking" not in shown


def test_what_this_custodian_has_done_waits_for_others(opening: Opening, visitor: Visitor) -> None:
    def parted() -> list[bool]:
        return [f">{name(opening)[:6]}<" in part for part in page(visitor).split('id="elsewhere"')]

    assert parted() == [True]
    hand_in(visitor, opening.decision(C1))
    assert parted() == [False, True]


def test_a_desk_for_which_nothing_waits_says_so_and_what_will(after: After) -> None:
    scene, _ = after(set_up)
    visitor = Visitor(scene.app(), D1)
    shown = page(visitor)
    assert "Nothing waits for you." not in shown
    assert "custodian drill --profile PROFILE" in shown
    with scene.writing() as uow:
        row = uow.testimony.get_one(AttendanceRow, "C1")
        row.drill = json.dumps(report(scene.roster(), ("C1", C1.secret.signing), DAY.isoformat(), {}, []))
    shown = page(visitor)
    assert "Nothing waits for you." in shown
    assert 'id="hand-in"' not in shown


def test_the_desks_own_keys_open_no_packet_and_no_share(opening: Opening, visitor: Visitor) -> None:
    file = visitor.get(f"/custody/requests/{name(opening)}").get_json()
    sealed = unb64(file["packet"])
    with pytest.raises(Tampered):
        open_packet(D1.secret.sealing, file["vault"], file["opening"], "C1", sealed)
    packet = open_packet(C1.secret.sealing, file["vault"], file["opening"], "C1", sealed)
    with pytest.raises(VaultError):
        decide(packet, chain(opening), Holder("C1", D1.secret), None, DAY.isoformat())


def test_a_decision_that_the_desk_signed_itself_does_not_count(opening: Opening, visitor: Visitor) -> None:
    signed = opening.decision(C1)
    forged = sign(signed["document"], "C1", D1.secret.signing)
    assert hand_in(visitor, forged).status_code == 409
    assert "Approved by 0 of 3" in page(visitor)


def test_nobody_hands_in_anothers_decision(opening: Opening, visitor: Visitor) -> None:
    answer = hand_in(visitor, opening.decision(C2))
    assert answer.status_code == 422
    assert "they hand it in themselves" in answer.get_data(as_text=True)
    assert "Approved by 0 of 3" in page(visitor)


FOREIGN = {
    "a key file": C1.key_file,
    "a key file under another name": {**C1.key_file, "format": "witness-vault/v1/approval-file"},
    "an opening file": {"format": "witness-vault/v1/opening-file", "terms": {}, "key": "ZEPHYRINE"},
    "a member's profile": {"code": "V2", "device_key": "ZEPHYRINE", "factor": "", "request_key": {}},
    "a request": {"format": "witness-vault/v1/request-file", "terms": {}},
    "what is decided on": {"format": "witness-vault/v1/packet-file", "packet": "ZEPHYRINE"},
    "another document": {"document": {"format": "witness-vault/v1/drill"}, "signatures": []},
    "nothing of this vault": {"ZEPHYRINE": 1},
    "no JSON": "ZEPHYRINE",
    "nothing": "",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_anything_else_is_refused_in_one_sentence_and_never_kept(
    opening: Opening, visitor: Visitor, watch: Watch, what: str
) -> None:
    scene = opening.scene
    before = scene.contents()
    watch.printed.readouterr()
    answer = hand_in(visitor, FOREIGN[what])
    assert answer.status_code == 422
    said, text = set(sentences(answer)), answer.get_data(as_text=True)
    assert len(said) == 1
    assert "ZEPHYRINE" not in text
    assert C1.key_file["wrapped"]["locked"][:40] not in text
    assert scene.contents() == before
    out, err = watch.printed.readouterr()
    assert out + err + watch.logged.text == ""


def test_a_file_that_is_posted_is_looked_at_in_the_same_way(visitor: Visitor) -> None:
    fields = {"csrf": visitor.csrf, "file": (BytesIO(json.dumps(C1.key_file).encode()), "key-file.json")}
    answer = visitor.post("/custody/decisions", fields, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "key file" in " ".join(sentences(answer))


def test_no_field_of_the_page_would_send_a_file(visitor: Visitor) -> None:
    for field in re.findall(r"<input[^>]*>", page(visitor)):
        assert 'type="file"' not in field or "name=" not in field
    assert 'enctype="multipart/form-data"' not in page(visitor)


def test_members_see_the_quorum_and_nothing_of_the_desk(opening: Opening) -> None:
    shown = page(Visitor(opening.scene.app(), R1))
    assert "3 of 5 custodians, together" in shown
    for word in ("Requests", "can be reached", "I am away", "Hand in", "Download"):
        assert word not in shown


def test_who_can_be_reached_is_told_by_a_picture_a_table_and_an_alarm(
    opening: Opening, visitor: Visitor
) -> None:
    scene = opening.scene
    shown = page(visitor)
    assert "1 of 5 custodians can be reached: C1." in shown
    assert "An opening takes 3 custodians, and 1 can be reached" in shown
    assert shown.count("never seen here") == 4
    for custodian in (C2, C3, C4):
        Api(scene.app(), custodian, scene.roster().vault)
    shown = page(visitor)
    assert "4 of 5 custodians can be reached: C1, C2, C3, C4." in shown
    assert "Too few" not in shown


def test_a_sign_in_leaves_a_day_and_no_more(opening: Opening, visitor: Visitor) -> None:
    with opening.scene.reading() as uow:
        (row,) = uow.testimony.scalars(select(AttendanceRow))
    assert (row.custodian, row.away, row.drill) == ("C1", None, None)
    assert row.seen in lately()
    Visitor(visitor.client.application, R1)
    Visitor(visitor.client.application).sign_in(D2, passphrase="not the right one")
    with opening.scene.reading() as uow:
        assert len(uow.testimony.scalars(select(AttendanceRow)).all()) == 1


def test_an_absence_is_announced_and_taken_back(opening: Opening, visitor: Visitor) -> None:
    until = (DAY + timedelta(days=5)).isoformat()
    assert visitor.post("/custody/absence", {"until": until}).status_code == 303
    other = page(Visitor(visitor.client.application, D2))
    assert f'away until <time datetime="{until}"' in other
    assert "1 of 5 custodians can be reached: C2." in other
    assert "I am back" in page(visitor)
    assert visitor.post("/custody/absence", {"back": "yes"}).status_code == 303
    assert "I am back" not in page(visitor)
    told = [body for body in audited(opening.scene) if body["act"] == "absence announced"]
    assert [(body["actor"], body["about"]) for body in told] == [
        ("C1", {"until": until}),
        ("C1", {"until": "back"}),
    ]


@pytest.mark.parametrize("until", ["", "soon", "2020-01-01", "9999-12-31"])
def test_an_absence_needs_a_day_that_makes_sense(visitor: Visitor, until: str) -> None:
    answer = visitor.post("/custody/absence", {"until": until})
    assert answer.status_code == 422
    assert len(set(sentences(answer))) == 1


def test_a_drill_that_the_custodian_did_not_sign_vouches_for_nothing(opening: Opening) -> None:
    scene = opening.scene
    forged = {"document": {"format": "witness-vault/v1/drill", "day": DAY.isoformat()}, "signatures": []}
    with scene.writing() as uow:
        uow.testimony.add(AttendanceRow(custodian="C5", seen=None, away=None, drill=json.dumps(forged)))
    with scene.reading() as uow:
        present = attendance.attendance(uow, D1.actor.role)
    assert [one.drill for one in present.custodians] == [None] * 5


def test_proposals_are_listed_and_signed_elsewhere(opening: Opening, visitor: Visitor) -> None:
    scene = opening.scene
    document = following(scene.roster(), **DAYS)
    with scene.writing() as uow:
        digest = proposals.propose(uow, actor(C2), document, None, DAY)
        own = signature(document, "C2", C2.secret.signing)
        proposals.sign(uow, actor(C2), digest, own, DAY)
    shown = page(visitor)
    assert "A new roster" in shown
    assert re.search(r"Signed by 1 of 3: <span[^>]*>C2</span>\.\s*<b>You have not signed.</b>", shown)
    # What is to be given in a custodian's own terminal is the same whatever waits: the server chooses no word of it.
    assert "<code>witness-vault custodian proposals --profile PROFILE</code>" in shown
    assert digest not in shown
    by_desk = signature(document, "C1", D1.secret.signing)
    with scene.writing() as uow, pytest.raises(Tampered):
        proposals.sign(uow, D1.actor, digest, by_desk, DAY)


def test_the_desk_asks_for_nothing_sees_no_case_and_reads_nothing(opening: Opening, visitor: Visitor) -> None:
    scene, client = opening.scene, Api(visitor.client.application, D1)
    for path in (
        "/api/cases",
        f"/api/cases/{scene.case}",
        f"/api/cases/{scene.case}/editions",
        "/openings",
        f"/cases/{scene.case}/testimony",
    ):
        assert client.call("GET", path).status_code == 403, path
    assert client.call("POST", "/api/openings", {"document": {}, "signatures": []}).status_code == 403


def test_a_desk_and_a_key_file_sign_in_side_by_side(opening: Opening, visitor: Visitor) -> None:
    app, vault = visitor.client.application, opening.scene.roster().vault
    client = Api(app, C1, vault)
    assert client.call("GET", "/api/openings").status_code == 200
    assert visitor.get("/custody").status_code == 200
    assert client.call("GET", "/api/openings").get_json()["openings"][0]["opening"] == name(opening)


def test_a_desk_that_no_roster_lists_is_pending(scene: Scene) -> None:
    scene.carry(C1, invitations(scene.roster(), (D1,)))
    scene.enrol(D1)
    visitor = Visitor(scene.app(), D1)
    assert visitor.get("/custody").status_code == 403
    with scene.reading() as uow:
        assert uow.testimony.get(AttendanceRow, "C1") is None


def test_the_entries_can_be_taken_away_to_be_read_with_the_key_file(
    opening: Opening, visitor: Visitor
) -> None:
    answer = visitor.get("/custody/audit")
    named = {f'attachment; filename="entries-{day}.json"' for day in lately()}
    assert answer.headers["Content-Disposition"] in named
    file = answer.get_json()
    export = {**file, "format": "witness-vault/v1/audit-chain", "decisions": None}
    report = verify_export(from_file(export))
    assert report.length == len(file["entries"]) == len(audited(opening.scene))
    last, link = file["entries"][-1], file["links"][-1]
    entry = audits.Entry(
        last["position"],
        unb64(link["link"]),
        unb64(link["commitment"]),
        None,
        unb64(last["body"]),
        {"C1": unb64(last["key"])},
    )
    assert audits.read(entry, "C1", C1.secret.sealing)["act"] == "opening requested"
    assert NAME not in json.dumps(file)
