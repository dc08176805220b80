"""The claims' rows: all that an observation can say, errors that lead to their field, other words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from tests.visitor import sentences
from tests.web.desks import KNOWN_PSEUDONYM, MISTYPED_PSEUDONYM, Desk
from vault.sealing.words import new_pseudonym
from web.interview_form import read_form, read_observations, refill

ROW: dict[str, Any] = {
    "obs-3-subject": "aircraft.number",
    "obs-3-value": "2",
    "obs-3-value_to": "3",
    "obs-3-perception": ["did_not_see", "learnt_from_others"],
    "obs-3-modality": "uncertain",
    "obs-3-certainty": "fairly",
    "obs-3-placed": "yes",
    "obs-3-distance": "under_500_m",
    "obs-3-why_not": ["night", "view_blocked"],
    "obs-3-chain_kind": ["neighbour", "spotter", ""],
    "obs-3-chain_named": ["yes", "no", "no"],
    "obs-3-chain_origin": ["no", "yes", "unknown"],
    "obs-3-chain_witness": [" Walnut birch maple OLIVE ", "", ""],
    "obs-3-time": " after the evening prayer ",
    "obs-3-anchor": "the call to prayer",
    "obs-3-words": "two, maybe three",
}
SAID = {
    "incident": "I",
    "subject": "aircraft.number",
    "value": {"min": 2, "max": 3},
    "perception": ["did_not_see", "learnt_from_others"],
    "modality": "uncertain",
    "certainty": "fairly",
    "placed": "yes",
    "distance": "under_500_m",
    "why_not": ["night", "view_blocked"],
    "chain": [
        {"kind": "neighbour", "named": True, "origin_direct": "no", "origin": "walnut-birch-maple-olive"},
        {"kind": "spotter", "named": False, "origin_direct": "yes", "origin": None},
    ],
    "time": "after the evening prayer",
    "anchor": "the call to prayer",
    "words": "two, maybe three",
}


def test_a_row_says_all_that_an_observation_can_say() -> None:
    assert read_observations(MultiDict(ROW), "I") == [SAID]


def test_what_was_told_has_one_link_though_nobody_said_who_it_was() -> None:
    row = {"obs-0-subject": "strike.took_place", "obs-0-perception": "learnt_from_others"}
    (said,) = read_observations(MultiDict(row), "I")
    assert said["chain"] == [{"kind": "unknown", "named": False, "origin_direct": "unknown", "origin": None}]


def test_on_whom_an_account_may_depend_is_read_line_by_line() -> None:
    form = {
        "present": "A b c d\r\n\r\n e f g h",
        "household": "",
        "introducer": " X1 ",
        "shown_before": "film\n",
    }
    facts = read_form(MultiDict(form), "I")["interview"]
    assert (facts["present"], facts["household"]) == (["a-b-c-d", "e-f-g-h"], [])
    assert (facts["introducer"], facts["shown_before"]) == ("X1", ["film"])


def full(desk: Desk) -> dict[str, Any]:
    """The row above as it stands on the page of the desk, and who else was there."""
    at = desk.claim("aircraft.number")
    row = {name.replace("obs-3", at): said for name, said in ROW.items()}
    witness = {f"{at}-chain_witness": [new_pseudonym(), "", ""]}
    return {
        **row,
        **witness,
        "present": new_pseudonym(),
        "introducer": "X1",
        "shown_before": "film\nphotograph",
    }


def test_everything_typed_survives_a_draft_and_is_deposited(desk: Desk) -> None:
    form = desk.form(**full(desk))
    assert desk.researcher.post(desk.path, {**form, "act": "save"}).status_code == 303
    kept = desk.draft().form
    sent = refill(MultiDict(form))
    assert {name: kept[name] for name in sent} == sent
    page = desk.researcher.get(desk.path).get_data(as_text=True)
    for said in ("under_500_m", "fairly", "uncertain", "spotter"):
        assert f'<option value="{said}" selected>' in page
    assert 'value="night" checked' in page
    assert "two, maybe three</textarea>" in page
    assert desk.researcher.post(desk.path, form).status_code == 200


@pytest.mark.parametrize("act", ["more {}", "again {}", "show"])
def test_a_button_without_script_shows_the_page_again_and_keeps_nothing(desk: Desk, act: str) -> None:
    before = desk.scene.contents()
    at = desk.claim("aircraft.number")
    answer = desk.post(act=act.format(at.removeprefix("obs-")), labels="fr")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert re.search(rf'name="{desk.claim("aircraft.present")}-perception" value="heard" checked', page)
    assert (f'name="{at}-more"' in page) == act.startswith("more")
    assert (page.count('value="aircraft.number"') == 2) == act.startswith("again")
    assert page.count(" autofocus") == (0 if act == "show" else 1)
    assert desk.scene.contents() == before


FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("language", {"language": "?"}),
    ("date", {"date": "tomorrow"}),
    ("consent-recording", {"consent-recording": None}),
    ("consent-uses", {"consent-uses": ["anything"]}),
    ("pseudonym", {"kind": "follow-up", "pseudonym": ""}),
    ("pseudonym", {"kind": "follow-up", "pseudonym": MISTYPED_PSEUDONYM}),
    ("supersedes", {"kind": "correction", "pseudonym": KNOWN_PSEUDONYM, "reason": "r", "supersedes": ""}),
    ("reason", {"kind": "correction", "pseudonym": KNOWN_PSEUDONYM, "supersedes": "A" * 43, "reason": ""}),
    ("together_with", {"together_with": "not four words"}),
    ("household", {"household": MISTYPED_PSEUDONYM}),
    ("shown_before", {"shown_before": "film\nfilm"}),
    ("row", {"value": "0"}),
    ("row", {"perception": None, "words": "two, maybe three"}),
    ("row", {"chain_witness": MISTYPED_PSEUDONYM}),
    ("row", {"time": "x" * 101}),
]


@pytest.mark.parametrize(("field", "changes"), FAULTS)
def test_an_error_leads_to_its_field(desk: Desk, field: str, changes: dict[str, Any]) -> None:
    form, at = full(desk), desk.claim("aircraft.number")
    if field == "row":
        field, changes = at, {f"{at}-{name}": said for name, said in changes.items()}
    answer = desk.post(**{**form, **changes})
    page = answer.get_data(as_text=True)
    assert answer.status_code in (403, 422)
    assert len(sentences(answer)) == 1
    assert f'<li><a href="#{field}">' in page
    assert page.count(f' id="{field}"') == 1


def test_the_claims_are_shown_in_the_words_that_were_chosen_and_kept_in_the_draft(desk: Desk) -> None:
    page = desk.researcher.get(f"{desk.path}?labels=ar").get_data(as_text=True)
    assert page.count('<span lang="ar" dir="auto">') == page.count('class="label"')
    assert '<p class="hint" id="not-reviewed">' in page
    assert desk.post(act="save", labels="ar").status_code == 303
    assert desk.researcher.get(desk.path).get_data(as_text=True).count(' lang="ar" dir="auto">') > 80
    assert 'id="not-reviewed" hidden' in desk.researcher.get(f"{desk.path}?labels=en").get_data(as_text=True)


def test_the_longest_form_is_light(desk: Desk) -> None:
    assert len(desk.researcher.get(f"{desk.path}?labels=ru").data) < 200_000
