"""Figures of each department and year for the yearly assessment, each with the cases behind it (domain rules, 5 and 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Final

from django.utils.translation import gettext_lazy

from accounts.models import User
from cases.exports import Columns, Value
from cases.filters import end_of, start_of
from cases.models import Deadline
from grids.clock import SHANGHAI
from grids.models import Department
from whistle.models import NegativeEntry, Outcome, Summons, Task
from whistle.querysets import STANDING


@dataclass(slots=True)
class DepartmentYear:
    """One department's year. `minutes`: median from the summons to the arrival that counts; None without any.

    `tasks_on_time`: done before their date ended, first dates counted; an overdue task that got a later date is late.
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
    spans: list[float] = field(default_factory=list)


def years(user: User) -> list[int]:
    """The years in which whistles that the person may see were sounded, the newest first."""
    instants = Summons.objects.visible_to(user).exclude(summoned_at=None)
    return sorted(
        {at.astimezone(SHANGHAI).year for at in instants.values_list("summoned_at", flat=True) if at},
        reverse=True,
    )


def of_year(user: User, year: int, department: Department | None = None) -> list[DepartmentYear]:
    """Each department that was summoned in a year, by name; only from whistles that the person may see."""
    span = (start_of(date(year, 1, 1)), end_of(date(year, 12, 31)))
    called = Summons.objects.visible_to(user).filter(summoned_at__range=span).select_related("department")
    if department is not None:
        called = called.filter(department=department)
    found: dict[int, DepartmentYear] = {}
    for summons in called:
        row = found.setdefault(summons.department_id, DepartmentYear(summons.department))
        _count_summons(row, summons)
    _count_tasks(found, called)
    _count_entries(found, called)
    for row in found.values():
        row.minutes = round(median(row.spans), 1) if row.spans else None
    return sorted(found.values(), key=lambda row: (row.department.name, row.department.pk))


def _count_summons(row: DepartmentYear, summons: Summons) -> None:
    """Every summons counts once as named and once by how it ended; one stood down before anybody came is apart."""
    row.named += 1
    if summons.outcome == Outcome.NONE:
        if summons.state == "cancelled":
            row.cancelled += 1
        else:
            row.pending += 1
    elif summons.outcome == Outcome.ON_TIME:
        row.on_time += 1
    elif summons.outcome == Outcome.LATE:
        row.late += 1
    else:
        row.absent += 1
    if summons.arrived_at and summons.summoned_at:
        row.spans.append((summons.arrived_at - summons.summoned_at).total_seconds() / 60)


def _count_tasks(found: dict[int, DepartmentYear], called: Iterable[Summons]) -> None:
    tasks = Task.objects.filter(summons__in=called).exclude(state="dropped").select_related("summons")
    missed: dict[int, bool] = defaultdict(bool)
    ids = [task.pk for task in tasks]
    for item in Deadline.objects.filter(
        duty="task", item__in=ids, missed_at__isnull=False, case__kind="whistle"
    ).values_list("item", flat=True):
        missed[item] = True
    for task in tasks:
        row = found[task.summons.department_id]
        row.tasks += 1
        row.tasks_on_time += task.state == "done" and not missed[task.pk]


def _count_entries(found: dict[int, DepartmentYear], called: Iterable[Summons]) -> None:
    for entry in NegativeEntry.objects.filter(summons__in=called).select_related("summons"):
        row = found[entry.summons.department_id]
        row.confirmed += entry.state in STANDING
        row.lifted += entry.state == "lifted"


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
