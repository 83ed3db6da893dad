"""Boards over a long history: the p95 of each page beside a plain GROUP BY of the record, and how long counting takes.

    python -m tests.bench.boards [--incidents N] [--months M] [--grids G]

The plain query counts what the page shows straight from duties and entries, as one would without tallies: the best that
the page could do if it kept nothing. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

from tests.bench.stage import stage

TURNS: Final = 40
# What a board that stands open asks every five seconds: its contents without the frame.
REFRESHED: Final = ("committee's board, refreshed", "centre's board, refreshed")

# What a page shows, from the record alone: the archive rates of a period by place, week or whatever {key} is.
RATES: Final = """
SELECT {key}, count(DISTINCT c.id), count(DISTINCT c.id) FILTER (WHERE d.missed_at IS NOT NULL),
       count(DISTINCT c.id) FILTER (WHERE d.met_at BETWEEN %(first)s AND %(last)s)
FROM cases_deadline d JOIN cases_case c ON c.id = d.case_id JOIN incidents_incident i ON i.case_id = c.id
WHERE d.duty IN ('whole', 'handle') AND c.place_prefix LIKE %(place)s
  AND (d.met_at BETWEEN %(first)s AND %(last)s OR d.missed_at BETWEEN %(first)s AND %(last)s)
GROUP BY 1"""
REPORTS: Final = """
SELECT {key}, count(DISTINCT c.id)
FROM cases_caseevent e JOIN cases_case c ON c.id = e.case_id JOIN incidents_incident i ON i.case_id = c.id
WHERE e.verb = 'incident.reported' AND e.at BETWEEN %(first)s AND %(last)s AND c.place_prefix LIKE %(place)s
GROUP BY 1"""
OPEN: Final = """
SELECT c.state, count(*) FROM cases_case c
WHERE c.kind = 'incident' AND c.closed_at IS NULL AND c.place_prefix LIKE %(place)s GROUP BY 1"""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one thing in milliseconds."""

    middle: float
    p95: float


def spread(do: Callable[[], object], turns: int = TURNS) -> Spread:
    """The median and the p95 of some turns; the first, which warms up, is not counted."""
    do()
    found = []
    for _turn in range(turns):
        began = perf_counter()
        do()
        found.append((perf_counter() - began) * 1000)
    return Spread(median(found), quantiles(found, n=20)[-1])


def plain(queries: list[str], period: Any, place: str) -> Callable[[], object]:
    """The queries of a page on the record, run one after another."""
    from django.db import connection

    from cases.filters import end_of, start_of

    values: dict[str, Any] = {
        "first": start_of(period.first),
        "last": end_of(period.last),
        "place": f"{place}%",
    }

    def ask() -> None:
        with connection.cursor() as cursor:
            for query in queries:
                cursor.execute(query, values)
                cursor.fetchall()

    return ask


def measure_pages() -> None:
    """Each board and ranking, beside the plain queries of what it shows."""
    from accounts.models import Post, User
    from accounts.roles import Role
    from cases.periods import Period
    from grids import clock
    from oversight import board, bulletins, rankings
    from oversight.rankings import Target
    from tests.bench.measures import browser

    posts = {
        role: Post.objects.filter(role=role, user__is_active=True).select_related("user", "division").first()
        for role in (Role.COMMITTEE, Role.CENTRE, Role.TOWNSHIP_CENTRE)
    }
    # Made-up people have to set a password first, as everybody.
    User.objects.filter(posts__in=[post for post in posts.values() if post]).update(
        must_change_password=False
    )
    committee, centre, township = posts.values()
    assert committee and centre and township and committee.division and township.division
    city, town = committee.division.prefix, township.division.prefix
    today = clock.today()
    month, year = Period.month_of(today).before(), Period.of_year(today.year - 1)
    days, weeks = board.last_days(), Period(board.last_days(84).first, today)
    bulletins.make_due()
    place, village = "left(c.place_prefix, 9)", "left(c.place_prefix, 12)"
    week = "date_trunc('week', coalesce(d.missed_at, d.met_at))"
    asked: list[tuple[str, Post, str, Callable[[], object]]] = [
        ("committee's board", committee, "/oversight/board/", plain(
            [RATES.format(key=week), REPORTS.format(key=place), REPORTS.format(key="i.category_id")], weeks, city)),
        (REFRESHED[0], committee, "/oversight/board/", plain(
            [RATES.format(key=week), REPORTS.format(key=place), REPORTS.format(key="i.category_id")], weeks, city)),
        ("centre's board", centre, "/oversight/centre/", plain(
            [OPEN, RATES.format(key="i.category_id"), REPORTS.format(key="i.category_id")], days, city)),
        (REFRESHED[1], centre, "/oversight/centre/", plain(
            [OPEN, RATES.format(key="i.category_id"), REPORTS.format(key="i.category_id")], days, city)),
        ("townships, a month", committee, _figures(month, "place"), plain(
            [RATES.format(key=place), REPORTS.format(key=place)], month, city)),
        ("townships, a year", committee, _figures(year, "place"), plain(
            [RATES.format(key=place), REPORTS.format(key=place)], year, city)),
        ("categories, a year", committee, _figures(year, "category"), plain(
            [RATES.format(key="i.category_id"), REPORTS.format(key="i.category_id")], year, city)),
        ("offices, a year", committee, _figures(year, "office"), plain(
            [RATES.format(key="d.holder_department_id")], year, city)),
        ("villages of a township, a year", township, _figures(year, "place"), plain(
            [RATES.format(key=village), REPORTS.format(key=village)], year, town)),
        ("workers of a township, a month", township, _figures(month, "worker"), plain(
            [REPORTS.format(key="e.post_id")], month, town)),
        ("map by village, a week", committee, "/oversight/map/data/?level=village", plain(
            [REPORTS.format(key=village)], Period(board.last_days(7).first, today), city)),
        ("ranking of all workers, as read", committee, _ranking(), plain(
            [REPORTS.format(key="e.post_id")], Period.quarter_of(today).before(), city)),
    ]  # fmt: skip
    say(f"{'page':34}{'median':>10}{'p95':>10}{'plain p95':>11}{'ratio':>8}")
    for what, post, address, bare in asked:
        client = browser(post)
        if what in REFRESHED:
            client.defaults["HTTP_HX_REQUEST"] = "true"

        def get(address: str = address, client: Any = client) -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        _line(what, spread(get), spread(bare, 10))
    quarter = Period.quarter_of(today).before()
    root = committee.division
    for target in Target:
        bare = plain([RATES.format(key=place)], quarter, city)
        made = spread(lambda target=target: rankings.make(target, quarter, root), 10)  # type: ignore[misc]
        _line(f"ranking of a quarter: {target.value}", made, spread(bare, 10))


def _figures(period: Any, by: str) -> str:
    return f"/oversight/figures/?since={period.first}&until={period.last}&subject=incident&by={by}"


def _ranking() -> str:
    """The page of the newest quarterly ranking."""
    from oversight.models import Bulletin, BulletinKind

    return Bulletin.objects.filter(kind=BulletinKind.QUARTERLY).latest("first").get_absolute_url()


def _line(what: str, ours: Spread, bare: Spread) -> None:
    say(f"{what:34}{ours.middle:>8.0f}ms{ours.p95:>8.0f}ms{bare.p95:>9.0f}ms{ours.p95 / bare.p95:>8.2f}")


def measure_counting() -> None:
    """How long a change waits: the worker comes every three seconds, counts, and a board asks every five."""
    from django.db import connection

    from cases.models import Case
    from oversight import summaries
    from oversight.models import Stale

    ids = list(Case.objects.unscoped().order_by("-pk").values_list("pk", flat=True)[:500])
    for number in (1, 500):
        some = ids[:number]

        def count(some: list[int] = some) -> None:
            Stale.objects.bulk_create(Stale(case_id=pk) for pk in some)
            summaries.refresh_all()

        took = spread(count, 10)
        say(
            f"counting {number} changed: median {took.middle:.0f} ms, p95 {took.p95:.0f} ms; shown after at most"
            f" {3 + took.p95 / 1000 + 5:.1f} s"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), pg_size_pretty(pg_total_relation_size('oversight_tally')) FROM oversight_tally"
        )
        tallies, size = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM oversight_total")
        (sums,) = cursor.fetchone()
    say(f"{tallies:,} tallies ({size}), {sums:,} sums of days and months")


def timed(what: str, do: Callable[[], object]) -> None:
    began = perf_counter()
    do()
    say(f"{what}: {perf_counter() - began:.0f} s")


def main(incidents: int, months: int, grids: int) -> None:
    """Make the history, count it, prove it, measure."""
    say(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {incidents:,} incidents, {grids:,} grids"
    )
    with stage():
        from django.core.management import call_command
        from django.db import connection

        from oversight import summaries

        timed(
            "history", lambda: call_command("make_history", incidents=incidents, months=months, grids=grids)
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cases_caseevent")
            say(f"{cursor.fetchone()[0]:,} entries of the record")
            cursor.execute("VACUUM ANALYZE")
        timed("rebuild of everything", lambda: list(summaries.rebuild()))
        differences: list[object] = []
        timed("proof", lambda: differences.extend(summaries.differences()))
        say(f"differences: {len(differences)}")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        measure_pages()
        measure_counting()
    say(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--grids", type=int, default=2_000)
    given = parser.parse_args()
    main(given.incidents, given.months, given.grids)
