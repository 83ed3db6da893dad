"""A tiny city for the whole program, and incidents whose filing duty falls due in a moment.

Run beside a running program (`in_city`): `python -m tests.faults.city incidents COUNT FIRST SPREAD` reports COUNT
incidents by the real service (`whistles`: sounds so many), then moves their filing (arrival) duty so that the first ends
FIRST seconds from now and the last SPREAD later, each with its reminder three seconds before. Prints the ids of their
deadlines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, time, timedelta

import django

from config.layout import BASE_DIR
from tests.ops.program import Program

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
REMINDER = timedelta(seconds=3)


def in_city(program: Program, kind: str, count: int, first: float, spread: float) -> list[int]:
    """Let this module do its work beside a running program; the ids of the deadlines that end soon."""
    servers = {
        "DATABASE_URL": program.layout.url("gezhi_app"),
        "REDIS_URL": f"unix://{program.layout.valkey_socket}",
    }
    command = [sys.executable, "-m", "tests.faults.city", kind, str(count), str(first), str(spread)]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=program.environment | servers, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [int(pk) for pk in json.loads(done.stdout.splitlines()[-1])]


def main(kind: str, count: int, first: float, spread: float) -> None:
    """Build the city when there is none, report or whistle, move the duties."""
    cases = [_report(number) if kind == "incidents" else _whistle(number) for number in range(count)]
    moved = move(cases, "file" if kind == "incidents" else "arrive", first, spread)
    sys.stdout.write(json.dumps(moved) + "\n")


def move(cases: list[int], duty: str, first: float, spread: float) -> list[int]:
    """Let a duty of these cases end soon, one after another; the ids of the deadlines."""
    from cases.models import Deadline, DeadlineMark
    from grids import clock

    rows = list(Deadline.objects.filter(case__in=cases, duty=duty).order_by("pk"))
    begin = clock.now() + timedelta(seconds=first)
    for number, row in enumerate(rows):
        row.due_at = begin + timedelta(seconds=spread * number / max(1, len(rows) - 1))
        row.started_at = row.due_at - timedelta(minutes=row.amount)
    ends = {row.pk: row.due_at for row in rows}
    marks = list(DeadlineMark.objects.filter(deadline__in=rows))
    for mark in marks:
        late = timedelta(minutes=30) if mark.kind in ("head", "leader") else timedelta()
        early = timedelta() if mark.kind == "miss" else REMINDER
        mark.at = ends[mark.deadline_id] + (late or -early)
    DeadlineMark.objects.bulk_update(marks, ["at"])
    Deadline.objects.bulk_update(rows, ["due_at", "started_at"])
    return [row.pk for row in rows]


def _whistle(number: int) -> int:
    """A whistle of the street, approved, filed and sounded; its department has not come yet."""
    from accounts.models import Post
    from cases import workflow
    from grids.models import Department
    from whistle.services import Draft, draft

    if not Post.objects.exists():
        _build()
    who = {name: Post.objects.get(user__username=name) for name in ("township", "secretary", "committee")}
    urban = Department.objects.get(name="丰城市城市管理局")
    case = draft(
        Draft(f"沿河违建{number}", "dispute", "illegal_building", "占道", "没有执法权", "东路", [urban.pk]),
        by=who["township"],
    )
    steps = (("submit", "township"), ("approve", "secretary"), ("file", "township"), ("sound", "committee"))
    for action, name in steps:
        workflow.advance(case, action, by=who[name])
    return case.pk


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
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
