"""`witness-vault`: one command, its parts, and how its refusals are said."""

from __future__ import annotations

import sys

import click

from config.settings import UnsafeSettings
from vault import process
from vault.cli import parts
from vault.cli.access import access
from vault.cli.assess import assess
from vault.cli.audits import audit
from vault.cli.backups import backup, restore
from vault.cli.court import statement
from vault.cli.custodian import custodian
from vault.cli.demo import demo
from vault.cli.deposits import deposit, second_coding
from vault.cli.editions import edition
from vault.cli.evidence import evidence
from vault.cli.exchange import export
from vault.cli.findings import finding
from vault.cli.inbox import inbox
from vault.cli.log import log
from vault.cli.matching import match
from vault.cli.member import case, device_key, enrol, request_key
from vault.cli.notify import notify
from vault.cli.openings import opening
from vault.cli.operator import files, found, init, migrate, serve
from vault.cli.page import check_server, page
from vault.cli.quotes import quote
from vault.cli.rebuttals import rebuttal
from vault.cli.responses import response
from vault.cli.screen import say
from vault.cli.tidy import tidy
from vault.cli.verifying import verify
from vault.cli.withdrawals import withdraw
from vault.errors import VaultError


@parts.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="witness-vault")
def cli() -> None:
    """An encrypted store for the testimony of people who could be killed for giving it."""


PARTS = (
    custodian,
    enrol,
    request_key,
    device_key,
    case,
    deposit,
    second_coding,
    withdraw,
    edition,
    evidence,
    export,
    statement,
    assess,
    quote,
    response,
    finding,
    rebuttal,
    match,
    opening,
    access,
    audit,
    inbox,
    page,
    check_server,
    init,
    found,
    migrate,
    files,
    backup,
    restore,
    serve,
    tidy,
    notify,
    log,
    verify,
    demo,
)
for part in PARTS:
    cli.add_command(part)


def main() -> None:
    """Run; a refusal is one sentence on stderr and exit code 1."""
    process.close()
    try:
        cli(standalone_mode=False)
    except (VaultError, UnsafeSettings) as error:
        say(str(error), err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("Stopped.", err=True)  # not more: something may have been sent already
        sys.exit(1)
