"""A large file on its way into a case, beside the bare cipher over the same bytes; its memory; killed in the middle.

`python -m bench.files --size 64` does the same with 64 MiB instead of 1 GiB.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.timing import in_turn
from bench.vaults import Bench, founded
from vault import uploads
from vault.files import Stored
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Role
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE, FileKey, count
from vault.store.files import Folder
from vault.store.unit_of_work import Store
from vault.uploads import MOST_AT_ONCE, Facts, Upload

GIBIBYTE = 2**30
_MIB = 2**20
_PROCESSES = get_context("fork")


@dataclass(frozen=True)
class _Sender:
    """R1 with a large file, and the vault that takes it."""

    vault: Installation
    actor: Actor
    case: str
    path: Path
    facts: Facts
    bench: Bench

    @property
    def key(self) -> FileKey:
        """Of a file that nobody uploads."""
        return FileKey("V" * 22, self.case, "A" * 22, count(self.facts.size), bytes(32))

    def begin(self) -> Upload:
        return uploads.start(self.vault, self.actor, self.case, self.facts, self.bench.day)

    def carry(self, upload: Upload) -> None:
        """Send the rest as clients do, request by request; read it back, hash it, let it go."""
        with self.path.open("rb") as file:
            file.seek(upload.received * PIECE)
            while part := file.read(MOST_AT_ONCE * PIECE):
                what = (upload.received, part)
                upload = uploads.receive(self.vault, self.actor, upload.id, what, self.bench.day)
        uploads.check(self.vault, self.actor, upload.id, self.bench.day)
        uploads.forget(self.vault, self.actor, upload.id)

    def apart(self, act: Callable[[_Sender], None]) -> Callable[[], None]:
        """The same in a process of its own, which shares no connection with this one."""
        urls = {name: str(engine.url) for name, engine in self.vault.store.engines.items()}
        return lambda: act(replace(self, vault=replace(self.vault, store=Store(urls))))

    def parts(self) -> Iterator[tuple[int, memoryview]]:
        """The file as requests carry it, and where each part belongs."""
        place = 0
        with self.path.open("rb", buffering=0) as file:
            while part := file.read(MOST_AT_ONCE * PIECE):
                yield place, memoryview(part)
                place += MOST_AT_ONCE

    def seal(self, out: Stored | None = None) -> None:
        """Lock every piece, to memory or to the disk."""
        for place, part in self.parts():
            if out is None:
                for _ in self.key.lock(place, part):
                    pass
            else:
                out.write(place, part)

    def encrypt(self, out: Path | None = None) -> None:
        """What cannot be done without: the bare cipher over the same pieces, to memory or as often to the disk."""
        cipher, target = AESGCM(bytes(32)), None if out is None else out.open("wb", buffering=0)
        for place, part in self.parts():
            for cut in range(0, len(part), PIECE):
                nonce = (place * PIECE + cut).to_bytes(12, "big")
                sealed = cipher.encrypt(nonce, part[cut : cut + PIECE], b"")
                if target is not None:
                    target.write(sealed)
            if target is not None:
                os.fdatasync(target.fileno())
        if target is not None:
            target.close()


def measure(size: int = GIBIBYTE) -> Iterator[str]:
    """Speed as a ratio in one run, memory above idle, and what a SIGKILL leaves."""
    with founded() as bench, TemporaryDirectory(prefix="witness-vault-bench-") as folder:
        sender = _sender(bench, Path(folder), size)
        stored = Stored(Folder(Path(folder)), sender.key)

        def bare() -> None:
            sender.encrypt(Path(folder) / "bare")

        for what, ours, against, alone in (
            ("sealed", sender.seal, "the bare cipher", sender.encrypt),
            ("sealed onto the disk", lambda: sender.seal(stored), "the bare cipher, onto the disk", bare),
            (
                "sent in requests, sealed, read back from the disk and hashed",
                lambda: sender.carry(sender.begin()),
                "the bare cipher, onto the disk",
                bare,
            ),
        ):
            yield _speed(f"{size // _MIB} MiB {what}", size, in_turn(ours, alone, rounds=2), against)
        yield f"Memory above idle meanwhile: {_memory(sender) / 1024:.0f} MiB at most"
        yield _killed(sender)


def _speed(what: str, size: int, taken: tuple[float, float], against: str) -> str:
    ours, alone = taken
    speeds = [f"{size / _MIB / seconds:,.0f} MiB/s" for seconds in taken]
    return f"{what}: {speeds[0]}; {against}: {speeds[1]}; {alone / ours:.0%} of its speed"


def _sender(bench: Bench, folder: Path, size: int) -> _Sender:
    path, whole, head = folder / "film", hashlib.sha256(), b""
    with path.open("wb") as file:
        for at in range(0, size, PIECE):
            piece = secrets.token_bytes(min(PIECE, size - at))
            head = head or hashlib.sha256(piece).digest()
            whole.update(piece)
            file.write(piece)
    facts = Facts(size, "video/mp4", b64(head), b64(whole.digest()), b64(secrets.token_bytes(16)))
    actor = Actor("R1", Role.RESEARCHER, bench.people["R1"])
    return _Sender(bench.app.extensions["vault"], actor, bench.case, path, facts, bench)


def _memory(sender: _Sender) -> int:
    """KiB that sending it takes at most, above what the process had before."""
    told, tells = _PROCESSES.Pipe(duplex=False)

    def watch(apart: _Sender) -> None:
        upload = apart.begin()  # what is loaded once is loaded now
        before = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (man 5 proc)
        apart.carry(upload)
        tells.send(_status("VmHWM") - before)

    process = _PROCESSES.Process(target=sender.apart(watch))
    process.start()
    process.join()
    return int(told.recv())


def _killed(sender: _Sender) -> str:
    """Whether a file whose process is killed in the middle goes on, and is the same."""
    upload = sender.begin()
    process = _PROCESSES.Process(target=sender.apart(lambda apart: apart.carry(upload)))
    process.start()
    while (came := uploads.find(sender.vault, sender.actor, upload.id)).received < upload.needed // 2:
        time.sleep(0.01)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    came = uploads.find(sender.vault, sender.actor, upload.id)
    sender.carry(came)  # raises unless the SHA-256 is that of the file
    return f"Killed after {came.received} of {came.needed} pieces, gone on with: the same SHA-256"


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def main() -> None:
    """With a size of one's own."""
    parser = argparse.ArgumentParser(description="Measure a large file on its way into a case.")
    parser.add_argument("--size", type=int, default=GIBIBYTE // _MIB, help="MiB")
    for line in measure(parser.parse_args().size * _MIB):
        print(line, flush=True)


if __name__ == "__main__":
    main()
