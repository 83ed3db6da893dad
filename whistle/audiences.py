"""Who is told of a whistle's moves and marks; the names stand in the tables of moves and of marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from accounts.models import Post, User
from accounts.roles import Role
from cases import notices
from cases.models import Case, Deadline
from cases.offices import Office
from grids import clock
from grids.models import Department
from whistle.models import Summons, Task
from whistle.routing import committee_seat, sounder_of


def held_by(posts: Q) -> set[User]:
    """The active holders today of the posts that fit."""
    return {post.user for post in Post.objects.held_on(clock.today()).filter(posts).select_related("user")}


def office(case: Case) -> set[User]:
    """The centre of the division that whistles."""
    return notices.office_audience(Office.of(case.office), case)


def secretary(case: Case) -> set[User]:
    return held_by(Q(role=Role.TOWNSHIP_SECRETARY, division=case.office))


def sounder(case: Case) -> set[User]:
    """Who sounds this whistle."""
    role, seat = sounder_of(case)
    return held_by(Q(role=role, division=seat))


def committee(case: Case) -> set[User]:
    return held_by(Q(role=Role.COMMITTEE, division=committee_seat(case)))


def person(summons: Summons) -> set[User]:
    """The person named, the deputy and the head of the department; nobody among them: the whole department."""
    named = {post for post in (summons.person_id, summons.deputy_id) if post}
    found = held_by(Q(pk__in=named) | Q(department=summons.department_id, is_head=True))
    return found or department(summons)


def department(summons: Summons) -> set[User]:
    """Everybody who works on matters in the department."""
    return held_by(Q(role=Role.DEPARTMENT_OFFICER, department=summons.department_id))


def head(holder: Department) -> set[User]:
    return held_by(Q(department=holder, is_head=True))


def leader_on_duty(holder: Department) -> set[User]:
    return held_by(Q(department=holder, is_leader_on_duty=True))


def summoned(case: Case) -> set[User]:
    """All departments that were called and not released."""
    called = Summons.objects.filter(case=case, state__in=["summoned", "reported", "confirmed", "disputed"])
    return held_by(Q(role=Role.DEPARTMENT_OFFICER, department__in=called.values("department")))


def _of_case(find: Callable[[Case], set[User]]) -> Callable[[Any], set[User]]:
    """An audience of the whole whistle, for a move of one of its sub-rows."""
    return lambda row: find(row.case)


CASE: dict[str, Callable[[Any], set[User]]] = {
    "office": office,
    "secretary": secretary,
    "sounder": sounder,
    "summoned": summoned,
}
_SUB: dict[str, Callable[[Any], set[User]]] = {
    "office": _of_case(office),
    "sounder": _of_case(sounder),
    "committee": _of_case(committee),
}
SUMMONS: dict[str, Callable[[Any], set[User]]] = {**_SUB, "department": person}
TASK: dict[str, Callable[[Any], set[User]]] = {**_SUB, "department": lambda task: person(task.summons)}
ENTRY: dict[str, Callable[[Any], set[User]]] = {**_SUB, "department": lambda entry: department(entry.summons)}


# --- of deadlines


def summons_of(deadline: Deadline) -> Summons:
    """The summons whose duty (open, arrive, task) it is."""
    if deadline.duty == "task":
        return Task.objects.select_related("summons").get(pk=deadline.item).summons
    return Summons.objects.get(pk=deadline.item)


def _holder(case: Case, deadline: Deadline) -> set[User]:
    """Who owes a duty that no department owes: the secretary, who sounds, or the committee."""
    if deadline.duty == "approve":
        return secretary(case)
    return committee(case) if deadline.duty in ("decide", "decide_appeal") else sounder(case)


def _department_of(deadline: Deadline) -> Department:
    assert deadline.holder_department is not None  # only departments are summoned
    return deadline.holder_department


# The words of the column `told` of data/whistle/marks.csv.
MARKS: dict[str, Callable[[Case, Deadline], set[User]]] = {
    "holder": _holder,
    "person": lambda case, deadline: person(summons_of(deadline)),
    "head": lambda case, deadline: head(_department_of(deadline)) | office(case),
    "leader": lambda case, deadline: leader_on_duty(_department_of(deadline)) | sounder(case),
}


def missed(case: Case, deadline: Deadline) -> set[User]:
    """Of a breach: who owed it, the office that whistles, and who watches it (domain rules, sections 4 and 5)."""
    watchers = office(case) | sounder(case) | committee(case)
    if deadline.duty in ("arrive", "task"):
        return watchers | department(summons_of(deadline))
    return watchers | _holder(case, deadline)
