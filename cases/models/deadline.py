"""Duties with an end. The row is the truth; a worker only makes it ring."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from grids.calendars import Allowance, Unit
from grids.models import Department, Division


class Deadline(models.Model):
    """One duty of one office in one case. `due_at` follows from started_at, amount, unit, extra and pauses."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines")
    duty = models.CharField(max_length=16)
    # The sub-row of the case whose duty it is: a summons, a task, a negative entry; 0 is the case itself.
    item = models.BigIntegerField(default=0)
    holder_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="deadlines"
    )
    holder_division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="deadlines"
    )
    started_at = models.DateTimeField()
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])
    extra = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="deadline_open",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(
                fields=["missed_at"],
                name="deadline_overdue",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True, missed_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="deadline_one_holder",
                condition=Q(holder_department__isnull=True, holder_division__isnull=False)
                | Q(holder_department__isnull=False, holder_division__isnull=True),
            ),
            models.UniqueConstraint(
                name="deadline_one_open",
                fields=["case", "duty", "item", "holder_department", "holder_division"],
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="deadline_met_or_cancelled",
                condition=Q(met_at__isnull=True) | Q(cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.duty} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.met_at is None and self.cancelled_at is None

    @property
    def allowance(self) -> Allowance:
        """The time agreed, extensions included, in the duty's own unit."""
        return Allowance(self.amount + self.extra, Unit(self.unit))

    @property
    def holder(self) -> Department | Division:
        """The office that owes the duty: a matter with nobody named is overdue at its office."""
        holder = self.holder_department or self.holder_division
        assert holder is not None  # the CHECK deadline_one_holder
        return holder


class DeadlinePause(models.Model):
    """A span in which the clock stood still (挂起)."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="pauses")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="pause_one_open", fields=["deadline"], condition=Q(until_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} {self.from_at}"


class MarkKind:
    """The names of marks that every duty may have; a duty's own table (cases/marks.py) may name others."""

    REMIND: Final = "remind"
    MISS: Final = "miss"


class MarkOutcome(models.TextChoices):
    """What became of a mark."""

    PENDING = "", _("未到")
    DONE = "done", _("已生效")
    SKIPPED = "skipped", _("已无必要")


class DeadlineMark(models.Model):
    """A point at which a deadline must ring once. `at` is empty while the clock is stopped."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=MarkOutcome.choices, default="", blank=True)
    # A mark whose effect raised is set aside until then, so that one bad row cannot hold up the rest.
    hold_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # With the id: many marks of one instant are picked in order without sorting all of them.
            models.Index(
                fields=["at", "id"], name="mark_due", condition=Q(taken_at__isnull=True, at__isnull=False)
            )
        ]
        constraints = [
            models.UniqueConstraint(name="mark_once", fields=["deadline", "kind"]),
            models.CheckConstraint(
                name="mark_taken_has_outcome",
                condition=Q(taken_at__isnull=True, outcome="") | Q(taken_at__isnull=False) & ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} {self.kind}"
