"""Figures of each department and year for the yearly assessment, each with the cases behind it (domain rules, 5 and 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases.exports import Columns, Value
from grids.models import Department
from whistle.models import NegativeEntry, Summons, Task, Whistle
from whistle.querysets import ANSWERS, SummonsQuerySet


@dataclass(slots=True)
class DepartmentYear:
    """One department's year. `minutes`: median from the summons to the arrival that counts; None without any.

    `pending`: on the way; `cancelled`: stood down before anybody came.
    """

    department: Department
    named: int = 0
    on_time: int = 0
    late: int = 0
    absent: int = 0
    pending: int = 0
    cancelled: int = 0
    minutes: float | None = None
    tasks: int = 0
    tasks_on_time: int = 0
    confirmed: int = 0
    lifted: int = 0


def years(user: User) -> list[int]:
    """The years in which whistles that the person may see were sounded, the newest first."""
    instants = Whistle.objects.visible_to(user).exclude(sounded_at=None)
    return [first.year for first in instants.datetimes("sounded_at", "year", order="DESC")]


def of_year(user: User, year: int, department: Department | None = None) -> list[DepartmentYear]:
    """Each department called by the whistles sounded in a year, by name; only whistles that the person may see."""
    called = Summons.objects.visible_to(user).of_year(year)
    if department is not None:
        called = called.filter(department=department)
    departments = Department.objects.filter(pk__in=called.values("department")).order_by("name", "pk")
    found = {one.pk: DepartmentYear(one) for one in departments}
    _count(found, called, "named", "department")
    for how in ANSWERS:
        _count(found, called.answered(how), how, "department")
    tasks = Task.objects.filter(summons__in=called).kept()
    _count(found, tasks, "tasks", "summons__department")
    _count(found, tasks.done_on_time(), "tasks_on_time", "summons__department")
    entries = NegativeEntry.objects.filter(summons__in=called)
    _count(found, entries.standing(), "confirmed", "summons__department")
    _count(found, entries.filter(state="lifted"), "lifted", "summons__department")
    _medians(found, called)
    return list(found.values())


def _count(found: dict[int, DepartmentYear], rows: QuerySet[Any], name: str, department: str) -> None:
    counted = rows.order_by().values_list(department).annotate(n=Count("pk"))
    for pk, n in counted:
        setattr(found[pk], name, n)


def _medians(found: dict[int, DepartmentYear], called: SummonsQuerySet) -> None:
    spans: dict[int, list[float]] = defaultdict(list)
    for summons in called.exclude(received_at=None):
        assert summons.arrived_at is not None and summons.summoned_at is not None  # it was called and came
        spans[summons.department_id].append((summons.arrived_at - summons.summoned_at).total_seconds() / 60)
    for pk, minutes in spans.items():
        found[pk].minutes = round(median(minutes), 1)


COLUMNS: Final[Columns] = (
    (gettext_lazy("部门"), 28),
    (gettext_lazy("被吹哨次数"), 12),
    (gettext_lazy("按时到场"), 12),
    (gettext_lazy("迟到"), 10),
    (gettext_lazy("未到场"), 10),
    (gettext_lazy("进行中"), 10),
    (gettext_lazy("到场前撤哨"), 12),
    (gettext_lazy("到场用时中位数（分钟）"), 20),
    (gettext_lazy("认领任务"), 10),
    (gettext_lazy("按期完成"), 10),
    (gettext_lazy("列入负面清单"), 14),
    (gettext_lazy("已移出"), 10),
)


def records(user: User, year: int) -> Iterator[list[Value]]:
    """The year's figures in the order of COLUMNS."""
    for row in of_year(user, year):
        yield [
            row.department.name, row.named, row.on_time, row.late, row.absent, row.pending, row.cancelled,
            row.minutes, row.tasks, row.tasks_on_time, row.confirmed, row.lifted,
        ]  # fmt: skip
