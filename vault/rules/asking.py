"""How consent was asked for and given. It goes to the testimony's half alone: nothing is counted by it.

What a witness could not say again in their own words was not understood, and is not agreed to. Where somebody agrees
for another person, it is noted who that is to them, never by name.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.fields import Fields

LONGEST_REMARK = 2_000


class Answer(StrEnum):
    """Yes or no, where it was asked."""

    YES = "yes"
    NO = "no"


class Capacity(StrEnum):
    """Who could agree."""

    ADULT = "adult"
    MINOR = "minor"  # old enough to decide alone
    WITH_GUARDIAN = "with_guardian"  # both agreed
    REPRESENTED = "represented"  # somebody agreed for them


class Given(StrEnum):
    """How it was given."""

    SPOKEN = "spoken"
    RECORDED = "recorded"
    WRITTEN = "written"
    THUMBPRINT = "thumbprint"
    GESTURE = "gesture"


class Withdrawal(StrEnum):
    """How far somebody takes back what they allowed."""

    USE = "use"  # it is used no more
    RECALL = "recall"  # and whoever was given it is asked to give it back
    DESTROY = "destroy"  # and the record itself is destroyed


_CODES: dict[str, type[StrEnum]] = {
    "restated": Answer,
    "capacity": Capacity,
    "given": Given,
    "recontact": Answer,
    "withdrawal": Withdrawal,
}


@dataclass(frozen=True)
class Asking:
    """What was explained, how it was understood and given, and what the witness asked for; empty: not noted."""

    explained: str = ""
    restated: str = ""
    restated_words: str = ""
    capacity: str = ""
    guardian: str = ""
    language: str = ""
    interpreter: str = ""
    given: str = ""
    restrictions: str = ""
    recontact: str = ""
    recontact_how: str = ""
    withdrawal: str = ""

    @classmethod
    def parse(cls, raw: object) -> "Asking":
        """Reads the JSON form; raises Invalid."""
        names = tuple(field.name for field in fields(cls))
        read = Fields(raw, "How consent was asked for", names)
        said = {name: _said(read, name) for name in names if name in read}
        found = cls(**said)
        if found.capacity in (Capacity.WITH_GUARDIAN, Capacity.REPRESENTED) and not found.guardian.strip():
            raise Invalid(
                "Say who agreed for the witness, or with them: what they are to them, no name.", "guardian"
            )
        return found

    def to_json(self) -> dict[str, object]:
        """The JSON form, of what says something."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: text for name, text in said.items() if text}


def _said(read: Fields, name: str) -> str:
    if name == "language":
        return read.language(name)
    if name in _CODES:
        return str(read.choice(name, _CODES[name]))
    return read.text(name, LONGEST_REMARK)
