"""The operator's commands for backups: made and checked without a key, restored with what custodians release."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError

from config import settings
from config.settings import Settings
from migrations import upgrade
from vault import backup_folder, backups, journal, releasing, restoring
from vault.backups import Source
from vault.cli import parts
from vault.cli.common import folder, in_file, out_file, today
from vault.cli.operator import config_option, for_the_owner, opened
from vault.cli.screen import require_new, say, write_out
from vault.errors import Invalid, Refused
from vault.profile import Profile, read_file
from vault.restoring import Backup
from vault.sealing import archives
from vault.sealing.archives import Header
from vault.sealing.digests import b64, document_digest, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.words import fingerprint
from vault.store.unit_of_work import Store
from vault.sweeping import inventory

KEY, REQUEST, ATTEMPT = "key.json", "request.json", "attempt.json"
OVER = {"over": True}
_DAYS = 90

kept_days = click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=_DAYS,
    show_default=True,
    help="Days after which archives go.",
)


@parts.command()
@config_option
@click.option("--out", type=folder, help="The folder of archives.")
@click.option(
    "--shreds", type=folder, help="The folder of the one snapshot of the shreds, on another medium."
)
@kept_days
@click.option("--check", type=in_file, help="Verify a backup instead; it takes no key.")
@for_the_owner
def backup(config: Path | None, out: Path | None, shreds: Path | None, keep: int, check: Path | None) -> None:
    """Write an archive, the snapshot of the shreds, or both; or check one. The vault may be served meanwhile."""
    if check is not None:
        _check(check)
        return
    if out is None and shreds is None:
        raise click.UsageError("Name a folder: --out for an archive, --shreds for the snapshot, or both.")
    known = settings.load(config)
    with opened(known) as store:
        _save(Source(store, known.journal_file), out, shreds, keep)


def _save(source: Source, out: Path | None, shreds: Path | None, keep: int) -> None:
    if out is not None:
        with _bar("Archiving", backups.size(source)) as bar:
            made = backups.archive(source, out, today(), timedelta(days=keep), bar.update)
        say(f"{made.path.name}: {fingerprint(made.checksum)}")
        if made.removed:
            say(f"{made.removed} archives were older than {keep} days and are gone.")
    if shreds is not None:  # after the archive: so it has the keys of all that is in there
        made = backups.snapshot(source, shreds, today())
        say(f"{made.path.name}: {fingerprint(made.checksum)}")


@parts.group()
def restore() -> None:
    """Put a vault back into empty databases, with what k custodians release."""


@restore.command()
@click.argument("archive", type=in_file)
@click.argument("snapshot", type=in_file)
@click.option(
    "--folder", "work", type=folder, required=True, help="An empty folder for the key of this request."
)
@click.option("--out", type=out_file, required=True, help="The request to write, for every custodian.")
@for_the_owner
def request(archive: Path, snapshot: Path, work: Path, out: Path) -> None:
    """Ask the custodians to release what opens these two files."""
    require_new(out)
    key, place = SealingKey.generate(), Profile(work)
    with _opened(archive, snapshot) as files:
        document = releasing.ask({kind: header for kind, (_, header) in files.items()}, key)
        place.create(KEY, {"seed": b64(key.seed)})
        place.create(REQUEST, document)
        write_out(document, out)
        say(f"The vault's six words: {files['archive'][1].chain[0].fingerprint}", err=True)
    say(f"Read to each custodian, by voice: {fingerprint(document_digest(document))}", err=True)


@restore.command()
@click.argument("archive", type=in_file)
@click.argument("snapshot", type=in_file)
@click.argument("releases", nargs=-1, required=True, type=in_file)
@click.option("--folder", "work", type=folder, required=True, help="The folder of the request.")
@click.option("--withdrawals", type=in_file, multiple=True, help="A copy of the journal of withdrawals.")
@click.option("--try", "only_try", is_flag=True, help="Open everything, and write nothing: a drill.")
@config_option
@for_the_owner
def run(
    archive: Path,
    snapshot: Path,
    releases: tuple[Path, ...],
    work: Path,
    withdrawals: tuple[Path, ...],
    only_try: bool,
    config: Path | None,
) -> None:
    """Restore into the empty databases that the configuration names. Broken off, give the same command again."""
    place = Profile(work)
    if place.has(ATTEMPT) and place.read(ATTEMPT) == OVER:
        _clear(place)
        say("It was restored already; the key of this request is destroyed.")
        return
    if not place.has(KEY):
        raise Refused(
            "This folder holds no key of a request: it is another folder, or its request is at its end."
        )
    with _opened(archive, snapshot) as files:
        headers = {kind: header for kind, (_, header) in files.items()}
        key = SealingKey(unb64(place.read(KEY)["seed"], 32))
        opened = releasing.combined(place.read(REQUEST), headers, key, [read_file(one) for one in releases])
        parts = {kind: Backup(file, header, opened[kind]) for kind, (file, header) in files.items()}
        _say_days(headers)
        with _bar("Reading", None) as bar:
            found = restoring.read_through(parts["archive"], parts["snapshot"], bar.update)
        lines = [*found.lines, *(line for path in withdrawals for line in journal.lines_of(path))]
        gone = restoring.withdrawn(parts["snapshot"], lines)
        say(f"{sum(found.counts.values())} rows and {len(found.keys)} keys open.", err=True)
        say(
            f"{len(gone.names & found.keys.keys())} of the keys were withdrawn since: they stay dead.",
            err=True,
        )
        if gone.unread:
            say(
                f"{gone.unread} withdrawals were noted under newer backup keys than the snapshot's, and are NOT "
                "applied: take a newer snapshot if there is one.",
                err=True,
            )
        if not only_try:
            _write(settings.load(config), place, parts, found, gone)


def _write(
    known: Settings,
    place: Profile,
    parts: dict[str, Backup],
    found: restoring.Found,
    gone: restoring.Withdrawn,
) -> None:
    archive = parts["archive"]
    with opened(known) as store:
        _begin(place, store, known, archive)
        _migrate(known, archive.header.revisions)
        restoring.write_shreds(store, found, gone)
        with _bar("Restoring", sum(found.counts.values())) as bar:
            restoring.write_rows(store, archive, found, bar.update)
    _migrate(known, {})
    there = set(journal.lines_of(known.journal_file))
    journal.append(known.journal_file, [line for line in gone.lines if line not in there])
    with opened(known) as store:
        without = restoring.conclude(store, archive.header, today())
        place.write(ATTEMPT, OVER)
        _clear(place)
        _say_next(store, known, without)


def _clear(place: Profile) -> None:
    """Destroy the key of the request, and what belongs to it."""
    if place.has(KEY):
        place.overwrite(KEY, {})
    for name in (KEY, REQUEST, ATTEMPT):
        place.remove(name)


def _begin(place: Profile, store: Store, known: Settings, archive: Backup) -> None:
    """Raises Refused unless the databases are empty, or this very attempt broke off."""
    attempt = {"archive": b64(archives.checksum(archive.file)), "databases": dict(known.databases)}
    if place.has(ATTEMPT) and place.read(ATTEMPT) == attempt:
        return
    restoring.require_empty(store)
    place.write(ATTEMPT, attempt)


def _migrate(known: Settings, revisions: dict[str, str]) -> None:
    try:
        for name, url in known.databases.items():
            upgrade(name, url, revisions.get(name, "head"), shreds_key=known.shreds_key)
    except CommandError:
        raise Refused("This archive was made by a newer version: restore it with that one.") from None


def _say_days(headers: dict[str, Header]) -> None:
    archive, snapshot = headers["archive"], headers["snapshot"]
    say(f"The vault's six words: {archive.chain[0].fingerprint}", err=True)
    say(f"Archive of {archive.day}, snapshot of {snapshot.day}.", err=True)
    if snapshot.day < archive.day:
        say("The snapshot is older: what was deposited between the two cannot be read.", err=True)
    if snapshot.day < (today() - backups.LIFE).isoformat():
        say(
            "The snapshot is older than seven days: without the journal of withdrawals it brings back what was "
            "withdrawn since.",
            err=True,
        )


def _say_next(store: Store, known: Settings, without: int) -> None:
    missing = inventory(store, known.files_folder).missing
    say(f"Restored. {without} records have no key: withdrawn, or deposited after the snapshot.")
    say(f"{missing} files of evidence are missing: copy the folder back, then `witness-vault files`.")
    say("Everybody signs in again; interviews in progress and uploads on their way are not here.", err=True)
    say(
        "Before you serve: copy `log.key` back, and compare the log with the newest checkpoint that somebody else "
        "holds. Entries since the archive are lost, and a next one would be a fork.",
        err=True,
    )


def _check(path: Path) -> None:
    header, found = backups.check(path)
    say(f"The vault's six words: {header.chain[0].fingerprint}")
    roster = header.roster
    say(f"{header.kind.capitalize()} of {header.day}, roster version {roster.version}: {roster.fingerprint}")
    quorum = f"{roster.threshold} of {', '.join(roster.codes)}"
    say(f"It is whole, and opens with {quorum}, epoch {roster.epoch}. It is {fingerprint(found)}")


@contextmanager
def _opened(archive: Path, snapshot: Path) -> Iterator[dict[str, tuple[Any, Header]]]:
    """Both files by kind, their headers verified and their checksums right. Raises Tampered, Invalid, NotFound."""
    with ExitStack() as stack:
        found = {}
        for kind, path in (("archive", archive), ("snapshot", snapshot)):
            file = stack.enter_context(backup_folder.reading(path))
            header = archives.read_header(file)
            archives.checksum(file)
            if header.kind != kind:
                raise Invalid(
                    f"Name the archive first and then the snapshot: {path.name} is of the other kind."
                )
            found[kind] = file, header
        yield found


def _bar(label: str, length: int | None) -> Any:
    return click.progressbar(range(length or 0), length=length, label=label, file=sys.stderr)
