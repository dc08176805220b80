"""What an outsider verifies of the audit chain, offline: its links, who signed its end, the decisions (FORMATS §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vault.errors import Invalid, Tampered
from vault.sealing import audits
from vault.sealing.audits import Link
from vault.sealing.checkpoints import Checkpoint, read_checkpoint, require_continued, require_one
from vault.sealing.digests import Json, b64, document_digest, unb64
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import Signed

CHAIN_FILE = "witness-vault/v1/audit-chain"
DECISIONS = ("approval", "roster", "invitations", "case", "revocation", "drill", "resharing")
_FORMATS = {f"witness-vault/v1/{kind}" for kind in DECISIONS}


@dataclass(frozen=True)
class Export:
    """An export as it was read; nothing of it is verified yet."""

    vault: str
    links: tuple[Link, ...]
    checkpoints: tuple[Json, ...]
    rosters: tuple[Json, ...]
    decisions: Mapping[int, Json] | None


@dataclass(frozen=True)
class Report:
    """What held: the vault's six words, who signed which end, which entries' decisions; and what is not there."""

    words: str
    length: int
    checkpoints: tuple[Checkpoint, ...]
    strangers: int  # checkpoints of custodians whom the export's rosters do not list
    decided: tuple[int, ...]
    unlisted: tuple[
        int, ...
    ]  # decisions of whom no roster lists: they were to become custodians, and did not
    missing: tuple[int, ...] | None  # None: the export leaves out all decisions


def to_file(
    vault: str, links: Sequence[Link], rosters: Sequence[Signed], signed: Sequence[Signed]
) -> dict[str, Any]:
    """An export without decisions; `signed` are the checkpoints."""
    return {
        "format": CHAIN_FILE,
        "vault": vault,
        "links": [link_to_json(link) for link in links],
        "checkpoints": list(signed),
        "rosters": list(rosters),
        "decisions": None,
    }


def from_file(file: Json) -> Export:
    """What `to_file` wrote. Raises Invalid."""
    try:
        if file["format"] == CHAIN_FILE:
            decisions = file["decisions"]
            held = (
                None if decisions is None else {_whole(one["position"]): one["signed"] for one in decisions}
            )
            links = tuple(_link(one) for one in file["links"])
            lists = tuple(file["checkpoints"]), tuple(file["rosters"])
            return Export(file["vault"], links, *lists, held)
    except (KeyError, TypeError, AttributeError):
        pass
    raise Invalid("This is not an export of an audit chain.")


def verify_export(export: Export) -> Report:
    """Raises Tampered, naming the position, for what does not hold; Invalid when the export has no roster."""
    # (1) the links, each from the one before
    audits.chain(export.links)
    # (2) whose vault it is: the rosters, each from the one before
    rosters = verify_chain(list(export.rosters))
    if export.vault != rosters[0].vault:
        raise Tampered("The rosters of this export are those of another vault.")
    # (3) who signed which end
    read = [read_checkpoint(signed, rosters) for signed in export.checkpoints]
    checkpoints = tuple(one for one in read if one is not None)
    for one in checkpoints:
        require_continued(export.links, one)
    # (4) the decisions, each at its position
    named = {position for position, link in enumerate(export.links, start=1) if link[2] is not None}
    held = {} if export.decisions is None else export.decisions
    listed = {
        position: _check_decision(export.links, position, signed, rosters)
        for position, signed in sorted(held.items())
    }
    missing = None if export.decisions is None else tuple(sorted(named - held.keys()))
    return Report(
        words=rosters[0].fingerprint,
        length=len(export.links),
        checkpoints=checkpoints,
        strangers=len(read) - len(checkpoints),
        decided=tuple(position for position in listed if listed[position]),
        unlisted=tuple(position for position in listed if not listed[position]),
        missing=missing,
    )


def require_prefix(links: Sequence[Link], earlier: Sequence[Link]) -> None:
    """Raises Tampered, naming the position, unless the chain continues an earlier one."""
    if len(links) < len(earlier):
        raise Tampered(
            "This chain does not continue the earlier one: it ends at entry %(entries)d, "
            "the earlier one at %(earlier)d.",
            entries=len(links),
            earlier=len(earlier),
        )
    for position, (now, then) in enumerate(zip(links, earlier, strict=False), start=1):
        if now != then:
            raise Tampered(
                "This chain does not continue the earlier one: history was rewritten at entry %(position)d.",
                position=position,
            )


def link_to_json(link: Link) -> dict[str, Json]:
    """A link as it is exported."""
    return {
        "link": b64(link[0]),
        "commitment": b64(link[1]),
        "decision": None if link[2] is None else b64(link[2]),
    }


def _link(one: Json) -> Link:
    decision = None if one["decision"] is None else unb64(one["decision"], 32)
    return unb64(one["link"], 32), unb64(one["commitment"], 32), decision


def _whole(position: Json) -> int:
    if type(position) is not int:  # in JSON `true` is no number
        raise TypeError
    return position


def _check_decision(links: Sequence[Link], position: int, signed: Json, rosters: Sequence[Roster]) -> bool:
    """Whether the rosters list who signed. Raises Tampered for another document than the entry's, or a false key."""
    try:
        at_place = 0 < position <= len(links) and links[position - 1][2] == document_digest(signed)
        if at_place and signed["document"]["format"] in _FORMATS and signed["signatures"]:
            known = [(entry, _keys_of(entry["by"], rosters)) for entry in signed["signatures"]]
            for entry, keys in known:
                if keys:
                    require_one(signed["document"], entry, keys)
            return all(keys for _, keys in known)
    except (KeyError, TypeError, Invalid, Tampered):
        pass
    raise Tampered(
        "The decision at entry %(position)d is not the signed one that the chain commits to.",
        position=position,
    )


def _keys_of(code: str, rosters: Sequence[Roster]) -> set[bytes]:
    """Every key with which this custodian or member could sign, over the time of the rosters."""
    lists = [roster.custodians for roster in rosters], [roster.members for roster in rosters]
    return {listed[code].signing for kind in lists for listed in kind if code in listed}
