"""Read paths of incidents: scope comes from the case, never written a second time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.models import User
from cases.models import Case

if TYPE_CHECKING:
    from incidents.models import Category, Incident  # noqa: F401 - named in quotes below


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents of visible cases."""

    def visible_to(self, user: User) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user))

    def with_case(self) -> Self:
        """Everything that a row of a list shows, in one query."""
        return self.select_related(
            "case__place__parent__parent__parent", "case__office", "category__parent", "version"
        )


class CategoryQuerySet(models.QuerySet["Category"]):
    """The catalogue."""

    def leaves(self) -> Self:
        """Small categories in force."""
        return self.filter(parent__isnull=False, current__isnull=False).select_related("current", "parent")


IncidentManager = models.Manager.from_queryset(IncidentQuerySet)
CategoryManager = models.Manager.from_queryset(CategoryQuerySet)
