"""Working time, purely: a start, an allowance, the pauses and a calendar give an instant. No database here.

Hours run from the instant. Days: the start day does not count; working days end at the close of working hours of
the last day, calendar days at 24:00 of the last day, or of the next working day when that is a rest day
(民法典, articles 201 and 203). A day touched by a pause does not count; minutes inside a pause do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from grids.clock import SHANGHAI, local_day

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


class YearNotCovered(Exception):
    """The work calendar says nothing about a day that is needed."""


class Unit(StrEnum):
    """What an allowance is counted in."""

    CLOCK_MINUTES = "clock_minutes"
    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


@dataclass(frozen=True, slots=True)
class Allowance:
    """So much time, in a unit."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Due:
    """An instant, and whether it rests on days whose official arrangement is not announced yet."""

    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """The two working spans of a day."""

    morning: tuple[time, time]
    afternoon: tuple[time, time]


@dataclass(frozen=True)
class Calendar:
    """Working or not for every covered day, the hours from each date on, and the provisional years."""

    days: Mapping[date, bool]
    hours: Sequence[tuple[date, Hours]]
    provisional_years: frozenset[int] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        """Whether people work on this day; raises YearNotCovered when the table does not say."""
        try:
            return self.days[day]
        except KeyError:
            raise YearNotCovered(f"the work calendar does not cover {day:%Y-%m-%d}") from None

    def spans(self, day: date) -> list[Span]:
        """The working spans of a day; none on a rest day."""
        if not self.is_working(day):
            return []
        hours = self.hours_on(day)
        return [
            (datetime.combine(day, begin, SHANGHAI), datetime.combine(day, end, SHANGHAI))
            for begin, end in (hours.morning, hours.afternoon)
        ]

    def hours_on(self, day: date) -> Hours:
        """The working hours in force on a day; raises YearNotCovered before the first ones."""
        since = max((row for row in self.hours if row[0] <= day), key=lambda row: row[0], default=None)
        if since is None:
            raise YearNotCovered(f"no working hours are set for {day:%Y-%m-%d}")
        return since[1]

    def close(self, day: date) -> datetime:
        """The end of working hours of a working day."""
        return self.spans(day)[-1][1]

    def next_open(self, at: datetime) -> datetime:
        """This instant if people are at work, else when they next begin."""
        day = local_day(at)
        while True:
            for begin, end in self.spans(day):
                if at < end:
                    return max(at, begin)
            day += DAY

    def is_provisional(self, *days: date) -> bool:
        return any(day.year in self.provisional_years for day in days)


def due(start: datetime, allowance: Allowance, pauses: Sequence[Span], calendar: Calendar) -> Due:
    """When the allowance is used up.

    Raises YearNotCovered when the calendar does not reach that far, ValueError for a start without a time zone or
    an amount below 0.
    """
    if start.tzinfo is None or allowance.amount < 0:
        raise ValueError("a start needs a time zone, an allowance 0 or more")
    if not allowance.amount:
        at = start
    elif allowance.unit in (Unit.CLOCK_MINUTES, Unit.WORKING_MINUTES):
        at = _after(start, allowance.amount * MINUTE, _running(start, allowance.unit, pauses, calendar))
    else:
        at = _day_end(start, allowance, pauses, calendar)
    counted = allowance.unit != Unit.CLOCK_MINUTES
    # 24:00 of a day is told as 0:00 of the next one, whose year has no part in it.
    last_day = local_day(max(start, at - MOMENT))
    return Due(at, counted and calendar.is_provisional(local_day(start), last_day))


def share_point(
    start: datetime, allowance: Allowance, pauses: Sequence[Span], calendar: Calendar, share: float
) -> datetime:
    """The instant at which a share (0 to 1) of the time is used: of the minutes, or of the way to the due day."""
    end = due(start, allowance, pauses, calendar).at
    unit = allowance.unit
    base = Unit.CLOCK_MINUTES if unit in (Unit.CLOCK_MINUTES, Unit.CALENDAR_DAYS) else Unit.WORKING_MINUTES
    total = timedelta(0)
    spans = []
    for begin, stop in _running(start, base, pauses, calendar):
        if begin >= end:
            break
        spans.append((begin, min(stop, end)))
        total += spans[-1][1] - begin
    return min(_after(start, total * share, iter(spans)), end) if spans else end


def _after(start: datetime, length: timedelta, running: Iterator[Span]) -> datetime:
    """Walk the running spans until the length is used up."""
    left, at = length, start
    for begin, end in running:
        if end - begin >= left:
            return begin + left
        left -= end - begin
        at = end
    return at


def _running(start: datetime, unit: Unit, pauses: Sequence[Span], calendar: Calendar) -> Iterator[Span]:
    """The spans in which the clock runs from the start on, pauses cut out; endless."""
    source = _all_time(start) if unit == Unit.CLOCK_MINUTES else _working_time(start, calendar)
    for begin, end in source:
        yield from _without(begin, end, pauses)


def _all_time(start: datetime) -> Iterator[Span]:
    while True:
        yield start, start + DAY
        start += DAY


def _working_time(start: datetime, calendar: Calendar) -> Iterator[Span]:
    day = local_day(start)
    while True:
        for begin, end in calendar.spans(day):
            if end > start:
                yield max(begin, start), end
        day += DAY


def _without(begin: datetime, end: datetime, pauses: Sequence[Span]) -> Iterator[Span]:
    """A span without the parts that lie in a pause."""
    for paused_from, paused_until in sorted(pauses):
        if paused_until <= begin or paused_from >= end:
            continue
        if paused_from > begin:
            yield begin, paused_from
        begin = paused_until
        if begin >= end:
            return
    yield begin, end


def _day_end(start: datetime, allowance: Allowance, pauses: Sequence[Span], calendar: Calendar) -> datetime:
    """The end of the last day. A pause that begins after that end does not reach back and touch the day."""
    working = allowance.unit == Unit.WORKING_DAYS
    day, left = local_day(start), allowance.amount
    while left:
        day += DAY
        if working and not calendar.is_working(day):
            continue
        until = calendar.close(day) if working and left == 1 else _midnight_after(day)
        left -= not _touched(day, until, pauses)
    while not calendar.is_working(day) or _touched(day, _end(day, working, calendar), pauses):
        day += DAY
    return _end(day, working, calendar)


def _end(day: date, working: bool, calendar: Calendar) -> datetime:
    return calendar.close(day) if working else _midnight_after(day)


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + DAY, time(), SHANGHAI)


def _touched(day: date, until: datetime, pauses: Sequence[Span]) -> bool:
    """Whether a pause lies on the day before an instant of it. One that ends at 0:00 does not."""
    begin = datetime.combine(day, time(), SHANGHAI)
    return any(paused_from < until and paused_until > begin for paused_from, paused_until in pauses)
