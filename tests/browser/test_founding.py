"""A case born in the browser is as Python would have made it: a quorum signs it, the team and k custodians open it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Browser, Error

from tests.browser.conftest import Site
from tests.cast import C1, CUSTODIANS, FOUNDING, MEMBERS, ROSTER, V1, identifier, signed_by
from tests.vectors.make import SPELLABLE
from tests.vectors.reader import cases, open_escrow
from vault.errors import Tampered
from vault.founding import found_case
from vault.sealing import briefs, casefiles, escrows, grants
from vault.sealing.digests import b64, canonical, document_digest, size_class, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import at
from vault.sealing.signatures import sign
from vault.sealing.words import fingerprint

Case = dict[str, Any]
Probe = Callable[[str, Case], Any]

TEAM = {
    "R1": ["brief"],
    "V1": ["brief", "corroboration", "editions", "evidence"],
    "V2": ["brief", "testimony"],
}
INCIDENT = {"title": "مشفى سرمين", "place": "سرمين", "date": "2015-10-20", "vocabulary": "air-strike"}


@pytest.fixture(scope="module")
def probe(chromium: Browser, site: Site) -> Iterator[Probe]:
    """Calls a function of probe.js in the browser."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(site.url)
        page.evaluate("async () => { globalThis.probe = (await import('/tests/probe.js')).probe; }")
        yield lambda name, case: page.evaluate("([name, given]) => probe[name](given)", [name, case])


def first_brief(**changed: Any) -> Case:
    place = {"vault": ROSTER.vault, "case": identifier("case"), "author": "V1", "roster": ROSTER.version}
    document = briefs.first_brief({**place, **changed}, "غارات جوية", [briefs.new_incident(INCIDENT)])
    return {**document, **changed}


def given(**changed: Any) -> Case:
    """What the page gives: the plan, the signed brief, and the public parts of the roster."""
    public = {name: ROSTER.document[name] for name in ("vault", "version", "epoch", "threshold")}
    keys = {
        group: [{name: entry[name] for name in ("code", "sealing")} for entry in ROSTER.document[group]]
        for group in ("custodians", "members")
    }
    plan = {"code": "S1", "team": [{"member": member, "keys": keys} for member, keys in TEAM.items()]}
    brief = sign(first_brief(), "V1", V1.secret.signing)
    return {"plan": plan, "brief": brief, "roster": {**public, **keys}, **changed}


@pytest.fixture(scope="module")
def born(probe: Probe) -> Case:
    """The brief, and what the browser made."""
    asked = given()
    made: Case = probe("foundCase", asked)
    return {"signed brief": asked["brief"], **made}


@pytest.mark.parametrize(
    ("function", "file", "answer"),
    [
        ("sealingPublic", "keypairs", "public"),
        ("words", "words", "words"),
        ("caseDocument", "cases", "document"),
        ("documentDigest", "cases", "digest"),
    ],
)
def test_the_browser_meets_the_vectors(probe: Probe, function: str, file: str, answer: str) -> None:
    assert cases(file)
    for case in cases(file):
        assert probe(function, case) == case[answer]


@pytest.mark.parametrize("name", SPELLABLE)
def test_any_document_has_one_digest(probe: Probe, name: str) -> None:
    document = {"format": "witness-vault/v1/brief", "content": SPELLABLE[name]}
    assert probe("documentDigest", {"document": document}) == b64(document_digest(document))


def test_a_quorum_can_sign_it_and_its_words_are_those_of_the_command_line(born: Case, probe: Probe) -> None:
    document = born["document"]
    file = casefiles.verify(signed_by(document, CUSTODIANS[:3]), at((FOUNDING, ROSTER)))
    assert (file.proposer, file.code, file.version, file.previous) == ("V1", "S1", 1, None)
    assert file.team == {member: tuple(keys) for member, keys in TEAM.items()}
    digest = document_digest(document)
    assert probe("words", {"digest": b64(digest)}) == fingerprint(digest)


def test_every_member_opens_exactly_the_keys_that_were_promised(born: Case) -> None:
    file = casefiles.parse(born["document"])
    given_to = [(one["member"], one["key"]) for one in born["attachments"]["grants"]]
    assert given_to == [(member, key) for member, keys in TEAM.items() for key in keys]
    for one in born["attachments"]["grants"]:
        member, sealed = ROSTER.members[one["member"]], unb64(one["sealed"])
        own = next(person for person in MEMBERS if person.code == member.code)
        opened = grants.open_grant(file, (one["key"], one["version"]), own.code, own.secret.sealing, sealed)
        assert opened.public == file.keys[one["key"]]
        with pytest.raises(Tampered):
            grants.open_grant(file, (one["key"], 1), own.code, C1.secret.sealing, sealed)


def test_any_quorum_opens_each_key_from_escrow_and_one_less_does_not(born: Case) -> None:
    file = casefiles.parse(born["document"])
    seeds = {i: b64(person.secret.sealing.seed) for i, person in enumerate(CUSTODIANS, 1)}
    assert born["attachments"]["escrows"].keys() == set(casefiles.KEYS)
    for key, record in born["attachments"]["escrows"].items():
        assert escrows.check(record, "case-key", record["record"], ROSTER) == record
        assert escrows.fingerprint(record) == file.escrows[key]
        for chosen in combinations(seeds, 3):
            seed = open_escrow(record, {i: seeds[i] for i in chosen})
            assert SealingKey(seed).public == file.keys[key]
        with pytest.raises(Tampered):
            open_escrow(record, {i: seeds[i] for i in (2, 4)})


def test_the_brief_opens_for_the_team_as_it_was_signed(born: Case) -> None:
    file = casefiles.parse(born["document"])
    grant = next(
        one for one in born["attachments"]["grants"] if (one["member"], one["key"]) == ("V1", "brief")
    )
    key = grants.open_grant(file, ("brief", 1), "V1", V1.secret.sealing, unb64(grant["sealed"]))
    sealed = unb64(born["attachments"]["brief"])
    brief = briefs.open_chain(file, [key], [sealed], at((FOUNDING, ROSTER)))
    assert brief == born["signed brief"]["document"]
    assert len(sealed) == size_class(len(canonical(born["signed brief"]))) + 1140


def test_the_browser_and_python_make_cases_of_one_shape(born: Case) -> None:
    plan = {"code": "S1", "title": "T", "incidents": [INCIDENT], "team": TEAM}
    document, attachments = found_case(plan, ROSTER, "V1", V1.secret.signing, ["air-strike"])
    assert _shape(born["document"]) == _shape(document)
    assert _shape(born["attachments"]) == _shape(attachments)


def _shape(value: Any) -> Any:
    """Names, order and lengths; not the values."""
    match value:
        case dict():
            return {key: _shape(inner) for key, inner in value.items()}
        case list():
            return [_shape(inner) for inner in value]
    return len(json.dumps(value))


def test_no_two_cases_have_a_key_or_a_record_in_common(probe: Probe, born: Case) -> None:
    again = probe("foundCase", given(brief=born["signed brief"]))
    names = [
        (key, entry["public"]) for made in (born, again) for key, entry in made["document"]["keys"].items()
    ]
    records = [one["record"] for made in (born, again) for one in made["attachments"]["escrows"].values()]
    assert len({public for _, public in names}) == len(set(records)) == 2 * len(casefiles.KEYS)


def _without(member: str) -> Case:
    roster = copy.deepcopy(given()["roster"])
    roster["members"] = [entry for entry in roster["members"] if entry["code"] != member]
    return {"roster": roster}


def _short_key() -> Case:
    roster = copy.deepcopy(given()["roster"])
    roster["members"][0]["sealing"] = b64(bytes(1215))
    return {"roster": roster}


def _brief(**changed: Any) -> Case:
    return {"brief": sign(first_brief(**changed), "V1", V1.secret.signing)}


def _team(*team: Case) -> Case:
    return {"plan": {"code": "S1", "team": list(team)}}


PROPOSER = {"member": "V1", "keys": ["brief"]}
WRONG = {
    "a brief of another vault": _brief(vault=identifier("other")),
    "a brief under another roster": _brief(roster=ROSTER.version + 1),
    "a later brief": _brief(version=2),
    "a brief that follows one": _brief(previous=b64(bytes(32))),
    "a brief of no case": _brief(case="S1"),
    "another document in its place": _brief(format="witness-vault/v1/deposit"),
    "a member whom the roster does not list": _without("R1"),
    "a member without a whole key": _short_key(),
    "a team without the proposer": _team({"member": "R1", "keys": ["brief"]}),
    "a member without the brief": _team(PROPOSER, {"member": "V2", "keys": ["testimony"]}),
    "a key that cases do not have": _team(PROPOSER, {"member": "V2", "keys": ["brief", "identity"]}),
    "custodians out of order": {
        "roster": {**given()["roster"], "custodians": given()["roster"]["custodians"][::-1]}
    },
    "one custodian for all": {"roster": {**given()["roster"], "threshold": 1}},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_no_case_is_born_of_what_does_not_fit(probe: Probe, wrong: str) -> None:
    with pytest.raises(Error):
        probe("foundCase", given(**WRONG[wrong]))
