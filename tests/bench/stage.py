"""A throw-away private server with a small city and many incidents, for one run of the measurements."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

INCIDENTS = 600
DUTIES = ("bench1", "bench2", "bench3", "bench4", "bench5", "bench6", "bench7", "bench8", "bench9")
BACKLOG = 5_000


@contextmanager
def stage() -> Iterator[None]:
    """Own servers in a temporary folder and an empty test database; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gezhi-bench-"))
    os.environ |= {"GEZHI_TEST_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    try:
        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment(debug=False)
        made = setup_databases(verbosity=0, interactive=False)
        yield
        teardown_databases(made, verbosity=0)
    finally:
        from config import layout, servers

        servers.stop(folder)
        if (folder / "home").exists():
            shutil.rmtree(layout.layout(folder).home, ignore_errors=True)
        shutil.rmtree(folder)


def furnish() -> None:
    """The cast, a category, and incidents by the real service."""
    from django.conf import settings

    from incidents.services import report
    from tests.bench.measures import report_of
    from tests.cases.conftest import make_category
    from tests.cast import build_cast
    from tests.faults.city import work_calendar

    settings.MEDIA_ROOT = Path(os.environ["GEZHI_TEST_VAR"]) / "media"
    cast = build_cast()
    work_calendar()
    make_category()
    for number in range(INCIDENTS):
        report(report_of(number), by=cast.worker)


def backlog() -> list[int]:
    """Many duties whose end has come, written straight into the tables; the ids of their marks."""
    from datetime import timedelta

    from cases.models import Case, Deadline, DeadlineMark
    from grids import clock

    due = clock.now() - timedelta(minutes=1)
    cases = list(Case.objects.unscoped().order_by("pk"))
    rows = [
        Deadline(
            case=case, duty=duty, holder_division_id=case.office_id, started_at=due - timedelta(hours=1),
            amount=60, unit="clock_minutes", due_at=due,
        )
        for duty in DUTIES
        for case in cases
    ]  # fmt: skip
    made = Deadline.objects.bulk_create(rows[:BACKLOG])
    marks = DeadlineMark.objects.bulk_create(
        DeadlineMark(deadline=row, kind="miss", at=row.due_at) for row in made
    )
    return [mark.pk for mark in marks]
