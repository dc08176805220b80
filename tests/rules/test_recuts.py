"""vault.rules.recuts"""

import pytest

from vault.errors import Invalid
from vault.rules.recuts import Recut, RecutReason

ASKED = {
    "format": "witness-vault/v1/recut",
    "vault": "vault",
    "roster": 2,
    "case": "case",
    "incident": "incident",
    "edition": 3,
    "requester": "V1",
    "reason": "figures_were_wrong",
    "day": "2026-11-22",
}


def test_what_is_asked_for_is_read_as_it_was_signed() -> None:
    reason = RecutReason.FIGURES_WERE_WRONG
    assert Recut.parse(ASKED) == Recut("vault", 2, "case", "incident", 3, "V1", reason)


@pytest.mark.parametrize("changes", [{"reason": "because she withdrew"}, {"day": "today"}, {"more": 1}])
def test_no_words_and_no_day_that_never_was_are_read(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Recut.parse({**ASKED, **changes})


def test_every_reason_is_a_code_without_words() -> None:
    assert all(reason.replace("_", "").isalpha() for reason in RecutReason)
