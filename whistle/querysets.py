"""How whistles, summonses and negative entries are read: always by what the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.models import User
from cases.models import Case

if TYPE_CHECKING:
    from whistle.models import NegativeEntry, Summons, Whistle  # noqa: F401 - named in strings

RUNNING = ("sounded", "consulting", "working")


class WhistleQuerySet(models.QuerySet["Whistle"]):
    def visible_to(self, user: User) -> Self:
        """Whistles that the person may see (see `Case.objects.visible_to`)."""
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))

    def with_case(self) -> Self:
        return self.select_related("case__place__parent", "case__office")

    def running(self) -> Self:
        """Sounded and neither resolved, struck off nor stood down."""
        return self.filter(case__state__in=RUNNING)


WhistleManager = models.Manager.from_queryset(WhistleQuerySet)


class SummonsQuerySet(models.QuerySet["Summons"]):
    def visible_to(self, user: User) -> Self:
        """The summonses of the whistles that the person may see."""
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))

    def with_people(self) -> Self:
        """Department, person and deputy in the same query."""
        return self.select_related("department", "person__user", "deputy__user", "arrived_by__user")

    def present(self) -> Self:
        """Departments whose arrival the whistling office confirmed, and which were not released."""
        return self.filter(state="confirmed")


SummonsManager = models.Manager.from_queryset(SummonsQuerySet)


class NegativeEntryQuerySet(models.QuerySet["NegativeEntry"]):
    def visible_to(self, user: User) -> Self:
        """Entries of the whistles that the person may see."""
        return self.filter(summons__case__in=Case.objects.visible_to(user).values("pk"))

    def with_whistle(self) -> Self:
        return self.select_related("summons__case__place", "summons__department", "confirmed_by__user")

    def standing(self) -> Self:
        """Confirmed entries that count in the year's assessment: not dismissed, withdrawn, revoked or lifted."""
        return self.filter(state__in=STANDING)


STANDING = ("confirmed", "appealed", "upheld")
NegativeEntryManager = models.Manager.from_queryset(NegativeEntryQuerySet)
