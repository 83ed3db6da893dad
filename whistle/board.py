"""The committee's live board: every running whistle with a countdown for each department (domain rules, 5 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Prefetch, QuerySet

from accounts.models import Post
from cases.models import Case, Deadline
from whistle.models import Outcome, Summons, Task, Whistle
from whistle.tables import subject_name
from whistle.workflow import RUNNING, STATES, SUMMONS_STATES


@dataclass(frozen=True, slots=True)
class Call:
    """A department of a running whistle as the board shows it."""

    summons: Summons
    deadline: Deadline | None
    state: str
    outcome: str
    person: str
    deputy: str
    telephone: str

    @property
    def unopened(self) -> bool:
        """Nobody looked within the ten minutes, nobody came, and nobody was reached since."""
        row = self.summons
        return row.state == "summoned" and row.unopened_at is not None and row.opened_at is None


@dataclass(frozen=True, slots=True)
class Running:
    """One whistle of the board."""

    case: Case
    whistle: Whistle
    subject: str
    step: str
    calls: list[Call]
    tasks: int
    done: int


URGENCY: Final = {"summoned": 0, "disputed": 1, "reported": 2, "confirmed": 3}


def call_of(summons: Summons, deadlines: dict[int, Deadline]) -> Call:
    return Call(
        summons=summons,
        deadline=deadlines.get(summons.pk),
        state=str(SUMMONS_STATES[summons.state]),
        outcome=str(Outcome(summons.outcome).label) if summons.outcome else "",
        person=summons.person.user.name if summons.person else "",
        deputy=summons.deputy.user.name if summons.deputy else "",
        telephone=summons.telephone,
    )


def arrivals(cases: list[int]) -> dict[int, Deadline]:
    """The last arrival duty of each summons of these cases, by the summons."""
    rows = Deadline.objects.filter(case__in=cases, duty="arrive").order_by("pk")
    return {row.item: row for row in rows}


def running(seen: QuerySet[Case]) -> list[Running]:
    """The running whistles among the cases that somebody sees: those with somebody missing first, the nearest end before
    the others."""
    people = (
        Summons.objects.with_people().prefetch_related("tasks").exclude(state__in=["wanted", "cancelled"])
    )
    found = list(
        Whistle.objects.among(seen)
        .running()
        .with_case()
        .prefetch_related(Prefetch("case__summonses", queryset=people, to_attr="called"))
    )
    ends = arrivals([whistle.pk for whistle in found])
    rows = [_running(whistle, ends) for whistle in found]
    return sorted(rows, key=_nearest)


def _running(whistle: Whistle, ends: dict[int, Deadline]) -> Running:
    called: list[Summons] = getattr(whistle.case, "called", [])
    calls = [call_of(summons, ends) for summons in called]
    tasks = [task for summons in called for task in summons.tasks.all() if task.state != "dropped"]
    return Running(
        case=whistle.case,
        whistle=whistle,
        subject=subject_name(whistle.subject),
        step=str(STATES[whistle.case.state]),
        calls=sorted(calls, key=lambda call: (URGENCY.get(call.summons.state, 9), call.summons.pk)),
        tasks=len(tasks),
        done=sum(task.state == "done" for task in tasks),
    )


def _nearest(row: Running) -> tuple[bool, datetime, int]:
    waiting = [
        call.summons.due_at for call in row.calls if call.summons.state == "summoned" and call.summons.due_at
    ]
    assert row.whistle.sounded_at is not None  # it runs
    return not waiting, min(waiting, default=row.whistle.sounded_at), row.case.pk


def unopened(rows: list[Running]) -> list[tuple[Running, Call]]:
    """What stands on top of the board: summonses that nobody opened in ten minutes, with telephone numbers."""
    return [(row, call) for row in rows for call in row.calls if call.unopened]


@dataclass(frozen=True, slots=True)
class Mine:
    """A whistle from the side of one department: its summons, its clock, its tasks."""

    case: Case
    whistle: Whistle
    call: Call
    subject: str
    tasks: list[Task]

    @property
    def to_report(self) -> bool:
        return self.call.summons.state in ("summoned", "disputed") and self.case.state in RUNNING


def calls_of(post: Post) -> list[Mine]:
    """The summonses of a post's department in whistles that are not over, what is to be reported first."""
    if post.department_id is None:
        return []
    found = (
        Summons.objects.visible_to(post.user)
        .filter(department=post.department_id, case__closed_at=None)
        .exclude(state__in=["wanted", "cancelled"])
        .with_people()
        .select_related("case__place__parent", "case__office", "case__whistle")
        .prefetch_related("tasks")
    )
    ends = arrivals([summons.case_id for summons in found])
    rows = [
        Mine(
            case=summons.case,
            whistle=summons.case.whistle,
            call=call_of(summons, ends),
            subject=subject_name(summons.case.whistle.subject),
            tasks=[task for task in summons.tasks.all() if task.state == "claimed"],
        )
        for summons in found
    ]
    return sorted(rows, key=lambda row: (not row.to_report, row.call.summons.due_at, row.case.pk))
