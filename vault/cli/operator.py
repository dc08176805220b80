"""The operator's commands: they run on the server, hold no member's key, and can read nothing that is sealed."""

from __future__ import annotations

import functools
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from config import settings
from config.settings import Settings
from migrations import upgrade
from vault import process
from vault import roster as rosters_
from vault.cli import parts
from vault.cli.common import Command, days_from_now, in_file, out_option
from vault.cli.rosters import ROSTER_LASTS
from vault.cli.screen import say, write_out
from vault.errors import Invalid
from vault.profile import read_file
from vault.sealing import members, roster_drafts, rosters
from vault.sealing.deposits import IDENTITY_SLOT_SIZE
from vault.sealing.digests import b64
from vault.sealing.signatures import with_signatures
from vault.store.slots import allocate_identities
from vault.store.unit_of_work import Store
from vault.sweeping import inventory

config_option = click.option(
    "--config", type=in_file, help="The configuration; WITNESS_VAULT_CONFIG if not given."
)
FOR_THE_OWNER = 0o077


def for_the_owner(command: Command) -> Command:
    """Whatever the command makes, databases above all, is for the account alone that runs it."""

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        before = os.umask(FOR_THE_OWNER)
        try:
            return command(**given)
        finally:
            os.umask(before)

    return run


@contextmanager
def opened(known: Settings) -> Iterator[Store]:
    """The store that the settings name."""
    store = Store(dict(known.databases), known.shreds_key)
    try:
        yield store
    finally:
        store.dispose()


@parts.command()
@click.argument("cards", nargs=-1, required=True, type=in_file)
@config_option
@click.option("--threshold", type=int, default=3, show_default=True, help="How many custodians it takes.")
@out_option
@for_the_owner
def init(cards: tuple[Path, ...], config: Path | None, threshold: int, out: Path | None) -> None:
    """Make the empty databases, and the draft of the founding roster from the custodians' cards."""
    documents = [members.read_card(read_file(card), "custodian-card") for card in cards]
    draft = roster_drafts.founding_document(
        b64(secrets.token_bytes(16)), documents, threshold, days_from_now(ROSTER_LASTS)
    )
    _migrate(config)
    write_out(draft, out)
    say(f"The vault's six words: {rosters.parse(draft).fingerprint}", err=True)
    say("Every custodian now signs it with `witness-vault custodian sign-founding`.", err=True)


@parts.command()
@click.argument("draft", type=in_file)
@click.argument("signatures", nargs=-1, required=True, type=in_file)
@config_option
@for_the_owner
def found(draft: Path, signatures: tuple[Path, ...], config: Path | None) -> None:
    """Found the vault with the roster that all custodians have signed."""
    entries = [read_file(path) for path in signatures]
    if not all(isinstance(one.get("by"), str) for one in entries):
        raise Invalid("Name the roster first, then what each custodian's `custodian sign-founding` wrote.")
    signed = with_signatures(read_file(draft), entries)
    with opened(settings.load(config)) as store, store.work() as uow:
        roster = rosters_.found(uow, signed)
        allocate_identities(uow.identities, IDENTITY_SLOT_SIZE)
        uow.commit()
    say(f"Founded: {roster.fingerprint}")


@parts.command()
@config_option
@for_the_owner
def migrate(config: Path | None) -> None:
    """Bring the three databases to the present version."""
    _migrate(config)


@parts.command()
@config_option
def files(config: Path | None) -> None:
    """Count the files of evidence: those that are missing or cut short, and those that no database knows.

    Nothing is read, and nothing taken away. The exit status is 1 where anything is missing or unknown."""
    known = settings.load(config)
    with opened(known) as store:
        found = inventory(store, known.files_folder)
    say(f"{found.files} of the cases, {found.missing} of them missing or cut short; {found.unknown} unknown.")
    if found.missing or found.unknown:
        say(
            "Do the databases and the folder come from one copy? Unknown files are never taken away.",
            err=True,
        )
        sys.exit(1)


@parts.command()
@config_option
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    help="Where to listen; TLS is the proxy's business.",
)
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True)
@for_the_owner
def serve(config: Path | None, bind: str, workers: int) -> None:
    """Serve the vault. Behind a proxy that speaks TLS; without one, on loopback only."""
    if config is not None:
        os.environ[settings.FILE_VARIABLE] = str(config.resolve())
    settings.load()
    if process.swaps():
        say(
            "Swap is on: what members type could reach the disk. Turn it off, unless it is encrypted.",
            err=True,
        )
    command = [sys.executable, "-m", "gunicorn", *gunicorn_options(bind, workers)]
    os.execve(sys.executable, command, process.forgetting(os.environ))  # noqa: S606  # nosec B606


def gunicorn_options(bind: str, workers: int) -> list[str]:
    """How gunicorn is run: the rest of its settings stand in `web/serving.py`."""
    return ["web.app:create_app()", "--config=python:web.serving", f"--bind={bind}", f"--workers={workers}"]


def _migrate(config: Path | None) -> None:
    known = settings.load(config)
    for name, url in known.databases.items():
        upgrade(name, url, shreds_key=known.shreds_key)
