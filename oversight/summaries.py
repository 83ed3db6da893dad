"""Keeping the tallies and the sums of days equal to the record: case by case as it grows, from nothing, and proved.

One writer at a time (an advisory lock); each step is one transaction that may be repeated without harm. What is
written to the record meanwhile leaves a row in `Stale` that the next step finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from cases.models import Case
from oversight import counting
from oversight.models import Grouping

BATCH: Final = 500  # cases in one step of keeping up
RANGE: Final = 20_000  # ids in one step of making anew
LOCK: Final = 7_140_011  # any number; the same for everybody who writes here

# What a sum is kept by: the expression of its key, and which tallies it counts.
KEYS: Final = {
    Grouping.TOWNSHIP: ("left(place, 9)", "who = ''"),
    Grouping.CATEGORY: ("kind || ':' || category", "who = ''"),
    Grouping.OFFICE: ("who", "who ~ '^[do]'"),
}


def _sums(source: str, number: str) -> str:
    """The sums of tallies in `source`, as rows of DayTotal without their id."""
    return " UNION ALL ".join(
        f"SELECT '{grouping}' AS grouping, {key} AS key, measure, day, twin, {number} AS number"
        f" FROM {source} WHERE {which} GROUP BY {key}, measure, day, twin"
        for grouping, (key, which) in KEYS.items()
    )


def _run(sql: str, parameters: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _alone() -> None:
    _run("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def refresh(limit: int = BATCH) -> int:
    """Count again the cases whose record has grown, at most `limit`, in one transaction; returns how many."""
    with transaction.atomic():
        _alone()
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM oversight_stale WHERE case_id IN"
                " (SELECT DISTINCT case_id FROM (SELECT case_id FROM oversight_stale ORDER BY id LIMIT %s) AS oldest)"
                " RETURNING case_id",
                [limit],
            )
            ids = sorted({case_id for (case_id,) in cursor.fetchall()})
        if ids:
            _count_again(ids)
    return len(ids)


def refresh_all(seconds: float = float("inf")) -> int:
    """Go on until no record has grown since, or the time is over; returns how many cases were counted again."""
    until, total = monotonic() + seconds, 0
    while monotonic() < until and (done := refresh()):
        total += done
    return total


def _count_again(ids: Sequence[int]) -> None:
    """Replace the tallies of some cases; the sums change by the difference."""
    query, parameters = counting.of_cases(ids)
    columns = counting.COLUMNS
    _run("CREATE TEMPORARY TABLE IF NOT EXISTS changing (LIKE oversight_tally, sign int) ON COMMIT DROP")
    _run("ALTER TABLE changing ALTER COLUMN id DROP NOT NULL")
    _run(f"INSERT INTO changing ({columns}, sign) SELECT {columns}, 1 FROM ({query}) AS counted", parameters)
    _run(
        f"WITH old AS (DELETE FROM oversight_tally WHERE case_id = ANY(%s) RETURNING {columns})"
        f" INSERT INTO changing ({columns}, sign) SELECT {columns}, -1 FROM old",
        [list(ids)],
    )
    _run(f"INSERT INTO oversight_tally ({columns}) SELECT {columns} FROM changing WHERE sign = 1")
    _run(
        "INSERT INTO oversight_daytotal (grouping, key, measure, day, twin, number)"
        f" SELECT * FROM ({_sums('changing', 'sum(sign)')}) AS delta WHERE number <> 0"
        " ON CONFLICT (grouping, measure, day, key, twin)"
        " DO UPDATE SET number = oversight_daytotal.number + excluded.number"
    )
    _run("DELETE FROM oversight_daytotal WHERE number = 0")
    _run("DROP TABLE changing")


def ranges() -> list[tuple[int, int]]:
    """The ids of all cases, cut into steps."""
    last = Case.objects.unscoped().aggregate(last=Max("pk"))["last"] or 0
    return [(first, first + RANGE - 1) for first in range(1, last + 1, RANGE)]


def rebuild() -> Iterator[tuple[int, int]]:
    """Make everything again from the record; yields (step, steps) as it goes. Boards go on showing the old sums.

    A kill leaves what was done; running it again does all again.
    """
    steps = ranges()
    for number, (first, last) in enumerate(steps, start=1):
        with transaction.atomic():
            _alone()
            # First forgotten, then counted: what grows in between is found by its row in Stale once more.
            _run("DELETE FROM oversight_stale WHERE case_id BETWEEN %s AND %s", [first, last])
            _run("DELETE FROM oversight_tally WHERE case_id BETWEEN %s AND %s", [first, last])
            query, parameters = counting.of_range(first, last)
            columns = counting.COLUMNS
            _run(f"INSERT INTO oversight_tally ({columns}) {query}", parameters)
        yield number, len(steps)
    with transaction.atomic():
        _alone()
        _run("DELETE FROM oversight_daytotal")
        _run(
            "INSERT INTO oversight_daytotal (grouping, key, measure, day, twin, number) "
            + _sums("oversight_tally", "count(*)")
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A tally or sum that is kept and should not be ("too many"), or the other way round ("missing")."""

    what: str
    row: tuple[Any, ...]


def differences() -> Iterator[Difference]:
    """Count everything again and compare with what is kept; nothing when they are equal.

    Cases whose record has just grown are counted first; in a running office call it when nothing is written, or
    expect what was written in the meantime.
    """
    refresh_all()
    columns = counting.COLUMNS
    for first, last in ranges():
        query, parameters = counting.of_range(first, last)
        kept = f"SELECT {columns} FROM oversight_tally WHERE case_id BETWEEN {first} AND {last}"
        yield from _compare(kept, query, parameters)
    kept = "SELECT grouping, key, measure, day, twin, number FROM oversight_daytotal"
    yield from _compare(kept, _sums("oversight_tally", "count(*)"), None)


def _compare(kept: str, counted: str, parameters: Any) -> Iterator[Difference]:
    for what, one, other in (("too many", kept, counted), ("missing", counted, kept)):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({one}) AS a EXCEPT ALL SELECT * FROM ({other}) AS b", parameters)
            for row in cursor.fetchall():
                yield Difference(what, row)
