"""Spans of whole days by which work is counted, and the spans that they are compared with."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Self

DAY = timedelta(days=1)


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last in China, both counted; one whose last comes before its first has no day."""

    first: date
    last: date

    @classmethod
    def of_year(cls, year: int) -> Self:
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def of_quarter(cls, year: int, quarter: int) -> Self:
        """The quarter 1 to 4 of a year."""
        return cls(date(year, 3 * quarter - 2, 1), _end_of_month(year, 3 * quarter))

    @classmethod
    def of_month(cls, year: int, month: int) -> Self:
        return cls(date(year, month, 1), _end_of_month(year, month))

    @classmethod
    def month_of(cls, day: date) -> Self:
        """The month in which a day lies."""
        return cls.of_month(day.year, day.month)

    @classmethod
    def quarter_of(cls, day: date) -> Self:
        """The quarter in which a day lies."""
        return cls.of_quarter(day.year, (day.month + 2) // 3)

    @classmethod
    def week_of(cls, day: date) -> Self:
        """Monday to Sunday around a day."""
        first = day - day.weekday() * DAY
        return cls(first, first + 6 * DAY)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def months(self) -> int:
        """How many whole calendar months it is; 0 when it is not made of whole ones."""
        if self.first.day != 1 or self.last != _end_of_month(self.last.year, self.last.month):
            return 0
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def before(self) -> Self:
        """The period just before of the same length: as many whole months where it is made of them, else days."""
        last = self.first - DAY
        if not self.months:
            return type(self)(last - (self.days - 1) * DAY, last)
        number = last.year * 12 + last.month - self.months
        return type(self)(date(number // 12, number % 12 + 1, 1), last)

    def year_before(self) -> Self:
        """The same days a year earlier; whole months stay whole months, the 29th of February becomes the 28th."""
        year = self.last.year - 1
        end = _end_of_month(year, self.last.month)
        last = end if self.months else date(year, self.last.month, min(self.last.day, end.day))
        begin = _end_of_month(self.first.year - 1, self.first.month).day
        return type(self)(date(self.first.year - 1, self.first.month, min(self.first.day, begin)), last)

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


FOREVER = Period(date(1900, 1, 1), date(MAXYEAR, 12, 31))
