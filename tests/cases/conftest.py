"""A small catalogue, a work calendar, and incidents made by the real report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Post
from cases import deadlines
from cases.models import Case, Deadline
from cases.offices import Office
from grids import workcalendar
from grids.calendars import Allowance
from grids.clock import SHANGHAI
from grids.models import WorkDay, WorkHours
from incidents.models import Category, CategoryVersion
from incidents.services import Report, report
from tests.cases.duties import DUTY, HOUR, Begin, locked
from tests.cast import Cast
from tests.conftest import Clock

NewCase = Callable[..., Case]
TIMES = {
    "file": [60, "clock_minutes"],
    "assign": [60, "clock_minutes"],
    "accept": [120, "working_minutes"],
    "handle": [7, "working_days"],
    "verify": [1, "working_days"],
    "whole": [15, "calendar_days"],
}


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def workdays(db: None) -> Iterator[None]:
    """Monday to Friday of 2026 and 2027, 08:30-12:00 and 14:30-18:00."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    WorkDay.objects.bulk_create(
        [WorkDay(date=day, working=day.weekday() < 5, name="", source="test") for day in days],
        ignore_conflicts=True,
    )
    WorkHours.objects.get_or_create(
        valid_from=date(2000, 1, 1),
        defaults={
            "morning_start": time(8, 30),
            "morning_end": time(12),
            "afternoon_start": time(14, 30),
            "afternoon_end": time(18),
        },
    )
    workcalendar._kept = None
    yield
    workcalendar._kept = None


def make_category(code: str = "1101", **values: Any) -> Category:
    """A small category in force, filed by the township."""
    large, _made = Category.objects.get_or_create(
        code=code[:2], defaults={"name": "市容环境", "name_en": "City looks", "source": "ours"}
    )
    heads = {
        "name": values.pop("name", "暴露垃圾"),
        "name_en": "Exposed rubbish",
        "source": values.pop("source", "ours"),
    }
    small = Category.objects.create(code=code, parent=large, **heads)
    values = {"filing_level": "township", "department_level": "city", "times": None} | values
    values["times"] = values["times"] or {"normal": TIMES, "urgent": TIMES}
    version = CategoryVersion.objects.create(
        category=small,
        number=1,
        state="in_force",
        proposed_at=datetime(2026, 1, 1, tzinfo=SHANGHAI),
        **heads,
        **values,
    )
    small.current = version
    small.save(update_fields=["current"])
    return small


@pytest.fixture
def category(workdays: None) -> Category:
    return make_category()


@pytest.fixture
def sensitive(workdays: None) -> Category:
    """Seen by centres and officers of departments alone."""
    return make_category(
        "2101", sensitive=True, visible_roles=["township_centre", "centre", "department_officer"]
    )


@pytest.fixture
def new_case(cast: Cast, category: Category) -> NewCase:
    """An incident as its worker reports it: `new_case(by=..., title=..., reporter_phone=...)`."""

    def make(by: Post | None = None, **values: Any) -> Case:
        by = by or cast.worker
        facts: dict[str, Any] = {
            "category": category,
            "title": "东路口垃圾成堆",
            "place": by.division or cast.places.grid,
        }
        return report(Report(**(facts | values)), by=by)

    return make


@pytest.fixture
def idle(clock: Clock, new_case: NewCase) -> Case:
    """A case without any duty of its own yet."""
    found = new_case()
    with locked(found) as row:
        deadlines.meet(row, ["file"], at=clock.at)
    return found


@pytest.fixture
def begin(clock: Clock, cast: Cast) -> Begin:
    """Start a duty of the city's urban management: `begin(case, allowance, duty=...)`."""

    def start(case: Case, allowance: Allowance = HOUR, duty: str = DUTY) -> Deadline:
        holder = Office.of(cast.departments.urban)
        with locked(case) as row:
            return deadlines.start(row, duty, allowance=allowance, holder=holder, at=clock.at)

    return start
