"""Proof at the cut: sheets without names, commitments that open for nobody without every shred key behind them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.cast import R1, R2, V1, V2
from tests.readers import cut, direct, row, shred
from tests.stage import Scene, actor
from vault import cases, corroboration, editions, keyrings, proofs, shredding
from vault.editions import Edition
from vault.errors import NotFound, Refused, Tampered
from vault.proofs import Opener
from vault.receipts import Receipt
from vault.rules.sheets import Cell, Sheet
from vault.sealing import commitments
from vault.sealing.deposits import half_hash
from vault.sealing.digests import b64, unb64
from vault.store.published import TreeRow
from vault.store.testimony import EditionRow

HEARD = Cell("aircraft.present", "yes", "direct")


def _heard(scene: Scene, times: int = 3, **changes: Any) -> list[Receipt]:
    return [scene.deposit(R1, scene.said("heard"), **changes) for _ in range(times)]


def _sheet(scene: Scene, edition: int, incident: str = "") -> tuple[Sheet, Opener]:
    with scene.reading() as uow:
        case = cases.show(uow, actor(V1), scene.case)
        place = edition, incident or scene.hospital
        return corroboration.sheet_of(scene.vault, uow, actor(V1), case, place)


def _tree(scene: Scene, edition: Edition) -> tuple[bytes, ...]:
    with scene.reading() as uow:
        file = cases.find(uow, scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V1), file, "corroboration")]
        return proofs.tree_of(uow, file, edition, keys)


def _opened(scene: Scene, edition: int) -> list[dict[str, Any] | None]:
    sheet, opener = _sheet(scene, edition)
    return list(opener.leaves(scene.hospital, sheet, HEARD))


def test_a_sheet_has_the_figures_of_its_edition_and_no_names(scene: Scene) -> None:
    receipts = _heard(scene)
    scene.deposit(R2, scene.said("saw"), kind="follow-up", pseudonym=receipts[0].pseudonym)
    edition = cut(scene)
    sheet, _ = _sheet(scene, edition.number)
    assert len(sheet.figure(HEARD).groups) == direct(edition, scene.hospital) == 3
    assert len(sheet.figure(HEARD._replace(column="saw")).groups) == 1
    assert sorted(len(one.records) for one in sheet.witnesses) == [1, 1, 2]
    assert all("corroboration" in one.uses for one in sheet.witnesses)
    assert row(edition, scene.hospital)["saw"] == 1


def test_every_group_has_a_leaf_under_the_root_that_was_signed(scene: Scene) -> None:
    _heard(scene)
    edition = cut(scene)
    tree, opened = _tree(scene, edition), _opened(scene, edition.number)
    hashes = {commitments.leaf_hash(leaf) for leaf in opened if leaf is not None}
    assert len(hashes) == 3
    assert hashes <= set(tree)
    assert edition.document["proof"]["size"] == len(tree)


def test_a_tree_is_padded_and_sorted_so_that_it_says_nothing_of_how_many(scene: Scene) -> None:
    empty = cut(scene)
    _heard(scene)
    some = cut(scene, 30)
    for edition in (empty, some):
        tree = _tree(scene, edition)
        assert len(tree) == commitments.EDITION_SIZE
        assert list(tree) == sorted(set(tree))


def test_carried_figures_are_proved_by_the_edition_that_counted_them(scene: Scene) -> None:
    _heard(scene)
    first = cut(scene)
    _heard(scene, 1)
    second = cut(scene, 30)
    assert second.incident(scene.hospital)["status"] == "carried"
    (sheet, opener), (same, again) = _sheet(scene, 1), _sheet(scene, 2)
    assert (sheet, opener.edition) == (same, again.edition)
    assert proofs.root_of(first) != proofs.root_of(second)


def test_a_withdrawn_record_takes_its_opening_with_it_and_no_other(scene: Scene) -> None:
    receipts = _heard(scene)
    edition = cut(scene)
    before = _opened(scene, edition.number)
    shred(scene, receipts[1])
    after = _opened(scene, edition.number)
    assert [leaf for leaf in after if leaf is not None] == [leaf for leaf in after if leaf in before]
    assert (before.count(None), after.count(None)) == (0, 1)
    assert len(_tree(scene, edition)) == commitments.EDITION_SIZE  # the leaf stays, as noise


def test_whoever_holds_everything_but_the_shred_keys_confirms_no_leaf(scene: Scene) -> None:
    """The basis, the corroboration key and the databases are seized; of the shreds, nothing."""
    _heard(scene)
    edition = cut(scene)
    sheet, opener = _sheet(scene, edition.number)
    with scene.writing() as uow:
        for one in sheet.witnesses:
            for record in one.records:
                shredding.shred(uow, unb64(record))
    seized = _opened(scene, edition.number)
    assert seized == [None, None, None]
    about = commitments.Group(scene.hospital, *HEARD)
    guesses = [[unb64(one.records[0])] for one in sheet.witnesses] + [[bytes(32)], [opener.nonce]]
    salt = commitments.salts(opener.nonce, (scene.case, edition.number), about)
    vault = edition.document["vault"]
    leaves = {commitments.leaf_hash(commitments.leaf(vault, about, salt(guess))) for guess in guesses}
    assert leaves.isdisjoint(_tree(scene, edition))


def test_a_tree_at_rest_shows_no_leaf_by_which_a_lines_digest_could_be_found(scene: Scene) -> None:
    """Whoever has the disk and a statement that says "at least 3" would try all threes of a tree, then all fours."""
    _heard(scene)
    edition = cut(scene)
    with scene.reading() as uow:
        at_rest = uow.testimony.scalars(select(TreeRow.leaves)).one()
    assert not [leaf for leaf in _tree(scene, edition) if leaf in at_rest]


def test_a_changed_tree_is_not_the_one_that_was_signed(scene: Scene) -> None:
    edition = cut(scene)
    with scene.writing() as uow:
        leaves = bytearray(uow.testimony.scalars(select(TreeRow.leaves)).one())
        leaves[7] ^= 1
        uow.testimony.execute(update(TreeRow).values(leaves=bytes(leaves)))
    with pytest.raises(Tampered):
        _tree(scene, edition)


def test_where_there_are_no_figures_there_is_no_sheet(scene: Scene) -> None:
    _heard(scene, 2)
    cut(scene)
    for edition in (1, 2):
        with pytest.raises(NotFound):
            _sheet(scene, edition)


def test_only_whoever_holds_the_corroboration_key_reads_a_sheet(scene: Scene) -> None:
    _heard(scene)
    cut(scene)
    with scene.reading() as uow:
        case = cases.show(uow, actor(V2), scene.case)
        with pytest.raises(Refused):
            corroboration.sheet_of(scene.vault, uow, actor(V2), case, (1, scene.hospital))


def test_an_edition_of_an_earlier_version_is_still_read_and_cannot_be_proved(scene: Scene) -> None:
    _heard(scene)
    edition = cut(scene)
    older = {name: value for name, value in edition.document.items() if name != "proof"}
    with scene.writing() as uow:
        file = cases.find(uow, scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V1), file, "corroboration")]
        behind = editions.basis_of(uow, file, edition, keys)
        behind = {name: value for name, value in behind.items() if name not in ("proof_nonce", "sheets")}
        older["basis"] = half_hash(behind)
        uow.testimony.delete(uow.testimony.get_one(EditionRow, (unb64(file.id), 1)))
        uow.testimony.flush()
        editions.keep(uow, actor(V1), file, older, behind)
    with pytest.raises(NotFound, match="before its figures could be proved"):
        _sheet(scene, 1)
    _heard(scene)
    assert direct(cut(scene, 30), scene.hospital) == 6
    assert _sheet(scene, 2)[1].edition == 2
    assert b64(proofs.root_of(cut(scene, 60)))
