"""Meetings, who is invited, and the calendar of a phone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Post
from cases.models import Case
from mediation import choices as c
from mediation.models.attempts import Attempt
from mediation.models.columns import known
from mediation.models.committees import Expert
from mediation.models.dispute import Docket
from mediation.models.people import Party


class Session(models.Model):
    """A meeting: of the parties (调解会), or of offices called together (联合会商). `minutes`: how long it is planned.

    `record`: what was said, for those who handle the dispute alone. `draft`: what is being written down while people
    talk (`mediation.minutes`), empty once the meeting is recorded.
    """

    TABLE: ClassVar[str] = "session"

    case = models.ForeignKey(Case, models.PROTECT, related_name="sessions")
    docket = models.ForeignKey(Docket, models.PROTECT, related_name="sessions")
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, blank=True, related_name="sessions")
    kind = models.CharField(max_length=16, choices=c.SessionKind.choices)
    state = models.CharField(max_length=12, default="planned")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(max_length=120)
    public = models.BooleanField(default=False)
    matter = models.CharField(max_length=200, blank=True)
    held_from = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    record = models.TextField(max_length=20000, blank=True)
    draft = models.JSONField(default=dict, blank=True)
    outcome = models.CharField(max_length=12, choices=c.SessionOutcome.choices, default="", blank=True)
    planned_by = models.ForeignKey(Post, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["starts_at"], name="session_starts")]
        constraints = [
            known("session_kind_known", "kind", c.SessionKind.values),
            known("session_state_known", "state", ["planned", "held", "cancelled"]),
            models.CheckConstraint(
                name="session_held_has_outcome", condition=~Q(state="held") | ~Q(outcome="")
            ),
            models.CheckConstraint(
                name="session_draft_while_planned", condition=Q(state="planned") | Q(draft={})
            ),
            models.CheckConstraint(
                name="session_mediation_has_attempt",
                condition=~Q(kind="mediation") | Q(attempt__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """Somebody invited to a session: a party, a mediator or another post, an expert, or a person named with an office.

    `told_at`: when they were told, and how. `present`: whether they came; empty until the session was held.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="invitations")
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")
    named = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    manner = models.CharField(max_length=12, choices=c.Manner.choices, blank=True)
    present = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="invitation_one_guest",
                condition=Q(party__isnull=False, post__isnull=True, expert__isnull=True, named="")
                | Q(party__isnull=True, post__isnull=False, expert__isnull=True, named="")
                | Q(party__isnull=True, post__isnull=True, expert__isnull=False, named="")
                | (Q(party__isnull=True, post__isnull=True, expert__isnull=True) & ~Q(named="")),
            ),
            models.UniqueConstraint(
                name="invitation_once",
                fields=["session", "party", "post", "expert", "named"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.named}"


class CalendarFeed(models.Model):
    """The secret address of a mediator's calendar of sessions; only the digest of its secret is kept."""

    post = models.OneToOneField(Post, models.PROTECT, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.post_id} {self.created_at:%Y-%m-%d}"
