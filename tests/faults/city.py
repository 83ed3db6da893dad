"""A tiny city for the whole program, and incidents whose filing duty falls due in a moment.

Run beside a running program: `python -m tests.faults.city COUNT FIRST SPREAD` reports COUNT incidents by the real
service, then moves their filing duty so that the first ends FIRST seconds from now and the last SPREAD later, each
with its reminder three seconds before. Prints the ids of their deadlines.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
REMINDER = timedelta(seconds=3)


def main(count: int, first: float, spread: float) -> None:
    """Build the city when there is none, report, move the duties."""
    from cases.models import Deadline, DeadlineMark
    from grids import clock

    ids = [_report(number) for number in range(count)]
    rows = list(Deadline.objects.filter(case__in=ids, duty="file").order_by("pk"))
    begin = clock.now() + timedelta(seconds=first)
    marks = {(mark.deadline_id, mark.kind): mark for mark in DeadlineMark.objects.filter(deadline__in=rows)}
    for number, row in enumerate(rows):
        row.due_at = begin + timedelta(seconds=spread * number / max(1, count - 1))
        row.started_at = row.due_at - timedelta(minutes=60)
        marks[row.pk, "miss"].at = row.due_at
        marks[row.pk, "remind"].at = row.due_at - REMINDER
    DeadlineMark.objects.bulk_update(marks.values(), ["at"])
    Deadline.objects.bulk_update(rows, ["due_at", "started_at"])
    sys.stdout.write(json.dumps([row.pk for row in rows]) + "\n")


def _report(number: int) -> int:
    from accounts.models import Post
    from incidents.models import Category
    from incidents.services import Report, report

    worker = Post.objects.filter(user__username="worker").first()
    if worker is None:
        _build()
        worker = Post.objects.get(user__username="worker")
    assert worker.division is not None
    category = Category.objects.get(code="1101")
    case = report(Report(category=category, title=f"路口积水{number}", place=worker.division), by=worker)
    return case.pk


def _build() -> None:
    from tests.cases.conftest import make_category
    from tests.cast import build_cast

    build_cast()
    work_calendar()
    make_category()


def work_calendar() -> None:
    """Two years around today, Monday to Friday, eight hours."""
    from grids import clock
    from grids.models import WorkDay, WorkHours

    days = [clock.today() + timedelta(days=n) for n in range(-366, 366)]
    known = [WorkDay(date=day, working=day.weekday() < 5, name="", source="test") for day in days]
    WorkDay.objects.bulk_create(known, ignore_conflicts=True)
    hours = {"morning_start": time(8), "morning_end": time(12)}
    hours |= {"afternoon_start": time(14), "afternoon_end": time(18)}
    WorkHours.objects.get_or_create(valid_from=date(2000, 1, 1), defaults=hours)


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
