"""The index of a case: what its deposits say in few bytes, so that a cut unseals only what is new.

It is a cache. It holds what verified deposits say and which records they lie in, and is made again from the deposits
whenever it does not open, says anything of a record that is no longer there, or was made by other rules. Whoever puts
an older one in its place gains nothing: what it lacks is folded in again. Second codings are no part of it: they are
few, and each cut unseals them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from sqlalchemy import delete, func, insert, select

from vault import keyrings, shredding, testimonies
from vault.errors import Invalid, Tampered
from vault.keyrings import Actor
from vault.rules.accounts import Deposited
from vault.rules.codings import Recoding
from vault.rules.packed import Packed
from vault.rules.packing import from_bytes, merged, pack, to_bytes
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile, KeyVersion
from vault.sealing.deposits import ID_SIZE, Half, Unsealing
from vault.sealing.digests import Json, b64, digest, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.segments import Shelf, seal, unseal
from vault.shredding import layers
from vault.store.testimony import SegmentRow, SlotRow
from vault.store.unit_of_work import Store, UnitOfWork

_HALF = "observations"
_TOGETHER = 1_000  # records read at once: 16 MB
_AT_A_TIME = 200  # while others wait to write: some tenths of a second
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
    index, renew, fresh = _begun(uow, file, keys, known)
    folding = _Folding(known, read, testimonies.verifier(uow, file, _HALF))
    unsealing = Unsealing([(testimonies.place(file, name), key) for name, key in keys])
    for some in _parts(fresh, _TOGETHER):
        folding.take(_opened(uow, file, some, unsealing))
    folding.take(unsealing.rest())
    unsound = folding.unsound + unsealing.unsound
    return Folded(folding.onto(index), unsound, renew, tuple(folding.recodings))


def ahead(store: Store, actor: Actor, file: CaseFile, known: _Known, read: Read) -> Iterator[tuple[int, int]]:
    """Fold in what is new before a cut, in short readings that keep nobody waiting, and write the index.

    Yields of how many records how many are read. Raises Refused without every version of the corroboration key.
    """
    with store.read() as uow:
        keys = keyrings.case_keys(uow, actor, file, "corroboration")
        index, _, fresh = _begun(uow, file, keys, known)
        folding = _Folding(known, read, testimonies.verifier(uow, file, _HALF))
    unsealing = Unsealing([(testimonies.place(file, name), key) for name, key in keys])
    for number, some in enumerate(_parts(fresh, _AT_A_TIME)):
        yield number * _AT_A_TIME, len(fresh)
        with store.read() as uow:
            opened = list(_opened(uow, file, some, unsealing))
        folding.take(opened)
    folding.take(unsealing.rest())
    index = folding.onto(index)
    with store.work("testimony", "shreds") as uow:
        _, renew, still_fresh = _begun(uow, file, keys, known)
        # Of no use where something that it holds was taken back meanwhile, or somebody else was faster.
        if index.records <= _records(uow, file) and index.records & set(still_fresh):
            keep(uow, file, [key for _, key in keys], Folded(index, 0, renew))
            uow.commit()


def size(uow: UnitOfWork, file: CaseFile) -> int:
    """How many records a cut of this case reads or has read."""
    of_case = (SlotRow.case == unb64(file.id), SlotRow.half == _HALF, SlotRow.taken.is_(True))
    return uow.testimony.scalar(select(func.count()).select_from(SlotRow).where(*of_case)) or 0


def keep(uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey], folded: Folded) -> None:
    """Write the whole index anew; under a new key, if anything that it once held is gone, so that no copy opens."""
    case, shred = unb64(file.id), _shred(file)
    if folded.renew:
        shredding.destroy(uow, shred)
    shelf = _shelf(file, shredding.claim(uow, [shred])[0], keys[0])
    uow.testimony.execute(delete(SegmentRow).where(SegmentRow.case == case))
    generation, segments = seal(shelf, folded.index.to_bytes())
    for number, segment in enumerate(segments):
        row = {"case": case, "number": number, "generation": generation, "content": segment}
        uow.testimony.execute(insert(SegmentRow), row)


def _stored(uow: UnitOfWork, file: CaseFile, keys: Keys) -> Index | None:
    """The index as it lies, or None where there is none that opens."""
    shred = shredding.find(uow, _shred(file))
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


def record(case: bytes) -> bytes:
    """By which record's name a case's index lies among the shreds."""
    return digest("index", case)[:ID_SIZE]


def _shred(file: CaseFile) -> bytes:
    return digest("shred", record(unb64(file.id)))


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
    uow: UnitOfWork, file: CaseFile, some: Sequence[bytes], unsealing: Unsealing
) -> Iterator[tuple[list[bytes], object]]:
    """What each half that lies in one of these records says, with its record; others wait in `unsealing`."""
    under = layers(uow, some)
    of_case = (SlotRow.case == unb64(file.id), SlotRow.half == _HALF)
    rows = select(SlotRow.record, SlotRow.content).where(*of_case, SlotRow.record.in_(some))
    for record, content in uow.testimony.execute(rows):
        try:
            opened = unsealing.take(record, under[record].unlock(content))
        except (KeyError, Tampered):  # a key that was destroyed a moment ago, or damage
            unsealing.unsound += 1
            continue
        if opened is not None:
            yield [record], opened


def _parts(records: Sequence[bytes], many: int) -> Iterator[Sequence[bytes]]:
    return (records[start : start + many] for start in range(0, len(records), many))


def _begun(uow: UnitOfWork, file: CaseFile, keys: Keys, known: _Known) -> tuple[Index, bool, Sequence[bytes]]:
    """The index to fold into, whether it must be written under a new key, and the records that it lacks."""
    there = _records(uow, file)
    found, empty = _stored(uow, file, keys), Index(pack((), known))
    renew = found is not None and not (found.records <= there and _fits(found.packed, known))
    index = empty if found is None or renew else found
    return index, renew, sorted(there - index.records)


class _Folding:
    """What verified halves say, gathered until it is put onto an index."""

    def __init__(self, known: _Known, read: Read, verify: Callable[[Json], Half]) -> None:
        self._known, self._read, self._verify = known, read, verify
        self._batch, self._packs = list[Deposited](), list[Packed]()
        self._records, self._halves = set[bytes](), 0
        self.recodings, self.unsound = list[Recoding](), 0

    def take(self, halves: Iterable[tuple[list[bytes], object]]) -> None:
        """Take in halves, each with the records that it lies in."""
        for records, opened in halves:
            try:
                said = self._read(self._verify(opened))
            except (Tampered, Invalid):
                self.unsound += 1
                continue
            if isinstance(said, Recoding):
                self.recodings.append(said)
                continue
            self._batch.append(replace(said, record=b64(records[0])))
            self._records.update(records)
            self._halves += 1
            if len(self._batch) == _TOGETHER:
                self._packs.append(pack(self._batch, self._known))
                self._batch.clear()

    def onto(self, index: Index) -> Index:
        """An index with all that was taken in."""
        packs = [*self._packs, pack(self._batch, self._known)]
        return index.with_more(packs, self._records, self._halves)
