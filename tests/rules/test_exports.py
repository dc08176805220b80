"""vault.rules.exports"""

import pytest

from vault.errors import Invalid
from vault.rules.exports import Figures, Terms, Words, from_json

TERMS = {"recipient": "icc", "use": "legal", "identity": "none"}


@pytest.mark.parametrize("changes", [{"use": "corroboration"}, {"identity": "public"}])
def test_words_leave_for_a_use_of_words_under_the_four_words_at_most(changes: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Terms.parse({**TERMS, **changes})


@pytest.mark.parametrize(
    "entry", [Words("a testimony", Terms.parse(TERMS)), Figures(2, "an incident")], ids=["words", "figures"]
)
def test_an_entry_is_read_as_it_was_written(entry: Words | Figures) -> None:
    assert from_json(entry.to_json()) == entry
