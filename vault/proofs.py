"""What an edition's figures are proved with: a tree of commitments, and who can open them (docs/FORMATS.md §15).

Nothing of a commitment is kept but its hash. Whoever holds the corroboration key reads in the basis who stands where,
and computes the salts again from the shred keys of the records: with one of these destroyed there is nothing to open.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vault import editions
from vault.editions import Edition
from vault.errors import N_, NotFound, Tampered
from vault.rules.sheets import Cell, Sheet
from vault.rules.vocabulary import Vocabulary, value_to_json
from vault.sealing import boxes, commitments, merkle
from vault.sealing.casefiles import CaseFile
from vault.sealing.commitments import Group
from vault.sealing.digests import Document, Json, b64, unb64
from vault.sealing.keypairs import SealingKey
from vault.shredding import layers
from vault.store.published import TreeRow
from vault.store.unit_of_work import UnitOfWork

_OLDER = N_(
    "This edition was cut before its figures could be proved: the next one that counts the incident anew can be."
)


@dataclass(frozen=True)
class Opener:
    """Opens the commitments of an edition to an incident, as far as the shred keys behind them stand."""

    file: CaseFile
    edition: int
    nonce: bytes = field(repr=False)
    keys: Mapping[bytes, bytes] = field(repr=False)

    @classmethod
    def of(
        cls, uow: UnitOfWork, place: tuple[CaseFile, int], nonce: bytes, sheets: Iterable[Sheet]
    ) -> Opener:
        """For the records behind these sheets of a case's edition."""
        behind = {unb64(record) for sheet in sheets for one in sheet.witnesses for record in one.records}
        found = layers(uow, behind)
        return cls(*place, nonce, {record: layer.key for record, layer in found.items()})

    def leaves(self, incident: str, sheet: Sheet, cell: Cell) -> Iterator[dict[str, Json] | None]:
        """The leaf of each group of a cell, in the sheet's order; None for one that nobody can open any more."""
        about = Group(incident, cell.subject, value_to_json(cell.value), cell.column)
        salt = commitments.salts(self.nonce, (self.file.id, self.edition), about)
        for group in sheet.figure(cell).groups:
            records = sorted(unb64(record) for one in group for record in sheet.witnesses[one].records)
            if not self.keys.keys() >= set(records):
                yield None
                continue
            keys = [self.keys[record] for record in records]
            yield commitments.leaf(self.file.vault, about, salt(keys))


@dataclass(frozen=True)
class Committed:
    """What was committed to: what the edition says of it, and what its basis keeps so that it can be opened."""

    proof: dict[str, Any]
    basis: dict[str, Any] = field(repr=False)


def commit(uow: UnitOfWork, file: CaseFile, edition: int, sheets: Mapping[str, Sheet]) -> Committed:
    """Commit to every group of the sheets that an edition of a case is counted from."""
    nonce = secrets.token_bytes(commitments.NONCE_SIZE)
    opener = Opener.of(uow, (file, edition), nonce, sheets.values())
    opened = (
        leaf
        for incident, sheet in sheets.items()
        for cell in sheet.figures
        for leaf in opener.leaves(incident, sheet, cell)
    )
    tree = commitments.edition_tree(commitments.leaf_hash(leaf) for leaf in opened if leaf is not None)
    root = merkle.root(tree)
    # In the clear, three of 4,096 could be found by trying: a line's digest would tell how many "at least 3" are.
    where = ("tree", editions.about(file, edition))
    leaves = boxes.seal(file.keys["corroboration"], where, b"".join(tree))
    uow.testimony.add(TreeRow(case=unb64(file.id), edition=edition, root=root, leaves=leaves))
    behind = {incident: sheet.to_json() for incident, sheet in sheets.items()}
    return Committed({"size": len(tree), "root": b64(root)}, {"proof_nonce": b64(nonce), "sheets": behind})


def root_of(edition: Edition) -> bytes:
    """The root of the tree of what an edition counts. Raises NotFound for an edition of an earlier version."""
    if "proof" not in edition.document:
        raise NotFound(_OLDER)
    return unb64(edition.document["proof"]["root"])


def tree_of(
    uow: UnitOfWork, file: CaseFile, edition: Edition, keys: Sequence[SealingKey]
) -> tuple[bytes, ...]:
    """The leaf hashes of an edition. Raises NotFound, and Tampered when they are not those under the signed root."""
    root, row = root_of(edition), uow.testimony.get(TreeRow, (unb64(file.id), edition.number))
    where = ("tree", editions.about(file, edition.number))
    leaves = b"" if row is None else boxes.unseal_with(keys, where, row.leaves)
    tree = tuple(leaves[at : at + merkle.HASH_SIZE] for at in range(0, len(leaves), merkle.HASH_SIZE))
    if merkle.root(tree) != root:
        raise Tampered("The commitments of an edition are not those that were signed.")
    return tree


def figures_of(known: Sequence[Edition], edition: int, incident: str) -> Edition:
    """Of a case's editions, the one in which an edition's figures of an incident were counted. Raises NotFound."""
    if not 1 <= edition <= len(known):
        raise NotFound("There is no such edition.")
    entry = known[edition - 1].incident(incident)
    if entry["claims"] is None:
        raise NotFound("This edition has no figures of the incident.")
    number: int = entry["figures"]
    return known[number - 1]


def sheet_in(
    uow: UnitOfWork,
    file: CaseFile,
    edition: Edition,
    keys: Sequence[SealingKey],
    about: tuple[str, Vocabulary],
) -> tuple[Sheet, Opener]:
    """Who stands where behind the figures that an edition counted of an incident, and what opens its commitments.

    Raises NotFound for an edition of an earlier version, Tampered.
    """
    root_of(edition)
    basis: Document = editions.basis_of(uow, file, edition, keys)
    sheet = Sheet.from_json(basis["sheets"][about[0]], about[1])
    return sheet, Opener.of(uow, (file, edition.number), unb64(basis["proof_nonce"]), [sheet])
