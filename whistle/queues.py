"""What waits for a post: approvals, soundings, arrivals to confirm, tasks, entries to decide. One list for all pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases.models import Case, Deadline
from grids import clock
from whistle.models import NegativeEntry, Summons, Task
from whistle.workflow import RUNNING

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, and by which duty of which row it is owed."""

    what: str | Promise
    case: Case
    about: str
    duty: str = ""
    row: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The same with its clock, as a page shows it."""

    item: Item
    deadline: Deadline | None

    @property
    def url(self) -> str:
        return self.item.case.get_absolute_url() + self.item.anchor


# What is to be done with a whistle in a state, and which duty of it runs.
STEPS: Final[dict[str, tuple[Promise, str]]] = {
    "draft": (_("提交草稿"), ""),
    "returned": (_("修改后再提交"), ""),
    "submitted": (_("审批"), "approve"),
    "approved": (_("向政法委报备"), "file"),
    "filed": (_("启动吹哨"), "sound"),
    "resolved": (_("销号"), "close"),
}
# Which of these wait for an office itself, and the level of the whistles that it sounds.
OWN: Final[dict[str, tuple[str, ...]]] = {
    Role.TOWNSHIP_SECRETARY: ("submitted",),
    Role.TOWNSHIP_CENTRE: ("returned", "approved", "draft"),
    Role.VILLAGE_CENTRE: ("returned", "draft"),
    Role.COMMITTEE: (),
}
SOUNDS: Final[dict[str, str]] = {Role.COMMITTEE: "township", Role.TOWNSHIP_CENTRE: "village"}


def _seated_above(post: Post, township: str) -> Q:
    """The township's own upper level: a committee further up sees its whistles too, but they do not wait for it."""
    assert post.division is not None  # its office is a division
    return Q(**{f"{township}__parent__level": post.division.level})


def _whistles(post: Post, scope: QuerySet[Case]) -> QuerySet[Case]:
    mine = Q(office=post.division, state__in=OWN[post.role])
    if post.role in SOUNDS:
        sounded = Q(whistle__level=SOUNDS[post.role], state__in=["filed", "resolved"])
        mine |= sounded & _seated_above(post, "office")
    return scope.filter(mine, kind="whistle").order_by("pk")


def _whistle_item(_post: Post, case: Case) -> Item:
    what, duty = STEPS[case.state]
    return Item(what, case, case.office.name, duty)


def _summonses(post: Post, scope: QuerySet[Case]) -> QuerySet[Summons]:
    rows = Summons.objects.filter(case__in=scope, case__state__in=RUNNING).order_by("due_at", "pk")
    if post.role == Role.DEPARTMENT_OFFICER:
        return rows.filter(department=post.department_id, state="summoned")
    if post.role == Role.COMMITTEE:
        ours = _seated_above(post, "case__office")
        return rows.filter(ours, state="disputed", case__whistle__level="township")
    return rows.filter(state="reported", case__office=post.division)


ARRIVALS: Final[dict[str, Promise]] = {
    Role.DEPARTMENT_OFFICER: _("到场报到"),
    Role.COMMITTEE: _("裁定到场"),
}


def _summons_item(post: Post, row: Summons) -> Item:
    what = ARRIVALS.get(post.role, _("确认到场"))
    return Item(what, row.case, row.department.name, "arrive", row.pk, f"#summons-{row.pk}")


def _tasks(post: Post, scope: QuerySet[Case]) -> QuerySet[Task]:
    rows = Task.objects.filter(summons__case__in=scope, summons__case__state__in=RUNNING, state="claimed")
    return rows.filter(summons__department=post.department_id).order_by("due_on", "pk")


def _task_item(_post: Post, row: Task) -> Item:
    return Item(_("完成任务"), row.summons.case, row.text, "task", row.pk, f"#task-{row.pk}")


ENTRY_STEPS: Final[dict[str, tuple[Promise, str]]] = {
    "proposed": (_("认定负面清单"), "decide"),
    "appealed": (_("处理申诉"), "decide_appeal"),
    "confirmed": (_("可以申辩、申诉"), "appeal"),
}


def _entries(post: Post, scope: QuerySet[Case]) -> QuerySet[NegativeEntry]:
    rows = NegativeEntry.objects.filter(summons__case__in=scope).order_by("pk")
    if post.role == Role.COMMITTEE:
        office, whistle = "summons__case__office", "summons__case__whistle__level"
        ours = Q(**{whistle: "township"}) & _seated_above(post, office)
        ours |= Q(**{whistle: "village"}) & _seated_above(post, f"{office}__parent")
        return rows.filter(ours, state__in=["proposed", "appealed"])
    mine = Q(state="confirmed", appeal_until__gt=clock.now(), summons__department=post.department_id)
    return rows.filter(mine)


def _entry_item(_post: Post, row: NegativeEntry) -> Item:
    what, duty = ENTRY_STEPS[row.state]
    return Item(what, row.summons.case, row.summons.department.name, duty, row.pk, f"#entry-{row.pk}")


@dataclass(frozen=True, slots=True)
class Finder:
    """One kind of thing that waits: which rows a post has of it among the cases in its scope, and each as an item."""

    rows: Callable[[Post, QuerySet[Case]], QuerySet[Any]]
    item: Callable[[Post, Any], Item]
    related: tuple[str, ...]  # what an item reads beside its row


WHISTLES: Final = Finder(_whistles, _whistle_item, ("office",))
SUMMONSES: Final = Finder(_summonses, _summons_item, ("case__office", "department"))
TASKS: Final = Finder(_tasks, _task_item, ("summons__case__office",))
ENTRIES: Final = Finder(_entries, _entry_item, ("summons__case__office", "summons__department"))
WAITS: Final = {
    Role.TOWNSHIP_SECRETARY: (WHISTLES,),
    Role.COMMITTEE: (SUMMONSES, WHISTLES, ENTRIES),
    Role.TOWNSHIP_CENTRE: (SUMMONSES, WHISTLES),
    Role.VILLAGE_CENTRE: (SUMMONSES, WHISTLES),
    Role.DEPARTMENT_OFFICER: (SUMMONSES, TASKS, ENTRIES),
}


def _found(post: Post) -> Iterator[tuple[Finder, QuerySet[Any]]]:
    """What waits for a post, the arrivals first; nothing for a role that has no part in whistles."""
    finders = WAITS.get(Role(post.role), ())
    scope = Case.objects.in_scope_of_post(post) if finders else Case.objects.none()
    for finder in finders:
        yield finder, finder.rows(post, scope)


def items(post: Post) -> list[Item]:
    """Everything that waits for a post."""
    return [
        finder.item(post, row)
        for finder, rows in _found(post)
        for row in rows.select_related(*finder.related)[:MOST_SHOWN]
    ]


def waiting(post: Post) -> list[Waiting]:
    """The same with the clocks."""
    found = items(post)
    open_duties = Deadline.objects.filter(
        case__in={item.case.pk for item in found}, met_at=None, cancelled_at=None
    )
    clocks = {(row.case_id, row.duty, row.item): row for row in open_duties}
    return [Waiting(item, clocks.get((item.case.pk, item.duty, item.row))) for item in found]


def waiting_count(post: Post | None) -> int | None:
    """How much waits, for the navigation of every page; None where nothing does."""
    if post is None:
        return None
    return sum(rows.order_by()[:MOST_SHOWN].count() for _finder, rows in _found(post)) or None
