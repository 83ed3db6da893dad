"""Photos and documents of a case."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.models.case import Case
from cases.models.record import CaseEvent
from cases.querysets import DISPUTES


class Stage(models.TextChoices):
    """What a picture shows: the matter before or after it was handled, or something else."""

    BEFORE = "before", _("处置前")
    AFTER = "after", _("处置后")
    OTHER = "other", _("其他")


class Attachment(models.Model):
    """A checked file under a random name outside the web root; only `cases.attachments` writes it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    event = models.ForeignKey(CaseEvent, models.PROTECT, related_name="attachments")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.OTHER)
    inner = models.BooleanField(default=False)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="attachment_picture_has_size",
                condition=Q(width__isnull=True, height__isnull=True)
                | Q(width__isnull=False, height__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asks_why(self) -> bool:
        """Whether it opens for a reason alone: the scans of a dispute show who the parties are."""
        return self.case.kind == DISPUTES

    @property
    def is_drawn(self) -> bool:
        """Whether pages show it in small."""
        return self.is_picture and not self.asks_why

    @property
    def is_picture(self) -> bool:
        return self.width is not None
