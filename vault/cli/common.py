"""What the members' and custodians' commands share: profiles, passphrases, signing in."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from vault.client import Client
from vault.errors import Conflict, NotFound, Refused
from vault.profile import KEY_FILE, MEMBER, Profile
from vault.sealing.digests import unb64
from vault.sealing.keypairs import MemberSecret, SigningKey
from vault.sealing.members import open_key_file, unwrap_member, unwrap_request_key
from vault.sealing.rosters import Roster
from vault.sealing.words import read_device_key

PASSPHRASE = "WITNESS_VAULT_PASSPHRASE"  # noqa: S105  # nosec B105 - the name of a variable
Command = Callable[..., Any]

in_file = click.Path(exists=True, dir_okay=False, path_type=Path)
out_file = click.Path(dir_okay=False, path_type=Path)
folder = click.Path(file_okay=False, path_type=Path)
profile_option = click.option(
    "--profile", type=folder, required=True, help="Your profile's folder on this device."
)
server_option = click.option("--server", required=True, help="The vault's address.")
out_option = click.option("--out", type=out_file, help="Write to this file instead of printing.")
yes_option = click.option("--yes", is_flag=True, help="You have read what it says, and agree.")


def passphrase_option(confirm: bool = False) -> Callable[[Command], Command]:
    """The passphrase is asked for, or taken from the environment; an argument could be seen by any process."""
    return click.option(
        "--passphrase",
        envvar=PASSPHRASE,
        prompt=True,
        hide_input=True,
        confirmation_prompt=confirm,
        hidden=True,
    )


@dataclass(frozen=True)
class Custodian:
    """A custodian at work: their profile, code and keys."""

    profile: Profile
    code: str
    secret: MemberSecret = field(repr=False)

    @contextmanager
    def at(self, server: str) -> Iterator[tuple[Client, Roster]]:
        """A signed-in client, and the newest roster, verified from the pinned one."""
        with Client(server) as client:
            client.sign_in_custodian(self.code, self.secret, self.profile.roster())
            yield client, client.follow(self.profile)


@dataclass(frozen=True)
class Member:
    """A member at work: their profile, code and the passphrase just typed."""

    profile: Profile
    code: str
    passphrase: str = field(repr=False)

    @contextmanager
    def at(self, server: str) -> Iterator[tuple[Client, Roster]]:
        """A signed-in client, and the newest roster, verified from the pinned one."""
        with Client(server) as client:
            client.sign_in(self.code, self.passphrase, self.device_key)
            try:
                roster = client.follow(self.profile)
            except Refused:
                raise Refused(
                    "The roster does not list you yet: read your card's six words to a custodian."
                ) from None
            if today().isoformat() > roster.expires:
                click.echo("The roster has run out: the custodians must sign it again.", err=True)
            yield client, roster

    @property
    def device_key(self) -> str:
        """The device key, as spelled. Raises NotFound for a profile that was never given one."""
        spelled = self.profile.read(MEMBER).get("device_key")
        if not spelled:
            raise NotFound("This profile has no device key yet: enter it with `witness-vault device-key`.")
        return str(spelled)

    def unwrap(self, wrapped: Any) -> MemberSecret:
        """The member's keys, for what must not happen on the server. Raises Tampered."""
        return unwrap_member(wrapped, self.code, self.passphrase, read_device_key(self.device_key))

    def request_key(self) -> SigningKey:
        """The key that signs this member's requests. Raises Tampered for a wrong passphrase."""
        held = self.profile.read(MEMBER)
        return unwrap_request_key(held["request_key"], self.code, self.passphrase, unb64(held["factor"]))


def with_custodian(command: Command) -> Command:
    """Give a command its custodian, from --profile and the passphrase."""

    @profile_option
    @passphrase_option()
    @functools.wraps(command)
    def run(profile: Path, passphrase: str, **rest: Any) -> Any:
        kept = Profile(profile)
        code, secret = open_key_file(kept.read(KEY_FILE), passphrase)
        return command(Custodian(kept, code, secret), **rest)

    return run


def with_member(command: Command) -> Command:
    """Give a command its member, from --profile and the passphrase."""

    @profile_option
    @passphrase_option()
    @functools.wraps(command)
    def run(profile: Path, passphrase: str, **rest: Any) -> Any:
        kept = Profile(profile)
        return command(Member(kept, str(kept.read(MEMBER)["code"]), passphrase), **rest)

    return run


def confirm(question: str, yes: bool) -> None:
    """Ask before an act that reveals or binds, unless --yes said so beforehand."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def today() -> date:
    """The day, in UTC as everywhere in the vault."""
    return datetime.now(UTC).date()


def days_from_now(days: int) -> tuple[str, str]:
    """Today and a day to come."""
    return today().isoformat(), (today() + timedelta(days=days)).isoformat()


def write_out(content: Any, out: Path | None) -> None:
    """Print JSON, or write it to a file that must not exist yet."""
    text = json.dumps(content, ensure_ascii=False)
    if out is None:
        click.echo(text)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError:
        raise Conflict("The file to write exists already; name another.") from None
