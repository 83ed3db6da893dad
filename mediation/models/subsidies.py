"""The subsidy of a dispute."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from accounts.models import Post
from cases.models import Case
from mediation.models.columns import known
from mediation.models.committees import Committee

LOWEST: Final = Decimal(50)  # 案补: 50 to 500 yuan a case (潼关, domain rules, section 6)
HIGHEST: Final = Decimal(500)


class Subsidy(models.Model):
    """The subsidy of a dispute (案补): once, for a complete file, approved by somebody else. `amount` in yuan."""

    TABLE: ClassVar[str] = "subsidy"

    case = models.OneToOneField(Case, models.PROTECT, related_name="subsidy")
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="subsidies")
    grade = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    state = models.CharField(max_length=12, default="claimed")
    payee = models.ForeignKey(Post, models.PROTECT, related_name="+")
    claimed_by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "subsidies"
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "decided_at"], name="subsidy_decided")]
        constraints = [
            known("subsidy_state_known", "state", ["claimed", "approved", "refused", "paid"]),
            models.CheckConstraint(name="subsidy_amount_range", condition=Q(amount__range=(LOWEST, HIGHEST))),
            models.CheckConstraint(
                name="subsidy_decided_whole",
                condition=Q(state="claimed") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="subsidy_paid_has_day",
                condition=Q(state="paid", paid_on__isnull=False) | ~Q(state="paid") & Q(paid_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.amount}"
