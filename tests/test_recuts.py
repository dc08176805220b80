"""Re-cuts: an incident under review is counted anew when a quorum says so, for the next edition alone, and rarely."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import update

from tests.cast import C1, CUSTODIANS, R1, THRESHOLD, V1, V2, Person
from tests.cli.line import Line, open_line
from tests.readers import audited, cut
from tests.stage import DAY, After, Scene, actor, later
from tests.visitor import Visitor
from vault import proposals
from vault.errors import Conflict, Invalid, Refused, VaultError
from vault.sealing.signatures import signature
from vault.store.testimony import ProposalRow


@pytest.fixture
def reviewed(after: After) -> Scene:
    """An incident with figures, under review since one of four corrected what they said."""
    return after(_corrected)[0]


def _corrected(scene: Scene) -> None:
    receipts = [scene.deposit(R1, scene.said("saw")) for _ in range(4)]
    cut(scene)
    _correct(scene, receipts[0], "heard")
    cut(scene, 30)


def _correct(scene: Scene, receipt: Any, *perception: str) -> None:
    facts = {"pseudonym": receipt.pseudonym, "supersedes": receipt.digest, "reason": "Misheard"}
    scene.deposit(R1, scene.said(*perception), kind="correction", **facts)


def document(scene: Scene, **changes: Any) -> dict[str, Any]:
    roster = scene.roster()
    return {
        "format": "witness-vault/v1/recut",
        "vault": roster.vault,
        "roster": roster.version,
        "case": scene.case,
        "incident": scene.hospital,
        "edition": 2,
        "requester": "V1",
        "reason": "court_or_mandate_asks",
        "day": DAY.isoformat(),
        **changes,
    }


def propose(scene: Scene, asked: dict[str, Any], by: Person = V1, days: int = 0) -> str:
    with scene.writing() as uow:
        return proposals.propose(uow, actor(by), asked, None, later(days))


def sign(scene: Scene, name: str, asked: dict[str, Any], quorum: int = THRESHOLD) -> None:
    for custodian in CUSTODIANS[:quorum]:
        with scene.writing() as uow:
            entry = signature(asked, custodian.code, custodian.secret.signing)
            proposals.sign(uow, actor(custodian), name, entry, DAY)


def status(scene: Scene, days: int) -> str:
    return str(cut(scene, days).incident(scene.hospital)["status"])


def test_what_a_quorum_signed_is_counted_anew_and_the_edition_names_it(reviewed: Scene) -> None:
    asked = document(reviewed)
    name = propose(reviewed, asked)
    sign(reviewed, name, asked)
    entry = cut(reviewed, 60).incident(reviewed.hospital)
    assert (entry["status"], entry["recut"]) == ("counted", name)
    page = Visitor(reviewed.app(), V2).get(f"/cases/{reviewed.case}/editions/3/{reviewed.hospital}")
    assert "a quorum of custodians signed that it be counted anew" in page.get_data(as_text=True)


def test_with_one_signature_too_few_it_stays_under_review(reviewed: Scene) -> None:
    asked = document(reviewed)
    sign(reviewed, propose(reviewed, asked), asked, THRESHOLD - 1)
    assert status(reviewed, 60) == "under-review"


def test_a_row_that_says_that_it_took_effect_counts_for_nothing(reviewed: Scene) -> None:
    propose(reviewed, document(reviewed))
    with reviewed.writing() as uow:
        uow.testimony.execute(update(ProposalRow).values(applied=True))
    assert status(reviewed, 60) == "under-review"


def test_a_document_that_was_changed_after_it_was_signed_counts_for_nothing(reviewed: Scene) -> None:
    asked = document(reviewed, incident=reviewed.hospital)
    sign(reviewed, propose(reviewed, asked), asked)
    other = json.dumps({**asked, "reason": "safety_depends_on_it"})
    with reviewed.writing() as uow:
        uow.testimony.execute(update(ProposalRow).where(ProposalRow.kind == "recut").values(document=other))
    assert status(reviewed, 60) == "under-review"


def test_it_holds_for_the_next_edition_alone(reviewed: Scene) -> None:
    asked = document(reviewed)
    name = propose(reviewed, asked)
    assert status(reviewed, 60) == "under-review"
    with pytest.raises(Conflict):
        sign(reviewed, name, asked)
    assert status(reviewed, 90) == "under-review"


def test_an_incident_is_cut_anew_at_most_once_in_180_days(reviewed: Scene) -> None:
    asked = document(reviewed)
    sign(reviewed, propose(reviewed, asked), asked)
    first = reviewed.deposit(R1, reviewed.said("saw"))
    assert status(reviewed, 60) == "counted"
    _correct(reviewed, first, "heard")
    assert status(reviewed, 90) == "under-review"
    with pytest.raises(Refused, match=later(240).isoformat()):
        propose(reviewed, document(reviewed, edition=4), days=239)
    assert propose(reviewed, document(reviewed, edition=4), days=240)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"edition": 1}, Conflict),
        ({"edition": 3}, Conflict),
        ({"roster": 1}, Conflict),
        ({"vault": "another"}, Conflict),
        ({"requester": "V2"}, Invalid),
        ({"reason": "because she withdrew"}, Invalid),
        ({"day": "today"}, Invalid),
        ({"more": 1}, Invalid),
        ({"case": "another"}, VaultError),
        ({"incident": "another"}, VaultError),
    ],
)
def test_what_is_not_whole_is_not_proposed(
    reviewed: Scene, changes: dict[str, Any], error: type[VaultError]
) -> None:
    with pytest.raises(error):
        propose(reviewed, document(reviewed, **changes))


def test_only_an_incident_under_review_is_cut_anew(reviewed: Scene) -> None:
    with pytest.raises(Refused):
        propose(reviewed, document(reviewed, incident=reviewed.mosque))


@pytest.mark.parametrize("person", [V2, R1, C1], ids=lambda person: person.code)
def test_only_whoever_may_cut_asks_for_it(reviewed: Scene, person: Person) -> None:
    with pytest.raises(Refused):
        propose(reviewed, document(reviewed, requester=person.code), by=person)


def test_asking_and_signing_are_audited(reviewed: Scene) -> None:
    before = len(audited(reviewed))
    asked = document(reviewed)
    sign(reviewed, propose(reviewed, asked), asked)
    acts = [entry["act"] for entry in audited(reviewed)[before:]]
    assert acts == ["recut proposed", *["recut signed"] * THRESHOLD]


def test_custodians_read_in_words_what_they_sign(reviewed: Scene, tmp_path: Any) -> None:
    with open_line(reviewed, tmp_path / "profiles") as line:
        given = ("--case", reviewed.case, "--incident", reviewed.hospital)
        said = line.run(V1, "edition", "request-recut", *given, "--reason", "figures_were_wrong")
        name = said.out.strip()
        for custodian in CUSTODIANS[:THRESHOLD]:
            read = _signed(line, custodian, name)
            assert "V1 asks that one incident" in read
            assert "figures were wrong" in read
            assert "can read off what they said" in read
    assert status(reviewed, 60) == "counted"


def _signed(line: Line, custodian: Person, name: str) -> str:
    said = line.run(custodian, "custodian", "sign", "--yes", "--", name)
    return said.out + said.err
