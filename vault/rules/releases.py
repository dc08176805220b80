"""What may be said in public of an item of evidence: released by one reviewer, upheld by another, recalled by any.

Material that a witness gave is released, and shown, only while that witness allows it for the public: `paraphrase`, and
where the picture is shown `audio_video` too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vault.rules.assessments import LONGEST_REASON, Decision, reason
from vault.rules.consent import Use
from vault.rules.fields import Fields

LONGEST_LINE = 500
_CODE = 80


@dataclass(frozen=True)
class Release:
    """What may be said of an item, or of an opinion on it, in each language; whether its working copy may be shown."""

    of: str | None
    text: Mapping[str, str]
    picture: bool

    @classmethod
    def from_json(cls, raw: object) -> "Release":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A release", ("of", "text", "picture"))
        found = cls(
            of=None if fields.value("of") is None else fields.text("of", _CODE),
            text=fields.lines("text", LONGEST_LINE),
            picture=fields.flag("picture"),
        )
        if found.picture and found.of is not None:
            raise fields.fault(
                "picture", "false where an opinion is released: a picture is released with its item"
            )
        return found

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 19)."""
        return {"of": self.of, "text": dict(self.text), "picture": self.picture}

    @property
    def uses(self) -> tuple[Use, ...]:
        """What a witness who gave the item must allow for the public."""
        return (Use.PARAPHRASE, Use.AUDIO_VIDEO) if self.picture else (Use.PARAPHRASE,)


@dataclass(frozen=True)
class Recall:
    """That a release stands no more, and why."""

    release: str
    reason: str

    @classmethod
    def from_json(cls, raw: object) -> "Recall":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A recall", ("release", "reason"))
        return cls(fields.text("release", _CODE), reason(fields.text("reason", LONGEST_REASON)))

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"release": self.release, "reason": self.reason}


@dataclass(frozen=True)
class Released:
    """A release, who proposed it and, once each was taken, the decision on it and its recall.

    `picture`: the working copy that stood when it was proposed. Another one put in its place is not released by it.
    """

    name: str
    author: str
    release: Release
    picture: str | None = None
    decider: str | None = None
    decision: Decision | None = None
    recalled_by: str | None = None
    recall: Recall | None = None

    @property
    def stands(self) -> bool:
        """Whether another reviewer upheld it, and nobody has recalled it."""
        return self.decision is not None and self.decision.upheld and self.recall is None
