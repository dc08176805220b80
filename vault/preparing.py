"""Preparing a statement: its numbers are written from the sheet, and every gate is tried (docs/FORMATS.md §17, §18)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vault import audit, cases, editions, grounds, keyrings, log, quoting, statements
from vault import roster as rosters
from vault.cases import Case
from vault.errors import N_, Invalid, Refused
from vault.grounds import Grounds
from vault.installation import Installation
from vault.keyrings import Actor
from vault.perishable import perishable
from vault.rules import disclosure, history
from vault.rules.access import Permission, allows, require
from vault.rules.circumstances import Circumstances
from vault.rules.disclosure import Form, Line, Refusal
from vault.rules.history import Inference, Said
from vault.rules.nesting import nested
from vault.rules.sheets import Cell
from vault.rules.vocabulary import Vocabulary, value_to_json
from vault.sealing import logs, preparations
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Document, b64, unb64
from vault.sealing.signs import is_plain
from vault.sealing.statements import parse
from vault.statements import Published
from vault.store.testimony import StatementRow
from vault.store.unit_of_work import UnitOfWork

CONSENTS = {Form.EXACT: "all_counted_and_all_complements", Form.LADDER: "aggregate"}
LONGEST_ABOUT = 300
MOST_LINES = 20
_ABOUT = N_("Say in one plain line, of at most %(most)d characters, what the statement is about.")


@dataclass(frozen=True)
class Choice:
    """What a reviewer picks: an incident, rows of its table, how their numbers are to be said, and quotes by name."""

    incident: str
    cells: tuple[Cell, ...]
    form: Form
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Considered:
    """What the choice would say, which gates are shut, and what somebody could reckon out from all that is published.

    `document` is the statement but for what it is about; None where a gate is shut.
    """

    edition: int
    lines: tuple[Line, ...]
    refusals: tuple[Refusal, ...]
    inferences: tuple[Inference, ...]
    document: dict[str, Any] | None = field(repr=False)
    records: tuple[bytes, ...] = ()  # whose words it quotes


def consider(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, Choice], today: date
) -> Considered:
    """Try every gate on a choice, by the newest edition of a case and by what is allowed today.

    Raises Refused without the corroboration keys, NotFound, Tampered.
    """
    require(actor.role, Permission.PREPARE_STATEMENT)
    case = cases.show(uow, actor, place[0])
    choice, known = place[1], editions.history(uow, actor, case)
    vocabulary = vault.vocabularies[case.incident(choice.incident)["vocabulary"]]
    if len(choice.cells) > MOST_LINES:
        raise Invalid("A statement has at most %(most)d lines.", most=MOST_LINES)
    now = grounds.of(vault, uow, actor, (case, known, choice.incident), today) if known else None
    if now is None:
        return Considered(len(known), (), (disclosure.NOT_NOW,), (), None)
    earlier = statements.on(statements.every(uow), choice.incident)
    chosen = nested(now.sheet, choice.cells, choice.form)
    said = disclosure.lines(now.sheet, chosen, choice.form, vault.policy)
    around = _circumstances(uow, actor, case, (now, earlier), vocabulary)
    shut = list(disclosure.refusals(now.narrowed, said, around, vault.policy, today))
    if disclosure.NOT_NOW not in shut and not all(map(now.holds, said)):
        shut.append(disclosure.NOT_NOW)
    before, proposed = [_said(one, vocabulary) for one in earlier], Said(b64(now.root), said)
    if said:
        shut += history.refusals(before, proposed, vocabulary, vault.policy)
    quoted, records, unsaid = _quoted(vault, uow, actor, (case.id, choice, said), today)
    shut += [one for one in unsaid if one not in shut]
    document = None
    if not shut:
        document = _document(vault, uow, case, (now, said, choice), earlier) | quoted
    reckoned = history.inferences([*before, proposed], vocabulary, vault.policy)
    return Considered(known[-1].number, said, tuple(shut), reckoned, document, records)


def prepare(  # noqa: PLR0913, PLR0917 - who says what about what, where and when
    vault: Installation,
    uow: UnitOfWork,
    actor: Actor,
    place: tuple[str, Choice],
    about: Mapping[str, str],
    today: date,
) -> str:
    """Prepare a statement; its name. Raises Refused, with the first cure, while a gate is shut."""
    # (1) may this actor, and (2) is every gate open
    found = consider(vault, uow, actor, place, today)
    if found.document is None:
        raise Refused(found.refusals[0].cure)
    # (3) the whole statement: what it is about is all that was typed
    document = {**found.document, "about": _about(about), "preparer": actor.code}
    parse(document)
    # (4) signed by whoever prepared it, sealed to those who may read the figures, while what it quotes is there
    file, name = cases.find(uow, place[0]), b64(secrets.token_bytes(16))
    where = {"case": file.id, "name": name, "edition": found.edition}
    signed = preparations.prepare(document, where, today, actor.keys.signing)
    sealed = preparations.seal(file.keys["editions"], preparations.place("statement", file, name), signed)
    kept = perishable(uow, found.records, sealed)
    uow.testimony.add(StatementRow(name=unb64(name), case=unb64(file.id), sealed=kept))
    uow.testimony.flush()
    audit.record(uow, actor.code, "statement prepared", {"case": file.id, "statement": name}, today)
    return name


def may_prepare(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may try a case's gates: by role, and by the keys that read and that count."""
    keys = ("corroboration", "editions")
    return allows(actor.role, Permission.PREPARE_STATEMENT) and all(
        keyrings.holds(uow, actor, file, key) for key in keys
    )


def line_to_json(line: Line) -> dict[str, Any]:
    """A line as a statement has it, but for the commitments behind it."""
    return {
        "subject": line.cell.subject,
        "value": value_to_json(line.cell.value),
        "column": line.cell.column,
        "number": line.number,
        "exactly": line.exactly,
        "within": line.within,
    }


def _circumstances(
    uow: UnitOfWork,
    actor: Actor,
    case: Case,
    what: tuple[Grounds, Sequence[Published]],
    vocabulary: Vocabulary,
) -> Circumstances:
    """What two reviewers signed about the incident, and what was published before."""
    now, earlier = what
    numbers: dict[Cell, int] = {}
    for one in earlier:
        for line in said_lines(one.statement.document, vocabulary):
            numbers[line.cell] = max(line.number, numbers.get(line.cell, 0))
    prepared = {one.statement.digest: one.day for one in statements.listing(uow, actor, case.id)}
    days = sorted(prepared[one.statement.digest] for one in earlier)
    return now.circumstances(numbers, days)


def _quoted(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Choice, Sequence[Line]], today: date
) -> tuple[dict[str, Any], tuple[bytes, ...], list[Refusal]]:
    """The member of a statement with its quotes, absent where there are none; the records that these are from; and the
    gates that are shut for them."""
    case, choice, said = what
    picked, shut = quoting.chosen(vault, uow, actor, (case, choice.incident, choice.quotes), today)
    quoted = quoting.written(picked, said)
    unsaid = [*shut, *([quoting.NO_LINE] if len(quoted) < len(picked) else [])]
    records = tuple(unb64(one.record) for one in picked)
    return ({"quotes": quoted} if quoted else {}), records, unsaid


def _document(
    vault: Installation,
    uow: UnitOfWork,
    case: Case,
    what: tuple[Grounds, Sequence[Line], Choice],
    earlier: Sequence[Published],
) -> dict[str, Any]:
    now, said, choice = what
    return {
        "format": "witness-vault/v1/statement",
        "vault": case.file.vault,
        "incident": choice.incident,
        "vocabulary": case.incident(choice.incident)["vocabulary"],
        "month": now.entry["month"],
        "same_person": now.entry["same_person"],
        "lines": [line_to_json(line) | {"leaves": now.leaves(line)} for line in said],
        "policy": vault.policy.to_json(),
        "consent": CONSENTS[choice.form],
        "root": b64(now.root),
        "log": {"origin": logs.origin(case.file.vault), "key": b64(log.key_of(uow, vault.log_key).public)},
        "previous": earlier[-1].statement.digest if earlier else None,
        "roster": rosters.current(uow).version,
    }


def _said(one: Published, vocabulary: Vocabulary) -> Said:
    return Said(one.statement.document["root"], said_lines(one.statement.document, vocabulary))


def said_lines(document: Document, vocabulary: Vocabulary) -> tuple[Line, ...]:
    return tuple(
        Line(
            Cell(line["subject"], vocabulary.check_value(line["subject"], line["value"]), line["column"]),
            line["number"],
            line["exactly"],
            line["within"],
        )
        for line in document["lines"]
    )


def _about(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by language, trimmed. Raises Invalid."""
    texts = {language: text.strip() for language, text in typed.items() if text.strip()}
    if "en" not in texts or not all(is_plain(one) and len(one) <= LONGEST_ABOUT for one in texts.values()):
        raise Invalid(_ABOUT, "about", most=LONGEST_ABOUT)
    return texts
