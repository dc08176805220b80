"""The tables that can be taken out of a case: which there are, and what each column of them means.

docs/EXCHANGE.md shows this dictionary, and a test holds the two together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from vault.errors import N_
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


TITLES = {
    TableName.INCIDENTS: N_("Incidents"),
    TableName.EVIDENCE: N_("Evidence"),
    TableName.OPINIONS: N_("Opinions"),
    TableName.RESPONSES: N_("Responses"),
    TableName.APPROACHES: N_("Approaches"),
    TableName.FINDINGS: N_("Findings"),
    TableName.STATEMENTS: N_("Statements"),
}


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
_INCIDENT_ID = Column("incident_id", N_("the incident"), _ID)
_INCIDENT = Column("incident", N_("what the incident is called"), _TEXT)

_INCIDENTS = Definition(
    row=N_("one incident"),
    without=N_("how many accounts there are, and whose"),
    columns=(
        Column("id", N_("the incident; of no meaning when the table is brought in"), _ID),
        _INCIDENT,
        Column("place", N_("where it happened"), _TEXT),
        Column("date", N_("when it happened"), "a day, a month or a year, or other text"),
        Column("vocabulary", N_("which claims can be made about it"), "the name of a vocabulary"),
        Column("claims", N_("the claims in question"), "claims"),
    ),
)
_EVIDENCE = Definition(
    row=N_("one item of evidence"),
    without=N_("what a witness gave; the files, and how they came"),
    columns=(
        Column("item", N_("the item"), _ID),
        _INCIDENT_ID,
        _INCIDENT,
        Column("kind", N_("what it is"), _codes(ItemKind)),
        Column("title", N_("what it is called here"), _TEXT),
        Column("bears", N_("what it says of claims"), f"each with how before it: {_codes(Bears)}"),
        Column("sha256", N_("SHA-256 of the original as it arrived"), f"64 hexadecimal digits, {_OR_BLANK}"),
        Column("bytes", N_("how large the original is"), f"a whole number, {_OR_BLANK}"),
        Column("authenticity", N_("what those who assessed it hold of it"), f"{_codes(Grade)}, {_OR_BLANK}"),
        Column("events", N_("how many events of custody were recorded"), "a whole number"),
    ),
)
_OPINIONS = Definition(
    row=N_("one expert's opinion on an item of evidence"),
    without=N_("who the expert is, and opinions on what a witness gave"),
    columns=(
        Column("opinion", N_("the opinion"), _NAME),
        Column("item", N_("the item"), _ID),
        Column("field", N_("what the expert knows"), _codes(Field)),
        Column("question", N_("what was asked"), _TEXT),
        Column("about", N_("which claim it is about"), f"{_CLAIM}, {_OR_BLANK}"),
        Column("answer", N_("what the expert holds of it"), _codes(Answer)),
        Column("reasons", N_("why"), _TEXT),
    ),
)
_RESPONSES = Definition(
    row=N_("one point that the accused made, in one language"),
    without=N_("responses in whose place another stands, and the imagery that was shown"),
    columns=(
        Column("response", N_("the response"), _NAME),
        Column("said", N_("when it was said"), "a day or a month"),
        Column("who", N_("by whom"), _TEXT),
        Column("where", N_("where"), _TEXT),
        Column("source", N_("where it can be read"), _TEXT),
        Column("point", N_("which point of the response"), _PLACE),
        Column("kind", N_("what the point does"), _codes(PointKind)),
        Column("about", N_("which claims it is about"), "each with the incident's id and a slash before it"),
        Column(
            "conflicts", N_("which points contradict it"), "each a response, a slash, and which point of it"
        ),
        Column("language", N_("in which language the words are"), "a short code, such as `en`"),
        Column("words", N_("what was said"), _TEXT),
    ),
)
_APPROACHES = Definition(
    row=N_("one thing that came back from the accused; of an approach on which nothing came, the approach"),
    without=N_("what they said in public"),
    columns=(
        Column("approach", N_("the approach"), _NAME),
        Column("day", N_("when they were asked"), "a day"),
        Column("to", N_("who was asked"), _TEXT),
        Column("how", N_("by what way"), _codes(How)),
        Column("incidents", N_("about which incidents"), "their ids, with semicolons between them"),
        Column("asked", N_("what was asked"), _TEXT),
        Column("came", N_("what came back"), f"{_codes(Came)}, {_OR_BLANK}"),
        Column("came_day", N_("when it came"), f"a day, {_OR_BLANK}"),
        Column("summary", N_("what it says"), _TEXT),
        Column("response", N_("the response in which it is written down"), f"{_NAME}, {_OR_BLANK}"),
    ),
)
_FINDINGS = Definition(
    row=N_("one factor of a finding; of a finding without factors, the finding"),
    without=N_("versions that were not upheld, and those in whose place a newer one stands"),
    columns=(
        Column("finding", N_("the finding"), _ID),
        Column("version", N_("which version of it stands"), _PLACE),
        _INCIDENT_ID,
        _INCIDENT,
        Column("proposition", N_("what is found, in English"), _TEXT),
        Column("likelihood", N_("how likely it is held to be"), _codes(Likelihood)),
        Column("reasons", N_("why"), _TEXT),
        Column("factor", N_("which factor"), f"{_PLACE}, {_OR_BLANK}"),
        Column("weight", N_("for which side it weighs"), f"{_codes(Weight)}, {_OR_BLANK}"),
        Column("source", N_("what kind of source it is"), f"{_codes(Source)}, {_OR_BLANK}"),
        Column(
            "refers_to",
            N_("which one it is"),
            "with slashes between: edition, claim, column; item; item, opinion; response, point",
        ),
        Column("why", N_("why it weighs so"), _TEXT),
    ),
)
_STATEMENTS = Definition(
    row=N_("one line of a published statement"),
    without=N_("statements that are not published, and what witnesses are quoted with"),
    columns=(
        Column("statement", N_("the statement"), _NAME),
        Column("month", N_("when it was made"), "a month"),
        Column("pulled", N_("whether it was taken back"), _YES),
        _INCIDENT_ID,
        Column("about", N_("what it is about, in English where that was written"), _TEXT),
        Column("line", N_("which line"), _PLACE),
        Column("claim", N_("what was perceived"), _CLAIM),
        Column("column", N_("how it was perceived"), _codes(COLUMNS)),
        Column("number", N_("how many persons"), "a whole number; 0, not exact: fewer than the first step"),
        Column("exactly", N_("whether the number is exact; else it is a bound"), _YES),
        Column("within", N_("among the persons of which line"), f"{_PLACE}, {_OR_BLANK}"),
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
