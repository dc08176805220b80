"""What people bring by hand, told apart before anything is done with it (docs/FORMATS.md §9.1).

Whoever takes the wrong file is told which one it is; what must never leave a device is neither kept nor repeated.
"""

from __future__ import annotations

from typing import Any

from vault.errors import Invalid
from vault.sealing.digests import parse_object

REQUEST, DECISION, GRANT = "request-file", "approval", "grant-file"
_NAMES = {
    REQUEST: "a request",
    DECISION: "a custodian's decision",
    GRANT: "a key for one member",
    "packet-file": "what a custodian decides on",
    "redemption-file": "what was handed over to who asked",
    "roster-file": "the rosters",
    "receipt": "a receipt, which belongs to whoever keeps it",
    "terms": "the terms of a request without their file",
}
_PRIVATE = {
    "key-file": "This is a custodian's key file. It belongs on no server, and was not kept. Hand in {}.",
    "opening-file": "This is the key of a request. It stays on the device that asked: it was not kept. Hand in {}.",
    "wrapped": "These are wrapped keys. They stay on their own device: they were not kept. Hand in {}.",
}


def read(text: str, wanted: str) -> dict[str, Any]:
    """The file, if it is of the kind that is wanted. Raises Invalid, saying what it is instead."""
    content = parse_object(text)
    document = content.get("document", content)
    kind = str(document.get("format", "") if isinstance(document, dict) else "")
    kind = kind.removeprefix("witness-vault/v1/")
    if kind == wanted:
        return content
    if (
        "wrapped" in content or "device_key" in content
    ):  # a key file, or a member's profile, under whatever name
        kind = kind if kind in _PRIVATE else "wrapped"
    if kind in _PRIVATE:
        raise Invalid(_PRIVATE[kind].format(_NAMES[wanted]))
    if kind in _NAMES:
        raise Invalid(f"This is {_NAMES[kind]}; what belongs here is {_NAMES[wanted]}.")
    raise Invalid(f"This is not a file of this vault; what belongs here is {_NAMES[wanted]}.")
