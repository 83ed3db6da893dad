"""The people of the demo city, named by their role, and who sits in which office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password

from accounts.models import Post, User
from accounts.roles import ADMIN_ROLES, CENTRE_ROLES, Role
from accounts.services import Enrolment, enrol, first_administrators
from cases.demo.places import ACTIVE
from grids.models import Department, Division, Grid

VILLAGES_EACH = 4
WORKERS_EACH = 2
ORDINALS = "甲乙丙丁戊己庚辛壬癸"
BUREAU = "bureau"  # officers of the city's departments are named apart from those of the stations
# The user name of the first of a role, and how people of the role are called.
NAMES: dict[str, tuple[str, str]] = {
    Role.GRID_WORKER: ("worker", "网格员"),
    Role.VILLAGE_CENTRE: ("village", "村综治员"),
    Role.TOWNSHIP_CENTRE: ("township", "镇综治员"),
    Role.TOWNSHIP_SECRETARY: ("secretary", "书记"),
    Role.CENTRE: ("centre", "市综治员"),
    Role.DEPARTMENT_OFFICER: ("officer", "经办员"),
    BUREAU: (BUREAU, "市直经办员"),
    Role.COMMITTEE: ("committee", "政法委员"),
    Role.MEDIATOR: ("mediator", "调解员"),
}


@dataclass
class City:
    """Who sits where: centres by division, officers by department, workers by grid."""

    root: Division
    townships: list[Division]
    staff: dict[int, list[Post]] = field(default_factory=dict)
    officers: dict[int, list[Post]] = field(default_factory=dict)
    workers: dict[int, Post] = field(default_factory=dict)
    secretaries: dict[int, Post] = field(default_factory=dict)
    committee: list[Post] = field(default_factory=list)
    mediators: dict[int, list[Post]] = field(default_factory=dict)
    grids: dict[int, Grid] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Division, townships: list[Division], posts: Iterable[Post]) -> City:
        """Sort the posts into their seats."""
        city = cls(root, townships)
        for post in posts:
            city._seat(post)
        city.grids = Grid.objects.in_bulk(list(city.workers))
        return city

    def _seat(self, post: Post) -> None:
        if post.department_id is not None:
            self.officers.setdefault(post.department_id, []).append(post)
        elif post.role == Role.COMMITTEE:
            self.committee.append(post)
        elif post.division_id is None:
            return
        elif post.role in CENTRE_ROLES:
            self.staff.setdefault(post.division_id, []).append(post)
        elif post.role == Role.GRID_WORKER:
            self.workers[post.division_id] = post
        elif post.role == Role.MEDIATOR:
            self.mediators.setdefault(post.division_id, []).append(post)
        elif post.role == Role.TOWNSHIP_SECRETARY:
            self.secretaries[post.division_id] = post


@dataclass
class _Roll:
    """The list of people: the first of a role is `worker`, the next `worker2`; 网格员甲, 网格员乙."""

    since: date
    rows: list[Enrolment] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(
        self, role: Role, place: Division | Department, *, head: bool = False, leader: bool = False
    ) -> None:
        of_city = isinstance(place, Department) and place.division.level == "city"
        kind = BUREAU if of_city else role
        number = self.counts[kind] = self.counts.get(kind, 0) + 1
        username, called = NAMES[kind]
        tens, ones = divmod(number - 1, len(ORDINALS))
        ordinal = ORDINALS[ones] + (str(tens) if tens else "")
        self.rows.append(
            Enrolment(
                username=username + (str(number) if number > 1 else ""),
                name=called + ordinal,
                role=role,
                starts_on=self.since,
                division=place if isinstance(place, Division) else None,
                department=place if isinstance(place, Department) else None,
                is_head=head,
                is_leader_on_duty=leader,
                phone=f"000-1380{len(self.rows):04}",
            )
        )


def build_people(
    root: Division, townships: list[Division], departments: list[Department], password: str, since: date
) -> list[Post]:
    """The three administrators and everybody else, each with one post held since a date before the history."""
    roll = _Roll(since)
    for place in _villages(townships):
        roll.add(Role.VILLAGE_CENTRE, place, head=True)
    for grid in _grids(townships):
        roll.add(Role.GRID_WORKER, grid)
    for turn in range(2):
        for township in townships:
            roll.add(Role.TOWNSHIP_CENTRE, township, head=not turn)
    for township in townships:
        roll.add(Role.TOWNSHIP_SECRETARY, township, head=True)
        roll.add(Role.MEDIATOR, township)
    for place in [root, root, *townships, *_villages(townships)]:
        roll.add(Role.MEDIATOR, place)
    for role in (Role.CENTRE, Role.COMMITTEE):
        for turn in range(2):
            roll.add(role, root, head=not turn)
    ordered = sorted(departments, key=_first_casts_first)
    for department in ordered:
        roll.add(Role.DEPARTMENT_OFFICER, department, head=True)
    for department in ordered:
        roll.add(Role.DEPARTMENT_OFFICER, department, leader=True)
    admins = _administrators(password)
    return enrol(
        roll.rows,
        by_accounts=admins[Role.SYSTEM_ADMIN],
        by_posts=admins[Role.SECURITY_ADMIN],
        password=password,
    )


def _villages(townships: list[Division]) -> Iterator[Division]:
    """The first village of every township, then the second of each: `village2` is in another township."""
    rows = [
        list(Division.objects.filter(parent=township, level="village").order_by("code")[:VILLAGES_EACH])
        for township in townships
    ]
    yield from (village for turn in zip(*rows, strict=True) for village in turn)


def _grids(townships: list[Division]) -> Iterator[Division]:
    """The first grid of every village at work, in the villages' order, then the second of each."""
    rows = [
        list(Division.objects.filter(parent=village, level="grid").order_by("code")[:WORKERS_EACH])
        for village in _villages(townships)
    ]
    yield from (grid for turn in zip(*rows, strict=True) for grid in turn)


def _first_casts_first(department: Department) -> tuple[int, int, str]:
    """`officer` is at the first township's sanitation station, `bureau` at the city's urban management."""
    code = department.division.code
    if code not in ACTIVE:
        return 0 if department.kind_id == "urban_management" else 1, len(ACTIVE), department.name
    order, township = {"sanitation": 0, "urban_management": 1}, ACTIVE.index(code)
    return order.get(department.kind_id, len(order)), township, department.name


def _administrators(password: str) -> dict[str, User]:
    """The first three, with the demo's password set: nobody follows their one-time links here."""
    first_administrators()
    posts = Post.objects.filter(role__in=ADMIN_ROLES).select_related("user")
    hashed = make_password(password)
    for post in posts:
        post.user.password, post.user.must_change_password = hashed, False
        post.user.save(update_fields=["password", "must_change_password"])
    return {post.role: post.user for post in posts}
