"""What was released keeps its meaning: the vocabularies beside the snapshot of their last release."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.rules.releases import RELEASED, Frozen, broken, frozen, present, reworded

VOCABULARIES = present()
SNAPSHOT: dict[str, Frozen] = json.loads(RELEASED.read_text("utf-8"))
WRITE_IT = "look at each translation, then write the snapshot as docs/VOCABULARIES.md says"


@pytest.mark.parametrize("name", SNAPSHOT)
def test_nothing_released_was_taken_back(name: str) -> None:
    assert name in VOCABULARIES, "a released vocabulary stays"
    assert broken(SNAPSHOT[name], frozen(VOCABULARIES[name])) == []


@pytest.mark.parametrize("name", SNAPSHOT)
def test_no_english_label_changed_behind_its_translations(name: str) -> None:
    assert reworded(SNAPSHOT[name], frozen(VOCABULARIES[name])) == [], WRITE_IT


SMALL: Frozen = {
    "version": 1,
    "groups": {"g": "The group"},
    "descriptors": {"p": ["a person", None], "q": ["a person of a kind", "p"]},
    "subjects": {
        "a": {"label": "A", "group": "g", "kind": "yes", "bounds": [0, 0], "codes": {}, "parent": None},
        "b": {"label": "B", "group": "g", "kind": "number", "bounds": [1, 9], "codes": {}, "parent": "a"},
        "c": {
            "label": "C",
            "group": "g",
            "kind": "code",
            "bounds": [0, 0],
            "codes": {"x": "X", "y": "Y"},
            "parent": None,
        },
        "d": {
            "label": "D",
            "group": "g",
            "kind": "band",
            "bounds": [0, 0],
            "codes": {"low": "Low", "high": "High"},
            "parent": None,
        },
    },
}
Change = Callable[[dict[str, Any]], object]


def changed(change: Change, version: int) -> Frozen:
    """The small vocabulary in a later version, after somebody changed its claims."""
    later = deepcopy(SMALL)
    change(later["subjects"])
    return {**later, "version": version}


def rename(table: dict[str, Any], old: str, new: str) -> None:
    """Another code in the same place."""
    items = [(new if code == old else code, content) for code, content in table.items()]
    table.clear()
    table.update(items)


def turn_round(table: dict[str, Any]) -> None:
    """The same codes in the opposite order."""
    items = list(reversed(table.items()))
    table.clear()
    table.update(items)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda claims: claims.pop("a"), "claims taken away or renamed"),
        (lambda claims: rename(claims, "a", "aa"), "claims taken away or renamed"),
        (turn_round, "claims in another order"),
        (lambda claims: claims["a"].update(kind="code"), "a: another kind"),
        (lambda claims: claims["b"].update(parent=None), "b: another parent"),
        (lambda claims: claims["c"].update(parent="a"), "c: another parent"),
        (lambda claims: claims["c"]["codes"].pop("x"), "c: codes taken away or renamed"),
        (lambda claims: rename(claims["c"]["codes"], "x", "z"), "c: codes taken away or renamed"),
        (lambda claims: turn_round(claims["c"]["codes"]), "c: codes in another order"),
        (lambda claims: claims["d"]["codes"].update(top="Top"), "d: a band takes no further code"),
        (lambda claims: claims["b"].update(bounds=[2, 9]), "b: narrower bounds"),
        (lambda claims: claims["b"].update(bounds=[1, 8]), "b: narrower bounds"),
    ],
)
def test_what_breaks_a_release_is_said(change: Change, fault: str) -> None:
    assert any(said.startswith(fault) for said in broken(SMALL, changed(change, 2)))


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: claims.update(e=claims["a"]),
        lambda claims: claims["c"]["codes"].update(z="Z"),
        lambda claims: claims["b"].update(bounds=[0, 99]),
    ],
)
def test_a_release_may_be_added_to_when_the_version_is_raised(change: Change) -> None:
    assert broken(SMALL, changed(change, 2)) == []
    assert broken(SMALL, changed(change, 1)) == ["the version was not raised"]


@pytest.mark.parametrize(
    ("descriptors", "fault"),
    [
        ({"p": ["a person", None]}, "descriptors taken away or renamed"),
        ({"p": ["a person", None], "q": ["a person of a kind", None]}, "q: another wider descriptor"),
    ],
)
def test_nobody_who_was_quoted_is_called_by_what_is_gone(descriptors: Frozen, fault: str) -> None:
    assert broken(SMALL, {**SMALL, "version": 2, "descriptors": descriptors}) == [fault]


def test_an_older_version_does_not_follow_a_release() -> None:
    assert broken({**SMALL, "version": 3}, SMALL) == ["the version was not raised"]


def test_a_reworded_label_is_said_by_its_code() -> None:
    later = changed(lambda claims: (claims["a"].update(label="AA"), claims["c"]["codes"].update(x="XX")), 2)
    later["descriptors"] = {**SMALL["descriptors"], "p": ["somebody", None]}
    assert reworded(SMALL, later) == ["called: p", "a", "c: x"]
    assert reworded(SMALL, SMALL) == []
