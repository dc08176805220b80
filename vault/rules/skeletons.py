"""The skeleton of a case as a table: its incidents, and the claims that are in question (docs/EXCHANGE.md).

Nothing of a table is echoed in what is said of its faults: a cell may hold a name.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault.errors import Invalid, Message
from vault.rules import tables
from vault.rules.fields import Fields, is_line
from vault.rules.vocabulary import ValueKind, Vocabulary, value_to_json

COLUMNS = ("incident", "place", "date", "vocabulary", "claims")
LEFT_OUT = ("id",)  # stands in a table that was taken out; what is brought in gets an id of its own
LARGEST = 1_000_000  # bytes
_LONGEST = 200  # characters, of a title and of a place
MOST_INCIDENTS = 500
MOST_CLAIMS = 50
MOST_FAULTS = 20
_SEPARATORS = (",", ";", "\t")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2])(-[0-9]{2})?)?")
_NUMBER = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_DEFAULT = "air-strike"

Incident = dict[str, Any]  # title, place, date, vocabulary, and claims where some are in question
Vocabularies = Mapping[str, Vocabulary]


@dataclass(frozen=True)
class Skeleton:
    """The incidents of a table, and what is wrong with it, one sentence for each fault."""

    incidents: tuple[Incident, ...]
    faults: tuple[Message, ...]

    def sound(self) -> tuple[Incident, ...]:
        """The incidents. Raises Invalid with the first fault."""
        if self.faults:
            raise Invalid(self.faults[0])
        return self.incidents


def decode(data: bytes) -> str:
    """The text of a file. Raises Invalid for one that is too large, or is not UTF-8."""
    if len(data) > LARGEST:
        raise Invalid("The table is too large: bring at most a million bytes at once.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The table is not in UTF-8: save it as “CSV UTF-8”.") from None


def read(text: str, vocabularies: Vocabularies) -> Skeleton:
    """The skeleton in a table of comma-, semicolon- or tab-separated values.

    Raises Invalid where it is no such table; what is wrong in single rows is among its faults.
    """
    if len(text) > LARGEST:
        raise Invalid("The table is too large: bring at most a million characters at once.")
    if "\0" in text:
        raise Invalid("The table is not text, or not in UTF-8: save it as “CSV UTF-8”.")
    heading, *rows = _split(text.removeprefix(tables.BYTE_ORDER_MARK))
    incidents: list[Incident] = []
    faults: list[Message] = []
    for number, row in enumerate(rows, start=2):
        if any(cell.strip() for cell in row):
            incident, wrong = _read_row(number, row, heading, vocabularies)
            incidents.append(incident)
            faults += wrong
        if len(incidents) > MOST_INCIDENTS:
            raise Invalid(
                "The table has too many rows: bring at most %(most)d incidents at once.", most=MOST_INCIDENTS
            )
    if not incidents:
        raise Invalid("The table has a heading, but no incident below it.")
    return Skeleton(tuple(incidents), tuple(faults[:MOST_FAULTS]))


def claims_in_question(raw: object, vocabulary: Vocabulary) -> list[Incident]:
    """Claims that an incident asks about, checked: `value` is null where it is what is asked. Raises Invalid."""
    found: list[Incident] = []
    wrapped = Fields({"claims": raw}, "An incident", ("claims",))
    for place, one in enumerate(wrapped.items("claims", MOST_CLAIMS), start=1):
        fields = Fields(one, Message("Claim %(place)d", place=place), ("subject", "value"))
        subject, value = fields.text("subject", 60), fields.value("value")
        try:
            vocabulary.subject(subject)
            said = None if value is None else value_to_json(vocabulary.check_value(subject, value))
        except Invalid as error:
            raise Invalid("Claim %(place)d: %(fault)s", place=place, fault=error.message) from None
        claim = {"subject": subject, "value": said}
        if claim in found:
            raise Invalid("Claim %(place)d stands there twice.", place=place)
        found.append(claim)
    return found


def in_question(*incidents: Mapping[str, Any]) -> frozenset[str]:
    """The subjects that incidents of a brief ask about."""
    return frozenset(claim["subject"] for one in incidents for claim in one.get("claims", ()))


def check_plan(plan: object, vocabularies: Vocabularies) -> None:
    """Raises Invalid where an incident of a case plan asks about what is no claim of its vocabulary."""
    incidents = plan.get("incidents") if isinstance(plan, Mapping) else None
    for incident in incidents if isinstance(incidents, list) else ():
        if isinstance(incident, Mapping) and "claims" in incident:
            named = incident.get("vocabulary", _DEFAULT)
            if isinstance(named, str) and named in vocabularies:
                claims_in_question(incident["claims"], vocabularies[named])


def spell_claim(subject: str, value: object) -> str:
    """A claim of JSON as a cell has it: `aircraft.present`, `aircraft.number=2`, `aircraft.number=2-3`."""
    if value is None or value == "yes":
        return subject
    return f"{subject}={value['min']}-{value['max']}" if isinstance(value, dict) else f"{subject}={value}"


def _split(text: str) -> list[list[str]]:
    """The rows under the separator with which the heading makes sense. Raises Invalid."""
    text = text.lstrip("\r\n")
    first = re.split(r"[\r\n]", text, maxsplit=1)[0].replace('"', "").lower()
    for separator in _SEPARATORS:
        heading = [name.strip() for name in first.split(separator)]
        distinct = len(set(heading)) == len(heading)
        if "incident" in heading and distinct and set(heading) <= {*COLUMNS, *LEFT_OUT}:
            return [heading, *tables.read(text, separator)[1:]]
    raise Invalid(
        "The first row must name the columns: incident, and where you have them place, date, vocabulary and claims, "
        "each once and no others."
    )


def _read_row(
    number: int, row: list[str], heading: list[str], vocabularies: Vocabularies
) -> tuple[Incident, list[Message]]:
    """The incident of a row, and what is wrong with it."""
    if any(cell.strip() for cell in row[len(heading) :]):
        return {}, [
            Message(
                "Row %(row)d has more cells than the first: put a text with a comma in quotation marks.",
                row=number,
            )
        ]
    cells = {name: " ".join(cell.split()) for name, cell in zip(heading, row, strict=False)}
    named = cells.get("vocabulary") or _DEFAULT
    incident: Incident = {"vocabulary": named}
    faults = []
    for column in COLUMNS:
        try:
            incident |= _read_cell(column, cells.get(column, ""), vocabularies, named)
        except Invalid as error:
            faults.append(
                Message("Row %(row)d, %(column)s: %(fault)s", row=number, column=column, fault=error.message)
            )
    return incident, faults


def _read_cell(column: str, cell: str, vocabularies: Vocabularies, named: str) -> Incident:
    """What a cell says of an incident. Raises Invalid."""
    match column:
        case "incident" if not cell:
            raise Invalid("say in a few words what happened.")
        case "incident" | "place":
            if cell and not (is_line(cell) and len(cell) <= _LONGEST):
                raise Invalid("write one line of at most %(most)d characters.", most=_LONGEST)
            return {"title" if column == "incident" else column: cell}
        case "date":
            if cell and not _is_date(cell):
                raise Invalid("write it as 2015-10-20, 2015-10 or 2015.")
            return {"date": cell}
        case "vocabulary":
            if named not in vocabularies:
                raise Invalid("write one of %(vocabularies)s.", vocabularies=", ".join(vocabularies))
            return {}
    claims = _claims(cell, vocabularies[named]) if named in vocabularies else []
    return {"claims": claims} if claims else {}


def _is_date(cell: str) -> bool:
    whole = _DATE.fullmatch(cell)
    with suppress(ValueError):  # the 31st of February
        return whole is not None and (whole[1] is None or bool(date.fromisoformat(cell)))
    return False


def _claims(cell: str, vocabulary: Vocabulary) -> list[Incident]:
    """The claims of a cell. Raises Invalid."""
    parts = [part.strip() for part in cell.split(";") if part.strip()]
    return claims_in_question([_claim(part, vocabulary) for part in parts], vocabulary)


def _claim(part: str, vocabulary: Vocabulary) -> Incident:
    """A claim as it stands in a cell, its value not yet checked."""
    code, given, value = (piece.strip() for piece in part.partition("="))
    kind = next((subject.kind for subject in vocabulary.subjects if subject.code == code), None)
    if not given:
        return {"subject": code, "value": "yes" if kind is ValueKind.YES else None}
    number = _NUMBER.fullmatch(value) if kind is ValueKind.NUMBER else None
    if number is None:
        return {"subject": code, "value": value}
    return {"subject": code, "value": {"min": int(number[1]), "max": int(number[2] or number[1])}}
