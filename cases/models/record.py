"""The append-only record, and the erasable words and personal values that stand outside its hash."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Post, User
from cases.models.case import Case


class CaseEvent(models.Model):
    """One entry of a case's record. Written by `cases.events.append` only; the database refuses any change."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, blank=True)
    data = models.JSONField(default=dict)
    inner = models.BooleanField(default=False)
    cause = models.UUIDField()
    text_digest = models.CharField(max_length=64, blank=True, default="")
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["case_id", "seq"]
        indexes = [models.Index(fields=["at", "id"], name="event_at")]
        constraints = [models.UniqueConstraint(name="event_seq", fields=["case", "seq"])]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.verb}"


class EventText(models.Model):
    """The free words of an entry: outside the hash (which holds their salted digest), so they can be erased."""

    event = models.OneToOneField(CaseEvent, models.PROTECT, primary_key=True, related_name="words")
    text = models.TextField(blank=True)
    salt = models.CharField(max_length=32)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.text


class PersonalValue(models.Model):
    """A name, telephone or the like: encrypted, masked by default, erased after its term."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="personal_values")
    field = models.CharField(max_length=32)
    token = models.TextField(blank=True)
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="personal_erased_is_empty",
                condition=Q(erased_at__isnull=True) & ~Q(token="")
                | Q(erased_at__isnull=False, token="", salt=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.field}"
