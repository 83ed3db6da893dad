"""What waits for a post: the buckets of its queue, each one condition on incidents that lists and counts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, STAFF_ROLES, Role
from cases import policies, verbs
from cases.models import Case, CaseEvent, CaseLink, Deadline, LinkKind, Part, PartKind, Supervision
from grids.models import Division
from incidents.models import Extension, ExtensionState, Incident
from incidents.workflow import APPOINTMENTS

WORKING: Final = ("assigned", "investigating")


def open_duties(prefix: str = "") -> Q:
    """Duties neither done nor fallen away; a suspension's end is an appointment, not a duty."""
    return Q((f"{prefix}met_at", None), (f"{prefix}cancelled_at", None)) & ~Q(
        (f"{prefix}duty__in", APPOINTMENTS)
    )


class Stand:
    """Where a queue is looked at from: a post and an instant. What all conditions need of it is read once."""

    def __init__(self, post: Post, now: datetime) -> None:
        self.post, self.now = post, now

    @cached_property
    def seats(self) -> list[int]:
        """The division whose office the post is, with those that were merged into it (ids)."""
        division = self.post.division
        if division is None:
            return []
        merged = Division.objects.within(division).filter(level=division.level)
        return list(merged.values_list("pk", flat=True))

    def office_q(self, department: str, division: str) -> Q:
        """Rows that name the post's office in one of two columns; none for a post that is no office's staff."""
        if self.post.role not in STAFF_ROLES:
            return Q(pk__in=[])
        if self.post.department_id is not None:
            return Q((department, self.post.department_id))
        return Q((f"{division}__in", self.seats))


def in_charge(stand: Stand) -> Q:
    """Incidents that the post's centre is in charge of."""
    if stand.post.role not in CENTRE_ROLES:
        return Q(pk__in=[])
    return Q(case__office__in=stand.seats)


def holding(stand: Stand, *kinds: str) -> Q:
    """Incidents in which the post's office holds an open part of these kinds."""
    parts = Part.objects.filter(stand.office_q("department", "division"), kind__in=kinds, ended_at=None)
    return Q(case__in=parts.values("case"))


def _handled(stand: Stand) -> Q:
    """Incidents that the person or the office handled, or a part of which: others verify and archive them.

    Two levels of parts are looked at, which a list can afford; the move itself looks at all (`policies.handlers_of`).
    """
    office = stand.office_q("post__department", "post__division")
    entries = CaseEvent.objects.filter(
        office | Q(actor=stand.post.user_id), verb__in=verbs.handling_codes(), post__isnull=False
    ).values("case")
    wholes = CaseLink.objects.filter(kind__in=policies.PART_OF, source__in=entries).values("target")
    above = CaseLink.objects.filter(kind__in=policies.PART_OF, source__in=wholes).values("target")
    tasks = CaseLink.objects.filter(kind=LinkKind.SPLIT, target__in=entries).values("source")
    return Q(case__in=entries) | Q(case__in=wholes) | Q(case__in=above) | Q(case__in=tasks)


def overdue_duties(now: datetime) -> QuerySet[Deadline]:
    """Duties whose time is over and that are still owed. A stopped clock is not overdue, what was missed before is."""
    running = Q(paused_at=None, due_at__lt=now) | Q(missed_at__isnull=False)
    return Deadline.objects.filter(open_duties(), running)


def _own_overdue(stand: Stand) -> Q:
    own = overdue_duties(stand.now).filter(stand.office_q("holder_department", "holder_division"))
    return Q(case__in=own.values("case"))


def _any_overdue(stand: Stand) -> Q:
    return Q(case__in=overdue_duties(stand.now).values("case"))


def _state(*states: str) -> Q:
    return Q(case__state__in=states)


def _to_verify(stand: Stand) -> Q:
    mine = in_charge(stand)
    if stand.post.role == Role.GRID_WORKER:
        mine = Q(case__place__in=stand.seats)
    return _state("fed_back") & mine & ~_handled(stand)


def _to_archive(stand: Stand) -> Q:
    post = stand.post
    if post.role == Role.COMMITTEE:
        # What the topmost centre handled itself: above it there is nobody else.
        own = Case.objects.filter(office=post.division, state="verified")
        handled = CaseEvent.objects.filter(verb__in=verbs.handling_codes(), post__division=post.division)
        return Q(case__in=own) & Q(case__in=handled.values("case"))
    return _state("verified") & in_charge(stand) & ~_handled(stand)


def _extensions(stand: Stand) -> Q:
    pending = Extension.objects.filter(
        state=ExtensionState.PENDING, deadline__met_at=None, deadline__cancelled_at=None
    )
    return Q(case__in=pending.values("deadline__case")) & in_charge(stand)


def _returned(stand: Stand) -> Q:
    """Sent back by a verifier and now with the post's office again."""
    reworked = CaseEvent.objects.filter(verb="incident.reworked")
    return _state(*WORKING) & holding(stand, PartKind.HANDLER) & Q(case__in=reworked.values("case"))


Condition = Callable[[Stand], Q]


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
    Bucket("file", _("待立案"), lambda stand: _state("reported") & in_charge(stand), _CENTRES),
    Bucket("assign", _("待指派"), lambda stand: _state("filed") & in_charge(stand), _CENTRES),
    Bucket("extension", _("待批延期"), _extensions, _CENTRES, "soon"),
    Bucket("rework", _("返工"), _returned, _HANDLERS, "soon", waits=False),
    Bucket(
        "accept",
        _("待签收"),
        lambda stand: _state("assigned") & holding(stand, PartKind.HANDLER),
        _HANDLERS,
    ),
    Bucket(
        "handle",
        _("办理中"),
        lambda stand: _state("investigating") & holding(stand, PartKind.HANDLER),
        _HANDLERS,
    ),
    Bucket("verify", _("待核查"), _to_verify, _CENTRES | {Role.GRID_WORKER}),
    Bucket("archive", _("待归档"), _to_archive, _CENTRES | {Role.COMMITTEE}),
    Bucket(
        "help",
        _("协办"),
        lambda stand: _state(*WORKING) & holding(stand, PartKind.CO_HANDLER),
        frozenset({Role.DEPARTMENT_OFFICER}),
    ),
    Bucket(
        "supervised",
        _("督办中"),
        lambda stand: Q(case__closed_at=None) & ~Q(case__supervision=Supervision.NONE),
        _WATCHERS,
    ),
    Bucket(
        "urgent", _("加急"), lambda stand: Q(case__closed_at=None, case__urgent=True), _WATCHERS, "soon"
    ),
    Bucket(
        "suspended",
        _("已挂起"),
        lambda stand: _state("suspended") & (in_charge(stand) | holding(stand, PartKind.HANDLER)),
        _HANDLERS,
        waits=False,
    ),
)  # fmt: skip


def buckets_of(post: Post) -> list[Bucket]:
    """The heaps that a post has, in the order shown."""
    return [bucket for bucket in BUCKETS if post.role in bucket.roles]


def waiting(stand: Stand) -> Q:
    """Everything that waits for this post's office to do something."""
    found = Q(pk__in=[])
    for bucket in buckets_of(stand.post):
        if bucket.waits:
            found |= bucket.condition(stand)
    return found


def condition_of(stand: Stand, code: str) -> Q:
    """The condition of one heap; of everything that waits for the post when it has no heap of that name."""
    for bucket in buckets_of(stand.post):
        if bucket.code == code:
            return bucket.condition(stand)
    return waiting(stand)


def counts(found: QuerySet[Incident], stand: Stand) -> dict[str, int]:
    """How many lie in each heap and, under "", how many wait in all; one query however many heaps."""
    conditions = {bucket.code: bucket.condition(stand) for bucket in buckets_of(stand.post)}
    named = {f"n_{code}": Count("pk", filter=condition) for code, condition in conditions.items()}
    every = found.aggregate(n_=Count("pk", filter=waiting(stand)), **named)
    return {name.removeprefix("n_"): number for name, number in every.items()}
