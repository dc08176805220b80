"""What happens beside interviews: people come back, evidence comes in, words are quoted, a statement is published, an
identity is opened."""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING, Any

from drill import telling
from drill.telling import MARK
from tests import retention, speaking
from tests.cast import C1, CUSTODIANS, R1, R2, THRESHOLD, V1, V2
from tests.dossier import EVENT, SUPPORTS
from tests.readers import coding
from tests.stage import DAY, actor, later
from tests.test_pictures import photo
from vault import cases, consents, corroboration, drafts, escrow, exports, findings, redemption, responses
from vault.opening import Days, Holder, ask, combine, decide
from vault.receipts import new_token
from vault.rules.assessments import Contacts, Pool
from vault.rules.circumstances import Band
from vault.rules.dictionary import TableName
from vault.sealing import escrows
from vault.sealing.digests import b64, parse_object, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.terms import open_packet

if TYPE_CHECKING:
    from drill.building import Works

BANDS = {"doctor": "under_20", "health_worker": "20_to_49", "resident": "1000_or_more"}


def come_back(works: Works, random: Random, number: int) -> None:
    """After a witness: perhaps another tells more or corrects, changes what they allow, or a draft is left."""
    one = random.choice(works.came[3:] or works.came)
    case = works.case_of(one)
    if number % 15 == 3:
        _deposit(works, case, telling.later(one.pseudonym, one.incident, "follow-up", None))
    if number % 15 == 8:
        _deposit(works, case, telling.later(one.pseudonym, one.incident, "correction", one.digest))
    if number % 15 == 13:
        _narrow(works, case, one.pseudonym)
    if number % 30 == 20:
        newest = works.came[-1]
        said = telling.observations(7, newest.incident)[0]
        again = coding(newest.digest, said, note=f"Coded again beside the {MARK} mill")
        works.desks["V2"].post(f"/api/cases/{works.case_of(newest)}/codings", again)
    if number % 12 == 5:
        for researcher in (R1, R2):
            started = works.scene.start(researcher, case, one.incident)
            with works.scene.writing() as uow:
                text = {"testimony": f"A draft of {researcher.code} about the {MARK} smoke"}
                drafts.save(uow, actor(researcher), started.id, text)


def _deposit(works: Works, case: str, raw: dict[str, Any]) -> None:
    incident = raw["observations"][0]["incident"]
    started = works.desks["R2"].post(f"/api/cases/{case}/drafts", {"incident": incident})
    works.desks["R2"].post(f"/api/drafts/{started['draft']}/deposit", raw)


def _narrow(works: Works, case: str, pseudonym: str) -> None:
    """A witness allows nothing any more but that the team keeps the record."""
    raw = {
        "pseudonym": pseudonym,
        "supersedes": None,
        "consent": {"recording": True, "uses": []},
        "interview": {"date": "2015-12-03", "language": "ar", "mode": "voice_call"},
        "testimony": f"No longer, said {MARK}.",
    }
    consents.deposit(works.scene.vault, actor(R1), case, new_token(), raw)


def speak(works: Works) -> tuple[str, SealingKey]:
    """All that a case leads to; the pseudonym whose identity was opened, and the key that opened it."""
    scene = works.scene
    for case in works.cases:
        works.desks["V1"].post(f"/api/cases/{case}/editions")
    _hand_in(works)
    pools = [Pool(scene.hospital, one, Band.FROM_50) for one in ("aircraft.present", "aircraft.number")]
    for pool in pools:
        speaking.agree(scene, pool)
    speaking.agree(scene, Contacts(scene.hospital, 1, 60, 60))
    _quote(works)
    speaking.approved(scene, cells=(speaking.AIRCRAFT, speaking.TWO))
    speaking.publish(scene, C1)
    _answer(works)
    retention.agree(scene, retention.last_day(scene, later(400)))
    works.desks["V2"].get(f"/cases/{scene.case}/testimony")
    with scene.writing() as uow:
        corroboration.cut(scene.vault, uow, actor(V1), scene.case, later(30))
    return _open(works, works.came[1].pseudonym)


def _hand_in(works: Works) -> None:
    """A photograph that says where and by whose telephone it was taken; it is sealed as it is."""
    desk, case = works.desks["R1"], works.scene.case
    content = photo()
    about = {"size": len(content), "media": "image/jpeg", "head": b64(hashlib.sha256(content).digest())}
    upload = desk.post(f"/api/cases/{case}/uploads", {**about, "sha256": about["head"]})
    desk.post(f"/api/uploads/{upload['upload']}/0", content)
    item = {
        "item": upload["item"],
        "kind": "photo",
        "title": f"The {MARK} yard afterwards",
        "incident": works.scene.hospital,
        "origin": {"how": "sent", "from": f"A {MARK} channel", "held": f"In a {MARK} drawer"},
        "giver": None,
        "original": upload["upload"],
        "working": None,
        "events": [{**EVENT, "note": f"Handed over at {MARK} bridge"}],
        "bears": [{**SUPPORTS, "why": f"The {MARK} crater is fresh."}],
    }
    desk.post(f"/api/cases/{case}/evidence", item)


def _quote(works: Works) -> None:
    """V2 quotes a witness as a doctor; V1 upholds it."""
    path = f"/api/cases/{works.scene.case}/quotes"
    wish = {
        "receipt": works.came[0].digest,
        "incident": works.scene.hospital,
        "words": telling.WORDS,
        "claims": [{"subject": "aircraft.number", "value": 2}],
        "descriptor": "doctor",
        "bands": BANDS,
    }
    works.desks["V2"].post(path, {"act": "quote", **wish})
    (quote,) = works.desks["V1"].get(path).json()
    reason = f"It says no more than {MARK}"
    works.desks["V1"].post(path, {"act": "decide", "quote": quote["quote"], "upheld": True, "reason": reason})


def _answer(works: Works) -> None:
    """What the accused said, what follows from all of it, and a table that leaves."""
    case, incident = works.scene.case, works.scene.hospital
    claim = {"incident": incident, "subject": "strike.took_place", "value": "yes"}
    point = {"words": {"en": f"Nothing hit the {MARK} hospital."}, "kind": "denies", "about": [claim]}
    said = {
        "said": "2015-10-22",
        "who": f"A {MARK} ministry",
        "where": f"{MARK} hall",
        "source": f"The {MARK} news",
    }
    raw = {**said, "points": [point], "imagery": [], "replaces": None}
    with works.scene.writing() as uow:
        response = responses.record(works.scene.vault, uow, actor(V1), (case, raw), DAY)
        factor = {
            "kind": "response",
            "response": response,
            "point": 0,
            "weight": "against",
            "why": f"Says {MARK}.",
        }
        finding = {
            "finding": None,
            "version": 1,
            "incident": incident,
            "proposition": {"en": f"The {MARK} hospital was hit."},
            "likelihood": "likely",
            "factors": [factor],
            "reasons": f"Nobody else flew over {MARK}.",
        }
        findings.propose(works.scene.vault, uow, actor(V1), (case, finding), DAY)
        exports.note_table(uow, actor(V1), cases.find(uow, case), TableName.FINDINGS, DAY)


def _open(works: Works, pseudonym: str) -> tuple[str, SealingKey]:
    """V2 asks for the identity of one witness, a quorum approves, and it opens on V2's device."""
    scene, record = works.scene, works.sealed[pseudonym]
    about = {"purpose": "identity", "record": record["record"], "escrow": escrows.fingerprint(record)}
    about |= {"requester": "V2", "reason": f"to warn the witness of {MARK}"}
    roster, today = scene.roster(), DAY.isoformat()
    assert V2.request is not None
    terms, key = ask(about, roster, V2.request, Days(today, later(30).isoformat()))
    opening = works.desks["V2"].post("/api/openings", terms)["opening"]
    for custodian in CUSTODIANS[:THRESHOLD]:
        with scene.writing() as uow:
            (one,) = escrow.waiting(uow, actor(custodian), DAY)
            packet = open_packet(
                custodian.secret.sealing, roster.vault, opening, custodian.code, unb64(one.packet)
            )
            decision = decide(packet, [roster], Holder(custodian.code, custodian.secret), None, today)
            escrow.decide(uow, actor(custodian), decision, DAY)
    with scene.writing() as uow:
        handed = redemption.redeem(uow, actor(V2), terms, DAY)
    opened = combine(terms["document"], key, handed["escrow"], handed["approvals"], roster)
    assert parse_object(opened)["pseudonym"] == pseudonym
    return pseudonym, key
