"""What is true for all cases: the incident table, the posts, the divisions, the versions of categories, the calendar."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from accounts.models import Post
from accounts.roles import STAFF_ROLES
from cases import workflow
from cases.divisions import line
from cases.offices import Office
from cases.tables import Transition, Workflow
from grids import clock, workcalendar
from grids.calendars import Calendar
from grids.models import Department, Division
from incidents.models import CategoryVersion


@dataclass
class Truth:
    """Read once; asked for every entry. `now`: the end of everything that has happened."""

    now: datetime
    table: Workflow
    moves: dict[tuple[str, str], list[Transition]]
    posts: dict[int, Post]
    divisions: dict[int, Division]
    departments: dict[int, Department]
    versions: dict[int, CategoryVersion]
    current: dict[str, CategoryVersion]
    calendar: Calendar
    lines: dict[int, list[Division]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Self:
        table = workflow.of("incident")
        moves: defaultdict[tuple[str, str], list[Transition]] = defaultdict(list)
        for row in table.rows:
            for state in row.sources:
                moves[state, row.verb].append(row)
        divisions = Division.objects.in_bulk()
        for division in divisions.values():
            division.parent = divisions.get(division.parent_id or 0)
            division.successor = divisions.get(division.successor_id or 0)
        versions = CategoryVersion.objects.select_related("category").in_bulk()
        return cls(
            now=clock.now(),
            table=table,
            moves=dict(moves),
            posts=Post.objects.select_related("user").in_bulk(),
            divisions=divisions,
            departments=Department.objects.in_bulk(),
            versions=versions,
            current={v.category.code: v for v in versions.values() if v.category.current_id == v.pk},
            calendar=workcalendar.load(),
        )

    def line(self, place: int) -> list[Division]:
        """The division as it stands today and all above it, the lowest first."""
        if place not in self.lines:
            self.lines[place] = line(self.divisions[place])
        return self.lines[place]

    def office_of(self, post: Post) -> Office:
        """The office that a post works for, as `Office.of` says it."""
        if post.role not in STAFF_ROLES:
            return Office()
        return self.office(post.department_id, post.division_id)

    def office(self, department: int | None, division: int | None) -> Office:
        """The office of stored columns, successors counted."""
        if division is None:
            return Office(department_id=department)
        return Office(division_id=self.divisions[division].heir.pk)

    def name_of(self, office: Office) -> str:
        if office.department_id is not None:
            return self.departments[office.department_id].name
        return self.divisions[office.division_id].name if office.division_id is not None else ""
