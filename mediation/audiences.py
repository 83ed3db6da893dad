"""Who is told of a dispute's moves: the committee, its mediators, who registered it, who approves a subsidy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from accounts.models import Post, User
from accounts.roles import CENTRE_ROLES, Role
from cases.models import Case, CaseEvent, Deadline
from cases.tables import case_of
from grids import clock
from mediation import routing
from mediation.models import Docket, Invitation, Session


def _held_by(posts: Q) -> set[User]:
    held = Post.objects.held_on(clock.today()).filter(posts, user__is_active=True)
    return {post.user for post in held.select_related("user")}


def committee(thing: Any) -> set[User]:
    """The mediators of the committee that has the dispute, but for those who are out of it (回避)."""
    case = case_of(thing)
    out = set(case.exclusions.values_list("post__user", flat=True))
    return {user for user in _held_by(Q(role=Role.MEDIATOR, division=case.office)) if user.pk not in out}


def mediators(thing: Any) -> set[User]:
    """Who mediates it; nobody named yet: the whole committee."""
    found = {row.post.user for row in routing.assigned(case_of(thing))}
    return found or committee(thing)


def lower(thing: Any) -> set[User]:
    """The committees that had it before."""
    before = Docket.objects.filter(case=case_of(thing), left_at__isnull=False)
    return _held_by(Q(role=Role.MEDIATOR, division__in=before.values("committee__division")))


def approvers(thing: Any) -> set[User]:
    return _held_by(Q(role=Role.CENTRE, division=routing.root_of(case_of(thing).office)))


def registrar(thing: Any) -> set[User]:
    """Who entered it, as long as they hold a post of the centre or the committee there."""
    first = CaseEvent.objects.filter(case=case_of(thing), seq=1).values("actor")
    return _held_by(Q(user__in=first, role__in=[*CENTRE_ROLES, Role.MEDIATOR]))


def guests(thing: Any) -> set[User]:
    """Those invited to a session who have an account."""
    if not isinstance(thing, Session):
        return set()  # a session just planned tells them itself
    invited = Invitation.objects.filter(session=thing, post__isnull=False).values("post")
    return _held_by(Q(pk__in=invited))


ALL: dict[str, Callable[[Any], set[User]]] = {
    "committee": committee,
    "mediators": mediators,
    "lower": lower,
    "approvers": approvers,
    "registrar": registrar,
    "guests": guests,
}


def missed(case: Case, deadline: Deadline) -> set[User]:
    """Of a duty that is over: the mediators, and the centre that watches over the committee."""
    if deadline.duty == "subsidy":
        return approvers(case)
    return mediators(case) | _held_by(Q(role__in=CENTRE_ROLES, division=case.office))


def reminded(case: Case, deadline: Deadline) -> set[User]:
    return approvers(case) if deadline.duty == "subsidy" else mediators(case)
