"""What a custodian reads before signing: in words, and measured against the roster that is pinned on their device.

The server describes nothing here. Whoever proposes reads six words aloud, and whoever signs sees the same six.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vault.cli.screen import say
from vault.client import Client
from vault.errors import Invalid, Tampered
from vault.sealing import casefiles, members, rosters
from vault.sealing.digests import Document, Json, b64, document_digest, unb64
from vault.sealing.rosters import DAY, Roster
from vault.sealing.words import fingerprint

_FOREIGN = "This proposal was made for another vault or roster: do not sign it, and tell the others."


def put_forward(client: Client, document: Document, attachments: Json = None) -> str:
    """Propose a document; the digest of what was made here, its six words said aside. Raises Tampered."""
    name = b64(document_digest(document))
    answer = client.call("POST", "/api/proposals", {"document": document, "attachments": attachments})
    if answer["digest"] != name:
        raise Tampered("The server took something else than what was proposed. Tell the custodians.")
    say(f"Read to those who sign, by voice: {six_words(document)}", err=True)
    return name


def six_words(document: Document) -> str:
    """The words by which one proposal is told from every other."""
    return fingerprint(document_digest(document))


def in_words(document: Json, pinned: Roster) -> list[str]:
    """What signing a proposal will do, line by line.

    Raises Invalid or Tampered for what must not be signed, such as a roster that does not follow the pinned one.
    """
    match document:
        case {"format": "witness-vault/v1/roster"}:
            lines = _roster(rosters.parse(document), pinned)
        case {"format": "witness-vault/v1/invitations"}:
            lines = _invitations(document, pinned)
        case {"format": "witness-vault/v1/case"}:
            lines = _case(document, pinned)
        case _:
            raise Invalid("This client does not know such a proposal: update it before you sign.")
    return [*lines, f"Its six words: {six_words(document)}"]


def member_words(vault: str, entry: Document) -> str:
    """The words that a member has read aloud: of their card, and of the request key, made on their own device."""
    request = members.request_fingerprint(vault, entry) or "none"
    return f"{entry['role']}; card: {members.member_fingerprint(vault, entry)}; request key: {request}"


def _roster(new: Roster, pinned: Roster) -> list[str]:
    rosters.succeeds(pinned, new)
    lines = [f"Roster version {new.version}, until {new.expires}: {_quorum(new)}."]
    if _quorum(new) != _quorum(pinned):
        lines.append(f"The quorum changes! It was {_quorum(pinned)}.")
    lines += _changes(
        "custodians", pinned, new, lambda entry: f"card: {members.custodian_fingerprint(entry)}"
    )
    lines += _changes("members", pinned, new, lambda entry: member_words(new.vault, entry))
    return lines


def _quorum(roster: Roster) -> str:
    return f"{roster.threshold} of {len(roster.codes)} custodians, epoch {roster.epoch}"


def _changes(part: str, pinned: Roster, new: Roster, words: Callable[[Document], str]) -> list[str]:
    before, after = ({entry["code"]: entry for entry in roster.document[part]} for roster in (pinned, new))
    lines = []
    for code in sorted(before.keys() | after.keys()):
        if code not in after:
            lines.append(f"Removes {code} ({words(before[code])})")
        elif code not in before:
            lines.append(f"Adds {code} ({words(after[code])})")
        elif before[code] != after[code]:
            lines.append(f"Changes {code} from ({words(before[code])}) to ({words(after[code])})")
    return lines or [f"No {part} change."]


def _invitations(document: dict[str, Any], pinned: Roster) -> list[str]:
    try:
        if (document["vault"], document["roster"]) != (pinned.vault, pinned.version):
            raise Tampered(_FOREIGN)
        invited = []
        for entry in document["invitations"]:
            unb64(entry["token"], 32)
            invited.append(f"{members.check_code(entry['code'])} ({members.check_role(entry['role'])})")
        if DAY.match(document["expires"]):
            return [f"Invitations until {document['expires']}: {', '.join(invited)}"]
    except (KeyError, TypeError):
        pass
    raise Invalid("These invitations are not whole: do not sign them.")


def _case(document: dict[str, Any], pinned: Roster) -> list[str]:
    file = casefiles.parse(document)
    if (file.vault, file.roster, file.epoch) != (pinned.vault, pinned.version, pinned.epoch):
        raise Tampered(_FOREIGN)
    proposer = pinned.member(file.proposer)
    if proposer.role != "reviewer" or not file.team.keys() <= pinned.members.keys():
        raise Tampered("This case names somebody whom the roster does not list so: do not sign it.")
    team = "; ".join(f"{code}: {', '.join(keys)}" for code, keys in file.team.items())
    return [f"Open case {file.code}, proposed by {file.proposer}, with these keys: {team}"]
