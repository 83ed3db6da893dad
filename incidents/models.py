"""Incidents (事件), their catalogue with every version kept, and requests for more time."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Post, User
from cases.models import Case, CaseEvent, Deadline
from grids.calendars import Allowance, Unit
from grids.models import DepartmentKind
from incidents.querysets import CategoryManager, IncidentManager, VersionManager


class Category(models.Model):
    """A large or small category (大类/小类). What it says stands in its versions.

    `current`: the version that new reports begin under; empty for a large category, for one not yet agreed to, and
    for one that is stopped (停用). Name and source are those of the version in force, kept here for lists.
    """

    code = models.CharField(max_length=4, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    source = models.CharField(max_length=200)
    current = models.OneToOneField(
        "CategoryVersion", models.PROTECT, null=True, blank=True, related_name="current_of"
    )

    objects = CategoryManager()

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(
                name="category_code_shape",
                condition=Q(code__regex=r"^\d{2}$", parent__isnull=True)
                | Q(code__regex=r"^\d{4}$", parent__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name

    @property
    def is_leaf(self) -> bool:
        return self.parent_id is not None


class VersionState(models.TextChoices):
    """A changed category takes effect only when a second person of the centre agrees."""

    PROPOSED = "proposed", _("待同意")
    IN_FORCE = "in_force", _("执行中")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")
    PAST = "past", _("已被替换")


FILING_LEVELS = [("village", _("村（社区）")), ("township", _("乡镇（街道）")), ("city", _("市县"))]
DEPARTMENT_LEVELS = FILING_LEVELS[1:]


class CategoryVersion(models.Model):
    """All that a small category says, as one unchangeable version; incidents keep the one they began under.

    `times`: {"normal": {duty: [amount, unit]}, "urgent": {...}} for the duties file, assign, accept, handle,
    verify and whole. `fields`: extra form fields, see `incidents.fieldspec`. `based_on`: the version that was in
    force when this one was proposed. `in_use` False stops the category: no new reports, the open ones go on.
    The database lets nothing but the decision be written after the row was made (migration 0003).
    """

    category = models.ForeignKey(Category, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.PROPOSED)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    in_use = models.BooleanField(default=True)
    name = models.CharField(max_length=40, blank=True)
    name_en = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=200, blank=True)
    times = models.JSONField()
    filing_level = models.CharField(
        max_length=12,
        choices=FILING_LEVELS,
    )
    department_kind = models.ForeignKey(DepartmentKind, models.PROTECT, null=True, blank=True)
    department_level = models.CharField(max_length=12, choices=DEPARTMENT_LEVELS)
    sensitive = models.BooleanField(default=False)
    visible_roles = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    filing_conditions = models.CharField(max_length=300, blank=True)
    closing_conditions = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=list, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=300, blank=True)

    objects = VersionManager()

    class Meta:
        ordering = ["category_id", "-number"]
        constraints = [
            models.UniqueConstraint(name="category_version_number", fields=["category", "number"]),
            models.UniqueConstraint(
                name="category_one_in_force", fields=["category"], condition=Q(state="in_force")
            ),
            models.UniqueConstraint(
                name="category_one_proposed", fields=["category"], condition=Q(state="proposed")
            ),
            models.CheckConstraint(
                name="category_version_state_known", condition=Q(state__in=VersionState.values)
            ),
            models.CheckConstraint(
                name="category_version_decided",
                condition=~Q(state__in=["refused", "withdrawn"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="category_sensitive_names_roles", condition=Q(sensitive=False) | ~Q(visible_roles=[])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} v{self.number}"

    @property
    def title(self) -> str:
        """The name that this version gives the category, in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name

    @property
    def change(self) -> str:
        """What kind of change it is or was: new, stop, restart or content."""
        if self.based_on is None:
            return "new"
        if self.based_on.in_use == self.in_use:
            return "content"
        return "restart" if self.in_use else "stop"

    def allowance(self, duty: str, *, urgent: bool) -> Allowance:
        """The time that this version gives for a duty; KeyError for an unknown duty."""
        amount, unit = self.times["urgent" if urgent else "normal"][duty]
        return Allowance(int(amount), Unit(unit))


class PositionSource(models.TextChoices):
    """How a position was got."""

    NONE = "", _("无坐标")
    PHONE = "phone", _("手机定位")
    PICKED = "picked", _("示意图上点选")
    GIVEN = "given", _("其他系统给出")


class Source(models.TextChoices):
    """Where a report came from."""

    WORKER = "worker", _("网格员上报")
    CENTRE = "centre", _("综治中心自行发现")
    VISITOR = "visitor", _("群众来访")
    CALLER = "caller", _("群众来电")
    HOTLINE = "hotline", _("12345热线")
    SYSTEM = "system", _("其他系统")


class Incident(models.Model):
    """The facts of an incident; where it stands and who has it are its case's."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="incident")
    category = models.ForeignKey(Category, models.PROTECT, related_name="incidents")
    version = models.ForeignKey(CategoryVersion, models.PROTECT, related_name="incidents")
    description = models.TextField(max_length=4000)
    occurred_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=200, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    accuracy = models.FloatField(null=True, blank=True)
    position_source = models.CharField(
        max_length=8, choices=PositionSource.choices, default=PositionSource.NONE, blank=True
    )
    place_geometry = models.CharField(max_length=10, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    fields = models.JSONField(default=dict, blank=True)
    return_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    split_task = models.CharField(max_length=200, blank=True)

    objects = IncidentManager()

    class Meta:
        indexes = [models.Index(fields=["category"], name="incident_category")]
        constraints = [
            models.CheckConstraint(
                name="incident_position_whole",
                condition=Q(lat__isnull=True, lng__isnull=True, position_source="")
                | (Q(lat__gte=-90, lat__lte=90, lng__gte=-180, lng__lte=180) & ~Q(position_source="")),
            )
        ]

    def __str__(self) -> str:
        return str(self.case_id)

    def extra_values(self) -> list[tuple[str, Any]]:
        """Label and value of the category's own fields, in the version's order, for pages and prints."""
        english = (get_language() or "").startswith("en")
        rows = []
        for spec in self.version.fields:
            value = self.fields.get(spec["name"])
            if value in (None, ""):
                continue
            labels = {c["value"]: c["label_en" if english else "label"] for c in spec.get("choices") or []}
            rows.append((spec["label_en" if english else "label"], labels.get(value, value)))
        return rows


class ExtensionState(models.TextChoices):
    """What became of a request for more time."""

    PENDING = "pending", _("待批")
    GRANTED = "granted", _("已同意")
    REFUSED = "refused", _("未同意")
    LAPSED = "lapsed", _("已失效")


class Extension(models.Model):
    """A handler's request for more time on one duty (延期), in that duty's own unit."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="extensions")
    amount = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=ExtensionState.choices, default=ExtensionState.PENDING)
    asked = models.OneToOneField(CaseEvent, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="extension_one_pending", fields=["deadline"], condition=Q(state="pending")
            ),
            models.CheckConstraint(name="extension_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} +{self.amount}"
