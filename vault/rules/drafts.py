"""The interview draft: the one parser for the web form, the command line and field packages.

Its format is FORMATS 5.1 and `docs/interview-draft.schema.json`. The identity is no part of it: a draft
that still carries one is refused, because it must be sealed before it leaves the device.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vault.errors import N_, Invalid, Message, Refused
from vault.rules.consent import Consent
from vault.rules.fields import Fields
from vault.rules.observations import Observation
from vault.rules.said import LONGEST_LABEL, PSEUDONYM, Said, named_origins, read_coding
from vault.rules.vocabulary import Vocabulary

LONGEST_TESTIMONY = 200_000
LONGEST_REASON = 2_000
MOST_TOGETHER = 20  # and so of those present, of the household, and of what was shown
_LINE = 200  # characters: longer than any pseudonym, digest, date or language code
_MEMBERS = (
    "kind",
    "pseudonym",
    "supersedes",
    "reason",
    "consent",
    "interview",
    "testimony",
    "observations",
    "sealed_identity",
    "sealed_match",
)
_FACTS = (
    *("date", "language", "mode", "interpreter", "together_with"),
    *("present", "household", "introducer", "shown_before"),
)
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # b64 of 32 bytes, without trailing bits


class Kind(StrEnum):
    """How a deposit relates to earlier ones."""

    ORIGINAL = "original"
    FOLLOW_UP = "follow-up"
    CORRECTION = "correction"
    CONSENT = "consent"  # a change of what the witness allows


class Mode(StrEnum):
    """How the conversation was held."""

    IN_PERSON = "in_person"
    VOICE_CALL = "voice_call"
    VIDEO_CALL = "video_call"
    TEXT = "text"
    THROUGH_INTERMEDIARY = "through_intermediary"


@dataclass(frozen=True)
class InterviewFacts:
    """When, how, and with whom one conversation was held, and on whom the witness may depend.

    `present` are witnesses who listened, `household` those who live with this one, `introducer` and `shown_before`
    what the researcher calls whoever brought the witness, and what the witness was shown before speaking.
    """

    date: date
    language: str
    mode: Mode
    interpreter: str
    together_with: tuple[str, ...]
    present: tuple[str, ...] = ()
    household: tuple[str, ...] = ()
    introducer: str = ""
    shown_before: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, raw: object) -> "InterviewFacts":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "The interview", _FACTS)
        return cls(
            date=fields.day("date"),
            language=fields.language("language"),
            mode=fields.choice("mode", Mode),
            interpreter=fields.text("interpreter", LONGEST_LABEL, ""),
            together_with=_pseudonyms(fields, "together_with"),
            present=_pseudonyms(fields, "present"),
            household=_pseudonyms(fields, "household"),
            introducer=fields.text("introducer", LONGEST_LABEL, ""),
            shown_before=_labels(fields, "shown_before"),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form; of the later members those that say something."""
        later: dict[str, object] = {
            "present": list(self.present),
            "household": list(self.household),
            "introducer": self.introducer,
            "shown_before": list(self.shown_before),
        }
        return {
            "date": self.date.isoformat(),
            "language": self.language,
            "mode": str(self.mode),
            "interpreter": self.interpreter,
            "together_with": list(self.together_with),
            **{name: value for name, value in later.items() if value},
        }

    @property
    def named(self) -> frozenset[str]:
        """The other witnesses whom the facts name."""
        return frozenset((*self.together_with, *self.present, *self.household))


@dataclass(frozen=True)
class InterviewDraft:
    """A complete, consistent interview, ready to be sealed; only `parse` makes one from outside data."""

    kind: Kind
    pseudonym: str | None
    supersedes: str | None
    reason: str
    consent: Consent
    interview: InterviewFacts
    testimony: str
    observations: tuple[Observation, ...]
    said: tuple[Said, ...]  # of each observation, in the same order
    sealed_identity: dict[str, object] | None
    sealed_match: dict[str, object] | None

    @classmethod
    def parse(cls, raw: object, vocabulary_of: Mapping[str, Vocabulary]) -> "InterviewDraft":
        """The draft, checked against the vocabularies of the case's incidents.

        Raises Refused when the witness has not agreed to a record, Invalid for everything else that does
        not fit.
        """
        # 1 · The identity must not be here at all, so nothing else is looked at before.
        if isinstance(raw, Mapping) and "identity" in raw:
            raise Invalid(
                "The identity must be sealed on your device before the interview is handed in; "
                "send it as sealed_identity."
            )
        fields = Fields(raw, "The draft", _MEMBERS)
        # 2 · Without consent to a record, nothing is recorded: but that it was withdrawn is.
        kind = fields.choice("kind", Kind, Kind.ORIGINAL)
        consent = Consent.parse(fields.value("consent"))
        if not consent.recording and kind is not Kind.CONSENT:
            raise Refused(
                "The witness has not agreed to a record of this interview, so nothing was kept.", "consent"
            )
        observations, said = read_coding(fields, vocabulary_of)
        # 3 · The members, each on its own; 4 · how they fit together.
        draft = cls(
            kind=kind,
            pseudonym=_optional(
                fields, "pseudonym", PSEUDONYM, N_("four lower-case words joined by hyphens")
            ),
            supersedes=_optional(
                fields, "supersedes", _DIGEST, N_("the digest on the receipt, 43 characters")
            ),
            reason=fields.text("reason", LONGEST_REASON, ""),
            consent=consent,
            interview=InterviewFacts.from_json(fields.value("interview")),
            testimony=fields.text("testimony", LONGEST_TESTIMONY),
            observations=observations,
            said=said,
            sealed_identity=_sealed(fields, "sealed_identity"),
            sealed_match=_sealed(fields, "sealed_match"),
        )
        _check_kind(draft)
        _check_persons(draft)
        return draft


def _check_kind(draft: InterviewDraft) -> None:
    if draft.kind is Kind.ORIGINAL and draft.pseudonym is not None:
        raise Invalid(
            "This witness already has a pseudonym: choose follow-up, or correction, as the kind.", "kind"
        )
    if draft.kind is not Kind.ORIGINAL and draft.pseudonym is None:
        raise Invalid(
            "A follow-up, a correction or a change of consent needs the pseudonym of the witness.",
            "pseudonym",
        )
    if draft.kind is Kind.CONSENT:
        _check_change(draft)
    elif draft.kind is Kind.CORRECTION:
        if draft.supersedes is None or not draft.reason.strip():
            raise Invalid(
                "A correction needs the receipt digest of the deposit that it replaces, and a reason.",
                "supersedes" if draft.supersedes is None else "reason",
            )
    elif draft.supersedes is not None:
        raise Invalid("Only a correction replaces an earlier deposit: choose correction as the kind.", "kind")
    elif not draft.testimony.strip() and not draft.observations:
        raise Invalid(
            "There is nothing to hand in: write the testimony, or code an observation.", "testimony"
        )


def _check_change(draft: InterviewDraft) -> None:
    facts = draft.interview
    names = facts.named or facts.introducer or facts.shown_before
    if names or draft.observations or draft.sealed_identity or draft.sealed_match:
        raise Invalid(
            "A change of consent says what the witness allows, and how they said it: all else is a follow-up."
        )


def _check_persons(draft: InterviewDraft) -> None:
    if draft.pseudonym in draft.interview.named:
        raise Invalid(
            "Together with, present, household: name the other witnesses, not this one.", "together_with"
        )
    named_origins(draft.observations)
    for place, observation in enumerate(draft.observations):
        if draft.pseudonym in observation.origins:
            raise Invalid(
                "The origin of what a witness learnt from others is another witness, or null.",
                f"observations/{place}",
            )


def _pseudonyms(fields: Fields, name: str) -> tuple[str, ...]:
    named = fields.distinct(name, MOST_TOGETHER)
    if not all(PSEUDONYM.fullmatch(pseudonym) for pseudonym in named):
        raise fields.fault(name, "a list of pseudonyms, each four words joined by hyphens")
    return tuple(named)


def _labels(fields: Fields, name: str) -> tuple[str, ...]:
    labels = fields.distinct(name, MOST_TOGETHER)
    if not all(label.strip() and len(label) <= LONGEST_LABEL and label.isprintable() for label in labels):
        raise fields.fault(
            name,
            Message("a list of labels, each one line of at most %(most)d characters", most=LONGEST_LABEL),
        )
    return tuple(labels)


def _optional(fields: Fields, name: str, pattern: re.Pattern[str], rule: str) -> str | None:
    if fields.value(name) is None:
        return None
    text = fields.text(name, _LINE)
    if not pattern.fullmatch(text):
        raise fields.fault(name, rule)
    return text


def _sealed(fields: Fields, name: str) -> dict[str, object] | None:
    sealed = fields.value(name)
    if sealed is not None and not isinstance(sealed, dict):
        raise fields.fault(name, "an escrow record, or null")
    return sealed
