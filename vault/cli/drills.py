"""Drills, and the end of former keys: a custodian proves that each share opens, and destroys what is needed no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vault.cli import parts
from vault.cli.common import Custodian, confirm, today, with_custodian, yes_option
from vault.cli.resharing import still_former
from vault.cli.screen import say
from vault.client import Client
from vault.errors import Invalid, Refused, Tampered
from vault.profile import KEY_FILE
from vault.sealing import drills, escrows, members
from vault.sealing.digests import Document, Json, b64, unb64
from vault.sealing.keypairs import cost_of
from vault.sealing.resharings import name_of, read_statement
from vault.sealing.rosters import Roster

PURPOSES = ("case-key", "identity", "match")
_NO_ARCHIVE = "With this file no archive of the vault from before them opens any more."


@dataclass
class Drilled:
    """What a drill has opened: this custodian's shares by record, and of records shared anew everybody's hashes."""

    shares: dict[str, str] = field(default_factory=dict)
    anew: dict[str, dict[str, str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def digest_of(self, code: str) -> str:
        """What a custodian's report says of the records that were shared anew, if they opened all of these."""
        return drills.digest_of({record: hashes[code] for record, hashes in self.anew.items()})


@parts.command()
@with_custodian
def drill(holder: Custodian) -> None:
    """Open each share that is sealed to you, and nothing else; tell the others, signed, that all of them open."""
    with holder.signed_in() as (client, roster):
        done = _drill(client, holder, roster)
        _report(client, holder, roster, done)
    say(f"{len(done.shares)} shares open with this key file.")


@parts.command()
@with_custodian
@yes_option
def retire_keys(holder: Custodian, yes: bool) -> None:
    """Destroy the sealing keys of past epochs in your key file, once k of you have proved that they are not needed."""
    with holder.signed_in() as (client, roster):
        present = roster.custodians[holder.code].sealing
        former = members.former(holder.file, present)
        if former == 0:
            raise Invalid("Your key file holds no key of a past epoch.")
        # (1) nothing is left that only the former keys open
        statements = _statements(client, holder)
        left = _left(client, statements)
        if left or not statements or not client.call("GET", "/api/drills")["finished"]:
            raise Refused(
                "Not everything is shared anew yet: finish that first, with `witness-vault custodian reshare`."
            )
        # (2) my own share of every record opens, now; (3) and so do those of enough others
        done = _drill(client, holder, roster)
        _report(client, holder, roster, done)
        _require_reports(client, roster, done)
        _require_all(client, done, statements)
    say(f"To be kept: the key of epoch {roster.epoch}, with which {len(done.shares)} shares open.", err=True)
    say(f"Keys to be destroyed: {former}, of past epochs. {_NO_ARCHIVE}", err=True)
    confirm("Destroy them?", yes)
    kept = holder.profile.read(KEY_FILE)
    made = members.without_former(holder.file, present, holder.passphrase, cost_of(kept["wrapped"]))
    holder.profile.overwrite(KEY_FILE, {**made, "pin": kept["pin"]})
    say(
        f"Destroyed: {former}, of past epochs, overwritten in this file. Flash media keep old blocks, and every copy"
    )
    say("and paper of the file keeps the keys: destroy those yourself, and make new ones of this file.")


def _drill(client: Client, holder: Custodian, roster: Roster) -> Drilled:
    done = Drilled()
    for purpose in PURPOSES:
        after: str | None = ""
        while after is not None:
            page = client.call("GET", f"/api/drills/{purpose}?after={after}")
            for shown in page["records"]:
                _open(done, shown, holder, roster)
            after = page["next"]
    for name in done.failed:
        say(f"Your share does not open: {name}", err=True)
    if any(name in done.anew for name in done.failed):
        raise Tampered(
            "A share that was made for you does not open. Destroy nothing, and tell the other custodians."
        )
    return done


def _open(done: Drilled, shown: Json, holder: Custodian, roster: Roster) -> None:
    try:
        extract, hashes = shown["extract"], dict(shown["hashes"])
        record, entry = str(extract["record"]), extract["share"]
        if shown["anew"]:
            done.anew[record] = {code: str(hashes[code]) for code in roster.codes}
        place = (extract["vault"], extract["epoch"], entry["custodian"], entry["hash"])
        if place != (roster.vault, roster.epoch, holder.code, hashes[holder.code]):
            raise Tampered("The server sent another share than yours.")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Tampered("The server sent something else than shares.") from None
    try:
        escrows.open_share(extract, holder.holder(roster).secret.sealing)
        done.shares[record] = str(entry["hash"])
    except Tampered:
        done.failed.append(record)


def _report(client: Client, holder: Custodian, roster: Roster, done: Drilled) -> None:
    signer = (holder.code, holder.signing)
    report = drills.report(roster, signer, today().isoformat(), done.shares, done.anew)
    client.call("POST", "/api/drills", {"report": report})


def _statements(client: Client, holder: Custodian) -> list[dict[str, Any]]:
    chain = holder.profile.rosters()
    return [read_statement(one, chain) for one in client.call("GET", "/api/resharing")["statements"]]


def _left(client: Client, statements: Sequence[Document]) -> list[str]:
    lost = {name for one in statements for name in one["lost"]}
    return [name for name in map(name_of, still_former(client)) if name not in lost]


def _require_all(client: Client, done: Drilled, statements: Sequence[Document]) -> None:
    """Raises Refused where the drill met fewer records than a ceremony signed that it had shared anew, and the server
    does not name as many that were withdrawn.

    The reports agree on what the server shows to all; what it hides from all is missing in number. That a record was
    withdrawn nobody proves: whoever holds the server can destroy any, and gains nothing by saying so instead.
    """
    signed = max(int(one["records"]) for one in statements)  # one may repeat another: they do not add up
    lacking = signed - len(done.anew)
    if lacking <= 0:
        return
    gone = _withdrawn(client) - done.shares.keys()
    if len(gone) < lacking:
        raise Refused(
            f"The former custodians signed that they shared {signed} records anew, and the server shows "
            f"{len(done.anew)} of them. Destroy nothing, and tell the other custodians."
        )
    say(
        f"{signed} records were shared anew; {lacking} of them are not there any more. The server says that they were "
        f"withdrawn, and names {len(gone)}. Ask the readers whether that can be.",
        err=True,
    )


def _withdrawn(client: Client) -> set[str]:
    found = set[str]()
    after: str | None = ""
    while after is not None:
        page = client.call("GET", f"/api/drills/withdrawn?after={after}")
        try:
            named = {b64(unb64(one, 16)) for one in page["withdrawn"]}
            following = page["next"]
        except (KeyError, TypeError, Invalid):
            raise Tampered("The server sent something else than the records that were withdrawn.") from None
        found, after = found | named, following
    return found


def _require_reports(client: Client, roster: Roster, done: Drilled) -> None:
    """Raises Refused unless k custodians have signed that they opened exactly the shares that the server shows."""
    shown: dict[str, Any] = client.call("GET", "/api/drills")["reports"]
    proved = []
    for code in roster.codes:
        if code in shown and drills.read_report(shown[code], code, roster)["anew"] == done.digest_of(code):
            proved.append(code)
    if len(proved) < roster.threshold:
        raise Refused(
            f"So far {len(proved)} of {roster.threshold} custodians have proved that their new shares open: the others "
            "run `witness-vault custodian drill` first."
        )


COMMANDS = (drill, retire_keys)
