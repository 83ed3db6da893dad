"""Attempts to mediate, and who agreed to each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models import Case
from mediation import choices as c
from mediation.models.columns import known
from mediation.models.dispute import Docket
from mediation.models.people import Party


class Attempt(models.Model):
    """One attempt to mediate: at most three a tier. It begins when every party has agreed to it (article 17)."""

    TABLE: ClassVar[str] = "attempt"

    docket = models.ForeignKey(Docket, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, default="seeking")
    proposed_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            known("attempt_state_known", "state", ["seeking", "running", "failed", "agreed", "stopped"]),
            models.UniqueConstraint(name="attempt_number_once", fields=["docket", "number"]),
            models.CheckConstraint(name="attempt_three_a_tier", condition=Q(number__range=(1, 3))),
        ]

    def __str__(self) -> str:
        return f"{self.docket_id} #{self.number}"

    @property
    def case(self) -> Case:
        found: Case = self.docket.case
        return found


class Consent(models.Model):
    """A party agreed to an attempt: on which day, and how it said so."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="consents")
    party = models.ForeignKey(Party, models.PROTECT, related_name="consents")
    agreed_on = models.DateField()
    manner = models.CharField(max_length=12, choices=c.Manner.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="consent_once", fields=["attempt", "party"]),
            known("consent_manner_known", "manner", c.Manner.values),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.party_id}"
