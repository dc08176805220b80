"""What a server that lies says: to everybody, and about everything it can.

It knows what a live server knows: whatever was handed in, and the keys of whoever is signed in (their request keys
and the custodians' keys never reach it). What it makes up, it makes with keys of its own.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cast import (
    C1,
    C2,
    C3,
    CUSTODIANS,
    MEMBERS,
    OUTSIDER,
    R1,
    R2,
    V1,
    V2,
    Person,
    following,
    founding,
    next_epoch,
    signed_by,
)
from tests.cli.line import Line
from tests.stage import DAYS
from vault.cli.requests import CODE
from vault.opening import entrust
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import Json, b64, canonical, document_digest, unb64
from vault.sealing.escrows import fingerprint, for_custodian
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import parse
from vault.sealing.signatures import Signed, sign
from vault.sealing.terms import seal_packet

REASON = "to ask whether she is safe"
NAME = "Zenobia Quillfeather"
ROSTERS = ("GET", "/api/roster")
OWN_KEY = SealingKey.generate()
OWN_CUSTODIANS = tuple(Person(f"K{number}") for number in range(1, 6))
IDENTITY = {"name": NAME, "other_names": "", "contact": "", "address": "", "notes": ""}


@dataclass
class Heist:
    """A vault with two sealed identities, one of which V2 asks for; and what its server knows of them."""

    line: Line
    records: dict[str, Json]
    opening: str = ""
    code: str = ""

    @property
    def terms(self) -> Signed:
        """The request as it was handed in."""
        body = next(body for call, body in self.line.heard if call == "POST /api/openings")
        signed: Signed = json.loads(body)
        return signed

    @property
    def wanted(self) -> Json:
        return self.records[self.terms["document"]["record"]]

    @property
    def other(self) -> Json:
        return next(record for record in self.records.values() if record != self.wanted)

    def packet(self, terms: Signed, record: Json, case: Json = None) -> Callable[[Json], Json]:
        """An answer in which C1's packet is one that the server has sealed itself: to that it needs no secret."""
        content = {"terms": terms, "escrow": for_custodian(record, "C1"), "case": case}
        vault = self.line.scene.roster().vault
        sealed = b64(seal_packet(C1.secret.sealing.public, vault, self.opening, "C1", content))
        return lambda answer: {"openings": [{**answer["openings"][0], "packet": sealed}]}

    def approve(self, *custodians: Person) -> None:
        for custodian in custodians:
            self.line.run(custodian, "opening", "decide", "--yes", "--", self.opening)

    def combine(self) -> None:
        """V2 collects what was approved."""
        self.line.run(V2, "opening", "combine", "--yes", "--", self.opening, typed={CODE: self.code})

    def asked(self, record: Json) -> tuple[str, str]:
        named = f"{record['record']}.{fingerprint(record)}"
        said = self.line.run(V2, "opening", "request", "--record", named, "--reason", REASON)
        return said.out.strip(), said.err.strip().rpartition(": ")[2]


def robbed(line: Line) -> Heist:
    """What the server of a heist knows before it begins to lie."""
    scene, records = line.scene, {}
    for witness in range(2):
        draft = scene.start(R1)
        sealed = scene.seal_identity(draft, {**IDENTITY, "notes": str(witness)})
        scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))
        records[draft.identity_record] = sealed
    made = Heist(line, records)
    made.opening, made.code = made.asked(next(iter(records.values())))
    return made


# --- rosters ----------------------------------------------------------------------------------------------------


def rolled_back(answer: Json) -> Json:
    return {"rosters": answer["rosters"][:1]}


def forked(answer: Json) -> Json:
    first = answer["rosters"][0]
    old = parse(first["document"])
    return {"rosters": [first, signed_by({**following(old, MEMBERS[1:]), **DAYS}, CUSTODIANS)]}


def with_swapped(part: str, code: str, key: str) -> Callable[[Json], Json]:
    """One public key exchanged; the signatures are left as they were."""

    def swapped(answer: Json) -> Json:
        changed = copy.deepcopy(answer)
        (entry,) = [one for one in changed["rosters"][-1]["document"][part] if one["code"] == code]
        entry[key] = b64(OWN_KEY.public) if key == "sealing" else b64(V1.secret.signing.public)
        return changed

    return swapped


def taken_over(answer: Json) -> Json:
    """One more version, with custodians of the server's own, signed by them alone."""
    newest = parse(answer["rosters"][-1]["document"])
    document, own = next_epoch(newest, OWN_CUSTODIANS)
    return {"rosters": [*answer["rosters"], signed_by({**document, **DAYS}, own)]}


def of_its_own(_: Json) -> Json:
    """A vault from its founding on."""
    return {"rosters": [{"document": {}, "signatures": []}]}


LIES_ABOUT_ROSTERS: dict[str, Callable[[Json], Json]] = {
    "rolled back": rolled_back,
    "forked": forked,
    "a custodian's sealing key swapped": with_swapped("custodians", "C2", "sealing"),
    "a custodian's signing key swapped": with_swapped("custodians", "C2", "signing"),
    "a member's sealing key swapped": with_swapped("members", "V2", "sealing"),
    "a member's request key swapped": with_swapped("members", "V2", "request"),
    "taken over by other custodians": taken_over,
    "another vault's": of_its_own,
    "none": lambda _: {"rosters": []},
    "no answer of a vault": lambda _: [],
}


def deposit(heist: Heist, folder: Path) -> None:
    path = folder / "draft.json"
    said = heist.line.scene.interview(heist.line.scene.said("heard"), identity={"name": NAME})
    path.write_text(json.dumps(said))
    heist.line.run(R2, "deposit", str(path), "--case", heist.line.scene.case)


WITH_ROSTERS: dict[str, Callable[[Heist, Path], object]] = {
    "a researcher deposits": deposit,
    "a custodian decides": lambda heist, _: heist.approve(C1),
    "a custodian looks": lambda heist, _: heist.line.run(C1, "opening", "inbox"),
    "a requester asks": lambda heist, _: heist.asked(heist.other),
    "a requester combines": lambda heist, _: heist.combine(),
    "a custodian revokes": lambda heist, _: heist.line.run(C1, "access", "revoke", "--member", "R1", "--yes"),
}
HARMLESS = {"POST /api/challenge", "POST /api/sign-in", "POST /api/sign-in/custodian", "POST /api/sign-out"}


# --- what a custodian is shown ----------------------------------------------------------------------------------


def edited(heist: Heist, **parts: Json) -> Signed:
    return {**heist.terms, "document": {**heist.terms["document"], **parts}}


def by_the_session(heist: Heist, **parts: Json) -> Signed:
    """Terms in V2's name, by the signing key that a live server has of whoever is signed in."""
    return sign({**heist.terms["document"], **parts}, "V2", V2.secret.signing)


def for_itself(heist: Heist) -> Callable[[Json], Json]:
    return heist.packet(by_the_session(heist, key=b64(OWN_KEY.public)), heist.wanted)


def case_key(heist: Heist, case: Json) -> Callable[[Json], Json]:
    """A case's key, asked for in V2's name as if V2 had asked for it."""
    record = entrust(bytes(32), "case-key", b64(bytes(16)), heist.line.scene.roster())
    about = {"purpose": "case-key", "record": record["record"], "escrow": fingerprint(record)}
    return heist.packet(by_the_session(heist, **about), record, case)


SHOWN: dict[str, Callable[[Heist], Callable[[Json], Json]]] = {
    "another reason": lambda heist: heist.packet(edited(heist, reason="none"), heist.wanted),
    "a key of the server's": lambda heist: heist.packet(edited(heist, key=b64(OWN_KEY.public)), heist.wanted),
    "terms signed in the member's name": for_itself,
    "terms in another member's name": lambda heist: heist.packet(
        sign({**heist.terms["document"], "requester": "V1"}, "V1", V1.secret.signing), heist.wanted
    ),
    "the share of the other record": lambda heist: heist.packet(heist.terms, heist.other),
    "the other record's share under this name": lambda heist: heist.packet(
        heist.terms, {**heist.other, "record": heist.wanted["record"]}
    ),
    "another custodian's share": lambda heist: heist.packet(
        heist.terms,
        {**heist.wanted, "shares": [{**share, "custodian": "C1"} for share in heist.wanted["shares"][1:]]},
    ),
    "a case's key without its case": lambda heist: case_key(heist, None),
    "a case's key with what nobody signed": lambda heist: case_key(
        heist, [{"document": {}, "signatures": []}]
    ),
    "nothing": lambda _: lambda answer: {"openings": [{**answer["openings"][0], "packet": b64(b"noise")}]},
}


# --- what a requester is handed ---------------------------------------------------------------------------------


def replayed(heist: Heist) -> Callable[[Json], Json]:
    """The approvals of another opening, of the other record."""
    line, first = heist.line, (heist.opening, heist.code)
    heist.opening, _ = heist.asked(heist.other)
    heist.approve(C1, C2, C3)
    decided = [json.loads(body) for call, body in line.heard if call == "POST /api/decisions"]
    heist.opening, heist.code = first
    return lambda answer: {**answer, "approvals": decided[-3:]}


def made_up(heist: Heist) -> Callable[[Json], Json]:
    """A record of the server's own making, to custodians of its own."""
    own = parse(founding(OWN_CUSTODIANS))
    false = canonical({**IDENTITY, "format": "witness-vault/v1/identity", "pseudonym": "x", "name": "A lie"})
    record = entrust(false, "identity", heist.wanted["record"], own)
    return lambda answer: {**answer, "escrow": record}


def signed_again(answer: Json) -> Json:
    """The custodians' approvals, signed with a key of the server's own in their names."""
    documents = [one["document"] for one in answer["approvals"]]
    return {
        **answer,
        "approvals": [sign(one, one["custodian"], OUTSIDER.secret.signing) for one in documents],
    }


HANDED: dict[str, Callable[[Heist], Callable[[Json], Json]]] = {
    "approvals of another opening": replayed,
    "a record of the server's own": made_up,
    "approvals signed by somebody else": lambda _: signed_again,
    "the other record": lambda heist: lambda answer: {**answer, "escrow": heist.other},
    "the other record under this name": lambda heist: (
        lambda answer: {
            **answer,
            "escrow": {**heist.other, "record": heist.wanted["record"]},
        }
    ),
    "two approvals": lambda _: lambda answer: {**answer, "approvals": answer["approvals"][:2]},
    "one approval three times": lambda _: lambda answer: {**answer, "approvals": answer["approvals"][:1] * 3},
    "a changed share": lambda _: with_changed_share,
    "another opening's name": lambda _: lambda answer: {**answer, "opening": b64(bytes(16))},
    "nothing": lambda _: lambda _: {},
}


def with_changed_share(answer: Json) -> Json:
    changed = copy.deepcopy(answer)
    document = changed["approvals"][0]["document"]
    document["share"] = b64(unb64(document["share"])[:-1] + b"\0")
    return changed


# --- the keys of cases ------------------------------------------------------------------------------------------


def _with_swapped_key(answer: Json) -> Json:
    changed = copy.deepcopy(answer)
    for key in changed["versions"][-1]["document"]["keys"].values():
        key["public"] = b64(OWN_KEY.public)
    return changed


def _with_a_version_more(answer: Json) -> Json:
    """One that puts R2 in possession of everything, signed by nobody who may."""
    newest = copy.deepcopy(answer["versions"][-1]["document"])
    newest["version"], newest["previous"] = 2, b64(document_digest(answer["versions"][-1]["document"]))
    newest["team"][1]["keys"] = list(KEYS)
    return {**answer, "versions": [*answer["versions"], signed_by(newest, OWN_CUSTODIANS)]}


CASES: dict[str, Callable[[Json], Json]] = {
    "keys of the server's own": _with_swapped_key,
    "a version that no quorum signed": _with_a_version_more,
    "no version": lambda answer: {**answer, "versions": []},
}
WITH_CASES: dict[str, Callable[[Heist], object]] = {
    "hands over": lambda heist: heist.line.run(V1, "access", "hand-over", "--case", heist.line.scene.case),
    "changes the team": lambda heist: heist.line.run(
        V1, "access", "change", heist.line.scene.case, "--add", "R2:testimony", "--yes"
    ),
    "rotates": lambda heist: heist.line.run(
        V1, "access", "rotate", heist.line.scene.case, "--key", "brief", "--yes"
    ),
    "asks for a key": lambda heist: heist.line.run(
        V2, "access", "request-key", "--case", heist.line.scene.case, "--key", "testimony", "--reason", REASON
    ),
}
