"""Rows of the corroboration table and observations in words: for screen readers, and for whoever would rather read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from flask import has_request_context
from flask_babel import format_decimal, gettext, ngettext

from vault.errors import N_
from vault.rules.observations import Observation
from vault.rules.vocabulary import Modality, Perception, Vocabulary
from web.languages import languages
from web.locales import language

# TRANSLATORS: %(people)s is a word in English and a figure elsewhere; turn it round where that reads better,
# as in “seen by: 3”. These are parts of one list, divided by semicolons.
_SENSES = (
    ("saw", N_("seen by %(people)s")),
    ("heard", N_("heard by %(people)s")),
    ("felt", N_("felt by %(people)s")),
    ("smelled", N_("smelled by %(people)s")),
)
_BESIDES = (
    ("attended", N_("%(people)s gave help at the scene")),
    ("aftermath", N_("%(people)s saw the aftermath")),
    ("recording", N_("%(people)s saw a recording")),
    ("not_perceived", N_("%(people)s did not perceive it, which does not contradict")),
    ("denied", N_("%(people)s in a place to perceive it denied it")),
    ("hearsay", N_("%(people)s had it from others")),
    ("inferred", N_("%(people)s concluded it")),
)
COLUMNS = (
    (
        N_("Independent people"),
        N_("Who say that it was so, and saw, heard, felt or smelled it, or helped at the scene."),
    ),
    (N_("Saw"), N_("Those of them who saw it happen.")),
    (N_("Heard"), N_("Those of them who heard it.")),
    (N_("Felt"), N_("Those of them who felt it: the ground, the blast.")),
    (N_("Smelled"), N_("Those of them who smelled it.")),
    (N_("Helped"), N_("Those of them who gave aid or rescued people at the scene.")),
    (
        N_("Saw the aftermath"),
        N_("Who came later and saw what it left behind; they did not perceive the thing itself."),
    ),
    (N_("Saw a recording"), N_("Who saw it on a film or photograph.")),
    (
        N_("Did not perceive"),
        N_("Who say that they did not see or hear it; that does not contradict it."),
    ),
    (
        N_("Denied"),
        N_("Who were in a place to perceive it and say that it was not so; that contradicts it."),
    ),
    (
        N_("Told by others"),
        N_("Who know it from other people alone; they add nothing to those who perceived it."),
    ),
    (
        N_("Concluded it"),
        N_("Who worked it out from something else; they add nothing to those who perceived it."),
    ),
)
PERCEIVED = {
    Perception.SAW: N_("saw"),
    Perception.HEARD: N_("heard"),
    Perception.FELT: N_("felt"),
    Perception.SMELLED: N_("smelled"),
    Perception.ATTENDED: N_("attended"),
    Perception.SAW_AFTERMATH: N_("saw aftermath"),
    Perception.SAW_ON_RECORDING: N_("saw on recording"),
    Perception.LEARNT_FROM_OTHERS: N_("learnt from others"),
    Perception.INFERRED: N_("inferred"),
    Perception.DID_NOT_SEE: N_("did not see"),
    Perception.DID_NOT_HEAR: N_("did not hear"),
    Perception.DID_NOT_PERCEIVE: N_("did not perceive"),
    Perception.UNKNOWN: N_("unknown"),
}
SAID = {
    Modality.AFFIRMED: N_("affirmed"),
    Modality.DENIED: N_("denied"),
    Modality.UNCERTAIN: N_("uncertain"),
    Modality.NOT_ASKED: N_("not asked"),
    Modality.NOT_ABLE_TO_SAY: N_("not able to say"),
}
_NUMBERS = ("nobody", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def sentence(row: dict[str, Any]) -> str:
    """What a row says of its claim, with no more and no less than its figures."""
    senses = _counted(row, _SENSES)
    parts = [_direct(row["direct"]["min"], row["direct"]["max"])]
    parts += [listed(senses)] if senses else []
    return apart([*parts, *_counted(row, _BESIDES)]) + "."


def picture(row: dict[str, Any]) -> str:
    """What the dots of a row show."""
    low, high, missed = row["direct"]["min"], row["direct"]["max"], row["not_perceived"]
    some = number(low) if low == high else between(low, high)
    if missed:
        return str(gettext("%(people)s perceived it, %(others)s did not", people=some, others=number(missed)))
    return str(gettext("%(people)s perceived it", people=some))


def observed(said: Observation, vocabulary: Vocabulary) -> str:
    """What one observation says of its claim, and how the witness knows."""
    return f"{languages().claim(vocabulary, said.subject, said.value)} ({known(said)})"


def known(said: Observation) -> str:
    """How a witness knows what they say, and what they do with it where that is not to affirm."""
    how = listed([gettext(PERCEIVED[one]) for one in sorted(said.perception)])
    return how if said.modality is Modality.AFFIRMED else apart([how, gettext(SAID[said.modality])])


def number(count: int) -> str:
    """A number that stands alone: in English a word up to ten, elsewhere figures, which ask for no ending."""
    if has_request_context() and language() != "en":
        return str(format_decimal(count))
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def between(least: int, most: int) -> str:
    """Two numbers and all between them."""
    return str(gettext("%(least)s to %(most)s", least=number(least), most=number(most)))


def listed(parts: Sequence[str]) -> str:
    """Several, divided by what divides a list in the interface's language."""
    return reduce(lambda before, one: str(gettext("%(before)s, %(one)s", before=before, one=one)), parts)


def apart(parts: Sequence[str]) -> str:
    """Several that are lists themselves."""
    return reduce(lambda before, one: str(gettext("%(before)s; %(one)s", before=before, one=one)), parts)


def _counted(row: dict[str, Any], columns: Sequence[tuple[str, str]]) -> list[str]:
    return [gettext(words, people=number(row[column])) for column, words in columns if row[column]]


def _direct(low: int, high: int) -> str:
    if low != high:
        words = N_("Perceived directly by %(least)s to %(most)s independent persons")
        return str(gettext(words, least=number(low), most=number(high)))
    if low == 0:
        return str(gettext("Perceived directly by nobody"))
    return str(
        ngettext(
            "Perceived directly by %(people)s independent person",
            "Perceived directly by %(people)s independent persons",
            low,
            people=number(low),
        )
    )
