"""A server of PostgreSQL that is set up as docs/OPERATIONS.md says, word by word: what it lets whom do."""

from __future__ import annotations

import getpass
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from config.settings import DATABASES, Settings, parse
from migrations import upgrade
from tests import postgres
from tests.cast import R1
from tests.stage import Scene
from vault.sealing.deposits import record_id
from vault.sealing.digests import unb64
from vault.store.postgresql import ADVISED
from vault.tidying import tidy

GUIDE = Path(__file__).parents[2] / "docs/OPERATIONS.md"
OURS = {"listen_addresses": "", "max_wal_senders": "0"}  # not what a vault could look at, or would mind


def block(begins: str) -> str:
    """The example in the chapter on PostgreSQL that begins like this."""
    chapter = GUIDE.read_text("utf-8").split("\n## PostgreSQL\n")[1].split("\n## ")[0]
    (found,) = (text for text in re.findall(r"```\w+\n(.*?)```", chapter, re.DOTALL) if begins in text[:80])
    return str(found)


def documented_settings() -> dict[str, str]:
    lines = [line.split("#")[0].split("=") for line in block("witness-vault.conf").splitlines()[1:]]
    return {name.strip(): value.strip().strip("'") for name, value in lines}


@pytest.fixture(scope="module")
def server() -> Iterator[URL]:
    """As documented, but that the account of the service is ours, and that we may look on as every role."""
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        folder.chmod(0o755)
        (folder / "hba").write_text(block("pg_hba.conf") + "local all all trust\n")
        mapped = re.sub(
            r"^(vault\s+)witness-vault", rf"\1{getpass.getuser()}", block("pg_ident.conf"), flags=re.M
        )
        (folder / "ident").write_text(mapped)
        settings = documented_settings() | {
            "hba_file": str(folder / "hba"),
            "ident_file": str(folder / "ident"),
        }
        with postgres.running(*(f"{name}={value}" for name, value in settings.items())) as url:
            command = [
                str(postgres.binaries() / "psql"),
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                postgres.words(url),
            ]
            subprocess.run(command, input=block("CREATE ROLE"), text=True, check=True)
            yield url


def documented(server: URL, folder: Path) -> Settings:
    """The documented configuration, with this server's socket and this folder."""
    known = block("vault.toml").replace("/run/postgresql", str(server.query["host"]))
    return parse(tomllib.loads(re.sub(r"/var/lib/witness-vault\w*(-\w+)?", str(folder), known)))


def logged(server: URL, record: bytes) -> bool:
    """Whether the server's log has a record."""
    log = Path(str(server.query["host"])) / "data/pg_wal"
    return any(record in path.read_bytes() for path in log.glob("0*"))


def test_tidying_looks_at_the_settings_that_are_documented() -> None:
    assert documented_settings() == {name: value for name, (value, _) in ADVISED.items()} | OURS


@pytest.mark.parametrize("role", DATABASES)
def test_each_role_is_known_by_its_account_and_reaches_its_own_database_alone(
    server: URL, tmp_path: Path, role: str
) -> None:
    mine = make_url(documented(server, tmp_path).databases[role])
    with psycopg.connect(postgres.words(mine)) as connection:
        known = connection.execute("SELECT system_user, current_user").fetchone()
    assert known == (f"peer:{getpass.getuser()}", f"witness_{role}")
    for other in (*(f"witness_{name}" for name in DATABASES if name != role), "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(postgres.words(mine.set(database=other)))


def test_with_these_roles_a_vault_works_and_is_tidied_and_what_differs_is_said(
    server: URL, tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    scene.settings = documented(server, tmp_path)
    for name, url in scene.settings.databases.items():
        upgrade(name, url, shreds_key=scene.settings.shreds_key)
    scene.become()
    scene.found()
    token = scene.deposit(R1, scene.said("heard")).withdrawal_token
    assert token is not None
    record = record_id(unb64(token), "testimony")
    assert logged(server, record)
    assert list(tidy(scene.vault.store))[-1] == "Shreds: what was deleted is taken away."
    assert not logged(server, record)
    scene.vault.store.dispose()
    with psycopg.connect(postgres.words(server), autocommit=True) as connection:
        connection.execute("REVOKE pg_checkpoint FROM witness_shreds")
        connection.execute("ALTER DATABASE witness_testimony SET log_statement = 'all'")
    _, differs, may_not = list(tidy(scene.vault.store))[-3:]
    scene.close()
    assert "(log_statement)" in differs
    assert "grant it pg_checkpoint" in may_not
