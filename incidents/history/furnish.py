"""What a history needs and the database lacks: grids, a work calendar, a catalogue, departments, people.

People made here say so in their name, have no password and a telephone that no exchange connects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts import record
from accounts.models import AdminAction, Post, User
from accounts.record import Entry
from accounts.roles import Role
from accounts.services.posts import described
from cases.divisions import line
from grids import clock, workdays
from grids.division_import import import_divisions
from grids.drawing import CENTRES, draw_grids
from grids.models import Department, Division, DivisionLevel
from incidents.catalogue_load import load_catalogue
from incidents.demo.places import build_departments
from incidents.history.city import Divisions, Say, held_since, staff_role
from incidents.models import Category

# The telephones of made-up people begin so, here and in the demo.
UNCONNECTED: Final = "000-"
NOWHERE: Final = (35.0, 105.0)  # the middle of the country, for a city whose seat is not known
NAMES: Final[dict[str, str]] = {
    Role.GRID_WORKER: "模拟网格员",
    Role.VILLAGE_CENTRE: "模拟村综治员",
    Role.TOWNSHIP_CENTRE: "模拟镇综治员",
    Role.CENTRE: "模拟市综治员",
    Role.DEPARTMENT_OFFICER: "模拟经办员",
    Role.COMMITTEE: "模拟政法委员",
}
# How many of a role an office should have.
SEATS: Final[dict[str, int]] = {
    Role.GRID_WORKER: 1, Role.VILLAGE_CENTRE: 1, Role.TOWNSHIP_CENTRE: 2, Role.CENTRE: 2,
    Role.DEPARTMENT_OFFICER: 2, Role.COMMITTEE: 2,
}  # fmt: skip


def furnish(grids: int | None, since: date, until: date, say: Say) -> list[Division]:
    """Make what is lacking; returns the grids of the history. Raises LookupError when there are none to be had.

    `grids` None: those that have a worker today, with the people above them that they lack. `since`, `until`: the
    days for which people hold their posts and the work calendar is known.
    """
    if grids is not None:
        say("区划和网格 / places and grids")
        _draw(grids)
    for year in workdays.uncovered(range(since.year, until.year + 1)):
        workdays.seed_year(year)
    if not Category.objects.leaves().exists():
        load_catalogue()
    divisions = Divisions()
    if divisions.root is None:
        raise LookupError("root")
    chosen = _chosen(divisions, grids)
    if not chosen:
        raise LookupError("grids")
    if grids is not None:
        _departments(divisions.root, divisions.in_force(DivisionLevel.TOWNSHIP))
    made = _people(divisions, chosen, since)
    say(f"{len(chosen)} 个网格，补了 {made} 个账号 / grids; accounts made")
    return chosen


def _draw(grids: int) -> None:
    """At least so many grids in the city, whose divisions are imported where they are shipped with the program."""
    if not Division.objects.filter(code=settings.GEZHI_CITY_CODE).exists():
        import_divisions([_shipped()])
    divisions = Divisions()
    assert divisions.root is not None
    if len(divisions.in_force(DivisionLevel.GRID)) < grids:
        villages = len(divisions.in_force(DivisionLevel.VILLAGE))
        if not villages:
            raise LookupError("villages")
        middle = CENTRES.get(divisions.root.code, NOWHERE)
        draw_grids(city=divisions.root, per_village=-(-grids // villages), centre=middle)


def _shipped() -> Path:
    folder = Path(settings.BASE_DIR) / "data" / "divisions"
    for path in sorted(folder.glob("*.csv")):
        if f"\n{settings.GEZHI_CITY_CODE}," in path.read_text(encoding="utf-8"):
            return path
    raise LookupError(settings.GEZHI_CITY_CODE)


def _chosen(divisions: Divisions, grids: int | None) -> list[Division]:
    """Those with a worker first, then the first grid of every village, the second, and so on."""
    today = Post.objects.held_on(clock.today()).filter(role=Role.GRID_WORKER, user__is_active=True)
    manned = set(today.values_list("division_id", flat=True))
    found = divisions.in_force(DivisionLevel.GRID)
    if grids is None:
        return [grid for grid in found if grid.pk in manned]
    found.sort(key=lambda grid: (grid.pk not in manned, grid.code[12:], grid.code))
    return found[:grids]


def _departments(root: Division, townships: Iterable[Division]) -> None:
    """The departments of the catalogue for the city and its townships, where they have none at all."""
    served = set(Department.objects.valid_on(clock.today()).values_list("division_id", flat=True))
    bare = [township for township in townships if township.pk not in served]
    build_departments(None if root.pk in served else root, bare)


@dataclass
class _Roll:
    """New people in order; their user names go on after those of an earlier history."""

    since: date
    number: int
    users: list[User] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def add(
        self, role: str, *, division: Division | None = None, department: Department | None = None
    ) -> None:
        self.number += 1
        user = User(
            username=f"made-{self.number:06d}",
            name=f"{NAMES[role]}{self.number:06d}",
            phone=f"{UNCONNECTED}{self.number:08d}",
            must_change_password=True,
            created_at=clock.now(),
        )
        user.password = "!made"  # unusable: no hash begins so
        self.users.append(user)
        self.posts.append(
            Post(user=user, role=role, division=division, department=department, starts_on=self.since)
        )


def _people(divisions: Divisions, grids: list[Division], since: date) -> int:
    """Fill the seats along every grid's line, at the root's committee and in the departments; returns how many."""
    roll = _Roll(since, User.objects.filter(username__startswith="made-").count())
    held: dict[tuple[str, int], int] = {}
    for post in held_since(since):
        key = post.role, post.department_id or post.division_id or 0
        held[key] = held.get(key, 0) + 1
    for role, division in _seats(divisions, grids):
        if not held.get((role, division.pk)):
            for _one in range(SEATS[role]):
                roll.add(role, division=division)
    for department in Department.objects.valid_on(clock.today()).filter(_along(grids)):
        if not held.get((Role.DEPARTMENT_OFFICER, department.pk)):
            for _one in range(SEATS[Role.DEPARTMENT_OFFICER]):
                roll.add(Role.DEPARTMENT_OFFICER, department=department)
    User.objects.bulk_create(roll.users, batch_size=2000)
    Post.objects.bulk_create(roll.posts, batch_size=2000)
    entries = [
        entry
        for post in roll.posts
        for entry in (
            Entry(AdminAction.USER_CREATED, user=post.user, data={"username": post.user.username}),
            Entry(AdminAction.POST_GIVEN, user=post.user, post=post, data=described(post)),
        )
    ]
    if entries:
        record.append(*entries, by=None)
    return len(roll.posts)


def _seats(divisions: Divisions, grids: list[Division]) -> Iterator[tuple[str, Division]]:
    """Every place where somebody must sit: the grids, and each centre above them once."""
    assert divisions.root is not None
    yield Role.COMMITTEE, divisions.root
    known: set[int] = set()
    for grid in grids:
        yield Role.GRID_WORKER, grid
        for step in line(grid)[1:]:
            if step.pk not in known:
                known.add(step.pk)
                yield staff_role(step), step


def _along(grids: list[Division]) -> Q:
    """Departments of the divisions above the grids."""
    return Q(division__in={step.pk for grid in grids for step in line(grid)[1:]})
