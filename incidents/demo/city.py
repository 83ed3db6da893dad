"""Places, departments, people and posts of the demo city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from accounts.models import Post, User
from accounts.roles import ADMIN_ROLES, Role
from accounts.services import Enrolment, enrol, first_administrators
from grids import clock, workdays
from grids.division_import import import_divisions
from grids.drawing import draw_grids
from grids.models import Department, DepartmentKind, Division
from grids.services import create_department
from incidents.catalogue import read_catalogue
from incidents.catalogue_load import SHIPPED, load_catalogue

CITY = "360981000000"
GRIDS_PER_VILLAGE = 3
# Townships in which the history plays; the first two hold the two casts. Each with so many villages at work.
ACTIVE = ("360981002000", "360981119000", "360981101000", "360981104000", "360981007000", "360981110000")
VILLAGES_EACH = 4
ORDINALS = "甲乙丙丁戊己庚辛壬癸"
DEMO_NAMES = {
    Role.GRID_WORKER: "worker",
    Role.VILLAGE_CENTRE: "village",
    Role.TOWNSHIP_CENTRE: "township",
    Role.TOWNSHIP_SECRETARY: "secretary",
    Role.CENTRE: "centre",
    Role.DEPARTMENT_OFFICER: "officer",
    Role.COMMITTEE: "committee",
    Role.MEDIATOR: "mediator",
}


@dataclass
class City:
    """What the history needs: who sits in which office."""

    root: Division
    townships: list[Division]
    by_division: dict[int, list[Post]] = field(default_factory=dict)
    by_department: dict[int, list[Post]] = field(default_factory=dict)
    workers: list[Post] = field(default_factory=list)
    leaders: list[Post] = field(default_factory=list)


def build(password: str, *, days: int, say: Callable[[str], None]) -> City:
    """Everything but the history. People hold their posts since before it begins."""
    say("区划、网格和工作日历 / places, grids and the work calendar")
    import_divisions([Path(settings.BASE_DIR) / "data" / "divisions" / "fengcheng.csv"])
    root = Division.objects.get(code=CITY)
    draw_grids(city=root, per_village=GRIDS_PER_VILLAGE)
    for year in (2024, 2025, 2026, 2027):
        workdays.seed_year(year)
    say("目录、部门和人员 / catalogue, departments and people")
    load_catalogue()
    townships = list(Division.objects.filter(code__in=ACTIVE))
    townships.sort(key=lambda place: ACTIVE.index(place.code))
    departments = _departments(root, townships)
    posts = _people(root, townships, departments, password, clock.today() - timedelta(days=days + 30))
    return _seated(City(root, townships), posts)


def _departments(root: Division, townships: list[Division]) -> list[Department]:
    """The city's departments by kind, and the stations of every active township."""
    made: list[Department] = []
    for row in read_catalogue(SHIPPED).kinds:
        kind = DepartmentKind.objects.get(code=row.code)
        if row.office_city:
            name = f"{root.name}{row.office_city}"
            made.append(create_department(name=name, kind=kind, division=root, telephone=_phone(len(made))))
        for place in townships if row.office_township else []:
            name = f"{place.name}{row.office_township}"
            made.append(create_department(name=name, kind=kind, division=place, telephone=_phone(len(made))))
    return made


def _phone(number: int) -> str:
    """A number that no exchange connects."""
    return f"000-{6400000 + number}"


class _Names:
    """User names and personal names by role: worker, worker2, then worker3 and on; 网格员甲, 网格员乙."""

    def __init__(self) -> None:
        self.counts: dict[Role, int] = {}

    def next(self, role: Role) -> tuple[str, str]:
        number = self.counts[role] = self.counts.get(role, 0) + 1
        tens, ones = divmod(number - 1, len(ORDINALS))
        suffix = (
            (ORDINALS[tens - 1] if tens else "") + ORDINALS[ones] if tens <= len(ORDINALS) else str(number)
        )
        label = {Role.DEPARTMENT_OFFICER: "经办员", Role.GRID_WORKER: "网格员", Role.VILLAGE_CENTRE: "村综治员",
                 Role.TOWNSHIP_CENTRE: "镇综治员", Role.TOWNSHIP_SECRETARY: "书记", Role.CENTRE: "市综治员",
                 Role.COMMITTEE: "政法委员", Role.MEDIATOR: "调解员"}[role]  # fmt: skip
        return DEMO_NAMES[role] + (str(number) if number > 1 else ""), label + suffix


def _people(
    root: Division, townships: list[Division], departments: list[Department], password: str, since: date
) -> list[Post]:
    """The three administrators and everybody else, each with one post."""
    names = _Names()
    rows: list[Enrolment] = []

    def add(
        role: Role, place: Division | None = None, office: Department | None = None, head: bool = False
    ) -> None:
        username, name = names.next(role)
        rows.append(
            Enrolment(
                username, name, role, since, place, office, is_head=head, phone=f"000-1380{len(rows):04}"
            )
        )

    for village_number in range(VILLAGES_EACH):
        for township in townships:
            _village_people(township, village_number, add)
    for township in townships:
        add(Role.TOWNSHIP_CENTRE, township, head=True)
        add(Role.TOWNSHIP_SECRETARY, township, head=True)
        add(Role.MEDIATOR, township)
    for township in townships:
        add(Role.TOWNSHIP_CENTRE, township)
    for role in (Role.CENTRE, Role.CENTRE, Role.COMMITTEE, Role.COMMITTEE):
        add(role, root)
    for department in sorted(departments, key=_first_officers_first):
        add(Role.DEPARTMENT_OFFICER, office=department, head=True)
    first_administrators()
    admins = {
        post.role: post.user for post in Post.objects.filter(role__in=ADMIN_ROLES).select_related("user")
    }
    _give_passwords(list(admins.values()), password)
    return enrol(
        rows, by_accounts=admins[Role.SYSTEM_ADMIN], by_posts=admins[Role.SECURITY_ADMIN], password=password
    )


def _village_people(township: Division, number: int, add: Callable[..., None]) -> None:
    villages = Division.objects.filter(parent=township, level="village").order_by("code")
    village = villages[min(number, villages.count() - 1)]
    add(Role.VILLAGE_CENTRE, village, head=True)
    for grid in Division.objects.filter(parent=village, level="grid").order_by("code")[:2]:
        add(Role.GRID_WORKER, grid)


def _first_officers_first(department: Department) -> tuple[int, str, str]:
    """`officer` is the first township's station for rubbish and order, `officer2` the second township's."""
    order = {"sanitation": 0, "urban_management": 1}
    township = ACTIVE.index(department.division.code) if department.division.code in ACTIVE else 99
    return order.get(department.kind_id, 9), f"{township:02}", department.name


def _give_passwords(users: list[User], password: str) -> None:
    for user in users:
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])


def _seated(city: City, posts: list[Post]) -> City:
    for post in posts:
        if post.department_id:
            city.by_department.setdefault(post.department_id, []).append(post)
        elif post.role in (Role.COMMITTEE, Role.TOWNSHIP_SECRETARY):
            city.leaders.append(post)
        elif post.role == Role.GRID_WORKER:
            city.workers.append(post)
        elif post.division_id and post.role != Role.MEDIATOR:
            city.by_division.setdefault(post.division_id, []).append(post)
    return city
