"""The operator's commands for the public log: add what is due, show its state, prove that it only grew."""

from __future__ import annotations

from pathlib import Path

import click

from config import settings
from vault import log as public_log
from vault import stamping
from vault.cli import parts
from vault.cli.common import out_option, today
from vault.cli.operator import config_option, for_the_owner, opened
from vault.cli.screen import say, write_out
from vault.errors import VaultError
from vault.stamping import Authority
from vault.store.unit_of_work import Store


@parts.group(name="log")
def log() -> None:
    """The public log of what editions count: one entry at a fixed cadence, whether or not anything happened."""


@log.command()
@config_option
@for_the_owner
def append(config: Path | None) -> None:
    """Add the entry that is due, if one is, and have it stamped; run it by a timer, every day."""
    known = settings.load(config)
    with opened(known) as store:
        with store.work("testimony") as uow:
            key = public_log.key_of(uow, known.log_key_file)
            added = public_log.append(uow, key, known.log_every_days, today())
            uow.commit()
        say("Nothing is due." if added is None else f"Entry {added.document['number']} is in the log.")
        _stamp(store, key.public, [_authority(one) for one in known.timestamp_authorities])


@log.command()
@config_option
@for_the_owner
def checkpoint(config: Path | None) -> None:
    """Print the log's newest signed checkpoint: give it to whoever shall be able to notice a fork."""
    known = settings.load(config)
    with opened(known) as store, store.read() as uow:
        note = public_log.checkpoint(uow, public_log.key_of(uow, known.log_key_file).public)
        for line in note.removesuffix("\n").split("\n"):
            say(line)


@log.command()
@config_option
@click.option("--since", type=click.IntRange(min=1), required=True, help="The size in an older checkpoint.")
@out_option
@for_the_owner
def consistency(config: Path | None, since: int, out: Path | None) -> None:
    """Write the proof that the log continues an older checkpoint; `verify` takes it."""
    known = settings.load(config)
    with opened(known) as store, store.read() as uow:
        public = public_log.key_of(uow, known.log_key_file).public
        write_out(public_log.consistency(uow, public, since), out)


def _stamp(store: Store, public: bytes, authorities: list[Authority]) -> None:
    """Ask each authority that has not stamped the newest checkpoint; one that fails is asked again the next time."""
    with store.read() as uow:
        number, text, missing = public_log.unstamped(uow, public, len(authorities))
    failed: VaultError | None = None
    for place in missing:
        try:
            answer, _ = stamping.stamp(text, authorities[place])
        except VaultError as error:
            failed = error
            continue
        with store.work("testimony") as uow:
            public_log.keep_stamp(uow, number, place, answer)
            uow.commit()
    if failed is not None:
        raise failed


def _authority(one: settings.TimestampAuthority) -> Authority:
    return Authority(one.certificates.read_bytes(), one.url, one.command)
