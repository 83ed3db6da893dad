"""The fixed cast: a small real place of 丰城, and one named person per role in each of two townships.

Names of attributes: a bare role name is the first township's (剑光街道), with 2 the second's (小港镇); `_b` is a
sibling in the first township. Every person is a Post; its account is `post.user`. Telephone numbers begin with 000.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from rest_framework.test import APIClient

from accounts.middleware import SESSION_KEY
from accounts.models import Post, User
from accounts.roles import Role
from accounts.services import issue_api_token
from grids.models import (
    Department,
    DepartmentKind,
    Division,
    DivisionLevel,
    Grid,
    GridGeometry,
)

PASSWORD = "Kuozhang-7-Shanshui"
SINCE = date(2020, 1, 1)
CREATED = datetime(2020, 1, 1, tzinfo=UTC)

# attribute: code, name, level, parent's attribute, pinyin, initials
PLACES: dict[str, tuple[str, str, DivisionLevel, str, str, str]] = {
    "city": ("360981000000", "丰城市", DivisionLevel.CITY, "", "feng cheng shi", "fcs"),
    "street": ("360981002000", "剑光街道", DivisionLevel.TOWNSHIP, "city", "jian guang jie dao", "jgjd"),
    "town2": ("360981119000", "小港镇", DivisionLevel.TOWNSHIP, "city", "xiao gang zhen", "xgz"),
    "village": (
        "360981002002",
        "东路社区居委会",
        DivisionLevel.VILLAGE,
        "street",
        "dong lu she qu ju wei hui",
        "dlsqjwh",
    ),
    "village_b": (
        "360981002003",
        "西路社区居委会",
        DivisionLevel.VILLAGE,
        "street",
        "xi lu she qu ju wei hui",
        "xlsqjwh",
    ),
    "village2": (
        "360981119201",
        "万沙村委会",
        DivisionLevel.VILLAGE,
        "town2",
        "wan sha cun wei hui",
        "wscwh",
    ),
    "grid": ("360981002002001", "01网格", DivisionLevel.GRID, "village", "01 wang ge", "01wg"),
    "grid_b": ("360981002002002", "02网格", DivisionLevel.GRID, "village", "02 wang ge", "02wg"),
    "grid_c": ("360981002003001", "01网格", DivisionLevel.GRID, "village_b", "01 wang ge", "01wg"),
    "grid2": ("360981119201001", "01网格", DivisionLevel.GRID, "village2", "01 wang ge", "01wg"),
}

# attribute of the grid: south-west corner; each grid is a square of 0.01 degrees, about 1 km. Side by side, no gaps.
CORNERS = {
    "grid": (28.18, 115.78),
    "grid_b": (28.18, 115.79),
    "grid_c": (28.18, 115.80),
    "grid2": (28.30, 115.90),
}
SQUARE = 0.01

# attribute: name, kind, place
DEPARTMENTS = {
    "urban": ("丰城市城市管理局", "urban_management", "city"),
    "police": ("丰城市公安局", "public_security", "city"),
    "station": ("剑光街道城管站", "urban_management", "street"),
    "station2": ("小港镇城管站", "urban_management", "town2"),
}

# attribute: name, role, place or department, marks
PEOPLE: dict[str, tuple[str, Role, str, dict[str, Any]]] = {
    "worker": ("网格员甲", Role.GRID_WORKER, "grid", {}),
    "worker_b": ("网格员乙", Role.GRID_WORKER, "grid_b", {}),
    "worker_c": ("网格员丙", Role.GRID_WORKER, "grid_c", {}),
    "worker2": ("网格员丁", Role.GRID_WORKER, "grid2", {}),
    "village": ("社区甲", Role.VILLAGE_CENTRE, "village", {"is_head": True}),
    "village_b": ("社区乙", Role.VILLAGE_CENTRE, "village_b", {"is_head": True}),
    "village2": ("村干部丙", Role.VILLAGE_CENTRE, "village2", {"is_head": True}),
    "township": ("街道中心甲", Role.TOWNSHIP_CENTRE, "street", {"is_head": True}),
    "township_b": ("街道中心乙", Role.TOWNSHIP_CENTRE, "street", {"is_leader_on_duty": True}),
    "township2": ("镇中心丙", Role.TOWNSHIP_CENTRE, "town2", {"is_head": True}),
    "secretary": ("街道书记甲", Role.TOWNSHIP_SECRETARY, "street", {"is_head": True}),
    "secretary2": ("镇书记乙", Role.TOWNSHIP_SECRETARY, "town2", {"is_head": True}),
    "centre": ("市中心甲", Role.CENTRE, "city", {"is_head": True}),
    "centre_b": ("市中心乙", Role.CENTRE, "city", {}),
    "committee": ("政法委甲", Role.COMMITTEE, "city", {"is_head": True}),
    "committee_b": ("政法委乙", Role.COMMITTEE, "city", {}),
    "officer": ("城管局经办甲", Role.DEPARTMENT_OFFICER, "urban", {}),
    "officer_head": ("城管局负责人", Role.DEPARTMENT_OFFICER, "urban", {"is_head": True}),
    "officer2": ("公安局经办乙", Role.DEPARTMENT_OFFICER, "police", {"is_head": True}),
    "station": ("街道城管站甲", Role.DEPARTMENT_OFFICER, "station", {"is_head": True}),
    "station2": ("镇城管站乙", Role.DEPARTMENT_OFFICER, "station2", {"is_head": True}),
    "mediator": ("调解员甲", Role.MEDIATOR, "street", {}),
    "mediator2": ("调解员乙", Role.MEDIATOR, "town2", {}),
    "sysadmin": ("系统管理员甲", Role.SYSTEM_ADMIN, "", {}),
    "secadmin": ("安全管理员甲", Role.SECURITY_ADMIN, "", {}),
    "auditor": ("审计管理员甲", Role.AUDIT_ADMIN, "", {}),
    "stranger": ("原街道干部", Role.TOWNSHIP_CENTRE, "street", {"ends_on": date(2021, 12, 31)}),
}


@dataclass
class Places:
    """The divisions of the cast by name, and `places["grid2"]` for loops."""

    city: Division
    street: Division
    town2: Division
    village: Division
    village_b: Division
    village2: Division
    grid: Division
    grid_b: Division
    grid_c: Division
    grid2: Division


@dataclass
class Departments:
    """The departments of the cast."""

    urban: Department
    police: Department
    station: Department
    station2: Department


@dataclass
class Cast:
    """Everybody. `nobody` is an account that never held a post; `stranger` held one until the end of 2021."""

    places: Places
    departments: Departments
    worker: Post
    worker_b: Post
    worker_c: Post
    worker2: Post
    village: Post
    village_b: Post
    village2: Post
    township: Post
    township_b: Post
    township2: Post
    secretary: Post
    secretary2: Post
    centre: Post
    centre_b: Post
    committee: Post
    committee_b: Post
    officer: Post
    officer_head: Post
    officer2: Post
    station: Post
    station2: Post
    mediator: Post
    mediator2: Post
    sysadmin: Post
    secadmin: Post
    auditor: Post
    stranger: Post
    nobody: User

    def by_role(self, role: Role) -> Post:
        """The first township's person of a role, for tests that walk all roles."""
        key = next(key for key, (_name, its, _place, _marks) in PEOPLE.items() if its == role)
        post: Post = getattr(self, key)
        return post


@cache
def hashed_password() -> str:
    """One hash for everybody: making thirty would be most of the time of a set-up."""
    return make_password(PASSWORD)


def build_places() -> Places:
    """Saves divisions, parents first, and the outlines of the four grids; the second town's is schematic."""
    found: dict[str, Division] = {}
    for level in ("city", "township", "village", "grid"):
        rows = {
            key: Division(
                code=code,
                name=name,
                level=place_level,
                parent=found.get(parent),
                prefix=code[: place_level.digits(code)],
                pinyin=pinyin,
                initials=initials,
            )
            for key, (code, name, place_level, parent, pinyin, initials) in PLACES.items()
            if place_level == level
        }
        Division.objects.bulk_create(rows.values())
        found |= rows
    Grid.objects.bulk_create([outline(found[key], *corner) for key, corner in CORNERS.items()])
    return Places(**found)


def outline(grid: Division, south: float, west: float) -> Grid:
    north, east = round(south + SQUARE, 6), round(west + SQUARE, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    schematic = grid.code.startswith(PLACES["town2"][0][:9])
    return Grid(
        division=grid,
        boundary={"type": "Polygon", "coordinates": [ring]},
        geometry=GridGeometry.SCHEMATIC if schematic else GridGeometry.SURVEYED,
        min_lat=south,
        max_lat=north,
        min_lng=west,
        max_lng=east,
    )


def build_departments(places: Places) -> Departments:
    kinds = {
        "urban_management": DepartmentKind(
            code="urban_management", name="城市管理", name_en="Urban management"
        ),
        "public_security": DepartmentKind(code="public_security", name="公安", name_en="Public security"),
    }
    # A data migration or a catalogue may have brought the kinds already.
    DepartmentKind.objects.bulk_create(kinds.values(), ignore_conflicts=True)
    rows = {
        key: Department(
            name=name, kind_id=kind, division=getattr(places, place), telephone=f"000-640{number:04}"
        )
        for number, (key, (name, kind, place)) in enumerate(DEPARTMENTS.items())
    }
    Department.objects.bulk_create(rows.values())
    return Departments(**rows)


def build_user(username: str, name: str, number: int) -> User:
    return User(
        username=username.replace("_", "-"),
        name=name,
        password=hashed_password(),
        phone=f"000-1380{number:04}",
        must_change_password=False,
        created_at=CREATED,
    )


def build_cast() -> Cast:
    """Saves the whole cast in nine statements."""
    places = build_places()
    departments = build_departments(places)
    users = {key: build_user(key, name, number) for number, (key, (name, *_)) in enumerate(PEOPLE.items())}
    nobody = build_user("nobody", "无岗人员", len(users))
    User.objects.bulk_create([*users.values(), nobody])
    posts = {
        key: Post(
            user=users[key],
            role=role,
            division=getattr(places, place, None) if role != Role.DEPARTMENT_OFFICER else None,
            department=getattr(departments, place) if role == Role.DEPARTMENT_OFFICER else None,
            starts_on=SINCE,
            **marks,
        )
        for key, (_name, role, place, marks) in PEOPLE.items()
    }
    Post.objects.bulk_create(posts.values())
    return Cast(places=places, departments=departments, nobody=nobody, **posts)


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast, in this test's database."""
    return build_cast()


@pytest.fixture
def browser_of() -> Callable[[Post | User], Client]:
    """A test client signed in as a person: `browser_of(cast.worker)` acts under that post."""

    def sign_in(person: Post | User) -> Client:
        client = Client()
        client.force_login(person.user if isinstance(person, Post) else person)
        if isinstance(person, Post):
            session = client.session
            session[SESSION_KEY] = person.pk
            session.save()
        return client

    return sign_in


@pytest.fixture
def api_of() -> Callable[[Post | User], APIClient]:
    """An API client with a token; for a Post it names the post in the header, for a User it names none."""

    def sign_in(person: Post | User) -> APIClient:
        client = APIClient()
        user = person.user if isinstance(person, Post) else person
        headers = {"HTTP_AUTHORIZATION": f"Token {issue_api_token(user)}"}
        if isinstance(person, Post):
            headers["HTTP_X_GEZHI_POST"] = str(person.pk)
        client.credentials(**headers)
        return client

    return sign_in
