"""The vault served in a process of its own, as in production but for what a passphrase costs; and clients of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from tests.cast import Person
from tests.stage import Scene
from vault.cli.operator import gunicorn_options
from vault.sealing.words import spell_device_key
from web.app import create_app

_FOLDER = "WITNESS_VAULT_DRILL"


def create() -> Flask:
    """The application over the vault in the folder that the environment names."""
    return create_app(Scene(Path(os.environ[_FOLDER])).settings)


@contextmanager
def served(vault: Path, logs: Path, workers: int = 1) -> Iterator[str]:
    """The address at which it will soon answer. In `logs` is kept what it says, and what it holds open namelessly."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    temporary = logs.with_name("temporary")
    temporary.mkdir(exist_ok=True)
    logs.mkdir(exist_ok=True)
    options = ["drill.serving:create()", *gunicorn_options(bind, workers=workers)[1:]]
    environment = {**os.environ, _FOLDER: str(vault), "TMPDIR": str(temporary)}
    with (logs / "out.log").open("ab") as out, (logs / "error.log").open("ab") as error:
        command = [sys.executable, "-m", "gunicorn", *options]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=error)
        try:
            yield f"http://{bind}"
            _keep_nameless(process.pid, logs)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _keep_nameless(server: int, logs: Path) -> None:
    """Copy the files that the server and its worker hold open and that no folder names any more."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    for process in (str(server), *children):
        for number, held in enumerate(Path(f"/proc/{process}/fd").iterdir()):
            with suppress(OSError):
                if os.readlink(held).endswith("(deleted)"):
                    shutil.copyfile(held, logs / f"nameless-{process}-{number}")


def ask_wrongly(address: str, text: str) -> None:
    """What is no request, or too much of one, with a text in each: whatever the server says of it lies in its log."""
    host, _, port = address.removeprefix("http://").partition(":")
    for request in (
        f"GET /{text} HTTP/9.9",
        f"POST /{text} HTTP/1.1\r\nContent-Length: {text}",
        f"GET /{text * 500} HTTP/1.1",
    ):
        with socket.create_connection((host, int(port)), timeout=60) as line:
            line.sendall(f"{request}\r\n\r\n".encode())
            assert b" 4" in line.recv(64)


class Desk:
    """Somebody's client, signed in by HTTP."""

    def __init__(self, address: str, person: Person) -> None:
        self.client = httpx.Client(base_url=address, trust_env=False, verify=False, timeout=60)
        device_key = spell_device_key(person.device_key)
        self._await()
        typed = {"member": person.code, "passphrase": person.passphrase, "device_key": device_key}
        self.client.headers["Authorization"] = f"Bearer {self.post('/api/sign-in', typed)['token']}"

    def _await(self) -> None:
        for _ in range(600):
            with suppress(httpx.TransportError):
                self.client.get("/about")
                return
            time.sleep(0.1)
        raise SystemExit("The server did not start; its own words stand in its log.")

    def close(self) -> None:
        """Let the server go."""
        self.client.close()

    def post(self, path: str, body: Any = None) -> Any:
        """Send JSON, or bytes as they are; what comes back. Fails unless it was taken."""
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = self.client.request("PUT" if "content" in sent else "POST", path, **sent)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def get(self, path: str) -> httpx.Response:
        """An answer, whatever it is."""
        return self.client.get(path)
