"""Settings: what is unsafe, unknown or missing refuses to start, and the names are the store's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config import settings
from config.settings import UnsafeSettings
from vault.store import unit_of_work

PEER = "postgresql+psycopg://witness_testimony@/witness_testimony?host=/run/postgresql"
FAR = "postgresql+psycopg://witness_identities@db.example.org/witness_identities"
GOOD: dict[str, Any] = {
    "databases": {name: f"sqlite:////srv/{name}.db" for name in settings.DATABASES},
    "hosts": ["vault.example.org"],
}


def test_settings_name_the_databases_that_the_store_opens() -> None:
    """Two lists, because configuration stands below everything and imports nothing of ours."""
    assert settings.DATABASES == unit_of_work.DATABASES


def test_good_settings_are_taken() -> None:
    known = settings.parse(GOOD)
    assert (known.hosts, known.cut_every_days, known.cost) == (("vault.example.org",), 30, "member")


def test_the_logs_key_lies_beside_the_testimony_unless_it_is_said_where() -> None:
    assert settings.parse(GOOD).log_key_file == Path("/srv/log.key")
    assert settings.parse({**GOOD, "log_key": "/keys/log"}).log_key_file == Path("/keys/log")


def test_sealed_files_lie_beside_the_testimony_unless_it_is_said_where() -> None:
    assert settings.parse(GOOD).files_folder == Path("/srv/files")
    assert settings.parse({**GOOD, "files": "/large/files"}).files_folder == Path("/large/files")


def test_authorities_are_taken_by_address_and_by_command() -> None:
    named = [
        {"url": "https://stamps.example.org", "certificates": "a.pem"},
        {"command": ["stamp", "{request}", "{answer}"], "certificates": "b.pem"},
    ]
    one, other = settings.parse({**GOOD, "timestamp_authorities": named}).timestamp_authorities
    assert (one.url, one.command) == ("https://stamps.example.org", ())
    assert (other.url, other.command[0], other.certificates) == (None, "stamp", Path("b.pem"))


def written(raw: dict[str, Any]) -> str:
    """The same as a file."""
    urls = "".join(f"{name} = {json.dumps(url)}\n" for name, url in raw["databases"].items())
    rest = "".join(f"{name} = {json.dumps(one)}\n" for name, one in raw.items() if name != "databases")
    return f"{rest}[databases]\n{urls}"


def on(**urls: str) -> dict[str, Any]:
    """Settings in which all files are named and some databases lie elsewhere."""
    places = {name: f"/srv/{name}" for name in ("log_key", "files", "journal", "shreds_key")}
    return {**GOOD, **places, "databases": {**GOOD["databases"], **urls}}


def test_postgresql_is_reached_by_a_socket_or_by_a_server_that_is_verified() -> None:
    known = settings.parse(on(testimony=PEER, identities=f"{FAR}?sslmode=verify-full&passfile=/srv/pass"))
    assert known.databases["testimony"] == PEER
    assert settings.parse(on(shreds="postgresql+psycopg://witness_shreds@localhost/witness_shreds"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://witness_testimony:hidden@/witness_testimony",
        "postgresql+psycopg://witness_testimony:@/witness_testimony",
        f"{PEER}&password=hidden",
        f"{FAR}?sslmode=verify-full&sslpassword=hidden",
    ],
)
def test_a_url_that_carries_a_password_refuses_to_start_and_is_not_repeated(url: str) -> None:
    with pytest.raises(UnsafeSettings, match="passfile") as refused:
        settings.parse(on(testimony=url))
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        FAR,
        f"{FAR}?sslmode=require",
        f"{PEER}&host=db.example.org",
        f"{PEER}&hostaddr=192.0.2.1",
        f"{PEER}&service=elsewhere",
        "postgresql+psycopg://localhost,db.example.org/witness_identities",
        "postgresql://witness_testimony@/witness_testimony",
        "mysql://witness_testimony@/witness_testimony",
        "testimony.db",
    ],
)
def test_a_url_that_leaves_the_machine_unverified_or_leads_nowhere_refuses_to_start(url: str) -> None:
    with pytest.raises(UnsafeSettings):
        settings.parse(on(testimony=url))


@pytest.mark.parametrize(
    "name", ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE", "PGPASSWORD", "PGPASSFILE"]
)
def test_nothing_in_the_environment_leads_a_connection_elsewhere(tmp_path: Path, name: str) -> None:
    path, around = tmp_path / "vault.toml", {"HOME": "/root", "PG_BIN": "/usr/bin", name: "203.0.113.7"}
    path.write_text(written(GOOD))
    assert settings.load(path, around)
    path.write_text(written(on(testimony=PEER)))
    assert settings.load(path, {"HOME": "/root"})
    with pytest.raises(UnsafeSettings, match=name) as refused:
        settings.load(path, around)
    assert "203.0.113.7" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {"databases": {}},
        {"databases": {**GOOD["databases"], "fourth": "sqlite://"}},
        {"databases": dict.fromkeys(settings.DATABASES, "sqlite:////srv/one.db")},
        {"databases": "sqlite:////srv/one.db"},
        {"databases": {**GOOD["databases"], "testimony": ["sqlite:////srv/one.db"]}},
        {"databases": dict.fromkeys(settings.DATABASES, 7)},
        {"hosts": []},
        {"hosts": 7},
        {"hosts": "vault.example.org"},  # its letters would be the names
        {"hosts": [""]},
        {"hosts": [7]},
        {"cut_every_days": 0},
        {"cut_every_days": True},
        {"log_every_days": 0},
        {"log_every_days": "weekly"},
        {"log_key": 7},
        {"files": 7},
        {"databases": {**GOOD["databases"], "testimony": PEER}},
        {"databases": {**GOOD["databases"], "testimony": PEER}, "log_key": "/log.key"},
        {"timestamp_authorities": {}},
        {"timestamp_authorities": ["https://stamps.example.org"]},
        {"timestamp_authorities": [{"url": "https://stamps.example.org"}]},
        {"timestamp_authorities": [{"url": "stamps.example.org", "certificates": "a.pem"}]},
        {"timestamp_authorities": [{"command": "stamp", "certificates": "a.pem"}]},
        {"timestamp_authorities": [{"command": ["stamp"], "certificates": 7}]},
        {"timestamp_authorities": [{"command": ["stamp"], "url": "https://a", "certificates": "a.pem"}]},
        {"cut_every_days": "30"},
        {"cost": "cheapest"},
        {"debug": True},
        {"small_vault": "yes"},
        {"public": 1},
    ],
)
def test_unsafe_settings_refuse_to_start(change: dict[str, Any]) -> None:
    with pytest.raises(UnsafeSettings):
        settings.parse({**GOOD, **change})


def test_without_a_file_that_can_be_read_nothing_starts(tmp_path: Path) -> None:
    unread = {"one.toml": b"hosts = [", "two.toml": b"\xff", "three.toml": b"a = " + b"[" * 100_000}
    for name, content in unread.items():
        (tmp_path / name).write_bytes(content)
    for environ in ({}, *({settings.FILE_VARIABLE: str(tmp_path / name)} for name in ("none.toml", *unread))):
        with pytest.raises(UnsafeSettings):
            settings.load(environ=environ)


MAIL: dict[str, Any] = {
    "host": "mail.example.org",
    "port": 587,
    "from": "office@example.org",
    "custodians": {"C1": "first@example.org"},
}


def test_nobody_is_reminded_unless_it_is_configured_and_tls_is_the_rule() -> None:
    assert settings.parse(GOOD).mail is None
    mail = settings.parse({**GOOD, "mail": MAIL}).mail
    assert mail is not None
    assert (mail.tls, mail.custodians) == ("starttls", {"C1": "first@example.org"})


@pytest.mark.parametrize("host", settings.LOOPBACK)
def test_a_mail_server_on_the_same_machine_may_do_without_tls(host: str) -> None:
    assert settings.parse({**GOOD, "mail": {**MAIL, "host": host, "tls": "none"}}).mail is not None


@pytest.mark.parametrize(
    "change",
    [
        {"tls": "none"},
        {"tls": "off"},
        {"tls": ["none"]},
        {"host": ""},
        {"host": 7},
        {"port": 0},
        {"port": True},
        {"port": "25"},
        {"from": "office"},
        {"from": "Office <office@example.org>"},
        {"from": None},
        {"custodians": {"C1": "first@example.org\nBcc: third@example.org"}},
        {"custodians": {"C1": "first@example.org, second@example.org"}},
        {"custodians": {"first": "first@example.org"}},
        {"custodians": ["first@example.org"]},
        {"password": "hidden"},
    ],
    ids=str,
)
def test_unsafe_mail_settings_refuse_to_start(change: dict[str, Any]) -> None:
    with pytest.raises(UnsafeSettings):
        settings.parse({**GOOD, "mail": {**MAIL, **change}})


@pytest.mark.parametrize("missing", MAIL)
def test_a_mail_setting_that_is_missing_is_named(missing: str) -> None:
    some = {name: value for name, value in MAIL.items() if name != missing}
    with pytest.raises(UnsafeSettings, match="needs"):
        settings.parse({**GOOD, "mail": some})
