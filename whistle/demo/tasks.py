"""The tasks that departments claim at a consultation, and how they are done."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from accounts.models import Post
from cases.demo.timing import Story
from grids import clock
from grids.clock import SHANGHAI, local_day
from whistle.demo.world import Answer, Blown, World
from whistle.models import Summons, Task

DAYS = {"done": (3, 8), "overdue": (2, 3), "owing": (2, 2), "open": (25, 40)}  # from the claim to its date
LATER = timedelta(days=6)


def claimed(world: World, blown: Blown, there: list[Summons]) -> Story:
    """Each of these departments claims what the whistle asks of it; its day is a working one."""
    for summons in there:
        yield world.minutes(3, 12)
        named, answer = _of(blown, summons)
        low, high = DAYS[answer.task]
        day = local_day(clock.now()) + timedelta(days=world.chance.randint(low, high))
        while not world.calendar.is_working(day) and answer.task != "owing":
            day += timedelta(days=1)
        data = {"task": blown.words(named), "due_on": day.isoformat()}
        world.on(blown.summons(summons.department), "claim", _arrived(world, summons), **data)


def _of(blown: Blown, summons: Summons) -> tuple[str, Answer]:
    rows = {department.pk: (named.task, answer) for department, named, answer in blown.answers}
    return rows[summons.department_id]


def _arrived(world: World, summons: Summons) -> Post:
    return summons.arrived_by or world.officer(summons)


def worked(world: World, blown: Blown) -> Story:
    """All tasks in the order in which they are done; those that are not stay open, with a word on how it goes."""
    steps: list[tuple[datetime, Task, Answer]] = []
    for task in Task.objects.filter(summons__case=blown.case.pk).order_by("pk"):
        _named, answer = _of(blown, task.summons)
        steps.append((_done_at(world, task, answer), task, answer))
    if "redated" in blown.plan.turns:
        yield from _redated(world, blown, steps[-1][1])
    for at, task, answer in sorted(steps, key=lambda step: (step[0], step[1].pk)):
        yield world.calendar.next_open(max(at, clock.now()))
        officer = _arrived(world, task.summons)
        if answer.task in ("owing", "open"):
            world.on(task, "progress", officer, note=world.words.said("progress"))
        else:
            photos = {"photos": world.picture()} if world.chance.random() < 0.4 else {}
            world.on(task, "finish", officer, result=_result(blown, task), **photos)


def _result(blown: Blown, task: Task) -> str:
    rows = {department.pk: named.result for department, named, _answer in blown.answers}
    return blown.words(rows[task.summons.department_id])


def _done_at(world: World, task: Task, answer: Answer) -> datetime:
    """In the last days before its date, or after it; of what stays open, when somebody says how it goes."""
    end = datetime.combine(task.due_on, time(17), SHANGHAI)
    if answer.task == "overdue":
        return world.calendar.next_open(end + timedelta(hours=world.chance.uniform(24, 40)))
    if answer.task == "open":
        return clock.now() + timedelta(hours=world.chance.uniform(14, 30))
    share = world.chance.uniform(0.5, 0.92)
    return clock.now() + share * (end - clock.now())


def _redated(world: World, blown: Blown, task: Task) -> Story:
    yield world.after(60, 200)
    day = task.due_on + LATER
    by, reason = world.clerk(blown.case), world.words.said("redo_date")
    world.on(task, "redate", by, due_on=day.isoformat(), reason=reason)
