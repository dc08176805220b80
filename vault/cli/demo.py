"""`witness-vault demo`: a throw-away vault with the Sermin case, logged through the same entrances as everything else.

Keys, passphrases and identities are made at each run. The server is a real one, on loopback.
"""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess  # nosec B404 - waits for our own server
import tempfile
from pathlib import Path

import click

from vault.cli import custodian, editions, parts
from vault.cli.demo_stage import CUSTODIANS, DESK, MEMBERS, THRESHOLD, Stage
from vault.cli.screen import say
from vault.errors import Conflict, Unreachable
from vault.profile import MEMBER, Profile


@parts.command()
@click.option("--once", is_flag=True, help="Do all of it, print the corroboration table, and stop.")
@click.option(
    "--json", "as_json", is_flag=True, help="With --once: print nothing but the hospital's table as JSON."
)
@click.option("--port", type=click.IntRange(1, 65535), help="The port on loopback; a free one if not given.")
def demo(once: bool, as_json: bool, port: int | None) -> None:
    """Found a throw-away vault, log the Sermin case, publish a statement on it, and serve it."""
    for ending in (signal.SIGTERM, signal.SIGHUP):  # ended from outside, it leaves nothing either
        signal.signal(ending, signal.default_int_handler)
    address = f"http://127.0.0.1:{_free_port(port or 0)}"
    with tempfile.TemporaryDirectory(prefix="witness-vault-demo-", ignore_cleanup_errors=True) as folder:
        say(f"A throw-away vault in {folder}", err=True)
        stage = Stage(Path(folder), address)
        with stage.playing() as server:
            table, told = stage.play(), [*stage.speak(), *stage.answer()]
            say(f"V2 quoted a doctor, of whom there were few. {stage.quoted}", err=True)
            if as_json:
                say(json.dumps(table, ensure_ascii=False))
            else:
                editions.print_table(table)
            for line in told:
                say(line, err=as_json)
            if not once:
                _invite_the_audience(stage, server)


def _invite_the_audience(stage: Stage, server: subprocess.Popen[bytes]) -> None:
    """Print the sign-ins, and serve until interrupted. Raises Unreachable when the server has ended."""
    for code in CUSTODIANS[THRESHOLD:]:  # the others have met the server already, and keep its address
        stage.run_as(code, custodian.proposals)
    say("")
    say(f"Open {stage.server} and sign in. Nothing here outlives this command.")
    say("")
    for code, role in {**MEMBERS, DESK: "custodian"}.items():
        does = {"V1": "cuts editions", "V2": "reads testimony", DESK: "sees what waits"}
        place = stage.signs_in_as(code)
        say(f"  {code}  {role}, {does.get(code, 'logs interviews')}")
        say(f"      passphrase   {stage.passphrases[place]}")
        say(f"      device key   {Profile(stage.folder / place).read(MEMBER)['device_key']}")
    words = stage.passphrases["C1"]
    quorum = f"{', '.join(CUSTODIANS)} ({THRESHOLD} of {len(CUSTODIANS)})"
    say("")
    say(f"  Custodians {quorum} hold a key file each, with the passphrase")
    say(f"      {words}")
    say(f"  To open one identity, see the README; profiles lie in {stage.folder}")
    say("")
    say("Press Ctrl-C to end it and remove everything.", err=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.wait()
        raise Unreachable("The server has ended; its own words stand above.")


def _free_port(wanted: int) -> int:
    """This port on loopback, or any if it is 0. Raises Conflict when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise Conflict("That port is taken: name another with --port, or none.") from None
        return int(probe.getsockname()[1])
