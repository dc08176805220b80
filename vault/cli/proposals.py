"""What a custodian reads before signing: in words, and measured against the roster that is pinned on their device.

The server describes nothing here. Whoever proposes reads six words aloud, and whoever signs sees the same six.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vault.cli.changes import change_words, check_team, opening_words
from vault.cli.common import today
from vault.cli.screen import say
from vault.cli.sight import Sight
from vault.client import Client
from vault.errors import Invalid, Refused, Tampered
from vault.rules.recuts import Recut
from vault.rules.retention import WAIT, Destruction, Of, Retention
from vault.sealing import backupkeys, casefiles, members, rosters
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


def in_words(document: Json, pinned: Roster, sight: Sight | None = None) -> list[str]:
    """What signing a proposal will do, line by line; `sight` is what else the vault shows, verified here.

    Raises Invalid or Tampered for what must not be signed, such as a roster that does not follow the pinned one.
    """
    match document:
        case {"format": "witness-vault/v1/roster"}:
            new = rosters.parse(document)
            lines = [*_roster(new, pinned), *_put_back(new, sight)]
        case {"format": "witness-vault/v1/invitations"}:
            lines = _invitations(document, pinned)
        case {"format": "witness-vault/v1/recut"}:
            lines = _recut(document, pinned)
        case {"format": "witness-vault/v1/backup-keys"}:
            lines = _backup_keys(document, pinned)
        case {"format": "witness-vault/v1/retention"}:
            lines = _retention(document, pinned, sight)
        case {"format": "witness-vault/v1/destruction"}:
            lines = _destruction(document, pinned, sight)
        case {"format": "witness-vault/v1/case"}:
            lines = _case(document, pinned, sight)
        case _:
            raise Invalid("This client does not know such a proposal: update it before you sign.")
    return [*lines, f"Its six words: {six_words(document)}"]


def member_words(vault: str, entry: Document) -> str:
    """The words that a member has read aloud: of their card, and of the request key, made on their own device."""
    request = members.request_fingerprint(vault, entry) or "none"
    return f"{_as(entry['role'])}; card: {members.member_fingerprint(vault, entry)}; request key: {request}"


def _as(role: str) -> str:
    """Whoever is listed as a custodian among the members has a desk in the web by it, and no share of anything."""
    return "custodian's desk" if role == "custodian" else role


def _roster(new: Roster, pinned: Roster) -> list[str]:
    rosters.succeeds(pinned, new)
    lines = [f"Roster version {new.version}, until {new.expires}: {_quorum(new)}."]
    if (new.threshold, len(new.codes)) != (pinned.threshold, len(pinned.codes)):
        lines.append(f"The quorum changes! It was {_quorum(pinned)}.")
    if new.epoch != pinned.epoch:
        lines.append("A new epoch: every record must be shared anew with these custodians; requests end.")
    if new.cooling != pinned.cooling:
        lines.append(f"Days of cooling after the k-th approval: {new.cooling}; before: {pinned.cooling}.")
    if new.page != pinned.page:
        lines.append(f"The pinned page changes! Now: {_page(new)}; before: {_page(pinned)}.")
    lines += _changes(
        "custodians", pinned, new, lambda entry: f"card: {members.custodian_fingerprint(entry)}"
    )
    lines += _changes("members", pinned, new, lambda entry: member_words(new.vault, entry))
    return lines


def _quorum(roster: Roster) -> str:
    return f"{roster.threshold} of {len(roster.codes)} custodians, epoch {roster.epoch}"


def _page(roster: Roster) -> str:
    return "none" if roster.page is None else f"{fingerprint(roster.page)} (SHA-256 {roster.page.hex()})"


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
        invited = {}
        for entry in document["invitations"]:
            unb64(entry["token"], 32)
            invited[members.check_code(entry["code"])] = members.check_role(entry["role"])
        if DAY.match(document["expires"]):
            who = ", ".join(f"{code} ({_as(role)})" for code, role in invited.items())
            again = [
                f"{code} is listed already, and would have new keys!"
                for code in invited
                if code in pinned.members
            ]
            return [f"Invitations until {document['expires']}: {who}", *again]
    except (KeyError, TypeError):
        pass
    raise Invalid("These invitations are not whole: do not sign them.")


def _case(document: dict[str, Any], pinned: Roster, sight: Sight | None) -> list[str]:
    file = casefiles.parse(document)
    if (file.vault, file.roster, file.epoch) != (pinned.vault, pinned.version, pinned.epoch):
        raise Tampered(_FOREIGN)
    check_team(file, pinned)
    if file.version == casefiles.FIRST_VERSION:
        return opening_words(file, pinned)
    if sight is None:
        raise Invalid("What this changes cannot be seen without the vault: sign it where it can be reached.")
    return change_words(sight.case(file.id), file)


def _recut(document: Json, pinned: Roster) -> list[str]:
    asked = Recut.parse(document)
    if (asked.vault, asked.roster) != (pinned.vault, pinned.version):
        raise Tampered(_FOREIGN)
    return [
        f"{asked.requester} asks that one incident of case {asked.case}, under review in edition {asked.edition}, be "
        f"counted anew in the next: {str(asked.reason).replace('_', ' ')}. Incident {asked.incident}.",
        "Whoever knows which one or two people changed since can read off what they said. At most once in 180 days.",
    ]


def _backup_keys(document: Json, pinned: Roster) -> list[str]:
    keys = backupkeys.parse(document)
    if (keys.vault, keys.roster, keys.epoch) != (pinned.vault, pinned.version, pinned.epoch):
        raise Tampered(_FOREIGN)
    words = ", ".join(f"{kind}: {fingerprint(keys.publics[kind])}" for kind in backupkeys.KINDS)
    return [
        f"Backup keys version {keys.version}: from now on backups are sealed to these. {words}.",
        f"Their private halves were made on the device of who proposes, and are shared among {_quorum(pinned)}.",
        "Whoever restores needs k of you to release them; they open no identity and no testimony, only the backup.",
    ]


def _retention(document: Json, pinned: Roster, sight: Sight | None) -> list[str]:
    asked = Retention.parse(document)
    if (asked.vault, asked.roster) != (pinned.vault, pinned.version):
        raise Tampered(_FOREIGN)
    until = "have no last day" if asked.until is None else f"are kept until {asked.until} and no longer"
    return [
        f"The records of {_called(asked.case, sight)} {until}: {str(asked.reason).replace('_', ' ')}. Version "
        f"{asked.version}, proposed by {asked.proposer}.",
        "It deletes nothing: when that day is over, a quorum has to sign again. If it was agreed that they be "
        "destroyed, that is called off.",
    ]


def _destruction(document: Json, pinned: Roster, sight: Sight | None) -> list[str]:
    asked = Destruction.parse(document)
    if (asked.vault, asked.roster) != (pinned.vault, pinned.version):
        raise Tampered(_FOREIGN)
    if asked.until >= today():
        raise Refused("By the clock of this device that last day is not over: set it right, or do not sign.")
    if asked.of is Of.CASE:
        what = [
            f"ALL records of {_called(asked.case, sight)} are DESTROYED for good, proposed by {asked.proposer}: their "
            f"last day, {asked.until}, is over.",
            "Destroyed: all testimony and its codes, who said it, the words of quotes, files of evidence, drafts of "
            "statements. Kept: editions and their proofs, published statements, ledgers, entries of custody chains.",
        ]
    else:
        what = [
            f"Those records of {_called(asked.case, sight)} are DESTROYED for good, proposed by {asked.proposer}, "
            f"whose witnesses set {asked.until} or an earlier day as their last. How many, readers alone see.",
            "Destroyed: their testimony and codes, who said it, the words of quotes. Kept: all else, and files that "
            "they gave. Figures follow when at least three people have changed.",
        ]
    return [
        *what,
        f"A reader of the case does it, {WAIT.days} days after the last signature that it takes, or later. Until then "
        "any custodian can call it off: `witness-vault custodian withdraw`.",
    ]


def _called(case: str, sight: Sight | None) -> str:
    return f"case {case}" if sight is None else f"case {sight.case(case).file.code} ({case})"


def _put_back(new: Roster, sight: Sight | None) -> list[str]:
    revoked = {} if sight is None else sight.revoked()
    return [
        f"{code} is put back! {found.by} revoked all their keys on {found.day}."
        for code, found in sorted(revoked.items())
        if code in new.members
    ]
