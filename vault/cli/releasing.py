"""The custodians' commands for backups: keys to which they are sealed, and the release of these to whoever restores."""

from __future__ import annotations

from pathlib import Path

import click

from vault import releasing
from vault.cli import parts
from vault.cli.common import Custodian, confirm, in_file, out_file, with_custodian, yes_option
from vault.cli.proposals import in_words, put_forward
from vault.cli.screen import say, write_out
from vault.profile import read_file


@parts.command()
@with_custodian
def backup_keys(holder: Custodian) -> None:
    """Make the keys to which backups are sealed, and propose them: k of you sign, and k of you release them later."""
    with holder.signed_in() as (client, roster):
        version = int(client.call("GET", "/api/proposals")["backup_keys"])
        document, held = releasing.make_keys(roster, version + 1)
        for line in in_words(document, roster):
            say(line, err=True)
        say(put_forward(client, document, held))


@parts.command()
@click.argument("request", type=in_file)
@with_custodian
@click.option("--out", type=out_file, required=True, help="The release to write, for who restores.")
@yes_option
def release(holder: Custodian, request: Path, out: Path, yes: bool) -> None:
    """Release your shares of a backup's keys to who restores the vault, once the six words are those read to you."""
    known = holder.profile.rosters()
    asked = releasing.read_request(read_file(request), known)
    say(f"The vault's six words: {asked.chain[0].fingerprint}", err=True)
    say(f"Archive of {asked.days['archive']}, snapshot of {asked.days['snapshot']}.", err=True)
    if asked.roster.version < known[-1].version:
        say("The roster has changed since this archive was made: is there no newer one?", err=True)
    say(
        "With k releases whoever asks has the vault as it lay on its disk. No identity, no testimony opens.",
        err=True,
    )
    say(f"Six words of the request: {asked.words}", err=True)
    confirm("Did who restores read you these words, by voice? Release your shares?", yes)
    write_out(releasing.release(asked, holder.holder(asked.roster)), out)


COMMANDS = (backup_keys, release)
