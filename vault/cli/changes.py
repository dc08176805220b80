"""What a version of a case changes, in words: for whoever proposes it, and for whoever is to sign it."""

from __future__ import annotations

from vault.cli.sight import Seen
from vault.errors import Tampered
from vault.rules import rotation
from vault.rules.access import Role, may_hold
from vault.sealing import casefiles
from vault.sealing.casefiles import KEYS, CaseFile
from vault.sealing.rosters import Roster

_DOES = {
    "brief": "is on the team",
    "testimony": "reads testimony",
    "corroboration": "cuts editions",
    "editions": "reads editions",
    "evidence": "sees evidence",
}


def opening_words(file: CaseFile, roster: Roster) -> list[str]:
    """What signing the first version does."""
    team = [f"{code} {', '.join(_DOES[key] for key in keys)}." for code, keys in sorted(file.team.items())]
    return [
        f"Open case {file.code}, proposed by {file.proposer}.",
        *team,
        *_reading(file, roster, before=None),
    ]


def change_words(seen: Seen, new: CaseFile) -> list[str]:
    """What signing a later version changes, against the versions that were verified here. Raises Tampered."""
    old, new = seen.file, casefiles.follow(seen.file, new)
    lines = [f"Change case {new.code} to version {new.version}, proposed by {new.proposer}."]
    for code in sorted(old.team.keys() | new.team.keys()):
        lines += _member(code, old, new, seen)
    lines += [_key(key, old, new) for key in KEYS if old.newest(key) != new.newest(key)]
    if lines[1:] == []:
        lines.append("Nothing changes but the version.")
    lines += _reading(new, seen.roster, before=old)
    for key, who in rotation.due(new.given(), new.team, (), seen.roster.members).items():
        lines.append(f"{', '.join(who)} may have kept a copy of the {key} key, which stays as it is!")
    return lines


def _member(code: str, old: CaseFile, new: CaseFile, seen: Seen) -> list[str]:
    before, after = old.team.get(code, ()), new.team.get(code, ())
    gains = [key for key in KEYS if key in after and key not in before]
    loses = [key for key in KEYS if key in before and key not in after]
    lines = []
    if not after:
        lines.append(f"{code} leaves the team: loses {', '.join(loses)}.")
    elif not before:
        lines.append(f"{code} joins the team: gains {', '.join(gains)}.")
    else:
        lines += [f"{code} gains {', '.join(gains)}."] if gains else []
        lines += [f"{code} loses {', '.join(loses)}."] if loses else []
    if after and code in seen.revoked:
        revoked = seen.revoked[code]
        lines.append(f"{code} is put back! {revoked.by} revoked their keys on {revoked.day}.")
    return lines


def _key(key: str, old: CaseFile, new: CaseFile) -> str:
    return (
        f"The {key} key is exchanged (version {old.key_versions[key]} to {new.key_versions[key]}): "
        "what comes later opens with the new one alone."
    )


def _reading(file: CaseFile, roster: Roster, before: CaseFile | None) -> list[str]:
    """Whoever deposits and may read from now on is said aloud: their "deposit-only" ends."""
    readers = [code for code in sorted(file.team) if file.promises(code, "testimony")]
    new = [code for code in readers if before is None or not before.promises(code, "testimony")]
    depositors = [code for code in new if roster.member(code).role == "researcher"]
    return [f"Deposit-only ends for {code}, a researcher, who will read testimony." for code in depositors]


def check_team(file: CaseFile, roster: Roster) -> None:
    """Raises Tampered when a version names somebody whom the roster does not list so."""
    if not file.team.keys() <= roster.members.keys():
        raise Tampered("This case names somebody whom the roster does not list: do not sign it.")
    if not all(may_hold(Role(roster.members[code].role), keys) for code, keys in file.team.items()):
        raise Tampered("This case gives somebody a key that is not for their role: do not sign it.")
    if roster.member(file.proposer).role != "reviewer":
        raise Tampered("This case is proposed by somebody who is no reviewer: do not sign it.")
