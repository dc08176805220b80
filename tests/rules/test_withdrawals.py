"""What a reader withdraws with an interview, and what a change refuses when one use is withdrawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.rules.consent import Consent, IdentityForm, Recipient, Use, both, permits, statement_uses, without
from vault.rules.withdrawals import chain

NAMES = st.sampled_from("abcdefg")
CONSENTS = st.builds(
    Consent,
    st.just(True),
    st.frozensets(st.sampled_from([*map(str, Use), "detail:aircraft.present"])),
    st.dictionaries(st.sampled_from(Recipient), st.sampled_from(IdentityForm)).map(
        lambda to: frozenset(to.items())
    ),
)


def test_corrections_go_with_what_they_correct_also_where_that_is_gone() -> None:
    replaces = {"a": None, "b": "a", "c": "b", "d": None, "e": "x", "f": "x"}
    assert chain("a", replaces) == chain("c", replaces) == {"a", "b", "c"}
    assert chain("d", replaces) == {"d"}
    assert chain("e", replaces) == {"e", "f"}


@given(st.dictionaries(NAMES, st.none() | NAMES, min_size=1))
def test_chains_share_out_the_interviews(replaces: dict[str, str | None]) -> None:
    for one in replaces:
        assert one in chain(one, replaces) <= replaces.keys()
        assert all(chain(other, replaces) == chain(one, replaces) for other in chain(one, replaces))


@given(st.lists(CONSENTS, min_size=1, max_size=3), st.sampled_from(Use))
def test_without_a_use_nothing_else_is_refused(allowed: list[Consent], use: Use) -> None:
    change = without(allowed, use)
    for before in allowed:
        now = both(before, change)
        assert not permits(now, use)
        assert use not in statement_uses(now)
        others = {one for one in before.uses if one.partition(":")[0] != use}
        assert others - {Use.COUNT_EXACT} <= now.uses
        assert (
            Use.COUNT_EXACT in now.uses
            or use in (Use.COUNT_EXACT, Use.AGGREGATE)
            or Use.COUNT_EXACT not in others
        )
        assert now.recipients == before.recipients


@pytest.mark.parametrize("recipient", Recipient)
@given(allowed=st.lists(CONSENTS, min_size=1, max_size=3))
def test_without_a_recipient_nothing_else_is_refused(recipient: Recipient, allowed: list[Consent]) -> None:
    change = without(allowed, recipient)
    for before in allowed:
        now = both(before, change)
        assert all(permits(now, use) == permits(before, use) for use in (*Use, "detail:aircraft.present"))
        assert dict(now.recipients) == {to: form for to, form in before.recipients if to is not recipient}
