"""The parts of a story: each waits as long as people take, then does one thing."""

from __future__ import annotations

from typing import Any

from accounts.models import Post
from cases.demo.timing import Story
from incidents.demo.world import Matter, World
from incidents.models import Category
from incidents.services import report, settle_on_spot

PRESSED = 0.10  # how often somebody above presses while a matter is worked on


def reported(
    world: World, category: Category | None = None, by: Post | None = None, *, calm: bool = False
) -> Matter:
    """Somebody writes a new matter down."""
    by = by or world.reporter()
    facts, telling = world.facts(by, category, calm=calm)
    case = report(facts, by=by)
    return remembered(world, matter_of(case, facts, by, telling))


def matter_of(case: Any, facts: Any, by: Post, telling: Any) -> Matter:
    return Matter(case, facts.category, facts.category.current, by, telling)


def remembered(world: World, matter: Matter) -> Matter:
    """Kept among the latest of its centre, for those who merge and link."""
    latest = world.recent.setdefault(matter.case.office_id, [])
    latest.append(matter)
    del latest[:-12]
    return matter


def settled_at_once(world: World) -> Matter:
    """A worker settles on the spot what one person can (即办)."""
    by = world.chance.choice(list(world.city.workers.values()))
    facts, telling = world.facts(by, calm=True)
    while facts.category.current is None or facts.category.current.sensitive:
        facts, telling = world.facts(by, calm=True)
    photos = world.photo()
    files = {"photos_after": photos} if photos else {}
    case = settle_on_spot(facts, by=by, result=world.words.said("settled"), files=files)
    matter = matter_of(case, facts, by, telling)
    matter.handled_by.add(by.user_id)
    return matter


def filed(world: World, matter: Matter) -> Story:
    yield world.when(matter, "file")
    note = world.words.said("files") if world.chance.random() < 0.5 else ""
    world.do(matter, "file", world.clerk(matter), note=note)


def assigned(world: World, matter: Matter, action: str = "assign", **more: Any) -> Story:
    """To the department that the category names, or the one that was named when it came back."""
    yield world.when(matter, "assign")
    matter.department = matter.department or world.department(matter)
    data: dict[str, Any] = {"handler": f"department:{matter.department.pk}", **more}
    if action == "assign" and world.chance.random() < 0.6:
        data["note"] = world.words.said("assigns")
    if world.chance.random() < 0.06:
        other = next(d for d in world.city_departments(2) if d != matter.department)
        data[world.chance.choice(["copies", "co_handlers"])] = [str(other.pk)]
    world.do(matter, action, world.clerk(matter), **data)


def accepted(world: World, matter: Matter) -> Story:
    assert matter.department is not None
    yield world.when(matter, "accept")
    by = world.officer(matter.department)
    note = world.words.said("accepts") if world.chance.random() < 0.5 else ""
    world.do(matter, "accept", by, note=note)
    matter.handled_by.add(by.user_id)


def handled(world: World, matter: Matter) -> Story:
    """Work, perhaps under pressure, then the result."""
    assert matter.department is not None
    until = world.when(matter, "handle")
    if world.chance.random() < PRESSED:
        yield world.minutes(20, 45)
        pressed(world, matter)
    yield until
    by = world.officer(matter.department)
    photos = {"photos_after": found} if (found := world.photo()) else {}
    world.do(matter, "feed_back", by, result=world.chance.choice(matter.telling.results), **photos)
    matter.handled_by.add(by.user_id)


def pressed(world: World, matter: Matter) -> None:
    """Urged, instructed, supervised with a card or made urgent by somebody above."""
    by = next((post for post in pressers(world, matter) if matter.sees(post)), None)
    if by is None:
        return
    roll = world.chance.random()
    if roll < 0.5 or by.role == "township_secretary":
        action, data = "urge", {"note": world.words.said("urges")}
        if roll < 0.25 and by.role == "township_secretary":
            action, data = "instruct", {"instruction": world.words.said("instructions")}
    elif roll < 0.7:
        card = world.chance.choices(["ordinary", "yellow", "red"], [6, 3, 1])[0]
        action, data = "supervise", {"card": card, "reason": world.words.card(card)}
    elif roll < 0.85 or matter.case.urgent:
        action, data = "instruct", {"instruction": world.words.said("instructions")}
    else:
        action, data = "make_urgent", {"reason": world.words.said("urgents")}
    world.do(matter, action, by, **data)


def pressers(world: World, matter: Matter) -> list[Post]:
    """Who stands above the centre in charge, in an order of chance."""
    found = [*world.city.committee]
    if matter.case.office_id != world.city.root.pk:
        found += world.city.staff[world.city.root.pk]
        secretary = world.secretary(matter)
        found += [secretary] if secretary else []
    world.chance.shuffle(found)
    # The committee may do all of it, a city centre and a secretary not everywhere.
    return [post for post in found if post.role != "centre" or matter.case.office_id != world.city.root.pk]


def verified(world: World, matter: Matter) -> Story:
    yield world.when(matter, "verify")
    note = world.words.said("verifies") if world.chance.random() < 0.7 else ""
    world.do(matter, "verify", world.checker(matter), note=note)


def closed(world: World, matter: Matter) -> Story:
    """Looked at by somebody who did not handle it, then put away."""
    yield from verified(world, matter)
    yield world.after(10, 240)
    note = world.words.said("archives") if world.chance.random() < 0.5 else ""
    world.do(matter, "archive", world.clerk(matter), note=note)


def worked(world: World, matter: Matter) -> Story:
    """From assigning to the archive."""
    yield from assigned(world, matter)
    yield from accepted(world, matter)
    yield from handled(world, matter)
    yield from closed(world, matter)
