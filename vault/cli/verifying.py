"""Verify what a vault has published: the same as `vault/verifier.py`, which strangers run by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vault import verifier
from vault.cli import parts
from vault.cli.common import in_file
from vault.cli.screen import say
from vault.sealing.digests import unb64
from vault.sealing.words import fingerprint


@parts.command()
@click.argument("published", type=in_file)
@click.argument("openings", nargs=-1, type=in_file)
@click.option(
    "--authority",
    "authorities",
    type=in_file,
    multiple=True,
    help="The PEM certificates of a time-stamp authority that you trust, its root last.",
)
@click.option("--checkpoint", type=in_file, help="Another checkpoint of the log, to compare.")
@click.option("--consistency", type=in_file, help="The vault's proof that the one grew into the other.")
@click.option("--vault", help="The digest of the vault's founding roster, as its people told you.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(
    published: Path,
    openings: tuple[Path, ...],
    authorities: tuple[Path, ...],
    checkpoint: Path | None,
    consistency: Path | None,
    vault: str | None,
    as_json: bool,
) -> None:
    """Verify a published statement, offline. Ends with 0 when it is proved, with 3 where only the vault says when."""

    def read() -> verifier.Given:
        return verifier.Given(
            published.read_bytes(),
            [path.read_bytes() for path in openings],
            [path.read_bytes() for path in authorities],
            None if checkpoint is None else checkpoint.read_bytes(),
            None if consistency is None else consistency.read_bytes(),
            vault,
        )

    report = verifier.conclude(read)
    verifier.show(report, as_json)
    if report.code in verifier.VERDICTS and not as_json:
        say(f"The vault's six words: {fingerprint(unb64(report.vault))}")
    sys.exit(report.code)
