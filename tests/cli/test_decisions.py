"""What a custodian reads before deciding on a case's key: whose it is, which case's, and what granting it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.quorums import Quorum
from vault import cases, escrow
from vault.cli.decisions import in_words
from vault.errors import Refused, Tampered
from vault.sealing.digests import unb64
from vault.sealing.terms import open_packet


@pytest.fixture
def vault(founded: Callable[[str], Path], tmp_path: Path) -> Iterator[Quorum]:
    opened = Quorum(founded("2 of 3"), tmp_path / "vault")
    yield opened
    opened.scene.close()


def packet(vault: Quorum, code: str, key: str | None) -> dict[str, Any]:
    """What C1 gets of a request."""
    vault.prepare(code, key)
    vault.hand_in(code, code)
    with vault.scene.reading() as uow:
        (one,) = escrow.waiting(uow, vault.custodian("C1"), vault.today)
    held = vault.holder("C1").secret.sealing
    return open_packet(held, vault.roster.vault, one.opening, "C1", unb64(one.packet))


def test_granting_the_testimony_key_to_a_researcher_is_said_to_end_deposit_only(vault: Quorum) -> None:
    words = in_words(packet(vault, "R2", "testimony"), vault.chain)
    assert words.startswith(
        "R2 asks for the testimony key (version 1) of case S1, as version 1 of the case has it"
    )
    assert words.endswith("; granting it ends deposit-only for R2, who is a researcher: to warn them")


@pytest.mark.parametrize(("code", "key"), [("V1", "testimony"), ("R2", "brief"), ("V1", "corroboration")])
def test_another_key_or_a_reviewer_ends_nothing(vault: Quorum, code: str, key: str) -> None:
    words = in_words(packet(vault, code, key), vault.chain)
    assert f"{code} asks for the {key} key (version 1) of case S1," in words
    assert "deposit-only" not in words


def test_an_identity_is_asked_for_in_words(vault: Quorum) -> None:
    assert in_words(packet(vault, "V2", None), vault.chain).startswith(
        "V2 asks for one identity, that of record "
    )


def test_a_key_that_the_shown_case_does_not_promise_is_not_put_into_words(vault: Quorum) -> None:
    sent = packet(vault, "R2", "testimony")
    vault.change_case(
        {"R1": ["brief"], "R2": ["brief"], "V1": ["brief", "testimony", "corroboration", "editions"]}
    )
    with vault.scene.reading() as uow:
        versions = cases.signed_versions(uow, unb64(vault.case))
    with pytest.raises(Refused, match="does not promise"):
        in_words({**sent, "case": versions}, vault.chain)
    for hidden in (None, [], [None]):
        with pytest.raises(Tampered):
            in_words({**sent, "case": hidden}, vault.chain)
