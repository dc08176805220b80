"""The commands that read evidence: listed, shown, taken out, verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, out_file, with_member, yes_option
from vault.cli.screen import new_file, say
from vault.client import Client
from vault.errors import NotFound, Tampered, VaultError
from vault.rules.custody import FileRole
from vault.sealing.digests import b64

case_option = click.option("--case", "case_id", required=True, help="The case's id.")
item_option = click.option("--item", required=True, help="The item's id.")
_LONG = 3600.0  # seconds: a file is read back as a whole before there is an answer


@parts.command(name="list")
@with_member
@case_option
@click.option("--incident", default="", help="Of this incident alone.")
@click.option("--kind", default="", help="Of this kind alone, such as video.")
@click.option("--claim", default="", help="What bears on this claim alone: SUBJECT or SUBJECT=VALUE.")
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §19.2).")
def list_items(member: Member, case_id: str, as_json: bool, **wanted: str) -> None:
    """List a case's evidence, newest first."""
    with member.signed_in() as (client, _):
        found = list(_every(client, case_id, wanted))
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        about = one["fault"] or f"{_words(one['kind'])}: {one['title']}; came on {one['day']}"
        say(f"{one['item']}  {about}")


@parts.command()
@with_member
@case_option
@item_option
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §19).")
def show(member: Member, case_id: str, item: str, as_json: bool) -> None:
    """Show an item: its files, and its whole custody chain, verified."""
    with member.signed_in() as (client, _):
        found = client.call("GET", _path(case_id, item))
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for role, file in found["files"].items():
        say(f"{role}: {file['media']}, {file['size']} bytes, SHA-256 {file['sha256']}")
    if found["given_by_witness"]:
        say(f"A witness gave it{': ' + found['giver'] if found['giver'] else ''}.")
    for entry in found["entries"]:
        say(f"{entry['name']}  {entry['day']}, {entry['author']}: {_entry(entry)}")
    for name in found["releases"]:
        say(f"A release stands: {name}")


@parts.command()
@with_member
@case_option
@item_option
@click.option(
    "--role", type=click.Choice([str(role) for role in FileRole]), required=True, help="Which file."
)
@click.option("--out", type=out_file, required=True, help="Write to this file, which must not exist yet.")
@yes_option
def get(member: Member, case_id: str, item: str, role: str, out: Path, yes: bool) -> None:
    """Take a file of an item out, compared with the SHA-256 in its chain."""
    said = "The original carries whatever its maker's device wrote into it. " if role == "original" else ""
    confirm(
        f"That you open it is written into its custody chain. {said}Outside nothing protects it. Take it out?",
        yes,
    )
    with member.signed_in() as (client, _):
        file = client.call("GET", _path(case_id, item))["files"].get(role)
        if file is None:
            raise NotFound("This item has no such file.")
        _write(out, client.fetch(f"{_path(case_id, item)}/files/{file['file']}"), file["sha256"])
    say("Written. It is the file that the custody chain names.")


@parts.command()
@with_member
@case_option
@click.option("--item", "items", multiple=True, help="This item alone; repeatable.")
def verify(member: Member, case_id: str, items: tuple[str, ...]) -> None:
    """Verify items, or all of a case: each chain, and each file, read back as a whole. Both may take long."""
    with member.signed_in() as (client, _):
        listed = {} if items else {one["item"]: one for one in _every(client, case_id, {})}
        faults = 0
        for item in items or listed:
            fault = listed.get(item, {}).get("fault") or _fault(client, case_id, item)
            faults += bool(fault)
            say(f"{item}  {fault or 'holds'}")
    if faults:
        raise Tampered(f"Items that do not hold: {faults}. Tell a custodian.")
    say(f"Items that hold: {len(items or listed)}.")


def _fault(client: Client, case: str, item: str) -> str:
    """What does not hold of an item, in a sentence; blank where everything does."""
    try:
        entries = client.call("GET", _path(case, item))["entries"]
        for name in _files(entries):
            found = client.call("POST", f"{_path(case, item)}/files/{name}/verify", patience=_LONG)
            if found["held"] is not True:
                return str(found["note"])
    except VaultError as error:
        return error.message
    return ""


def _files(entries: list[Mapping[str, Any]]) -> Iterator[str]:
    """Every file that an item has, or had."""
    for entry in entries:
        said = entry["content"]
        files = [said["original"], said["working"]] if entry["act"] == "arrival" else []
        files += [said["file"]] if entry["act"] == "file" else []
        yield from (str(file["file"]) for file in files if file is not None)


def _every(client: Client, case: str, wanted: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """All pages of a list."""
    page = pages = 1
    while page <= pages:
        asked = urlencode({**wanted, "page": str(page)})
        answer = client.call("GET", f"/api/cases/{case}/evidence?{asked}")
        yield from answer["items"]
        page, pages = page + 1, int(answer["pages"])


def _write(out: Path, parts: Iterator[bytes], expected: str) -> None:
    """Write a file that must be this one; what is not whole is not left there. Raises Tampered, Unreachable."""
    sha256 = hashlib.sha256()
    with new_file(out) as into:
        try:
            for part in parts:
                into.write(part)
                sha256.update(part)
            if b64(sha256.digest()) != expected:
                raise Tampered(
                    "What arrived is not the file that the custody chain names. Nothing of it was kept."
                )
        except BaseException:
            out.unlink()
            raise


def _path(case: str, item: str) -> str:
    return f"/api/cases/{case}/evidence/{item}"


def _entry(entry: Mapping[str, Any]) -> str:
    """What an entry says, in a line; the whole of it is in the JSON."""
    said = entry["content"]
    match entry["act"]:
        case "arrival":
            line = f"{_words(said['kind'])}: {said['title']}"
        case "file":
            line = f"{said['role']}: {said['how']}"
        case "event":
            held = {True: ", the file is what arrived", False: ", the file is not what arrived"}
            line = f"{said['what']} on {said['day']} by {said['by']}{held.get(said['held'], '')}"
        case "bearing":
            line = "; ".join(f"{_words(one['how'])} {one['subject']} {one['value']}" for one in said["bears"])
        case "authenticity":
            line = f"{_words(said['grade'])}: {said['reasons']}"
        case "opinion":
            line = (
                f"{said['expert']}, asked “{said['question']}”: {_words(said['answer'])}: {said['reasons']}"
            )
        case "release":
            line = f"may be said in public: {' / '.join(said['text'].values())}"
        case "decision":
            line = f"{'upheld' if said['upheld'] else 'rejected'} {said['motion']}: {said['reason']}"
        case _:
            line = f"recalled {said['release']}: {said['reason']}"
    return f"{entry['act']}: {line}"


def _words(code: str) -> str:
    return str(code).replace("_", " ")
