"""Audit entries: one chain, bodies that say what the chain commits to, for those to whom they are sealed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cast import C1, C2, OUTSIDER
from vault.errors import Invalid, Tampered
from vault.sealing import audits
from vault.sealing.audits import Entry, Link
from vault.sealing.digests import Json

DECISION = b"\1" * 32
KEYS = {person.code: person.secret.sealing.public for person in (C1, C2)}
CONTENT = {"day": "2026-11-22", "actor": "V1", "act": "edition cut", "about": {"edition": 1}}


def entries(count: int = 3) -> list[Entry]:
    """A chain of its own."""
    made: list[Entry] = []
    for position in range(1, count + 1):
        previous, decision = made[-1].link if made else audits.START, DECISION if position == 2 else None
        made.append(audits.seal((position, previous, decision), CONTENT, KEYS))
    return made


def links(made: list[Entry]) -> list[Link]:
    return [(entry.link, entry.commitment, entry.decision) for entry in made]


def test_the_chain_holds_and_ends_in_its_last_link() -> None:
    made = entries()
    assert audits.chain(links(made)) == made[-1].link
    assert audits.chain([]) == audits.START


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_or_removed_entry_is_named(place: int) -> None:
    changed = links(entries())
    changed[place] = (changed[place][0], bytes(32), changed[place][2])
    with pytest.raises(Tampered, match=f"entry {place + 1}"):
        audits.chain(changed)
    removed = links(entries())
    del removed[place]
    if place < 2:  # nobody can tell from the chain alone that its end was cut off
        with pytest.raises(Tampered):
            audits.chain(removed)


@pytest.mark.parametrize("decision", [None, bytes(32), b"\2" * 32])
def test_another_decision_at_an_entry_breaks_the_chain(decision: bytes | None) -> None:
    changed = links(entries())
    changed[1] = (*changed[1][:2], decision)
    with pytest.raises(Tampered, match="entry 2"):
        audits.chain(changed)


def test_each_custodian_reads_what_was_recorded_and_nobody_else() -> None:
    (entry,) = entries(1)
    for person in (C1, C2):
        body = audits.read(entry, person.code, person.secret.sealing)
        assert {name: body[name] for name in CONTENT} == CONTENT
    for code in ("C1", "X1"):
        with pytest.raises(Tampered):
            audits.read(entry, code, OUTSIDER.secret.sealing)


@pytest.mark.parametrize(
    "changes", [{"commitment": bytes(32)}, {"position": 2}, {"body": b"none"}, {"keys": {}}], ids=repr
)
def test_a_body_is_the_one_that_the_chain_commits_to(changes: dict[str, Any]) -> None:
    (entry,) = entries(1)
    with pytest.raises(Tampered):
        audits.read(replace(entry, **changes), "C1", C1.secret.sealing)


def test_what_is_too_long_for_an_entry_is_refused() -> None:
    with pytest.raises(Invalid):
        audits.seal((1, audits.START, None), {**CONTENT, "about": {"text": "x" * 1024}}, KEYS)


def test_an_entry_travels_as_it_is() -> None:
    (entry,) = entries(1)
    assert audits.from_json(audits.to_json(entry)) == entry


@pytest.mark.parametrize(
    "changes",
    [
        {"position": "1"},
        {"link": "AAAA"},
        {"body": 5},
        {"keys": []},
        {"keys": {"C1": "?"}},
        {"commitment": None},
    ],
    ids=repr,
)
def test_what_is_no_entry_is_refused(changes: dict[str, Json]) -> None:
    (entry,) = entries(1)
    with pytest.raises(Tampered):
        audits.from_json({**audits.to_json(entry), **changes})
