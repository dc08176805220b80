"""vault.rules.exports"""

import pytest

from vault.errors import Invalid
from vault.rules.dictionary import TableName
from vault.rules.exports import Figures, Sheet, Table, Terms, What, Words, from_json

TERMS = {"recipient": "icc", "use": "legal", "identity": "none"}


@pytest.mark.parametrize("changes", [{"use": "corroboration"}, {"identity": "public"}])
def test_words_leave_for_a_use_of_words_under_the_four_words_at_most(changes: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Terms.parse({**TERMS, **changes})


ENTRIES = [
    Words("a testimony", Terms.parse(TERMS)),
    Figures(2, "an incident"),
    Table(TableName.EVIDENCE),
    Sheet("a digest"),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=["words", "figures", "table", "sheet"])
def test_an_entry_is_read_as_it_was_written(entry: What) -> None:
    assert from_json(entry.to_json()) == entry


def test_an_entry_names_a_table_that_there_is() -> None:
    with pytest.raises(Invalid):
        from_json({"table": "witnesses"})
