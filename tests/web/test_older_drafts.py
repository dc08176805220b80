"""A draft that is older than its vocabulary: what was ticked stays beside the claim that it was ticked for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.rules.cast import AIR_STRIKE
from tests.web.desks import Desk
from vault.rules.vocabulary import Vocabulary
from web.interview_form import realigned, rows

TICKED = re.compile(r'name="(obs-[0-9]+)-perception" value="([a-z_]+)" checked')
FEWER = ("strike.took_place", "aircraft.present", "aircraft.number", "aircraft.altitude")
OLDER = replace(AIR_STRIKE, subjects=tuple(one for one in AIR_STRIKE.subjects if one.code in FEWER))


def typed(vocabulary: Vocabulary, **rows_typed: Any) -> dict[str, Any]:
    """A form in which some claims were ticked: the first row, or with "again" the second."""
    places = rows(vocabulary)
    form: dict[str, Any] = {"testimony": "I heard it."}
    form |= {f"obs-{number}-subject": claim for number, claim in enumerate(places)}
    for claim, (perception, value) in rows_typed.items():
        code = claim.removesuffix("__again").replace("__", ".")
        number = places.index(code) + claim.endswith("__again")
        form |= {f"obs-{number}-perception": [perception], f"obs-{number}-value": value}
    return form


SAID: dict[str, Any] = {
    "strike__took_place": ("heard", ""),
    "aircraft__number": ("saw", "2"),
    "aircraft__number__again": ("learnt_from_others", "3"),
    "aircraft__altitude": ("saw", "high"),
}


def test_rows_move_with_their_claims() -> None:
    moved = realigned(typed(OLDER, **SAID), AIR_STRIKE)
    expected = typed(AIR_STRIKE, **SAID)
    assert {name: expected.get(name) for name in moved} == moved
    assert {name for name in expected if name not in moved} <= {
        f"obs-{number}-subject" for number, claim in enumerate(rows(AIR_STRIKE)) if claim not in FEWER
    }


def test_a_form_of_today_stays_as_it_is() -> None:
    form = typed(AIR_STRIKE, **SAID)
    assert realigned(form, AIR_STRIKE) == form


def test_a_row_of_a_claim_that_there_is_not_is_left_out() -> None:
    form = {"obs-0-subject": "aircraft.colour", "obs-0-perception": ["saw"], "obs-1-perception": ["saw"]}
    assert realigned({**form, "reason": "r"}, AIR_STRIKE) == {"reason": "r"}


def test_an_older_draft_is_shown_with_its_ticks_beside_their_claims(desk: Desk) -> None:
    form = typed(OLDER, strike__took_place=("heard", ""), aircraft__present=("did_not_see", ""))
    csrf = {"csrf": desk.researcher.csrf, "act": "save"}
    assert desk.researcher.post(desk.path, {**form, **csrf}).status_code == 303
    page = desk.researcher.get(desk.path).get_data(as_text=True)
    assert set(TICKED.findall(page)) == {
        (desk.claim("strike.took_place"), "heard"),
        (desk.claim("aircraft.present"), "did_not_see"),
    }
