"""What a worker of the server says of itself, in the place of the application."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
from collections.abc import Callable, Iterable

GET_DUMPABLE = 3  # linux/prctl.h


def app(_environ: object, start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """A WSGI application."""
    start_response("200 OK", [("Content-Type", "application/json")])
    about = {
        "cores": resource.getrlimit(resource.RLIMIT_CORE),
        "dumpable": ctypes.CDLL(None).prctl(GET_DUMPABLE, 0, 0, 0, 0),
        "frozen": gc.get_freeze_count() > 0,
        "malloc": os.environ.get("PYTHONMALLOC"),
    }
    return [json.dumps(about).encode()]
