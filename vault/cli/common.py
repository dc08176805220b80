"""What the members' and custodians' commands share: profiles, passphrases, signing in."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from vault.cli.screen import say
from vault.client import Client, address
from vault.errors import NotFound, Refused
from vault.opening import Holder
from vault.profile import KEY_FILE, MEMBER, Profile
from vault.rules import passphrases
from vault.sealing.digests import unb64
from vault.sealing.keypairs import MemberSecret, SigningKey
from vault.sealing.members import KeyFile, open_key_file, unwrap_member, unwrap_request_key
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
out_option = click.option("--out", type=out_file, help="Write to this file instead of printing.")
yes_option = click.option("--yes", is_flag=True, help="You have read what it says, and agree.")


def ask_secret(what: str, variable: str, confirm: bool = False) -> str:
    """What is typed here, or stands in the environment: never an argument, which any process could read."""
    given = os.environ.get(variable)
    if given is not None:
        return given
    return str(click.prompt(what, hide_input=True, confirmation_prompt=confirm, err=True))


def new_passphrase() -> str:
    """A passphrase to be used from now on. Raises Invalid for one that could be guessed."""
    passphrase = ask_secret("Passphrase", PASSPHRASE, confirm=True)
    passphrases.check(passphrase)
    return passphrase


@dataclass(frozen=True)
class Place:
    """Where the vault is said to be, and whether it has moved there."""

    server: str | None = None
    moved: bool = False

    @contextmanager
    def reach(self, profile: Profile) -> Iterator[Client]:
        """A client of the profile's vault, nobody signed in yet. Raises Refused, NotFound or Tampered."""
        named = None if self.server is None else address(self.server)
        with Client(profile.address(named, self.moved)) as client:
            client.meet(profile)
            yield client


@dataclass(frozen=True)
class Custodian:
    """A custodian at work: their profile, opened key file and the passphrase just typed."""

    profile: Profile
    file: KeyFile
    passphrase: str = field(repr=False)
    place: Place = field(default_factory=Place)

    @property
    def code(self) -> str:
        return self.file.code

    @property
    def signing(self) -> SigningKey:
        return self.file.newest.signing

    def holder(self, roster: Roster) -> Holder:
        """The keys by which this roster knows the custodian. Raises Refused for a copy that is older than them."""
        keys, entry = self.file.listed(roster), roster.custodians.get(self.code)
        if entry is not None and keys.sealing.public != entry.sealing:
            raise Refused(
                "This copy of your key file lacks the key of your newest card: take the newest copy, or tell the "
                "others that it is lost."
            )
        return Holder(self.code, keys)

    @contextmanager
    def signed_in(self) -> Iterator[tuple[Client, Roster]]:
        """A signed-in client, and the newest roster, verified from the pinned one."""
        with self.place.reach(self.profile) as client:
            client.sign_in_custodian(self.code, self.file.newest, self.profile.roster())
            yield client, client.follow(self.profile)


@dataclass(frozen=True)
class Member:
    """A member at work: their profile, code and the passphrase just typed."""

    profile: Profile
    code: str
    passphrase: str = field(repr=False)
    place: Place = field(default_factory=Place)

    @contextmanager
    def signed_in(self) -> Iterator[tuple[Client, Roster]]:
        """A signed-in client, and the newest roster, verified from the pinned one."""
        with self.place.reach(self.profile) as client:
            client.sign_in(self.code, self.passphrase, self.device_key)
            try:
                roster = client.follow(self.profile)
            except Refused:
                raise Refused(
                    "The roster does not list you, or your keys were revoked. If you are new, read your card's six "
                    "words to a custodian; if not, ask one, by voice."
                ) from None
            if today().isoformat() > roster.expires:
                say("The roster has run out: the custodians must sign it again.", err=True)
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


def open_custodian(profile: Path, place: Place | None = None) -> Custodian:
    """The custodian of a profile, once the passphrase has opened the key file. Raises Tampered."""
    kept = Profile(profile)
    kept.settle(KEY_FILE)
    passphrase = ask_secret("Passphrase", PASSPHRASE)
    file = open_key_file(kept.read(KEY_FILE), passphrase)
    return Custodian(kept, file, passphrase, place or Place())


def open_member(profile: Path, place: Place) -> Member:
    """The member of a profile, and the passphrase that was typed."""
    kept = Profile(profile)
    code = str(kept.read(MEMBER)["code"])
    return Member(kept, code, ask_secret("Passphrase", PASSPHRASE), place)


def open_someone(profile: Path, place: Place) -> Member | Custodian:
    """Whoever's profile it is, by what lies in it."""
    if Profile(profile).has(KEY_FILE):
        return open_custodian(profile, place)
    return open_member(profile, place)


@dataclass(frozen=True)
class Device:
    """A member's device, with nothing typed yet: some acts need no passphrase."""

    profile: Profile
    place: Place

    def member(self) -> Member:
        """The member of the profile, and the passphrase that was typed."""
        return open_member(self.profile.folder, self.place)


def open_device(profile: Path, place: Place) -> Device:
    """The device of a profile."""
    return Device(Profile(profile), place)


def _with(opened: Callable[[Path, Place], Any]) -> Callable[[Command], Command]:
    """Give a command who acts, from --profile, --server and the passphrase."""

    def decorate(command: Command) -> Command:
        @click.option("--moved", is_flag=True, help="The vault has moved to --server: a custodian said so.")
        @click.option("--server", help="The vault's address, where the profile does not know it yet.")
        @profile_option
        @functools.wraps(command)
        def run(profile: Path, server: str | None, moved: bool, **rest: Any) -> Any:
            return command(opened(profile, Place(server, moved)), **rest)

        return run

    return decorate


with_custodian = _with(open_custodian)
with_member = _with(open_member)
with_someone = _with(open_someone)
with_device = _with(open_device)


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
