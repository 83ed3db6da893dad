"""How disputes are read: always by what the person may see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from cases.models import Case, Deadline
from grids import clock
from mediation.choices import TIER_OF
from mediation.workflow import APPOINTMENTS

WEEK = timedelta(days=7)

if TYPE_CHECKING:
    from mediation.models import Mediation  # noqa: F401 - named in strings


class MediationQuerySet(models.QuerySet["Mediation"]):
    def visible_to(self, user: User) -> Self:
        """Disputes that the person may see (see `Case.objects.visible_to`)."""
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))

    def at_tier(self, tier: str) -> Self:
        """Those that a committee of a tier has now, accepted or not."""
        levels = [level for level, found in TIER_OF.items() if found == tier]
        return self.filter(case__office__level__in=levels)

    def overdue(self, at: datetime) -> Self:
        """Those with a duty whose time is over and that is still owed; an appointment is nobody's duty."""
        owed = Deadline.objects.filter(met_at=None, cancelled_at=None).exclude(duty__in=APPOINTMENTS)
        over = Q(missed_at__isnull=False) | Q(paused_at=None, due_at__lt=at)
        return self.filter(case__in=owed.filter(over).values("case"))

    def meeting_soon(self, at: datetime) -> Self:
        """Those with a meeting planned within the seven days to come."""
        soon = Q(case__sessions__state="planned", case__sessions__starts_at__range=(at, at + WEEK))
        return self.filter(pk__in=self.model._default_manager.filter(soon).values("pk"))

    def look_due(self, at: datetime) -> Self:
        """Open ones whose colour should have been looked at again."""
        return self.filter(case__closed_at=None, look_on__lt=clock.local_day(at))

    def with_case(self) -> Self:
        return self.select_related("case__place__parent", "case__office__mediation_committee")


MediationManager = models.Manager.from_queryset(MediationQuerySet)
