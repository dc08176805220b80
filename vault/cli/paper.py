"""A key file on paper: printed as words and as a QR code, and typed in again."""

from __future__ import annotations

import html
from pathlib import Path

import click
import segno

from vault.cli import parts
from vault.cli.common import PASSPHRASE, ask_secret, in_file, open_custodian, out_file, profile_option
from vault.cli.screen import say, write_text
from vault.profile import KEY_FILE, Profile
from vault.sealing import paperkeys
from vault.sealing.digests import b64, unb64
from vault.sealing.keypairs import cost_of

_ADVICE = (
    "This sheet and the passphrase together are the key file. Keep it where nobody looks, away from the passphrase; "
    "burn it when the key file has changed."
)
_STYLE = (
    "body{font:11pt/1.6 monospace;margin:2cm;color:#000;background:#fff}li{break-inside:avoid}"
    "svg{width:7cm;height:7cm}p{max-width:34em}"
)


@parts.command()
@profile_option
@click.option(
    "--out", type=out_file, required=True, help="The sheet to print: .html with a QR code, .txt without."
)
def paper(profile: Path, out: Path) -> None:
    """Put your key file on paper, still locked under your passphrase: words to be typed, and a QR code."""
    holder = open_custodian(profile)
    kept = holder.profile.read(KEY_FILE)
    made = paperkeys.to_paper(holder.file, kept["pin"], (holder.passphrase, cost_of(kept["wrapped"])))
    lines = paperkeys.to_words(made)
    write_text(_page(lines, made) if out.suffix == ".html" else _text(lines), out)
    say(
        f"{len(lines)} lines. Print it here, then delete the file: `custodian from-paper` tries what you type."
    )


@parts.command()
@click.argument("typed", type=in_file)
@profile_option
def from_paper(typed: Path, profile: Path) -> None:
    """Make a key file from the lines of its paper, typed into a text file, or from the text of its QR code."""
    text = typed.read_text("utf-8", "replace")
    content = unb64(text.strip()) if len(text.split()) == 1 else paperkeys.from_words(text)
    passphrase = ask_secret("Passphrase", PASSPHRASE)
    Profile(profile).create(KEY_FILE, paperkeys.from_paper(content, passphrase))
    say("The key file is in the profile. Delete the file that you typed.")


def _text(lines: list[str]) -> str:
    return "\n".join([_ADVICE, "", *(f"{number}. {line}" for number, line in enumerate(lines, start=1)), ""])


def _page(lines: list[str], made: bytes) -> str:
    """A page without a script, a name or an address: nothing is fetched, and nothing says what it is of."""
    code = segno.make(b64(made), micro=False, error="m").svg_inline(scale=4)
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Words</title>'
        f"<style>{_STYLE}</style></head><body><p>{_ADVICE}</p><ol>{items}</ol>{code}</body></html>\n"
    )


COMMANDS = (paper, from_paper)
