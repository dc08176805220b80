"""The stories of openings.toml: one body that plays them all, with the real cryptography and the real use cases."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.quorums import TEAM, Quorum
from tests.stage import later
from vault import errors

STORIES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("openings.toml").read_text("utf-8"))[
    "story"
]
_WORDS = re.compile(r"(?P<step>[^:]+?)(?:: (?P<error>\w+))?\Z")


@pytest.fixture
def vault(request: pytest.FixtureRequest, founded: Callable[[str], Path], tmp_path: Path) -> Iterator[Quorum]:
    opened = Quorum(founded(request.param["quorum"]), tmp_path / "vault")
    yield opened
    opened.scene.close()


def ask(vault: Quorum, who: str, key: str | None) -> None:
    vault.prepare(who, key)
    vault.hand_in(who, who)


def prepare_approval(vault: Quorum, who: str) -> None:
    vault.prepared[who] = vault.decide(who)


def sees(vault: Quorum, who: str, state: str) -> None:
    assert vault.state(who) == state


def pass_days(vault: Quorum, days: str) -> None:
    vault.days += int(days)


def sign_until_today(vault: Quorum) -> None:
    vault.renew(expires=later(vault.days).isoformat())


def replaced(vault: Quorum, old: str, new: str) -> None:
    vault.next_epoch({*vault.roster.codes, new} - {old}, vault.roster.threshold)


# What can happen, in the words of the stories.
STEPS: dict[str, Callable[..., object]] = {
    r"(\w+) asks(?: for the (\w+) key)?": ask,
    r"(\w+) prepares a request(?: for the (\w+) key)?": lambda v, who, key: v.prepare(who, key),
    r"(\w+) hands in the request of (\w+)": lambda v, who, of: v.hand_in(who, of),
    r"(\w+) approves": lambda v, who: v.hand_in_decision(who, v.decide(who)),
    r"(\w+) refuses": lambda v, who: v.hand_in_decision(who, v.decide(who, "no")),
    r"(\w+) prepares an approval": prepare_approval,
    r"(\w+) hands it in": lambda v, who: v.hand_in_decision(who, v.prepared[who]),
    r"(\w+) collects": lambda v, who: v.collect(who, who),
    r"(\w+) collects for (\w+)": lambda v, who, of: v.collect(who, of),
    r"(\w+) sees (\w+)": sees,
    r"(\d+) days? pass(?:es)?": pass_days,
    r"(\d+) days back": lambda v, days: pass_days(v, f"-{days}"),
    r"the custodians give (\d+) days to cool": lambda v, days: v.renew(cooling=int(days)),
    r"the roster is signed again": lambda v: v.renew(),
    r"the roster is signed until the day": sign_until_today,
    r"(\w+) leaves": lambda v, who: v.change_members(lambda all_: [e for e in all_ if e["code"] != who]),
    r"(\w+) gets another request key": lambda v, who: v.change_request_key(who),
    r"a new epoch begins": lambda v: v.next_epoch(v.roster.codes, v.roster.threshold),
    r"(\w+) gives way to (\w+)": replaced,
    r"somebody writes that (\w+) approved, signed by (\w+)": lambda v, code, by: v.write_approval(
        code, by, by
    ),
    r"the identity is destroyed": lambda v: v.destroy_identity(),
    r"the case drops (\w+)": lambda v, who: v.change_case({c: k for c, k in TEAM.items() if c != who}),
    r"the case takes \w+ back": lambda v: v.change_case(TEAM),
    r"the case exchanges the (\w+) key": lambda v, key: v.change_case(TEAM, [key]),
    r"(\w+) revokes the keys of (\w+)": lambda v, by, who: v.revoke(who, by),
}


def act(vault: Quorum, step: str) -> None:
    for words, does in STEPS.items():
        found = re.fullmatch(words, step)
        if found:
            does(vault, *found.groups())
            return
    raise LookupError(f"No step is called so: {step}")


def ending(vault: Quorum, step: str) -> str | None:
    """The name of the error in which a step ends."""
    try:
        act(vault, step)
    except errors.VaultError as error:
        return type(error).__name__
    return None


@pytest.mark.parametrize(
    ("vault", "story"), [(one, one) for one in STORIES], indirect=["vault"], ids=[s["name"] for s in STORIES]
)
def test_an_opening_goes_as_the_story_says(vault: Quorum, story: dict[str, Any]) -> None:
    for written in story["steps"]:
        told = _WORDS.match(written)
        assert told is not None
        assert ending(vault, told["step"]) == told["error"], written


def test_there_are_stories_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({one["name"] for one in STORIES}) == len(STORIES) >= 30
    assert {"2 of 2", "2 of 3", "3 of 5", "9 of 9"} <= {one["quorum"] for one in STORIES}
