"""What consent is called on the pages: uses, recipients, how much of who a witness is goes along, how it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault.rules.asking import Asking, Capacity, Given, Withdrawal
from vault.rules.consent import Consent, IdentityForm, Recipient, Use, permits

USES = {
    Use.INTERNAL: "Our own work",
    Use.CORROBORATION: "Counting",
    Use.AGGREGATE: "Lower bounds in public",
    Use.COUNT_EXACT: "Exact numbers in public",
    Use.DETAIL: "Details in public",
    Use.VERBATIM: "Their own words in public",
    Use.PARAPHRASE: "What they said, in our words",
    Use.AUDIO_VIDEO: "Sound and pictures",
    Use.ADVOCACY: "Calling for action",
    Use.LEGAL: "Courts and inquiries",
    Use.ARCHIVE: "An archive for later",
}
COMMON = tuple(USES)[:6]  # what is always asked
RECIPIENTS = {
    Recipient.TEAM: "Our team",
    Recipient.ORGANISATION: "Others in our organisation",
    Recipient.PARTNER: "Partner organisations",
    Recipient.UN_COMMISSION: "United Nations commissions",
    Recipient.MECHANISM: "International bodies that keep evidence",
    Recipient.ICC: "The International Criminal Court",
    Recipient.NATIONAL_PROSECUTOR: "Prosecutors of other countries",
    Recipient.ACCUSED_STATE: "The accused state",
    Recipient.MEDIA: "Journalists",
    Recipient.PUBLIC: "Everybody",
}
FORMS = {
    IdentityForm.NONE: "nothing of who they are",
    IdentityForm.CODED: "the four words",
    IdentityForm.COARSE: "roughly who, such as “a health worker”",
    IdentityForm.UNDER_CUSTODY: "who they are, to be kept closed",
    IdentityForm.PUBLIC: "who they are, in public",
}
CAPACITIES = {
    Capacity.ADULT: "An adult, alone",
    Capacity.MINOR: "A minor, old enough to decide alone",
    Capacity.WITH_GUARDIAN: "The witness and a guardian, both",
    Capacity.REPRESENTED: "Somebody for the witness",
}
GIVEN = {
    Given.SPOKEN: "Spoken",
    Given.RECORDED: "Spoken and recorded",
    Given.WRITTEN: "In writing",
    Given.THUMBPRINT: "By thumbprint",
    Given.GESTURE: "By a sign",
}
WITHDRAWALS = {
    Withdrawal.USE: "That it is used no more",
    Withdrawal.RECALL: "And that whoever was given it is asked to give it back",
    Withdrawal.DESTROY: "And that the record itself is destroyed",
}
_ANSWERS = {"yes": "yes", "no": "no"}
_CODED: Mapping[str, Mapping[Any, str]] = {
    "restated": _ANSWERS,
    "recontact": _ANSWERS,
    "capacity": CAPACITIES,
    "given": GIVEN,
    "withdrawal": WITHDRAWALS,
}
_ASKED = {
    "explained": "What was explained",
    "restated": "They could say it again",
    "restated_words": "In their words",
    "capacity": "Who agreed",
    "guardian": "Who that is to them",
    "language": "Language",
    "interpreter": "Interpreter",
    "given": "How it was given",
    "recontact": "We may contact them again",
    "recontact_how": "How, and when it is safe",
    "withdrawal": "What they ask for",
}
CHOICES = {  # what the form offers
    "recipients": RECIPIENTS,
    "forms": FORMS,
    "capacities": CAPACITIES,
    "given": GIVEN,
    "withdrawals": WITHDRAWALS,
}


def allowed(now: Consent, then: Consent | None = None) -> list[dict[str, Any]]:
    """Use by use, what is allowed now, and what one deposit said; of the rarer uses those that either allows."""
    then = now if then is None else then
    rows = [
        {"use": use, "label": label, "allowed": permits(now, use), "then": permits(then, use)}
        for use, label in USES.items()
    ]
    return [row for row in rows if row["use"] in COMMON or row["allowed"] or row["then"]]


def recipients(now: Consent) -> list[tuple[str, str]]:
    """To whom what was said may be handed over, and with what of who said it."""
    given = dict(now.recipients)
    return [(label, FORMS[given[one]]) for one, label in RECIPIENTS.items() if one in given]


def asked(asking: Asking) -> list[tuple[str, str]]:
    """How consent was asked for; restrictions stand elsewhere, before the words."""
    said = asking.to_json()
    return [
        (label, _CODED.get(name, {}).get(said[name], str(said[name])))
        for name, label in _ASKED.items()
        if name in said
    ]
