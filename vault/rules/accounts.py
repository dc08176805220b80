"""From deposits to accounts: what of all that was handed in stands, and for whom.

A correction replaces the deposit whose receipt digest it names; of a chain of corrections the last one
stands. Two corrections of the same deposit both stand until one of them is corrected: nothing here knows
which came later, and the witness counts once all the same. A deposit that comes twice is set aside as
repeated; a correction that names an unknown deposit, or one of another witness, is set aside as
misdirected, and what it meant to replace stands.

Whoever does not allow corroboration has no account. Their interviews still tie those together who sat in
them: leaving that out would count dependent persons as independent.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vault.rules.consent import Consent, Use, permits
from vault.rules.independence import Account
from vault.rules.observations import Observation


@dataclass(frozen=True)
class Deposited:
    """The observations half of one deposit, unsealed, its signature already checked."""

    digest: str
    supersedes: str | None
    witness: str
    consent: Consent
    together_with: tuple[str, ...]
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class Resolved:
    """The accounts of each incident; who named whom as interviewed together; how many were set aside."""

    accounts: Mapping[str, tuple[Account, ...]]
    links: frozenset[tuple[str, str]]
    repeated: int
    misdirected: int

    def persons(self, incident: str) -> dict[str, dict[str, object]]:
        """For each witness on an incident, all that their own deposits add to its figures, in a canonical
        form.

        Its hash tells whether the person changed. Being named by somebody else does not change a person:
        else one new interview could pass for several changed persons.
        """
        return {
            account.witness: {
                "observations": [said.to_json() for said in account.observations],
                "together_with": sorted(other for one, other in self.links if one == account.witness),
            }
            for account in self.accounts.get(incident, ())
        }


def resolve(deposits: Iterable[Deposited]) -> Resolved:
    """The accounts that stand. The order of the deposits does not matter."""
    handed_in = list(deposits)
    by_digest = {deposit.digest: deposit for deposit in handed_in}
    sound = [deposit for deposit in by_digest.values() if not _misdirected(deposit, by_digest)]
    replaced = {deposit.supersedes for deposit in sound}
    standing = [deposit for deposit in sound if deposit.digest not in replaced]
    return Resolved(
        accounts=_accounts(standing),
        links=frozenset((one.witness, other) for one in standing for other in one.together_with),
        repeated=len(handed_in) - len(by_digest),
        misdirected=len(by_digest) - len(sound),
    )


def _misdirected(deposit: Deposited, by_digest: Mapping[str, Deposited]) -> bool:
    if deposit.supersedes is None:
        return False
    replaced = by_digest.get(deposit.supersedes)
    return replaced is None or replaced.witness != deposit.witness


def _accounts(standing: Iterable[Deposited]) -> dict[str, tuple[Account, ...]]:
    said: dict[str, dict[str, set[Observation]]] = defaultdict(lambda: defaultdict(set))
    for deposit in standing:
        if permits(deposit.consent, Use.CORROBORATION):
            for observation in deposit.observations:
                said[observation.incident][deposit.witness].add(observation)
    return {
        incident: tuple(
            Account(witness, tuple(sorted(said_by[witness], key=_canonical))) for witness in sorted(said_by)
        )
        for incident, said_by in said.items()
    }


def _canonical(observation: Observation) -> str:
    return json.dumps(observation.to_json(), sort_keys=True)
