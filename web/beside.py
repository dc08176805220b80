"""What stands beside a claim's figures, in words: why accounts were merged, how hearsay came, who was set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vault.editions import Comparison
from vault.rules.editions import Moved, Since
from web.sentences import number

LINKS = {
    "same_person": "the same person",
    "interviewed_together": "interviewed together",
    "present_at_interview": "one was present when the other was interviewed",
    "same_household": "of the same household",
    "origin_of_account": "one had it from the other",
    "maybe_same_person": "perhaps the same person",
    "same_introducer": "introduced by the same person",
    "same_interviewer_and_interpreter": "heard by the same researcher through the same interpreter",
    "shown_the_same_before": "shown the same pictures beforehand",
}
EXCLUSIONS = {
    "contradicted_by_evidence": "contradicted by evidence",
    "contradicts_itself": "contradicts itself",
    "could_not_have_been_there": "could not have been there",
    "repeats_a_prepared_account": "repeats a prepared account",
    "spoke_under_pressure": "spoke under pressure",
    "not_who_they_said": "not who they said they are",
    "other": "for another reason",
}
_WHICH = {
    "direct": "{} accounts count as one: {}.",
    "direct.min": "In the lower figure alone, {} accounts count as one: {}.",
    "others": "Among those beside the direct ones, {} accounts count as one: {}.",
}
_SINCE = {
    Since.NEW: "The incident is new in this edition.",
    Since.STILL_TOO_FEW: "Still not enough accounts to count.",
    Since.FIRST_FIGURES: "These are its first figures.",
    Since.UNCHANGED: "The figures are the same.",
    Since.THREE_OR_MORE_CHANGED: "The accounts of three people or more changed, so it was counted anew.",
    Since.RECUT: "It was under review; a quorum of custodians signed that it be counted anew.",
    Since.NOW_UNDER_REVIEW: "It came under review.",
    Since.STILL_UNDER_REVIEW: "It is still under review.",
    Since.SHOWN_AGAIN: "What had changed is again as it was, so its figures are shown again.",
}


def beside(detail: Mapping[str, Any]) -> list[str]:
    """The sentences of one detail of an edition."""
    return [*_merged(detail.get("merged", ())), *_hearsay(detail), *_more(detail)]


def exclusions(excluded: Mapping[str, str]) -> list[tuple[str, str]]:
    """Why sources were set aside, each with of how many, as far as an edition tells."""
    return [(EXCLUSIONS.get(why, why), many) for why, many in excluded.items()]


def since_then(compared: Comparison) -> str:
    """What became of an incident since the edition before."""
    return _SINCE[compared.since]


def moves(compared: Comparison) -> Iterator[tuple[str, Any, str]]:
    """The claims that moved by three persons or more: subject, value, and whether to more or to fewer."""
    for subject, value, moved in compared.moved:
        if moved is not Moved.ABOUT_AS_MANY:
            yield subject, value, "more" if moved is Moved.MORE else "fewer"


def _merged(groups: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for group in groups:
        because = ", ".join(LINKS.get(code, code) for code in group["because"])
        sentence = _WHICH[group["of"]].format(number(group["accounts"]), because)
        yield sentence[0].upper() + sentence[1:]


def _hearsay(detail: Mapping[str, Any]) -> Iterator[str]:
    depth, origin = dict(detail.get("depth", {})), detail.get("origin", {})
    if depth:
        unknown = depth.pop("unknown", 0)
        parts = [f"{number(many)} through {_mouths(int(mouths))}" for mouths, many in depth.items()]
        parts += [f"{number(unknown)} through nobody knows how many"] if unknown else []
        yield f"Those told by others had it: {', '.join(parts)}."
    if origin.get("known"):
        yield f"Of {number(origin['known'])} of them it is known which witness it came from."


def _more(detail: Mapping[str, Any]) -> Iterator[str]:
    if many := detail.get("compatible"):
        yield f"Perceived something that leaves it possible, and supports it no further: {number(many)}."
    if many := detail.get("disputed"):
        yield f"Two coders of the same testimony disagree here, of {number(many)} witness{'' if many == 1 else 'es'}."


def _mouths(mouths: int) -> str:
    return "one person" if mouths == 1 else f"{number(mouths)} people in a row"
