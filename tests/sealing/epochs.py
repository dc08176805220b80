"""The second epoch of the cast: C5 has left, C6 has come, everybody has a new sealing key."""

from __future__ import annotations

from tests.cast import C1, C2, C3, C4, CHAIN, EXPIRES, ISSUED, ROSTER, Person, cards, seed, signed_by
from vault.sealing.keypairs import MemberSecret, SealingKey
from vault.sealing.roster_drafts import with_custodians
from vault.sealing.rosters import verify_chain


class Anew(Person):
    """The same custodian with the sealing key of the next epoch."""

    @property
    def secret(self) -> MemberSecret:
        return MemberSecret(SealingKey(seed(f"{self.code} sealing anew")), Person(self.code).secret.signing)


def anew(person: Person) -> Anew:
    return Anew(person.code)


NEXT = tuple(anew(person) for person in (C1, C2, C3, C4, Person("C6")))
_DOCUMENT = with_custodians(ROSTER, cards(NEXT), 3, (ISSUED, EXPIRES))
NEXT_CHAIN = verify_chain([*CHAIN, signed_by(_DOCUMENT, (C1, C2, C3, C4))])
NEW = NEXT_CHAIN[-1]
