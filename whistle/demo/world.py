"""One whistle as its story knows it, and who does what in it; every deed goes through a real service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Post
from accounts.roles import Role
from cases import workflow
from cases.attachments import Prepared
from cases.demo.people import City
from cases.demo.scene import Scene
from cases.demo.timing import Story, Teller
from cases.models import Case
from grids import clock
from grids.models import Department, Division
from whistle.demo.words import Named, Telling, Words
from whistle.models import NegativeEntry, Summons, Task
from whistle.routing import departments_for, sounder_of
from whistle.services import KIND, Draft, draft

SINCE = timedelta(days=20)  # a whistle grows out of a matter of the last weeks


@dataclass(frozen=True, slots=True)
class Answer:
    """How one department answers.

    come: prompt, late, absent, pressed (in time, received late), disputed (it was there), refuted (it was not, and
    comes again late), released (no duty of its own), waiting (there, not confirmed yet), coming (not there yet).
    task: done, overdue (done too late), owing (its day is over), open (its day comes). fate: what becomes of its
    entry of the negative list. silent: nobody looks at the whistle until somebody calls. lazy: it came and did
    nothing.
    """

    come: str = "prompt"
    task: str = "done"
    fate: str = ""
    silent: bool = False
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A whistle to be told. place: which of the townships at work. until: the state in which it is today.

    village: whether a village of that township whistles. turns: side ways (returned, sent_back, redated).
    """

    text: str
    place: int
    until: str
    answers: tuple[Answer, ...] = ()
    turns: frozenset[str] = frozenset()
    village: bool = False


@dataclass(slots=True)
class Blown:
    """A whistle that is being told."""

    plan: Plan
    case: Case
    telling: Telling
    village: Division
    lat: float
    lng: float
    departments: list[Department] = field(default_factory=list)

    @property
    def answers(self) -> list[tuple[Department, Named, Answer]]:
        return list(zip(self.departments, self.telling.departments, self.plan.answers, strict=True))

    def summons(self, department: Department) -> Summons:
        """As it is now."""
        return Summons.objects.get(case=self.case.pk, department=department)

    def words(self, text: str) -> str:
        return self.telling.at(self.village, text)


class World(Scene):
    """Whom to ask, what to say; and the teller of all stories, for what departments do side by side."""

    def __init__(self, city: City, seed: int, photos: list[Prepared], teller: Teller) -> None:
        super().__init__(city, seed, photos)
        self.words, self.teller = Words(self.chance), teller
        self.grown_out_of: set[int] = set()

    def beside(self, at: datetime, story: Story) -> None:
        """Something that goes on beside the whistle's own story."""
        self.teller.add(at, story)

    # --- people

    def clerk(self, case: Case) -> Post:
        return self.chance.choice(self.city.staff[case.office_id])

    def sounder(self, case: Case) -> Post:
        role, seat = sounder_of(case)
        return self.city.committee[0] if role == Role.COMMITTEE else self.city.staff[seat.pk][0]

    def officer(self, summons: Summons) -> Post:
        """Who was called, else the head."""
        return summons.person or self.city.officers[summons.department_id][0]

    # --- deeds

    def do(self, case: Case, action: str, by: Post, **data: Any) -> None:
        """One move of the whistle; a refused one is a fault of the story and ends the load."""
        workflow.advance(case, action, by=by, data=data)

    def on(self, row: Summons | Task | NegativeEntry, action: str, by: Post, **data: Any) -> None:
        """One move of a sub-row."""
        files = {"photos": data.pop("photos")} if "photos" in data else {}
        workflow.advance(row.case, action, by=by, data=data, files=files, subject=row)

    def picture(self) -> list[Prepared]:
        return [self.chance.choice(self.photos)]

    def near(self, blown: Blown) -> dict[str, float]:
        """Where a phone says that it is: some ten metres from the place."""
        off = [self.chance.uniform(-0.0006, 0.0006) for _axis in range(2)]
        accuracy = float(self.chance.choice([8, 15, 30]))
        return {
            "lat": round(blown.lat + off[0], 6),
            "lng": round(blown.lng + off[1], 6),
            "accuracy": accuracy,
        }

    # --- drafting

    def drafted(self, plan: Plan) -> Blown:
        """The whistle is written down, where it fits out of a matter that is known there."""
        telling = self.words.tellings[plan.text]
        origin = None if plan.village else self._origin(plan, telling)
        township = self._township(origin) if origin else self.city.townships[plan.place]
        village = self._village(township, telling.where, origin)
        office = village if plan.village else township
        named = {department.kind_id: department for department in departments_for(office)}
        departments = [named[row.kind] for row in telling.departments]
        by = self.chance.choice(self.city.staff[office.pk])
        lat, lng = self._position(village)
        facts = Draft(
            title=telling.at(village, telling.title), kind=telling.kind, subject=telling.subject,
            matter=telling.at(village, telling.matter), why_not=telling.at(village, telling.why_not),
            address=telling.at(village, telling.address), departments=[row.pk for row in departments],
            lat=lat, lng=lng, came_from=origin,
        )  # fmt: skip
        return Blown(plan, draft(facts, by=by), telling, village, lat, lng, departments)

    def _origin(self, plan: Plan, telling: Telling) -> Case | None:
        """The latest matter of the last weeks about the same: of the plan's township, else of another."""
        if not telling.grows_from:
            return None
        now, about = clock.now(), Q()
        for word in telling.grows_from:
            about |= Q(title__contains=word)
        recent = Case.objects.unscoped().exclude(kind=KIND).filter(opened_at__range=(now - SINCE, now))
        recent = recent.filter(about, sensitive=False).exclude(pk__in=self.grown_out_of)
        home = self.city.townships[plan.place].prefix
        if plan.until == "filed":  # the people of the accounts' list shall see it
            recent = recent.filter(place_prefix__startswith=home)
        rows = recent.select_related("place__parent").order_by("opened_at", "pk")
        found = [case for case in rows if telling.where in ("any", self._where(case.place))]
        found.sort(key=lambda case: case.place_prefix.startswith(home))
        self.grown_out_of |= {case.pk for case in found[-1:]}
        return found[-1] if found else None

    def _township(self, case: Case) -> Division:
        return next(t for t in self.city.townships if case.place_prefix.startswith(t.prefix))

    def _where(self, place: Division) -> str:
        village = place.parent if place.level == "grid" and place.parent else place
        return "urban" if village.name.endswith("居委会") else "rural"

    def _village(self, township: Division, where: str, origin: Case | None) -> Division:
        """Where it lies: as the matter it grew out of, else one of the township's villages that fits."""
        if origin is not None and origin.place.level in ("grid", "village"):
            place = origin.place
            return place.parent if place.level == "grid" and place.parent else place
        seats = [posts[0].division for posts in self.city.staff.values()]
        rows = [d for d in seats if d and d.level == "village" and d.prefix.startswith(township.prefix)]
        fitting = [d for d in rows if where in ("any", self._where(d))]
        return self.chance.choice(fitting or rows)

    def _position(self, village: Division) -> tuple[float, float]:
        """The middle of a grid of the village."""
        seats = self.city.workers.items()
        there = [pk for pk, post in seats if post.division and post.division.parent_id == village.pk]
        grid = self.city.grids[self.chance.choice(there)]
        return round((grid.min_lat + grid.max_lat) / 2, 6), round((grid.min_lng + grid.max_lng) / 2, 6)
