"""What each refusal is to HTTP, what its page is called, and what to do next."""

from __future__ import annotations

from vault.errors import (
    N_,
    Busy,
    Conflict,
    Expired,
    Invalid,
    NotFound,
    Refused,
    SignInNeeded,
    Tampered,
    Throttled,
    TooLarge,
    Unreachable,
    VaultError,
)

STATUSES: dict[type[VaultError], tuple[int, str, str]] = {
    Invalid: (422, N_("That cannot be taken as it is"), N_("Go back and change it; nothing was lost.")),
    Refused: (
        403,
        N_("Not possible"),
        N_("If you need this, talk to a custodian or to whoever leads the case."),
    ),
    NotFound: (
        404,
        N_("Nothing here"),
        N_("It may never have been here, or it is not for you. The two look the same on purpose."),
    ),
    Busy: (409, N_("Not now"), N_("Try again in a moment.")),
    Conflict: (409, N_("It has changed meanwhile"), N_("Look at how it stands now, then decide again.")),
    Expired: (410, N_("Too late"), N_("Ask whoever gave it to you for a new one.")),
    SignInNeeded: (401, N_("Sign in first"), N_("What you saved is still there.")),
    Throttled: (429, N_("Too many attempts"), N_("Nobody who has signed in before is held up by others.")),
    TooLarge: (413, N_("Too much at once"), N_("Shorten it, or divide it into two deposits.")),
    Tampered: (
        409,
        N_("Something does not hold"),
        N_("Do not try again and again: tell a custodian, by voice."),
    ),
    Unreachable: (502, N_("No answer"), N_("Try again in a while.")),
}
