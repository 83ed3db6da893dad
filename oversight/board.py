"""The committee's board: what runs and what is overdue now, how it has gone for weeks, where and of what there is much.

What is live is read from the open duties, the rest from the sums. Everything is a number with its cases behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, Q

from accounts.models import Post
from cases.models import Case
from cases.periods import Period
from cases.querysets import CaseQuerySet
from grids import clock
from grids.models import DivisionLevel
from incidents import overdue
from incidents.overdue import Owed
from oversight import figures, tables
from oversight.figures import Counts, Slice
from oversight.indicators import BY_CODE, Indicator, Subject, Value
from whistle.board import Running, running
from whistle.models import NegativeEntry
from whistle.querysets import STANDING

WEEKS: Final = 12
DAYS: Final = 30
MOST: Final = 8  # rows of what is hot
REPORTS: Final[Indicator] = BY_CODE["reports"]
SHARES: Final = ("on_time_archive_rate", "on_time_handling_rate", "arrival_rate")


def last_days(days: int = DAYS) -> Period:
    """The days up to and with today."""
    today = clock.today()
    return Period(today - timedelta(days=days - 1), today)


@dataclass(frozen=True, slots=True)
class Late:
    """A department that owes something now, or was late within 30 days. `owed` None: it owes nothing now."""

    name: str
    who: str
    owed: Owed | None
    often: list[tuple[Value, Slice]]

    @property
    def times(self) -> int:
        return sum(value.numerator for value, _of in self.often)


def cases_seen(post: Post) -> CaseQuerySet:
    """The cases that the person sees: what is live on a board is theirs."""
    return Case.objects.visible_to(post.user)


def owing_now(seen: CaseQuerySet) -> list[Owed]:
    """What every office owes that is overdue."""
    now = clock.now()
    return overdue.owed_by_office(overdue.duties(seen, now), now)


def late_departments(post: Post, owing: Iterable[Owed]) -> list[Late]:
    """Departments by how long the oldest overdue duty is over, then by how often they were late in 30 days."""
    period, now = last_days(), clock.now()
    owed = {f"d{one.department}": one for one in owing if one.department}
    often = (BY_CODE["late_handlings"], BY_CODE["missed_arrivals"])
    counted = figures.by_office(period, post.division, reader=post.role, measures=figures.measures_of(often))
    found = []
    keys = list(owed) + [key for key in counted if key.startswith("d") and key not in owed]
    names = tables.office_names(keys)
    for key in keys:
        of = Slice(period, post.division, who=key, reader=post.role)
        values = [(one.value(counted.get(key, {})), of) for one in often]
        row = Late(names[key], key, owed.get(key), values)
        if row.owed is not None or row.times:
            found.append(row)
    found.sort(key=lambda row: (row.owed is None, row.owed.since if row.owed else now, -row.times, row.name))
    return found


@dataclass(frozen=True, slots=True)
class Week:
    """A week with its shares; `first` is a Monday."""

    period: Period
    values: list[Value]


def weeks(post: Post, codes: tuple[str, ...] = SHARES, number: int = WEEKS) -> list[Week]:
    """The last weeks up to and with this one, the oldest first."""
    wanted = [BY_CODE[code] for code in codes]
    this = Period.week_of(clock.today())
    periods = [
        Period(this.first - timedelta(weeks=back), this.last - timedelta(weeks=back))
        for back in range(number - 1, -1, -1)
    ]
    counted = figures.series(periods, post.division, reader=post.role, measures=figures.measures_of(wanted))
    return [
        Week(period, [one.value(counts) for one in wanted])
        for period, counts in zip(periods, counted, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Hot:
    """A place or a kind of which much was reported in 30 days. `before`: in the 30 days before them."""

    label: str
    value: Value
    before: Value
    of: Slice
    of_before: Slice

    @property
    def change(self) -> int:
        return self.value.numerator - self.before.numerator


def hot_places(post: Post) -> list[Hot]:
    """The townships with the most reports; in a township its villages."""
    place = post.division
    assert place is not None  # a committee's or a centre's
    level = tables.BELOW[DivisionLevel(place.level)]
    period = last_days()
    now, past = (
        figures.below(span, place, level, reader=post.role, measures=REPORTS.measures)
        for span in (period, period.before())
    )
    earlier = {one.division.pk: one.counts for one in past}
    return _hottest(
        period,
        {one.division.code: one.counts for one in now},
        {one.division.code: earlier[one.division.pk] for one in now},
        {one.division.code: one.division.name for one in now},
        lambda key, span: Slice(
            span, next(one.division for one in now if one.division.code == key), reader=post.role
        ),
    )


def hot_kinds(post: Post) -> list[Hot]:
    """The categories of incidents with the most reports."""
    period = last_days()
    now, past = (
        figures.by_category(span, post.division, reader=post.role, measures=REPORTS.measures)
        for span in (period, period.before())
    )
    return _hottest(
        period,
        now,
        past,
        tables.category_names(Subject.INCIDENT),
        lambda key, span: Slice(span, post.division, category=key, reader=post.role),
    )


def _hottest(
    period: Period,
    now: Mapping[str, Counts],
    past: Mapping[str, Counts],
    names: Mapping[str, str],
    slice_of: Callable[[str, Period], Slice],
) -> list[Hot]:
    rows = [
        Hot(
            names[key], REPORTS.value(counts), REPORTS.value(past.get(key, {})),
            slice_of(key, period), slice_of(key, period.before()),
        )
        for key, counts in now.items()
        if key in names and REPORTS.value(counts).numerator
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.value.numerator, row.label))[:MOST]


@dataclass(frozen=True, slots=True)
class Negative:
    """The negative list now: entries that stand, that wait for a decision, and that are appealed against."""

    standing: int
    proposed: int
    appealed: int


def negative(seen: CaseQuerySet) -> Negative:
    """Counts as the page of the negative list shows them."""
    found = NegativeEntry.objects.among(seen).aggregate(
        standing=Count("pk", filter=Q(state__in=STANDING)),
        proposed=Count("pk", filter=Q(state="proposed")),
        appealed=Count("pk", filter=Q(state="appealed")),
    )
    return Negative(**found)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the committee's board."""

    running: list[Running]
    waiting: int
    late: list[Late]
    overdue: int
    negative: Negative
    weeks: list[Week]
    places: list[Hot]
    kinds: list[Hot]


def make(post: Post) -> Board:
    """The board of a committee or a centre."""
    seen = cases_seen(post)
    rows, owing = running(seen), owing_now(seen)
    return Board(
        running=rows,
        waiting=sum(call.summons.state == "summoned" for row in rows for call in row.calls),
        late=late_departments(post, owing),
        overdue=sum(one.duties for one in owing),
        negative=negative(seen),
        weeks=weeks(post),
        places=hot_places(post),
        kinds=hot_kinds(post),
    )
