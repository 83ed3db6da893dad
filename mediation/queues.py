"""What waits for a post in disputes: to accept, to mediate, sessions, promises, looks, subsidies. One list for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases.models import Case, Deadline
from cases.recusals import recused_q
from grids import clock
from mediation.models import Promise, Session, Subsidy

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, and by which duty of which row it is owed."""

    what: str | Words
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


# What is to be done with a dispute in a state, and which duty of it runs.
STEPS: Final[dict[str, tuple[Words, str]]] = {
    "registered": (_("决定是否受理"), "accept"),
    "passing": (_("受理下级报送"), "accept_up"),
    "accepted": (_("安排调解"), "mediate"),
    "mediating": (_("调解"), "mediate"),
    "agreed": (_("签字生效"), "mediate"),
    "performing": (_("跟踪履行、回访"), "visit"),
}


def _disputes(post: Post, scope: QuerySet[Case]) -> Iterator[Item]:
    ours = scope.filter(kind="mediation", office=post.division, closed_at__isnull=True)
    # Named mediators have it; before anybody is named it is everybody's.
    named = Q(dockets__left_at__isnull=True, dockets__assignments__until__isnull=True)
    mine = ours.filter(named, dockets__assignments__post__user=post.user) | ours.exclude(
        pk__in=ours.filter(named, dockets__assignments__isnull=False).values("pk")
    )
    for case in mine.distinct().select_related("mediation").order_by("pk")[:MOST_SHOWN]:
        what, duty = STEPS[case.state]
        yield Item(what, case, str(case.mediation.get_kind_display()), duty)


def _sessions(post: Post, scope: QuerySet[Case]) -> Iterator[Item]:
    rows = Session.objects.filter(case__in=scope, case__office=post.division, state="planned")
    for row in rows.select_related("case").order_by("starts_at", "pk")[:MOST_SHOWN]:
        over = row.starts_at <= clock.now()
        what = _("补记会议") if over else _("参加会议")
        yield Item(what, row.case, row.place, "session", row.pk, f"#session-{row.pk}")


def _promises(post: Post, scope: QuerySet[Case]) -> Iterator[Item]:
    rows = Promise.objects.filter(
        state="open", agreement__attempt__docket__case__in=scope, agreement__state="effective",
        agreement__attempt__docket__case__office=post.division, due_on__lte=clock.today(),
    )  # fmt: skip
    for row in rows.select_related("agreement__attempt__docket__case").order_by("due_on", "pk")[:MOST_SHOWN]:
        yield Item(_("核实履行"), row.case, row.what, "follow_up", row.pk, f"#promise-{row.pk}")


def _looks(post: Post, scope: QuerySet[Case]) -> Iterator[Item]:
    rows = scope.filter(kind="mediation", office=post.division, closed_at__isnull=True)
    due = rows.filter(mediation__look_on__lte=clock.today())
    for case in due.select_related("mediation").order_by("mediation__look_on", "pk")[:MOST_SHOWN]:
        yield Item(_("定级复看"), case, str(case.mediation.get_colour_display()), "look")


def _subsidies(post: Post, scope: QuerySet[Case]) -> Iterator[Item]:
    rows = Subsidy.objects.filter(case__in=scope, state__in=["claimed", "approved"]).exclude(
        Q(claimed_by__user=post.user) | Q(payee__user=post.user)
    )
    for row in rows.select_related("case", "payee__user").order_by("pk")[:MOST_SHOWN]:
        what = _("审批案补") if row.state == "claimed" else _("发放案补")
        yield Item(what, row.case, f"{row.payee.user.name} {row.amount}", "subsidy", 0, "#subsidy")


WAITS: Final = {
    Role.MEDIATOR: (_sessions, _promises, _disputes, _looks),
    Role.CENTRE: (_subsidies,),
}


def items(post: Post) -> list[Item]:
    """Everything that waits for a post; nothing for a role that only watches."""
    finders = WAITS.get(Role(post.role), ())
    if not finders:
        return []
    scope = Case.objects.in_scope_of_post(post).exclude(recused_q(post.user))
    return [item for find in finders for item in find(post, scope)]


def waiting(post: Post) -> list[Waiting]:
    """The same with the clocks."""
    found = items(post)
    duties = Deadline.objects.filter(
        case__in={item.case.pk for item in found}, met_at=None, cancelled_at=None
    )
    clocks = {(row.case_id, row.duty, row.item): row for row in duties}
    return [Waiting(item, clocks.get((item.case.pk, item.duty, item.row))) for item in found]


def waiting_count(post: Post | None) -> int | None:
    """How much waits, for the navigation; None where nothing does."""
    return len(items(post)) or None if post is not None else None
