"""What takes a quorum: proposed by whom it behoves, signed by k, in effect once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.cast import C1, C2, C3, C4, CUSTODIANS, OUTSIDER, R1, V1, V2, Person, following, seed
from tests.stage import DAY, DAYS, PLAN, TEAM, Scene, actor, invitations, later
from vault import cases, enrolment, holdings, proposals
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered, VaultError
from vault.founding import found_case
from vault.opening import entrust
from vault.rules.access import Role
from vault.rules.quorum import Tally
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.escrows import fingerprint
from vault.sealing.signatures import signature
from vault.store.testimony import CaseEscrowRow, ProposalRow, ProposalSignatureRow

R9 = Person("R9", "researcher")


def _propose(scene: Scene, person: Person, document: Json, attachments: Json = None) -> str:
    with scene.writing() as uow:
        return proposals.propose(uow, actor(person), document, attachments, DAY)


def _sign(scene: Scene, person: Person, name: str, document: Json, entry: Json = None) -> Tally:
    with scene.writing() as uow:
        signed = signature(document, person.code, person.secret.signing) if entry is None else entry
        return proposals.sign(uow, actor(person), name, signed, DAY)


def _waiting(scene: Scene) -> list[str]:
    with scene.reading() as uow:
        return [one.digest for one in proposals.waiting(uow, Role.CUSTODIAN)]


def _invited(scene: Scene) -> dict[str, Any]:
    return invitations(scene.roster(), (R9,))


def test_with_the_kth_signature_and_not_before_a_document_takes_effect(scene: Scene) -> None:
    document = following(scene.roster(), (R9,), **DAYS)
    name = _propose(scene, C1, document)
    for given, custodian in enumerate((C2, C3), start=1):
        assert str(_sign(scene, custodian, name, document)) == f"{given} of 3"
        assert scene.roster().version == 2
        assert _waiting(scene) == [name]
    assert _sign(scene, C4, name, document).met
    assert scene.roster().version == 3
    assert "R9" in scene.roster().members
    assert _waiting(scene) == []


def test_proposing_signs_nothing(scene: Scene) -> None:
    _propose(scene, C1, _invited(scene))
    with scene.reading() as uow:
        (one,) = proposals.waiting(uow, Role.CUSTODIAN)
    assert (one.signed_by, one.threshold) == ((), 3)


def test_the_same_custodian_counts_once(scene: Scene) -> None:
    document = _invited(scene)
    name = _propose(scene, C1, document)
    assert [_sign(scene, C1, name, document).given for _ in range(4)] == [1, 1, 1, 1]


def test_the_same_document_is_one_proposal(scene: Scene) -> None:
    document = _invited(scene)
    assert _propose(scene, C1, document) == _propose(scene, C2, document)
    assert len(_waiting(scene)) == 1


def test_one_reviewer_cannot_bury_the_custodians_in_proposals(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "MOST_AT_ONCE", 2)
    plan = {**PLAN, "team": {"V1": ["brief"]}}
    made = [found_case(plan, scene.roster(), "V1", V1.secret.signing, ["air-strike"]) for _ in range(3)]
    first, _ = (_propose(scene, V1, *one) for one in made[:2])
    assert _propose(scene, V1, *made[0]) == first  # that is no further one
    with pytest.raises(Refused, match="2 proposals of yours wait"):
        _propose(scene, V1, *made[2])
    with scene.writing() as uow:
        proposals.withdraw(uow, actor(V1), first, DAY)
    _propose(scene, V1, *made[2])


def _twin_of(scene: Scene, key: str) -> tuple[Json, Json]:
    """A case of V1's, one of whose keys is entrusted under the record id of a key of the open case."""
    with scene.reading() as uow:
        row = uow.testimony.scalars(select(CaseEscrowRow).where(CaseEscrowRow.key == key)).one()
        twin = entrust(bytes(32), "case-key", json.loads(row.record)["record"], scene.roster())
    plan = {**PLAN, "code": "S2", "team": {"V1": ["brief"]}}
    document, attachments = found_case(plan, scene.roster(), "V1", V1.secret.signing, ["air-strike"])
    document = {**document, "escrows": {**document["escrows"], "brief": fingerprint(twin)}}
    return document, {**attachments, "escrows": {**attachments["escrows"], "brief": twin}}


def test_no_escrow_record_has_the_id_of_another(scene: Scene) -> None:
    with pytest.raises(Invalid, match="the id of another"):
        _propose(scene, V1, *_twin_of(scene, "testimony"))
    plan = {**PLAN, "code": "S2", "team": {"V1": ["brief"]}}
    document, attachments = found_case(plan, scene.roster(), "V1", V1.secret.signing, ["air-strike"])
    name = attachments["escrows"]["editions"]["record"]
    same = entrust(bytes(32), "case-key", name, scene.roster())
    document = {**document, "escrows": {**document["escrows"], "brief": fingerprint(same)}}
    with pytest.raises(Invalid, match="the id of another"):
        _propose(scene, V1, document, {**attachments, "escrows": {**attachments["escrows"], "brief": same}})


def test_a_record_under_the_id_of_another_does_not_take_its_place(scene: Scene) -> None:
    """Even where somebody wrote it there by hand, and every record is put back after a re-sharing."""
    _, attachments = _twin_of(scene, "testimony")
    twin = attachments["escrows"]["brief"]
    with scene.writing() as uow:
        kept = {"case": unb64(scene.case), "key": "brief", "version": 9, "record": json.dumps(twin)}
        uow.testimony.add(CaseEscrowRow(**kept))
    with scene.writing() as uow:
        holdings.replace(uow, "case-key", {twin["record"]: twin})
    with scene.reading() as uow:
        rows = uow.testimony.scalars(select(CaseEscrowRow).where(CaseEscrowRow.key == "testimony"))
        assert fingerprint(json.loads(rows.one().record)) != fingerprint(twin)


@pytest.mark.parametrize("size", [0, 1171, 1173, 100_000])
def test_a_grant_of_another_size_than_a_grants_is_refused(scene: Scene, size: int) -> None:
    plan = {**PLAN, "team": {"V1": ["brief"]}}
    document, attachments = found_case(plan, scene.roster(), "V1", V1.secret.signing, ["air-strike"])
    grants = [{**attachments["grants"][0], "sealed": b64(bytes(size))}]
    with pytest.raises(Invalid):
        _propose(scene, V1, document, {**attachments, "grants": grants})


@pytest.mark.parametrize("person", [R1, V1, OUTSIDER], ids=lambda person: person.code)
def test_only_custodians_propose_rosters_and_invitations_and_sign(scene: Scene, person: Person) -> None:
    for document in (_invited(scene), following(scene.roster(), (R9,), **DAYS)):
        with pytest.raises(Refused):
            _propose(scene, person, document)
        name = _propose(scene, C1, document)
        with pytest.raises(Refused):
            _sign(scene, person, name, document)


def _case(scene: Scene, proposer: str = "V1") -> tuple[dict[str, Any], dict[str, Any]]:
    plan = {**PLAN, "code": "S2", "team": TEAM}
    person = {"V1": V1, "V2": V2}[proposer]
    return found_case(plan, scene.roster(), proposer, person.secret.signing, scene.vault.vocabularies)


@pytest.mark.parametrize("person", [R1, C1, OUTSIDER], ids=lambda person: person.code)
def test_only_reviewers_propose_cases(scene: Scene, person: Person) -> None:
    with pytest.raises(Refused):
        _propose(scene, person, *_case(scene))


def test_nobody_proposes_a_case_in_anothers_name(scene: Scene) -> None:
    with pytest.raises(Invalid):
        _propose(scene, V2, *_case(scene, "V1"))


@pytest.mark.parametrize("document", [None, [], {}, {"format": 7}, {"format": "witness-vault/v1/edition"}])
def test_what_is_none_of_the_three_kinds_is_refused(scene: Scene, document: Json) -> None:
    for person in (C1, V1):
        with pytest.raises(Invalid):
            _propose(scene, person, document)


@pytest.mark.parametrize("kind", ["roster", "invitations", "case"])
@pytest.mark.parametrize("more", [{}, {"roster": "x"}, {"vault": 7, "roster": 2}])
def test_a_document_that_is_not_whole_is_refused(scene: Scene, kind: str, more: dict[str, Any]) -> None:
    person = V1 if kind == "case" else C1
    before = scene.contents()
    with pytest.raises(VaultError):
        _propose(scene, person, {"format": f"witness-vault/v1/{kind}", **more})
    assert scene.contents() == before


def test_a_signature_by_another_key_or_in_anothers_name_is_refused(scene: Scene) -> None:
    document = _invited(scene)
    name = _propose(scene, C1, document)
    by_another_key = signature(document, "C2", C1.secret.signing)
    with pytest.raises(Tampered):
        _sign(scene, C2, name, document, by_another_key)
    with pytest.raises(Invalid):
        _sign(scene, C2, name, document, signature(document, "C1", C1.secret.signing))
    spoilt: list[Json] = [[], "C2", {"by": "C2"}, {"by": "C2", "signature": "x"}]
    for entry in spoilt:
        with pytest.raises((Invalid, Tampered)):
            _sign(scene, C2, name, document, entry)


def test_a_signature_of_another_document_is_refused(scene: Scene) -> None:
    document, other = _invited(scene), following(scene.roster(), (R9,), **DAYS)
    name = _propose(scene, C1, document)
    with pytest.raises(Tampered):
        _sign(scene, C2, name, other)


def test_what_was_not_proposed_cannot_be_signed(scene: Scene) -> None:
    with pytest.raises(NotFound):
        _sign(scene, C1, b64(bytes(32)), _invited(scene))


def test_what_has_taken_effect_takes_no_further_signature(scene: Scene) -> None:
    document = _invited(scene)
    name = scene.carry(C1, document)
    with pytest.raises(Conflict):
        _sign(scene, C4, name, document)


def test_a_new_roster_overtakes_what_was_prepared_for_the_old(scene: Scene) -> None:
    document = _invited(scene)
    name = _propose(scene, C1, document)
    scene.carry(C1, following(scene.roster(), (R9,), **DAYS))
    assert _waiting(scene) == []
    with pytest.raises(Conflict):
        _sign(scene, C2, name, document)
    with pytest.raises(Conflict):
        _propose(scene, C1, document)


def test_two_rosters_never_wait_at_once(scene: Scene) -> None:
    first = following(scene.roster(), (R9,), **DAYS)
    rival = {**following(scene.roster()), "issued": DAYS["issued"], "expires": later(90).isoformat()}
    name = _propose(scene, C1, first)
    assert _propose(scene, C2, first) == name
    with pytest.raises(Conflict, match=name):
        _propose(scene, C2, rival)
    with scene.writing() as uow:
        proposals.withdraw(uow, actor(C2), name, DAY)
    with pytest.raises(NotFound):
        _sign(scene, C3, name, first)
    second = _propose(scene, C2, rival)
    assert _waiting(scene) == [second]


def test_a_roster_that_was_overtaken_is_in_nobodys_way(scene: Scene) -> None:
    scene.carry(C1, following(scene.roster(), (R9,), **DAYS))
    assert _propose(scene, C1, following(scene.roster(), **DAYS))


def test_whoever_proposed_takes_it_back_and_any_custodian_but_nobody_else(scene: Scene) -> None:
    for mine, others in ((V1, (V2, R1)), (V1, (OUTSIDER,))):
        document, attachments = _case(scene)
        name = _propose(scene, mine, document, attachments)
        _sign(scene, C1, name, document)
        for person in others:
            with scene.writing() as uow, pytest.raises(Refused):
                proposals.withdraw(uow, actor(person), name, DAY)
        with scene.writing() as uow:
            proposals.withdraw(uow, actor(mine), name, DAY)
        assert _waiting(scene) == []


def test_what_has_taken_effect_cannot_be_taken_back(scene: Scene) -> None:
    name = scene.carry(C1, _invited(scene))
    with scene.writing() as uow, pytest.raises(NotFound):
        proposals.withdraw(uow, actor(C1), name, DAY)


def test_invitations_end_on_a_day_to_come_and_name_codes_that_are_free(scene: Scene) -> None:
    late: list[dict[str, Any]] = [
        {"expires": later(-1).isoformat()},
        {"expires": "for ever"},
        {"invitations": []},
    ]
    for changes in late:
        with pytest.raises(Invalid):
            _propose(scene, C1, invitations(scene.roster(), (R9,), **changes))
    for taken in (Person("R1", "reviewer"), Person("C2", "researcher"), Person("R8", "custodian")):
        with pytest.raises(Conflict):
            _propose(scene, C1, invitations(scene.roster(), (taken,)))


def test_a_proposal_that_was_edited_after_it_was_signed_takes_no_effect(scene: Scene) -> None:
    """C2 and C3 signed a roster; a hand in the database adds a member before C4 signs."""
    document = following(scene.roster(), (), **DAYS)
    name = _propose(scene, C1, document)
    for custodian in (C2, C3):
        _sign(scene, custodian, name, document)
    edited = following(scene.roster(), (R9,), **DAYS)
    with scene.writing() as uow:
        uow.testimony.execute(update(ProposalRow).values(document=json.dumps(edited)))
    with pytest.raises(Tampered):
        _sign(scene, C4, name, edited)
    assert scene.roster().version == 2


def test_attachments_that_were_exchanged_after_the_signatures_open_no_case(scene: Scene) -> None:
    """The escrow of another is refused; of the brief and the grants, what opens them checks them."""
    (document, attachments), (_, others) = _case(scene), _case(scene)
    name = _propose(scene, V1, document, attachments)
    for custodian in CUSTODIANS[:2]:
        _sign(scene, custodian, name, document)
    _exchange(scene, others)
    with pytest.raises(Invalid, match="do not belong to this case"):
        _sign(scene, CUSTODIANS[2], name, document)
    _exchange(scene, {**others, "escrows": attachments["escrows"]})
    _sign(scene, CUSTODIANS[2], name, document)
    with scene.reading() as uow, pytest.raises(Tampered):
        cases.show(uow, actor(R1), document["case"])


def _exchange(scene: Scene, attachments: Json) -> None:
    with scene.writing() as uow:
        edited = update(ProposalRow).where(ProposalRow.kind == "case", ProposalRow.applied.is_(False))
        uow.testimony.execute(edited.values(attachments=json.dumps(attachments)))


def test_members_who_wait_are_shown_to_custodians_alone(scene: Scene) -> None:
    scene.carry(C1, _invited(scene))
    scene.enrol(R9)
    with scene.reading() as uow:
        assert [card["document"]["code"] for card in enrolment.pending(uow, Role.CUSTODIAN)] == ["R9"]
        for role in (Role.PENDING, Role.RESEARCHER, Role.REVIEWER):
            with pytest.raises(Refused):
                enrolment.pending(uow, role)
    scene.carry(C1, following(scene.roster(), (R9,), **DAYS))
    with scene.reading() as uow:
        assert enrolment.pending(uow, Role.CUSTODIAN) == []


def test_signatures_that_were_put_there_by_hand_count_for_nothing(scene: Scene) -> None:
    document = invitations(scene.roster(), (R9,))
    name = _propose(scene, C1, document)
    with scene.writing() as uow:
        for custodian in (C2, C3):
            forged = signature(
                {**document, "expires": "2099-01-01"}, custodian.code, custodian.secret.signing
            )
            entry = {"proposal": unb64(name), "by": custodian.code, "signature": json.dumps(forged)}
            uow.testimony.add(ProposalSignatureRow(**entry))
        named = {**signature(document, "C4", C4.secret.signing), "by": "C5"}  # C4's own, that names another
        entry = {"proposal": unb64(name), "by": "C4", "signature": json.dumps(named)}
        uow.testimony.add(ProposalSignatureRow(**entry))
        stranger = signature(document, "C9", OUTSIDER.secret.signing)
        uow.testimony.add(ProposalSignatureRow(proposal=unb64(name), by="C9", signature=json.dumps(stranger)))
    assert _sign(scene, C1, name, document).given == 1
    with scene.reading() as uow, pytest.raises(NotFound):
        enrolment.invitation(uow, b64(seed("R9 invitation")), DAY)
