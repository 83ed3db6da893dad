"""make bench-timers: ten thousand ends among a hundred thousand open duties, a worker killed in the middle.

For comparison as many plain Celery ETA tasks first; then the whole program in real processes, as `make run` starts it. The
last line counts ends that were lost or doubled, and the exit status says whether any were. Nothing fails for being slow.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2

from config import servers
from config.layout import BASE_DIR, SUPERUSER, layout
from tests.bench import eta
from tests.bench.crowd import (
    BROKEN,
    DUTIES,
    EFFECTS,
    LAGS,
    TOLD,
    WAITING,
    fall_due,
    gather,
    one,
)
from tests.faults.city import in_city
from tests.ops.program import Program, clean_environment, running

CASES = 20_000
ENDS = 10_000
SPREAD = 60.0  # seconds
PATIENCE = 120.0  # seconds without any end taking effect until we stop waiting: then they count as lost


@dataclass(slots=True)
class Count:
    """What must not happen."""

    lost: int = 0
    doubled: int = 0
    broken: int = 0

    @property
    def status(self) -> int:
        """The exit status: 0 only when nothing went wrong."""
        return 1 if self.lost or self.doubled or self.broken else 0

    def __str__(self) -> str:
        return f"gezhi lost {self.lost} doubled {self.doubled}"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def program() -> Iterator[Program]:
    """A throw-away program with a small city; its database notes when each transaction was committed."""
    folder = Path(tempfile.mkdtemp(prefix="gezhi-timers-"))
    try:
        prepare_servers(folder / "var")
        with running(folder / "var") as found:
            yield found
    finally:
        home = layout(folder / "var").home if (folder / "var").exists() else folder
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def prepare_servers(var: Path) -> None:
    """Make the private servers once and set what must be set before their real start."""
    code = "from config import servers; servers.ensure()"
    environment = clean_environment(var)
    subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, check=True, timeout=120)
    connection = psycopg2.connect(layout(var).url(SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    connection.close()
    servers.stop(var)


def build_city(found: Program) -> None:
    """The cast, a category and one incident by the real service."""
    in_city(found, "incidents", 1, 86_400, 0)


def rush(found: Program, what: str, spread: float, count: Count) -> None:
    """Ends fall due; the worker that rings is killed when a third of them are over. Then what became of them."""
    first = one(found, "SELECT clock_timestamp()") + timedelta(seconds=8)
    ids = fall_due(found, ENDS, first, spread)
    assert len(ids) == ENDS
    killed = wait_and_kill(found, first + timedelta(seconds=spread))
    lags = sorted(lag for (lag,) in found.rows(LAGS, ids))
    effects = found.rows(EFFECTS, ids)
    lost = sum(not whole or entries == 0 for whole, entries in effects)
    doubled = sum(entries > 1 for _whole, entries in effects)
    count.lost, count.doubled = count.lost + lost, count.doubled + doubled
    say(
        f"{what}: {ENDS:,} ends, worker killed after {killed:,}; lag p50 {part(lags, 0.5):.2f} s, "
        f"p99 {part(lags, 0.99):.2f} s, max {part(lags, 1):.2f} s; {one(found, TOLD, first):,} notices; "
        f"lost {lost}, doubled {doubled}, load {os.getloadavg()[0]:.1f}"
    )
    if not spread and lags:
        say(f"{what}: the backlog was worked off at {len(lags) / max(lags[-1], 0.001):,.0f}/s")


def wait_and_kill(found: Program, last: datetime) -> int:
    """Until every end is taken; the worker dies once, in the middle. Returns how many were over by then."""
    killed, seen, until = 0, 0, time.monotonic() + PATIENCE
    while time.monotonic() < until and seen < ENDS:
        time.sleep(0.2)
        taken = ENDS - one(found, WAITING, last)
        if taken > seen:
            seen, until = taken, time.monotonic() + PATIENCE
        if not killed and taken * 3 >= ENDS:
            os.killpg(found.pids["worker"], signal.SIGKILL)
            killed = taken
    time.sleep(3)  # whatever would ring a second time has had the time to
    return killed


def part(ordered: list[float], share: float) -> float:
    """A quantile of sorted figures; 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def main() -> int:
    began, count = time.monotonic(), Count()
    say(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    say(eta.compare(ENDS))
    with program() as found:
        build_city(found)
        gather(found, CASES)
        say(
            f"{CASES:,} cases, {CASES * len(DUTIES):,} open duties, ready in {time.monotonic() - began:.0f} s"
        )
        rush(found, f"spread over {SPREAD:.0f} s", SPREAD, count)
        rush(found, "all at one instant", 0, count)
        count.broken = one(found, BROKEN)
        if count.broken:
            say(f"{count.broken} entries do not continue the record of their case")
    say(f"{time.monotonic() - began:.0f} s in all, load {os.getloadavg()[0]:.1f}")
    say(str(count))
    return count.status


if __name__ == "__main__":
    raise SystemExit(main())
