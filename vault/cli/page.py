"""The pinned page and the served ones: make the one, and compare the others with this release."""

from __future__ import annotations

import os
from pathlib import Path

import click

from vault import served
from vault.cli import parts
from vault.cli.common import folder, in_file, out_file
from vault.cli.screen import say
from vault.errors import Conflict, Invalid, Tampered
from vault.page import assemble, fingerprint
from vault.profile import Profile
from vault.shipped import release


@parts.command()
@click.option("--out", type=out_file, help="Write the page to this file, which must not exist yet.")
@click.option("--check", type=in_file, help="Say whether this file is the page, byte for byte.")
@click.option(
    "--profile", type=folder, help="With --check: compare with the page that the pinned roster names too."
)
def page(out: Path | None, check: Path | None, profile: Path | None) -> None:
    """The pinned page: one file for custodians and requesters, to be opened from disk. Its SHA-256 is printed."""
    if (out is None) == (check is None):
        raise Invalid("Say either where to write the page, with --out, or which file to check, with --check.")
    if check is not None:
        _check(check.read_bytes(), None if profile is None else Profile(profile))
        return
    made = assemble()
    _write(made, Path(str(out)))
    say(fingerprint(made).hex())


@parts.command(name="check-server")
@click.argument("address")
def check_server(address: str) -> None:
    """Compare the scripts and the style sheet that a server serves with those of this release."""
    found = served.differences(address)
    for line in found:
        say(line)
    if found:
        raise Tampered(
            "The server does not serve this release: ask the operator which; until then type nothing into its pages."
        )
    say(f"{len(release())} files are as this release has them.")


def _check(file: bytes, profile: Profile | None) -> None:
    found = fingerprint(file)
    say(found.hex())
    if found != fingerprint(assemble()):
        raise Tampered("This file is not the page of this release: do not open it; make it again with --out.")
    if profile is None:
        say("This file is the page of this release.")
        return
    named = profile.roster().page
    if named is None:
        say("This file is the page of this release; the roster names no page yet.")
    elif named != found:
        raise Tampered(
            "This file is the page of this release, but the roster names another: ask the custodians which."
        )
    else:
        say("This file is the page of this release, and the one that the roster names.")


def _write(made: bytes, out: Path) -> None:
    try:
        opened = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict("The file to write exists already; name another.") from None
    with open(opened, "wb") as file:
        file.write(made)
