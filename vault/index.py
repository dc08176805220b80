"""The index of a case: what its deposits say in few bytes, so that a cut unseals only what is new.

It is a cache. It holds what verified deposits say and which records they lie in, and is made again from the deposits
whenever it does not open, says anything of a record that is no longer there, or was made by other rules. Whoever puts
an older one in its place gains nothing: what it lacks is folded in again. Second codings are no part of it: they are
few, and each cut unseals them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from sqlalchemy import delete, insert, select

from vault import keyrings, testimonies
from vault.errors import Invalid, Tampered
from vault.keyrings import Actor
from vault.rules.accounts import Deposited
from vault.rules.codings import Recoding
from vault.rules.packed import Packed
from vault.rules.packing import from_bytes, merged, pack, to_bytes
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile, KeyVersion
from vault.sealing.deposits import ID_SIZE, Half, Unsealing
from vault.sealing.digests import b64, digest, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.segments import Shelf, seal, unseal
from vault.shredding import layers
from vault.store.slots import claim_shred, destroy_shred, shred_key
from vault.store.testimony import SegmentRow, SlotRow
from vault.store.unit_of_work import UnitOfWork

_HALF = "observations"
_TOGETHER = 1_000  # records read at once: 16 MB
_HEAD = 16  # how many records, how many halves
# What the content of an index follows from. One made by other rules is of no use.
_DEFINITION = ("independence.py", "observations.py", "vocabulary.py", "packed.py", "packing.py")
Keys = Sequence[tuple[KeyVersion, SealingKey]]
Read = Callable[[Half], Deposited | Recoding]


@dataclass(frozen=True)
class Index:
    """Verified deposits, the records that they lie in, and how many halves these are, repeated ones among them."""

    packed: Packed
    records: frozenset[bytes] = frozenset()
    halves: int = 0

    @property
    def repeated(self) -> int:
        """How many halves repeat another one."""
        return self.halves - len(self.packed)

    def with_more(self, parts: Sequence[Packed], records: set[bytes], halves: int) -> Index:
        """With these folded in, which so many halves say."""
        more = merged([self.packed, *parts]) if halves else self.packed
        return Index(more, self.records | records, self.halves + halves)

    def to_bytes(self) -> bytes:
        """In one piece: records in ascending order, which is that of hashes."""
        counts = (len(self.records).to_bytes(8, "big"), self.halves.to_bytes(8, "big"))
        return b"".join((*counts, *sorted(self.records), to_bytes(self.packed)))

    @classmethod
    def from_bytes(cls, text: memoryview) -> Index:
        """What `to_bytes` was given."""
        end = _HEAD + ID_SIZE * int.from_bytes(text[:8], "big")
        records = frozenset(bytes(text[at : at + ID_SIZE]) for at in range(_HEAD, end, ID_SIZE))
        return cls(from_bytes(text[end:]), records, int.from_bytes(text[8:_HEAD], "big"))


@dataclass(frozen=True)
class Folded:
    """The index with everything that is there now; how many new frames and halves are not sound; whether it must be
    written under a new key, because something that it held is gone; and the second codings that are there."""

    index: Index
    unsound: int
    renew: bool
    recodings: tuple[Recoding, ...] = ()


_Known = Mapping[str, Vocabulary]


def fold(uow: UnitOfWork, actor: Actor, file: CaseFile, known: _Known, read: Read) -> Folded:
    """What the deposits of a case say, as `read` reads each verified half; only new ones are unsealed.

    Writes nothing. Raises Refused without every version of the corroboration key.
    """
    keys = keyrings.case_keys(uow, actor, file, "corroboration")
    there = _records(uow, file)
    found, empty = _stored(uow, file, keys), Index(pack((), known))
    renew = found is not None and not (found.records <= there and _fits(found.packed, known))
    index = empty if found is None or renew else found
    fresh = there - index.records
    unsealing = Unsealing([(testimonies.place(file, name), key) for name, key in keys])
    verify, unsound = testimonies.verifier(uow, file, _HALF), 0
    batch: list[Deposited] = []
    recodings: list[Recoding] = []
    folded, packs, halves = set[bytes](), list[Packed](), 0
    for records, opened in _opened(uow, file, fresh, unsealing):
        try:
            said = read(verify(opened))
        except (Tampered, Invalid):
            unsound += 1
            continue
        if isinstance(said, Recoding):
            recodings.append(said)
            continue
        batch.append(replace(said, record=b64(records[0])))
        folded.update(records)
        halves += 1
        if len(batch) == _TOGETHER:
            packs.append(pack(batch, known))
            batch.clear()
    index = index.with_more([*packs, pack(batch, known)], folded, halves)
    return Folded(index, unsound + unsealing.unsound, renew, tuple(recodings))


def keep(uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey], folded: Folded) -> None:
    """Write the whole index anew; under a new key, if anything that it once held is gone, so that no copy opens."""
    case, shred = unb64(file.id), _shred(file)
    if folded.renew:
        destroy_shred(uow.shreds, shred)
    shelf = _shelf(file, claim_shred(uow.shreds, shred), keys[0])
    uow.testimony.execute(delete(SegmentRow).where(SegmentRow.case == case))
    generation, segments = seal(shelf, folded.index.to_bytes())
    for number, segment in enumerate(segments):
        row = {"case": case, "number": number, "generation": generation, "content": segment}
        uow.testimony.execute(insert(SegmentRow), row)


def _stored(uow: UnitOfWork, file: CaseFile, keys: Keys) -> Index | None:
    """The index as it lies, or None where there is none that opens."""
    shred = shred_key(uow.shreds, _shred(file))
    of_case = select(SegmentRow).where(SegmentRow.case == unb64(file.id)).order_by(SegmentRow.number)
    rows = uow.testimony.scalars(of_case).all()
    if shred is None or not rows:
        return None
    try:
        segments = [row.content for row in rows]
        return Index.from_bytes(unseal(_shelf(file, shred, keys[0][1]), rows[0].generation, segments))
    except Tampered:
        return None


def _shelf(file: CaseFile, shred: bytes, newest: SealingKey) -> Shelf:
    return Shelf.of({"vault": file.vault, "case": file.id}, _definition(), shred, newest.seed)


def _shred(file: CaseFile) -> bytes:
    """Where the index's key lies among the shreds."""
    return digest("shred", digest("index", unb64(file.id))[:ID_SIZE])


@cache
def _definition() -> bytes:
    rules = files("vault.rules")
    return digest("definition", b"".join(rules.joinpath(name).read_bytes() for name in _DEFINITION))


def _fits(packed: Packed, known: _Known) -> bool:
    """Whether every cell is of an incident that there is, by the vocabulary that it has."""
    incidents, claims = packed.read("incidents"), packed.claims
    cells = packed.cells.tolist()
    return all(
        name in known and known[name].name == claims[cell & 0xFFFFFFFF][0]
        for name, cell in ((incidents[cell >> 32], cell) for cell in cells)
    )


def _records(uow: UnitOfWork, file: CaseFile) -> set[bytes]:
    """The records that are taken and whose keys were not destroyed."""
    of_case = (SlotRow.case == unb64(file.id), SlotRow.half == _HALF, SlotRow.taken.is_(True))
    return set(layers(uow, uow.testimony.scalars(select(SlotRow.record).where(*of_case))))


def _opened(
    uow: UnitOfWork, file: CaseFile, records: set[bytes], unsealing: Unsealing
) -> Iterator[tuple[list[bytes], object]]:
    """What each half among these records says, with the records that it lies in."""
    of_case = (SlotRow.case == unb64(file.id), SlotRow.half == _HALF)
    ordered = sorted(records)
    for start in range(0, len(ordered), _TOGETHER):
        some = ordered[start : start + _TOGETHER]
        under = layers(uow, some)
        rows = select(SlotRow.record, SlotRow.content).where(*of_case, SlotRow.record.in_(some))
        for record, content in uow.testimony.execute(rows):
            try:
                opened = unsealing.take(record, under[record].unlock(content))
            except Tampered:
                unsealing.unsound += 1
                continue
            if opened is not None:
                yield [record], opened
    yield from unsealing.rest()
