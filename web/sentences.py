"""Rows of the corroboration table and observations in words: for screen readers, and for whoever would rather read."""

from __future__ import annotations

from typing import Any

from vault.rules.observations import Observation
from vault.rules.vocabulary import Modality, Vocabulary

_SENSES = (
    ("saw", "seen by"),
    ("heard", "heard by"),
    ("felt", "felt by"),
    ("smelled", "smelled by"),
)
COLUMNS = (
    (
        "Independent people",
        "Who say that it was so, and saw, heard, felt or smelled it, or helped at the scene.",
    ),
    ("Saw", "Those of them who saw it happen."),
    ("Heard", "Those of them who heard it."),
    ("Felt", "Those of them who felt it: the ground, the blast."),
    ("Smelled", "Those of them who smelled it."),
    ("Helped", "Those of them who gave aid or rescued people at the scene."),
    (
        "Saw the aftermath",
        "Who came later and saw what it left behind; they did not perceive the thing itself.",
    ),
    ("Saw a recording", "Who saw it on a film or photograph."),
    ("Did not perceive", "Who say that they did not see or hear it; that does not contradict it."),
    ("Denied", "Who were in a place to perceive it and say that it was not so; that contradicts it."),
    ("Told by others", "Who know it from other people alone; they add nothing to those who perceived it."),
    ("Concluded it", "Who worked it out from something else; they add nothing to those who perceived it."),
)
_NUMBERS = ("nobody", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def sentence(row: dict[str, Any]) -> str:
    """What a row says of its claim, with no more and no less than its figures."""
    parts = [f"Perceived directly by {_direct(row['direct']['min'], row['direct']['max'])}"]
    senses = [f"{words} {number(row[column])}" for column, words in _SENSES if row[column]]
    if senses:
        parts.append(", ".join(senses))
    if row["attended"]:
        parts.append(f"{number(row['attended'])} gave help at the scene")
    if row["aftermath"]:
        parts.append(f"{number(row['aftermath'])} saw the aftermath")
    if row["recording"]:
        parts.append(f"{number(row['recording'])} saw a recording")
    if row["not_perceived"]:
        parts.append(f"{number(row['not_perceived'])} did not perceive it, which does not contradict")
    if row["denied"]:
        parts.append(f"{number(row['denied'])} in a place to perceive it denied it")
    if row["hearsay"]:
        parts.append(f"{number(row['hearsay'])} had it from others")
    if row["inferred"]:
        parts.append(f"{number(row['inferred'])} concluded it")
    return "; ".join(parts) + "."


def picture(row: dict[str, Any]) -> str:
    """What the dots of a row show."""
    low, high = row["direct"]["min"], row["direct"]["max"]
    some = number(low) if low == high else f"{number(low)} to {number(high)}"
    missed = f", {number(row['not_perceived'])} did not" if row["not_perceived"] else ""
    return f"{some} perceived it{missed}"


def observed(said: Observation, vocabulary: Vocabulary) -> str:
    """What one observation says of its claim, and how the witness knows."""
    value = "" if said.value == "yes" else f": {vocabulary.value_label(said.subject, said.value)}"
    return f"{vocabulary.subject(said.subject).label}{value} ({known(said)})"


def known(said: Observation) -> str:
    """How a witness knows what they say, and what they do with it where that is not to affirm."""
    how = ", ".join(sorted(str(one).replace("_", " ") for one in said.perception))
    return how if said.modality is Modality.AFFIRMED else f"{how}; {str(said.modality).replace('_', ' ')}"


def number(count: int) -> str:
    """A number as a word up to ten."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _direct(low: int, high: int) -> str:
    if low != high:
        return f"{number(low)} to {number(high)} independent persons"
    if low == 0:
        return "nobody"
    return f"{number(low)} independent person{'' if low == 1 else 's'}"
