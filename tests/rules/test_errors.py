"""vault.errors"""

import pytest

from vault import errors


@pytest.mark.parametrize(
    "name",
    ["Invalid", "Refused", "NotFound", "Conflict", "Busy", "Expired", "SignInNeeded", "TooLarge", "Tampered"],
)
def test_every_error_is_drawn_and_carries_its_sentence(name: str) -> None:
    error = getattr(errors, name)("Do this.")
    assert isinstance(error, errors.VaultError)
    assert error.message == str(error) == "Do this."
    assert name in (errors.__doc__ or "")


def test_no_error_is_missing_from_the_tree() -> None:
    drawn = [*errors.VaultError.__subclasses__(), *errors.Conflict.__subclasses__()]
    assert {error.__name__ for error in drawn} == {
        name for name in vars(errors) if name[0].isupper() and name != "VaultError"
    }
