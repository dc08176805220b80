"""The commands for rebuttal sheets: what can answer a response, proposed, listed, decided on, given out."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from config.settings import label_texts, vocabulary_texts, wording_texts
from vault import receiving
from vault.answering import Material, each
from vault.cli import parts
from vault.cli.common import Member, confirm, in_file, out_file, with_member, yes_option
from vault.cli.screen import new_file, say
from vault.errors import Conflict, Invalid, NotFound
from vault.profile import read_file
from vault.rules.labels import Labels
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording
from vault.sealing.digests import unb64
from vault.sealing.words import fingerprint

case_option = click.option("--case", "case_id", required=True, help="The case's id.")
sheet_option = click.option("--rebuttal", "name", required=True, help="The sheet's name, as `list` shows it.")


@parts.group()
def rebuttal() -> None:
    """Answer a response point by point: choose what answers it, propose a sheet, decide on another's, give it out."""


@rebuttal.command()
@with_member
@case_option
@click.option("--response", required=True, help="The response's name, as `response list` shows it.")
def choices(member: Member, case_id: str, response: str) -> None:
    """Print as JSON what each point of a response can be answered by, and what that would say."""
    with member.signed_in() as (client, _):
        found = client.call("GET", f"/api/cases/{case_id}/responses/{response}/answers")
    say(json.dumps(found, ensure_ascii=False))


@rebuttal.command()
@click.argument("file", type=in_file)
@with_member
@case_option
@yes_option
def propose(member: Member, file: Path, case_id: str, yes: bool) -> None:
    """Propose the sheet that a JSON file chooses: the sources of docs/FORMATS.md §22, and what the sheet is about."""
    choice = read_file(file)
    confirm(
        "The vault makes a sheet of what was chosen, and signs it with your key. Another reviewer must uphold it "
        "before it can be given to anybody. Propose it?",
        yes,
    )
    with member.signed_in() as (client, _):
        answer = client.call("POST", _path(case_id), {"act": "rebuttal", **choice})
    say(f"Proposed. The sheet is called: {answer['rebuttal']}")


@rebuttal.command(name="list")
@with_member
@case_option
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §22).")
def list_sheets(member: Member, case_id: str, as_json: bool) -> None:
    """List the sheets of a case, newest first, and why one cannot be used today."""
    found = _listed(member, case_id)
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        say(f"{one['rebuttal']}  {_words(one)}")
        for left in one["left"]:
            say(f"  given out by {left['author']}, {left['day']}")
        if one["refusal"]:
            say(f"  not now: {one['refusal']}")


@rebuttal.command()
@with_member
@case_option
@sheet_option
@click.option("--uphold/--reject", required=True, help="What you decide.")
@click.option("--reason", prompt="Why, in words", help="Why; asked for if it is not given.")
@yes_option
def decide(member: Member, case_id: str, name: str, uphold: bool, reason: str, yes: bool) -> None:
    """Decide on a sheet that another reviewer proposed."""
    one = next((one for one in _listed(member, case_id) if one["rebuttal"] == name), None)
    if one is None:
        raise NotFound("There is no such sheet here: `witness-vault rebuttal list` shows them.")
    say(_words(one))
    for point in one["sheet"]["points"]:
        say(f"  {_texts(point['words'])}")
        for answer in point["answers"]:
            say(f"    {_whole(answer)}")
    say("Only lines of statements may count witnesses, and nothing may point at a person, in any language.")
    effect = "uphold it: it can be given to anybody from then on" if uphold else "reject it"
    confirm(f"You {effect}. It is signed with your key, and a sheet is decided on once. Sign?", yes)
    said = {"act": "decision", "rebuttal": name, "upheld": uphold, "reason": reason}
    with member.signed_in() as (client, _):
        client.call("POST", _path(case_id), said)
    say("Signed.")


@rebuttal.command(name="print")
@with_member
@case_option
@sheet_option
@click.option("--language", default="en", show_default=True, help="Such as en or ar.")
@click.option(
    "--format", "form", type=click.Choice(["pdf", "html", "json"]), default="pdf", show_default=True
)
@click.option("--out", type=out_file, required=True, help="The file to write; it must not exist yet.")
@yes_option
def give_out(member: Member, case_id: str, name: str, language: str, form: str, out: Path, yes: bool) -> None:
    """Take a sheet that was upheld, to be given to anybody. It is noted in the ledger of what left."""
    if out.exists():
        raise Conflict("There is a file of this name already: choose another.")
    confirm("What is given out cannot be called back. Take it?", yes)
    wish = {"language": language, "format": form}
    with member.signed_in() as (client, _):
        taken = client.call("POST", f"{_path(case_id)}/{name}/out", wish)
    try:
        content = base64.b64decode(taken["content"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise Invalid("The server did not answer with a sheet.") from None
    with new_file(out) as file:
        file.write(content)
    say(f"Written: {out}")


@rebuttal.command()
@click.argument("sheet", type=in_file)
@click.argument("statement_files", metavar="[STATEMENT]...", nargs=-1, type=in_file)
@click.option("--language", default="en", show_default=True, help="Such as en or ar.")
def verify(sheet: Path, statement_files: tuple[Path, ...], language: str) -> None:
    """Verify a sheet that was given out as JSON, and the statements that it names, offline."""
    found = receiving.received(sheet.read_bytes())
    named = receiving.cited(found.sheet, [file.read_bytes() for file in statement_files])
    who, six = " and ".join(found.signers), fingerprint(found.founding)
    say(f"Signed by {who}, reviewers of the vault with the six words: {six}")
    say(f"Digest: {found.digest}")
    given = {digest: one for digest, one in named.items() if one is not None}
    wording, known = _words_of(language)
    material = Material.of(given, {}, known)
    for point in found.sheet["points"]:
        say(_texts(point["words"]))
        for one in point["answers"]:
            if one.get("statement", "") in named.keys() - given.keys():
                say(
                    f"  Statement {one['statement']}, line {one['line'] + 1}: give its file too, to read it here."
                )
                continue
            (answer,) = each([one], material, wording)
            say(f"  {answer.label}: {answer.said.words} {_where(one)}".rstrip())


def _words_of(language: str) -> tuple[Wording, dict[str, Vocabulary]]:
    """The wording of a language, and the vocabularies in its words; English where there is no such."""
    wordings, labels = wording_texts(), label_texts()
    wording = Wording.parse(wordings.get(language, wordings["en"]))
    known = {name: Vocabulary.parse(text) for name, text in vocabulary_texts().items()}
    if wording.language in labels:
        words = Labels.parse(labels[wording.language])
        known = {name: words.of(one) for name, one in known.items()}
    return wording, known


def _where(answer: Mapping[str, Any]) -> str:
    """Where an answer can be checked."""
    if "statement" in answer:
        return f"(statement {answer['statement']}, line {answer['line'] + 1})"
    files = [answer[name] for name in ("sha256", "picture") if answer.get(name)]
    return " ".join(f"(SHA-256 {unb64(one).hex()})" for one in files)


def _listed(member: Member, case: str) -> list[dict[str, Any]]:
    with member.signed_in() as (client, _):
        return list(client.call("GET", _path(case)))


def _path(case: str) -> str:
    return f"/api/cases/{case}/rebuttals"


def _words(one: Mapping[str, Any]) -> str:
    sheet, taken = one["sheet"], one["decision"]
    said = sheet["response"]
    decided = "not decided"
    if taken is not None:
        decided = f"{'upheld' if taken['upheld'] else 'rejected'} by {taken['author']}: {taken['reason']}"
    answered = f"answers {said['who']}, {said['said']}, {said['where']}"
    return f"{_texts(sheet['about'])}; {answered}; proposed by {one['author']}, {one['day']}; {decided}"


def _whole(answer: Mapping[str, Any]) -> str:
    """An answer as it is signed, with its words in every language."""
    line = {"line": f"line {answer['line'] + 1}"} if "line" in answer else {}
    told = {"kind": answer["kind"], **answer, **line}
    return "; ".join(_texts(one) if isinstance(one, dict) else str(one) for one in told.values() if one)


def _texts(texts: Mapping[str, str]) -> str:
    return " / ".join(f"“{text}”" for text in texts.values())
