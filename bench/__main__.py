"""Run every measurement and print what was measured, also where it falls short."""

from __future__ import annotations

from bench import deposits, openings, pinned_page, resharing, sealing, sign_in


def main() -> None:
    """One line a measurement: ours, what it is compared with, the ratio."""
    for measure in (
        sealing.measure,
        openings.measure,
        sign_in.measure,
        deposits.measure,
        pinned_page.measure,
        resharing.measure,
    ):
        for line in measure():
            print(line, flush=True)


main()
