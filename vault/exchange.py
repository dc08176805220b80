"""What can be taken out of a case as tables (docs/EXCHANGE.md): read from what was signed, noted before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault import cases, chains, exports, findings, keyrings, responses, statements
from vault.cases import Case
from vault.chains import Chain
from vault.errors import Refused
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules import tables
from vault.rules.access import Permission, require
from vault.rules.dictionary import TABLES, TableName
from vault.rules.factors import Counted, Factor, Item, Opinion
from vault.rules.findings import Version
from vault.rules.points import Response
from vault.rules.responses import Place, Return, conflicts
from vault.rules.skeletons import spell_claim
from vault.rules.tables import Cell
from vault.rules.vocabulary import Value, value_to_json
from vault.sealing.digests import unb64
from vault.statements import Published
from vault.store.unit_of_work import UnitOfWork

Row = dict[str, Cell]
_OF_EVIDENCE = (TableName.EVIDENCE, TableName.OPINIONS)


@dataclass(frozen=True)
class Taken:
    """A table of a case as it was on a day."""

    case: str
    table: TableName
    day: date
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return TABLES[self.table].names

    def to_csv(self) -> str:
        """As comma-separated text that no spreadsheet takes for a formula."""
        return tables.write(self.columns, ([row[name] for name in self.columns] for row in self.rows))

    def to_json(self) -> dict[str, Any]:
        """The JSON form (FORMATS 23)."""
        return {
            "format": "witness-vault/v1/table",
            "case": self.case,
            "table": str(self.table),
            "day": self.day.isoformat(),
            "columns": list(self.columns),
            "rows": [{name: row[name] for name in self.columns} for row in self.rows],
        }


def offered(uow: UnitOfWork, actor: Actor, case: str) -> tuple[TableName, ...]:
    """Which tables of a case the actor can take out: those whose key they hold. Raises Refused, NotFound."""
    require(actor.role, Permission.READ_EDITION)
    file = cases.show(uow, actor, case).file
    if not keyrings.holds(uow, actor, file, "editions"):
        raise Refused("Data are taken out by whoever reads this case's editions.")
    holds = keyrings.holds(uow, actor, file, "evidence")
    return tuple(table for table in TableName if holds or table not in _OF_EVIDENCE)


def take(vault: Installation, actor: Actor, place: tuple[str, TableName], today: date) -> Taken:
    """A table of a case, to leave the vault; it is in the ledger first. Raises Refused, NotFound, Tampered."""
    name, table = place
    # (1) may this actor take it out; (2) it is read from what was signed, not from a cache: seconds, for many items
    with vault.store.read() as uow:
        if table not in offered(uow, actor, name):
            raise Refused("To take this table out you need this case's evidence key.")
        case = cases.show(uow, actor, name)
        rows = tuple(_ROWS[table](_Reading(vault, uow, actor, case)))
    # (3) what leaves is noted before it leaves
    with vault.store.work("testimony") as uow:
        exports.note_table(uow, actor, case.file, table, today)
        uow.commit()
    return Taken(case.id, table, today, rows)


@dataclass(frozen=True)
class _Reading:
    """Who reads which case, from where."""

    vault: Installation
    uow: UnitOfWork
    actor: Actor
    case: Case

    def about(self, incident: str) -> Row:
        """An incident as tables name it."""
        return {"incident_id": incident, "incident": self.case.incident(incident)["title"]}


def _incidents(reading: _Reading) -> Iterator[Row]:
    for one in reading.case.incidents:
        claims = [spell_claim(claim["subject"], claim["value"]) for claim in one.get("claims", ())]
        named = {name: one[name] for name in ("place", "date", "vocabulary")}
        yield {"id": one["incident"], "incident": one["title"], **named, "claims": "; ".join(claims)}


def _chains(reading: _Reading) -> list[Chain]:
    """The items, incident by incident. A file's hash finds whoever has the same file, and what an expert says of it
    tells what it shows: so what a witness gave leaves in no table, whatever they allow."""
    kept = chains.of(reading.vault, reading.uow, reading.actor, reading.case.id)
    read = (kept.read(name) for name, _ in kept.names())
    found = [chain for chain in read if chain.item.arrival.giver is None]
    order = {one["incident"]: place for place, one in enumerate(reading.case.incidents)}
    return sorted(found, key=lambda one: (order[one.item.arrival.facts.incident], one.id))


def _evidence(reading: _Reading) -> Iterator[Row]:
    for chain in _chains(reading):
        yield {"item": chain.id, **reading.about(chain.item.arrival.facts.incident), **_item(chain)}


def _item(chain: Chain) -> Row:
    item, original = chain.item, chain.item.original
    bears = [f"{one.how} {_claim(*one.about)}" for one in item.bears]
    return {
        "kind": str(item.arrival.facts.kind),
        "title": item.arrival.facts.title,
        "bears": "; ".join(bears),
        "sha256": "" if original is None else unb64(original.sha256).hex(),
        "bytes": "" if original is None else original.size,
        "authenticity": "; ".join(sorted({str(one.grade) for one in item.assessed.values()})),
        "events": len(item.events),
    }


def _opinions(reading: _Reading) -> Iterator[Row]:
    for chain in _chains(reading):
        for name, given in chain.item.opinions.items():
            opinion = given.opinion
            yield {
                "opinion": name,
                "item": chain.id,
                "field": str(opinion.field),
                "question": opinion.question,
                "about": "" if opinion.about is None else _claim(*opinion.about),
                "answer": str(opinion.answer),
                "reasons": opinion.reasons,
            }


def _responses(reading: _Reading) -> Iterator[Row]:
    standing = responses.read(reading.vault, reading.uow, reading.actor, reading.case).standing
    against: dict[Place, list[str]] = {}
    for conflict in conflicts(standing.responses):
        for one, other in ((conflict.one, conflict.other), (conflict.other, conflict.one)):
            against.setdefault(one, []).append(_point(*other))
    for name, response in standing.responses.items():
        yield from _points(name, response, against)


def _points(name: str, response: Response, against: Mapping[Place, list[str]]) -> Iterator[Row]:
    facts = {"said": response.said, "who": response.who, "where": response.where, "source": response.source}
    for place, point in enumerate(response.points):
        about = [f"{claim.incident}/{_claim(claim.subject, claim.value)}" for claim in point.about]
        conflicting = dict.fromkeys(against.get(Place(name, place), ()))
        for language, words in point.words.items():
            yield {
                "response": name,
                **facts,
                "point": place + 1,
                "kind": str(point.kind),
                "about": "; ".join(about),
                "conflicts": "; ".join(conflicting),
                "language": language,
                "words": words,
            }


def _approaches(reading: _Reading) -> Iterator[Row]:
    standing = responses.read(reading.vault, reading.uow, reading.actor, reading.case).standing
    for name, one in standing.approaches.items():
        asked = {"day": one.day, "to": one.to, "how": str(one.how), "asked": one.asked}
        for came in standing.returns.get(name) or (None,):
            yield {"approach": name, **asked, "incidents": "; ".join(one.incidents), **_came(came)}


def _came(came: Return | None) -> Row:
    if came is None:
        return dict.fromkeys(("came", "came_day", "summary", "response"), "")
    said = {"came": str(came.kind), "came_day": came.day, "summary": came.summary}
    return {**said, "response": came.response or ""}


def _findings(reading: _Reading) -> Iterator[Row]:
    log = findings.read(reading.vault, reading.uow, reading.actor, reading.case)
    for finding in log.standing.findings.values():
        if finding.stands is not None:
            version = finding.stands.version
            about = reading.about(version.incident)
            for factor in _factors(version):
                yield {**about, **_found(version), **factor}


def _found(version: Version) -> Row:
    return {
        "finding": version.finding,
        "version": version.number,
        "proposition": version.proposition["en"],
        "likelihood": str(version.likelihood),
        "reasons": version.reasons,
    }


def _factors(version: Version) -> Iterator[Row]:
    if not version.factors:
        yield dict.fromkeys(("factor", "weight", "source", "refers_to", "why"), "")
    for place, one in enumerate(version.factors, start=1):
        which = {"weight": str(one.weight), "source": str(one.about.source), "refers_to": _refers_to(one)}
        yield {"factor": place, **which, "why": one.why}


def _refers_to(factor: Factor) -> str:
    match factor.about:
        case Counted() as cell:
            return f"{cell.edition}/{_claim(cell.subject, cell.value)}/{cell.column}"
        case Item() as item:
            return item.item
        case Opinion() as opinion:
            return f"{opinion.item}/{opinion.opinion}"
        case point:
            return _point(point.response, point.point)


def _statements(reading: _Reading) -> Iterator[Row]:
    for held in statements.listing(reading.uow, reading.actor, reading.case.id):
        if held.published is not None:
            yield from _lines(held.published)


def _lines(published: Published) -> Iterator[Row]:
    document = published.statement.document
    for place, line in enumerate(published.statement.lines, start=1):
        yield {
            "statement": published.statement.digest,
            "month": document["month"],
            "pulled": _yes(published.pulled_by is not None),
            "incident_id": published.statement.incident,
            "about": document["about"].get("en", next(iter(document["about"].values()))),
            "line": place,
            "claim": spell_claim(line["subject"], line["value"]),
            "column": line["column"],
            "number": line["number"],
            "exactly": _yes(line["exactly"]),
            "within": "" if line["within"] is None else line["within"] + 1,
        }


def _claim(subject: str, value: Value) -> str:
    return spell_claim(subject, value_to_json(value))


def _point(response: str, point: int) -> str:
    return f"{response}/{point + 1}"


def _yes(true: bool) -> str:
    return "yes" if true else "no"


_ROWS: Mapping[TableName, Callable[[_Reading], Iterator[Row]]] = {
    TableName.INCIDENTS: _incidents,
    TableName.EVIDENCE: _evidence,
    TableName.OPINIONS: _opinions,
    TableName.RESPONSES: _responses,
    TableName.APPROACHES: _approaches,
    TableName.FINDINGS: _findings,
    TableName.STATEMENTS: _statements,
}
