"""vault.rules.dictionary"""

import pytest

from vault.errors import Invalid
from vault.rules import skeletons
from vault.rules.dictionary import TABLES, TableName
from vault.rules.exports import Table, from_json


@pytest.mark.parametrize("table", TableName)
def test_every_table_says_what_a_row_is_and_what_each_column_means(table: TableName) -> None:
    definition = TABLES[table]
    assert definition.row
    assert definition.without
    assert len(set(definition.names)) == len(definition.columns)
    assert all(column.meaning and column.values for column in definition.columns)


@pytest.mark.parametrize("table", TableName)
def test_no_table_has_a_column_for_who_a_witness_or_giver_is(table: TableName) -> None:
    assert not {"giver", "pseudonym", "witness", "testimony", "author", "from"} & set(TABLES[table].names)


def test_what_is_taken_out_of_incidents_can_be_brought_in() -> None:
    assert set(TABLES[TableName.INCIDENTS].names) == {*skeletons.COLUMNS, *skeletons.LEFT_OUT}


def test_an_entry_of_the_ledger_names_the_table() -> None:
    assert from_json(Table(TableName.EVIDENCE).to_json()) == Table(TableName.EVIDENCE)
    with pytest.raises(Invalid):
        from_json({"table": "witnesses"})
