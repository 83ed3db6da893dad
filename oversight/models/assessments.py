"""The yearly assessment (年度考核): items with their points, a sheet for each office assessed, appeals, the signed result.

Triggers keep it (0007_assessments): items change only in a draft, what was counted stays from publication on, marks and
decisions are never taken back, and nothing at all changes after the signing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.periods import Period
from grids.models import Department, Division


class Assessed(models.TextChoices):
    """Which offices are assessed, each among its like. Grid workers are not: their work is their office's."""

    TOWNSHIP = "township", _("乡镇（街道）")
    DEPARTMENT = "department", _("部门")


class ItemKind(models.TextChoices):
    """How an item comes to its score."""

    SHARE = "share", _("自动：指标")
    NEGATIVE = "negative", _("自动：负面清单")
    GIVEN = "given", _("手工给分")
    BONUS = "bonus", _("加减分")


# The shares that may be assessed: what the office itself is to do. Not what others bring, report, want or refuse; for a
# township not the arrivals and tasks of the departments it called. Petitions, complaints, calls and reopenings never.
SHARES: Final = {
    Assessed.TOWNSHIP: ("on_time_archive_rate", "on_time_handling_rate", "archive_rate", "rework_rate"),
    Assessed.DEPARTMENT: ("on_time_handling_rate", "arrival_rate", "task_rate"),
}
FULL: Final = Decimal(100)


def _indicator_allowed() -> Q:
    shares = Q(pk__in=[])
    for target, codes in SHARES.items():
        shares |= Q(kind="share", target=target.value, indicator__in=codes)
    negative = Q(kind="negative", target="department", indicator="negative_entries")
    return shares | negative | Q(kind__in=["given", "bonus"], indicator="")


class YearState(models.TextChoices):
    """From left to right, never back."""

    DRAFT = "draft", _("定方案")
    OPEN = "open", _("评分中")
    PUBLISHED = "published", _("公示中")
    SIGNED = "signed", _("已签定")


class AssessmentYear(models.Model):
    """The assessment of a year in a city or county, by its committee.

    `rules_version`: of the indicators, when the sheets were last counted. `appeals_until`: the first instant too late.
    """

    place = models.ForeignKey(Division, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=YearState.choices, default=YearState.DRAFT)
    rules_version = models.CharField(max_length=12, blank=True, default="")
    counted_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    appeals_until = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(name="assessment_year_once", fields=["place", "year"]),
            models.CheckConstraint(name="assessment_state_known", condition=Q(state__in=YearState.values)),
            models.CheckConstraint(
                name="assessment_counted_from_opening",
                condition=Q(state="draft", counted_at=None) | ~Q(state="draft") & Q(counted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="assessment_published_whole",
                condition=Q(state__in=["draft", "open"], published_at=None, appeals_until=None)
                | Q(state__in=["published", "signed"], appeals_until__gt=F("published_at")),
            ),
            models.CheckConstraint(
                name="assessment_signed_whole",
                condition=Q(state="signed", signed_at__isnull=False, signed_by__isnull=False)
                | ~Q(state="signed") & Q(signed_at=None, signed_by=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.year}"

    def get_absolute_url(self) -> str:
        return f"/oversight/assessments/{self.pk}/"

    @property
    def period(self) -> Period:
        return Period.of_year(self.year)


class AssessmentItem(models.Model):
    """One item that offices of a kind are assessed by.

    `name` and `purpose` of an automatic one say the indicator and its formula as they were when the item was saved.
    `points`: how many there are; of a bonus how many are given or taken at most. `each`: taken for a negative entry.
    """

    year = models.ForeignKey(AssessmentYear, models.PROTECT, related_name="items")
    target = models.CharField(max_length=12, choices=Assessed.choices)
    kind = models.CharField(max_length=12, choices=ItemKind.choices)
    indicator = models.CharField(max_length=32, blank=True, default="")
    name = models.CharField(max_length=40)
    purpose = models.CharField(max_length=200)
    points = models.DecimalField(max_digits=5, decimal_places=2)
    each = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["year", "-target", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="assessment_indicator_once", fields=["year", "target", "indicator"],
                condition=~Q(indicator=""),
            ),
            models.UniqueConstraint(name="assessment_item_name_once", fields=["year", "target", "name"]),
            models.CheckConstraint(name="assessment_target_known", condition=Q(target__in=Assessed.values)),
            models.CheckConstraint(name="assessment_indicator_allowed", condition=_indicator_allowed()),
            models.CheckConstraint(
                name="assessment_points_in_range", condition=Q(points__gt=0, points__lte=FULL)
            ),
            models.CheckConstraint(
                name="assessment_each_of_negative",
                condition=Q(kind="negative", each__gt=0, each__lte=F("points"))
                | ~Q(kind="negative") & Q(each=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """As the reader's page says it: an indicator in the reader's language, what the committee typed as it is."""
        return gettext(self.name) if self.indicator else self.name

    @property
    def shown_purpose(self) -> str:
        """The formula in the reader's language, or what the committee typed."""
        return gettext(self.purpose) if self.indicator else self.purpose

    @property
    def by_hand(self) -> bool:
        """Whether a person gives its score."""
        return self.kind in (ItemKind.GIVEN, ItemKind.BONUS)

    @property
    def lowest(self) -> Decimal:
        """The least that a score may be."""
        return -self.points if self.kind == ItemKind.BONUS else Decimal(0)


class AssessmentSheet(models.Model):
    """An office's sheet. `name`: as it was called at the opening. `total`, `rank`: as signed; none where not ranked."""

    year = models.ForeignKey(AssessmentYear, models.PROTECT, related_name="sheets")
    target = models.CharField(max_length=12, choices=Assessed.choices)
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80)
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    rank = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["year", "-target", "pk"]
        constraints = [
            models.UniqueConstraint(name="assessment_division_once", fields=["year", "division"]),
            models.UniqueConstraint(name="assessment_department_once", fields=["year", "department"]),
            models.CheckConstraint(
                name="assessment_sheet_of_one_office",
                condition=Q(target="township", division__isnull=False, department=None)
                | Q(target="department", division=None, department__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/oversight/assessments/sheets/{self.pk}/"

    @property
    def who(self) -> str:
        """Whose tallies it counts: a department's own; of a township the matters themselves."""
        return f"d{self.department_id}" if self.department_id else ""


class AssessmentScore(models.Model):
    """What an automatic item came to when the sheets were last counted; `score` empty: nothing to divide by."""

    sheet = models.ForeignKey(AssessmentSheet, models.PROTECT, related_name="scores")
    item = models.ForeignKey(AssessmentItem, models.PROTECT, related_name="+")
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField(null=True, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="assessment_score_once", fields=["sheet", "item"])]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.item_id}: {self.score}"


class AssessmentMark(models.Model):
    """A score given by hand, or put right on an appeal, with its reason. The newest counts; the old ones stay."""

    sheet = models.ForeignKey(AssessmentSheet, models.PROTECT, related_name="marks")
    item = models.ForeignKey(AssessmentItem, models.PROTECT, related_name="+")
    points = models.DecimalField(max_digits=5, decimal_places=2)
    reason = models.CharField(max_length=2000)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(name="assessment_mark_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.item_id}: {self.points}"


class AppealState(models.TextChoices):
    """Decided once."""

    PENDING = "pending", _("待裁定")
    UPHELD = "upheld", _("支持，已改分")
    REFUSED = "refused", _("不支持")


class AssessmentAppeal(models.Model):
    """An office's appeal against one item of its sheet, and the committee's answer."""

    sheet = models.ForeignKey(AssessmentSheet, models.PROTECT, related_name="appeals")
    item = models.ForeignKey(AssessmentItem, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=2000)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=AppealState.choices, default=AppealState.PENDING)
    answer = models.CharField(max_length=2000, blank=True, default="")
    decided_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="assessment_appeal_once", fields=["sheet", "item"]),
            models.CheckConstraint(
                name="assessment_decided_whole",
                condition=Q(state="pending", answer="", decided_at=None, decided_by=None)
                | Q(state__in=["upheld", "refused"], decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.item_id} {self.state}"


class AssessmentEntry(models.Model):
    """What was done, by whom and when; only added to. `sheet`, `item`: where it was about one."""

    year = models.ForeignKey(AssessmentYear, models.PROTECT, related_name="entries")
    sheet = models.ForeignKey(AssessmentSheet, models.PROTECT, null=True, blank=True, related_name="entries")
    item = models.ForeignKey(AssessmentItem, models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(
        max_length=12,
        choices=[
            ("made", _("新建方案")),
            ("items", _("修改项目和分值")),
            ("opened", _("定下方案，开始评分")),
            ("counted", _("重新计算")),
            ("marked", _("给分")),
            ("published", _("公示")),
            ("appealed", _("申诉")),
            ("upheld", _("支持申诉，改分")),
            ("refused", _("不支持申诉")),
            ("signed", _("签定")),
        ],
    )
    note = models.CharField(max_length=80, blank=True, default="")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "assessment entries"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.year_id} {self.what}"
