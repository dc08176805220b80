"""Settings: frozen, from one TOML file. Nothing here opens anything; unsafe values refuse to start."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DATABASES = ("testimony", "identities", "shreds")  # as in vault.store: tests hold the two together
FILE_VARIABLE = "WITNESS_VAULT_CONFIG"
VOCABULARY = Path(__file__).parent / "vocabulary"
WORDING = Path(__file__).parent / "wording"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_KNOWN = {
    *("databases", "hosts", "cut_every_days", "mail", "small_vault", "public"),
    *("log_key", "log_every_days", "timestamp_authorities", "files", "shreds_key", "journal"),
}
_SQLITE = "sqlite:///"
_SECRET = {
    "password",
    "sslpassword",
}  # as libpq names them (PostgreSQL's documentation, "Parameter Key Words")
_LIBPQ = re.compile(r"PG[A-Z]")  # PostgreSQL's documentation, "Environment Variables"
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
    shreds_key: Path | None = None
    journal: Path | None = None
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

    @property
    def journal_file(self) -> Path:
        """Where withdrawals are noted for a restore: unless it is said, beside the testimony database."""
        beside = Path(self.databases["testimony"].removeprefix(_SQLITE))
        return self.journal or beside.with_name("withdrawals.journal")


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the file named by `path` or by WITNESS_VAULT_CONFIG. Raises UnsafeSettings."""
    named = path or environ.get(FILE_VARIABLE)
    if named is None:
        raise UnsafeSettings(
            f"Name the configuration file in {FILE_VARIABLE}; config/vault.example.toml is a start."
        )
    try:
        raw = tomllib.loads(Path(named).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):  # no file, no TOML, nested without end
        raise UnsafeSettings(
            "The configuration file cannot be read; compare it with config/vault.example.toml."
        ) from None
    known = parse(raw)
    if not all(url.startswith(_SQLITE) for url in known.databases.values()):
        _require_no_others(environ)
    return known


def _require_no_others(environ: Mapping[str, str]) -> None:
    """Raises UnsafeSettings for a variable of libpq's: PGHOSTADDR goes even before the host that a URL names."""
    found = sorted(name for name in environ if _LIBPQ.match(name))
    if found:
        raise UnsafeSettings(
            f"Take {', '.join(found)} out of the environment: a connection would go where it says, not where the "
            "settings say."
        )


def parse(raw: Mapping[str, Any]) -> Settings:
    """Settings from the parsed file. Raises UnsafeSettings."""
    unknown = set(raw) - _KNOWN
    if unknown:
        raise UnsafeSettings(f"Unknown setting: {', '.join(sorted(unknown))}.")
    databases = raw.get("databases")
    if not _is_one_url_each(databases):
        raise UnsafeSettings(f"Give each of the databases {', '.join(DATABASES)} a URL of its own.")
    for url in databases.values():
        _check_url(url)
    hosts = raw.get("hosts")
    if not (isinstance(hosts, list) and hosts and all(isinstance(host, str) and host for host in hosts)):
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
        tuple(hosts),
        days,
        mail=_mail(raw.get("mail")),
        log_key=_place(raw, "log_key", "file for the key of the public log", beside),
        files=_place(raw, "files", "folder for the sealed files of evidence", beside),
        journal=_place(raw, "journal", "journal of withdrawals", beside),
        shreds_key=_place(
            raw, "shreds_key", "file for the key of the shreds", databases["shreds"].startswith(_SQLITE)
        ),
        log_every_days=every,
        timestamp_authorities=_authorities(raw.get("timestamp_authorities", [])),
        **flags,
    )


def _is_one_url_each(databases: Any) -> TypeGuard[dict[str, str]]:
    urls = list(databases.values()) if isinstance(databases, dict) else []
    named = all(isinstance(url, str) for url in urls) and len(set(urls)) == len(DATABASES)
    return named and set(databases) == set(DATABASES)


def _check_url(text: str) -> None:
    """Raises UnsafeSettings for a database's URL that opens something, or leads over a network that reads along."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UnsafeSettings("A database's URL cannot be read; docs/OPERATIONS.md shows some.") from None
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise UnsafeSettings("A database's URL begins with sqlite:/// or with postgresql+psycopg://.")
    if url.password is not None or _SECRET & set(url.query):
        raise UnsafeSettings(
            "Take the password out of the databases' URLs: let the server know the service by its account (peer), by a "
            "certificate, or by a `passfile`."
        )
    if _leaves(url) and url.query.get("sslmode") != "verify-full":
        raise UnsafeSettings("A database on another machine is reached with sslmode=verify-full alone.")


def _leaves(url: URL) -> bool:
    """Whether a URL names a host other than this machine, or a service that may; a path is that of a socket."""
    named = [url.host or "", *url.normalized_query.get("host", ()), *url.normalized_query.get("hostaddr", ())]
    hosts = [host for one in named for host in one.split(",") if host]
    elsewhere = any(not host.startswith(("/", "@")) and host not in LOOPBACK for host in hosts)
    return elsewhere or "service" in url.query


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
