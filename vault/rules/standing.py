"""Which deposits of a packed case stand, and which of those count.

`accounts.resolve` is the definition, with `consent.present`; this is the same for all deposits at once.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from vault.rules import consent
from vault.rules.consent import Use, permits
from vault.rules.leaders import Flags
from vault.rules.packed import Packed

Places = NDArray[np.intp]


def standing(packed: Packed) -> tuple[Flags, Flags]:
    """Which deposits stand: interviews, sound and corrected by no sound one; and which of these may be counted."""
    stated = packed.stated
    changes = np.array([*(changes for changes, _ in stated), False])[packed.consent]
    allows = np.array([*(permits(one, Use.CORROBORATION) for _, one in stated), False])[packed.consent]
    naming, named = _named(packed, changes)
    stands = ~changes
    stands[np.setdiff1d(np.flatnonzero(packed.replaced), naming)] = False  # misdirected
    stands[named[~changes[naming]]] = False  # corrected
    if not changes.any():
        return stands, stands & allows
    replaces: dict[int, int | None] = dict.fromkeys(np.flatnonzero(changes).tolist())
    of_change = changes[naming]
    replaces |= dict(zip(naming[of_change].tolist(), named[of_change].tolist(), strict=True))
    last = np.array(sorted(consent.standing(replaces)), np.intp)
    refused = np.isin(packed.witness, packed.witness[last[~allows[last]]])
    allows[named[of_change]] = True  # the changes say what of them is allowed
    return stands, stands & allows & ~refused


def _named(packed: Packed, changes: Flags) -> tuple[Places, Places]:
    """The deposits that name one which they can replace, and which one: what `consent.fits` says, for all."""
    naming = np.flatnonzero(packed.replaced)
    if not len(naming):
        return naming, naming
    digests, wanted = packed.read("digests"), packed.read("replaced")
    places = [bisect_left(digests, digest) for digest in wanted]
    known = [digests[place : place + 1] == [digest] for place, digest in zip(places, wanted, strict=True)]
    which = packed.replaced[naming] - 1
    named = np.minimum(np.array(places)[which], len(digests) - 1)
    right = np.array(known)[which] & (packed.witness[named] == packed.witness[naming])
    right &= changes[naming] | ~changes[named]
    return naming[right], named[right]
