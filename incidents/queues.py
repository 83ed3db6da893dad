"""What waits for a post: the buckets of its queue, each one condition on incidents that lists and counts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, STAFF_ROLES, Role
from cases import verbs
from cases.models import Case, CaseEvent, CaseLink, Deadline, LinkKind, Part, PartKind, Supervision
from grids.models import Division
from incidents.models import Extension, ExtensionState, Incident

WORKING: Final = ("assigned", "investigating")
SUSPENSION: Final = "suspension"


def open_duties(prefix: str = "") -> Q:
    """Duties neither done nor fallen away; a suspension's end is an appointment, not a duty."""
    return Q((f"{prefix}met_at", None), (f"{prefix}cancelled_at", None)) & ~Q((f"{prefix}duty", SUSPENSION))


def seats(post: Post) -> QuerySet[Division]:
    """The division whose office a post is, with those that were merged into it."""
    if post.division is None:
        return Division.objects.none()
    return Division.objects.within(post.division).filter(level=post.division.level)


def _office_q(post: Post, department: str, division: str) -> Q:
    """Rows that name the post's office in one of two columns; none for a post that is no office's staff."""
    if post.role not in STAFF_ROLES:
        return Q(pk__in=[])
    if post.department_id is not None:
        return Q((department, post.department_id))
    return Q((f"{division}__in", seats(post)))


def in_charge(post: Post) -> Q:
    """Incidents that the post's centre is in charge of."""
    if post.role not in CENTRE_ROLES:
        return Q(pk__in=[])
    return Q(case__office__in=seats(post))


def holding(post: Post, *kinds: str) -> Q:
    """Incidents in which the post's office holds an open part of these kinds."""
    parts = Part.objects.filter(_office_q(post, "department", "division"), kind__in=kinds, ended_at=None)
    return Q(case__in=parts.values("case"))


def _handled(post: Post) -> Q:
    """Incidents that the person or the office handled, or a task of which: others verify and archive them."""
    office = _office_q(post, "post__department", "post__division")
    entries = CaseEvent.objects.filter(
        office | Q(actor=post.user_id), verb__in=verbs.handling_codes(), post__isnull=False
    ).values("case")
    tasks = CaseLink.objects.filter(kind=LinkKind.SPLIT, source__in=entries)
    return Q(case__in=entries) | Q(case__in=tasks.values("target"))


def overdue_duties(now: datetime) -> QuerySet[Deadline]:
    """Duties whose time is over and that are still owed. A stopped clock is not overdue, what was missed before is."""
    running = Q(paused_at=None, due_at__lt=now) | Q(missed_at__isnull=False)
    return Deadline.objects.filter(open_duties(), running)


def _own_overdue(post: Post, now: datetime) -> Q:
    own = overdue_duties(now).filter(_office_q(post, "holder_department", "holder_division"))
    return Q(case__in=own.values("case"))


def _any_overdue(post: Post, now: datetime) -> Q:
    return Q(case__in=overdue_duties(now).values("case"))


def _state(*states: str) -> Q:
    return Q(case__state__in=states)


def _to_verify(post: Post, now: datetime) -> Q:
    mine = in_charge(post)
    if post.role == Role.GRID_WORKER:
        mine = Q(case__place__in=seats(post))
    return _state("fed_back") & mine & ~_handled(post)


def _to_archive(post: Post, now: datetime) -> Q:
    if post.role == Role.COMMITTEE:
        # What the topmost centre handled itself: above it there is nobody else.
        own = Case.objects.filter(office=post.division, state="verified")
        handled = CaseEvent.objects.filter(verb__in=verbs.handling_codes(), post__division=post.division)
        return Q(case__in=own) & Q(case__in=handled.values("case"))
    return _state("verified") & in_charge(post) & ~_handled(post)


def _extensions(post: Post, now: datetime) -> Q:
    pending = Extension.objects.filter(
        state=ExtensionState.PENDING, deadline__met_at=None, deadline__cancelled_at=None
    )
    return Q(case__in=pending.values("deadline__case")) & in_charge(post)


def _returned(post: Post, now: datetime) -> Q:
    """Sent back by a verifier and now with the post's office again."""
    reworked = CaseEvent.objects.filter(verb="incident.reworked")
    return _state(*WORKING) & holding(post, PartKind.HANDLER) & Q(case__in=reworked.values("case"))


Condition = Callable[[Post, datetime], Q]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One heap of a queue. `look` colours its number when it is not empty; `waits` are those that ask for work now."""

    code: str
    label: Promise
    condition: Condition
    roles: frozenset[Role]
    look: str = ""
    waits: bool = True


_CENTRES: Final = frozenset(CENTRE_ROLES)
_HANDLERS: Final = frozenset(STAFF_ROLES)
_WATCHERS: Final = frozenset({Role.COMMITTEE, Role.TOWNSHIP_SECRETARY})

BUCKETS: Final = (
    Bucket("overdue", _("已超期"), _own_overdue, _HANDLERS, "over", waits=False),
    Bucket("overdue", _("辖区超期"), _any_overdue, _WATCHERS, "over"),
    Bucket("file", _("待立案"), lambda post, now: _state("reported") & in_charge(post), _CENTRES),
    Bucket("assign", _("待指派"), lambda post, now: _state("filed") & in_charge(post), _CENTRES),
    Bucket("extension", _("待批延期"), _extensions, _CENTRES, "soon"),
    Bucket("rework", _("返工"), _returned, _HANDLERS, "soon", waits=False),
    Bucket(
        "accept",
        _("待签收"),
        lambda post, now: _state("assigned") & holding(post, PartKind.HANDLER),
        _HANDLERS,
    ),
    Bucket(
        "handle",
        _("办理中"),
        lambda post, now: _state("investigating") & holding(post, PartKind.HANDLER),
        _HANDLERS,
    ),
    Bucket("verify", _("待核查"), _to_verify, _CENTRES | {Role.GRID_WORKER}),
    Bucket("archive", _("待归档"), _to_archive, _CENTRES | {Role.COMMITTEE}),
    Bucket(
        "help",
        _("协办"),
        lambda post, now: _state(*WORKING) & holding(post, PartKind.CO_HANDLER),
        frozenset({Role.DEPARTMENT_OFFICER}),
    ),
    Bucket(
        "supervised",
        _("督办中"),
        lambda post, now: Q(case__closed_at=None) & ~Q(case__supervision=Supervision.NONE),
        _WATCHERS,
    ),
    Bucket(
        "urgent", _("加急"), lambda post, now: Q(case__closed_at=None, case__urgent=True), _WATCHERS, "soon"
    ),
    Bucket(
        "suspended",
        _("已挂起"),
        lambda post, now: _state("suspended") & (in_charge(post) | holding(post, PartKind.HANDLER)),
        _HANDLERS,
        waits=False,
    ),
)  # fmt: skip


def buckets_of(post: Post) -> list[Bucket]:
    """The heaps that a post has, in the order shown."""
    return [bucket for bucket in BUCKETS if post.role in bucket.roles]


def waiting(post: Post, now: datetime) -> Q:
    """Everything that waits for this post's office to do something."""
    found = Q(pk__in=[])
    for bucket in buckets_of(post):
        if bucket.waits:
            found |= bucket.condition(post, now)
    return found


def condition_of(post: Post, code: str, now: datetime) -> Q:
    """The condition of one heap; of everything that waits for the post when it has no heap of that name."""
    for bucket in buckets_of(post):
        if bucket.code == code:
            return bucket.condition(post, now)
    return waiting(post, now)


def counts(found: QuerySet[Incident], post: Post, now: datetime) -> dict[str, int]:
    """How many lie in each heap and, under "", how many wait in all; one query however many heaps."""
    conditions = {bucket.code: bucket.condition(post, now) for bucket in buckets_of(post)}
    named = {f"n_{code}": Count("pk", filter=condition) for code, condition in conditions.items()}
    every = found.aggregate(n_=Count("pk", filter=waiting(post, now)), **named)
    return {name.removeprefix("n_"): number for name, number in every.items()}
