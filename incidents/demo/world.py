"""The city with its people, words and chance: who does what, when; every deed goes through a real service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases import workflow
from cases.attachments import Prepared
from cases.demo.people import City
from cases.demo.scene import Scene
from cases.models import Case
from grids import calendars, clock
from grids.calendars import Allowance, Unit
from grids.models import Department, Division
from incidents.demo.words import Telling, Words
from incidents.models import Category, CategoryVersion, PositionSource, Source
from incidents.routing import default_department
from incidents.services import Position, Report

# Large categories that a city's grids report most, three times as often as the others.
USUAL = {"11", "12", "14", "23"}
# Visits and letters are taken at a counter; calls of the hotline come to the city's centre.
COUNTER, HOTLINE, CITY_ONLY = "33", "34", {"3303"}
# How much of its time a duty takes: (how often, from, to). What is left is late.
PACES = {
    "quick": ((0.90, 0.04, 0.60), (0.07, 0.60, 0.97)),
    "work": ((0.76, 0.12, 0.64), (0.16, 0.64, 0.98)),
}
PHOTOS = 0.01  # of all reports and results


@dataclass(slots=True)
class Matter:
    """An incident as its story knows it."""

    case: Case
    category: Category
    version: CategoryVersion
    reporter: Post
    telling: Telling
    department: Department | None = None
    handled_by: set[int] = field(default_factory=set)

    def allowance(self, duty: str) -> Allowance:
        return self.version.allowance(duty, urgent=self.case.urgent)

    def sees(self, post: Post) -> bool:
        """Whether a post's role may see it at all."""
        return not self.case.sensitive or post.role in self.case.visible_roles


class World(Scene):
    """Whom to ask, what to say, and how long it takes."""

    def __init__(self, city: City, seed: int, photos: list[Prepared]) -> None:
        super().__init__(city, seed, photos)
        self.words = Words(self.chance)
        leaves = Category.objects.leaves().select_related("current__department_kind")
        self.categories = {category.code: category for category in leaves}
        self.recent: dict[int, list[Matter]] = {}
        self.callers = 0

    # --- time

    def when(self, matter: Matter, duty: str) -> datetime:
        """When a duty that begins now is done: mostly in time, sometimes late, at working hours if it may wait."""
        now, allowance = clock.now(), matter.allowance(duty)
        paces = PACES["work" if duty in ("handle", "verify") else "quick"]
        roll = self.chance.random()
        for share, low, high in paces:
            if roll < share:
                used = self.chance.uniform(low, high)
                at = calendars.share_point(now, allowance, [], self.calendar, used)
                return self.second(
                    at if allowance.unit == Unit.CLOCK_MINUTES else self.calendar.next_open(at)
                )
            roll -= share
        due = calendars.due(now, allowance, [], self.calendar).at
        late = Allowance(self.chance.randint(20, 600), Unit.WORKING_MINUTES)
        return self.second(calendars.due(due, late, [], self.calendar).at)

    # --- people

    def clerk(self, matter: Matter) -> Post:
        """Somebody of the centre in charge who has not handled it; the committee where nobody there is left."""
        seats = self.city.staff[matter.case.office_id]
        free = [post for post in seats if post.user_id not in matter.handled_by]
        top = matter.case.office_id == self.city.root.pk
        return self.chance.choice(self.city.committee if top and len(free) < len(seats) else free)

    def checker(self, matter: Matter) -> Post:
        """Who looks whether it is done: mostly the worker of the grid, else the centre in charge."""
        worker = self.city.workers.get(matter.case.place_id)
        free = worker and worker.user_id not in matter.handled_by and matter.sees(worker)
        if worker and free and self.chance.random() < 0.7:
            return worker
        return self.clerk(matter)

    def officer(self, department: Department) -> Post:
        return self.chance.choice(self.city.officers[department.pk])

    def department(self, matter: Matter) -> Department:
        """Where the category sends it in this place."""
        found = default_department(matter.case.place, matter.version)
        assert found is not None and found.pk in self.city.officers, matter.category
        return found

    def department_of_kind(self, matter: Matter, kind: str) -> Department | None:
        """The office of a kind on the line above the place, the township's station first."""
        place = matter.case.place.prefix
        found = [d for d in self.departments if d.kind_id == kind and place.startswith(d.division.prefix)]
        return max(found, key=lambda d: len(d.division.prefix), default=None)

    def city_departments(self, number: int) -> list[Department]:
        rows = [d for d in self.departments if d.division_id == self.city.root.pk]
        return self.chance.sample(rows, number)

    def secretary(self, matter: Matter) -> Post | None:
        """The secretary of the township in which it lies."""
        place: Division | None = matter.case.place
        while place is not None and place.pk not in self.city.secretaries:
            place = place.parent
        return self.city.secretaries[place.pk] if place is not None else None

    # --- deeds

    def do(self, matter: Matter, action: str, by: Post, **data: Any) -> None:
        """One move by the real engine; a refused one is a fault of the story and ends the load."""
        files: dict[str, Any] = {
            name: data.pop(name) for name in ("photos_before", "photos_after") if name in data
        }
        workflow.advance(matter.case, action, by=by, data=data, files=files)

    def reporter(self) -> Post:
        """Mostly grid workers; sometimes the counter of a village or a township, or the city's centre."""
        roll = self.chance.random()
        if roll < 0.82:
            return self.chance.choice(list(self.city.workers.values()))
        if roll < 0.93:
            return self.chance.choice(self.chance.choice(self._counters()))
        return self.chance.choice(self.city.staff[self.city.root.pk])

    def _counters(self) -> list[list[Post]]:
        return [posts for place, posts in self.city.staff.items() if place != self.city.root.pk]

    def facts(
        self, by: Post, category: Category | None = None, place: Division | None = None, *, calm: bool = False
    ) -> tuple[Report, Telling]:
        """A report as this person would write it, and the words it was made of. `calm`: not urgent."""
        category = category or self._category(by)
        assert category.current is not None
        place = place or self._place(by)
        village = place.parent if place.level == "grid" and place.parent else place
        telling = self.words.telling(category, village)
        source = self._source(by, category)
        told = source in (Source.CALLER, Source.VISITOR, Source.HOTLINE) and self.chance.random() < 0.7
        name, phone = self._caller(source) if told else ("", "")
        now = clock.now()
        seen = now - timedelta(minutes=self.chance.randint(5, 180)) if self.chance.random() < 0.3 else None
        facts = Report(
            category=category,
            title=telling.title,
            description=telling.description,
            place=place,
            urgent=not calm and self.chance.random() < 0.06,
            occurred_at=seen,
            position=self._position(place) if by.role == Role.GRID_WORKER else None,
            source=source,
            fields=self.words.extra(category.current, village, clock.local_day(now)),
            reporter_name=name,
            reporter_phone=phone,
            photos=self.photo() if by.role == Role.GRID_WORKER else [],
        )
        return facts, telling

    def photo(self) -> list[Prepared]:
        """Now and then a picture."""
        return [self.chance.choice(self.photos)] if self.photos and self.chance.random() < PHOTOS else []

    def _category(self, by: Post) -> Category:
        rows = [category for code, category in self.categories.items() if self._may_report(by, code)]
        return self.chance.choices(rows, [3 if row.code[:2] in USUAL else 1 for row in rows])[0]

    @staticmethod
    def _may_report(by: Post, code: str) -> bool:
        if by.role == Role.CENTRE:
            return code[:2] in (COUNTER, HOTLINE)
        if code[:2] == HOTLINE or code in CITY_ONLY:
            return False
        return by.role in CENTRE_ROLES or code[:2] != COUNTER

    def _place(self, by: Post) -> Division:
        """One's own grid or village; a township or the city writes down a village under it."""
        place = by.division
        assert place is not None
        if place.level in ("grid", "village"):
            return place
        seats = [posts[0].division for posts in self._counters()]
        return self.chance.choice(
            [d for d in seats if d and d.level == "village" and d.prefix.startswith(place.prefix)]
        )

    def _source(self, by: Post, category: Category) -> Source:
        if by.role == Role.GRID_WORKER:
            return Source.WORKER
        if category.code[:2] == HOTLINE:
            return Source.HOTLINE
        if category.code[:2] == COUNTER:
            return Source.VISITOR
        return self.chance.choice([Source.VISITOR, Source.CALLER, Source.CENTRE])

    def _caller(self, source: Source) -> tuple[str, str]:
        """Called by what they are; the number connects nobody."""
        self.callers += 1
        called = {Source.VISITOR: "来访群众", Source.CALLER: "来电群众", Source.HOTLINE: "热线来电人"}[source]
        return called, f"000-5500{self.callers:04}"

    def _position(self, place: Division) -> Position | None:
        """A point in the grid, for most reports: phones do not always give one."""
        if self.chance.random() < 0.3:
            return None
        grid = self.city.grids[place.pk]
        lat = round(self.chance.uniform(grid.min_lat, grid.max_lat), 6)
        lng = round(self.chance.uniform(grid.min_lng, grid.max_lng), 6)
        return Position(lat, lng, PositionSource.PHONE, self.chance.choice([8, 15, 30]), grid.geometry)
