"""Monthly bulletins (月通报), quarterly rankings (季排名) and the villages' yearly project money (村项目资金): made on schedule,
reviewed, released, then frozen."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.periods import Period
from grids.models import Division

MOST_VILLAGES: Final = 1000  # among which project money is shared


class BulletinKind(models.TextChoices):
    """What it is; each covers one month, one quarter or one year."""

    MONTHLY = "monthly", _("月通报")
    QUARTERLY = "quarterly", _("季排名")
    VILLAGES = "villages", _("村项目资金")


class BulletinState(models.TextChoices):
    """A draft may be counted again and reworded; a released one never changes (a trigger refuses it)."""

    DRAFT = "draft", _("待审定")
    RELEASED = "released", _("已发布")


class Bulletin(models.Model):
    """One bulletin or ranking of a city or county.

    `figures`: the tables as they stood at `figured_at`, by version `rules_version` of the indicators. `words`: what the
    committee says with them, by the names of its parts. Of project money also `fund`, the yuan that are shared, once
    the committee has written them down, and `villages`, among how many of the first ranked.
    """

    kind = models.CharField(max_length=12, choices=BulletinKind.choices)
    place = models.ForeignKey(Division, models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    state = models.CharField(max_length=12, choices=BulletinState.choices, default=BulletinState.DRAFT)
    words: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    figures: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    fund = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    villages = models.PositiveSmallIntegerField(null=True, blank=True)
    rules_version = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    figured_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-last", "kind", "-pk"]
        constraints = [
            models.UniqueConstraint(name="bulletin_once", fields=["kind", "place", "first"]),
            models.CheckConstraint(name="bulletin_kind_known", condition=Q(kind__in=BulletinKind.values)),
            models.CheckConstraint(name="bulletin_days_in_order", condition=Q(first__lte=F("last"))),
            models.CheckConstraint(
                name="bulletin_released_whole",
                condition=Q(state="draft", released_at__isnull=True, released_by__isnull=True)
                | Q(state="released", released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="bulletin_money_of_villages",
                condition=Q(kind="villages", villages__range=(1, MOST_VILLAGES))
                | (~Q(kind="villages") & Q(villages__isnull=True, fund__isnull=True)),
            ),
            models.CheckConstraint(
                name="bulletin_fund_above_nothing", condition=Q(fund__isnull=True) | Q(fund__gt=0)
            ),
            models.CheckConstraint(
                name="bulletin_released_with_fund",
                condition=~Q(kind="villages", state="released", fund__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first} {self.last}"

    def get_absolute_url(self) -> str:
        return f"/oversight/bulletins/{self.pk}/"

    @property
    def period(self) -> Period:
        return Period(self.first, self.last)


class BulletinEntry(models.Model):
    """What was done to a bulletin, by whom and when; only added to. `post` empty: the program."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(
        max_length=12,
        choices=[
            ("made", _("生成")),
            ("counted", _("重新计算")),
            ("reworded", _("修改文字")),
            ("funded", _("填写资金")),
            ("released", _("发布")),
        ],
    )

    class Meta:
        verbose_name_plural = "bulletin entries"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.what}"
