"""Which keys of a case must be exchanged, and for whose sake: pure, the same for the server and for every client.

A key that somebody had can never be had back: what they copied they keep. So whoever must not read on is kept
out of what comes later, by a new key that they are not given.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum


class Why(StrEnum):
    """Why somebody who had the present version of a key must not read what is sealed from now on."""

    REVOKED = "revoked"
    LEFT = "left"  # the newest roster does not list them
    REMOVED = "removed"  # the newest version of the case does not promise them the key


class State(StrEnum):
    """How a member stands to one key of a case."""

    NONE = "none"
    PROMISED = "promised"  # by the quorum; whether it was handed over is not shown to everybody
    HELD = "held"
    WAITING = "waiting"  # promised, and not handed over yet
    REVOKED = "revoked"
    LEFT = "left"
    REMOVED = "removed"


def due(
    given: Mapping[str, Collection[str]],
    team: Mapping[str, Collection[str]],
    revoked: Collection[str],
    listed: Collection[str],
) -> dict[str, dict[str, Why]]:
    """The keys to be rotated, each with who must not go on reading, and why.

    `given`: to whom each key's present version was ever promised; `team`: each member's keys by the newest version;
    `listed`: whom the newest roster lists.
    """
    found: dict[str, dict[str, Why]] = {}
    for key, members in given.items():
        for member in sorted(members):
            why = _why(key in team.get(member, ()), member in revoked, member in listed)
            if why is not None:
                found.setdefault(key, {})[member] = why
    return found


def _why(promised: bool, revoked: bool, listed: bool) -> Why | None:
    if revoked and promised:
        return Why.REVOKED
    if not listed:
        return Why.LEFT
    return None if promised else Why.REMOVED


def state(promised: bool, why: Why | None, handed: bool | None) -> State:
    """How a member stands to a key; `handed` is None for whoever is not to know."""
    if why is not None:
        return State(why.value)
    if not promised:
        return State.NONE
    if handed is None:
        return State.PROMISED
    return State.HELD if handed else State.WAITING
