"""The operator's commands: they run on the server, hold no member's key, and can read nothing that is sealed."""

from __future__ import annotations

import functools
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import click

from config import settings
from migrations import upgrade
from vault import roster as rosters_
from vault.cli.common import Command, days_from_now, in_file, out_option
from vault.cli.rosters import ROSTER_LASTS
from vault.cli.screen import say, write_out
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


@click.command()
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


@click.command()
@click.argument("draft", type=in_file)
@click.argument("signatures", nargs=-1, required=True, type=in_file)
@config_option
@for_the_owner
def found(draft: Path, signatures: tuple[Path, ...], config: Path | None) -> None:
    """Found the vault with the roster that all custodians have signed."""
    signed = with_signatures(read_file(draft), [read_file(path) for path in signatures])
    store = Store(dict(settings.load(config).databases))
    with store.work() as uow:
        roster = rosters_.found(uow, signed)
        allocate_identities(uow.identities, IDENTITY_SLOT_SIZE)
        uow.commit()
    say(f"Founded: {roster.fingerprint}")


@click.command()
@config_option
@for_the_owner
def migrate(config: Path | None) -> None:
    """Bring the three databases to the present version."""
    _migrate(config)


@click.command()
@config_option
def files(config: Path | None) -> None:
    """Count the files of evidence: those that are missing or cut short, and those that no database knows.

    Nothing is read, and nothing taken away. The exit status is 1 where anything is missing or unknown."""
    known = settings.load(config)
    found = inventory(Store(dict(known.databases)), known.files_folder)
    say(f"{found.files} of the cases, {found.missing} of them missing or cut short; {found.unknown} unknown.")
    if found.missing or found.unknown:
        say(
            "Do the databases and the folder come from one copy? Unknown files are never taken away.",
            err=True,
        )
        sys.exit(1)


@click.command()
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
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *gunicorn_options(bind, workers)])  # noqa: S606  # nosec B606


def gunicorn_options(bind: str, workers: int) -> list[str]:
    """How gunicorn is run: no access log, no control socket, nothing on disk."""
    return [
        "web.app:create_app()",
        f"--bind={bind}",
        f"--workers={workers}",
        "--threads=4",
        "--worker-class=gthread",
        "--no-control-socket",
        "--log-level=error",
        "--logger-class=web.faults.Logger",
        "--worker-tmp-dir=/dev/shm" if Path("/dev/shm").is_dir() else "--worker-tmp-dir=.",  # noqa: S108  # nosec B108
    ]


def _migrate(config: Path | None) -> None:
    for name, url in settings.load(config).databases.items():
        upgrade(name, url)
