"""Who whistles for whom: who sounds, who judges, which departments may be named, who is called there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import DutyRosterEntry, Post
from accounts.roles import Role
from cases.divisions import above
from cases.models import Case
from grids import clock
from grids.models import Department, Division
from whistle.models import Level
from whistle.tables import subjects


def level_of(office: Division) -> Level:
    """A village whistles for its township's stations, a township for the city's departments."""
    return Level.VILLAGE if office.level == "village" else Level.TOWNSHIP


def sounder_of(case: Case) -> tuple[Role, Division]:
    """Who sounds, stands down and strikes off: the committee above a township, the centre above a village."""
    upper = above(case.office) or case.office
    return (Role.TOWNSHIP_CENTRE if level_of(case.office) == Level.VILLAGE else Role.COMMITTEE), upper


def committee_seat(case: Case) -> Division:
    """The division whose committee keeps the negative list."""
    township = case.office if level_of(case.office) == Level.TOWNSHIP else above(case.office) or case.office
    return above(township) or township


def departments_for(office: Division) -> list[Department]:
    """The departments that an office may whistle for: those seated in the next division above it."""
    upper = above(office)
    if upper is None:
        return []
    found = Department.objects.valid_on(clock.today()).filter(division=upper)
    return list(found.select_related("kind", "division").order_by("name", "pk"))


def suggested(office: Division, subject: str) -> list[Department]:
    """The departments that the duty catalogue names for a subject, the leading ones first."""
    row = subjects().get(subject)
    if row is None:
        return []
    kinds = [*row.lead, *row.assisting]
    found = [d for d in departments_for(office) if d.kind_id in kinds]
    return sorted(found, key=lambda d: (kinds.index(d.kind_id), d.pk))


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Whom a summons names: person, deputy and telephone by the roster, else the head of the department."""

    person: Post | None
    deputy: Post | None
    telephone: str


def on_duty(department: Department, at: datetime) -> OnDuty:
    """Who answers for a department at an instant. A person whose post has ended meanwhile is passed over."""
    held = Post.objects.held_on(clock.today())
    entry = (
        DutyRosterEntry.objects.of(department).at(at).filter(person__in=held).order_by("-starts_at").first()
    )
    if entry is not None:
        deputy = entry.deputy if entry.deputy and held.filter(pk=entry.deputy.pk).exists() else None
        return OnDuty(entry.person, deputy, entry.telephone)
    heads = held.filter(department=department, is_head=True).select_related("user").order_by("pk")
    head = heads.first()
    return OnDuty(head, None, (head.user.phone if head else "") or department.telephone)
