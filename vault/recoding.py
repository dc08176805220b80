"""Coding a testimony a second time: by a reader who has not seen the first coding (docs/FORMATS.md §5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from vault import cases, receipts, testimonies
from vault import roster as rosters
from vault.errors import N_, Conflict, Invalid, Refused
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.receipts import Bound, Receipt
from vault.rules.access import Permission, require
from vault.rules.codings import SecondCoding
from vault.rules.drafts import Kind
from vault.sealing import deposits
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import Root
from vault.sealing.digests import witness_tag
from vault.sealing.words import check_pseudonym
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import Testimony

_TOO_OFTEN = N_("This testimony was coded again so often that no further coding fits.")


def begin(uow: UnitOfWork, actor: Actor, case: str, record: str, today: date) -> Testimony:
    """The testimony that is about to be coded again: read, and audited, as any.

    Raises Refused where it is the actor's own, Invalid where there is nothing to code.
    """
    coded = testimonies.show(uow, actor, case, record, today)
    _require_open(actor, coded)
    return coded


def _require_open(actor: Actor, coded: Testimony) -> None:
    """Raises Refused or Invalid unless this actor may code this testimony a second time."""
    if coded.half.statement["depositor"] == actor.code:
        raise Refused("You deposited this testimony yourself: if its coding is wrong, log a correction.")
    if coded.superseded:
        raise Invalid("A later deposit corrects this testimony: code that one.")
    if coded.half.statement["kind"] == Kind.CONSENT:
        raise Invalid("A change of consent says nothing of what happened: there is nothing to code.")


def is_open(actor: Actor, coded: Testimony) -> bool:
    """Whether this actor may code this testimony a second time."""
    try:
        _require_open(actor, coded)
    except (Refused, Invalid):
        return False
    return True


def deposit(vault: Installation, actor: Actor, case: str, raw: Mapping[str, Any]) -> Receipt:
    """Seal a second coding into the vault. A second, identical attempt gives the same receipt and changes nothing.

    It is withdrawn with the testimony that it codes, and in no other way. Raises Invalid, Refused, NotFound; then
    nothing is kept. There is no audit entry, as for interviews.
    """
    with vault.store.work() as uow:
        # (1) may this actor, who must be a reader, and is there what they coded
        found, coding, coded = _read(vault, uow, actor, case, raw)
        # (2) bind the two halves; a second, identical attempt ends here with the same receipt
        version = rosters.current(uow).version
        bound, is_kept = _placed(uow, found.id, _bounds(found.file, version, actor.code, coding, coded))
        if not is_kept:
            # (3) does the coding fit its testimony; (4) the halves, signed and sealed, into slots
            _check_fit(actor, coding, coded)
            receipts.fill(uow, found.file, bound, actor.keys.signing, {})
            uow.commit()
    return bound.receipt(coded.half.body["pseudonym"])


def check(vault: Installation, actor: Actor, case: str, raw: Mapping[str, Any]) -> SecondCoding:
    """The coding, if `deposit` would take it. Raises what that would raise; changes nothing."""
    with vault.store.read() as uow:
        _, coding, coded = _read(vault, uow, actor, case, raw)
    _check_fit(actor, coding, coded)
    return coding


def _read(
    vault: Installation, uow: UnitOfWork, actor: Actor, case: str, raw: Mapping[str, Any]
) -> tuple[cases.Case, SecondCoding, Testimony]:
    require(actor.role, Permission.READ_TESTIMONY)
    found = cases.show(uow, actor, case)
    coding = SecondCoding.parse(raw, vocabularies(vault, found))
    coded = testimonies.by_receipt(uow, actor, case, coding.codes)
    if coded.root is None:
        _require_open(actor, coded)
        raise Refused("This testimony came with an earlier version: a coding could not be withdrawn with it.")
    return found, coding, coded


def _check_fit(actor: Actor, coding: SecondCoding, coded: Testimony) -> None:
    _require_open(actor, coded)
    own = {one.digest for one in coded.again if one.coder == actor.code}
    if coding.supersedes is not None and coding.supersedes not in own:
        raise Invalid(
            "A second coding replaces one of your own codings of this testimony that still stands.",
            "supersedes",
        )
    if coded.half.body["pseudonym"] in {origin for said in coding.observations for origin in said.origins}:
        raise Invalid("The origin of what a witness learnt from others is another witness, or null.")


def _placed(uow: UnitOfWork, case: str, bounds: Iterable[Bound]) -> tuple[Bound, bool]:
    """The coding on the branch where it lies, or else on the first free one; and whether it lies there."""
    for bound in bounds:
        with suppress(Conflict):  # another coding lies there
            return bound, receipts.is_kept(uow, case, bound, _TOO_OFTEN)
    raise Refused(_TOO_OFTEN)


def _bounds(
    file: CaseFile, roster: int, coder: str, coding: SecondCoding, coded: Testimony
) -> Iterator[Bound]:
    """The coding on each branch of the testimony that it codes: whatever withdraws that reaches all of them."""
    if (trunk := coded.root) is not None:
        for number in range(deposits.MOST_CODINGS):
            yield _bound(file, roster, coder, trunk.again(number), coding)


def _bound(file: CaseFile, roster: int, coder: str, root: Root, coding: SecondCoding) -> Bound:
    facts = {
        "vault": file.vault,
        "case": file.id,
        "roster": roster,
        "depositor": coder,
        "kind": deposits.SECOND_CODING,
        "supersedes": coding.supersedes,
        "codes": coding.codes,
    }
    incidents, said = list(coding.incidents), [one.to_json() for one in coding.said]
    testimony = {
        "format": "witness-vault/v1/testimony",
        "nonce": root.nonce("testimony"),
        "incidents": incidents,
        "note": coding.note,
        **({"said": said} if any(any(one.values()) for one in said) else {}),
    }

    def tag(pseudonym: str) -> str:
        return witness_tag(file.id, check_pseudonym(pseudonym))

    observations = {
        "format": "witness-vault/v1/observations",
        "nonce": root.nonce("observations"),
        "incidents": incidents,
        "observations": [observation.naming(tag).to_json() for observation in coding.observations],
    }
    return Bound.of(root, facts, testimony, observations)
