"""The log's documents: what is not in it is not proved."""

from __future__ import annotations

import pytest

from tests.cast import VAULT, seed
from tests.proofs import LOG, PROVEN, entry_of, log_of
from vault.errors import Invalid
from vault.sealing import logs, merkle, notes

HASHES = log_of(PROVEN.entries)
NOTE = logs.checkpoint(VAULT, HASHES, LOG)


def test_a_checkpoint_names_the_log_its_size_and_its_root() -> None:
    state = notes.read_checkpoint(NOTE, logs.origin(VAULT), LOG.public)
    assert (state.size, state.root) == (5, merkle.root(HASHES))


def test_only_what_an_entry_has_is_proved_of_it() -> None:
    values = [seed("one"), seed("two")]
    entry = entry_of(6, *values)
    hashes = (*HASHES, logs.entry_hash(entry))
    assert logs.proof(values[0], values, entry, hashes, NOTE)["log"]["index"] == 5
    for root, log in ((seed("three"), hashes), (values[0], HASHES)):
        with pytest.raises(Invalid):
            logs.proof(root, values, entry, log, NOTE)


def test_a_log_continues_what_it_was() -> None:
    grew = logs.consistency(HASHES, 3)
    assert (grew["first"], grew["second"]) == (3, 5)
    with pytest.raises(Invalid):
        logs.consistency(HASHES, 6)
