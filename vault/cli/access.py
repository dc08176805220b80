"""Access to cases from the command line: team and keys changed by quorum, keys handed over, asked for, taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import click

from vault.cli import parts
from vault.cli.changes import change_words
from vault.cli.common import (
    Custodian,
    Member,
    confirm,
    in_file,
    out_option,
    today,
    with_member,
    with_someone,
    yes_option,
)
from vault.cli.proposals import put_forward
from vault.cli.requests import combined, forget, kept_key, kept_terms, make_request
from vault.cli.screen import say, write_out
from vault.cli.sight import Seen, Sight
from vault.client import Client
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.founding import Known, Reviewer, grants, next_version, promised
from vault.profile import read_file
from vault.rules.access import Role, may_hold
from vault.sealing import casefiles
from vault.sealing.casefiles import KEYS, CaseFile, KeyVersion
from vault.sealing.keypairs import MemberSecret, SealingKey
from vault.sealing.revocations import revocation
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign

Team = dict[str, tuple[str, ...]]

case_argument = click.argument("case_id", metavar="CASE")
case_option = click.option("--case", "case_id", required=True, help="The case's id.")
key_option = click.option("--key", "keys", multiple=True, type=click.Choice(KEYS), help="May be repeated.")


@parts.group()
def access() -> None:
    """Who may hold which key of a case: see it, change it, hand keys over, take them away."""


@access.command()
@case_argument
@with_someone
def show(someone: Member | Custodian, case_id: str) -> None:
    """Who is promised which keys, as the quorum signed it; who waits for one; what must be exchanged, and why."""
    with someone.signed_in() as (client, roster):
        seen = Sight(client, someone.profile.rosters()).case(case_id)
    say(f"Case {seen.file.code}, version {seen.file.version}")
    for code, keys in sorted(seen.file.team.items()):
        revoked = " (revoked)" if code in seen.revoked else ""
        say(f"{code}{revoked}: {', '.join(keys)}")
    for code, waited in _waiting(seen, roster, someone.code).items():
        say(
            f"{code} waits for {', '.join(waited)}: `witness-vault access hand-over` by who has it, or `request-key`"
        )
    for key, who in seen.due().items():
        told = ", ".join(f"{code} {why}" for code, why in who.items())
        say(f"Due for rotation: {key} version {seen.file.key_versions[key]} ({told})")


@access.command()
@case_argument
@with_member
@click.option("--add", "added", multiple=True, metavar="CODE[:KEY,…]", help="Give a member these keys more.")
@click.option("--remove", "removed", multiple=True, metavar="CODE[:KEY,…]", help="Take them, or all, away.")
@yes_option
def change(member: Member, case_id: str, added: tuple[str, ...], removed: tuple[str, ...], yes: bool) -> None:
    """Propose another team. Keys that somebody must not have any more are exchanged with it."""
    with member.signed_in() as (client, _):
        seen = Sight(client, member.profile.rosters()).case(case_id)
        team = _changed(_staying(seen), map(member_and_keys, added), map(member_and_keys, removed))
        if team == seen.file.team and seen.revoked.keys().isdisjoint(team):
            raise Invalid("This changes nobody's keys: name who is added or removed.")
        _check_team(team, member, seen)
        _propose(client, member, seen, (team, seen.due(team)), yes)


@access.command()
@case_argument
@with_member
@key_option
@yes_option
def rotate(member: Member, case_id: str, keys: tuple[str, ...], yes: bool) -> None:
    """Propose new keys in the place of those that are due, and of those that you name."""
    with member.signed_in() as (client, _):
        seen = Sight(client, member.profile.rosters()).case(case_id)
        team = _staying(seen)
        fresh = {*seen.due(team), *keys}
        if not fresh:
            raise Invalid("No key of this case is due for rotation; name one with --key.")
        _propose(client, member, seen, (team, fresh), yes)


@access.command()
@case_option
@with_member
def hand_over(member: Member, case_id: str) -> None:
    """Hand the keys that you hold to everybody on the team who is promised them and has not got them."""
    with member.signed_in() as (client, roster):
        sight = Sight(client, member.profile.rosters())
        seen = sight.case(case_id)
        held = sight.keys(seen, member.code, _secret(client, member))
        lacking = [
            (code, name)
            for code, name in promised(seen.file)
            if code in roster.members and code not in seen.revoked and name not in seen.handed(code)
        ]
        made = grants(seen.file, held, roster, lacking)
        taken = client.call("POST", f"/api/cases/{case_id}/grants", {"grants": made})["taken"] if made else 0
    say(
        f"Keys handed over: {taken}. Not handed over, because you do not hold them: {len(lacking) - len(made)}."
    )


@access.command()
@case_option
@click.option("--key", required=True, type=click.Choice(KEYS))
@click.option("--version", type=int, help="Which version of the key; the present one if not given.")
@click.option("--reason", required=True, help="Why, for the custodians.")
@with_member
def request_key(member: Member, case_id: str, key: str, version: int | None, reason: str) -> None:
    """Ask the custodians for a key that the case promises you. The opening code is shown once."""
    with member.signed_in() as (client, roster):
        seen = Sight(client, member.profile.rosters()).case(case_id)
        name = key, seen.file.key_versions[key] if version is None else version
        if not seen.file.promises(member.code, key):
            raise Refused("The case does not promise you this key: a quorum must change its team first.")
        about = {
            "purpose": "case-key",
            "record": seen.record(name),
            "escrow": seen.file.with_key(name).escrows[key],
            "reason": reason,
        }
        file = make_request(member, roster, about)
        say(client.call("POST", "/api/openings", file["terms"])["opening"])


@access.command()
@click.argument("name", metavar="OPENING")
@case_option
@with_member
@click.option("--from", "handed", type=in_file, help="What the custodians handed over, in a file.")
@out_option
def collect(member: Member, name: str, case_id: str, handed: Path | None, out: Path | None) -> None:
    """Combine a case's key here, seal it to yourself and hand it in; with --out write it to a file instead."""
    signed, key = kept_terms(member.profile, name), kept_key(member.profile, name)
    with member.signed_in() as (client, roster):
        seen = Sight(client, member.profile.rosters()).case(case_id)
        file = client.call("POST", "/api/redemptions", signed) if handed is None else read_file(handed)
        secret = SealingKey(combined(member.profile, signed["document"], key, file))
        which = _key_of(seen.file, secret)
        made = grants(seen.file, {which: secret}, roster, [(member.code, which)])
        if out is None:
            client.call("POST", f"/api/cases/{case_id}/grants", {"grants": made})
        else:
            write_out(made[0], out)
    forget(member.profile, name)
    say(f"The {which[0]} key, version {which[1]}, is sealed to you.", err=True)


@access.command()
@with_someone
@click.option("--member", "code", required=True, help="Whose keys.")
@click.option("--case", "case_id", help="In this case alone; everywhere if not given.")
@yes_option
def revoke(someone: Member | Custodian, code: str, case_id: str | None, yes: bool) -> None:
    """Take a member's keys away at once. Only a quorum can give them back."""
    with someone.signed_in() as (client, roster):
        seen = None if case_id is None else Sight(client, someone.profile.rosters()).case(case_id)
        scope = "everywhere: in all cases, and at sign-in" if seen is None else f"in case {seen.file.code}"
        say(
            f"This takes the keys of {code} away {scope}. Their sessions end, their grants are erased.",
            err=True,
        )
        say("You sign this, and cannot take it back: only a quorum of custodians can.", err=True)
        confirm(f"Revoke the keys of {code}?", yes)
        key = someone.signing if isinstance(someone, Custodian) else _secret(client, someone).signing
        file = None if seen is None else seen.file
        document = revocation(file, code, someone.code, roster, today().isoformat())
        client.call("POST", "/api/revocations", sign(document, someone.code, key))
    say("Done. Have the keys that they held exchanged: `witness-vault access rotate`.", err=True)


def _propose(
    client: Client, member: Member, seen: Seen, plan: tuple[Team, Collection[str]], yes: bool
) -> None:
    sight, secret = Sight(client, member.profile.rosters()), _secret(client, member)
    keys = sight.keys(seen, member.code, secret)
    known = Known(seen.file, sight.brief(seen, keys), keys)
    by = Reviewer(member.code, secret.signing, seen.roster)
    document, attachments = next_version(known, plan[0], sorted(plan[1]), by)
    for line in change_words(seen, casefiles.parse(document)):
        say(line, err=True)
    confirm("Propose this change?", yes)
    say(put_forward(client, document, attachments))


def _secret(client: Client, member: Member) -> MemberSecret:
    return member.unwrap(client.call("GET", "/api/keys")["wrapped"])


def _staying(seen: Seen) -> Team:
    """The team without those whose keys were revoked and those who have left the roster."""
    return {
        code: keys
        for code, keys in seen.file.team.items()
        if code not in seen.revoked and code in seen.roster.members
    }


def _check_team(team: Team, proposer: Member, seen: Seen) -> None:
    """What no custodian would sign is refused before keys are born. Raises Invalid or Refused."""
    listed = seen.roster.members
    if any(code not in listed or _is_shut_out(code, seen) for code in team):
        raise Refused(
            "Somebody on this team is not in the roster, or was revoked everywhere: the custodians must "
            "sign a roster that lists them first."
        )
    if not all(may_hold(Role(listed[code].role), keys) for code, keys in team.items()):
        raise Invalid("A researcher may hold the brief and testimony keys, and no others.")
    if proposer.code not in team:
        raise Invalid("Whoever proposes stays on the team: let another reviewer propose it without you.")


def _waiting(seen: Seen, roster: Roster, asker: str) -> dict[str, list[str]]:
    """Who was not handed what they are promised; a researcher is shown only their own."""
    only_own = asker in roster.members and roster.members[asker].role == "researcher"
    found: dict[str, list[str]] = {}
    for code, (key, version) in promised(seen.file):
        if (key, version) in seen.handed(code) or code in seen.revoked or (only_own and code != asker):
            continue
        found.setdefault(code, []).append(f"{key} version {version}")
    return found


def _is_shut_out(code: str, seen: Seen) -> bool:
    return code in seen.revoked and seen.revoked[code].case is None


def _changed(
    team: Team, added: Iterable[tuple[str, list[str]]], removed: Iterable[tuple[str, list[str]]]
) -> Team:
    changed = {code: set(keys) for code, keys in team.items()}
    for code, keys in removed:
        if code not in changed:
            raise NotFound("Somebody who is to be removed is not on the team.")
        changed[code] -= set(keys or KEYS)
    for code, keys in added:
        changed.setdefault(code, set()).update(keys, ["brief"])
    for code in [code for code, keys in changed.items() if "brief" not in keys]:
        del changed[code]  # without the brief there is nothing that a key could be used for
    return {code: tuple(key for key in KEYS if key in keys) for code, keys in changed.items()}


def member_and_keys(typed: str) -> tuple[str, list[str]]:
    """CODE[:KEY,…] as it was typed. Raises Invalid for what is no key of a case."""
    code, _, keys = typed.partition(":")
    named = [key for key in keys.split(",") if key]
    if not set(named) <= set(KEYS):
        raise Invalid(f"The keys of a case are {', '.join(KEYS)}.")
    return code, named


def _key_of(file: CaseFile, secret: SealingKey) -> KeyVersion:
    """Which key of the case this is, by the public half that the quorum signed. Raises Tampered."""
    for key in KEYS:
        for name in file.versions(key):
            if file.with_key(name).keys[key] == secret.public:
                return name
    raise Tampered("What was sealed there is not a key of this case. Tell the custodians.")
