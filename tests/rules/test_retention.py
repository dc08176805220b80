"""vault.rules.retention"""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Conflict, Invalid, Refused, VaultError
from vault.rules.retention import (
    AHEAD,
    WAIT,
    Agreed,
    Destruction,
    Lasting,
    Of,
    Retention,
    RetentionReason,
    Stage,
)

TODAY = date(2026, 11, 23)
ASKED = {
    "format": "witness-vault/v1/retention",
    "vault": "vault",
    "roster": 2,
    "case": "case",
    "version": 1,
    "until": "2027-11-30",
    "reason": "law_asks",
    "proposer": "C1",
    "day": "2026-11-23",
}
ENDED = {
    "format": "witness-vault/v1/destruction",
    "vault": "vault",
    "roster": 2,
    "case": "case",
    "of": "case",
    "retention": 1,
    "until": "2026-11-22",
    "proposer": "C1",
    "day": "2026-11-23",
}
days = st.integers(min_value=-400, max_value=400).map(lambda many: TODAY + timedelta(days=many))


def last(until: date | None, version: int = 1) -> Retention:
    return Retention("vault", 2, "case", version, until, RetentionReason.LAW_ASKS, "C1", TODAY)


def end(until: date, retention: int = 1, day: date = TODAY, of: Of = Of.CASE) -> Destruction:
    return Destruction("vault", 2, "case", of, retention, until, "C1", day)


def over(met: date = TODAY, done: bool = False, **changes: Any) -> Lasting:
    """A case whose last day was yesterday, and whose destruction is agreed on."""
    until = TODAY - timedelta(days=1)
    return Lasting(last(until), Agreed(end(until, **changes), met, done))


def test_the_documents_are_read_as_they_are() -> None:
    assert Retention.parse(ASKED) == last(date(2027, 11, 30))
    assert Retention.parse({**ASKED, "until": None}) == last(None)
    assert Destruction.parse(ENDED) == end(date(2026, 11, 22))


@pytest.mark.parametrize(
    "changes", [{"until": "soon"}, {"reason": "she asked"}, {"version": "1"}, {"day": None}, {"more": 1}]
)
def test_what_is_not_whole_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Retention.parse({**ASKED, **changes})
    with pytest.raises(Invalid):
        Destruction.parse({**ENDED, **changes, "until": None})


def test_a_last_day_is_never_left_out() -> None:
    with pytest.raises(Invalid):
        Retention.parse({name: value for name, value in ASKED.items() if name != "until"})


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (None, Stage.OPEN),
        (91, Stage.KEPT),
        (90, Stage.NEAR),
        (31, Stage.NEAR),
        (30, Stage.SOON),
        (0, Stage.SOON),
        (-1, Stage.DUE),
    ],
)
def test_a_case_that_ends_is_said_to_in_time(left: int | None, stage: Stage) -> None:
    until = None if left is None else TODAY + timedelta(days=left)
    assert Lasting(last(until)).stage(TODAY) is stage


@given(days)
def test_of_itself_no_day_that_passes_destroys_anything(until: date) -> None:
    lasting = Lasting(last(until))
    for today in (until, until + timedelta(days=10_000)):
        assert lasting.stage(today) not in {Stage.READY, Stage.AGREED, Stage.DESTROYED}
        with pytest.raises(Refused):
            lasting.require_ready(today)


@given(days, days, days)
def test_nothing_is_carried_out_within_a_week_of_the_signatures(met: date, day: date, today: date) -> None:
    lasting = over(met, day=day)
    ready = lasting.stage(today) is Stage.READY
    assert ready == (today >= met + WAIT and today >= day + WAIT)
    if ready:
        lasting.require_ready(today)
    else:
        with pytest.raises(Refused):
            lasting.require_ready(today)


def test_what_was_carried_out_is_not_carried_out_again() -> None:
    assert over(done=True).stage(TODAY) is Stage.DESTROYED
    with pytest.raises(Conflict):
        over(done=True).require_ready(TODAY + WAIT)


@given(days)
def test_who_sets_another_last_day_calls_the_destruction_off(until: date) -> None:
    agreed = over().agreed
    assert Lasting(last(until, version=2), agreed).waits is None
    assert Lasting(last(until), agreed).waits == (agreed if until == TODAY - timedelta(days=1) else None)
    assert Lasting(last(None, version=2), agreed).stage(TODAY + WAIT) is Stage.OPEN


@given(st.none() | days, days)
def test_a_last_day_surprises_nobody(before: date | None, until: date) -> None:
    lasting = Lasting(last(before))
    try:
        lasting.check_next(last(until, version=2), TODAY)
    except Invalid:
        return
    assert until > TODAY
    assert until >= TODAY + AHEAD or (before is not None and until > before)


def test_a_case_may_be_kept_without_end() -> None:
    over().check_next(last(None, version=2), TODAY)


@pytest.mark.parametrize(
    ("lasting", "new", "error"),
    [
        (Lasting(), last(TODAY + AHEAD, version=2), Conflict),
        (Lasting(), last(None), Invalid),
        (Lasting(last(TODAY)), last(TODAY, version=2), Invalid),
        (over(done=True), last(TODAY + AHEAD, version=2), Conflict),
    ],
)
def test_a_last_day_follows_the_one_in_force(
    lasting: Lasting, new: Retention, error: type[VaultError]
) -> None:
    with pytest.raises(error):
        lasting.check_next(new, TODAY)


def test_only_what_is_over_can_be_destroyed() -> None:
    yesterday = TODAY - timedelta(days=1)
    Lasting(last(yesterday)).check_destruction(end(yesterday))
    for until in ("2026-11-23", "2027-11-30"):
        with pytest.raises(Invalid):
            Destruction.parse({**ENDED, "until": until})
    with pytest.raises(Conflict):
        Lasting(last(TODAY)).check_destruction(end(yesterday))
    with pytest.raises(Conflict):
        over().check_destruction(end(yesterday))


def test_single_records_are_destroyed_whether_the_case_ends_or_not_and_it_goes_on() -> None:
    asked, before = end(TODAY - timedelta(days=1), 0, of=Of.RECORDS), Lasting()
    before.check_destruction(asked)
    with pytest.raises(Invalid):
        Destruction.parse({**ENDED, "of": "records", "retention": 0, "until": ENDED["day"]})
    agreed = Lasting(None, Agreed(asked, TODAY, False))
    with pytest.raises(Conflict):
        agreed.check_destruction(asked)
    with pytest.raises(Refused):
        agreed.require_ready(TODAY)
    assert agreed.require_ready(TODAY + WAIT) == asked
    longer = Lasting(last(TODAY + AHEAD), agreed.agreed)
    assert longer.require_ready(TODAY + WAIT) == asked
    done = Lasting(None, Agreed(asked, TODAY, True))
    assert (done.stage(TODAY), done.destroyed, done.waits) == (Stage.OPEN, False, None)
    done.check_destruction(asked)


def test_nothing_is_asked_of_a_case_that_was_destroyed() -> None:
    with pytest.raises(Conflict):
        over(done=True).check_destruction(end(TODAY - timedelta(days=1)))
