"""vault.findings: how likely it is, resting on what can be looked up, and by two reviewers"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from tests import dossier
from tests.cast import R1, V1, V2
from tests.readers import audited, cut
from tests.stage import DAY, PLAN, After, Facts, Scene, actor
from tests.test_canaries import Disk
from tests.visitor import Api, Visitor
from tests.weighing import PROPOSITION, Weighed, decide, listed, propose, respond, versions, weighed, wish
from vault import cases, findings, ledgers
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.rules.items import Act
from vault.store.evidence import EvidenceRow, FindingRow, ResponseRow
from vault.weighing import Sources

Laid = tuple[Scene, Weighed]


@pytest.fixture
def laid(after: After) -> Laid:
    scene, there = after(weighed)
    scene._facts = there.facts
    return scene, there


@pytest.fixture
def scene(laid: Laid) -> Scene:
    """A vault in whose case there is something to weigh."""
    return laid[0]


@pytest.fixture
def there(laid: Laid) -> Weighed:
    """What there is."""
    return laid[1]


def test_a_finding_stands_once_another_reviewer_upholds_it(scene: Scene, there: Weighed) -> None:
    name = propose(scene, there)
    (one,) = listed(scene)
    assert (one.finding.stands, one.to_json()["waits"]) == (None, True)
    decide(scene, name)
    (one,) = listed(scene)
    assert one.finding.stands is not None
    assert one.to_json()["likelihood"] == "likely"
    assert [entry["act"] for entry in audited(scene)[-2:]] == ["finding proposed", "finding decided"]


def test_kinds_of_sources_stand_beside_each_other_and_are_never_added(scene: Scene, there: Weighed) -> None:
    propose(scene, there)
    kinds = {
        "claim": {"claim": 1},
        "evidence": {"video": 1},
        "opinion": {"opinion": 1},
        "response": {"response": 1},
    }
    assert listed(scene)[0].kinds == kinds


def test_every_factor_says_what_it_names(scene: Scene, there: Weighed) -> None:
    (one,) = versions(scene, propose(scene, there))
    claim, item, opinion, response = one.seen
    assert claim.says == {"number": {"min": 3, "max": 3}}
    assert item.says == {"evidence": "video", "title": "The hospital after the strike"}
    assert opinion.says is not None
    assert (opinion.says["answer"], opinion.says["question"]) == ("probable", "What made this crater?")
    assert response.says is not None
    assert (response.says["as"], response.says["words"]) == ("denies", {"en": "There was no air strike."})
    assert [seen.now for seen in one.seen] == [""] * 4


def test_a_factor_says_what_has_changed_since_it_was_weighed(scene: Scene, there: Weighed) -> None:
    name = propose(scene, there)
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    cut(scene, 30)
    dossier.go_on(scene, there.item, Act.EVENT, dossier.EVENT)
    respond(scene, replaces=there.response)
    (one,) = versions(scene, name)
    claim, item, opinion, response = [seen.now for seen in one.seen]
    assert claim.startswith("Edition 2 has another figure")
    assert item == "Its chain has gone on since: 1 entry."
    assert opinion == ""
    assert response == "This response was replaced by another."


def test_a_figure_that_is_under_review_is_said_to_be(scene: Scene, there: Weighed) -> None:
    told = scene.deposit(R1, scene.said("felt"))
    name = propose(scene, there)
    cut(scene, 30)
    assert versions(scene, name)[0].seen[0].now == ""
    for _ in range(2):
        scene.deposit(R1, scene.said("felt"))
    cut(scene, 60)
    change = {"kind": "consent", "supersedes": told.digest, "pseudonym": told.pseudonym}
    raw = scene.interview(consent={"recording": True, "uses": []}, testimony="No longer.", **change)
    scene.hand_in(R1, scene.start(R1), raw)
    cut(scene, 90)
    assert versions(scene, name)[0].seen[0].now.startswith("Edition 4 shows no figures")


def test_who_has_no_evidence_key_reads_the_rest_and_weighs_nothing_of_it(
    scene: Scene, there: Weighed
) -> None:
    case = scene.open_case(
        PLAN, {"R1": ["brief"], "V1": ["brief", "editions", "evidence"], "V2": ["brief", "editions"]}
    )
    with scene.reading() as uow:
        names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
    scene._facts = Facts(case, *names)
    item = dossier.add(scene)
    at = dossier.chain(scene, item).item.head
    factors = [{"kind": "evidence", "item": item, "at": at, "weight": "for", "why": ""}]
    name = propose(scene, there, factors=factors)
    (one,) = versions(scene, name)
    assert (one.seen[0].says, one.kinds) == (None, {"evidence": {"item": 1}})
    page = Visitor(scene.app(), V2).get(f"/cases/{case}/findings/{name}").text
    assert "To read what it says you need the evidence key" in page
    assert "The hospital after the strike" not in page
    with pytest.raises(Refused, match="evidence key"):
        decide(scene, name)
    with pytest.raises(Refused, match="evidence key"):
        propose(scene, there, V2, factors=factors)


CELL = {"kind": "claim", "edition": 1, "subject": "aircraft.present", "value": "yes", "column": "direct"}
WHY = {"weight": "for", "why": ""}


@pytest.mark.parametrize(
    "factor",
    [
        {**CELL, "edition": 2},
        {**CELL, "edition": 0},
        {**CELL, "subject": "strike.second"},
        {"kind": "evidence", "item": "elsewhere", "at": "x"},
        {"kind": "evidence", "item": "{item}", "at": "x"},
        {"kind": "opinion", "item": "{item}", "opinion": "x"},
        {"kind": "response", "response": "x", "point": 0},
        {"kind": "response", "response": "{response}", "point": 1},
        {"kind": "response", "response": "{response}", "point": -1},
    ],
)
def test_a_factor_that_names_nothing_is_no_factor(
    scene: Scene, there: Weighed, factor: dict[str, Any]
) -> None:
    named = {"{item}": there.item, "{response}": there.response}
    about = {
        key: named.get(value, value) if isinstance(value, str) else value for key, value in factor.items()
    }
    with pytest.raises(Invalid, match="Factor 1: "):
        propose(scene, there, factors=[{**about, **WHY}])
    assert listed(scene) == ()


def test_an_incident_without_figures_has_no_claim_to_rest_on(scene: Scene, there: Weighed) -> None:
    with pytest.raises(Invalid, match="Factor 1: Choose a claim"):
        propose(scene, there, incident=scene.mosque)
    offered = list(offers(scene, scene.mosque))
    assert {str(one.about.source) for one in offered} == {"response"}


def offers(scene: Scene, incident: str) -> tuple[Any, ...]:
    with scene.unkept() as uow:
        return findings.offered(scene.vault, uow, actor(V1), (scene.case, incident), DAY)


def test_what_is_offered_can_be_rested_on(scene: Scene) -> None:
    offered = offers(scene, scene.hospital)
    assert {str(one.about.source) for one in offered} == {"claim", "evidence", "opinion", "response"}
    with scene.reading() as uow:
        sources = Sources(scene.vault, uow, actor(V2), cases.show(uow, actor(V2), scene.case))
        assert tuple(sources.see(one.about, scene.hospital) for one in offered) == offered


@pytest.mark.parametrize("incident", ["elsewhere", None, ["x"]])
def test_a_finding_is_on_an_incident_of_the_case(scene: Scene, there: Weighed, incident: Any) -> None:
    with pytest.raises(Invalid, match="which incident"):
        propose(scene, there, incident=incident)


def test_the_next_version_follows_the_one_that_was_read(scene: Scene, there: Weighed) -> None:
    name = propose(scene, there)
    with pytest.raises(Conflict, match="not the next version"):
        propose(scene, there, V2, finding=name, version=1)
    decide(scene, name)
    propose(scene, there, V2, finding=name, version=2, likelihood="confirmed")
    assert [one.proposed.version.number for one in versions(scene, name)] == [2, 1]
    (one,) = listed(scene)
    assert (one.to_json()["likelihood"], one.to_json()["waits"]) == ("likely", True)
    with pytest.raises(Conflict, match="Somebody else"):
        decide(scene, name, V2)
    decide(scene, name, V1)
    assert listed(scene)[0].to_json()["likelihood"] == "confirmed"
    with pytest.raises(NotFound):
        propose(scene, there, finding="elsewhere", version=1)
    with pytest.raises(NotFound):
        versions(scene, "elsewhere")


def test_a_researcher_weighs_and_reads_no_finding(scene: Scene, there: Weighed) -> None:
    name = propose(scene, there)
    for act in (
        lambda: propose(scene, there, R1),
        lambda: versions(scene, name, R1),
        lambda: listed(scene, R1),
    ):
        with pytest.raises(Refused):
            act()


def test_the_disk_holds_no_word_of_it(scene: Scene, there: Weighed) -> None:
    factors = [{**there.factors()[0], "why": "The umberwood depot."}]
    said = {"en": "Smoke rose over Quorndon."}
    decide(scene, propose(scene, there, factors=factors, proposition=said, reasons="Thornabout saw it."))
    disk = Disk(scene.folder, "umberwood", "Quorndon", "Thornabout")
    disk.look()
    assert not disk.found


@pytest.mark.parametrize(
    ("act", "content", "why"),
    [
        ("finding", {"incident": "elsewhere"}, "Entry 1 .* says nothing that this vault knows"),
        ("finding", None, "Entry 1 .* says nothing that this vault knows"),
        ("decision", {"motion": "x", "upheld": True, "reason": "x"}, "Entry 1 .* whom it did not behove"),
    ],
)
def test_an_entry_that_no_vault_would_have_written_is_named(
    scene: Scene, act: str, content: Any, why: str
) -> None:
    with scene.writing() as uow:
        file = cases.show(uow, actor(V1), scene.case).file
        entry = {"format": "witness-vault/v1/finding", "day": DAY.isoformat(), "act": act, "content": content}
        ledgers.append(uow, actor(V1), findings._ledger(file), (), entry)
    with pytest.raises(Tampered, match=why):
        listed(scene)


@pytest.mark.parametrize("forge", ["change", "exchange", "take out"])
def test_a_finding_that_was_tampered_with_is_named(scene: Scene, there: Weighed, forge: str) -> None:
    decide(scene, propose(scene, there))
    with scene.writing() as uow:
        first, second = uow.testimony.scalars(select(FindingRow).order_by(FindingRow.position))
        if forge == "change":
            second.sealed = second.sealed[:-1] + bytes([second.sealed[-1] ^ 1])
        elif forge == "exchange":
            second.sealed = first.sealed
        else:
            uow.testimony.delete(first)
    number = 1 if forge == "take out" else 2
    with pytest.raises(Tampered, match=f"Entry {number} of the findings of this case"):
        listed(scene)


@pytest.mark.parametrize(("row", "factor"), [(EvidenceRow, "Factor 2"), (ResponseRow, "Factor 4")])
def test_a_factor_whose_log_was_cut_off_is_named(
    scene: Scene, there: Weighed, row: type[EvidenceRow] | type[ResponseRow], factor: str
) -> None:
    name = propose(scene, there)
    with scene.writing() as uow:
        uow.testimony.delete(uow.testimony.scalars(select(row).order_by(row.position.desc())).first())
    with pytest.raises(Tampered, match=f"rests on what is not there any more. {factor}"):
        versions(scene, name)


def test_what_is_given_as_data_is_the_contract(scene: Scene, there: Weighed) -> None:
    name = propose(scene, there)
    (one,) = versions(scene, name)
    said = json.loads(json.dumps(one.to_json()))
    signed = {key: said[key] for key in wish(scene, there) if key != "factors"}
    assert signed == {**{key: wish(scene, there)[key] for key in signed}, "finding": name}
    assert [
        {key: factor[key] for key in given}
        for factor, given in zip(said["factors"], there.factors(), strict=True)
    ] == there.factors()
    assert (said["author"], said["day"], said["decision"]) == ("V1", DAY.isoformat(), None)


def typed(page: str, **changes: Any) -> dict[str, Any]:
    """The form of a finding that rests on the first figure and the first video that it offers."""
    codes = [html.unescape(code) for code in re.findall(r'<option value="({[^"]+})"', page)]
    chosen = [next(code for code in codes if kind in code) for kind in ('"claim"', '"evidence"')]
    factors = {f"factor-{number}-about": code for number, code in enumerate(chosen, 1)}
    said = {"version": "1", "lang": ["en", "ar"], "words": list(PROPOSITION.values()), "likelihood": "likely"}
    return {**said, **factors, "factor-2-weight": "against", "reasons": "They agree.", **changes}


def test_in_the_browser_one_writes_it_and_another_decides(scene: Scene) -> None:
    writer, other = Visitor(scene.app(), V1), Visitor(scene.app(), V2)
    path = f"/cases/{scene.case}/incidents/{scene.hospital}/finding"
    form = typed(writer.get(path).text)
    again = writer.post(path, {**form, "reasons": " ", "factor-3-why": "And this"})
    assert again.status_code == 422
    assert "Choose what this factor is" in again.text
    assert "And this" in again.text
    assert "once in every other language" in writer.post(path, {**form, "lang": ["en", ""]}).text
    unread = writer.post(path, {**form, "factor-1-about": "[", "version": "x"}).text
    assert unread.count("Choose what this factor is") == 2  # above the form, and beside the field
    assert len(re.findall("<legend>Factor ", writer.post(path, {**form, "act": "factor"}).text)) == 6
    done = writer.post(path, form)
    assert done.status_code == 303
    page = done.location
    assert "Waits for another reviewer" in writer.get(page).text
    shown = other.get(page).text
    for words in (
        "Three independent people perceived it directly",
        "The hospital after the strike",
        "Videos",
        "They agree.",
    ):
        assert words.removesuffix("s") in shown
    asked = shown.partition("Does this likelihood follow")[0]
    assert set(PROPOSITION.values()) <= set(re.findall(r'class="spoken"[^>]*>([^<]+)<', asked))
    name = listed(scene)[0].finding.newest.name
    said = {"motion": name, "upheld": "yes", "reason": "So it is"}
    assert writer.post(page, said).status_code == 409
    assert other.post(page, {**said, "reason": " "}).status_code == 422
    assert other.post(page, said).status_code == 303
    index = f"/cases/{scene.case}/findings"
    assert "Version 1 stands" in other.get(index).text
    assert PROPOSITION["ar"] in other.get(f"{index}?labels=ar").text
    following = f"{path}?finding={listed(scene)[0].name}"
    filled = other.get(following).text
    assert filled.count(" selected") == 3
    assert "They agree." in filled
    assert other.post(following, {**form, "version": "2", "likelihood": "confirmed"}).status_code == 303
    assert "a newer one waits for a decision" in writer.get(index).text


def test_the_same_as_data(scene: Scene, there: Weighed) -> None:
    writer, other = Api(scene.app(), V1), Api(scene.app(), V2)
    path = f"/api/cases/{scene.case}/findings"
    name = (writer.call("POST", path, {"act": "finding", **wish(scene, there)}).json or {})["finding"]
    (one,) = other.call("GET", path).json or []
    assert (one["finding"], one["stands"], one["waits"]) == (name, False, True)
    (version,) = other.call("GET", f"{path}/{name}").json or []
    said = {"act": "decision", "motion": version["name"], "upheld": True, "reason": "So it is"}
    assert other.call("POST", path, said).status_code == 204
    assert (other.call("GET", path).json or [])[0]["stands"]
    refused = writer.call("POST", path, {"act": "finding", **wish(scene, there, factors=[])})
    assert refused.status_code == 422
