"""What the administrators' lists show: narrowed by what was chosen in a filter form, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import AdminEvent, DutyRosterEntry, Post, User
from accounts.querysets import PostQuerySet
from accounts.roles import CENTRE_ROLES, Role
from grids.clock import SHANGHAI
from grids.models import Department, Division

SignIn = apps.get_model("axes", "AccessLog", require_ready=False)
FailedSignIn = apps.get_model("axes", "AccessFailureLog", require_ready=False)
ROSTER_READERS = CENTRE_ROLES | {Role.COMMITTEE, Role.SYSTEM_ADMIN}
ENDING_SOON = timedelta(days=30)


def at_place(posts: PostQuerySet, words: str) -> PostQuerySet:
    """Posts in divisions or departments whose name matches the words."""
    divisions = Division.objects.matching(words).values("pk")
    departments = Department.objects.filter(name__icontains=words).values("pk")
    return posts.filter(
        Q(division__in=divisions) | Q(department__in=departments) | Q(department__division__in=divisions)
    )


def people(chosen: Mapping[str, Any], day: date) -> QuerySet[User]:
    """Accounts by user name; each has `held`, the posts of the day. Keys of `chosen`: q, role, place, state."""
    held_today = Post.objects.held_on(day)
    found = User.objects.search(chosen.get("q") or "")
    posts = held_today
    if chosen.get("role"):
        posts = posts.filter(role=chosen["role"])
    if chosen.get("place"):
        posts = at_place(posts, chosen["place"])
    if chosen.get("role") or chosen.get("place"):
        found = found.filter(Exists(posts.filter(user=OuterRef("pk"))))
    if chosen.get("state") == "none":
        found = found.filter(~Exists(held_today.filter(user=OuterRef("pk"))), is_active=True)
    elif chosen.get("state") == "stopped":
        found = found.filter(is_active=False)
    elif chosen.get("state") == "waiting":
        found = found.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX, is_active=True)
    held = Prefetch("posts", held_today.with_places().order_by("starts_on", "pk"), to_attr="held")
    return found.prefetch_related(held).order_by("username")


def posts(chosen: Mapping[str, Any], day: date) -> PostQuerySet:
    """Posts by place. Keys of `chosen`: q, role, place, state ("" means held today)."""
    found = Post.objects.with_places().order_by("division__code", "department", "role", "pk")
    for word in (chosen.get("q") or "").split():
        found = found.filter(Q(user__name__icontains=word) | Q(user__username__icontains=word))
    if chosen.get("role"):
        found = found.filter(role=chosen["role"])
    if chosen.get("place"):
        found = at_place(found, chosen["place"])
    return in_state(found, chosen.get("state") or "", day)


def in_state(posts: PostQuerySet, state: str, day: date) -> PostQuerySet:
    if state == "ended":
        return posts.filter(ends_on__lt=day).order_by("-ends_on", "pk")
    if state == "coming":
        return posts.ending_after(day).filter(starts_on__gt=day)
    if state == "acting":
        return posts.ending_after(day).filter(acting_for__isnull=False)
    if state == "ending":
        return posts.held_on(day).filter(ends_on__lte=day + ENDING_SOON).order_by("ends_on", "pk")
    return posts.held_on(day)


def audit(chosen: Mapping[str, Any]) -> QuerySet[AdminEvent]:
    """The record of administration, newest first. Keys of `chosen`: action, q, since, until (days, both counted)."""
    found = AdminEvent.objects.listed()
    if chosen.get("action"):
        found = found.filter(action=chosen["action"])
    for word in (chosen.get("q") or "").split():
        named = Q()
        for who in ("actor", "user"):
            named |= Q(**{f"{who}__name__icontains": word}) | Q(**{f"{who}__username__icontains": word})
        found = found.filter(named)
    if chosen.get("since"):
        found = found.filter(at__gte=midnight(chosen["since"]))
    if chosen.get("until"):
        found = found.filter(at__lt=midnight(chosen["until"] + timedelta(days=1)))
    return found


def sign_ins(chosen: Mapping[str, Any]) -> QuerySet[Any]:
    """Attempts to sign in as django-axes keeps them, newest first. Keys of `chosen`: q, show ("failed" or "")."""
    found = (FailedSignIn if chosen.get("show") == "failed" else SignIn)._default_manager.all()
    if chosen.get("q"):
        found = found.filter(username__icontains=chosen["q"])
    newest: QuerySet[Any] = found.order_by("-attempt_time", "-pk")
    return newest


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def departments_seen_by(posts: list[Post], day: date) -> QuerySet[Department]:
    """Departments whose duty roster the holder of these posts may read.

    An officer reads the own department's; a centre, the committee and the system administrator, who must reach
    departments by telephone, read all.
    """
    departments = Department.objects.valid_on(day).select_related("division")
    if any(post.role in ROSTER_READERS for post in posts):
        return departments
    return departments.filter(pk__in=[post.department_id for post in posts if post.department_id])


def with_duty(departments: QuerySet[Department], instant: datetime) -> list[Department]:
    """The departments, each with `on_duty`: the entries of this instant (at most one)."""
    entries = DutyRosterEntry.objects.at(instant).select_related("person__user", "deputy__user")
    return list(departments.prefetch_related(Prefetch("duty_roster", entries, to_attr="on_duty")))
