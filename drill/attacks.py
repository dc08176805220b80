"""Every attack, in the order of the report."""

from __future__ import annotations

from drill import (
    carving,
    columns,
    custody,
    differencing,
    histories,
    hostile,
    leaving,
    linking,
    members,
    oracle,
    published,
    register,
    tampering,
    withdrawn,
)
from drill.attack import Attack

_MODULES = (
    carving,
    columns,
    custody,
    differencing,
    histories,
    hostile,
    leaving,
    linking,
    members,
    oracle,
    published,
    register,
    tampering,
    withdrawn,
)
ATTACKS: tuple[Attack, ...] = tuple(
    sorted((attack for module in _MODULES for attack in module.ATTACKS), key=lambda attack: attack.number)
)
