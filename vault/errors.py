"""Everything that Witness Vault refuses, as one tree.

    VaultError
    ├── Invalid        bad input
    ├── Refused        not allowed
    ├── NotFound       there is no such thing for you
    ├── Conflict       someone was faster, or it is already done
    │   └── Busy       the databases do not answer in time: nothing was decided
    ├── Expired        too late
    ├── SignInNeeded   nobody is signed in
    │   └── Throttled  too many tried: whoever waits may try again
    ├── TooLarge       more than is accepted
    ├── Tampered       a seal, signature, chain or commitment does not hold
    └── Unreachable    the server does not answer

The tree knows no transport: each entrance translates it once. A message never repeats what was typed.
Sentences are written in English, and found here by the catalogues of other languages: as the first argument of a
refusal or of a `Message`, or marked with `N_`.
"""
# ruff: noqa: N818 - the names are said aloud in `raise Refused(...)`; a suffix would add nothing


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a sentence that users may read, so that it is in the catalogues; it stays as it is."""
    return sentence


class Message(str):
    """What users may read, in English: `template` with its `parts` set in (`%(name)s`), which it keeps, so that
    another language can say it too. A part may itself be a message, or a word that is marked with `N_`."""

    template: str
    parts: dict[str, object]

    def __new__(cls, template: str, /, **parts: object) -> "Message":
        message = super().__new__(cls, template % parts if parts else template)
        message.template, message.parts = template, parts
        return message


class VaultError(Exception):
    """The root of the tree, never raised itself; `message` is one sentence that a user may read.

    `about` names the member of what was handed in that it is about, where it is one; of an observation,
    `observations/` and its place.
    """

    def __init__(self, template: str, about: str | None = None, **parts: object) -> None:
        message = template if isinstance(template, Message) else Message(template, **parts)
        self.message: str = message
        self.template, self.parts, self.about = message.template, message.parts, about
        super().__init__(str(message))


class Invalid(VaultError):
    """The input is not what it must be; the message says what to do."""


class Refused(VaultError):
    """The input is fine, but a role, a consent or a quorum does not allow it."""


class NotFound(VaultError):
    """There is no such thing, or none that the asker may know of: the two are not told apart."""


class Conflict(VaultError):
    """Someone was faster, or it is already done."""


class Busy(Conflict):
    """The databases do not answer in time: a fault for a moment, not a decision about what was asked."""


class Expired(VaultError):
    """It was good once, and its last day or minute has passed."""


class SignInNeeded(VaultError):
    """Nobody is signed in, or the session has ended."""


class Throttled(SignInNeeded):
    """Too many attempts to sign in were made; the message says how long to wait."""


class TooLarge(VaultError):
    """More bytes than are accepted were handed in."""


class Tampered(VaultError):
    """A seal, signature, chain or commitment does not hold: someone or something altered the bytes."""


class Unreachable(VaultError):
    """The server does not answer, or not as a vault does; whether it acted is not known."""
