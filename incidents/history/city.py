"""The places and people of the database as plain rows: who may act where, for the whole time of a history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.conf import settings

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases.divisions import RANK, line
from grids import clock
from grids.models import Department, Division, Grid
from incidents.category_rules import FILING_ROLES
from incidents.models import CategoryVersion
from incidents.routing import filing_office

Say = Callable[[str], None]


@dataclass(slots=True, eq=False)
class Office:
    """The centre of a division, a department, or a grid with its worker."""

    name: str
    department: int | None = None
    division: int | None = None
    above: Office | None = None
    code: str = ""
    people: list[Person] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Person:
    """A post held throughout."""

    post: int
    user: int
    role: str
    office: Office


@dataclass(slots=True, eq=False)
class Place:
    """A grid: its worker, the centres above it from the village up, and which office each kind of work goes to.

    `files`: the centre in charge by a category's filing level. `departments`: by kind and level. `box`: south, north,
    west, east in degrees, None without an outline.
    """

    grid: Office
    village: Division
    line: list[Office]
    files: dict[str, Office]
    departments: dict[tuple[str, str], Office]
    box: tuple[float, float, float, float] | None
    geometry: str

    @property
    def worker(self) -> Person:
        return self.grid.people[0]


@dataclass(slots=True)
class City:
    """All that lives are made of. `departments`: those of the root, for whatever has no office of its kind."""

    root: Office
    places: list[Place]
    departments: list[Office]
    committee: list[Person]


class Divisions:
    """All divisions in memory, each knowing its parent and successor without asking the database."""

    def __init__(self) -> None:
        self.by_pk = Division.objects.in_bulk()
        for division in self.by_pk.values():
            division.parent = self.by_pk.get(division.parent_id or 0)
            division.successor = self.by_pk.get(division.successor_id or 0)

    @property
    def root(self) -> Division | None:
        return next((d for d in self.by_pk.values() if d.code == settings.GEZHI_CITY_CODE), None)

    def in_force(self, level: str) -> list[Division]:
        """The divisions of a level under the root that stand today, by code."""
        root, today = self.root, clock.today()
        found = [
            d for d in self.by_pk.values()
            if d.level == level and root is not None and root in d.chain
            and (d.valid_to is None or d.valid_to >= today)
        ]  # fmt: skip
        return sorted(found, key=lambda d: d.code)


def held_since(since: date) -> list[Post]:
    """Posts held without a break from a day until further notice, by people whose account is open."""
    posts = Post.objects.filter(starts_on__lte=since, ends_on=None, acting_for=None, user__is_active=True)
    return list(posts.order_by("pk"))


def staff_role(division: Division) -> str:
    """The role of a division's centre."""
    return FILING_ROLES["city" if division.level == "county" else division.level]


def read_city(divisions: Divisions, grids: Iterable[Division], since: date) -> City:
    """The city as it can act: grids with a worker, a centre on every level and people in it. Raises LookupError."""
    root = divisions.root
    if root is None:
        raise LookupError("root")
    offices = {pk: Office(d.name, division=pk, code=d.code) for pk, d in divisions.by_pk.items()}
    departments = {
        row.pk: Office(row.name, department=row.pk) for row in Department.objects.valid_on(clock.today())
    }
    committee: list[Person] = []
    for post in held_since(since):
        _seat(post, divisions, offices, departments, committee, root)
    kinds = _kinds(departments)
    outlines = Grid.objects.in_bulk()
    places = []
    for division in grids:
        steps = line(division)[1:]
        for lower, upper in pairwise(steps):
            offices[lower.pk].above = offices[upper.pk]
        own = offices[division.pk]
        if own.people and steps and all(offices[step.pk].people for step in steps):
            places.append(_place(division, steps, offices, kinds, outlines.get(division.pk)))
    at_root = [
        departments[pk] for pk in _of_division(root.pk) if pk in departments and departments[pk].people
    ]
    if not places or not at_root or not committee:
        raise LookupError("places" if not places else "people")
    return City(offices[root.pk], places, at_root, committee)


def _seat(
    post: Post, divisions: Divisions, offices: dict[int, Office], departments: dict[int, Office],
    committee: list[Person], root: Division,
) -> None:  # fmt: skip
    if post.department_id is not None:
        office = departments.get(post.department_id)
        if office is not None:
            office.people.append(Person(post.pk, post.user_id, post.role, office))
        return
    if post.division_id is None:
        return
    office, division = offices[post.division_id], divisions.by_pk[post.division_id]
    person = Person(post.pk, post.user_id, post.role, office)
    if post.role == Role.COMMITTEE and post.division_id == root.pk:
        committee.append(person)
    elif post.role == Role.GRID_WORKER or (post.role in CENTRE_ROLES and post.role == staff_role(division)):
        office.people.append(person)


def _of_division(division: int) -> list[int]:
    return list(Department.objects.filter(division=division).order_by("pk").values_list("pk", flat=True))


def _kinds(departments: dict[int, Office]) -> dict[int, dict[str, Office]]:
    """By division and kind: the department with people, as `routing.default_department` would find it."""
    found: defaultdict[int, dict[str, Office]] = defaultdict(dict)
    for row in Department.objects.valid_on(clock.today()).order_by("division__code", "kind", "pk"):
        office = departments[row.pk]
        if office.people:
            found[row.division_id].setdefault(row.kind_id, office)
    return found


def _place(
    division: Division, steps: list[Division], offices: dict[int, Office],
    kinds: dict[int, dict[str, Office]], outline: Grid | None,
) -> Place:  # fmt: skip
    files = {
        level: offices[filing_office(division, CategoryVersion(filing_level=level)).pk]
        for level in ("village", "township", "city")
    }
    departments: dict[tuple[str, str], Office] = {}
    for level, levels in (("township", ("township", "county", "city")), ("city", ("county", "city"))):
        for step in sorted(steps, key=lambda step: RANK[step.level]):
            if step.level in levels:
                for kind, office in kinds.get(step.pk, {}).items():
                    departments.setdefault((kind, level), office)
    box = (outline.min_lat, outline.max_lat, outline.min_lng, outline.max_lng) if outline else None
    return Place(
        offices[division.pk], steps[0], [offices[step.pk] for step in steps], files, departments, box,
        outline.geometry if outline else "",
    )  # fmt: skip
