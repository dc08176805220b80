"""A proposed case is taken whole or not at all: no grant twice, none that was not promised, no record beside it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import V1
from tests.stage import DAY, PLAN, TEAM, Scene, actor
from vault import proposals
from vault.errors import Invalid
from vault.founding import found_case

Attachments = dict[str, Any]


def _twice(attachments: Attachments) -> None:
    attachments["grants"].append(attachments["grants"][0])


def _twice_with_another_box(attachments: Attachments) -> None:
    attachments["grants"].append({**attachments["grants"][0], "sealed": attachments["grants"][1]["sealed"]})


def _one_less(attachments: Attachments) -> None:
    attachments["grants"].pop()


def _another_instead(attachments: Attachments) -> None:
    attachments["grants"][0] = {**attachments["grants"][0], "key": "testimony"}


def _no_codes(attachments: Attachments) -> None:
    attachments["grants"].append({"member": ["R1"], "key": None, "sealed": ""})


def _one_escrow_more(attachments: Attachments) -> None:
    attachments["escrows"]["another"] = attachments["escrows"]["brief"]


SPOILT = [_twice, _twice_with_another_box, _one_less, _another_instead, _no_codes, _one_escrow_more]


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_case_whose_attachments_are_not_exactly_its_own_is_refused(
    scene: Scene, spoil: Callable[[Attachments], None]
) -> None:
    plan = {**PLAN, "code": "S2", "team": TEAM}
    document, attachments = found_case(
        plan, scene.roster(), "V1", V1.secret.signing, scene.vault.vocabularies
    )
    spoilt = copy.deepcopy(attachments)
    spoil(spoilt)
    before = scene.contents()
    with pytest.raises(Invalid), scene.writing() as uow:
        proposals.propose(uow, actor(V1), document, spoilt, DAY)
    assert scene.contents() == before
    scene.carry(V1, document, attachments)
