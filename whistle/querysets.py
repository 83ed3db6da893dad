"""How whistles, summonses and negative entries are read: always by what the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from cases.models import Case, Deadline

if TYPE_CHECKING:
    from whistle.models import NegativeEntry, Summons, Task, Whistle  # noqa: F401 - named in strings

RUNNING = ("sounded", "consulting", "working")

# How a department answered: each summons is exactly one of these. The figures count by them, the ledger filters by them.
ANSWERS: Final = {
    "on_time": Q(outcome="on_time"),
    "late": Q(outcome="late"),
    "absent": Q(outcome="absent"),
    "pending": Q(outcome="") & ~Q(state="cancelled"),
    "cancelled": Q(outcome="", state="cancelled"),
}


class WhistleQuerySet(models.QuerySet["Whistle"]):
    def visible_to(self, user: User) -> Self:
        """Whistles that the person may see (see `Case.objects.visible_to`)."""
        return self.among(Case.objects.visible_to(user))

    def among(self, cases: QuerySet[Case]) -> Self:
        """The whistles of these cases."""
        return self.filter(case__in=cases.values("pk"))

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

    def of_year(self, year: int) -> Self:
        """Called by whistles that were sounded in a year: one added later counts where the whistle does."""
        return self.filter(summoned_at__isnull=False, case__whistle__sounded_at__year=year)

    def answered(self, how: str) -> Self:
        """Departments that were called and answered so (a name of ANSWERS)."""
        return self.filter(ANSWERS[how], summoned_at__isnull=False)

    def with_people(self) -> Self:
        """Department, person and deputy in the same query."""
        return self.select_related("department", "person__user", "deputy__user", "arrived_by__user")

    def present(self) -> Self:
        """Departments whose arrival the whistling office confirmed, and which were not released."""
        return self.filter(state="confirmed")


SummonsManager = models.Manager.from_queryset(SummonsQuerySet)


class TaskQuerySet(models.QuerySet["Task"]):
    def kept(self) -> Self:
        """Claimed and not dropped."""
        return self.exclude(state="dropped")

    def done_on_time(self) -> Self:
        """Done before their date ended, first dates counted: an overdue task that got a later date is late."""
        missed = Deadline.objects.filter(
            case__kind="whistle", duty="task", item=OuterRef("pk"), missed_at__isnull=False
        )
        return self.filter(~Exists(missed), state="done")


TaskManager = models.Manager.from_queryset(TaskQuerySet)


class NegativeEntryQuerySet(models.QuerySet["NegativeEntry"]):
    def visible_to(self, user: User) -> Self:
        """Entries of the whistles that the person may see."""
        return self.among(Case.objects.visible_to(user))

    def among(self, cases: QuerySet[Case]) -> Self:
        """The entries of the whistles of these cases."""
        return self.filter(summons__case__in=cases.values("pk"))

    def with_whistle(self) -> Self:
        return self.select_related("summons__case__place", "summons__department", "confirmed_by__user")

    def of_year(self, year: int) -> Self:
        """Entries of whistles that were sounded in a year."""
        return self.filter(summons__case__whistle__sounded_at__year=year)

    def standing(self) -> Self:
        """Confirmed entries that count in the year's assessment: not dismissed, withdrawn, revoked or lifted."""
        return self.filter(state__in=STANDING)


STANDING = ("confirmed", "appealed", "upheld")
NegativeEntryManager = models.Manager.from_queryset(NegativeEntryQuerySet)
