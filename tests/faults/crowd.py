"""Forty deposit at the same instant over a real server, each twice; and others while a worker of it is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from drill.serving import Desk, served
from tests.cast import R1
from tests.readers import gathered, told
from tests.stage import Scene
from vault.opening import entrust
from vault.sealing.rosters import Roster

CLIENTS, OTHERS, SOME = 40, 12, 3
_ATTEMPTS, _PAUSE = 100, 0.2  # while a worker starts anew


def forty_at_once(scene: Scene) -> int:
    """Nobody is turned away, and what is sent twice at the same instant is there once. Then a worker is killed while
    others deposit: whoever tries again gets a receipt, and has deposited once. How many have one."""
    with served(scene.folder, scene.folder.with_name("logs"), workers=2) as address:
        desk = Desk(address, R1)
        first = [Client(desk.client, scene) for _ in range(CLIENTS)]
        others = [Client(desk.client, scene, scene.roster()) for _ in range(OTHERS)]
        twice = _at_once([client.deposit for client in first for _ in range(2)])
        assert sorted(twice[::2]) == sorted(twice[1::2])
        killing = threading.Thread(target=_kill_a_worker, args=(address, others))
        killing.start()
        late = _at_once([client.insist for client in others])
        killing.join()
        desk.close()
    receipts = {*twice, *late}
    read, unsound = told(scene)
    assert unsound == 0
    assert receipts == {one.half.digest for one in read}
    everybody = CLIENTS + OTHERS
    assert len(read) == len(receipts) == everybody
    assert scene.taken() == {"testimony": everybody, "observations": everybody, "identities": OTHERS}
    assert len(gathered(scene).resolved.persons(scene.hospital)) == everybody
    return len(receipts)


@dataclass
class Client:
    """Somebody with an interview; and with an identity that their device seals, if it knows to whom."""

    client: httpx.Client
    scene: Scene
    roster: Roster | None = None
    draft: str = ""
    raw: dict[str, Any] | None = None
    receipt: str = ""

    def __post_init__(self) -> None:
        self._begun = threading.Lock()

    def deposit(self) -> str:
        """The digest on its receipt. Raises httpx.HTTPError where the line fails, or the server does."""
        with self._begun:
            if self.raw is None:
                self._begin()
        self.receipt = self._post(f"/api/drafts/{self.draft}/deposit", self.raw)["digest"]
        return self.receipt

    def insist(self) -> str:
        """The same, as often as it takes."""
        for _ in range(_ATTEMPTS):
            with suppress(httpx.HTTPError):
                return self.deposit()
            time.sleep(_PAUSE)
        raise TimeoutError("the server does not come back")

    def _begin(self) -> None:
        where = {"incident": self.scene.hospital}
        told = self._post(f"/api/cases/{self.scene.case}/drafts", where)
        attempt = {
            "case": self.scene.case,
            **where,
            "token": told["token"],
            "new_pseudonym": told["pseudonym"],
        }
        interview = self.scene.interview(self.scene.said("heard"), attempt=attempt)
        if self.roster is not None:
            record = told["identity_record"]
            interview["sealed_identity"] = entrust(b'{"name":"nobody"}', "identity", record, self.roster)
        self.draft, self.raw = told["draft"], interview

    def _post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body).raise_for_status().json()


def _at_once(acts: list[Callable[[], str]]) -> list[str]:
    together = threading.Barrier(len(acts))

    def begin(act: Callable[[], str]) -> str:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def _kill_a_worker(address: str, clients: list[Client]) -> None:
    """Once some have a receipt, and others are on their way."""
    while sum(bool(one.receipt) for one in clients) < SOME:
        time.sleep(0.01)
    for server in _children(os.getpid()):
        if address.rpartition("//")[2] in Path(f"/proc/{server}/cmdline").read_text():
            os.kill(_children(server)[0], signal.SIGKILL)


def _children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
