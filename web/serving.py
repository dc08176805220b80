"""How gunicorn serves the application: its settings, and what is done before the first request.

No access log, no control socket, nothing on disk.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from vault import process

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108 - of the vault's there is nothing in it but a worker's sign of life

worker_class = "gthread"
threads = 4
control_socket_disable = True
loglevel = "error"
logger_class = "web.faults.Logger"
worker_tmp_dir = str(_IN_MEMORY) if _IN_MEMORY.is_dir() else "."
limit_request_fields = 50  # a browser sends about twenty headers, a proxy adds a few


def on_starting(_server: Any) -> None:
    """Before there are workers, which are like the process that starts them."""
    process.close()


def post_worker_init(_worker: Any) -> None:
    """What is loaded by now stays: so it is quick to look for what is no longer used, keys among it, and done often."""
    gc.collect()
    gc.freeze()
