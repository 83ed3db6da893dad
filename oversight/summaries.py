"""Keeping the tallies and the sums of days equal to the record: case by case as it grows, from nothing, and proved.

One writer at a time (an advisory lock); each step is one transaction that may be repeated without harm. What is
written to the record meanwhile leaves a row in `Stale` that the next step finds.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Max, Min

from cases.models import Case
from oversight import counting
from oversight.models import Grouping, Span, Stale

log = logging.getLogger(__name__)

BATCH: Final = 500  # cases in one step of keeping up
RANGE: Final = 2_000  # ids in one step of making anew
LOCK: Final = 7_140_011  # any number; the same for everybody who writes here

# What a sum is kept by: the expression of its key, which tallies it counts, and the spans in which it is kept. What is asked
# of single villages is few enough to be counted from tallies; a ranking of all asks for whole months.
DAY, MONTH = Span.DAY, Span.MONTH
KEYS: Final = {
    Grouping.AREA: ("left(place, 6)", "who = ''", (DAY, MONTH)),
    Grouping.TOWNSHIP: ("left(place, 9)", "who = ''", (DAY, MONTH)),
    Grouping.VILLAGE: ("left(place, 12)", "who = '' AND length(place) >= 12", (MONTH,)),
    Grouping.CATEGORY: ("kind || ':' || category", "who = ''", (DAY, MONTH)),
    Grouping.OFFICE: ("who", "who ~ '^[do]'", (DAY, MONTH)),
}
FIRST: Final = "date_trunc('month', {}::timestamp)::date"
# The columns of the day and its twin, and which tallies count by them.
DAYS: Final = {
    DAY: ("day", "twin", "true"),
    MONTH: (
        FIRST.format("day"),
        FIRST.format("twin"),
        f"(twin IS NULL OR {FIRST.format('twin')} <> {FIRST.format('day')})",
    ),
}
SUMS: Final = "span, grouping, area, key, measure, day, twin, seen_by"


def _sums(source: str, number: str) -> str:
    """The sums of tallies in `source`, in the columns SUMS and `number`."""
    return " UNION ALL ".join(
        f"SELECT '{span}' AS span, '{grouping}' AS grouping, left(place, 6) AS area, {key} AS key, measure,"
        f" {DAYS[span][0]} AS day, {DAYS[span][1]} AS twin, seen_by, {number} AS number"
        f" FROM {source} WHERE {which} AND {DAYS[span][2]} GROUP BY 3, 4, 5, 6, 7, 8"
        for grouping, (key, which, spans) in KEYS.items()
        for span in spans
    )


def _run(sql: str, parameters: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _alone() -> None:
    _run("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _add(source: str) -> str:
    """Sums as rows of Total: added to those that are there."""
    return (
        f"INSERT INTO oversight_total ({SUMS}, number)"
        f" SELECT {SUMS}, number FROM ({source}) AS delta WHERE number <> 0"
        f" ON CONFLICT ({SUMS}) DO UPDATE SET number = oversight_total.number + excluded.number"
    )


def _replace(which: str, counted: tuple[str, Any]) -> None:
    """Put what was counted in the place of the tallies `which`; the sums change by the difference. One statement."""
    query, parameters = counted
    columns = counting.COLUMNS
    _run(
        f"WITH old AS (DELETE FROM oversight_tally WHERE {which} RETURNING {columns}),"
        f" new AS (INSERT INTO oversight_tally ({columns}) {query} RETURNING {columns}),"
        f" changed AS MATERIALIZED ("
        f" SELECT {columns}, 1 AS sign FROM new UNION ALL SELECT {columns}, -1 FROM old)"
        f" {_add(_sums('changed', 'sum(sign)'))}",
        parameters,
    )
    _run("DELETE FROM oversight_total WHERE number = 0")


# --- keeping up


def refresh(ids: Sequence[int]) -> None:
    """Count some cases again and forget that their record had grown, in one transaction."""
    with transaction.atomic():
        _alone()
        # First forgotten, then counted: what grows in between is found by its row in Stale once more.
        _run("DELETE FROM oversight_stale WHERE case_id = ANY(%s)", [list(ids)])
        _replace("case_id = ANY(%(ids)s)", counting.of_cases(ids))


def _waiting(skipped: Collection[int], limit: int) -> list[int]:
    """Cases whose record has grown, the latest first: a large backlog holds up nothing that happens now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT case_id FROM (SELECT case_id FROM oversight_stale WHERE NOT case_id = ANY(%s)"
            " ORDER BY id DESC LIMIT %s) AS latest ORDER BY case_id",
            [list(skipped), limit],
        )
        return [case_id for (case_id,) in cursor.fetchall()]


def refresh_all(seconds: float = float("inf"), batch: int = BATCH) -> int:
    """Go on until no record has grown since, or the time is over; returns how many cases were counted again.

    A case that cannot be counted stays noted and is logged; all others are counted.
    """
    until, total = monotonic() + seconds, 0
    failed: set[int] = set()
    while monotonic() < until and (ids := _waiting(failed, batch)):
        broken = _try(ids)
        failed |= broken
        total += len(ids) - len(broken)
    return total


def _try(ids: list[int]) -> set[int]:
    """Count cases again, by halves when that fails; returns those that cannot be counted."""
    try:
        refresh(ids)
    except DatabaseError:
        if len(ids) == 1:
            log.exception("Case %s cannot be counted", ids[0])
            return set(ids)
        half = len(ids) // 2
        return _try(ids[:half]) | _try(ids[half:])
    return set()


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many entries of the record wait to be counted, and since when the oldest does."""

    number: int
    since: datetime | None


def backlog() -> Backlog:
    """What waits to be counted now."""
    found = Stale.objects.aggregate(number=Count("pk"), since=Min("noted_at"))
    return Backlog(found["number"], found["since"])


# --- making anew


def ranges() -> list[tuple[int, int]]:
    """The ids of all cases, cut into steps."""
    last = Case.objects.unscoped().aggregate(last=Max("pk"))["last"] or 0
    return [(first, first + RANGE - 1) for first in range(1, last + 1, RANGE)]


def rebuild() -> Iterator[tuple[int, int]]:
    """Make everything again from the record; yields (step, steps) as it goes. Boards go on meanwhile.

    Each step leaves tallies and sums that agree, so a kill leaves what was done; running it again does all again.
    """
    steps = ranges()
    for number, (first, last) in enumerate(steps, start=1):
        with transaction.atomic():
            _alone()
            _run("DELETE FROM oversight_stale WHERE case_id BETWEEN %s AND %s", [first, last])
            _replace("case_id BETWEEN %(first)s AND %(last)s", counting.of_range(first, last))
        yield number, len(steps) + 1
    with transaction.atomic():
        _alone()
        _right_sums()
    yield len(steps) + 1, len(steps) + 1


def _right_sums() -> None:
    """Make the sums those of the tallies, whatever they were: the wrong ones are corrected."""
    _run(
        f"WITH should AS MATERIALIZED ({_sums('oversight_tally', 'count(*)')}),"
        " wrong AS (DELETE FROM oversight_total AS kept WHERE NOT EXISTS ("
        "  SELECT FROM should WHERE should.span = kept.span AND should.grouping = kept.grouping AND should.area = kept.area"
        "  AND should.key = kept.key AND should.measure = kept.measure AND should.day = kept.day"
        "  AND coalesce(should.twin, '-infinity') = coalesce(kept.twin, '-infinity')"
        "  AND should.seen_by = kept.seen_by))"
        f" INSERT INTO oversight_total AS kept ({SUMS}, number) SELECT {SUMS}, number FROM should"
        f" ON CONFLICT ({SUMS}) DO UPDATE SET number = excluded.number WHERE kept.number <> excluded.number"
    )


# --- proof


@dataclass(frozen=True, slots=True)
class Difference:
    """A tally or sum that is kept and should not be ("too many"), or the other way round ("missing")."""

    what: str
    row: tuple[Any, ...]


def differences() -> Iterator[Difference]:
    """Count everything again and compare with what is kept; nothing when they are equal.

    Everything is read as it stood at one instant; what is noted and not counted yet is no difference, whoever writes
    meanwhile.
    """
    refresh_all()
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        columns = counting.COLUMNS
        known = "case_id NOT IN (SELECT case_id FROM oversight_stale)"
        for first, last in ranges():
            query, parameters = counting.of_range(first, last)
            kept = (
                f"SELECT {columns} FROM oversight_tally WHERE case_id BETWEEN {first} AND {last} AND {known}"
            )
            yield from _compare(kept, f"SELECT * FROM ({query}) AS c WHERE {known}", parameters)
        yield from _compare(
            f"SELECT {SUMS}, number FROM oversight_total", _sums("oversight_tally", "count(*)"), None
        )


def _compare(kept: str, counted: str, parameters: Any) -> Iterator[Difference]:
    for what, one, other in (("too many", kept, counted), ("missing", counted, kept)):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({one}) AS a EXCEPT ALL SELECT * FROM ({other}) AS b", parameters)
            for row in cursor.fetchall():
                yield Difference(what, row)
