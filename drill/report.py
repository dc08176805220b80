"""The report: what was tried, and what came of it on the vault, on the naive build, and with each leak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drill.attack import Finding, Result
from drill.building import Size

_HEAD = """# The seizure drill

Written by `make drill`; it says the same each time, and the command fails if anything does not end as it must.

A vault of {witnesses} invented witnesses of {incidents} incidents is founded and served. Everybody is interviewed over
HTTP; some come back, correct themselves, or allow less; evidence is handed in, words are quoted, a statement is
published, one identity is opened; a researcher and a custodian leave, and everything is shared anew. Then the server is
stopped, and the attacker takes all files, logs and backups, the configuration, and what the attack names besides. The
truth is kept apart.

Each attack is tried three times: on the vault; on a **naive build**, which keeps the same as the field keeps it
(numbered rows that name each other, a salted hash of the name, encryption under a key in the configuration, a live
count, an access log), where it must succeed; and on copies of the vault with a **leak planted**, which it must find.
What an attack cannot find in this way, the drill does not show: [THREATS.md](THREATS.md) says what is out of reach.

| | attack | passes when | the vault | by chance | the naive build |
|---|---|---|---|---|---|
"""


def written(results: Sequence[Result], size: Size) -> str:
    """The whole report, as Markdown."""
    head = _HEAD.format(witnesses=size.witnesses, incidents=size.incidents)
    rows = "".join(map(_row, results))
    planted = "".join(line for result in results for line in _planted(result))
    return (
        f"{head}{rows}\n## Planted leaks\n\n| | leak | what the attack says then |\n|---|---|---|\n{planted}"
    )


def _row(result: Result) -> str:
    attack = result.attack
    naive = result.naive.text if result.naive else "has nothing of the kind"
    cells = attack.number, attack.title, attack.passes_when, _verdict(result.ours), attack.chance, naive
    return f"| {' | '.join(map(str, cells))} |\n"


def _verdict(found: Finding) -> str:
    return f"{'**holds**' if found.holds else '**FALLS**'}: {found.text}"


def _planted(result: Result) -> Iterator[str]:
    for what, found in result.planted:
        said = "**MISSED**" if found.holds else f"caught: {found.text}"
        yield f"| {result.attack.number} | {what} | {said} |\n"
