"""Reads the incidents that were worked by hand; how they are written stands in README.md beside them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vault.rules.independence import COLUMNS
from vault.rules.vocabulary import Modality, Perception

_INTERVIEW = re.compile(r"(?P<witness>w\d+)(?: \((?P<facts>[^)]*)\))?:(?P<said>.*)")
_CODER = re.compile(r"(?P<number>\d+) by (?P<coder>R\d+):(?P<said>.*)")
_NAMES = {"together": "together_with", "present": "present", "household": "household"}
_BESIDE = re.compile(r"(?P<what>direct\.min|direct|others) of (?P<many>\d+) (?P<because>[a-z_ ]+)")
Raw = dict[str, Any]


@dataclass(frozen=True)
class Interview:
    """One deposit: what was said, in the form of a draft but with witnesses by their short names."""

    witness: str
    observations: tuple[Raw, ...]
    by: str = "R1"
    corrects: int | None = None
    changes: bool = False  # what the witness allows, and nothing else
    replaces: int | None = None
    repeats: int | None = None
    counted: bool = True
    edition: int = 1
    withdrawn: int = 99
    named: Mapping[str, list[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incident:
    """What happened, what was decided, and what must come out; `chapter` is the file that it stands in."""

    name: str
    chapter: str
    why: str
    interviews: tuple[Interview, ...]
    editions: tuple[str, ...]
    table: tuple[Raw, ...] | None
    beside: tuple[Raw, ...]
    settled: tuple[list[str], ...]
    same: tuple[list[str], ...]
    excluded: tuple[list[str], ...]
    recoded: tuple[tuple[int, str, tuple[Raw, ...]], ...]


def incidents() -> dict[str, Incident]:
    """All of them, by name."""
    found = [
        _incident(raw, path.stem)
        for path in sorted(Path(__file__).parent.glob("*.toml"))
        for raw in tomllib.loads(path.read_text("utf-8"))["incident"]
    ]
    assert len({incident.name for incident in found}) == len(found)
    return {incident.name: incident for incident in found}


def _incident(raw: Raw, chapter: str) -> Incident:
    lists = {
        name: tuple(line.split() for line in raw.get(name, ())) for name in ("settled", "same", "excluded")
    }
    recoded = (_match(_CODER, line) for line in raw.get("recoded", ()))
    return Incident(
        name=raw["name"],
        chapter=chapter,
        why=raw["why"],
        interviews=tuple(map(_interview, raw["interviews"])),
        editions=tuple(raw.get("editions", ("counted",))),
        table=tuple(map(_row, raw["table"])) if "table" in raw else None,
        beside=tuple(map(_detail, raw.get("beside", ()))),
        recoded=tuple((int(found["number"]), found["coder"], _said(found["said"])) for found in recoded),
        **lists,
    )


def _match(pattern: re.Pattern[str], line: str) -> re.Match[str]:
    found = pattern.fullmatch(line)
    assert found, line
    return found


def _interview(line: str) -> Interview:
    found = _match(_INTERVIEW, line)
    facts: Raw = {"named": {}, "labels": {}}
    for fact in (found["facts"] or "").split(", "):
        word, _, rest = fact.partition(" ")
        if word in _NAMES:
            facts["named"][_NAMES[word]] = rest.split()
        elif word in ("introducer", "interpreter"):
            facts["labels"][word] = rest
        elif word == "shown":
            facts["shown"] = (*facts.get("shown", ()), rest)
        elif word in ("corrects", "repeats", "replaces", "edition", "withdrawn"):
            facts[word] = int(rest)
        elif word == "by":
            facts["by"] = rest
        else:
            assert fact in ("", "follow-up", "not counted", "withdraws", "allows"), line
            facts["counted"] = fact not in ("not counted", "withdraws") and facts.get("counted", True)
            facts["changes"] = fact in ("withdraws", "allows") or facts.get("changes", False)
    return Interview(found["witness"], _said(found["said"]), **facts)


def _said(text: str) -> tuple[Raw, ...]:
    return tuple(_statement(part.split()) for part in text.split(";") if part.strip())


def _statement(words: list[str]) -> Raw:
    subject, _, value = words.pop(0).partition("=")
    raw: Raw = {"subject": subject, "value": _value(value), "perception": []}
    while words:
        word = words.pop(0)
        if word in set(Perception):
            raw["perception"].append(word)
        elif word in set(Modality):
            raw["modality"] = word
        elif word in ("placed", "not-placed"):
            raw["placed"] = "yes" if word == "placed" else "no"
        elif word.startswith("because-"):
            raw.setdefault("why_not", []).append(word.removeprefix("because-"))
        else:
            assert word == "via", word
            raw["chain"] = [_link(link) for link in words.pop(0).split(">")]
    return raw


def _link(text: str) -> Raw:
    kind, _, origin = text.partition("@")
    return {"kind": kind, "named": False, "origin_direct": "unknown", "origin": origin or None}


def _value(text: str) -> Any:
    low, dots, high = text.partition("..")
    if dots:
        return {"min": int(low), "max": int(high)}
    return int(text) if text.isdigit() else text or "yes"


def _claim(line: str) -> tuple[Raw, list[str]]:
    claim, _, rest = line.partition(": ")
    subject, _, value = claim.partition("=")
    return {"subject": subject, "value": _value(value)}, [part for part in rest.split(", ") if part]


def _row(line: str) -> Raw:
    row, figures = _claim(line)
    row |= {"direct": {"min": 0, "max": 0}, **dict.fromkeys(COLUMNS, 0)}
    for figure in figures:
        column, number = figure.split()
        low, _, high = number.partition("-")
        assert column in row, line
        row[column] = {"min": int(low), "max": int(high or low)} if column == "direct" else int(low)
    return row


def _detail(line: str) -> Raw:
    detail, parts = _claim(line)
    for part in parts:
        if group := _BESIDE.fullmatch(part):
            because = group["because"].split()
            entry = {"of": group["what"], "accounts": int(group["many"]), "because": because}
            detail.setdefault("merged", []).append(entry)
        elif " is " in part:
            kind, key, _, number = part.split()
            detail.setdefault(kind, {})[key] = int(number)
        else:
            name, number = part.split()
            detail[name] = int(number)
    return detail
