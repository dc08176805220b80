"""What experts answered about an item of evidence, question by question; where they differ, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from vault.errors import Invalid
from vault.rules.fields import Fields
from vault.rules.vocabulary import Value, Vocabulary, value_to_json

LONGEST_EXPERT = 80
LONGEST_QUESTION = 300
LONGEST_REASONS = 4_000
_CODE = 80
Claim: TypeAlias = tuple[str, Value]


class Field(StrEnum):
    """What an expert knows about."""

    MUNITIONS = "munitions"
    AVIATION = "aviation"
    IMAGERY = "imagery"
    VIDEO_AUDIO = "video_audio"
    MEDICINE = "medicine"
    BUILDINGS = "buildings"
    DOCUMENTS = "documents"
    OTHER = "other"


class Answer(StrEnum):
    """How sure an expert is that it is so, from most to least; or that they cannot say."""

    CONFIDENT = "confident"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True)
class Opinion:
    """What one expert answered to one question, and why; `about`: the claim that it bears on, where it is one."""

    expert: str
    field: Field
    question: str
    about: Claim | None
    answer: Answer
    reasons: str

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Opinion":
        """Reads the JSON form; raises Invalid."""
        known = ("expert", "field", "question", "about", "answer", "reasons")
        fields = Fields(raw, "An opinion", known)
        about = fields.value("about")
        reasons = fields.text("reasons", LONGEST_REASONS)
        if not reasons.strip():
            raise Invalid(
                "Say why the expert answers so: an opinion without reasons convinces nobody.", "reasons"
            )
        return cls(
            expert=fields.line("expert", LONGEST_EXPERT),
            field=fields.choice("field", Field),
            question=fields.line("question", LONGEST_QUESTION),
            about=None if about is None else claim(about, vocabulary),
            answer=fields.choice("answer", Answer),
            reasons=reasons,
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 19)."""
        return {
            "expert": self.expert,
            "field": str(self.field),
            "question": self.question,
            "about": self.about and claim_to_json(self.about),
            "answer": str(self.answer),
            "reasons": self.reasons,
        }


@dataclass(frozen=True)
class Given:
    """An opinion, by what its entry is called, and who wrote it down."""

    name: str
    author: str
    opinion: Opinion


@dataclass(frozen=True)
class Question:
    """All that was answered to one question, in the order in which it was written down."""

    question: str
    given: tuple[Given, ...]

    @property
    def disagree(self) -> bool:
        """Whether two answers differ."""
        return len({one.opinion.answer for one in self.given}) > 1


def questions(given: Iterable[Given]) -> tuple[Question, ...]:
    """The opinions by question, in the order in which each was first asked. Capitals and spaces do not matter."""
    found: dict[str, list[Given]] = {}
    for one in given:
        found.setdefault(" ".join(one.opinion.question.casefold().split()), []).append(one)
    return tuple(Question(together[0].opinion.question, tuple(together)) for together in found.values())


def claim(raw: object, vocabulary: Vocabulary) -> Claim:
    """A claim of the vocabulary; raises Invalid."""
    fields = Fields(raw, "A claim", ("subject", "value"))
    subject = fields.text("subject", _CODE)
    return subject, vocabulary.check_value(subject, fields.value("value"))


def claim_to_json(about: Claim) -> dict[str, object]:
    """Its JSON form."""
    return {"subject": about[0], "value": value_to_json(about[1])}
