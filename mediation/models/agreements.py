"""What was agreed and what follows from it; how disputes end without."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Post
from cases.models import Case
from mediation import choices as c
from mediation.models.attempts import Attempt
from mediation.models.columns import known, money
from mediation.models.dispute import Docket
from mediation.models.people import Party


class Agreement(models.Model):
    """What the parties agreed (人民调解法, articles 28 to 30): facts and issues, duties, content, manner and term.

    A written one takes effect when all parties and the mediator have signed and the seal is on it; an oral one when it
    was agreed and recorded.
    """

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="agreement")
    form = models.CharField(max_length=8, choices=c.AgreementForm.choices)
    state = models.CharField(max_length=12, default="drafted")
    facts = models.TextField(max_length=4000)
    issues = models.TextField(max_length=2000)
    content = models.TextField(max_length=6000)
    manner = models.CharField(max_length=200)
    term = models.CharField(max_length=200)
    copies = models.PositiveSmallIntegerField(default=3)
    amount = money()
    mediator_signed_on = models.DateField(null=True, blank=True)
    sealed_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            known("agreement_form_known", "form", c.AgreementForm.values),
            known("agreement_state_known", "state", ["drafted", "effective", "void"]),
            models.CheckConstraint(
                name="agreement_effective_has_day",
                condition=Q(state="effective", effective_on__isnull=False)
                | ~Q(state="effective") & Q(effective_on__isnull=True),
            ),
            models.CheckConstraint(
                name="agreement_written_is_signed",
                condition=~Q(state="effective", form="written")
                | Q(mediator_signed_on__isnull=False, sealed_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.form}"

    @property
    def case(self) -> Case:
        return self.attempt.case


class Signature(models.Model):
    """A party, or who may sign for it, signed on a day."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    signed_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="signature_once", fields=["agreement", "party"])]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.party_id}"


class Promise(models.Model):
    """One promise of an agreement, to be kept by the end of a day. `amount` in yuan; empty when it is not money."""

    TABLE: ClassVar[str] = "promise"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="promises")
    party = models.ForeignKey(Party, models.PROTECT, related_name="promises")
    what = models.CharField(max_length=300)
    amount = money()
    due_on = models.DateField()
    state = models.CharField(max_length=12, default="open")
    settled_on = models.DateField(null=True, blank=True)
    advice = ArrayField(models.CharField(max_length=12), default=list, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            known("promise_state_known", "state", ["open", "kept", "broken", "void"]),
            models.CheckConstraint(
                name="promise_settled_has_day",
                condition=Q(state__in=["open", "void"], settled_on__isnull=True)
                | Q(state__in=["kept", "broken"], settled_on__isnull=False),
            ),
            models.CheckConstraint(
                name="promise_broken_has_advice", condition=~Q(state="broken") | ~Q(advice=[])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.due_on}"

    @property
    def case(self) -> Case:
        return self.agreement.case


class Confirmation(models.Model):
    """Judicial confirmation (司法确认): asked for together within 30 days of effect (人民调解法, article 33)."""

    TABLE: ClassVar[str] = "confirmation"

    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="confirmation")
    state = models.CharField(max_length=12, default="applied")
    court = models.CharField(max_length=80)
    applied_on = models.DateField()
    accepted_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    ruling = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            known(
                "confirmation_state_known",
                "state",
                ["applied", "accepted", "confirmed", "rejected", "dropped"],
            ),
            models.CheckConstraint(
                name="confirmation_decided_has_day",
                condition=~Q(state__in=["confirmed", "rejected"]) | Q(decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state}"

    @property
    def case(self) -> Case:
        return self.agreement.case


class RoutesNotice(models.Model):
    """The parties were told where else they may turn (article 26). Every dispute without agreement ends with one.

    `reason`: why it ended, as the parties read it.
    """

    case = models.OneToOneField(Case, models.PROTECT, related_name="routes_notice")
    docket = models.ForeignKey(Docket, models.PROTECT, related_name="+")
    routes = ArrayField(models.CharField(max_length=16))
    manner = models.CharField(max_length=12, choices=c.Manner.choices)
    given_on = models.DateField()
    reason = models.TextField(max_length=2000, blank=True)
    refused_by = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="routes_notice_names_one", condition=~Q(routes=[])),
            known("routes_notice_manner_known", "manner", c.Manner.values),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.given_on}"


class Visit(models.Model):
    """A return visit (回访): whether the agreement was kept, and whether the parties are content."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    on = models.DateField()
    manner = models.CharField(max_length=12, choices=c.Manner.choices)
    performed = models.BooleanField()
    satisfaction = models.CharField(max_length=12, choices=c.Satisfaction.choices)
    words = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            known("visit_manner_known", "manner", c.Manner.values),
            known("visit_satisfaction_known", "satisfaction", c.Satisfaction.values),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.on}"


def last_day_to_confirm(effective_on: date) -> date:
    """The last day on which confirmation may be asked for: the 30th after effect (人民调解法, article 33)."""
    return date.fromordinal(effective_on.toordinal() + 30)
