"""The frame of every page: where one can go, under which post one acts, what is unread, and the server's instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, Post, User
from accounts.roles import CASE_ROLES, CENTRE_ROLES, Role
from cases import notices, words
from grids import clock


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation: its words, the name of its page and who has it."""

    label: Promise
    url_name: str
    icon: str
    roles: frozenset[Role]
    counts: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    """What a template draws."""

    label: str
    url: str
    icon: str
    active: bool
    count: int | None = None
    waits: bool = False


WORKER: Final = frozenset({Role.GRID_WORKER})
SYSTEM: Final = frozenset({Role.SYSTEM_ADMIN})
ACCESS: Final = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})
CENTRES: Final = frozenset(CENTRE_ROLES)
KEEPERS: Final = SYSTEM | frozenset({Role.CENTRE})
WATCHERS: Final = CENTRES | frozenset({Role.COMMITTEE, Role.TOWNSHIP_SECRETARY})
WHISTLE: Final = frozenset(
    {
        Role.TOWNSHIP_CENTRE,
        Role.VILLAGE_CENTRE,
        Role.TOWNSHIP_SECRETARY,
        Role.CENTRE,
        Role.COMMITTEE,
        Role.DEPARTMENT_OFFICER,
    }
)
MEDIATION: Final = frozenset({Role.MEDIATOR, *CENTRE_ROLES, Role.TOWNSHIP_SECRETARY, Role.COMMITTEE})
WATCHED: Final = WATCHERS | frozenset({Role.DEPARTMENT_OFFICER, Role.GRID_WORKER})
CALLED: Final = frozenset({Role.DEPARTMENT_OFFICER, Role.TOWNSHIP_SECRETARY, Role.COMMITTEE})
CALLERS: Final = frozenset({Role.DEPARTMENT_OFFICER, *CENTRE_ROLES, Role.COMMITTEE, Role.SYSTEM_ADMIN})

PLACES: Final = (
    Place(_("我的工作台"), "incidents:desk", "desk", CASE_ROLES),
    Place(_("上报"), "incidents:report", "plus", WORKER),
    Place(_("登记"), "incidents:intake", "pen", CENTRES),
    Place(_("事件"), "incidents:list", "list", CASE_ROLES),
    Place(_("吹哨报到"), "whistle:home", "whistle", WHISTLE, counts="whistles"),
    Place(_("矛盾调解"), "mediation:home", "people", MEDIATION, counts="disputes"),
    Place(_("看板"), "oversight:home", "screen", WATCHED),
    Place(_("超期"), "incidents:overdue", "alert", WATCHERS),
    Place(_("地图"), "incidents:map", "map", CASE_ROLES),
    Place(_("通知"), "cases:notices", "bell", CASE_ROLES, counts="unread"),
    Place(_("事项目录"), "incidents:categories", "catalogue", KEEPERS, counts="proposals"),
    Place(_("人员"), "accounts:people", "people", ACCESS),
    Place(_("岗位"), "accounts:posts", "key", ACCESS),
    Place(_("值班表"), "accounts:rosters", "roster", CALLERS),
    Place(_("管理记录"), "accounts:record", "audit", frozenset({Role.AUDIT_ADMIN})),
)


# A phone's bottom bar: the first three places that there are, and 我的 after them. The first row whose roles fit; administrators have none.
TABS: Final = (
    (
        WORKER,
        (
            Place(_("今日"), "incidents:desk", "today", WORKER),
            Place(_("上报"), "incidents:report", "plus", WORKER),
            Place(_("待办"), "incidents:todo", "todo", WORKER),
        ),
    ),
    (
        CENTRES,
        (
            Place(_("待办"), "incidents:desk", "todo", CENTRES),
            Place(_("登记"), "incidents:intake", "pen", CENTRES),
            Place(_("事件"), "incidents:list", "list", CENTRES),
        ),
    ),
    (
        CALLED,
        (
            Place(_("待办"), "incidents:desk", "todo", CALLED),
            Place(_("吹哨"), "whistle:home", "whistle", CALLED, counts="whistles"),
            Place(_("事件"), "incidents:list", "list", CALLED),
            Place(_("通知"), "cases:notices", "bell", CALLED),
        ),
    ),
    (
        frozenset({Role.MEDIATOR}),
        (
            Place(_("待办"), "mediation:todo", "todo", frozenset({Role.MEDIATOR}), counts="disputes"),
            Place(_("登记"), "mediation:new", "plus", frozenset({Role.MEDIATOR})),
            Place(_("纠纷"), "mediation:list", "list", frozenset({Role.MEDIATOR})),
        ),
    ),
    (
        CASE_ROLES,
        (
            Place(_("待办"), "incidents:desk", "todo", CASE_ROLES),
            Place(_("事件"), "incidents:list", "list", CASE_ROLES),
            Place(_("通知"), "cases:notices", "bell", CASE_ROLES),
        ),
    ),
)


def link(name: str) -> str:
    """The address of a page, empty when the installation has none of that name."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


# How many things wait at a place of the navigation, by the place's `counts`; apps further right add theirs.
Counter = Callable[[Post | None], int | None]
_counters: dict[str, Counter] = {}


def register_counter(name: str, counter: Counter) -> None:
    """Show a number at the places whose `counts` is this name: what the counter gives for the post acted under."""
    _counters[name] = counter


@dataclass(frozen=True)
class MapSettings:
    """Where map tiles come from, if any. Without an address the map is a schematic of our own shapes."""

    tiles: str
    attribution: str
    approval: str
    datum: str


def map_settings() -> MapSettings:
    """The installation's own tile source and map approval number (审图号); empty by default."""
    return MapSettings(
        tiles=settings.GEZHI_TILE_URL,
        attribution=settings.GEZHI_TILE_ATTRIBUTION,
        approval=settings.GEZHI_MAP_APPROVAL,
        datum=settings.GEZHI_TILE_DATUM,
    )


class Frame:
    """Read by base.html as `frame`. Nothing is asked of the database before a template wants it."""

    def __init__(self, request: HttpRequest, now: datetime) -> None:
        self.request = request
        self.now = now
        user = getattr(request, "user", None)
        self.user: User | None = user if isinstance(user, User) else None
        self.posts: list[Post] = getattr(request, "posts", [])
        self.post: Post | None = getattr(request, "post", None)
        self._counted: dict[str, int | None] = {}

    @cached_property
    def other_posts(self) -> list[Post]:
        return [post for post in self.posts if post != self.post]

    @cached_property
    def unread(self) -> int:
        """Unread notices; none for administrators, who handle no cases."""
        if self.user is None or self.post is None or self.post.role not in CASE_ROLES:
            return 0
        return notices.unread_count(self.user)

    @property
    def role(self) -> Role | None:
        return Role(self.post.role) if self.post else None

    def _items(self, places: Iterable[Place]) -> list[NavItem]:
        """What the role has of these places, and the installation too."""
        found = [(place, link(place.url_name)) for place in places if self.role in place.roles]
        active = self._active([url for _place, url in found if url])
        return [self._item(place, url, url == active) for place, url in found if url]

    def _active(self, urls: list[str]) -> str:
        """The entry one is in: the longest address that the page's own begins with; "/" is only itself."""
        path = self.request.path
        here = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
        return max(here, key=len, default="")

    def _item(self, place: Place, url: str, active: bool) -> NavItem:
        count = self._count(place.counts)
        waits = bool(count) and place.counts in _counters
        return NavItem(str(place.label), url, place.icon, active, count, waits)

    def _count(self, name: str) -> int | None:
        if name == "unread":
            return self.unread
        counter = _counters.get(name)
        if counter is not None and name not in self._counted:
            self._counted[name] = counter(self.post)
        return self._counted.get(name)

    @cached_property
    def nav(self) -> list[NavItem]:
        """The side navigation by task."""
        return self._items(PLACES)

    @property
    def elsewhere(self) -> list[NavItem]:
        """Where else something waits for the post: a desk of one kind of matters says it of the others."""
        return [item for item in self.nav if item.waits]

    @cached_property
    def tabs(self) -> list[NavItem]:
        """A phone's bottom bar without its last entry (我的), which opens the rest."""
        places = next((places for roles, places in TABS if self.role in roles), ())
        return self._items(places)[:3] or self.nav[:3]

    @cached_property
    def urls(self) -> Mapping[str, str]:
        """Pages that the frame itself links to; empty where the installation has none."""
        return {
            "home": link("incidents:desk") or "/",
            "search": link("incidents:list"),
            "notices": link("cases:notices"),
            "switch_post": link("accounts:switch_post"),
            "sign_in": link("accounts:sign_in"),
            "sign_out": link("accounts:sign_out"),
            "password": link("accounts:password"),
            "profile": link("accounts:profile"),
            "language": link("accounts:language"),
            "health": link("healthz") or "/healthz",
        }

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(value, label) for value, label in Language.choices]

    @property
    def map(self) -> MapSettings:
        return map_settings()

    @property
    def handles_cases(self) -> bool:
        return self.post is not None and self.post.role in CASE_ROLES


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame` (see Frame) and `nav`. Also fixes the instant that the page's times are told at."""
    made: Frame | None = getattr(request, "gezhi_frame", None)
    if made is None:
        made = Frame(request, clock.now())
        request.gezhi_frame = made  # type: ignore[attr-defined]
    words.set_page_now(made.now)
    return {"frame": made, "nav": SimpleLazyObject(lambda: made.nav)}


@receiver(request_finished)
def _forget_page_now(**_kwargs: object) -> None:
    """A thread answers many requests: the next one must not tell its times by this one's clock."""
    words.set_page_now(None)
