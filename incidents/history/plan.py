"""When and where incidents are reported: more of late than long ago, by day more than by night, here more than there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Final

from grids.calendars import Calendar
from grids.clock import local_day
from incidents.history.city import City
from incidents.history.timetable import DAY, FIRST_DAY, MINUTE, begin_of, micros, to_date

HOURS: Final = ((9.7, 1.2), (15.6, 1.4))  # the two humps of a day: middle and spread, in hours
NIGHT: Final = 0.05  # at any hour
ON_REST_DAYS: Final = 0.35  # of what a working day brings
GROWTH: Final = 0.3  # so much more in the end than in the beginning
PART: Final = 4000  # incidents in one part, about


@dataclass(frozen=True, slots=True)
class Part:
    """Some days in a row: how many incidents each brings. `first`: how many come before the part."""

    number: int
    first: int
    days: tuple[tuple[int, int], ...]


def months_before(day: date, months: int) -> date:
    """The same day so many months ago, at most the 28th."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, min(day.day, 28))


def parts(*, count: int, months: int, end: datetime, calendar: Calendar, seed: int) -> list[Part]:
    """Spread so many incidents over the months before an instant; the same for the same seed."""
    today = local_day(end)
    first, last = months_before(today, months).toordinal() - FIRST_DAY, today.toordinal() - FIRST_DAY
    chance = random.Random(f"{seed} days")
    weights = [_weight(day, first, last, calendar, chance) for day in range(first, last + 1)]
    weights[-1] *= max(0.001, (micros(end) - begin_of(last)) / DAY)
    sums = list(accumulate(weights))
    upto = [round(count * part / sums[-1]) for part in sums]
    made: list[Part] = []
    days: list[tuple[int, int]] = []
    before = begun = 0
    for day, total in zip(range(first, last + 1), upto, strict=True):
        days.append((day, total - before))
        before = total
        if total - begun >= PART or day == last:
            made.append(Part(len(made), begun, tuple(days)))
            days, begun = [], total
    return made


def _weight(day: int, first: int, last: int, calendar: Calendar, chance: random.Random) -> float:
    grown = 1 + GROWTH * (day - first) / max(1, last - first)
    return grown * chance.uniform(0.8, 1.2) * (1 if calendar.is_working(to_date(day)) else ON_REST_DAYS)


def openings(part: Part, end: int, chance: random.Random) -> list[int]:
    """The instants of a part's reports, in microseconds and in order."""
    found: list[int] = []
    for day, number in part.days:
        found += [_some_time(day, end, chance) for _one in range(number)]
    return sorted(found)


def _some_time(day: int, end: int, chance: random.Random) -> int:
    hour = chance.uniform(0, 24) if chance.random() < NIGHT else chance.gauss(*chance.choice(HOURS))
    at = begin_of(day) + int(min(max(hour, 0.0), 23.98) * 60 * MINUTE)
    # Of the day that is not over, only what has been.
    return at if at < end else end - 1 - int(chance.random() * (end - begin_of(day)))


def load(city: City, seed: int) -> list[float]:
    """How much each grid brings, summed up: townships, villages and grids differ, each by chance."""
    chance = random.Random(f"{seed} places")
    drawn: dict[int, float] = {}

    def lot(division: int | None, spread: float) -> float:
        return drawn.setdefault(division or 0, chance.lognormvariate(0, spread))

    weights = []
    for place in city.places:
        above = 1.0
        for step, spread in zip(place.line, (0.5, 0.6), strict=False):
            above *= lot(step.division, spread)
        weights.append(above * lot(place.grid.division, 0.7))
    return list(accumulate(weights))
