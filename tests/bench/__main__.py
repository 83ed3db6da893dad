"""make bench: medians and ratios on a throw-away server, in a few minutes. Nothing here fails for being slow."""

from __future__ import annotations

import os
import sys
from time import perf_counter

from tests.bench.stage import BACKLOG, INCIDENTS, backlog, furnish, stage


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure everything and print one table."""
    began = perf_counter()
    say(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {INCIDENTS} incidents, {BACKLOG:,} ends"
    )
    with stage():
        from tests.bench import measures

        furnish()
        say(f"furnished in {perf_counter() - began:.0f} s")
        say(f"{'what':32}{'ours':>12}{'bare':>12}{'ratio':>8}  note")
        for measure in (
            measures.locating,
            measures.list_page,
            measures.case_page,
            measures.reporting,
            lambda: measures.ringing(backlog()),
        ):
            found = measure()
            say(f"{found.what:32}{found.ours:>12}{found.bare:>12}{found.ratio:>8}  {found.note}")
    say(f"{perf_counter() - began:.0f} s in all, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
