"""When the stories begin: more of late than long ago, by day more than by night, and what must be there today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from cases.demo.timing import Story, Teller
from grids.clock import SHANGHAI, local_day
from incidents.demo import stories, stories_today
from incidents.demo.world import World

HOURS = ((9.7, 1.2), (15.6, 1.3))  # the two humps of a day: middle and spread, in hours
EARLIEST, LATEST = 6.5, 21.5
ON_REST_DAYS = 0.3  # of what would fall there
OWING = {"file": 4, "assign": 4, "accept": 4, "handle": 6, "verify": 5, "whole": 3}


def lay_out(world: World, teller: Teller, *, count: int, days: int) -> None:
    """Give the teller so many stories over the last days, and those that show today's work."""
    kinds, weights = list(stories.STORIES), list(stories.STORIES.values())
    for _number in range(count):
        story = world.chance.choices(kinds, weights)[0]
        teller.add(_some_time(world, teller, days), story(world))
    _today(world, teller)


def _some_time(world: World, teller: Teller, days: int) -> datetime:
    """An instant of the last days at an hour at which people report."""
    day = local_day(teller.end) - timedelta(days=int(days * (1 - world.chance.random() ** 0.7)))
    while not world.calendar.is_working(day) and world.chance.random() > ON_REST_DAYS:
        day -= timedelta(days=1)
    hour = min(max(world.chance.gauss(*world.chance.choice(HOURS)), EARLIEST), LATEST)
    at = datetime.combine(day, time(), SHANGHAI) + timedelta(hours=hour)
    if at > teller.end:
        at -= timedelta(days=1)
    return max(at, teller.end - timedelta(days=days))


def _today(world: World, teller: Teller) -> None:
    for duty, number in OWING.items():
        for _one in range(number):
            teller.add(
                _working_days_ago(world, teller, world.chance.randint(3, 7)), stories_today.owing(duty)(world)
            )
    for _one in range(5):
        teller.add(
            _working_days_ago(world, teller, world.chance.randint(4, 7)), stories_today.under_a_card(world)
        )
    for duty in ("handle", "verify"):
        for _one in range(4):
            teller.add(teller.end - stories_today.lead(world, duty), stories_today.hurried(duty)(world))
    late: list[tuple[Callable[[World], Story], int, tuple[int, int]]] = [
        (stories_today.fresh, 8, (2, 100)),
        (stories_today.for_a_tour(signed=False), 2, (40, 90)),
        (stories_today.for_a_tour(signed=True), 2, (40, 90)),
        (stories_today.in_a_suspension, 3, (60, 600)),
        (stories_today.in_two_parts, 2, (60, 600)),
        (stories_today.waiting_for_time, 3, (60, 300)),
    ]
    for story, number, (low, high) in late:
        for _one in range(number):
            teller.add(teller.end - timedelta(minutes=world.chance.uniform(low, high)), story(world))


def _working_days_ago(world: World, teller: Teller, number: int) -> datetime:
    """Some time in the morning of the last working day but so many."""
    day = local_day(teller.end)
    while number:
        day -= timedelta(days=1)
        number -= world.calendar.is_working(day)
    return datetime.combine(day, time(8, 40), SHANGHAI) + timedelta(minutes=world.chance.uniform(0, 60))
