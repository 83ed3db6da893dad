"""Ninety days of incidents: each a small story told by calling the real services, with a fixed seed."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Post
from accounts.roles import Role
from cases import workflow
from cases.attachments import Prepared
from cases.models import Case, Deadline, Part
from grids import clock, workcalendar
from grids.models import Department, Division
from incidents.demo.city import City
from incidents.demo.timing import Story, Teller
from incidents.models import Category, PositionSource, Source
from incidents.routing import default_department
from incidents.services import Position, Report, report, settle_on_spot

TEXTS = Path(settings.BASE_DIR) / "data" / "demo" / "texts.json"
# How often each kind of story is told, in a thousand.
KINDS = {
    "straight": 560, "settled": 130, "self_settled": 40, "rejected": 40, "returned": 50, "returned_twice": 15,
    "reworked": 45, "extended": 40, "suspended": 25, "merged": 25, "split": 10, "passed_up": 15, "reopened": 5,
}  # fmt: skip


class World:
    """The city with its people, words and chance; every action goes through here."""

    def __init__(self, city: City, seed: int, photos: list[Prepared]) -> None:
        self.city, self.photos = city, photos
        self.chance = random.Random(seed)
        self.texts: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))
        leaves = Category.objects.leaves().select_related("current__department_kind")
        self.categories = [c for c in leaves if c.code in self.texts["categories"]]
        self.departments = {d.pk: d for d in Department.objects.select_related("division", "kind")}
        self.calendar = workcalendar.load()
        self.recent: dict[int, list[Case]] = {}

    # --- words and time

    def words(self, key: str) -> str:
        found = self.texts["common"][key]
        return str(self.chance.choice(found))

    def soon(self, low: float = 5, high: float = 90) -> datetime:
        """So many minutes on, in working hours."""
        return self.calendar.next_open(clock.now() + timedelta(minutes=self.chance.uniform(low, high)))

    def before_due(self, case: Case, duty: str) -> datetime:
        """An instant at which the duty is done: mostly in time, sometimes late, in working hours when it can be."""
        open_one = Deadline.objects.filter(case=case, duty=duty, met_at=None, cancelled_at=None).first()
        now = clock.now()
        if open_one is None:
            return self.soon()
        if self.chance.random() < 0.02:
            return now + timedelta(days=365)  # left lying: overdue to this day
        share = (
            self.chance.uniform(0.15, 0.9) if self.chance.random() < 0.9 else self.chance.uniform(1.05, 1.7)
        )
        at = now + (open_one.due_at - now) * share
        opened = self.calendar.next_open(at)
        return opened if opened < open_one.due_at or share > 1 else at

    # --- people

    def staff(self, division: Division) -> Post | None:
        found = self.city.by_division.get(division.pk)
        return self.chance.choice(found) if found else None

    def clerk(self, case: Case) -> Post:
        """Somebody of the centre in charge; at the top the committee where the centre handled it itself."""
        post = self.staff(case.office)
        assert post is not None, case.office
        return post

    def officer(self, department: Department) -> Post:
        return self.chance.choice(self.city.by_department[department.pk])

    def worker_of(self, case: Case) -> Post | None:
        return next((post for post in self.city.workers if post.division_id == case.place_id), None)

    def handler(self, case: Case) -> Department:
        """Where the category goes in this place; else any department of the city that has an officer."""
        found = default_department(case.place, case.incident.version)
        if found is not None and found.pk in self.city.by_department:
            return found
        seated = [d for d in self.departments.values() if d.division_id == self.city.root.pk]
        return self.chance.choice([d for d in seated if d.pk in self.city.by_department])

    def actor(self, case: Case) -> Post:
        """The officer of the department that has it."""
        part = Part.objects.get(case=case, kind="handler", ended_at=None)
        assert part.department_id is not None
        return self.chance.choice(self.city.by_department[part.department_id])

    def closer(self, case: Case, action: str) -> Post | None:
        """Somebody who may verify or archive: the grid's worker first, then the centre, then the committee."""
        worker = self.worker_of(case) if action == "verify" else None
        centre = self.city.by_division.get(case.office_id, [])
        leaders = [post for post in self.city.leaders if post.role == Role.COMMITTEE]
        candidates = [post for post in (worker, *centre, *leaders) if post is not None]
        return next((post for post in candidates if workflow.refusal(case, action, post) is None), None)

    # --- deeds

    def do(self, case: Case, action: str, by: Post, **data: Any) -> None:
        workflow.advance(case, action, by=by, data=data)

    def facts(self, by: Post, category: Category | None = None, *, place: Division | None = None) -> Report:
        """A report as this person would write it, with the category's own words."""
        category = category or self.chance.choice(self.categories)
        words = self.chance.choice(self.texts["categories"][category.code]["reports"])
        place = place or by.division
        assert place is not None
        village = place.parent if place.level == "grid" and place.parent else place
        name = village.name.removesuffix("居委会").removesuffix("村委会")
        photo = [self.chance.choice(self.photos)] if self.photos and self.chance.random() < 0.03 else []
        return Report(
            category=category,
            title=words["title"].format(place=name)[:60],
            description=words["description"].format(place=name),
            place=place,
            urgent=self.chance.random() < 0.06,
            position=self.position(place),
            source=Source.WORKER
            if by.role == Role.GRID_WORKER
            else self.chance.choice([Source.VISITOR, Source.CALLER, Source.CENTRE]),
            fields=self.extra(category),
            photos=photo,
        )

    def position(self, place: Division) -> Position | None:
        """A point in the grid, for half of the reports: phones do not always give one."""
        if place.level != "grid" or self.chance.random() < 0.5:
            return None
        grid = place.grid
        lat = self.chance.uniform(grid.min_lat, grid.max_lat)
        lng = self.chance.uniform(grid.min_lng, grid.max_lng)
        return Position(
            round(lat, 6), round(lng, 6), PositionSource.PHONE, self.chance.choice([8, 15, 30]), grid.geometry
        )

    def extra(self, category: Category) -> dict[str, Any]:
        """Values for the category's own fields."""
        samples, values = self.texts["samples"], {}
        for spec in category.current.fields if category.current else []:
            if spec["type"] == "choice":
                values[spec["name"]] = self.chance.choice(spec["choices"])["value"]
            elif spec["type"] == "bool":
                values[spec["name"]] = self.chance.random() < 0.5
            elif spec["type"] == "number" and spec["name"] in samples["number"]:
                low, high = samples["number"][spec["name"]]
                values[spec["name"]] = self.chance.randint(int(low), int(high))
            elif spec["type"] == "text" and spec["name"] in samples["text"]:
                text = self.chance.choice(samples["text"][spec["name"]])
                values[spec["name"]] = text.replace("{n}", str(self.chance.randint(1, 99))).replace(
                    "{place}", "本村"
                )
        return values

    def result(self, case: Case) -> str:
        found = self.texts["categories"][case.incident.category.code]["results"]
        return str(self.chance.choice(found))

    def group_words(self, case: Case, key: str) -> str:
        return str(self.chance.choice(self.texts["groups"][case.incident.category.code[:2]][key]))

    def reporter(self) -> Post:
        """Mostly grid workers; sometimes the counter of a village or a township."""
        if self.chance.random() < 0.85:
            return self.chance.choice(self.city.workers)
        seats = [posts for posts in self.city.by_division.values() if posts[0].role != Role.CENTRE]
        return self.chance.choice(self.chance.choice(seats))


# --- the parts of a story


def reported(world: World, category: Category | None = None) -> Case:
    by = world.reporter()
    case = report(world.facts(by, category), by=by)
    world.recent.setdefault(case.office_id, []).append(case)
    return case


def filed(world: World, case: Case) -> Story:
    yield world.before_due(case, "file")
    world.do(case, "file", world.clerk(case), note=world.words("files"))


def assigned(world: World, case: Case, department: Department | None = None) -> Story:
    yield world.before_due(case, "assign")
    department = department or world.handler(case)
    data: dict[str, Any] = {"handler": f"department:{department.pk}", "note": world.words("assigns")}
    if world.chance.random() < 0.06:
        others = [
            d.pk
            for d in world.departments.values()
            if d.division_id == world.city.root.pk and d != department
        ]
        data["copies" if world.chance.random() < 0.5 else "co_handlers"] = [str(world.chance.choice(others))]
    world.do(case, "assign", world.clerk(case), **data)


def accepted(world: World, case: Case) -> Story:
    yield world.before_due(case, "accept")
    world.do(case, "accept", world.actor(case), note=world.words("accepts"))


def handled(world: World, case: Case) -> Story:
    yield world.before_due(case, "handle")
    yield from pressed(world, case)
    world.do(case, "feed_back", world.actor(case), result=world.result(case))


def pressed(world: World, case: Case) -> Story:
    """Now and then somebody above presses: urging, a card, an instruction, made urgent."""
    roll = world.chance.random()
    city_clerk = world.staff(world.city.root)
    if city_clerk is None or roll > 0.12:
        return
    if roll < 0.06:
        world.do(case, "urge", city_clerk, note=world.words("urges"))
    elif roll < 0.08:
        leader = next(post for post in world.city.leaders if post.role == Role.COMMITTEE)
        card = world.chance.choice(["ordinary", "yellow", "red"])
        reason = world.chance.choice(world.texts["common"]["supervisions"][card])
        world.do(case, "supervise", leader, card=card, reason=reason)
    elif roll < 0.10:
        leader = next(post for post in world.city.leaders if post.role == Role.COMMITTEE)
        world.do(case, "instruct", leader, instruction=world.words("instructions"))
    elif not case.urgent:
        world.do(case, "make_urgent", city_clerk, reason=world.words("urgents"))
    yield world.soon(10, 60)


def closed(world: World, case: Case) -> Story:
    yield world.before_due(case, "verify")
    by = world.closer(case, "verify")
    if by is None:
        return
    world.do(case, "verify", by, note=world.words("verifies"))
    yield world.soon(20, 400)
    by = world.closer(case, "archive")
    if by is not None:
        world.do(case, "archive", by, note=world.words("archives"))


def worked(world: World, case: Case) -> Story:
    """From assigning to the archive."""
    yield from assigned(world, case)
    yield from accepted(world, case)
    yield from handled(world, case)
    yield from closed(world, case)


# --- whole stories


def straight(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from worked(world, case)


def settled(world: World) -> Story:
    by = world.chance.choice(world.city.workers)
    plain = [c for c in world.categories if c.current and not c.current.sensitive]
    case = settle_on_spot(world.facts(by, world.chance.choice(plain)), by=by, result=world.words("settled"))
    yield from closed(world, case)


def self_settled(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield world.before_due(case, "assign")
    world.do(case, "settle", world.clerk(case), result=world.result(case))
    yield from closed(world, case)


def rejected(world: World) -> Story:
    case = reported(world)
    yield world.before_due(case, "file")
    world.do(case, "reject", world.clerk(case), reason=world.group_words(case, "rejects"))


def _returned(world: World, case: Case, times: int) -> Story:
    for _turn in range(times):
        yield from assigned(world, case)
        yield world.before_due(case, "accept")
        words = world.texts["categories"][case.incident.category.code]["returns"]
        said = world.chance.choice(words)["text"] if words else "不属于本单位职责，请核实后改派。"
        world.do(case, "return", world.actor(case), ground="not_place", reason=said)


def returned(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from _returned(world, case, 1)
    yield from worked(world, case)


def returned_twice(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from _returned(world, case, 2)
    yield from worked(world, case)


def reworked(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from assigned(world, case)
    yield from accepted(world, case)
    yield from handled(world, case)
    yield world.before_due(case, "verify")
    by = world.closer(case, "rework")
    if by is not None:
        world.do(case, "rework", by, reason=world.group_words(case, "reworks"))
        yield from accepted(world, case)
        yield from handled(world, case)
    yield from closed(world, case)


def extended(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from assigned(world, case)
    yield from accepted(world, case)
    yield world.soon(60, 600)
    world.do(case, "ask_extension", world.actor(case), amount=1, reason=world.words("extensions"))
    yield world.soon(30, 300)
    if world.chance.random() < 0.7:
        world.do(case, "grant_extension", world.clerk(case), note=world.words("extension_grants"))
    else:
        world.do(case, "refuse_extension", world.clerk(case), reason=world.words("extension_refusals"))
    yield from handled(world, case)
    yield from closed(world, case)


def suspended(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from assigned(world, case)
    yield from accepted(world, case)
    yield world.soon(60, 400)
    ground = world.chance.choice(list(world.texts["common"]["suspensions"]))
    until = clock.now() + timedelta(days=world.chance.randint(3, 15))
    reason = world.chance.choice(world.texts["common"]["suspensions"][ground])
    moment = until.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    world.do(case, "suspend", world.clerk(case), suspend_ground=ground, until=moment, reason=reason)
    yield until + timedelta(minutes=5)
    case.refresh_from_db()  # the suspension's end rang meanwhile
    yield from handled(world, case)
    yield from closed(world, case)


def merged(world: World) -> Story:
    case = reported(world)
    yield world.soon(20, 120)
    others = [other for other in world.recent.get(case.office_id, []) if other.pk != case.pk][-8:]
    for other in reversed(others):
        other.refresh_from_db()
        if other.is_open and other.sensitive == case.sensitive:
            world.do(case, "merge", world.clerk(case), target=other.number, note=world.words("merges"))
            return
    yield from filed(world, case)
    yield from worked(world, case)


def split(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield world.before_due(case, "assign")
    seated = [d for d in world.departments.values() if d.division_id == world.city.root.pk]
    first, second = world.chance.sample(seated, 2)
    tasks = [
        {"department": first.pk, "task": "牵头处置现场"},
        {"department": second.pk, "task": "配合整改并复查"},
    ]
    world.do(case, "split", world.clerk(case), tasks=tasks)
    children = list(
        Case.objects.unscoped().filter(links_out__target=case, links_out__kind="split").order_by("pk")
    )
    for child in children:
        yield from accepted(world, child)
        yield from handled(world, child)
        yield from closed(world, child)
    case.refresh_from_db()
    if case.state == "fed_back":
        yield from closed(world, case)


def passed_up(world: World) -> Story:
    category = world.chance.choice(
        [c for c in world.categories if c.current and c.current.filing_level != "city"]
    )
    case = reported(world, category)
    yield from filed(world, case)
    yield world.before_due(case, "assign")
    world.do(case, "pass_up", world.clerk(case), reason=world.words("pass_ups"))
    yield from worked(world, case)


def reopened(world: World) -> Story:
    case = reported(world)
    yield from filed(world, case)
    yield from worked(world, case)
    yield world.soon(2000, 8000)
    part = case.parts.filter(kind="reporter").select_related("post__user").first()
    if case.state == "archived" and part is not None and part.post is not None:
        world.do(case, "reopen", part.post, reason=world.words("reopens"))
        yield from worked(world, case)


STORIES = {
    "straight": straight, "settled": settled, "self_settled": self_settled, "rejected": rejected,
    "returned": returned, "returned_twice": returned_twice, "reworked": reworked, "extended": extended,
    "suspended": suspended, "merged": merged, "split": split, "passed_up": passed_up, "reopened": reopened,
}  # fmt: skip


def begin(world: World, teller: Teller, *, count: int) -> None:
    """Lay out the stories over the days: more by day than by night, more of late than long ago."""
    span = (teller.end - teller.now).total_seconds()
    kinds, weights = list(KINDS), list(KINDS.values())
    for _number in range(count):
        at = teller.now + timedelta(seconds=span * world.chance.random() ** 0.45)
        at = min(world.calendar.next_open(at) + timedelta(minutes=world.chance.uniform(0, 150)), teller.end)
        teller.add(at, STORIES[world.chance.choices(kinds, weights)[0]](world))
