"""vault.errors"""

import pytest

from vault import errors


@pytest.mark.parametrize(
    "name",
    [
        *("Invalid", "Refused", "NotFound", "Conflict", "Busy"),
        *("Expired", "SignInNeeded", "Throttled", "TooLarge", "Tampered"),
    ],
)
def test_every_error_is_drawn_and_carries_its_sentence(name: str) -> None:
    error = getattr(errors, name)("Do this.")
    assert isinstance(error, errors.VaultError)
    assert error.message == str(error) == "Do this."
    assert name in (errors.__doc__ or "")


def test_no_error_is_missing_from_the_tree() -> None:
    drawn = [*errors.VaultError.__subclasses__(), *errors.Conflict.__subclasses__()]
    drawn += errors.SignInNeeded.__subclasses__()
    assert {error.__name__ for error in drawn} == {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.VaultError) and kind is not errors.VaultError
    }


def test_a_message_keeps_what_it_was_made_of_wherever_it_is_handed_on() -> None:
    inner = errors.Invalid("write one line of at most %(most)d characters.", most=200)
    error = errors.Conflict(
        errors.Invalid("Row %(row)d: %(fault)s", "rows", row=3, fault=inner.message).message
    )
    assert error.message == str(error) == "Row 3: write one line of at most 200 characters."
    assert (error.template, error.parts) == ("Row %(row)d: %(fault)s", {"row": 3, "fault": inner.message})
    assert isinstance(error.parts["fault"], errors.Message)
    assert error.parts["fault"].parts == {"most": 200}
    assert error.about is None


def test_a_sentence_without_parts_may_have_a_percent_sign() -> None:
    assert errors.Invalid("A share of 1 to 100 %.").message == "A share of 1 to 100 %."
