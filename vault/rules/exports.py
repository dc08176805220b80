"""What left the vault: the entries of a case's export ledger, one for each time that something was handed over."""

from dataclasses import dataclass

from vault.errors import Invalid
from vault.rules.consent import IdentityForm, Recipient, Use
from vault.rules.dictionary import TableName
from vault.rules.fields import Fields

_DIGEST = 43
# What can be done with words; figures are published, and need no recipient.
USES = (Use.INTERNAL, Use.PARAPHRASE, Use.VERBATIM, Use.ADVOCACY, Use.LEGAL, Use.ARCHIVE)
RECIPIENTS = tuple(Recipient)
# What a page with a testimony can have of its witness; more than the four words leaves by an opening alone.
FORMS = (IdentityForm.NONE, IdentityForm.CODED)


@dataclass(frozen=True)
class Terms:
    """To whom a testimony is handed over, for what, and with how much of who said it."""

    recipient: Recipient
    use: Use
    identity: IdentityForm

    @classmethod
    def parse(cls, raw: object) -> "Terms":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "What is handed over", ("recipient", "use", "identity"))
        found = cls(
            fields.choice("recipient", Recipient),
            fields.choice("use", Use),
            fields.choice("identity", IdentityForm),
        )
        if found.use not in USES or found.identity not in FORMS:
            raise Invalid("Words are handed over for a use of words, with the four words or without.", "use")
        return found

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"recipient": str(self.recipient), "use": str(self.use), "identity": str(self.identity)}


@dataclass(frozen=True)
class Words:
    """A testimony was handed over."""

    testimony: str
    terms: Terms

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"testimony": self.testimony, **self.terms.to_json()}


@dataclass(frozen=True)
class Figures:
    """The table of an incident in an edition was taken out as data."""

    edition: int
    incident: str

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"edition": self.edition, "incident": self.incident}


@dataclass(frozen=True)
class Table:
    """A table of the case was taken out as data (docs/EXCHANGE.md)."""

    table: TableName

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"table": str(self.table)}


@dataclass(frozen=True)
class Sheet:
    """A rebuttal sheet was given out; `sheet` is its digest."""

    sheet: str

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"sheet": self.sheet}


What = Words | Figures | Table | Sheet


def from_json(raw: object) -> What:
    """What an entry says; raises Invalid."""
    known = ("testimony", "recipient", "use", "identity", "edition", "incident", "table", "sheet")
    fields = Fields(raw, "An export", known)
    if "table" in fields:
        return Table(fields.choice("table", TableName))
    if "sheet" in fields:
        return Sheet(fields.text("sheet", _DIGEST))
    if "edition" in fields:
        return Figures(fields.whole("edition"), fields.text("incident", _DIGEST))
    terms = {name: fields.value(name) for name in ("recipient", "use", "identity")}
    return Words(fields.text("testimony", _DIGEST), Terms.parse(terms))
