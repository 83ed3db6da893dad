"""Working time: properties that hold for every start and allowance, and days that anybody can check."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.calendars import (
    DAY,
    Allowance,
    Calendar,
    Hours,
    Span,
    Unit,
    YearNotCovered,
    due,
    share_point,
)
from grids.clock import SHANGHAI, local_day
from grids.yeardays import official, statutory

HOURS = Hours((time(8, 30), time(12)), (time(14, 30), time(18)))
OFFICIAL = [day for year in (2024, 2025, 2026) for day in official(year) or []]
CALENDAR = Calendar(
    {day.date: day.working for day in [*OFFICIAL, *statutory(2027)]},
    [(date(2000, 1, 1), HOURS)],
    frozenset({2027}),
)
MINUTE = timedelta(minutes=1)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def ends(start: datetime, amount: int, unit: Unit, *pauses: Span, calendar: Calendar = CALENDAR) -> datetime:
    return due(start, Allowance(amount, unit), pauses, calendar).at


def worked(start: datetime, end: datetime, pauses: list[Span]) -> timedelta:
    """Working time between two instants outside the pauses, counted minute by minute and not by the code tested."""
    total, moment = timedelta(0), start
    while moment < end:
        day, clock = local_day(moment), moment.astimezone(SHANGHAI).time()
        if not CALENDAR.days[day] or any(a <= moment < b for a, b in pauses):
            moment += MINUTE
            continue
        if time(8, 30) <= clock < time(12) or time(14, 30) <= clock < time(18):
            total += MINUTE
        moment += MINUTE
    return total


STARTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 10, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)
UNITS = st.sampled_from(list(Unit))
AMOUNTS = st.integers(1, 40)


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime, most: int = 3) -> list[Span]:
    found = []
    for _number in range(draw(st.integers(0, most))):
        begin = start + draw(st.integers(0, 60 * 24 * 30)) * MINUTE
        found.append((begin, begin + draw(st.integers(0, 60 * 24 * 10)) * MINUTE))
    return found


def scaled(amount: int, unit: Unit) -> Allowance:
    """Days stay days; so many half hours of minutes."""
    return Allowance(amount * 30 if "minutes" in unit else amount, unit)


# --- properties


@given(STARTS, AMOUNTS, UNITS, st.data())
def test_the_end_is_never_before_the_start(
    start: datetime, amount: int, unit: Unit, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start))
    assert due(start, scaled(amount, unit), pauses, CALENDAR).at > start


@given(STARTS, AMOUNTS, UNITS, st.data())
def test_more_time_never_ends_earlier(start: datetime, amount: int, unit: Unit, data: st.DataObject) -> None:
    pauses = data.draw(pauses_after(start))
    one = due(start, scaled(amount, unit), pauses, CALENDAR).at
    other = due(start, scaled(amount + 1, unit), pauses, CALENDAR).at
    assert one < other or (unit == Unit.CALENDAR_DAYS and one == other)


@given(STARTS, AMOUNTS, UNITS, st.data())
def test_another_pause_never_ends_earlier(
    start: datetime, amount: int, unit: Unit, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start))
    before = due(start, scaled(amount, unit), pauses[1:], CALENDAR).at
    assert due(start, scaled(amount, unit), pauses, CALENDAR).at >= before


@given(STARTS, AMOUNTS, UNITS, st.integers(0, 20_000))
def test_a_pause_from_the_end_on_changes_nothing(
    start: datetime, amount: int, unit: Unit, minutes: int
) -> None:
    end = due(start, scaled(amount, unit), [], CALENDAR).at
    assert due(start, scaled(amount, unit), [(end, end + minutes * MINUTE)], CALENDAR).at == end


@given(STARTS, st.integers(1, 1200), st.data())
def test_working_minutes_between_start_and_end_are_the_allowance(
    start: datetime, amount: int, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start, most=2))
    end = ends(start, amount, Unit.WORKING_MINUTES, *pauses)
    assert worked(start, end, pauses) == amount * MINUTE
    assert worked(start, end - MINUTE, pauses) == (amount - 1) * MINUTE


@given(STARTS, st.integers(1, 20_000), st.data())
def test_clock_minutes_outside_the_pauses_are_the_allowance(
    start: datetime, amount: int, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start))
    end = ends(start, amount, Unit.CLOCK_MINUTES, *pauses)
    running = [start + n * MINUTE for n in range(int((end - start) / MINUTE))]
    assert sum(not any(a <= moment < b for a, b in pauses) for moment in running) == amount


@given(STARTS, AMOUNTS)
def test_working_days_end_at_the_close_of_a_working_day_and_the_start_day_does_not_count(
    start: datetime, amount: int
) -> None:
    end = ends(start, amount, Unit.WORKING_DAYS)
    between = [local_day(start) + n * DAY for n in range(1, (local_day(end) - local_day(start)).days + 1)]
    assert sum(CALENDAR.days[day] for day in between) == amount
    assert CALENDAR.days[local_day(end)]
    assert end.astimezone(SHANGHAI).time() == time(18)


@given(STARTS, AMOUNTS)
def test_calendar_days_end_at_24_00_and_never_on_a_rest_day(start: datetime, amount: int) -> None:
    end = ends(start, amount, Unit.CALENDAR_DAYS)
    last = local_day(end - MINUTE)
    assert end.astimezone(SHANGHAI).time() == time(0)
    assert CALENDAR.days[last]
    nominal = local_day(start) + amount * DAY
    assert all(not CALENDAR.days[nominal + n * DAY] for n in range((last - nominal).days))
    assert last >= nominal


@given(STARTS, AMOUNTS, UNITS, st.floats(0, 1), st.floats(0, 1), st.data())
def test_shares_lie_between_start_and_end_in_order(
    start: datetime, amount: int, unit: Unit, one: float, other: float, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start))
    allowance = scaled(amount, unit)
    low, high = sorted([one, other])
    first = share_point(start, allowance, pauses, CALENDAR, low)
    second = share_point(start, allowance, pauses, CALENDAR, high)
    assert start <= first <= second <= due(start, allowance, pauses, CALENDAR).at


@given(STARTS, st.integers(2, 400))
def test_half_the_working_minutes_are_used_at_half_the_time(start: datetime, half: int) -> None:
    allowance = Allowance(2 * half, Unit.WORKING_MINUTES)
    assert worked(start, share_point(start, allowance, [], CALENDAR, 0.5), []) == half * MINUTE


# --- days that anybody can check


def test_in_2026_february_14_and_28_work_and_15_to_23_do_not() -> None:
    february = {day: CALENDAR.is_working(date(2026, 2, day)) for day in range(13, 29)}
    assert [day for day, working in february.items() if not working] == [*range(15, 24)] + [
        day for day in (21, 22) if day not in range(15, 24)
    ]
    assert february[14]
    assert february[28]


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        # a Friday before the Spring Festival: the make-up Saturday counts, the nine days off do not
        (at(2026, 2, 13, 16), 240, Unit.WORKING_MINUTES, at(2026, 2, 14, 10, 30)),
        (at(2026, 2, 14, 17), 120, Unit.WORKING_MINUTES, at(2026, 2, 24, 9, 30)),
        (at(2026, 2, 13, 9), 1, Unit.WORKING_DAYS, at(2026, 2, 14, 18)),
        (at(2026, 2, 13, 9), 2, Unit.WORKING_DAYS, at(2026, 2, 24, 18)),
        (at(2026, 2, 24, 9), 4, Unit.WORKING_DAYS, at(2026, 2, 28, 18)),
        # nights, noon and weekends
        (at(2026, 11, 18, 3), 60, Unit.WORKING_MINUTES, at(2026, 11, 18, 9, 30)),
        (at(2026, 11, 18, 13), 60, Unit.WORKING_MINUTES, at(2026, 11, 18, 15, 30)),
        (at(2026, 11, 18, 20), 60, Unit.WORKING_MINUTES, at(2026, 11, 19, 9, 30)),
        (at(2026, 11, 20, 17, 30), 240, Unit.WORKING_MINUTES, at(2026, 11, 23, 12)),
        (at(2026, 11, 21, 11), 1, Unit.WORKING_DAYS, at(2026, 11, 23, 18)),
        # four working hours that end with the morning end at noon, not after it
        (at(2026, 11, 18, 8, 30), 210, Unit.WORKING_MINUTES, at(2026, 11, 18, 12)),
        # clock time knows no nights
        (at(2026, 2, 16, 23), 120, Unit.CLOCK_MINUTES, at(2026, 2, 17, 1)),
        # calendar days: a last day in a holiday moves to the next working day
        (at(2026, 2, 10, 9), 10, Unit.CALENDAR_DAYS, at(2026, 2, 25)),
        (at(2026, 11, 18, 9), 15, Unit.CALENDAR_DAYS, at(2026, 12, 4)),
        (at(2026, 9, 1, 9), 60, Unit.CALENDAR_DAYS, at(2026, 11, 3)),
        # National Day with Mid-Autumn beside it
        (at(2026, 9, 30, 9), 1, Unit.WORKING_DAYS, at(2026, 10, 8, 18)),
    ],
)
def test_ends_that_anybody_can_check(start: datetime, amount: int, unit: Unit, end: datetime) -> None:
    assert ends(start, amount, unit) == end


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([(at(2026, 11, 19, 9), at(2026, 11, 19, 10))], at(2026, 11, 23, 18)),
        ([(at(2026, 11, 19, 20), at(2026, 11, 20, 9))], at(2026, 11, 24, 18)),
        ([(at(2026, 11, 19, 18), at(2026, 11, 20, 0))], at(2026, 11, 23, 18)),
        ([(at(2026, 11, 18, 9), at(2026, 11, 18, 20))], at(2026, 11, 20, 18)),
        ([(at(2026, 11, 20, 18), at(2026, 11, 25, 0))], at(2026, 11, 20, 18)),
        ([(at(2026, 11, 20, 17, 59), at(2026, 11, 20, 18))], at(2026, 11, 23, 18)),
    ],
)
def test_a_day_touched_by_a_pause_does_not_count(pauses: list[Span], end: datetime) -> None:
    assert ends(at(2026, 11, 18, 9), 2, Unit.WORKING_DAYS, *pauses) == end


def test_overlapping_pauses_count_once() -> None:
    night = (at(2026, 11, 18, 9), at(2026, 11, 18, 11))
    inside = (at(2026, 11, 18, 10), at(2026, 11, 18, 10, 30))
    later = (at(2026, 11, 18, 10, 30), at(2026, 11, 18, 11, 30))
    end = ends(at(2026, 11, 18, 8, 30), 60, Unit.WORKING_MINUTES, later, night, inside)
    assert end == at(2026, 11, 18, 12)


def test_an_end_in_a_year_not_announced_is_provisional() -> None:
    start = at(2026, 12, 28, 9)
    assert not due(start, Allowance(2, Unit.WORKING_DAYS), [], CALENDAR).provisional
    assert due(start, Allowance(9, Unit.WORKING_DAYS), [], CALENDAR).provisional
    assert not due(start, Allowance(9 * 1440, Unit.CLOCK_MINUTES), [], CALENDAR).provisional


def test_24_00_of_december_31_belongs_to_its_own_year() -> None:
    found = due(at(2026, 12, 30, 9), Allowance(1, Unit.CALENDAR_DAYS), [], CALENDAR)
    assert (found.at, found.provisional) == (at(2027, 1, 1), False)


@pytest.mark.parametrize("unit", [Unit.WORKING_DAYS, Unit.WORKING_MINUTES, Unit.CALENDAR_DAYS])
def test_a_year_that_is_not_covered_is_an_error_and_no_guess(unit: Unit) -> None:
    with pytest.raises(YearNotCovered, match="does not cover"):
        ends(at(2027, 12, 30, 9), 2000, unit)
    with pytest.raises(YearNotCovered):
        ends(at(2023, 12, 30, 9), 1, Unit.WORKING_MINUTES)


def test_clock_time_needs_no_calendar() -> None:
    assert ends(at(2030, 1, 1), 120, Unit.CLOCK_MINUTES) == at(2030, 1, 1, 2)


def test_hours_change_from_their_day_on() -> None:
    summer = Hours((time(8), time(12)), (time(15), time(18)))
    changed = Calendar(CALENDAR.days, [(date(2026, 11, 19), summer), (date(2000, 1, 1), HOURS)])
    assert ends(at(2026, 11, 18, 17), 120, Unit.WORKING_MINUTES, calendar=changed) == at(2026, 11, 19, 9)


def test_without_hours_for_a_day_nothing_is_guessed() -> None:
    none = Calendar(CALENDAR.days, [(date(2026, 12, 1), HOURS)])
    with pytest.raises(YearNotCovered, match="hours"):
        ends(at(2026, 11, 18, 17), 120, Unit.WORKING_MINUTES, calendar=none)


def test_a_start_without_a_time_zone_and_an_allowance_below_0_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ends(datetime(2026, 11, 18), 1, Unit.WORKING_DAYS)
    with pytest.raises(ValueError, match="0 or more"):
        ends(at(2026, 11, 18), -1, Unit.WORKING_DAYS)


@pytest.mark.parametrize("unit", list(Unit))
def test_no_time_at_all_is_used_up_at_the_start(unit: Unit) -> None:
    start = at(2026, 11, 18, 20)
    assert ends(start, 0, unit) == start
