"""What is counted, kept beside the record so that boards are fast; all of it can be made again from the record."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from cases.models import Case
from oversight.querysets import TallyManager

SEEN_BY: Final = 400  # letters: the names of all roles


class Tally(models.Model):
    """One thing that counts under a measure on a day (docs/adr/0012).

    It counts in a period that has its `day` and not its `twin`: the day of the row that already counts the same matter.
    `item`: the sub-row of the case that counts, such as a summons; 0 is the case itself. `who`: empty for the matter
    itself, else an office or a post whose work it is ("d12" department, "o7" division, "p3" post); see `oversight.who`.
    `place`: the significant digits of the case's division. `category`: of an incident its category's code, of a
    dispute its kind, of a whistle its subject. `seen_by`: empty for everybody who has the numbers of its place, of a
    sensitive matter the roles that see it (",centre,committee,"): nobody else's numbers hold it.
    """

    # No key in the database: it would lock the cases of a batch against the moves of people. Verified instead.
    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="+", db_constraint=False)
    item = models.BigIntegerField(default=0)
    who = models.CharField(max_length=20, blank=True, default="")
    measure = models.CharField(max_length=24)
    day = models.DateField()
    twin = models.DateField(null=True, blank=True)
    kind = models.CharField(max_length=16)
    place = models.CharField(max_length=15)
    category = models.CharField(max_length=24, blank=True, default="")
    seen_by = models.CharField(max_length=SEEN_BY, blank=True, default="")

    objects = TallyManager()

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [
            models.Index(fields=["measure", "day"], name="tally_day"),
            models.Index(OpClass("place", "varchar_pattern_ops"), F("measure"), F("day"), name="tally_place"),
            models.Index(fields=["who", "measure", "day"], name="tally_who", condition=~Q(who="")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.measure} {self.day}"


class Grouping(models.TextChoices):
    """By what the sums are kept."""

    AREA = "area"
    TOWNSHIP = "township"
    VILLAGE = "village"
    CATEGORY = "category"
    OFFICE = "office"


class Span(models.TextChoices):
    """Of which length sums are: a day, or a month for periods that are made of whole ones."""

    DAY = "day"
    MONTH = "month"


class Total(models.Model):
    """How many tallies of a measure a place, a category or an office has on a day, or in a month, with the same twin.

    `day`, `twin`: as in `Tally`; of a month its first day. The rule of counting is the same for both: a period of whole
    months has a day and not its twin when it has the first of the one month and not of the other. A tally whose twin
    is in the same month counts in no such period and is in no sum of a month. `area`: the six digits of the county in
    which the matters lie. `seen_by`: as in `Tally`.
    """

    span = models.CharField(max_length=5, choices=Span.choices)
    grouping = models.CharField(max_length=8, choices=Grouping.choices)
    area = models.CharField(max_length=6)
    key = models.CharField(max_length=48)
    measure = models.CharField(max_length=24)
    day = models.DateField()
    twin = models.DateField(null=True, blank=True)
    seen_by = models.CharField(max_length=SEEN_BY, blank=True, default="")
    number = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["id"], name="total_nothing", condition=Q(number=0))]
        constraints = [
            models.UniqueConstraint(
                name="total_once",
                fields=["span", "grouping", "measure", "day", "key", "twin", "seen_by", "area"],
                nulls_distinct=False,
                include=["number"],
            ),
            models.CheckConstraint(name="total_grouping_known", condition=Q(grouping__in=Grouping.values)),
            models.CheckConstraint(name="total_span_known", condition=Q(span__in=Span.values)),
        ]

    def __str__(self) -> str:
        return f"{self.grouping} {self.key} {self.measure} {self.day} ({self.span}): {self.number}"


class Stale(models.Model):
    """A case whose record has grown since it was counted. Written by a trigger on the record, in its transaction."""

    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="+", db_constraint=False)
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["noted_at"], name="stale_oldest")]

    def __str__(self) -> str:
        return str(self.case_id)
