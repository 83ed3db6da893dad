"""The overdue list (超期清单): every duty whose time is over and that is still owed, by who owes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from accounts.models import User
from cases import workflow
from cases.models import Case, Deadline
from cases.names import office_name
from cases.words import duration
from grids.models import Department, Division
from incidents.listing import Row
from incidents.queues import overdue_duties


@dataclass(frozen=True, slots=True)
class Holder:
    """An office with what it owes: how many duties, in how many cases, and how long the oldest is over.

    `department`: its id; None for a division's office.
    """

    department: int | None
    name: str
    place: str
    query: str
    duties: int
    cases: int
    since: datetime
    longest: str


def duties(user: User, now: datetime) -> QuerySet[Deadline]:
    """Overdue duties in cases of every kind that the person may see."""
    dates = {duty for table in workflow.registered() for duty in table.appointments}
    found = overdue_duties(now).exclude(duty__in=dates)
    # Open cases are few among all that there are and have an index of their own; what a closed one still owes (a decision
    # on the negative list, say) is rarer still.
    of_closed = found.exclude(case__in=Case.objects.unscoped().open().values("pk"))
    closed = list(of_closed.values_list("case", flat=True))
    visible = Case.objects.visible_to(user)
    theirs = Q(case__in=visible.open().values("pk"))
    if closed:
        theirs |= Q(case__in=visible.filter(pk__in=closed).values("pk"))
    return found.filter(theirs)


def of_holder(found: QuerySet[Deadline], department: str, division: str) -> QuerySet[Deadline] | None:
    """Those that one office owes, named by a department's id or a division's code; None when neither is sound."""
    if department.isdecimal() and len(department) < 19:
        return found.filter(holder_department=int(department))
    if division.isdecimal():
        return found.filter(holder_division__code=division)
    return None


def holders(found: QuerySet[Deadline], now: datetime) -> list[Holder]:
    """Every office that owes something; the one that has owed longest first."""
    grouped = found.values("holder_department", "holder_division").annotate(
        duties=Count("pk"), cases=Count("case", distinct=True), since=Min("due_at")
    )
    rows = list(grouped.order_by("since", "holder_department", "holder_division"))
    departments = Department.objects.select_related("division").in_bulk(
        [row["holder_department"] for row in rows if row["holder_department"]]
    )
    divisions = Division.objects.with_path().in_bulk(
        [row["holder_division"] for row in rows if row["holder_division"]]
    )
    found_holders = []
    for row in rows:
        holder: Department | Division
        if row["holder_department"]:
            holder = departments[row["holder_department"]]
            place, query = holder.division.name, f"department={holder.pk}"
        else:
            holder = divisions[row["holder_division"]]
            place, query = holder.path, f"division={holder.code}"
        found_holders.append(
            Holder(
                row["holder_department"], office_name(holder), place, query, row["duties"], row["cases"], row["since"],
                duration(now - row["since"]),
            )
        )  # fmt: skip
    return found_holders


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
