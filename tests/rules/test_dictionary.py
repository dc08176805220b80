"""vault.rules.dictionary, and the document that shows it"""

import re
from pathlib import Path

import pytest

from vault.rules import skeletons
from vault.rules.dictionary import TABLES, Definition, TableName

DOCUMENT = (Path(__file__).parents[2] / "docs" / "EXCHANGE.md").read_text("utf-8")


def shown(name: str, table: Definition) -> str:
    """A table as the document shows it."""
    lines = [
        f"### {name}",
        f"A row is {table.row}. Not in it: {table.without}.",
        "",
        "| column | what stands in it | values |",
        "|---|---|---|",
        *(f"| `{one.name}` | {one.meaning} | {one.values} |" for one in table.columns),
    ]
    return "\n".join(lines) + "\n\n"


@pytest.mark.parametrize("table", TableName)
def test_the_document_shows_every_table_as_it_is_column_by_column(table: TableName) -> None:
    assert shown(table, TABLES[table]) in DOCUMENT


def test_the_document_shows_no_other_table_and_every_column_that_is_read() -> None:
    assert re.findall(r"^### (.+)$", DOCUMENT, re.MULTILINE) == [str(table) for table in TableName]
    read = DOCUMENT.partition("## In")[2].partition("## Out")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", read, re.MULTILINE)) == {
        *skeletons.COLUMNS,
        *skeletons.LEFT_OUT,
    }


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
