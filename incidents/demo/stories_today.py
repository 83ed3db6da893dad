"""What the demo shows on its first day, whatever the day: what is overdue, nearly due, fresh, stopped or asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cases.demo.timing import Story
from grids.calendars import Unit
from incidents.demo.steps import accepted, assigned, filed, handled, reported
from incidents.demo.stories import asked_for_time, split_in_two, suspend
from incidents.demo.world import World
from incidents.models import Category


def owing(duty: str) -> Callable[[World], Story]:
    """A matter whose duty nobody does, so that it is overdue."""

    def story(world: World) -> Story:
        matter = reported(world, brief_category(world), calm=True)
        steps = [("file", filed), ("assign", assigned), ("accept", accepted), ("handle", handled)]
        for name, step in steps:
            if name == duty:
                return
            yield from step(world, matter)
        if duty == "whole":
            yield world.when(matter, "verify")
            world.do(matter, "verify", world.checker(matter))

    return story


def brief_category(world: World) -> Category:
    """One of a few working hours, so that days later it is certainly over."""
    return world.categories[world.chance.choice(["1101", "1103", "1105", "1111", "1402", "2301"])]


def hurried(duty: str) -> Callable[[World], Story]:
    """A matter by the clock, whose handling or looking at ends within the next two hours."""

    def story(world: World) -> Story:
        matter = reported(world, world.categories["1503"], calm=True)
        yield world.minutes(3, 8)
        world.do(matter, "file", world.clerk(matter))
        yield world.minutes(2, 6)
        matter.department = world.department(matter)
        world.do(matter, "assign", world.clerk(matter), handler=f"department:{matter.department.pk}")
        yield world.minutes(4, 10)
        world.do(matter, "accept", world.officer(matter.department))
        if duty == "verify":
            yield world.minutes(30, 60)
            by = world.officer(matter.department)
            world.do(matter, "feed_back", by, result=matter.telling.results[0])

    return story


def lead(world: World, duty: str) -> timedelta:
    """How long before now such a matter begins, so that its time ends soon after now."""
    version = world.categories["1503"].current
    assert version is not None
    allowance = version.allowance(duty, urgent=False)
    assert allowance.unit == Unit.CLOCK_MINUTES
    started = {"handle": 12, "verify": 75}[duty]
    return timedelta(minutes=allowance.amount + started - world.chance.uniform(20, 100))


def fresh(world: World) -> Story:
    """Just reported."""
    reported(world)
    yield from ()


def for_a_tour(signed: bool) -> Callable[[World], Story]:
    """A heap of rubbish that `worker` reported and `officer` has to sign for, or has signed for."""

    def story(world: World) -> Story:
        worker = next(post for post in world.city.workers.values() if post.user.username == "worker")
        matter = reported(world, world.categories["1101"], worker, calm=True)
        yield world.minutes(3, 8)
        world.do(matter, "file", world.clerk(matter))
        yield world.minutes(2, 6)
        matter.department = world.department(matter)
        world.do(matter, "assign", world.clerk(matter), handler=f"department:{matter.department.pk}")
        if signed:
            yield world.minutes(4, 10)
            world.do(matter, "accept", world.officer(matter.department))

    return story


def in_a_suspension(world: World) -> Story:
    matter = reported(world, brief_category(world), calm=True)
    yield world.minutes(5, 20)
    world.do(matter, "file", world.clerk(matter))
    yield world.minutes(2, 10)
    suspend(world, matter, world.chance.randint(4, 20))


def in_two_parts(world: World) -> Story:
    matter = reported(world, brief_category(world), calm=True)
    yield world.minutes(5, 20)
    world.do(matter, "file", world.clerk(matter))
    yield world.minutes(2, 10)
    split_in_two(world, matter)


def waiting_for_time(world: World) -> Story:
    matter = reported(world, brief_category(world), calm=True)
    yield world.minutes(5, 20)
    world.do(matter, "file", world.clerk(matter))
    yield world.minutes(2, 10)
    matter.department = world.department(matter)
    world.do(matter, "assign", world.clerk(matter), handler=f"department:{matter.department.pk}")
    yield world.minutes(2, 10)
    world.do(matter, "accept", world.officer(matter.department))
    yield from asked_for_time(world, matter)


def under_a_card(world: World) -> Story:
    """Overdue, urged, then supervised with a card that grew."""
    matter = reported(world, brief_category(world), calm=True)
    yield from filed(world, matter)
    yield from assigned(world, matter)
    yield from accepted(world, matter)
    by = world.city.committee[0]
    yield world.after(300, 420)
    world.do(matter, "urge", by, note=world.words.said("urges"))
    for card in ("ordinary", "yellow", "red")[: world.chance.randint(1, 3)]:
        yield world.after(120, 300)
        world.do(matter, "supervise", by, card=card, reason=world.words.card(card))
