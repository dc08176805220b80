"""What may be said of evidence in public: proposed by one reviewer, upheld by another, and allowed today.

Material that a witness gave is shown only while that witness allows it. What they allow is read as it stands now, at
each step and each use; the answer is "not now", and never says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import audit, chains, corroboration, evidence, keyrings, register
from vault.chains import Chain, Chains
from vault.errors import N_, Refused, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules import accounts
from vault.rules import items as rule
from vault.rules.access import Permission, require
from vault.rules.assessments import Decision
from vault.rules.consent import Consent, IdentityForm, Recipient, permits_export
from vault.rules.items import Act
from vault.rules.register import CUT, is_whole
from vault.rules.releases import Release, Released
from vault.store.unit_of_work import UnitOfWork

NOT_NOW = N_("This cannot be said of it now. Say less of it, leave it out, or ask again later.")


@dataclass(frozen=True)
class Gate:
    """What the witnesses of a case who gave evidence allow of it on a day."""

    chains: Chains
    today: date

    @classmethod
    def of(cls, vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> Gate:
        """Raises NotFound, Refused without the evidence key."""
        return cls(chains.of(vault, uow, actor, case), today)

    def standing(self, chain: Chain) -> tuple[Released, ...]:
        """The releases of an item that stand and are allowed today.

        Raises Refused where a witness gave it and the actor does not hold the corroboration key.
        """
        return tuple(one for one in chain.item.releases if self.allows(chain, one.release))

    def allows(self, chain: Chain, release: Release) -> bool:
        """Whether whoever gave an item allows this to be said of it in public; what nobody gave, nobody forbids.

        Raises Tampered where the end of the item's chain is gone that the list has read: a recall may have stood there.
        """
        if not is_whole(self._heads.get(chain.id, ""), chain.item):
            raise Tampered(CUT)
        try:
            tag = evidence.opened_tag(self.chains.uow, self.chains.actor, self.chains.case.file, chain)
        except Tampered:  # whoever handed it in wrote nothing that can be asked
            return False
        if tag is None:
            return True
        consent = self._allowed.get(tag)
        return consent is not None and all(
            permits_export(consent, use, Recipient.PUBLIC, IdentityForm.NONE, self.today)
            for use in release.uses
        )

    def require(self, chain: Chain, release: Release) -> None:
        """Raises Refused, "not now", unless it is allowed."""
        if not self.allows(chain, release):
            raise Refused(NOT_NOW)

    @cached_property
    def _heads(self) -> Mapping[str, str]:
        return register.heads(self.chains)

    @cached_property
    def _allowed(self) -> Mapping[str, Consent]:
        found = self.chains
        keys = [
            key for _, key in keyrings.case_keys(found.uow, found.actor, found.case.file, "corroboration")
        ]
        gathered = corroboration.gather(found.uow, found.actor, found.case, keys, found.known)
        return accounts.allowed(gathered.folded.index.packed.deposits())


def propose(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, str, Mapping[str, Any]], today: date
) -> str:
    """Propose what may be said of an item of a case, or of an opinion on it; by what the release is called.

    Raises Invalid, Conflict, Refused "not now", NotFound, Tampered.
    """
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case, item, raw = what
    gate = Gate.of(vault, uow, actor, case, today)
    chain, release = gate.chains.read(item), Release.from_json(raw)
    gate.require(chain, release)
    name = gate.chains.append(chain, release, Act.RELEASE, today)
    audit.record(uow, actor.code, "release proposed", {"case": case}, today)
    return name


def decide(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, str, Mapping[str, Any]], today: date
) -> None:
    """Uphold or reject what another proposed. Raises Invalid, Conflict; to uphold it, Refused "not now"."""
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case, item, raw = what
    gate = Gate.of(vault, uow, actor, case, today)
    chain = gate.chains.read(item)
    decision = rule.from_json(Act.DECISION, raw, gate.chains.vocabulary(chain))
    if isinstance(decision, Decision) and decision.upheld and decision.motion in chain.item.released:
        gate.require(chain, chain.item.released[decision.motion].release)
    gate.chains.append(chain, decision, Act.DECISION, today)
    audit.record(uow, actor.code, "release decided", {"case": case}, today)


def standing(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> tuple[Released, ...]:
    """The releases of an item of a case that stand and are allowed today; of several items ask one `Gate`."""
    case, item = place
    gate = Gate.of(vault, uow, actor, case, today)
    return gate.standing(gate.chains.read(item))
