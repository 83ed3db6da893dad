"""The overdue list (超期清单): every duty whose time is over and that is still owed, by who owes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from cases import workflow
from cases.models import Case, Deadline
from cases.names import office_name
from cases.querysets import CaseQuerySet
from cases.words import duration
from grids.models import Department, Division
from incidents.listing import Row
from incidents.queues import overdue_duties


@dataclass(frozen=True, slots=True)
class Owed:
    """What one office owes: how many duties, in how many cases, since when the oldest is over and for how long by now.

    One of `department` and `division` is its id.
    """

    department: int | None
    division: int | None
    duties: int
    cases: int
    since: datetime
    over: timedelta

    @property
    def longest(self) -> str:
        return duration(self.over)


@dataclass(frozen=True, slots=True)
class Holder:
    """An office with what it owes, as a row of the list. `query`: the list of that alone."""

    name: str
    place: str
    query: str
    owed: Owed


def duties(seen: CaseQuerySet, now: datetime) -> QuerySet[Deadline]:
    """Overdue duties in cases of every kind, of those that somebody sees."""
    dates = {duty for table in workflow.registered() for duty in table.appointments}
    found = overdue_duties(now).exclude(duty__in=dates)
    # Open cases are few among all that there are and have an index of their own; what a closed one still owes (a decision
    # on the negative list, say) is rarer still.
    of_closed = found.exclude(case__in=Case.objects.unscoped().open().values("pk"))
    closed = list(of_closed.values_list("case", flat=True))
    theirs = Q(case__in=seen.open().values("pk"))
    if closed:
        theirs |= Q(case__in=seen.filter(pk__in=closed).values("pk"))
    return found.filter(theirs)


def of_holder(found: QuerySet[Deadline], department: str, division: str) -> QuerySet[Deadline] | None:
    """Those that one office owes, named by a department's id or a division's code; None when neither is sound."""
    if department.isdecimal() and len(department) < 19:
        return found.filter(holder_department=int(department))
    if division.isdecimal():
        return found.filter(holder_division__code=division)
    return None


def owed_by_office(found: QuerySet[Deadline], now: datetime) -> list[Owed]:
    """What every office owes of these duties; the one that has owed longest first."""
    grouped = found.values("holder_department", "holder_division").annotate(
        duties=Count("pk"), cases=Count("case", distinct=True), since=Min("due_at")
    )
    return [
        Owed(
            row["holder_department"], row["holder_division"], row["duties"], row["cases"], row["since"],
            now - row["since"],
        )
        for row in grouped.order_by("since", "holder_department", "holder_division")
    ]  # fmt: skip


def holders(found: QuerySet[Deadline], now: datetime) -> list[Holder]:
    """Every office that owes something, with its name and place; the one that has owed longest first."""
    owing = owed_by_office(found, now)
    departments = Department.objects.select_related("division").in_bulk(
        [one.department for one in owing if one.department]
    )
    divisions = Division.objects.with_path().in_bulk([one.division for one in owing if one.division])
    rows = []
    for one in owing:
        if one.department:
            department = departments[one.department]
            name, place, query = department.name, department.division.name, f"department={department.pk}"
        else:
            division = divisions[one.division]
            name, place, query = office_name(division), division.path, f"division={division.code}"
        rows.append(Holder(name, place, query, one))
    return rows


def with_cases(found: QuerySet[Deadline]) -> QuerySet[Deadline]:
    """Everything that `owed_of` reads, in one query."""
    return found.select_related(
        "case__place__parent__parent__parent",
        "case__incident__category",
        "holder_department",
        "holder_division__parent",
    )


def owed_of(deadline: Deadline) -> Row:
    """One duty that is over, as a row of its case: who has it is who owes it."""
    case, table = deadline.case, workflow.of(deadline.case.kind)
    return Row(
        pk=case.pk,
        url=case.get_absolute_url(),
        number=case.number,
        title=case.title,
        path=case.place.path,
        category=table.about(case),
        step=workflow.state_label(case),
        state=case.state,
        holder=office_name(deadline.holder),
        deadline=deadline,
        duty=table.duties[deadline.duty],
        urgent=case.urgent,
        supervision=case.supervision,
        sensitive=case.sensitive,
        at=case.opened_at,
    )
