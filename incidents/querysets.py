"""Read paths of incidents: scope comes from the case, never written a second time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.models import User
from cases.models import Case

if TYPE_CHECKING:
    from incidents.models import (
        Category,  # noqa: F401 - named in quotes below
        CategoryVersion,  # noqa: F401
        Incident,  # noqa: F401
    )


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

    def large(self) -> Self:
        """Large categories."""
        return self.filter(parent__isnull=True)

    def ever_in_force(self) -> Self:
        """Large categories, and small ones that matters may lie under: in force now or once."""
        agreed = models.Q(versions__state__in=["in_force", "past"])
        return self.filter(models.Q(parent__isnull=True) | agreed).distinct()


class VersionQuerySet(models.QuerySet["CategoryVersion"]):
    """Versions of small categories."""

    def proposed(self) -> Self:
        """What waits for the centre's agreement, the oldest first, with its category and proposer."""
        return (
            self.filter(state="proposed")
            .select_related("category__parent", "proposed_by", "based_on__department_kind", "department_kind")
            .order_by("proposed_at", "pk")
        )

    def told(self) -> Self:
        """With everything that a history shows."""
        return self.select_related(
            "department_kind", "based_on__department_kind", "proposed_by", "decided_by__user",
            "decided_by__division__parent",
        )  # fmt: skip


IncidentManager = models.Manager.from_queryset(IncidentQuerySet)
CategoryManager = models.Manager.from_queryset(CategoryQuerySet)
VersionManager = models.Manager.from_queryset(VersionQuerySet)
