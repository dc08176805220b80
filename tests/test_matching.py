"""The same-person ceremony: who was interviewed twice is found by k custodians, offline, and told as ids alone."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from drill.thief import disguises
from tests.cast import C1, C2, C3, C4, CUSTODIANS, R1, R2, V1, V2, Person, signed_by
from tests.readers import audited, cut, direct
from tests.recognising import (
    ALIKE,
    DOUBTFUL,
    OTHER,
    YUSUF,
    ask,
    fetch,
    files,
    hand_in,
    nobody,
    sealed_match,
    settled,
    signed_by_request,
    sit,
)
from tests.stage import DAY, PLAN, TEAM, After, Facts, Scene, actor, later
from vault import cases, matching, recognition
from vault.errors import Invalid, Refused, Tampered, VaultError
from vault.opening import entrust
from vault.rules.matching import MatchRecord
from vault.sealing import matches
from vault.sealing.digests import Json, b64, canonical, unb64
from vault.sealing.members import KeyFile
from vault.sealing.rosters import verify_chain
from vault.sealing.signatures import sign


@pytest.fixture
def scene(after: After) -> Scene:
    """With a case in which somebody counts who has a request key."""
    return after(_counting)[0]


def _counting(scene: Scene) -> None:
    counting = ["brief", "corroboration", "editions"]
    case = scene.open_case({**PLAN, "code": "S2"}, {**TEAM, "V1": ["brief"], "V2": counting})
    with scene.reading() as uow:
        incidents = cases.show(uow, actor(V2), case).incidents
    scene._facts = Facts(case, *(one["incident"] for one in incidents))


def tell(scene: Scene, researcher: Person, record: Json = None) -> str:
    """Somebody who heard the aircraft, with a match record or without; the pseudonym."""
    draft = scene.start(researcher)
    raw = scene.interview(scene.said("heard"))
    if record is not None:
        raw["sealed_match"] = sealed_match(scene, draft, record)
    return scene.hand_in(researcher, draft, raw).pseudonym


def test_whoever_was_interviewed_twice_counts_once_after_the_ceremony(scene: Scene) -> None:
    for researcher, record in ((R1, YUSUF), (R2, ALIKE), (R1, OTHER), (R2, {"name": "Mariam Said"})):
        tell(scene, researcher, record)
    settled(scene)
    edition = cut(scene, reviewer=V2)
    assert direct(edition, scene.hospital) == 3
    assert edition.incident(scene.hospital)["same_person"] == DAY.isoformat()[:7]
    assert edition.incident(scene.mosque)["same_person"] == "not done"


def test_without_a_ceremony_an_edition_says_that_nobody_looked(scene: Scene) -> None:
    for researcher, record in ((R1, YUSUF), (R2, ALIKE), (R1, OTHER)):
        tell(scene, researcher, record)
    edition = cut(scene, reviewer=V2)
    assert direct(edition, scene.hospital) == 3
    assert edition.incident(scene.hospital)["same_person"] == "not done"


def test_an_edition_says_that_some_accounts_were_not_looked_at(scene: Scene) -> None:
    for record in (YUSUF, OTHER, None):
        tell(scene, R1, record)
    settled(scene)
    assert cut(scene, reviewer=V2).incident(scene.hospital)["same_person"].endswith(", in part")


@pytest.mark.parametrize(("said", "least", "most"), [(True, 3, 3), (False, 4, 4), (None, 3, 4)])
def test_a_doubtful_pair_is_what_two_custodians_say_and_a_range_where_they_differ(
    scene: Scene, said: bool | None, least: int, most: int
) -> None:
    for record in (YUSUF, DOUBTFUL, OTHER, {"name": "Mariam Said"}):
        tell(scene, R1, record)
    seen = []

    def settle(one: MatchRecord, other: MatchRecord) -> bool | None:
        seen.append({one.name, other.name})
        return said

    settled(scene, settle)
    found = next(
        row
        for row in cut(scene, reviewer=V2).incident(scene.hospital)["claims"]
        if row["subject"] == "aircraft.present"
    )
    assert found["direct"] == {"min": least, "max": most}
    assert seen == [{YUSUF["name"], DOUBTFUL["name"]}]


def test_a_later_ceremony_stands_in_the_place_of_an_earlier_one(scene: Scene) -> None:
    for record in (YUSUF, DOUBTFUL, OTHER):
        tell(scene, R1, record)
    export = fetch(scene, ask(scene))
    sitting = recognition.convene(verify_chain(export["rosters"]), export, files(CUSTODIANS), DAY.isoformat())
    for day, said in ((later(1), False), (DAY, True)):
        found, _ = recognition.recognise(sitting, export["records"], lambda *_, said=said: said)
        hand_in(scene, recognition.conclude(sitting, found, day.isoformat()))
    assert direct(cut(scene, reviewer=V2), scene.hospital) == 3


def test_below_k_nothing_opens(scene: Scene) -> None:
    tell(scene, R1, YUSUF)
    export = fetch(scene, ask(scene))
    with pytest.raises(Refused):
        sit(export, nobody, (C1, C2))
    with pytest.raises(Refused):
        sit(export, nobody, (C1, C2, C2))
    sitting = recognition.convene(
        verify_chain(export["rosters"]), export, files((C1, C2, C3)), DAY.isoformat()
    )
    del sitting.holders["C3"]
    found, left = recognition.recognise(sitting, export["records"], nobody)
    assert (found[0].checked, left) == (frozenset(), 1)


def test_what_is_signed_by_fewer_than_k_or_sealed_by_others_joins_nobody(scene: Scene) -> None:
    for record in (YUSUF, ALIKE, OTHER):
        tell(scene, R1, record)
    export = fetch(scene, ask(scene))
    sitting = recognition.convene(
        verify_chain(export["rosters"]), export, files((C1, C2, C3, C4)), DAY.isoformat()
    )
    found, _ = recognition.recognise(sitting, export["records"], nobody)
    document = matches.partition(sitting.asked, sitting.roster, DAY.isoformat(), found)
    for signed in (
        signed_by(document, (C1, C2)),
        signed_by({**document, "case": b64(bytes(16))}, (C1, C2, C3)),
    ):
        hand_in(scene, {"case": scene.case, "sealed": b64(matches.seal_partition(sitting.file, signed))})
    hand_in(scene, {"case": scene.case, "sealed": b64(bytes(20_000))})
    edition = cut(scene, reviewer=V2)
    assert direct(edition, scene.hospital) == 3
    assert edition.incident(scene.hospital)["same_person"] == "not done"


def test_a_result_handed_in_twice_changes_nothing(scene: Scene) -> None:
    for record in (YUSUF, ALIKE, OTHER):
        tell(scene, R1, record)
    result = sit(fetch(scene, ask(scene)), nobody)
    hand_in(scene, result)
    before = scene.contents()
    hand_in(scene, result)
    assert scene.contents() == before


def test_the_vault_answers_and_grows_alike_whether_somebody_is_known_or_not(
    scene: Scene,
) -> None:
    tell(scene, R1, YUSUF)
    taken = [scene.taken()]
    sizes = []
    for record in (YUSUF, OTHER):
        draft = scene.start(R2)
        sealed = sealed_match(scene, draft, record)
        receipt = scene.hand_in(R2, draft, {**scene.interview(scene.said("heard")), "sealed_match": sealed})
        sizes.append((len(canonical(sealed)), len(receipt.digest), sorted(vars(receipt))))
        taken.append(scene.taken())
    assert sizes[0] == sizes[1]
    grown = [{half: two[half] - one[half] for half in one} for one, two in pairwise(taken)]
    assert grown[0] == grown[1] == {"testimony": 1, "observations": 1, "identities": 1}


def test_no_name_is_in_any_file_nor_in_what_is_carried(scene: Scene) -> None:
    for record in (YUSUF, ALIKE, OTHER):
        tell(scene, R1, record)
    signed = ask(scene)
    export = fetch(scene, signed)
    result = sit(export, nobody)
    hand_in(scene, result)
    cut(scene, reviewer=V2)
    kept = [path.read_bytes() for path in scene.folder.iterdir() if path.is_file()]
    carried = [json.dumps(one, ensure_ascii=False).encode() for one in (signed, export, result)]
    for canary in ("Quillfeather", "Thornabout", "Omar Saleh"):
        assert not any(form in data for form in disguises(canary) for data in (*kept, *carried))


def test_a_match_record_is_no_larger_and_lies_no_elsewhere_than_an_identity(scene: Scene) -> None:
    draft = scene.start(R1)
    identity = scene.seal_identity(draft, {"name": "Balthazar"})
    match = sealed_match(scene, draft, YUSUF)
    assert len(unb64(match["locked"])) == len(unb64(identity["locked"]))
    scene.hand_in(R1, draft, {**scene.interview(), "sealed_identity": identity, "sealed_match": match})
    assert scene.taken()["identities"] == 2


def test_a_record_of_another_purpose_or_place_is_refused(scene: Scene) -> None:
    draft, other = scene.start(R1), scene.start(R1)
    payload = matches.payload(MatchRecord.parse(YUSUF).to_json())
    for purpose, record in (("identity", draft.match_record), ("match", other.match_record)):
        sealed = entrust(payload, purpose, record, scene.roster())
        with pytest.raises(Invalid):
            scene.hand_in(R1, draft, {**scene.interview(), "sealed_match": sealed})
    assert scene.taken()["identities"] == 0


def test_between_two_cutting_days_nobody_is_told_who_came(scene: Scene) -> None:
    for record in (YUSUF, OTHER, DOUBTFUL):
        tell(scene, R1, record)
    cut(scene, reviewer=V2)
    for day in (DAY, later(29)):
        with pytest.raises(Refused, match="The next edition can be cut on"):
            ask(scene, day=day)
    tell(scene, R2, {"name": "Mariam Said"})
    (asked,) = ask(scene, day=later(30))["document"]["incidents"]
    assert len(asked["records"]) == 4


def test_only_who_may_count_asks_and_only_custodians_fetch(scene: Scene) -> None:
    tell(scene, R1, YUSUF)
    with scene.writing() as uow:
        for person in (R1, V1, C1):
            with pytest.raises(Refused):
                matching.names(scene.vault, uow, actor(person), scene.case, DAY)
    signed = ask(scene)
    with scene.writing() as uow:
        for person in (R1, V1):
            with pytest.raises(Refused):
                matching.records(uow, actor(person), signed, [], DAY)
            with pytest.raises(Refused):
                matching.keep(uow, actor(person), scene.case, "", DAY)


def test_a_request_is_the_reviewers_own_and_names_what_is_fetched(scene: Scene) -> None:
    tell(scene, R1, YUSUF)
    signed = ask(scene)
    document = signed["document"]
    forged: list[tuple[Json, Json]] = [
        ({"document": document, "signatures": []}, []),
        ({**signed, "document": {**document, "day": "2001-01-01"}}, []),
        (signed_by(document, [V2]), []),
        (sign(document, "V2", R1.secret.signing), []),
        (signed_by_request({**document, "incidents": [{"incident": "x", "records": ["y"]}]}, V2), []),
        (signed_by_request({**document, "incidents": 5}, V2), []),
        ({}, []),
        (signed, ["unknown"]),
        (signed, sorted(matches.records_of(document)) * 101),
        (signed, None),
    ]
    for request, wanted in forged:
        with scene.writing() as uow, pytest.raises(VaultError):
            matching.records(uow, actor(C1), request, wanted, DAY)


def test_another_record_in_the_place_of_the_one_asked_for_is_not_compared(scene: Scene) -> None:
    for record in (YUSUF, OTHER):
        tell(scene, R1, record)
    export = fetch(scene, ask(scene))
    one, other = export["records"]
    attempts: list[list[Json]] = [
        [{**one, "record": other["record"]}],
        [{}],
        [5],
        [{**one, "purpose": "identity"}],
    ]
    for records in attempts:
        sitting = recognition.convene(
            verify_chain(export["rosters"]), export, files((C1, C2, C3)), DAY.isoformat()
        )
        assert recognition.recognise(sitting, records, nobody)[1] == 2


def test_what_is_sealed_as_a_match_record_and_is_none_is_not_compared(scene: Scene) -> None:
    for payload in (b"{}", b"no JSON", matches.payload({"name": ""})):
        draft = scene.start(R1)
        sealed = entrust(payload, "match", draft.match_record, scene.roster())
        scene.hand_in(R1, draft, {**scene.interview(scene.said("heard")), "sealed_match": sealed})
    export = fetch(scene, ask(scene))
    sitting = recognition.convene(
        verify_chain(export["rosters"]), export, files((C1, C2, C3)), DAY.isoformat()
    )
    assert recognition.recognise(sitting, export["records"], nobody)[1] == 3


def test_a_ceremony_refuses_key_files_of_others_and_rosters_that_were_rolled_back(scene: Scene) -> None:
    tell(scene, R1, YUSUF)
    export = fetch(scene, ask(scene))
    chain = verify_chain(export["rosters"])
    pinned = KeyFile("C3", (), (C3.secret,), {"vault": chain[-1].vault, "version": 99, "digest": "x"})
    with pytest.raises(Tampered):
        recognition.convene(chain, export, [*files((C1, C2)), pinned], DAY.isoformat())
    with pytest.raises(Refused):
        recognition.convene(
            chain, export, [*files((C1, C2)), KeyFile("C3", (), (C4.secret,), None)], DAY.isoformat()
        )
    for damaged in ({**export, "case": None}, {}, {**export, "request": None}):
        with pytest.raises(VaultError):
            recognition.convene(chain, damaged, files((C1, C2, C3)), DAY.isoformat())


def test_the_custodians_read_who_asked_and_who_fetched(scene: Scene) -> None:
    for record in (YUSUF, ALIKE):
        tell(scene, R1, record)
    settled(scene)
    acts = [entry["act"] for entry in audited(scene)][-3:]
    assert acts == ["match records listed", "match records fetched", "partition handed in"]
