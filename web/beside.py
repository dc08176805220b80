"""What stands beside a claim's figures, in words: why accounts were merged, how hearsay came, who was set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext, ngettext

from vault.editions import Comparison
from vault.errors import N_
from vault.rules.editions import Moved, Since
from web.locales import said
from web.sentences import listed, number

LINKS = {
    "same_person": N_("the same person"),
    "interviewed_together": N_("interviewed together"),
    "present_at_interview": N_("one was present when the other was interviewed"),
    "same_household": N_("of the same household"),
    "origin_of_account": N_("one had it from the other"),
    "maybe_same_person": N_("perhaps the same person"),
    "same_introducer": N_("introduced by the same person"),
    "same_interviewer_and_interpreter": N_("heard by the same researcher through the same interpreter"),
    "shown_the_same_before": N_("shown the same pictures beforehand"),
}
EXCLUSIONS = {
    "contradicted_by_evidence": N_("contradicted by evidence"),
    "contradicts_itself": N_("contradicts itself"),
    "could_not_have_been_there": N_("could not have been there"),
    "repeats_a_prepared_account": N_("repeats a prepared account"),
    "spoke_under_pressure": N_("spoke under pressure"),
    "not_who_they_said": N_("not who they said they are"),
    "other": N_("for another reason"),
}
_WHICH = {
    "direct": N_("%(accounts)s accounts count as one: %(because)s."),
    "direct.min": N_("In the lower figure alone, %(accounts)s accounts count as one: %(because)s."),
    "others": N_("Among those beside the direct ones, %(accounts)s accounts count as one: %(because)s."),
}
_SINCE = {
    Since.NEW: N_("The incident is new in this edition."),
    Since.STILL_TOO_FEW: N_("Still not enough accounts to count."),
    Since.FIRST_FIGURES: N_("These are its first figures."),
    Since.UNCHANGED: N_("The figures are the same."),
    Since.THREE_OR_MORE_CHANGED: N_("The accounts of three people or more changed, so it was counted anew."),
    Since.RECUT: N_("It was under review; a quorum of custodians signed that it be counted anew."),
    Since.NOW_UNDER_REVIEW: N_("It came under review."),
    Since.STILL_UNDER_REVIEW: N_("It is still under review."),
    Since.SHOWN_AGAIN: N_("What had changed is again as it was, so its figures are shown again."),
}
_MOVED = {
    Moved.MORE: N_("at least three people more perceived it directly."),
    Moved.FEWER: N_("at least three people fewer perceived it directly."),
}


def beside(detail: Mapping[str, Any]) -> list[str]:
    """The sentences of one detail of an edition."""
    return [*_merged(detail.get("merged", ())), *_hearsay(detail), *_more(detail)]


def exclusions(excluded: Mapping[str, str]) -> list[tuple[str, str]]:
    """Why sources were set aside, each with of how many, as far as an edition tells."""
    return [(said(EXCLUSIONS.get(why, why)), many) for why, many in excluded.items()]


def since_then(compared: Comparison) -> str:
    """What became of an incident since the edition before."""
    return said(_SINCE[compared.since])


def moves(compared: Comparison) -> Iterator[tuple[str, Any, str]]:
    """The claims that moved by three persons or more: subject, value, and in words whether to more or to fewer."""
    for subject, value, moved in compared.moved:
        if moved in _MOVED:
            yield subject, value, said(_MOVED[moved])


def _merged(groups: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for group in groups:
        because = listed([said(LINKS.get(code, code)) for code in group["because"]])
        words = gettext(_WHICH[group["of"]], accounts=number(group["accounts"]), because=because)
        yield words[0].upper() + words[1:]


def _hearsay(detail: Mapping[str, Any]) -> Iterator[str]:
    depth, origin = dict(detail.get("depth", {})), detail.get("origin", {})
    if depth:
        unknown = depth.pop("unknown", 0)
        parts = [_through(int(mouths), many) for mouths, many in depth.items()]
        if unknown:
            parts.append(gettext("%(people)s through nobody knows how many", people=number(unknown)))
        yield gettext("Those told by others had it: %(ways)s.", ways=listed(parts))
    if many := origin.get("known"):
        yield gettext("Of %(people)s of them it is known which witness it came from.", people=number(many))


def _more(detail: Mapping[str, Any]) -> Iterator[str]:
    if many := detail.get("compatible"):
        yield gettext(
            "Perceived something that leaves it possible, and supports it no further: %(people)s.",
            people=number(many),
        )
    if many := detail.get("disputed"):
        yield ngettext(
            "Two coders of the same testimony disagree here, of %(people)s witness.",
            "Two coders of the same testimony disagree here, of %(people)s witnesses.",
            many,
            people=number(many),
        )


def _through(mouths: int, many: int) -> str:
    if mouths == 1:
        return str(gettext("%(people)s through one person", people=number(many)))
    row = N_("%(people)s through %(mouths)s people in a row")
    return str(gettext(row, people=number(many), mouths=number(mouths)))
