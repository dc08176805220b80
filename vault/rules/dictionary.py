"""The tables that can be taken out of a case: which there are, and what each column of them means.

docs/EXCHANGE.md shows this dictionary, and a test holds the two together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from vault.rules.evidence import Bears, Grade
from vault.rules.evidence import Kind as ItemKind
from vault.rules.factors import Source, Weight
from vault.rules.findings import Likelihood
from vault.rules.opinions import Answer, Field
from vault.rules.points import Kind as PointKind
from vault.rules.responses import Came, How
from vault.rules.sheets import COLUMNS


class TableName(StrEnum):
    """What can be taken out as data, one table each."""

    INCIDENTS = "incidents"
    EVIDENCE = "evidence"
    OPINIONS = "opinions"
    RESPONSES = "responses"
    APPROACHES = "approaches"
    FINDINGS = "findings"
    STATEMENTS = "statements"


@dataclass(frozen=True)
class Column:
    """One column: what stands in it, and which values it takes."""

    name: str
    meaning: str
    values: str


@dataclass(frozen=True)
class Definition:
    """A table: what a row of it is, what it leaves out, its columns in order."""

    row: str
    without: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)


def _codes(options: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in options)


_ID = "an id: 22 letters, digits, hyphens and underscores"
_NAME = "a digest: 43 letters, digits, hyphens and underscores"
_CLAIM = "a claim"
_TEXT = "text"
_PLACE = "a whole number from 1 on"
_YES = _codes(("yes", "no"))
_OR_BLANK = "or blank"
_INCIDENT_ID = Column("incident_id", "the incident", _ID)
_INCIDENT = Column("incident", "what the incident is called", _TEXT)

_INCIDENTS = Definition(
    row="one incident",
    without="how many accounts there are, and whose",
    columns=(
        Column("id", "the incident; of no meaning when the table is brought in", _ID),
        _INCIDENT,
        Column("place", "where it happened", _TEXT),
        Column("date", "when it happened", "a day, a month or a year, or other text"),
        Column("vocabulary", "which claims can be made about it", "the name of a vocabulary"),
        Column("claims", "the claims in question", "claims"),
    ),
)
_EVIDENCE = Definition(
    row="one item of evidence",
    without="what a witness gave; the files, and how they came",
    columns=(
        Column("item", "the item", _ID),
        _INCIDENT_ID,
        _INCIDENT,
        Column("kind", "what it is", _codes(ItemKind)),
        Column("title", "what it is called here", _TEXT),
        Column("bears", "what it says of claims", f"each with how before it: {_codes(Bears)}"),
        Column("sha256", "SHA-256 of the original as it arrived", f"64 hexadecimal digits, {_OR_BLANK}"),
        Column("bytes", "how large the original is", f"a whole number, {_OR_BLANK}"),
        Column("authenticity", "what those who assessed it hold of it", f"{_codes(Grade)}, {_OR_BLANK}"),
        Column("events", "how many events of custody were recorded", "a whole number"),
    ),
)
_OPINIONS = Definition(
    row="one expert's opinion on an item of evidence",
    without="who the expert is, and opinions on what a witness gave",
    columns=(
        Column("opinion", "the opinion", _NAME),
        Column("item", "the item", _ID),
        Column("field", "what the expert knows", _codes(Field)),
        Column("question", "what was asked", _TEXT),
        Column("about", "which claim it is about", f"{_CLAIM}, {_OR_BLANK}"),
        Column("answer", "what the expert holds of it", _codes(Answer)),
        Column("reasons", "why", _TEXT),
    ),
)
_RESPONSES = Definition(
    row="one point that the accused made, in one language",
    without="responses in whose place another stands, and the imagery that was shown",
    columns=(
        Column("response", "the response", _NAME),
        Column("said", "when it was said", "a day or a month"),
        Column("who", "by whom", _TEXT),
        Column("where", "where", _TEXT),
        Column("source", "where it can be read", _TEXT),
        Column("point", "which point of the response", _PLACE),
        Column("kind", "what the point does", _codes(PointKind)),
        Column("about", "which claims it is about", "each with the incident's id and a slash before it"),
        Column("conflicts", "which points contradict it", "each a response, a slash, and which point of it"),
        Column("language", "in which language the words are", "a short code, such as `en`"),
        Column("words", "what was said", _TEXT),
    ),
)
_APPROACHES = Definition(
    row="one thing that came back from the accused; of an approach on which nothing came, the approach",
    without="what they said in public",
    columns=(
        Column("approach", "the approach", _NAME),
        Column("day", "when they were asked", "a day"),
        Column("to", "who was asked", _TEXT),
        Column("how", "by what way", _codes(How)),
        Column("incidents", "about which incidents", "their ids, with semicolons between them"),
        Column("asked", "what was asked", _TEXT),
        Column("came", "what came back", f"{_codes(Came)}, {_OR_BLANK}"),
        Column("came_day", "when it came", f"a day, {_OR_BLANK}"),
        Column("summary", "what it says", _TEXT),
        Column("response", "the response in which it is written down", f"{_NAME}, {_OR_BLANK}"),
    ),
)
_FINDINGS = Definition(
    row="one factor of a finding; of a finding without factors, the finding",
    without="versions that were not upheld, and those in whose place a newer one stands",
    columns=(
        Column("finding", "the finding", _ID),
        Column("version", "which version of it stands", _PLACE),
        _INCIDENT_ID,
        _INCIDENT,
        Column("proposition", "what is found, in English", _TEXT),
        Column("likelihood", "how likely it is held to be", _codes(Likelihood)),
        Column("reasons", "why", _TEXT),
        Column("factor", "which factor", f"{_PLACE}, {_OR_BLANK}"),
        Column("weight", "for which side it weighs", f"{_codes(Weight)}, {_OR_BLANK}"),
        Column("source", "what kind of source it is", f"{_codes(Source)}, {_OR_BLANK}"),
        Column(
            "refers_to",
            "which one it is",
            "with slashes between: edition, claim, column; item; item, opinion; response, point",
        ),
        Column("why", "why it weighs so", _TEXT),
    ),
)
_STATEMENTS = Definition(
    row="one line of a published statement",
    without="statements that are not published, and what witnesses are quoted with",
    columns=(
        Column("statement", "the statement", _NAME),
        Column("month", "when it was made", "a month"),
        Column("pulled", "whether it was taken back", _YES),
        _INCIDENT_ID,
        Column("about", "what it is about, in English where that was written", _TEXT),
        Column("line", "which line", _PLACE),
        Column("claim", "what was perceived", _CLAIM),
        Column("column", "how it was perceived", _codes(COLUMNS)),
        Column("number", "how many persons", "a whole number; 0, not exact: fewer than the first step"),
        Column("exactly", "whether the number is exact; else it is a bound", _YES),
        Column("within", "among the persons of which line", f"{_PLACE}, {_OR_BLANK}"),
    ),
)
TABLES: Mapping[TableName, Definition] = MappingProxyType(
    {
        TableName.INCIDENTS: _INCIDENTS,
        TableName.EVIDENCE: _EVIDENCE,
        TableName.OPINIONS: _OPINIONS,
        TableName.RESPONSES: _RESPONSES,
        TableName.APPROACHES: _APPROACHES,
        TableName.FINDINGS: _FINDINGS,
        TableName.STATEMENTS: _STATEMENTS,
    }
)
