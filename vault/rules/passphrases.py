"""What a passphrase must be. One bound on what is read at all, one check for everybody who chooses one."""

import unicodedata

from vault.errors import N_, Invalid

SHORTEST = 12
LONGEST = 256
FEWEST_DISTINCT = 6
# zxcvbn takes seconds on long input; whoever chose well is known by the first characters.
_SCORED = 32
_GOOD_SCORE = 3
_GUESSABLE = N_(
    "This passphrase could be guessed: take the one that is offered, or at least four unrelated words."
)


def fits(passphrase: str) -> bool:
    """Whether it is short enough to be read at all: normalising and deriving take time with length."""
    return len(passphrase) <= LONGEST


def check(passphrase: str, again: str | None = None) -> None:
    """Raises Invalid for a passphrase that could be guessed, is too long, or (unless None) was repeated otherwise."""
    if again is not None and passphrase != again:
        raise Invalid("The two passphrases differ: type the same one twice.")
    if not fits(passphrase):
        raise Invalid("This passphrase is too long: take one of at most %(most)d characters.", most=LONGEST)
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 13 MB, and few processes ever see a passphrase chosen

    # As it was typed and as it is derived from: one sign can stand for eighteen, and many for one.
    meant = unicodedata.normalize("NFKC", passphrase)
    if any(len(form) < SHORTEST or len(set(form)) < FEWEST_DISTINCT for form in (passphrase, meant)):
        raise Invalid(_GUESSABLE)
    if zxcvbn(meant[:_SCORED])["score"] < _GOOD_SCORE:
        raise Invalid(_GUESSABLE)
