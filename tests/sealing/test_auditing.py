"""vault.sealing.auditing and vault.sealing.checkpoints: what an outsider verifies, and what is caught."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, C2, CHAIN, CUSTODIANS, FOUNDING, OUTSIDER, R1, ROSTER, TODAY, V1, VAULT, Person
from vault.errors import Invalid, Tampered
from vault.sealing import audits
from vault.sealing.auditing import from_file, require_prefix, to_file, verify_export
from vault.sealing.audits import Link
from vault.sealing.checkpoints import read_checkpoint, require_continued, sign_checkpoint
from vault.sealing.digests import Json, document_digest
from vault.sealing.signatures import Signed, sign

KEYS = {custodian.code: custodian.secret.sealing.public for custodian in CUSTODIANS}


def links(*decisions: Signed | None) -> list[Link]:
    """A chain of entries, each about a decision or none."""
    made: list[Link] = []
    for position, signed in enumerate(decisions, start=1):
        previous = made[-1][0] if made else audits.START
        decision = None if signed is None else document_digest(signed)
        entry = audits.seal((position, previous, decision), {"day": TODAY, "act": "acted"}, KEYS)
        made.append((entry.link, entry.commitment, entry.decision))
    return made


def decision(person: Person, by: str = "", kind: str = "approval") -> Signed:
    return sign({"format": f"witness-vault/v1/{kind}"}, by or person.code, person.secret.signing)


def checkpoint(chain: list[Link], person: Person = C1, **changes: Json) -> Signed:
    document = sign_checkpoint(VAULT, chain, TODAY, (person.code, person.secret.signing))["document"]
    return sign({**document, **changes}, person.code, person.secret.signing)


def export(chain: list[Link], *signed: Signed, **changes: Json) -> dict[str, Any]:
    return {**to_file(VAULT, chain, CHAIN, signed), **changes}


def about(position: int, signed: Json) -> list[dict[str, Json]]:
    return [{"position": position, "signed": signed}]


def test_what_holds_is_reported() -> None:
    by_member, by_custodian = decision(R1, kind="revocation"), decision(C2)
    chain = links(None, by_member, by_custodian)
    held = about(2, by_member) + about(3, by_custodian)
    report = verify_export(from_file(export(chain, checkpoint(chain), decisions=held)))
    assert (report.words, report.length, report.decided, report.missing) == (
        FOUNDING.fingerprint,
        3,
        (2, 3),
        (),
    )
    assert [(one.custodian, one.position, one.day) for one in report.checkpoints] == [("C1", 3, TODAY)]


def test_without_decisions_none_is_missing_and_with_some_the_others_are_named() -> None:
    one, other = decision(C1), decision(C2)
    chain = links(one, other)
    assert verify_export(from_file(export(chain))).missing is None
    assert verify_export(from_file(export(chain, decisions=about(1, one)))).missing == (2,)


@pytest.mark.parametrize(
    "forged",
    [
        decision(OUTSIDER, by="C1"),
        decision(C2, by="C1"),
        decision(C1, kind="challenge"),
        {**decision(C1), "signatures": []},
        {**decision(C1), "signatures": ["C1"]},
        {**decision(C1), "document": "approval"},
    ],
    ids=[
        "in another's name",
        "another's key",
        "another kind",
        "unsigned",
        "no signature",
        "no document",
    ],
)
def test_a_chain_that_commits_to_what_nobody_signed_does_not_hold_there(forged: Signed) -> None:
    chain = links(None, forged)
    with pytest.raises(Tampered, match="decision at entry 2"):
        verify_export(from_file(export(chain, decisions=about(2, forged))))


def test_whoever_decided_and_was_never_listed_is_named_by_the_entry() -> None:
    of_nobody, of_custodian = decision(OUTSIDER), decision(C1)
    chain = links(of_nobody, of_custodian)
    held = about(1, of_nobody) + about(2, of_custodian)
    report = verify_export(from_file(export(chain, decisions=held)))
    assert (report.unlisted, report.decided) == ((1,), (2,))


def test_the_founding_roster_alone_vouches_for_custodians_and_for_no_member() -> None:
    by_member = decision(V1)
    chain = links(decision(C1), by_member)
    founding = list(CHAIN[:1])
    assert verify_export(from_file(export(chain, checkpoint(chain), rosters=founding))).checkpoints
    report = verify_export(from_file(export(chain, rosters=founding, decisions=about(2, by_member))))
    assert report.unlisted == (2,)


def test_whoever_signed_the_end_and_is_in_no_roster_is_counted_apart() -> None:
    chain = links(None)
    report = verify_export(from_file(export(chain, checkpoint(chain, OUTSIDER))))
    assert (report.checkpoints, report.strangers) == ((), 1)


def test_an_export_without_rosters_or_of_another_vault_is_refused() -> None:
    chain = links(None)
    wrong: list[dict[str, Json]] = [{"rosters": []}, {"vault": "A" * 22}]
    for changes in wrong:
        with pytest.raises(Tampered):
            verify_export(from_file(export(chain, **changes)))


@pytest.mark.parametrize(
    "file",
    [
        [],
        {},
        {"format": "witness-vault/v1/receipt"},
        export(links(None), links=[{"link": "?"}]),
        export(links(None), decisions=["none"]),
        export(links(None), decisions=[*about(1, None), {"position": "1", "signed": None}]),
        {key: value for key, value in export(links(None)).items() if key != "checkpoints"},
    ],
)
def test_what_is_no_export_is_refused(file: Json) -> None:
    with pytest.raises(Invalid):
        from_file(file)


def test_an_export_reads_back_as_it_was_written() -> None:
    chain = links(decision(C1), None)
    read = from_file(export(chain, checkpoint(chain), decisions=about(1, decision(C1))))
    assert (list(read.links), read.vault) == (chain, VAULT)
    assert read.decisions == {1: decision(C1)}


def test_a_shorter_and_a_rewritten_chain_are_told_apart() -> None:
    chain = links(None, None)
    known = read_checkpoint(checkpoint(chain), [ROSTER])
    assert known is not None
    require_continued([*chain, chain[0]], known)
    with pytest.raises(Tampered, match="missing: C1 signed entry 2, and there are 1"):
        require_continued(chain[:1], known)
    with pytest.raises(Tampered, match="rewritten: entry 2"):
        require_continued(links(None, None), known)


def test_an_earlier_export_is_continued_from_its_first_entry_on() -> None:
    chain = links(None, None, None)
    require_prefix(chain, chain[:2])
    require_prefix(chain, [])
    with pytest.raises(Tampered, match="ends at entry 2, the earlier one at 3"):
        require_prefix(chain[:2], chain)
    with pytest.raises(Tampered, match="rewritten at entry 2"):
        require_prefix(chain, [chain[0], links(None)[0]])


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 0},
        {"position": True},
        {"position": "1"},
        {"link": "none"},
        {"day": "today"},
        {"day": 5},
        {"vault": "A" * 22},
        {"custodian": ["C1"]},
        {"custodian": "C2"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_checkpoint_of_another_shape_does_not_hold(changes: dict[str, Json]) -> None:
    with pytest.raises(Tampered):
        read_checkpoint(checkpoint(links(None), **changes), [ROSTER])


def test_a_checkpoint_in_anothers_name_does_not_hold() -> None:
    signed = checkpoint(links(None), C2, custodian="C1")
    signed["signatures"][0]["by"] = "C1"
    with pytest.raises(Tampered, match="signature"):
        read_checkpoint(signed, [FOUNDING, ROSTER])
