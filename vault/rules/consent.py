"""What a witness allows. Refused is the default: a use counts only where it was asked for and granted.

Each deposit states a consent of its own. A **change of consent** states what the witness allows now: nothing that they
said, or will say, in this case is allowed beyond it, so that narrowing needs no more than the witness. To widen, a
change names the deposit whose consent it takes the place of: an interview, or an earlier change, which then no longer
stands. Nothing here knows which deposit came later. Two changes that stand both hold, and what neither names stays
refused; a change that names what is unknown, or another witness's, takes no place, and still holds.

**Uses** say what may be done; those of numbers, details and words speak of the public. **Recipients** say to whom what
a witness said may be handed over, and each how much of who they are. That the team reads it, under the made-up name,
is what a record is for. Until the day of an **embargo** nothing leaves the team: not in numbers either. After a **last
day** nothing is handed over, and whoever reads the record has it destroyed; until then it is counted.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from vault.errors import Invalid, Refused
from vault.rules.asking import Answer, Asking
from vault.rules.fields import Fields

MOST_USES = 200
Name = TypeVar("Name", bound=Hashable)
_DETAIL_OF_CLAIM = re.compile(r"detail:[a-z][a-z_]*(\.[a-z][a-z_]*)*", re.ASCII)


class Use(StrEnum):
    """What may be done with what a witness said; `detail:<claim>` allows the detail of one claim only."""

    INTERNAL = "internal"
    CORROBORATION = "corroboration"
    AGGREGATE = "aggregate"
    COUNT_EXACT = "count_exact"
    DETAIL = "detail"
    PARAPHRASE = "paraphrase"
    VERBATIM = "verbatim"
    AUDIO_VIDEO = "audio_video"
    ADVOCACY = "advocacy"
    LEGAL = "legal"
    ARCHIVE = "archive"


class Recipient(StrEnum):
    """To whom something may be handed over."""

    TEAM = "team"
    ORGANISATION = "organisation"
    PARTNER = "partner"
    UN_COMMISSION = "un_commission"
    MECHANISM = "mechanism"  # such as the IIIM
    ICC = "icc"
    NATIONAL_PROSECUTOR = "national_prosecutor"
    ACCUSED_STATE = "accused_state"
    MEDIA = "media"
    PUBLIC = "public"


class IdentityForm(StrEnum):
    """How much of who a witness is goes with it, from least to most."""

    NONE = "none"
    CODED = "coded"  # the four words
    COARSE = "coarse"  # such as: a health worker
    UNDER_CUSTODY = "under_custody"  # the identity, by an opening, to be kept closed
    PUBLIC = "public"

    @property
    def rank(self) -> int:
        """Its place from least to most."""
        return list(IdentityForm).index(self)


class Reading(StrEnum):
    """Whether the team's readers may read a testimony's words."""

    ALLOWED = "allowed"
    TO_CHECK = "to_check"  # what was coded, and for nothing else
    REFUSED = "refused"


@dataclass(frozen=True)
class Consent:
    """Whether a record may be kept at all, for which uses, for whom, from when, how long; how it was asked for."""

    recording: bool
    uses: frozenset[str]
    recipients: frozenset[tuple[Recipient, IdentityForm]] = frozenset()  # each recipient once
    embargo: date | None = None
    asking: Asking = field(default_factory=Asking)
    until: date | None = None  # the last day

    @classmethod
    def parse(cls, raw: object) -> "Consent":
        """Reads the JSON form; raises Invalid for what is not known, or was not understood and yet ticked."""
        fields = Fields(raw, "The consent", ("recording", "uses", "recipients", "embargo", "asking", "until"))
        given = Fields(fields.value("recipients", {}), "The recipients", tuple(Recipient))
        found = cls(
            fields.flag("recording"),
            frozenset(_known(fields.distinct("uses", MOST_USES))),
            frozenset((one, given.choice(one, IdentityForm)) for one in Recipient if one in given),
            None if fields.value("embargo") is None else fields.day("embargo"),
            Asking.parse(fields.value("asking", {})),
            None if fields.value("until") is None else fields.day("until"),
        )
        if found.asking.restated == Answer.NO and (found.uses or found.recipients):
            raise Invalid(
                "What the witness could not say again was not understood: explain it once more, or tick no use.",
                "restated",
            )
        return found

    def to_json(self) -> dict[str, object]:
        """The JSON form, uses in ascending order; of the later members those that say something."""
        later: dict[str, object] = {
            "recipients": {str(one): str(form) for one, form in sorted(self.recipients)},
            "embargo": None if self.embargo is None else self.embargo.isoformat(),
            "asking": self.asking.to_json(),
            "until": None if self.until is None else self.until.isoformat(),
        }
        said = {name: value for name, value in later.items() if value}
        return {"recording": self.recording, "uses": sorted(self.uses), **said}

    @property
    def coded(self) -> "Consent":
        """What of it goes to the half that is counted: no words or last day, of an embargo the month's end after."""
        month = None if self.embargo is None else _next_month(self.embargo)
        return replace(self, embargo=month, asking=Asking(), until=None)

    def identity(self, recipient: Recipient) -> IdentityForm | None:
        """How much of who the witness is this recipient may be given; None: nothing may be handed to them."""
        stated = dict(self.recipients).get(recipient)
        if recipient is Recipient.TEAM and self.recording:
            return max(stated or IdentityForm.NONE, IdentityForm.CODED, key=lambda form: form.rank)
        return stated

    def is_embargoed(self, today: date) -> bool:
        """Whether nothing may leave the team yet."""
        return self.embargo is not None and today < self.embargo

    def is_over(self, today: date) -> bool:
        """Whether the last day is over."""
        return self.until is not None and today > self.until


def permits(consent: Consent, use: str) -> bool:
    """Whether the witness allows a use; raises Invalid for one that does not exist.

    `detail` allows the detail of every claim; `detail:<claim>` that of one. Without a record nothing is
    allowed.
    """
    _known([use])
    general = use.partition(":")[0]
    return consent.recording and (use in consent.uses or general in consent.uses)


def require(consent: Consent, use: str) -> None:
    """Raises Refused unless the witness allows the use."""
    if not permits(consent, use):
        raise Refused("The witness has not agreed to this use.")


def statement_uses(consent: Consent) -> frozenset[str]:
    """All that statements may rest on, once no embargo holds: exact numbers allow lower bounds too."""
    allowed = frozenset(use for use in consent.uses if permits(consent, use))
    return allowed | {Use.AGGREGATE} if permits(consent, Use.COUNT_EXACT) else allowed


def permits_statement(consent: Consent, use: str, today: date) -> bool:
    """Whether something may be said in public on a day."""
    return (permits(consent, use) or use in statement_uses(consent)) and not consent.is_embargoed(today)


def permits_export(
    consent: Consent, use: str, recipient: Recipient, identity: IdentityForm, today: date
) -> bool:
    """Whether what was said may be handed to a recipient, for a use, with so much of who said it, on a day."""
    most = consent.identity(recipient)
    released = (recipient is Recipient.TEAM or not consent.is_embargoed(today)) and not consent.is_over(today)
    return permits(consent, use) and released and most is not None and identity.rank <= most.rank


def reading(consent: Consent) -> Reading:
    """Whether the words may be read: without a record not at all, and for our own work only where that is allowed."""
    if not consent.recording:
        return Reading.REFUSED
    return Reading.ALLOWED if permits(consent, Use.INTERNAL) else Reading.TO_CHECK


def both(one: Consent, other: Consent) -> Consent:
    """What both allow; how it was asked for is said by each alone."""
    shared = {use for use in one.uses | other.uses if permits(one, use) and permits(other, use)}
    theirs = dict(other.recipients)
    named = {
        (recipient, min(form, theirs[recipient], key=lambda form: form.rank))
        for recipient, form in one.recipients
        if recipient in theirs
    }
    embargo = max((day for day in (one.embargo, other.embargo) if day is not None), default=None)
    until = min((day for day in (one.until, other.until) if day is not None), default=None)
    recording = one.recording and other.recording
    return Consent(recording, frozenset(shared), frozenset(named), embargo, until=until)


class Stated(Protocol):
    """A consent as one deposit states it: whose, whether it changes others, and which one it takes the place of."""

    @property
    def digest(self) -> str: ...
    @property
    def supersedes(self) -> str | None: ...
    @property
    def witness(self) -> str: ...
    @property
    def consent(self) -> Consent: ...
    @property
    def changes_consent(self) -> bool: ...


def present(stated: Iterable[Stated]) -> dict[str, Consent]:
    """What is allowed now of each interview of whoever changed their consent, by digest. The order does not matter."""
    by_digest = {one.digest: one for one in stated}
    changes = {digest: one for digest, one in by_digest.items() if one.changes_consent}
    replaces = {digest: one.supersedes if fits(one, by_digest) else None for digest, one in changes.items()}
    limits: dict[str, Consent] = {}
    for digest in standing(replaces):
        change = changes[digest]
        limits[change.witness] = both(limits.get(change.witness, change.consent), change.consent)
    replaced = set(replaces.values())
    return {
        digest: limits[one.witness] if digest in replaced else both(one.consent, limits[one.witness])
        for digest, one in by_digest.items()
        if one.witness in limits and digest not in changes
    }


def fits(one: Stated, by_digest: Mapping[str, Stated]) -> bool:
    """Whether a deposit names nothing, or one of the same witness that it can replace: an interview corrects none but
    interviews."""
    if one.supersedes is None:
        return True
    replaced = by_digest.get(one.supersedes)
    if replaced is None or replaced.witness != one.witness:
        return False
    return one.changes_consent or not replaced.changes_consent


def names_nothing(one: Stated, by_digest: Mapping[str, Stated]) -> bool:
    """Whether a deposit names one that is not there: never was, or was withdrawn."""
    return one.supersedes is not None and one.supersedes not in by_digest


def without(allowed: Iterable[Consent], what: Use | Recipient) -> Consent:
    """What a change must allow so that of all these nothing else is refused than one use, or one recipient.

    Sums follow from exact numbers, so who refuses sums refuses these too. The team reads whatever is recorded.
    """
    refused, now = {what, Use.COUNT_EXACT} if what is Use.AGGREGATE else {what}, anywhere(allowed)
    uses = frozenset(use for use in now.uses if use.partition(":")[0] not in refused)
    return replace(now, uses=uses, recipients=frozenset(one for one in now.recipients if one[0] is not what))


def anywhere(allowed: Iterable[Consent]) -> Consent:
    """What any of these allows; its days, and how it was asked for, are said by each alone."""
    said, to = list(allowed), dict[Recipient, IdentityForm]()
    for recipient, form in (named for one in said for named in one.recipients):
        to[recipient] = max(to.get(recipient, form), form, key=lambda form: form.rank)
    uses = frozenset(use for one in said for use in one.uses)
    return Consent(any(one.recording for one in said), uses, frozenset(to.items()))


def standing(replaces: Mapping[Name, Name | None]) -> set[Name]:
    """Of changes, each with what it takes the place of, those that stand: those to which none leads that stands.

    A circle cannot be made, because each digest covers the one that it names; were there one, all in it would stand.
    """
    behind: set[Name] = set()
    for last in replaces.keys() - set(replaces.values()):
        at = replaces[last]
        while at is not None and at in replaces and at not in behind:
            behind.add(at)
            at = replaces[at]
    return replaces.keys() - behind


def _known(uses: list[str]) -> list[str]:
    for use in uses:
        if use not in set(Use) and not _DETAIL_OF_CLAIM.fullmatch(use):
            raise Invalid(
                "A use of consent must be one of %(uses)s, or detail:<claim>.", "uses", uses=", ".join(Use)
            )
    return uses


def _next_month(day: date) -> date:
    """The first day of a month that is not before."""
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)
