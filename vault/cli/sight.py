"""What a client looks up at the server and believes only as far as signatures go: cases, revocations."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from vault.client import Client
from vault.errors import Invalid, Tampered
from vault.rules import rotation
from vault.rules.rotation import Why
from vault.sealing import briefs, casefiles
from vault.sealing.casefiles import CaseFile, KeyVersion
from vault.sealing.digests import Json, unb64
from vault.sealing.grants import open_grant
from vault.sealing.keypairs import MemberSecret, SealingKey
from vault.sealing.revocations import Revocation, read_revocation, stands
from vault.sealing.rosters import Roster, at

_UNCLEAR = "The server does not show this case as a vault does. Tell the custodians."


@dataclass(frozen=True)
class Seen:
    """A case whose every version this device has verified, and whose keys were revoked since, by a signature."""

    file: CaseFile
    roster: Roster
    revoked: dict[str, Revocation]
    shown: dict[str, Any] = field(repr=False)

    def due(self, team: dict[str, tuple[str, ...]] | None = None) -> dict[str, dict[str, Why]]:
        """The keys to be rotated, for this team or as the case stands."""
        if team is None:
            return rotation.due(self.file.given(), self.file.team, self.revoked, self.roster.members)
        return rotation.due(self.file.given(), team, (), self.roster.members)

    def handed(self, member: str) -> set[KeyVersion]:
        """What the server says was handed to a member: good for asking less, for nothing else."""
        return {(one["key"], one["version"]) for one in self.shown["grants"] if one["member"] == member}

    def record(self, name: KeyVersion) -> str:
        """The id of a key's escrow record; that it is this key's, its fingerprint proves. Raises Tampered."""
        for one in self.shown["escrows"]:
            if (one["key"], one["version"]) == name:
                return str(one["record"])
        raise Tampered(_UNCLEAR)


@dataclass(frozen=True)
class Sight:
    """A signed-in client and the rosters by which it judges what it is shown."""

    client: Client
    rosters: Sequence[Roster]

    def case(self, name: str) -> Seen:
        """A case. Raises Tampered unless a quorum has signed each version, each following the one before."""
        shown = self.client.call("GET", f"/api/cases/{name}/access")
        try:
            file = casefiles.verify_chain(shown["versions"], at(self.rosters))
            if file.id != name:
                raise Tampered(_UNCLEAR)
            revoked = self._standing(shown["revocations"], file)
            return Seen(file, self.rosters[-1], revoked, shown)
        except (KeyError, TypeError, Invalid):
            raise Tampered(_UNCLEAR) from None

    def revoked(self) -> dict[str, Revocation]:
        """Whose keys were revoked everywhere."""
        try:
            return self._standing(self.client.call("GET", "/api/revocations")["revocations"], None)
        except (KeyError, TypeError):
            raise Tampered(_UNCLEAR) from None

    def keys(self, seen: Seen, code: str, secret: MemberSecret) -> dict[KeyVersion, SealingKey]:
        """A member's own keys of a case; a grant that does not hold its key is left out."""
        found: dict[KeyVersion, SealingKey] = {}
        for one in seen.shown["own"]:
            name = one["key"], one["version"]
            with suppress(Tampered, Invalid):
                found[name] = open_grant(seen.file, name, code, secret.sealing, unb64(one["sealed"]))
        return found

    def brief(self, seen: Seen, keys: dict[KeyVersion, SealingKey]) -> dict[str, Any]:
        """The newest brief, each version verified from the one before. Raises Tampered."""
        shown = self.client.call("GET", f"/api/cases/{seen.file.id}/briefs")
        try:
            sealed = [unb64(one["sealed"]) for one in shown["briefs"]]
        except (KeyError, TypeError, Invalid):
            raise Tampered(_UNCLEAR) from None
        own = [key for (name, _), key in keys.items() if name == "brief"]
        return briefs.open_chain(seen.file, own, sealed, at(self.rosters))

    def _standing(self, signed: Json, file: CaseFile | None) -> dict[str, Revocation]:
        found = {}
        for one in signed:
            with suppress(Tampered):
                revocation = read_revocation(one, at(self.rosters), file)
                if stands(revocation, file, self.rosters[-1]):
                    found[revocation.member] = revocation
        return found
