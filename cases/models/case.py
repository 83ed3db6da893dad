"""A case, who has a part in it, and how cases hang together."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.querysets import CaseManager
from grids.models import Department, Division


class Supervision(models.TextChoices):
    """How hard a higher level presses (督办)."""

    NONE = "", _("未督办")
    ORDINARY = "ordinary", _("普通督办")
    YELLOW = "yellow", _("黄牌督办")
    RED = "red", _("红牌督办")


class Case(models.Model):
    """One matter of any kind. Only `cases.workflow` writes `state`; only `cases.events` writes `last_*`.

    `keep_until`: the last day of the term for which its file is kept (保管期限); nothing is erased before it is over.
    """

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=16)
    resume_state = models.CharField(max_length=16, blank=True, default="")
    place = models.ForeignKey(Division, models.PROTECT, related_name="cases_here")
    # A copy of the place's significant digits: a subtree is one index range, with no join.
    place_prefix = models.CharField(max_length=15, db_index=True)
    office = models.ForeignKey(Division, models.PROTECT, related_name="cases_in_charge")
    urgent = models.BooleanField(default=False)
    supervision = models.CharField(
        max_length=8, choices=Supervision.choices, default=Supervision.NONE, blank=True
    )
    sensitive = models.BooleanField(default=False)
    visible_roles = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    first_receiver = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()
    anonymised_at = models.DateTimeField(null=True, blank=True)
    keep_until = models.DateField(null=True, blank=True)
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True, default="")
    search = ArrayField(models.CharField(max_length=2), default=list, blank=True)

    objects = CaseManager()

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="case_search"),
            models.Index(fields=["kind", "state", "office"], name="case_queue"),
            models.Index(fields=["-opened_at", "-id"], name="case_newest"),
            models.Index(fields=["office"], name="case_open_office", condition=Q(closed_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_sensitive_names_roles", condition=Q(sensitive=False) | ~Q(visible_roles=[])
            ),
            models.CheckConstraint(
                name="case_anonymised_is_closed",
                condition=Q(anonymised_at__isnull=True) | Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_supervision_known", condition=Q(supervision__in=["", "ordinary", "yellow", "red"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/{self.kind}s/{self.number}/"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class PartKind(models.TextChoices):
    """What somebody is in a case."""

    REPORTER = "reporter", _("上报人")
    HANDLER = "handler", _("主办")
    CO_HANDLER = "co_handler", _("协办")
    COPIED = "copied", _("抄告")


class Part(models.Model):
    """An office's or a person's part in a case, with its time. An ended part gives no view of the case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=16, choices=PartKind.choices)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="parts")
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="parts")
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="parts")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["department"], name="part_dept", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["division"], name="part_div", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="part_one_office",
                condition=Q(department__isnull=True, division__isnull=False)
                | Q(department__isnull=False, division__isnull=True),
            ),
            models.UniqueConstraint(
                name="part_one_handler", fields=["case"], condition=Q(kind="handler", ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="part_reporter_is_a_post", condition=~Q(kind="reporter") | Q(post__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.department or self.division}"

    @property
    def holder(self) -> Department | Division:
        """The office whose part this is; see `cases.offices.Office.of`."""
        holder = self.department or self.division
        assert holder is not None  # the CHECK part_one_office
        return holder


class LinkKind(models.TextChoices):
    """How two cases hang together; read from source to target."""

    DUPLICATE = "duplicate", _("并入")
    SPLIT = "split", _("拆分自")
    RELATED = "related", _("关联")
    MEDIATION = "mediation", _("转为调解")
    WHISTLE = "whistle", _("转为吹哨")


class CaseLink(models.Model):
    """Source is a duplicate of, was split from, is related to or became the target."""

    source = models.ForeignKey(Case, models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Case, models.PROTECT, related_name="links_in")
    kind = models.CharField(max_length=16, choices=LinkKind.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="link_once", fields=["source", "target", "kind"]),
            models.CheckConstraint(name="link_not_itself", condition=~Q(source=models.F("target"))),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
