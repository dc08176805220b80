"""Withdrawing: by a receipt, without a passphrase, and in the name of a witness by somebody who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Device, confirm, in_file, with_device, yes_option
from vault.cli.screen import say
from vault.client import Client
from vault.errors import Invalid
from vault.profile import read_file
from vault.rules.withdrawals import Reason, Scope

_WORDS = {
    Scope.INTERVIEW: "Everything of this one interview is destroyed: what was said, and who said it.",
    Scope.IDENTITY: "Who said it is destroyed; the words stay, under the pseudonym.",
}
_ASK = (
    "Nobody can bring it back. What has left already cannot be recalled, and figures follow when at least three people "
    "have changed. Destroy it?"
)
_ITEM = (
    "All files of this item of evidence are destroyed, and nothing more is said of it in public; its custody chain "
    "stays, and says that you did it."
)
_STAYS = (
    "Files that this witness gave stay, until somebody who holds the key of the evidence withdraws each item."
)


@parts.command()
@click.argument("receipt", type=in_file, required=False)
@with_device
@click.option("--only-identity", is_flag=True, help="Destroy who said it, and keep the words.")
@click.option("--case", "case_id", help="As a reader: the case's id.")
@click.option("--interview", help="As a reader: a testimony by its receipt's digest, with its corrections.")
@click.option(
    "--witness", help="As a reader: all that the witness of this receipt's digest said in the case."
)
@click.option("--item", help="As who holds the evidence key: the files of an item that a witness gave.")
@click.option("--reason", type=click.Choice([str(one) for one in Reason]), help="As a reader: why.")
@click.option("--keep-files", is_flag=True, help="Keep the files that the witness gave as evidence.")
@yes_option
def withdraw(device: Device, receipt: Path | None, only_identity: bool, yes: bool, **named: Any) -> None:
    """Destroy what was deposited: by the file of its RECEIPT, which may be given again when it was interrupted; or in
    the name of a witness, by --interview, --witness or --item, with --case and --reason, signed in."""
    ways = [receipt, named["interview"], named["witness"], named["item"]]
    if sum(one is not None for one in ways) != 1:
        raise Invalid("Give the file of a receipt, or one of --interview, --witness and --item.")
    if receipt is not None:
        _by_receipt(device, receipt, only_identity, yes)
        return
    if not named["case_id"] or not named["reason"]:
        raise Invalid("In the name of a witness, give --case and --reason too.")
    member = device.member()
    shown = {"passphrase": member.passphrase, "device_key": member.device_key}
    with member.signed_in() as (client, _):
        if named["item"] is not None:
            _item(client, named, shown, yes)
        else:
            _testimony(client, named, {**shown, "scope": str(_scope(named, only_identity))}, yes)
    say("It is withdrawn.", err=True)


def _by_receipt(device: Device, receipt: Path, only_identity: bool, yes: bool) -> None:
    token = read_file(receipt).get("withdrawal_token")
    if not token:
        raise Invalid("This receipt withdraws nothing: take that of an interview.")
    scope = Scope.IDENTITY if only_identity else Scope.INTERVIEW
    with device.place.reach(device.profile) as client:
        if scope not in client.call("POST", "/api/withdraw", {"token": token})["scopes"]:
            raise Invalid("No identity is kept under this receipt: leave --only-identity out.")
        say(_WORDS[scope], err=True)
        confirm(_ASK, yes)
        client.call("POST", "/api/withdraw", {"token": token, "scope": str(scope)})
    say("It is withdrawn. Destroy the receipt.", err=True)


def _testimony(client: Client, named: Mapping[str, Any], wish: Mapping[str, str], yes: bool) -> None:
    path = f"/api/cases/{named['case_id']}/withdraw"
    about = {"testimony": named["interview"] or named["witness"]}
    for line in _ahead(client.call("POST", path, about), Scope(wish["scope"]), named["keep_files"]):
        say(line, err=True)
    confirm(_ASK, yes)
    rest = {"reason": named["reason"], "keep_files": named["keep_files"]}
    client.call("POST", path, {**about, **wish, **rest})


def _item(client: Client, named: Mapping[str, Any], shown: Mapping[str, str], yes: bool) -> None:
    say(_ITEM, err=True)
    confirm(_ASK, yes)
    path = f"/api/cases/{named['case_id']}/evidence/{named['item']}/withdraw"
    client.call("POST", path, {**shown, "reason": named["reason"]})


def _scope(named: Mapping[str, Any], only_identity: bool) -> Scope:
    if only_identity:
        return Scope.IDENTITY
    return Scope.INTERVIEW if named["interview"] is not None else Scope.WITNESS


def _ahead(found: Mapping[str, Any], scope: Scope, keep_files: bool) -> list[str]:
    """What will happen, in words."""
    many = found["interviews"][str(scope)]
    if scope is Scope.IDENTITY:
        return [f"The identity of this witness is destroyed, of all their deposits ({many}); the words stay."]
    what = (
        "This interview, with its corrections," if scope is Scope.INTERVIEW else "All that this witness said"
    )
    lines = [f"{what} is destroyed: deposits: {many}."]
    if found["items"] is None:
        lines.append(_STAYS)
    elif found["items"]:
        how = "stay" if keep_files else "are destroyed with it"
        lines.append(f"Files that this witness gave {how}: items of evidence: {found['items']}.")
    return lines + [
        f"Left already: {one['day']}, to {one['recipient']}, for {one['use']}, identity: {one['identity']}."
        for one in found["left"]
    ]
