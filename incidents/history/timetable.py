"""Working time by looking up, for a million duties: the same instants as `grids.calendars`, in microseconds since 1970.

Pauses are not known here; the few duties that were paused are computed by `grids.calendars` itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Final

from grids.calendars import Calendar, Unit

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = date(1970, 1, 1).toordinal()
MICRO: Final = timedelta(microseconds=1)
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
DAY: Final = 24 * 60 * MINUTE
EAST: Final = 8 * 60 * MINUTE  # China's clocks are eight hours ahead, without summer time


def micros(instant: datetime) -> int:
    """An instant as microseconds since 1970."""
    return (instant - EPOCH) // MICRO


def instant(at: int) -> datetime:
    """The instant of microseconds since 1970, in UTC."""
    return EPOCH + timedelta(microseconds=at)


class _Days(dict[int, str]):
    """A day's date, each written once."""

    def __missing__(self, day: int) -> str:
        self[day] = written = to_date(day).isoformat()
        return written


_DAYS: Final = _Days()
_CLOCK: Final = [
    f"{hour:02}:{minute:02}:{second:02}" for hour in range(24) for minute in range(60) for second in range(60)
]


def iso(at: int) -> str:
    """An instant in UTC as the hashed record writes it, by looking up: thirty of them a case."""
    day, rest = divmod(at, DAY)
    second, micro = divmod(rest, SECOND)
    return f"{_DAYS[day]}T{_CLOCK[second]}.{micro:06}+00:00"


def day_of(at: int) -> int:
    """The calendar day in China, as the number of days since 1970."""
    return (at + EAST) // DAY


def begin_of(day: int) -> int:
    """0:00 of a day in China."""
    return day * DAY - EAST


def to_date(day: int) -> date:
    return date.fromordinal(day + FIRST_DAY)


class Timetable:
    """The working spans between two days, with the working time before each."""

    def __init__(self, calendar: Calendar, first: date, last: date, share: float) -> None:
        """`share`: of its time, when a duty reminds (GEZHI_REMIND_SHARE). Raises YearNotCovered as the calendar does."""
        self.part, self.whole = share.as_integer_ratio()
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.before: list[int] = []
        self.upto: list[int] = []
        self.days: list[int] = []
        self.closes: list[int] = []
        self.provisional_years = calendar.provisional_years
        earliest = min(self.provisional_years, default=last.year + 1)
        self.settled_until = begin_of(date(earliest, 1, 1).toordinal() - FIRST_DAY)
        total = 0
        for number in range(first.toordinal() - FIRST_DAY, last.toordinal() - FIRST_DAY + 1):
            spans = calendar.spans(to_date(number))
            for span in spans:
                begin, end = micros(span[0]), micros(span[1])
                self.begins.append(begin)
                self.ends.append(end)
                self.before.append(total)
                total += end - begin
                self.upto.append(total)
            if spans:
                self.days.append(number)
                self.closes.append(self.ends[-1])

    def worked(self, at: int) -> int:
        """Working time from the first day to an instant."""
        number = bisect_right(self.begins, at) - 1
        return self.before[number] + min(at, self.ends[number]) - self.begins[number] if number >= 0 else 0

    def at_work(self, worked: int) -> int:
        """The first instant by which so much working time is over."""
        number = bisect_left(self.upto, worked)
        return self.begins[number] + worked - self.before[number]

    def next_open(self, at: int) -> int:
        """This instant if people are at work, else when they next begin."""
        return max(at, self.begins[bisect_right(self.ends, at)])

    def is_working(self, day: int) -> bool:
        number = bisect_left(self.days, day)
        return number < len(self.days) and self.days[number] == day

    def due(self, start: int, amount: int, unit: str) -> int:
        """When an allowance is used up."""
        if unit == Unit.CLOCK_MINUTES or not amount:
            return start + amount * MINUTE
        if unit == Unit.WORKING_MINUTES:
            return self.at_work(self.worked(start) + amount * MINUTE)
        if unit == Unit.WORKING_DAYS:
            return self.closes[bisect_right(self.days, day_of(start)) + amount - 1]
        return begin_of(self.days[bisect_left(self.days, day_of(start) + amount)] + 1)

    def reminder(self, start: int, due: int, amount: int, unit: str) -> int:
        """When the share of the time is used, never at night unless the duty is on clock time."""
        if unit == Unit.CLOCK_MINUTES:
            return min(start + self._share(amount * MINUTE), due)
        if unit == Unit.CALENDAR_DAYS:
            at = start + self._share(due - start)
        else:
            begun = self.worked(start)
            at = self.at_work(begun + self._share(self.worked(due) - begun))
        return min(self.next_open(at), due)

    def _share(self, length: int) -> int:
        """Part of a length, to the nearest microsecond, halves to the even one: as a timedelta does it."""
        number, rest = divmod(length * self.part, self.whole)
        return number + (2 * rest > self.whole or (2 * rest == self.whole and number % 2))

    def is_provisional(self, start: int, due: int, unit: str) -> bool:
        """Whether a due instant rests on a year whose arrangement is not announced."""
        if due <= self.settled_until or unit == Unit.CLOCK_MINUTES:
            return False
        days = (to_date(day_of(start)), to_date(day_of(max(start, due - 1))))
        return any(day.year in self.provisional_years for day in days)
