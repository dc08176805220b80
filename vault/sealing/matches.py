"""The same-person ceremony: what is asked for, what custodians sign, and to whom it is sealed (docs/FORMATS.md §14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vault.errors import N_, Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import (
    Document,
    Json,
    b64,
    canonical,
    document_digest,
    pad,
    parse_object,
    size_class,
    unb64,
    unpad,
)
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import DAY, Roster, at
from vault.sealing.signatures import Signed, read, read_by, signers

PURPOSE = "match"
_FORMAT = "witness-vault/v1/match"
_REQUEST = {"format", "vault", "case", "reviewer", "roster", "day", "incidents"}
_PARTITION = {"format", "vault", "case", "request", "roster", "day", "incidents"}
_UNSOUND = N_("This is not a request of a reviewer who may count in this case.")


@dataclass(frozen=True)
class Found:
    """What a ceremony found on one incident: whose records it compared, who is one person, who may be."""

    incident: str
    checked: frozenset[str]
    same: frozenset[frozenset[str]]
    maybe: frozenset[frozenset[str]]

    def to_json(self) -> dict[str, Any]:
        """The JSON form, in ascending order."""
        groups = {"same": sorted(map(sorted, self.same)), "maybe": sorted(map(sorted, self.maybe))}
        return {"incident": self.incident, "checked": sorted(self.checked), **groups}


def payload(record: Document) -> bytes:
    """A match record as it is sealed."""
    return canonical({"format": _FORMAT, **record})


def read_payload(data: bytes) -> Document:
    """What `payload` was given. Raises Invalid."""
    members = parse_object(data)
    if members.pop("format", None) != _FORMAT:
        raise Invalid("This is not a match record.")
    return members


def request(
    file: CaseFile, roster: Roster, reviewer: str, day: str, names: Mapping[str, Iterable[str]]
) -> Document:
    """What a reviewer signs: the match records of each incident that is about to be counted, id and fingerprint."""
    incidents = [{"incident": one, "records": sorted(set(names[one]))} for one in sorted(names)]
    about = {"vault": file.vault, "case": file.id, "reviewer": reviewer, "roster": roster.version, "day": day}
    return {"format": "witness-vault/v1/match-request", **about, "incidents": incidents}


def read_request(signed: Json, roster: Roster, file: CaseFile) -> dict[str, Any]:
    """The request, signed by the request key of a reviewer to whom the case promises its corroboration key.

    Raises Tampered. The key is one that no server ever holds.
    """
    try:
        member = roster.member(signed["document"]["reviewer"])
        may = member.role == "reviewer" and file.promises(member.code, "corroboration")
        if may and member.request is not None:
            document = read_by(signed, "match-request", member.code, member.request)
            named = (document["vault"], document["case"], set(document))
            if named == (file.vault, file.id, _REQUEST) and DAY.match(document["day"]):
                for name in records_of(document):
                    split(name)
                return document
    except (KeyError, TypeError, AttributeError, Invalid):
        pass
    raise Tampered(_UNSOUND)


def records_of(document: Document) -> set[str]:
    """Every record that a request names."""
    return {str(name) for entry in document["incidents"] for name in entry["records"]}


def split(name: str) -> tuple[str, str]:
    """Record id and fingerprint. Raises Invalid."""
    record, _, fingerprint = name.partition(".")
    unb64(record, 16), unb64(fingerprint, 32)
    return record, fingerprint


def partition(asked: Document, roster: Roster, day: str, found: Sequence[Found]) -> Document:
    """What k custodians sign: of each incident, which records are of one person."""
    about = {
        "vault": asked["vault"],
        "case": asked["case"],
        "request": b64(document_digest(asked)),
        "roster": roster.version,
        "day": day,
    }
    incidents = [one.to_json() for one in sorted(found, key=lambda one: one.incident)]
    return {"format": "witness-vault/v1/partition", **about, "incidents": incidents}


def seal_partition(file: CaseFile, signed: Signed) -> bytes:
    """The signed partition, for whoever may cut; its size says little of how many were compared."""
    data = canonical(signed)
    public = file.keys["corroboration"]
    return boxes.seal(public, _binding(file), pad(data, size_class(len(data))))


def open_partition(
    keys: Sequence[SealingKey], file: CaseFile, chain: Sequence[Roster], sealed: bytes
) -> tuple[str, list[Found]]:
    """The day of a ceremony and what it found, if k custodians of its roster signed it. Raises Tampered."""
    try:
        signed = parse_object(unpad(boxes.unseal_with(keys, _binding(file), sealed)))
        document, entries = read(signed, "partition")
        roster = at(chain)(document["roster"])
        publics = {code: custodian.signing for code, custodian in roster.custodians.items()}
        named = (document["vault"], document["case"], set(document))
        enough = len(signers(document, entries, publics)) >= roster.threshold
        if enough and named == (file.vault, file.id, _PARTITION) and DAY.match(document["day"]):
            return document["day"], [_found(entry) for entry in document["incidents"]]
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("This is not what custodians signed in a same-person ceremony of this case.")


def _found(entry: Document) -> Found:
    checked = frozenset(map(str, entry["checked"]))
    same, maybe = (
        frozenset(frozenset(map(str, group)) for group in entry[kind]) for kind in ("same", "maybe")
    )
    if not all(group <= checked and len(group) > 1 for group in same | maybe):
        raise Invalid("A ceremony can join only what it compared.")
    return Found(str(entry["incident"]), checked, same, maybe)


def _binding(file: CaseFile) -> tuple[str, Document]:
    return "partition", {"vault": file.vault, "case": file.id}
