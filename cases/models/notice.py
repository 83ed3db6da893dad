"""What people are told, what is sent out for it, and the keys that make a repeated press harmless."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from cases.models.case import Case
from cases.models.record import CaseEvent


class Notice(models.Model):
    """One entry of the record, put into one person's inbox."""

    recipient = models.ForeignKey(User, models.PROTECT, related_name="notices")
    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    event = models.ForeignKey(CaseEvent, models.PROTECT, related_name="notices")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["recipient"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(name="notice_once", fields=["recipient", "event"])]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.event_id}"


class Delivery(models.Model):
    """Something to be sent outside: an outbox row, claimed by conditional UPDATE and retried."""

    event = models.ForeignKey(CaseEvent, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=[("email", "email"), ("webhook", "webhook")])
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["next_at"],
                name="delivery_waiting",
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="delivery_once", fields=["event", "recipient", "channel"], nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.event_id}"


class IdempotencyKey(models.Model):
    """The first answer to a press, kept 30 days; scoped to the person."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_once", fields=["user", "key"])]

    def __str__(self) -> str:
        return self.key


class SavedFilter(models.Model):
    """A named set of filters of one person's list; the query string is what a shared link holds too."""

    user = models.ForeignKey(User, models.PROTECT, related_name="saved_filters")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="saved_filter_name", fields=["user", "kind", "name"])]

    def __str__(self) -> str:
        return self.name
