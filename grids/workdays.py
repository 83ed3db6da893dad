"""Every change to the work calendar. Whoever changes it computes open deadlines again: see the years returned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from django.db import transaction
from django.utils.translation import gettext as _

from grids import revisions
from grids.calendars import Hours
from grids.errors import ChangeRefused
from grids.models import WorkDay, WorkHours
from grids.yeardays import OFFICIAL, STATUTORY, Day, by_notice, days_of, official, statutory

DEFAULT_HOURS = Hours((time(8, 30), time(12)), (time(14, 30), time(18)))
FIRST_DAY = date(2000, 1, 1)


@transaction.atomic
def seed_year(year: int) -> list[int]:
    """Fills a year: by its official arrangement, or provisionally by the statutory days while there is none.

    Only missing and provisional days are written; what a notice or a person has set stays. Sets the usual working
    hours when there are none. Returns the years changed. Raises YearNotCovered when nothing is known of the year.
    """
    _set_first_hours()
    days = official(year)
    kept = WorkDay.objects.filter(date__year=year)
    if days is not None:
        settled = set(kept.filter(provisional=False).values_list("date", flat=True))
        return _write([day for day in days if day.date not in settled], OFFICIAL, provisional=False)
    there = set(kept.values_list("date", flat=True))
    return _write([day for day in statutory(year) if day.date not in there], STATUTORY, provisional=True)


@transaction.atomic
def import_notice(*, year: int, days: Iterable[Day], source: str) -> list[int]:
    """Puts the State Council's notice of a year in place of what the calendar said, provisional or not.

    `days` are those the notice names; all others of the year go by the weekday. Days of the years beside change
    alone. Returns the years changed, whose deadlines are to be computed again. Raises ChangeRefused for a day in a
    year beside that the calendar does not cover.
    """
    whole = by_notice(year, list(days))
    beside = [day for day in whole if day.date.year != year]
    known = set(WorkDay.objects.filter(date__in=[day.date for day in beside]).values_list("date", flat=True))
    for day in beside:
        if day.date not in known:
            raise ChangeRefused(_("工作日历还没有 %(year)d 年，先导入那一年。") % {"year": day.date.year})
    return _write(whole, source, provisional=False)


@transaction.atomic
def set_day(*, day: date, working: bool, name: str, source: str) -> list[int]:
    """Corrects one day by hand. Returns the years changed. Raises ChangeRefused outside the covered years."""
    if not WorkDay.objects.filter(date=day).exists():
        raise ChangeRefused(_("工作日历还没有 %(year)d 年，先导入那一年。") % {"year": day.year})
    return _write([Day(day, working, name)], source, provisional=False)


@transaction.atomic
def set_hours(*, valid_from: date, hours: Hours) -> WorkHours:
    """The working hours from a day on. Raises ChangeRefused when they are not in order."""
    times = [*hours.morning, *hours.afternoon]
    if times != sorted(times) or times[0] == times[1] or times[2] == times[3]:
        raise ChangeRefused(_("上午和下午的起止时间要依次排列。"))
    row, _made = WorkHours.objects.update_or_create(
        valid_from=valid_from,
        defaults=dict(
            zip(("morning_start", "morning_end", "afternoon_start", "afternoon_end"), times, strict=True)
        ),
    )
    revisions.bump(revisions.CALENDAR)
    return row


def uncovered(years: Iterable[int]) -> list[int]:
    """The years of which at least one day is missing from the calendar."""
    missing = []
    for year in years:
        if WorkDay.objects.filter(date__year=year).count() < len(list(days_of(year))):
            missing.append(year)
    return missing


def _set_first_hours() -> None:
    if not WorkHours.objects.exists():
        set_hours(valid_from=FIRST_DAY, hours=DEFAULT_HOURS)


def _write(days: Iterable[Day], source: str, *, provisional: bool) -> list[int]:
    """Stores days that differ from what is there; the years in which working time or its certainty changed."""
    rows = [
        WorkDay(date=day.date, working=day.working, name=day.name, source=source, provisional=provisional)
        for day in days
    ]
    old = WorkDay.objects.in_bulk([row.date for row in rows])
    changed = [row for row in rows if _content(row) != _content(old.get(row.date))]
    WorkDay.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["working", "name", "source", "provisional"],
    )
    if changed:
        revisions.bump(revisions.CALENDAR)
    return sorted({row.date.year for row in changed if _effect(row) != _effect(old.get(row.date))})


def _content(row: WorkDay | None) -> tuple[object, ...] | None:
    return (row.working, row.name, row.source, row.provisional) if row else None


def _effect(row: WorkDay | None) -> tuple[bool, bool] | None:
    return (row.working, row.provisional) if row else None
