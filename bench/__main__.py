"""Run every measurement, or those named, and print what was measured, also where it falls short."""

from __future__ import annotations

import sys

from bench import (
    attack,
    cutting,
    deposits,
    files,
    lists,
    load,
    openings,
    pinned_page,
    resharing,
    residue,
    sealing,
    sign_in,
    tabulation,
    verifying,
    weight,
)

MEASUREMENTS = {
    "sealing": sealing.measure,
    "openings": openings.measure,
    "sign_in": sign_in.measure,
    "residue": residue.measure,
    "deposits": deposits.measure,
    "load": load.measure,
    "files": files.measure,
    "lists": lists.measure,
    "pinned_page": pinned_page.measure,
    "resharing": resharing.measure,
    "tabulation": tabulation.measure,
    "cutting": cutting.measure,
    "verifying": verifying.measure,
    "weight": weight.measure,
    "attack": attack.measure,
}


def main() -> None:
    """One line a measurement: ours, what it is compared with, the ratio."""
    for name in sys.argv[1:] or MEASUREMENTS:
        for line in MEASUREMENTS[name]():
            print(line, flush=True)


main()
