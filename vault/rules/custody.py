"""What happened to an item of evidence, and to its files: the events of its chain of custody (docs/FORMATS.md §19)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.fields import Fields

LONGEST_PERSON = 200
LONGEST_NOTE = 1_000
LONGEST_HOW = 300
_CODE = 80


class What(StrEnum):
    """What happened to it."""

    COLLECTED = "collected"
    TRANSFERRED = "transferred"
    ACCESSED = "accessed"
    COPIED = "copied"
    SHARED = "shared"
    ARCHIVED = "archived"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class FileRole(StrEnum):
    """What a file is to its item: as it came, or as it may be shown."""

    ORIGINAL = "original"
    WORKING = "working"


# The vault alone writes these: when it opens or reads back a file, and when it has destroyed all files of an item.
OF_A_FILE = frozenset({What.ACCESSED, What.VERIFIED})
OF_THE_VAULT = OF_A_FILE | {What.WITHDRAWN}


@dataclass(frozen=True)
class File:
    """One file of an item: how it is called, and what it was when it arrived."""

    file: str
    size: int
    sha256: str
    media: str
    pieces: int

    @classmethod
    def from_json(cls, raw: object) -> "File":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A file", ("file", "size", "sha256", "media", "pieces"))
        return cls(
            file=fields.text("file", _CODE),
            size=fields.whole("size"),
            sha256=fields.text("sha256", _CODE),
            media=fields.text("media", LONGEST_NOTE),
            pieces=fields.whole("pieces"),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        facts = {"file": self.file, "size": self.size, "sha256": self.sha256}
        return {**facts, "media": self.media, "pieces": self.pieces}


@dataclass(frozen=True)
class Added:
    """A further file of an item, or one in the place of another; how it was made."""

    role: FileRole
    file: File
    how: str

    @classmethod
    def from_json(cls, raw: object) -> "Added":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A file of an item", ("role", "file", "how"))
        file = File.from_json(fields.value("file"))
        return cls(fields.choice("role", FileRole), file, fields.line("how", LONGEST_HOW))

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"role": str(self.role), "file": self.file.to_json(), "how": self.how}


@dataclass(frozen=True)
class Event:
    """What happened, on which day, by whom and to whom; of `verified`, whether the file was as it arrived."""

    what: What
    day: date
    by: str
    to: str = ""
    note: str = ""
    file: str | None = None
    held: bool | None = None

    @classmethod
    def from_json(cls, raw: object) -> "Event":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "An event", ("what", "day", "by", "to", "note", "file", "held"))
        found = cls(
            what=fields.choice("what", What),
            day=fields.day("day"),
            by=line_or_blank(fields, "by", LONGEST_PERSON),
            to=line_or_blank(fields, "to", LONGEST_PERSON),
            note=fields.text("note", LONGEST_NOTE),
            file=None if fields.value("file") is None else fields.text("file", _CODE),
            held=None if fields.value("held") is None else fields.flag("held"),
        )
        if (found.held is None) == (found.what is What.VERIFIED):
            raise fields.fault("held", "true or false where a file was verified, and null elsewhere")
        if found.what in OF_A_FILE and found.file is None:
            raise fields.fault("file", "the file that was opened or read back")
        return found

    @classmethod
    def typed(cls, raw: object) -> "Event":
        """One that somebody writes down; raises Invalid also for one that the vault writes itself."""
        found = cls.from_json(raw)
        if found.what in OF_THE_VAULT:
            raise Invalid(
                "The vault itself writes down that a file was opened, read back or destroyed.", "what"
            )
        return found

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        said = {"what": str(self.what), "day": self.day.isoformat(), "by": self.by, "to": self.to}
        return {**said, "note": self.note, "file": self.file, "held": self.held}


def line_or_blank(fields: Fields, name: str, longest: int) -> str:
    """One printable line, or nothing; raises Invalid."""
    return fields.line(name, longest) if fields.value(name) else fields.text(name, longest)
