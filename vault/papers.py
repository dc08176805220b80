"""What people bring by hand, told apart before anything is done with it (docs/FORMATS.md §9.1).

Whoever takes the wrong file is told which one it is; what must never leave a device is neither kept nor repeated.
"""

from __future__ import annotations

from typing import Any

from vault.errors import N_, Invalid
from vault.sealing.digests import parse_object

REQUEST, DECISION, GRANT = "request-file", "approval", "grant-file"
_NAMES = {
    REQUEST: N_("a request"),
    DECISION: N_("a custodian's decision"),
    GRANT: N_("a key for one member"),
    "packet-file": N_("what a custodian decides on"),
    "redemption-file": N_("what was handed over to who asked"),
    "roster-file": N_("the rosters"),
    "receipt": N_("a receipt, which belongs to whoever keeps it"),
    "terms": N_("the terms of a request without their file"),
}
_PRIVATE = {
    "key-file": N_(
        "This is a custodian's key file. It belongs on no server, and was not kept. Hand in %(wanted)s."
    ),
    "opening-file": N_(
        "This is the key of a request. It stays on the device that asked: it was not kept. Hand in %(wanted)s."
    ),
    "wrapped": N_(
        "These are wrapped keys. They stay on their own device: they were not kept. Hand in %(wanted)s."
    ),
}


def read(text: str | bytes, wanted: str) -> dict[str, Any]:
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
        raise Invalid(_PRIVATE[kind], wanted=_NAMES[wanted])
    if kind in _NAMES:
        raise Invalid(
            "This is %(given)s; what belongs here is %(wanted)s.", given=_NAMES[kind], wanted=_NAMES[wanted]
        )
    raise Invalid("This is not a file of this vault; what belongs here is %(wanted)s.", wanted=_NAMES[wanted])
