"""Openings for a court: of a line that all have signed, as long as nothing behind it was withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assessing import counted_by_two
from tests.cast import C1, R1, V1, V2, Person, signed_by
from tests.proofs import document_of
from tests.stage import DAY, After, Scene, actor
from vault import cases, corroboration, court, editions, proofs, shredding
from vault.court import Opened
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.rules.sheets import Cell
from vault.sealing import commitments, merkle
from vault.sealing.digests import unb64

HEARD = Cell("aircraft.present", "yes", "heard")


def said(scene: Scene) -> dict[str, Any]:
    """A statement of one line on the newest edition, not yet signed."""
    with scene.reading() as uow:
        case = cases.show(uow, actor(V1), scene.case)
        edition = editions.history(uow, actor(V1), case)[-1]
        place = edition.number, scene.hospital
        sheet, opener = corroboration.sheet_of(scene.vault, uow, actor(V1), case, place)
        leaves = list(opener.leaves(scene.hospital, sheet, HEARD))
    line = {**dict(zip(("subject", "value", "column"), HEARD, strict=True)), "number": len(leaves)}
    hashed = commitments.line_digest(commitments.leaf_hash(leaf) for leaf in leaves if leaf is not None)
    lines = [{**line, "exactly": True, "within": None, "leaves": hashed}]
    document = document_of(lines, proofs.root_of(edition))
    roster = scene.roster()
    policy = {**document["policy"], "reviewers": 1}
    return {
        **document,
        **{"vault": roster.vault, "incident": scene.hospital, "roster": roster.version, "policy": policy},
    }


def signed(document: dict[str, Any], *by: Person) -> dict[str, Any]:
    return dict(signed_by(document, by or (C1, V1, V2)))


def opened(scene: Scene, statement: dict[str, Any], line: int = 0, by: Person = V1) -> Opened:
    with scene.writing() as uow:
        return court.open_line(scene.vault, uow, actor(by), (scene.case, statement, line), DAY)


@pytest.fixture
def two(after: After) -> Scene:
    """Two reviewers who may count; three groups heard aircraft."""
    return after(counted_by_two)[0]


def test_the_openings_of_a_line_stand_under_the_root_that_was_signed(two: Scene) -> None:
    document = said(two)
    found = opened(two, signed(document))
    assert (found.commitments, found.openable) == (3, 3)
    assert found.document is not None
    for leaf, place in zip(found.document["leaves"], found.document["paths"], strict=True):
        path = [unb64(one) for one in place["path"]]
        root = merkle.climb(commitments.leaf_hash(leaf), (place["index"], place["size"]), path)
        assert root == unb64(document["root"])
        assert (leaf["incident"], leaf["subject"], leaf["column"]) == (two.hospital, *HEARD[::2])


def test_a_withdrawn_record_leaves_nothing_to_open_and_is_told_by_number_alone(two: Scene) -> None:
    statement = signed(said(two))
    with two.writing() as uow:
        case = cases.show(uow, actor(V1), two.case)
        sheet, _ = corroboration.sheet_of(two.vault, uow, actor(V1), case, (1, two.hospital))
        (record, *_) = sheet.witnesses[min(sheet.figure(HEARD).witnesses)].records
        shredding.shred(uow, unb64(record))
    found = opened(two, statement)
    assert (found.commitments, found.openable, found.document) == (3, 2, None)


def test_what_was_never_said_outside_is_not_opened(two: Scene) -> None:
    document = said(two)
    for by in ((V1,), (V1, C1), (V1, V2)):
        with pytest.raises(Tampered):
            opened(two, signed(document, *by))


@pytest.mark.parametrize("line", [-1, 1])
def test_there_is_nothing_behind_a_line_that_there_is_not(two: Scene, line: int) -> None:
    with pytest.raises(Invalid):
        opened(two, signed(said(two)), line)


def test_a_statement_of_other_figures_is_not_opened(two: Scene) -> None:
    document = said(two)
    with pytest.raises(NotFound):
        opened(two, signed({**document, "root": document["lines"][0]["leaves"]}))
    other = {**document["lines"][0], "leaves": document["root"]}
    with pytest.raises(Tampered):
        opened(two, signed({**document, "lines": [other]}))


def test_only_a_reviewer_who_may_count_opens_a_line(two: Scene) -> None:
    with pytest.raises(Refused):
        opened(two, signed(said(two)), by=R1)
