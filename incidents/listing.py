"""Incidents as lists show them: one query for the rows, one for each thing beside them, however many rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import DateTimeField, F, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from accounts.models import Post
from cases.models import Case, Deadline, DeadlineMark, MarkKind, Part, PartKind
from cases.names import office_name, part_name
from cases.offices import Office
from incidents.models import Incident
from incidents.queues import open_duties
from incidents.workflow import DUTIES, STATES

# Later than any duty: matters without a running clock stand last.
NEVER: Final = Value(datetime(9000, 1, 1, tzinfo=UTC), output_field=DateTimeField())


def by_deadline(found: QuerySet[Incident], post: Post | None = None) -> QuerySet[Incident]:
    """In the order of `sort_key`: the end of the duty that presses most, the own office's before others'."""
    running = Deadline.objects.filter(open_duties(), case=OuterRef("pk"), paused_at=None).order_by("due_at")
    ends = [Subquery(running.values("due_at")[:1]), NEVER]
    office = Office.of(post) if post is not None else Office()
    if office != Office():
        own = {f"holder_{name}": value for name, value in office.columns.items()}
        ends.insert(0, Subquery(running.filter(**own).values("due_at")[:1]))
    return found.annotate(sort_key=Coalesce(*ends)).order_by("sort_key", "pk")


def by_newest(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """The latest report first, by `sort_key`."""
    return found.annotate(sort_key=F("case__opened_at")).order_by("-sort_key", "-pk")


def with_rows(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """Everything that `row_of` reads, in four queries for the whole list."""
    reminder = DeadlineMark.objects.filter(deadline=OuterRef("pk"), kind=MarkKind.REMIND)
    deadlines = Deadline.objects.filter(open_duties()).order_by("due_at", "pk")
    parts = Part.objects.filter(ended_at=None, kind__in=[PartKind.HANDLER, PartKind.CO_HANDLER])
    return found.with_case().prefetch_related(  # type: ignore[attr-defined, no-any-return]
        Prefetch(
            "case__deadlines",
            deadlines.annotate(soon_at=Subquery(reminder.values("at")[:1])),
            to_attr="open_deadlines",
        ),
        Prefetch(
            "case__parts",
            parts.select_related("department", "division__parent", "post__user").order_by("pk"),
            to_attr="open_parts",
        ),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One incident as `components/case_row.html` and `case_card.html` show it."""

    pk: int
    url: str
    number: str
    title: str
    path: str
    category: str
    step: str | Promise
    state: str
    holder: str
    deadline: Deadline | None
    duty: str | Promise
    urgent: bool
    supervision: str
    sensitive: bool
    at: datetime


def row_of(incident: Incident, post: Post | None = None) -> Row:
    """The row of an incident read by `with_rows`; of the duties, that of the post's own office is shown first."""
    case = incident.case
    deadline = pressing(getattr(case, "open_deadlines", []), post)
    return Row(
        pk=case.pk,
        url=case.get_absolute_url(),
        number=case.number,
        title=case.title,
        path=case.place.path,
        category=str(incident.category),
        step=STATES[case.state],
        state=case.state,
        holder=holder_of(case),
        deadline=deadline,
        duty=DUTIES[deadline.duty] if deadline else "",
        urgent=case.urgent,
        supervision=case.supervision,
        sensitive=case.sensitive,
        at=case.opened_at,
    )


def pressing(deadlines: Iterable[Deadline], post: Post | None) -> Deadline | None:
    """Of a case's open duties, in the order of their ends, the one to show: own before others', running before stopped."""
    own = Office.of(post) if post is not None else Office()

    def order(deadline: Deadline) -> tuple[bool, bool]:
        holder = Office(deadline.holder_department_id, deadline.holder_division_id)
        return deadline.paused_at is not None, holder != own

    return min(deadlines, key=order, default=None)


def holder_of(case: Case) -> str:
    """Who has the case now: the handler while it is being handled, the centre in charge before and after."""
    handlers = [part for part in getattr(case, "open_parts", []) if part.kind == PartKind.HANDLER]
    if handlers and case.state in ("assigned", "investigating", "suspended"):
        return part_name(handlers[0])
    return office_name(case.office) if case.is_open else ""


def rows_of(incidents: Iterable[Incident], post: Post | None = None) -> list[Row]:
    return [row_of(incident, post) for incident in incidents]
