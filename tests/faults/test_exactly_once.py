"""The whole program while things go wrong: every end of a duty takes effect exactly once, and in time."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
import redis

from tests.faults.city import in_city
from tests.ops.program import Program, patience, running, wait_for

pytestmark = pytest.mark.slow
PROMISE = 10.0  # seconds from its time or from the restart until an end has taken effect


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    folder = Path(tempfile.mkdtemp(prefix="gezhi-faults-"))
    try:
        with running(folder / "var") as found:
            yield found
            home = found.layout.home
        shutil.rmtree(home, ignore_errors=True)
    finally:
        shutil.rmtree(folder)


def taken(program: Program, ids: list[int]) -> int:
    """How many of these ends have taken effect."""
    statement = "SELECT count(*) FROM cases_deadlinemark WHERE kind = 'miss' AND taken_at IS NOT NULL AND deadline_id = ANY(%s)"
    return int(program.rows(statement, ids)[0][0])


def effects(program: Program, ids: list[int]) -> list[tuple[int, datetime, datetime, int]]:
    """(deadline, due, taken effect, entries) of each."""
    return [
        (pk, due, at, count)
        for pk, due, at, count in program.rows(
            """
            SELECT d.id, d.due_at, min(e.at), count(e.id)
            FROM cases_deadline d
            LEFT JOIN cases_caseevent e ON e.case_id = d.case_id AND e.verb = 'deadline.missed'
            WHERE d.id = ANY(%s) GROUP BY d.id, d.due_at ORDER BY d.due_at
            """,
            ids,
        )
    ]


def check_once(program: Program, ids: list[int]) -> None:
    """One entry each, every mark taken once, nobody told twice."""
    counts = Counter(count for _pk, _due, _at, count in effects(program, ids))
    assert counts == {1: len(ids)}
    open_marks = "SELECT count(*) FROM cases_deadlinemark WHERE taken_at IS NULL AND at < clock_timestamp() AND deadline_id = ANY(%s)"
    assert program.rows(open_marks, ids) == [(0,)]
    missed = "SELECT count(*) FROM cases_deadline WHERE id = ANY(%s) AND missed_at IS DISTINCT FROM due_at"
    assert program.rows(missed, ids) == [(0,)]
    twice = "SELECT count(*) FROM (SELECT 1 FROM cases_notice GROUP BY event_id, recipient_id HAVING count(*) > 1) AS t"
    assert program.rows(twice) == [(0,)]


def outcomes(program: Program, ids: list[int]) -> Counter[str]:
    rows = program.rows(
        "SELECT outcome FROM cases_deadlinemark WHERE kind = 'remind' AND deadline_id = ANY(%s)", ids
    )
    return Counter(outcome for (outcome,) in rows)


def report_lags(what: str, lags: list[float]) -> None:
    """The measured lags, for whoever reads the run (pytest -s, or -rP)."""
    ordered = sorted(lags)
    print(  # noqa: T201
        f"{what}: {len(lags)} ends, lag median {median(lags):.1f} s, 95 % {ordered[int(len(lags) * 0.95)]:.1f} s, "
        f"longest {max(lags):.1f} s, load {os.getloadavg()[0]:.1f}"
    )


def test_a_worker_killed_again_and_again_and_a_broker_flushed(program: Program) -> None:
    ids = in_city(program, "incidents", 200, 8, 20)
    over, kills = threading.Event(), 0

    def flush() -> None:
        broker = redis.Redis(unix_socket_path=str(program.layout.valkey_socket))
        while not over.wait(1.7):
            broker.flushall()

    flushing = threading.Thread(target=flush)
    flushing.start()
    try:
        seen, last, until = 0, 0.0, time.monotonic() + patience(90)
        while (done := taken(program, ids)) < len(ids) and time.monotonic() < until:
            # It has just worked: in the middle of it, it dies. Then it gets the time to come back and catch up.
            if done > seen and time.monotonic() - last > patience(6):
                os.killpg(program.pids["worker"], signal.SIGKILL)
                seen, kills, last = done, kills + 1, time.monotonic()
            time.sleep(0.02)
    finally:
        over.set()
        flushing.join()
    assert kills >= 2
    time.sleep(5)  # whatever would ring a second time has had the time to
    check_once(program, ids)
    lags = [(at - due).total_seconds() for _pk, due, at, _count in effects(program, ids)]
    report_lags(f"worker killed {kills} times, broker flushed every 1.7 s", lags)
    assert min(lags) >= 0
    assert max(lags) <= patience(PROMISE), program.log[-5000:]


def test_two_hours_nobody_comes_in_are_absent_once_though_the_worker_dies(program: Program) -> None:
    ids = in_city(program, "whistles", 60, 20, 15)
    seen, kills, last, until = 0, 0, 0.0, time.monotonic() + patience(90)
    while (done := taken(program, ids)) < len(ids) and time.monotonic() < until:
        if done > seen and time.monotonic() - last > patience(5):
            os.killpg(program.pids["worker"], signal.SIGKILL)
            seen, kills, last = done, kills + 1, time.monotonic()
        time.sleep(0.02)
    assert kills >= 1
    time.sleep(5)
    check_once(program, ids)
    absent = "SELECT s.outcome, count(*) FROM whistle_summons s JOIN cases_deadline d ON d.item = s.id AND d.duty = 'arrive'"
    assert program.rows(f"{absent} WHERE d.id = ANY(%s) GROUP BY 1", ids) == [("absent", len(ids))]
    entries = "SELECT count(*), count(DISTINCT n.summons_id) FROM whistle_negativeentry n"
    assert program.rows(f"{entries} WHERE n.ground = 'absent'") == [(len(ids), len(ids))]
    lags = [(at - due).total_seconds() for _pk, due, at, _count in effects(program, ids)]
    report_lags(f"nobody came, worker killed {kills} times", lags)
    assert max(lags) <= patience(PROMISE), program.log[-5000:]


def test_ends_of_a_time_when_nothing_ran_take_effect_after_the_start(program: Program) -> None:
    ids = in_city(program, "incidents", 200, 9, 20)
    assert program.interrupt() == 0
    time.sleep(12)
    program.launch()
    wait_for(lambda: program.get("/healthz")[0] == 200, patience(40), "start")
    up = program.rows("SELECT clock_timestamp()")[0][0]
    wait_for(lambda: taken(program, ids) == len(ids), patience(60), "all ends")
    time.sleep(5)
    check_once(program, ids)
    rows = effects(program, ids)
    lags = [(at - max(due, up)).total_seconds() for _pk, due, at, _count in rows]
    report_lags("stopped across the ends, from the restart", lags)
    late = [pk for pk, due, _at, _count in rows if due < up]
    assert late, "the program was back too soon to miss any"
    assert max(lags) <= patience(PROMISE)
    # A reminder whose duty has ended meanwhile is recorded as skipped and not sent.
    assert outcomes(program, late)["skipped"] >= len(late) - len(early(program, late))
    reminded = "SELECT count(*) FROM cases_caseevent e JOIN cases_deadline d USING (case_id) "
    reminded += "WHERE e.verb = 'deadline.reminded' AND d.id = ANY(%s)"
    assert program.rows(reminded, ids) == [(outcomes(program, ids)["done"],)]
    told_late = f"{reminded} AND e.at >= d.due_at"
    assert program.rows(told_late, ids) == [(0,)]


def early(program: Program, ids: list[int]) -> list[int]:
    """Those whose reminder went out in its time, before the program was stopped."""
    rows = program.rows(
        "SELECT deadline_id FROM cases_deadlinemark WHERE kind = 'remind' AND outcome = 'done' AND deadline_id = ANY(%s)",
        ids,
    )
    return [pk for (pk,) in rows]


def test_death_of_everything_at_once_loses_no_end(program: Program) -> None:
    ids = in_city(program, "incidents", 100, 6, 6)
    wait_for(lambda: taken(program, ids) > 0, patience(40), "the first end")
    notes = (program.layout.data / "postmaster.pid", program.layout.valkey_data / "pid")
    doomed = [int(note.read_text().split("\n")[0]) for note in notes]
    tree = program.tree()
    program.kill_supervisor()
    for pid in (*tree, *doomed):
        os.kill(pid, signal.SIGKILL)
    program.start()
    up = program.rows("SELECT clock_timestamp()")[0][0] - timedelta(seconds=1)
    wait_for(lambda: taken(program, ids) == len(ids), patience(60), "all ends")
    time.sleep(5)
    check_once(program, ids)
    lags = [(at - max(due, up)).total_seconds() for _pk, due, at, _count in effects(program, ids) if at > up]
    report_lags("everything killed, servers too, from the restart", lags or [0.0])
    assert max(lags, default=0) <= patience(PROMISE)
