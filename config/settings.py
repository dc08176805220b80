"""Settings: frozen, from one TOML file. Nothing here opens anything; unsafe values refuse to start."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATABASES = ("testimony", "identities", "shreds")  # as in vault.store: tests hold the two together
FILE_VARIABLE = "WITNESS_VAULT_CONFIG"
VOCABULARY = Path(__file__).parent / "vocabulary"
WORDING = Path(__file__).parent / "wording"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_KNOWN = {
    *("databases", "hosts", "cut_every_days", "mail", "small_vault", "public"),
    *("log_key", "log_every_days", "timestamp_authorities", "files"),
}
_SQLITE = "sqlite:///"
_MAIL = {"host", "port", "from", "tls", "custodians"}
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_ADDRESS = re.compile(r"[!#-'*+/-9=?A-Z^-~-]+@[A-Za-z0-9.-]+")


class UnsafeSettings(Exception):  # noqa: N818 - said aloud in `raise UnsafeSettings(...)`
    """A setting is missing, unknown or unsafe; the message says which and what to do."""


@dataclass(frozen=True)
class Mail:
    """The mail server for reminders, and custodians' addresses by code. `tls`: starttls, tls; none on loopback."""

    host: str
    port: int
    sender: str
    tls: str
    custodians: Mapping[str, str]


@dataclass(frozen=True)
class TimestampAuthority:
    """An RFC 3161 authority: its PEM certificates, and an address or a command with {request} and {answer}."""

    certificates: Path
    url: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """One vault's settings: database URLs by name, host names served, days between cuts.

    `small_vault`: one other reviewer approves a statement instead of two; `public`: what is published has public pages.

    `cost`, what a passphrase guess costs, cannot be configured: only tests, which build settings themselves, lower it.
    """

    databases: Mapping[str, str]
    hosts: tuple[str, ...]
    cut_every_days: int
    cost: str = "member"
    mail: Mail | None = None
    small_vault: bool = False
    public: bool = False
    log_key: Path | None = None
    files: Path | None = None
    log_every_days: int = 7
    timestamp_authorities: tuple[TimestampAuthority, ...] = ()

    @property
    def log_key_file(self) -> Path:
        """Where the private half of the log's key lies: unless it is said, beside the testimony database."""
        return self.log_key or Path(self.databases["testimony"].removeprefix(_SQLITE)).with_name("log.key")

    @property
    def files_folder(self) -> Path:
        """Where the sealed pieces of evidence lie: unless it is said, beside the testimony database."""
        return self.files or Path(self.databases["testimony"].removeprefix(_SQLITE)).with_name("files")


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the file named by `path` or by WITNESS_VAULT_CONFIG. Raises UnsafeSettings."""
    named = path or environ.get(FILE_VARIABLE)
    if named is None:
        raise UnsafeSettings(
            f"Name the configuration file in {FILE_VARIABLE}; config/vault.example.toml is a start."
        )
    try:
        raw = tomllib.loads(Path(named).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        raise UnsafeSettings(
            "The configuration file cannot be read; compare it with config/vault.example.toml."
        ) from None
    return parse(raw)


def parse(raw: Mapping[str, Any]) -> Settings:
    """Settings from the parsed file. Raises UnsafeSettings."""
    unknown = set(raw) - _KNOWN
    if unknown:
        raise UnsafeSettings(f"Unknown setting: {', '.join(sorted(unknown))}.")
    databases = dict(raw.get("databases", {}))
    if set(databases) != set(DATABASES) or len(set(databases.values())) != len(DATABASES):
        raise UnsafeSettings(f"Give each of the databases {', '.join(DATABASES)} a URL of its own.")
    hosts = tuple(raw.get("hosts", ()))
    if not hosts or not all(isinstance(host, str) and host for host in hosts):
        raise UnsafeSettings("List the host names under which the vault is reached in `hosts`.")
    days = raw.get("cut_every_days", 30)
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise UnsafeSettings("`cut_every_days` is a whole number of days, at least 1.")
    flags = {name: raw.get(name, False) for name in ("small_vault", "public")}
    if not all(isinstance(value, bool) for value in flags.values()):
        raise UnsafeSettings("`small_vault` and `public` are true or false.")
    every = raw.get("log_every_days", 7)
    if not isinstance(every, int) or isinstance(every, bool) or every < 1:
        raise UnsafeSettings("`log_every_days` is a whole number of days, at least 1.")
    beside = databases["testimony"].startswith(_SQLITE)
    return Settings(
        databases,
        hosts,
        days,
        mail=_mail(raw.get("mail")),
        log_key=_place(raw, "log_key", "file for the key of the public log", beside),
        files=_place(raw, "files", "folder for the sealed files of evidence", beside),
        log_every_days=every,
        timestamp_authorities=_authorities(raw.get("timestamp_authorities", [])),
        **flags,
    )


def _place(raw: Mapping[str, Any], name: str, what: str, beside: bool) -> Path | None:
    """A path that must be named where there is no database file to put it beside. Raises UnsafeSettings."""
    named = raw.get(name)
    if not (isinstance(named, str) or (named is None and beside)):
        raise UnsafeSettings(f"Name the {what} in `{name}`.")
    return None if named is None else Path(named)


def _authorities(raw: Any) -> tuple[TimestampAuthority, ...]:
    """Who stamps the log's checkpoints. Raises UnsafeSettings."""
    found: list[TimestampAuthority] = []
    tables: list[Any] = raw if isinstance(raw, list) else [raw]
    for one in tables:
        named = set(one) if isinstance(one, dict) else set()
        if named not in ({"certificates", "url"}, {"certificates", "command"}):
            raise UnsafeSettings("A [[timestamp_authorities]] has certificates, and a url or a command.")
        url, command, certificates = one.get("url"), one.get("command", []), one["certificates"]
        addressed = isinstance(url, str) and url.startswith(("https://", "http://"))
        called = isinstance(command, list) and command and all(isinstance(part, str) for part in command)
        if not isinstance(certificates, str) or not (addressed or called):
            raise UnsafeSettings("A time-stamp authority's url is an address, its command a list of words.")
        found.append(TimestampAuthority(Path(certificates), url, tuple(command)))
    return tuple(found)


def _mail(raw: Any) -> Mail | None:
    """The mail server, if one is configured. Raises UnsafeSettings."""
    if raw is None:
        return None
    try:
        unknown = set(raw) - _MAIL
        mail = Mail(
            raw["host"], raw["port"], raw["from"], raw.get("tls", "starttls"), dict(raw["custodians"])
        )
    except (KeyError, TypeError, ValueError):
        raise UnsafeSettings(
            "[mail] needs host, port, from, and [mail.custodians]: addresses by code."
        ) from None
    if unknown:
        raise UnsafeSettings(f"Unknown setting in [mail]: {', '.join(sorted(unknown))}.")
    numbered = isinstance(mail.port, int) and not isinstance(mail.port, bool) and 0 < mail.port < 65536
    if not (isinstance(mail.host, str) and mail.host and numbered):
        raise UnsafeSettings("[mail] needs the name of a host, and a port.")
    if mail.tls not in ("starttls", "tls") and (mail.tls, mail.host in LOOPBACK) != ("none", True):
        raise UnsafeSettings(
            "`tls` in [mail] is starttls or tls; none only for a mail server on this machine."
        )
    addresses = [mail.sender, *mail.custodians.values()]
    if not all(isinstance(one, str) and _ADDRESS.fullmatch(one) for one in addresses):
        raise UnsafeSettings("Each address in [mail] is a plain one, such as office@example.org.")
    if not all(_CODE.fullmatch(code) for code in mail.custodians):
        raise UnsafeSettings("[mail.custodians] gives addresses by custodians' codes, such as C1.")
    return mail


def vocabulary_texts() -> dict[str, str]:
    """The vocabularies that come with the vault, by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(VOCABULARY.glob("*.toml"))}


def label_texts() -> dict[str, str]:
    """The labels of all vocabularies in other languages than English, by language."""
    return {path.stem: path.read_text("utf-8") for path in sorted((VOCABULARY / "labels").glob("*.toml"))}


def wording_texts() -> dict[str, str]:
    """How a statement's numbers are said, by language."""
    return {path.stem: path.read_text("utf-8") for path in sorted(WORDING.glob("*.toml"))}
