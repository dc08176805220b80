"""To whom browsers seal: the custodians' public keys, at an address that names its content."""

from __future__ import annotations

import hashlib
import json

from flask import url_for

from vault import roster as rosters
from web.auth import vault


def keys() -> tuple[str, str]:
    """What a browser needs in order to seal to the custodians of today, as JSON; and its digest."""
    with vault().store.read() as uow:
        roster = rosters.current(uow).document
    minimal = {key: roster[key] for key in ("vault", "version", "epoch", "threshold")}
    listed = [{key: entry[key] for key in ("code", "sealing")} for entry in roster["custodians"]]
    content = json.dumps({**minimal, "custodians": listed}, separators=(",", ":"))
    return content, hashlib.sha256(content.encode()).hexdigest()


def address() -> str:
    """Where it lies."""
    return url_for("roster.custodians", digest=keys()[1])
