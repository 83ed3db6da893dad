"""Whole stories, the straight ones and every side way. Each ends where the matter does, or where time runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cases import loaders
from cases.demo.timing import Story
from cases.models import CaseLink
from grids import clock
from incidents.demo.steps import (
    accepted,
    assigned,
    closed,
    filed,
    handled,
    matter_of,
    remembered,
    reported,
    settled_at_once,
    worked,
)
from incidents.demo.world import Matter, World
from incidents.models import Category
from incidents.services import report


def straight(world: World) -> Story:
    matter = reported(world)
    yield from filed(world, matter)
    yield from worked(world, matter)


def settled(world: World) -> Story:
    matter = settled_at_once(world)
    yield from closed(world, matter)


def _settled_by_its_centre(world: World, matter: Matter) -> Story:
    yield from filed(world, matter)
    yield world.when(matter, "assign")
    by = world.clerk(matter)
    world.do(matter, "settle", by, result=world.chance.choice(matter.telling.results))
    matter.handled_by.add(by.user_id)
    yield from closed(world, matter)


def self_settled(world: World) -> Story:
    """The centre in charge does it itself; the level above closes, at the top the committee."""
    matter = reported(world, world.chance.choice(open_categories(world)))
    yield from _settled_by_its_centre(world, matter)


def at_the_top(world: World) -> Story:
    """A call of the hotline that the city's centre answers itself; the committee closes it."""
    hotline = [row for code, row in world.categories.items() if code.startswith("34")]
    by = world.chance.choice(world.city.staff[world.city.root.pk])
    matter = reported(world, world.chance.choice(hotline), by)
    yield from _settled_by_its_centre(world, matter)


def open_categories(world: World) -> list[Category]:
    """What any worker or centre of a village or township may report and everybody there may see."""
    rows = [row for row in world.categories.values() if row.current and not row.current.sensitive]
    return [row for row in rows if row.code[:2] not in ("33", "34")]


def rejected(world: World) -> Story:
    matter = reported(world)
    yield world.when(matter, "file")
    world.do(matter, "reject", world.clerk(matter), reason=world.words.of_group(matter.category, "rejects"))


def corrected(world: World) -> Story:
    """Reported under 其他事件; the centre finds the right category when it files."""
    matter = reported(world, world.categories["1601"])
    right = world.chance.choice(["1101", "1102", "1113", "1405"])
    yield world.when(matter, "file")
    world.do(matter, "file", world.clerk(matter), category=right)
    matter.category = world.categories[right]
    assert matter.category.current is not None
    matter.version = matter.category.current
    yield from worked(world, matter)


def _sent_back(world: World, matter: Matter) -> Story:
    """Assigned, looked at and returned, with the office it belongs to where that can be said."""
    yield from assigned(world, matter)
    yield world.when(matter, "accept")
    assert matter.department is not None
    said = world.words.returned(matter.category)
    right = world.department_of_kind(matter, said.get("to", ""))
    data = {"ground": said["ground"], "reason": said["text"]}
    if right is not None and right != matter.department:
        data["right_department"] = str(right.pk)
    world.do(matter, "return", world.officer(matter.department), **data)
    matter.department = right


def returned(world: World) -> Story:
    matter = reported(world)
    yield from filed(world, matter)
    yield from _sent_back(world, matter)
    yield from worked(world, matter)


def returned_twice(world: World) -> Story:
    """The level above decides who does it; that office cannot return it again."""
    matter = reported(world)
    yield from filed(world, matter)
    yield from _sent_back(world, matter)
    yield from _sent_back(world, matter)
    yield from assigned(world, matter)
    yield from accepted(world, matter)
    if world.chance.random() < 0.4:
        yield world.after(30, 200)
        matter.department = world.department(matter)
        note = world.words.said("second_return_decisions")
        handler = f"department:{matter.department.pk}"
        world.do(matter, "reassign", world.clerk(matter), handler=handler, reason=note)
        yield from accepted(world, matter)
    yield from handled(world, matter)
    yield from closed(world, matter)


def reworked(world: World) -> Story:
    matter = reported(world)
    yield from filed(world, matter)
    yield from assigned(world, matter)
    yield from accepted(world, matter)
    yield from handled(world, matter)
    yield world.when(matter, "verify")
    world.do(matter, "rework", world.checker(matter), reason=world.words.of_group(matter.category, "reworks"))
    yield from accepted(world, matter)
    yield from handled(world, matter)
    yield from closed(world, matter)


def asked_for_time(world: World, matter: Matter) -> Story:
    """The handler asks for as much time again, at most what it had."""
    yield world.after(20, 60)
    assert matter.department is not None
    amount = max(1, matter.allowance("handle").amount // 2)
    by = world.officer(matter.department)
    world.do(matter, "ask_extension", by, amount=amount, reason=world.words.said("extensions"))


def extended(world: World) -> Story:
    matter = reported(world)
    yield from filed(world, matter)
    yield from assigned(world, matter)
    yield from accepted(world, matter)
    yield from asked_for_time(world, matter)
    yield world.after(10, 60)
    if world.chance.random() < 0.7:
        world.do(matter, "grant_extension", world.clerk(matter), note=world.words.said("extension_grants"))
    else:
        reason = world.words.said("extension_refusals")
        world.do(matter, "refuse_extension", world.clerk(matter), reason=reason)
    yield from handled(world, matter)
    yield from closed(world, matter)


def suspend(world: World, matter: Matter, days: int) -> None:
    ground, reason = world.words.suspension()
    until = (clock.now() + timedelta(days=days)).astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT09:00")
    world.do(matter, "suspend", world.clerk(matter), suspend_ground=ground, until=until, reason=reason)


def suspended(world: World) -> Story:
    """Stopped for a while; goes on by itself on the day, or sooner by hand."""
    matter = reported(world)
    yield from filed(world, matter)
    yield from assigned(world, matter)
    yield from accepted(world, matter)
    yield world.after(20, 120)
    days = world.chance.randint(3, 15)
    suspend(world, matter, days)
    if world.chance.random() < 0.3:
        yield clock.now() + timedelta(days=days * 0.6)
        world.do(matter, "resume", world.clerk(matter), note=world.words.said("resumes"))
    else:
        yield clock.now() + timedelta(days=days + 1)
        matter.case.refresh_from_db()  # the end of the suspension has rung meanwhile
    yield from handled(world, matter)
    yield from closed(world, matter)


def told_again(world: World) -> Story:
    """A second person reports what a centre already has; the two are merged, and both reporters hear of the end."""
    latest = [matter for rows in world.recent.values() for matter in rows[-4:]]
    fitting = [matter for matter in latest if matter.case.is_open and not matter.case.sensitive]
    target = world.chance.choice(fitting) if fitting else None
    village = target.case.place if target else None
    if target is None or village is None or village.level != "grid" or village.parent is None:
        yield from straight(world)
        return
    by = world.city.staff[village.parent_id or 0][0]
    facts, telling = world.facts(by, target.category, village)
    matter = matter_of(report(facts, by=by), facts, by, telling)
    yield world.minutes(5, 25)
    target.case.refresh_from_db()
    same_office = target.case.office_id == matter.case.office_id
    if target.case.is_open and same_office:
        data = {"target": target.case.number, "note": world.words.said("merges")}
        world.do(matter, "merge", world.clerk(matter), **data)
        return
    yield from filed(world, remembered(world, matter))
    yield from worked(world, matter)


def split(world: World) -> Story:
    """Two departments each get a task; the matter itself waits for both, then is closed or sent out once more."""
    matter = reported(world)
    yield from filed(world, matter)
    yield world.when(matter, "assign")
    children = split_in_two(world, matter)
    for child in children:
        yield from accepted(world, child)
        yield from handled(world, child)
        yield from closed(world, child)
        matter.handled_by |= child.handled_by
    matter.case.refresh_from_db()  # went on by itself when the last task was closed
    if world.chance.random() < 0.25:
        yield world.when(matter, "verify")
        reason = world.words.of_group(matter.category, "reworks")
        world.do(matter, "refile", world.clerk(matter), reason=reason)
        yield from worked(world, matter)
    else:
        yield from closed(world, matter)


def split_in_two(world: World, matter: Matter) -> list[Matter]:
    departments = world.city_departments(2)
    words = ("牵头处置现场", "配合整改并复查")
    tasks = [{"department": str(d.pk), "task": task} for d, task in zip(departments, words, strict=True)]
    world.do(matter, "split", world.clerk(matter), tasks=tasks)
    tasks_of = CaseLink.objects.filter(target=matter.case, kind="split").values_list("source_id", flat=True)
    cases = [loaders.lock_cases([pk])[pk] for pk in sorted(tasks_of)]
    return [
        Matter(case, matter.category, matter.version, matter.reporter, matter.telling, department)
        for case, department in zip(cases, departments, strict=True)
    ]


def passed_up(world: World) -> Story:
    rows = [row for row in open_categories(world) if row.current and row.current.filing_level != "city"]
    matter = reported(world, world.chance.choice(rows))
    yield from filed(world, matter)
    yield world.when(matter, "assign")
    world.do(matter, "pass_up", world.clerk(matter), reason=world.words.said("pass_ups"))
    yield from worked(world, matter)


def passed_down(world: World) -> Story:
    """The township gives it to the village's centre, which files it and has it done."""
    rows = [row for row in open_categories(world) if row.current and row.current.filing_level == "township"]
    matter = reported(world, world.chance.choice(rows))
    yield world.when(matter, "file")
    place = matter.case.place
    village = place.parent if place.level == "grid" and place.parent else place
    data = {"division": village.code, "note": world.words.said("pass_downs")}
    world.do(matter, "pass_down", world.clerk(matter), **data)
    yield from filed(world, matter)
    yield from worked(world, matter)


def done_by_the_village(world: World) -> Story:
    """The township gives the work itself to the village's centre, and closes it."""
    rows = [row for row in open_categories(world) if row.current and row.current.filing_level == "township"]
    matter = reported(world, world.chance.choice(rows))
    yield from filed(world, matter)
    yield world.when(matter, "assign")
    place = matter.case.place
    village = place.parent if place.level == "grid" and place.parent else place
    by = world.city.staff[village.pk][0]
    world.do(matter, "assign", world.clerk(matter), handler=f"division:{village.code}")
    yield world.when(matter, "accept")
    world.do(matter, "accept", by)
    matter.handled_by.add(by.user_id)
    yield world.after(30, 180)
    world.do(matter, "progress", by, note="已到现场，正在组织村民一起清理。")
    yield world.when(matter, "handle")
    world.do(matter, "feed_back", by, result=world.chance.choice(matter.telling.results))
    yield from closed(world, matter)


def reopened(world: World) -> Story:
    """The reporter finds it as before, within the window, and it is done again."""
    matter = reported(world)
    yield from filed(world, matter)
    yield from worked(world, matter)
    yield world.minutes(2000, 12000)
    world.do(matter, "reopen", matter.reporter, reason=world.words.said("reopens"))
    matter.handled_by.clear()
    yield from worked(world, matter)


def with_many(world: World) -> Story:
    """Co-handlers, a copy, a link, words from several sides."""
    matter = reported(world)
    yield from filed(world, matter)
    yield from assigned(world, matter)
    others = world.city_departments(3)
    copied, helper = [d for d in others if d != matter.department][:2]
    yield world.after(5, 40)
    clerk = world.clerk(matter)
    world.do(
        matter, "add_co_handlers", clerk, co_handlers=[str(helper.pk)], note=world.words.said("co_handlers")
    )
    yield world.minutes(2, 10)
    world.do(matter, "copy", clerk, copies=[str(copied.pk)], note=world.words.said("copies"))
    yield world.minutes(1, 5)
    world.do(matter, "note", clerk, note="已电话通知协办单位，请保持联系。")
    near = [other for other in world.recent[matter.case.office_id] if other.case.pk != matter.case.pk]
    near = [other for other in near if not other.case.sensitive and not matter.case.sensitive]
    if near:
        yield world.minutes(1, 5)
        world.do(matter, "link", clerk, target=world.chance.choice(near).case.number)
    yield from accepted(world, matter)
    yield world.minutes(5, 30)
    world.do(matter, "supplement", matter.reporter, note="补充：下雨后更明显，早上去看最清楚。")
    yield from handled(world, matter)
    yield from closed(world, matter)


STORIES: dict[Callable[[World], Story], int] = {
    straight: 400, settled: 300, self_settled: 55, at_the_top: 10, rejected: 35, corrected: 10, returned: 40,
    returned_twice: 12, reworked: 35, extended: 30, suspended: 18, told_again: 25, split: 8, passed_up: 15,
    passed_down: 12, done_by_the_village: 15, reopened: 10, with_many: 10,
}  # fmt: skip
"""How often each story is told, in a thousand or so."""
