"""The work calendar as the tables have it, kept in memory until they change."""

from __future__ import annotations

from threading import Lock

from grids.calendars import Calendar, Hours
from grids.models import Revision, WorkDay, WorkHours

SUBJECT = "calendar"
_lock = Lock()
_kept: tuple[int, Calendar] | None = None


def load() -> Calendar:
    """The calendar in force; read anew when its revision has moved on."""
    global _kept
    row = Revision.objects.filter(subject=SUBJECT).first()
    number = row.number if row else 0
    with _lock:
        if _kept is None or _kept[0] != number:
            _kept = number, _read()
        return _kept[1]


def _read() -> Calendar:
    days = {day.date: day for day in WorkDay.objects.all()}
    hours = [
        (
            row.valid_from,
            Hours((row.morning_start, row.morning_end), (row.afternoon_start, row.afternoon_end)),
        )
        for row in WorkHours.objects.all()
    ]
    provisional = frozenset(date.year for date, day in days.items() if day.provisional)
    return Calendar({date: day.working for date, day in days.items()}, hours, provisional)
