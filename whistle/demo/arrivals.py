"""How each department answers: it looks, or is called; it comes, late or not at all; the township says whether it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cases.demo.timing import Story
from grids import clock
from grids.models import Department
from whistle.arrival import contact
from whistle.demo.world import Answer, Blown, World
from whistle.models import Summons
from whistle.services import opened

MINUTE = timedelta(minutes=1)


def answering(world: World, blown: Blown, department: Department, answer: Answer) -> Story:
    """From the summons to the confirmed arrival, unless it is stood down before; begins when it was sounded."""
    for at in _whole(world, blown, department, answer):
        yield at
        if blown.case.state != "sounded":
            return


def _whole(world: World, blown: Blown, department: Department, answer: Answer) -> Story:
    began = clock.now()
    yield from _looked(world, blown, department, silent=answer.silent)
    yield from COMES[answer.come](world, blown, department, began)


def _looked(world: World, blown: Blown, department: Department, *, silent: bool) -> Story:
    if silent:
        yield world.minutes(10.5, 12)
        _called(world, blown.summons(department), "person", "no", "call_no")
        yield world.minutes(0.7, 2)
        _called(world, blown.summons(department), "deputy", "yes", "call_yes")
        yield world.minutes(0.5, 2)
    else:
        yield world.minutes(1, 8)
    summons = blown.summons(department)
    opened(summons, by=world.officer(summons))


def _called(world: World, summons: Summons, callee: str, answered: str, words: str) -> None:
    by = world.sounder(summons.case)
    world.on(summons, "record_call", by, callee=callee, answered=answered, note=world.words.said(words))


def _at(world: World, began: datetime, low: float, high: float) -> datetime:
    """So many minutes after it was sounded."""
    return began + world.chance.uniform(low, high) * MINUTE


def _reported(world: World, blown: Blown, department: Department, **more: Any) -> None:
    summons = blown.summons(department)
    data = {"note": world.words.said("report"), **world.near(blown), **more}
    world.on(summons, "report_in", world.officer(summons), photos=world.picture(), **data)


def _confirmed(world: World, blown: Blown, department: Department) -> Story:
    yield world.minutes(2, 9)
    note = world.words.said("confirm") if world.chance.random() < 0.5 else ""
    world.on(blown.summons(department), "confirm", world.clerk(blown.case), note=note)


def _prompt(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield _at(world, began, 25, 98)
    _reported(world, blown, department)
    yield from _confirmed(world, blown, department)


def _late(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield _at(world, began, 121, 123)
    _called(world, blown.summons(department), "person", "yes", "call_late")
    yield _at(world, began, 126, 158)
    _reported(world, blown, department)
    yield from _confirmed(world, blown, department)


def _absent(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield _at(world, began, 122, 130)
    _called(world, blown.summons(department), "head", "yes", "call_late")
    yield _at(world, began, 150, 165)
    _called(world, blown.summons(department), "head", "no", "call_no")


def _pressed(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    """Without a line at the place: pressed in time, received when there is a line again."""
    met = _at(world, began, 60, 80)
    yield met
    token = contact(met)
    press = _at(world, began, 100, 117)
    yield _at(world, began, 124, 145)
    passed = int((press - met).total_seconds() * 1000)
    _reported(world, blown, department, pressed_at=press.isoformat(), contact=token, elapsed=str(passed))
    yield from _confirmed(world, blown, department)


def _disputed(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield _at(world, began, 40, 70)
    _reported(world, blown, department)
    yield world.minutes(4, 9)
    reason = world.words.said("dispute")
    world.on(blown.summons(department), "dispute", world.clerk(blown.case), reason=reason)
    yield world.minutes(5, 15)
    by = world.sounder(blown.case)
    world.on(blown.summons(department), "accept_arrival", by, reason=world.words.said("accept"))


def _refuted(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    """They were not there; when they are, it is too late."""
    yield _at(world, began, 50, 75)
    _reported(world, blown, department)
    yield world.minutes(4, 9)
    reason = world.words.said("dispute")
    world.on(blown.summons(department), "dispute", world.clerk(blown.case), reason=reason)
    yield world.minutes(5, 15)
    by = world.sounder(blown.case)
    world.on(blown.summons(department), "reject_arrival", by, reason=world.words.said("reject"))
    yield _at(world, began, 130, 158)
    _reported(world, blown, department)
    yield from _confirmed(world, blown, department)


def _released(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield _at(world, began, 35, 90)
    _reported(world, blown, department, not_duty="on", note=world.words.said("not_duty"))
    yield from _confirmed(world, blown, department)
    yield world.minutes(15, 25)
    by = world.clerk(blown.case)
    world.on(blown.summons(department), "release", by, reason=world.words.said("release"))


def _waiting(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield _at(world, began, 55, 65)
    _reported(world, blown, department)


def _coming(world: World, blown: Blown, department: Department, began: datetime) -> Story:
    yield from ()


COMES: dict[str, Callable[[World, Blown, Department, datetime], Story]] = {
    "prompt": _prompt,
    "late": _late,
    "absent": _absent,
    "pressed": _pressed,
    "disputed": _disputed,
    "refuted": _refuted,
    "released": _released,
    "waiting": _waiting,
    "coming": _coming,
}
