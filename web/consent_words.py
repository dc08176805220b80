"""What consent is called on the pages: uses, recipients, how much of who a witness is goes along, how it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault.errors import N_
from vault.rules.asking import Asking, Capacity, Given, Withdrawal
from vault.rules.consent import Consent, IdentityForm, Recipient, Use, permits
from web.locales import said

USES = {
    Use.INTERNAL: N_("Our own work"),
    Use.CORROBORATION: N_("Counting"),
    Use.AGGREGATE: N_("Lower bounds in public"),
    Use.COUNT_EXACT: N_("Exact numbers in public"),
    Use.DETAIL: N_("Details in public"),
    Use.VERBATIM: N_("Their own words in public"),
    Use.PARAPHRASE: N_("What they said, in our words"),
    Use.AUDIO_VIDEO: N_("Sound and pictures"),
    Use.ADVOCACY: N_("Calling for action"),
    Use.LEGAL: N_("Courts and inquiries"),
    Use.ARCHIVE: N_("An archive for later"),
}
COMMON = tuple(USES)[:6]  # what is always asked
RECIPIENTS = {
    Recipient.TEAM: N_("Our team"),
    Recipient.ORGANISATION: N_("Others in our organisation"),
    Recipient.PARTNER: N_("Partner organisations"),
    Recipient.UN_COMMISSION: N_("United Nations commissions"),
    Recipient.MECHANISM: N_("International bodies that keep evidence"),
    Recipient.ICC: N_("The International Criminal Court"),
    Recipient.NATIONAL_PROSECUTOR: N_("Prosecutors of other countries"),
    Recipient.ACCUSED_STATE: N_("The accused state"),
    Recipient.MEDIA: N_("Journalists"),
    Recipient.PUBLIC: N_("Everybody"),
}
FORMS = {
    IdentityForm.NONE: N_("nothing of who they are"),
    IdentityForm.CODED: N_("the four words"),
    IdentityForm.COARSE: N_("roughly who, such as “a health worker”"),
    IdentityForm.UNDER_CUSTODY: N_("who they are, to be kept closed"),
    IdentityForm.PUBLIC: N_("who they are, in public"),
}
CAPACITIES = {
    Capacity.ADULT: N_("An adult, alone"),
    Capacity.MINOR: N_("A minor, old enough to decide alone"),
    Capacity.WITH_GUARDIAN: N_("The witness and a guardian, both"),
    Capacity.REPRESENTED: N_("Somebody for the witness"),
}
GIVEN = {
    Given.SPOKEN: N_("Spoken"),
    Given.RECORDED: N_("Spoken and recorded"),
    Given.WRITTEN: N_("In writing"),
    Given.THUMBPRINT: N_("By thumbprint"),
    Given.GESTURE: N_("By a sign"),
}
WITHDRAWALS = {
    Withdrawal.USE: N_("That it is used no more"),
    Withdrawal.RECALL: N_("And that whoever was given it is asked to give it back"),
    Withdrawal.DESTROY: N_("And that the record itself is destroyed"),
}
_ANSWERS = {"yes": N_("yes"), "no": N_("no")}
_CODED: Mapping[str, Mapping[Any, str]] = {
    "restated": _ANSWERS,
    "recontact": _ANSWERS,
    "capacity": CAPACITIES,
    "given": GIVEN,
    "withdrawal": WITHDRAWALS,
}
_ASKED = {
    "explained": N_("What was explained"),
    "restated": N_("They could say it again"),
    "restated_words": N_("In their words"),
    "capacity": N_("Who agreed"),
    "guardian": N_("Who that is to them"),
    "language": N_("Language"),
    "interpreter": N_("Interpreter"),
    "given": N_("How it was given"),
    "recontact": N_("We may contact them again"),
    "recontact_how": N_("How, and when it is safe"),
    "withdrawal": N_("What they ask for"),
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
        {"use": use, "label": said(label), "allowed": permits(now, use), "then": permits(then, use)}
        for use, label in USES.items()
    ]
    return [row for row in rows if row["use"] in COMMON or row["allowed"] or row["then"]]


def recipients(now: Consent) -> list[tuple[str, str]]:
    """To whom what was said may be handed over, and with what of who said it."""
    given = dict(now.recipients)
    return [(said(label), said(FORMS[given[one]])) for one, label in RECIPIENTS.items() if one in given]


def asked(asking: Asking) -> list[tuple[str, str]]:
    """How consent was asked for; restrictions stand elsewhere, before the words."""
    typed = asking.to_json()
    return [
        (said(label), said(_CODED[name][typed[name]]) if name in _CODED else str(typed[name]))
        for name, label in _ASKED.items()
        if name in typed
    ]
