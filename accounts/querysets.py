"""How users, posts, duty rosters and the record of administration are read."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import (
        AdminEvent,  # noqa: F401 - named in a string below
        DutyRosterEntry,  # noqa: F401
        Post,
        User,
    )
    from grids.models import Department


class UserQuerySet(models.QuerySet["User"]):
    def search(self, words: str) -> UserQuerySet:
        """Users whose name, user name or telephone contains every word."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(name__icontains=word) | Q(username__icontains=word) | Q(phone__contains=word)
            )
        return found


class UserManager(BaseUserManager["User"]):
    """Signs nobody up: accounts are made by `services.create_user` alone, so there is no create_superuser."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def search(self, words: str) -> UserQuerySet:
        """See UserQuerySet.search."""
        return self.get_queryset().search(words)

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of a user name, however its letters are cased."""
        return self.get(username=(username or "").strip().lower())


class PostQuerySet(models.QuerySet["Post"]):
    def held_on(self, day: date) -> PostQuerySet:
        """Posts that give rights on this day: begun, not ended (the last day counts), the account active."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day, user__is_active=True
        )

    def ending_after(self, day: date) -> PostQuerySet:
        """Posts held on this day or that begin later."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)).exclude(
            ends_on__lt=models.F("starts_on")
        )

    def with_places(self) -> PostQuerySet:
        """Everything that `Post.label` reads, in the same query."""
        return self.select_related("user", "division__parent", "department__division")


PostManager = models.Manager.from_queryset(PostQuerySet)


def posts_of(user: User, day: date) -> list[Post]:
    """The posts a user holds on a day, the oldest first, with their places."""
    return list(user.posts.held_on(day).with_places().order_by("starts_on", "id"))


class DutyRosterQuerySet(models.QuerySet["DutyRosterEntry"]):
    def at(self, instant: datetime) -> DutyRosterQuerySet:
        """Who is on duty at this instant, in any department."""
        return self.filter(starts_at__lte=instant, ends_at__gt=instant)

    def of(self, department: Department) -> DutyRosterQuerySet:
        """One department's roster, with the persons."""
        return self.filter(department=department).select_related("person__user", "deputy__user")

    def overlapping(self, department: Department, start: datetime, end: datetime) -> DutyRosterQuerySet:
        """One department's entries that share an instant with [start, end)."""
        return self.filter(department=department, starts_at__lt=end, ends_at__gt=start)


DutyRosterManager = models.Manager.from_queryset(DutyRosterQuerySet)


class AdminEventQuerySet(models.QuerySet["AdminEvent"]):
    def listed(self) -> AdminEventQuerySet:
        """Newest first, with the names and places that a list shows."""
        return self.select_related(
            "actor", "user", "post__user", "post__division__parent", "post__department"
        ).order_by("-seq")


AdminEventManager = models.Manager.from_queryset(AdminEventQuerySet)
