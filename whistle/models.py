"""Whistles (吹哨), each department's summons, the tasks it claims, and entries of the negative list (负面清单)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.models import Case
from grids.models import Department
from whistle.querysets import NegativeEntryManager, SummonsManager, TaskManager, WhistleManager


class Level(models.TextChoices):
    """Who whistles: a township for city departments, or a village for the township's stations."""

    TOWNSHIP = "township", _("乡镇（街道）吹哨")
    VILLAGE = "village", _("村（社区）吹哨")


class Kind(models.TextChoices):
    """What may be whistled for (丰城: domain rules, section 5)."""

    DISPUTE = "dispute", _("重大矛盾纠纷")
    STABILITY = "stability", _("重点涉稳问题")
    PETITION = "petition", _("重要信访案件")


class Whistle(models.Model):
    """The facts of a whistle; where it stands and who has it are its case's. The case's place is who whistles.

    `subject`: a code of the duty catalogue. `lat`, `lng` (WGS-84 degrees): where to report; `address` in words.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="whistle")
    level = models.CharField(max_length=8, choices=Level.choices)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject = models.CharField(max_length=24)
    matter = models.TextField(max_length=4000)
    why_not = models.TextField(max_length=2000)
    address = models.CharField(max_length=200)
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    sounded_at = models.DateTimeField(null=True, blank=True)

    objects = WhistleManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="whistle_level_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(name="whistle_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="whistle_position_whole",
                condition=Q(lat__isnull=True, lng__isnull=True)
                | Q(lat__gte=-90, lat__lte=90, lng__gte=-180, lng__lte=180),
            ),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class Outcome(models.TextChoices):
    """How a department answered its summons."""

    NONE = "", _("未定")
    ON_TIME = "on_time", _("按时到场")
    LATE = "late", _("迟到")
    ABSENT = "absent", _("未到场")


MARKS: Final = [MinValueValidator(1), MaxValueValidator(5)]


class Summons(models.Model):
    """One department named in a whistle: whom it reached, when it was opened, when somebody arrived, and how it did.

    `pressed_at`: the phone's instant, corrected to the server's clock; empty where it could not be trusted.
    `received_at`: when the press reached the server. `due_at`: the end of its own two hours. `distance` and
    `accuracy` in metres.
    """

    TABLE: ClassVar[str] = "summons"

    case = models.ForeignKey(Case, models.PROTECT, related_name="summonses")
    department = models.ForeignKey(Department, models.PROTECT, related_name="summonses")
    state = models.CharField(max_length=12, default="wanted")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default="", blank=True)
    lead = models.BooleanField(default=False)
    person = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    deputy = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    telephone = models.CharField(max_length=20, blank=True)
    summoned_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    unopened_at = models.DateTimeField(null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    pressed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    arrived_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    accuracy = models.FloatField(null=True, blank=True)
    distance = models.FloatField(null=True, blank=True)
    not_duty = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    response = models.PositiveSmallIntegerField(null=True, blank=True, validators=MARKS)
    solution = models.PositiveSmallIntegerField(null=True, blank=True, validators=MARKS)
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True, validators=MARKS)
    no_effort = models.BooleanField(default=False)

    objects = SummonsManager()

    class Meta:
        verbose_name_plural = "summonses"
        ordering = ["pk"]
        indexes = [models.Index(fields=["department", "summoned_at"], name="summons_department")]
        constraints = [
            models.UniqueConstraint(name="summons_once", fields=["case", "department"]),
            models.UniqueConstraint(name="summons_one_lead", fields=["case"], condition=Q(lead=True)),
            models.CheckConstraint(name="summons_outcome_known", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="summons_state_known",
                condition=Q(
                    state__in=[
                        "wanted", "summoned", "reported", "confirmed", "disputed", "released", "cancelled"
                    ]
                ),
            ),
            models.CheckConstraint(
                name="summons_clock_whole",
                condition=Q(state__in=["wanted", "cancelled"])
                | Q(summoned_at__isnull=False, due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="summons_marks_range",
                condition=Q(response__isnull=True, solution__isnull=True, satisfaction__isnull=True)
                | Q(response__range=(1, 5), solution__range=(1, 5), satisfaction__range=(1, 5)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.case_id} {self.department_id}"

    @property
    def arrived_at(self) -> datetime | None:
        """The instant that counts: when it was pressed where that can be trusted, else when it was received."""
        return self.pressed_at or self.received_at

    @property
    def rated(self) -> bool:
        return self.response is not None


class Task(models.Model):
    """A task that a department claimed (认领任务), to be done by the end of a day."""

    TABLE: ClassVar[str] = "task"

    summons = models.ForeignKey(Summons, models.PROTECT, related_name="tasks")
    text = models.CharField(max_length=300)
    state = models.CharField(max_length=12, default="claimed")
    due_on = models.DateField()
    claimed_at = models.DateTimeField()
    claimed_by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    objects = TaskManager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="task_state_known", condition=Q(state__in=["claimed", "done", "dropped"])
            ),
            models.CheckConstraint(
                name="task_done_has_time",
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def case(self) -> Case:
        found: Case = self.summons.case
        return found


class Ground(models.TextChoices):
    """Why a department is to be put on the negative list (domain rules, section 5)."""

    ABSENT = "absent", _("不到场")
    LATE = "late", _("不及时到场")
    NO_EFFORT = "no_effort", _("出工不出力")


class NegativeEntry(models.Model):
    """One entry of the negative list. What was said and decided stands in the record of its whistle.

    `appeal_until`: the end of the time in which the department may answer and appeal.
    """

    TABLE: ClassVar[str] = "negative_entry"

    summons = models.ForeignKey(Summons, models.PROTECT, related_name="negative_entries")
    ground = models.CharField(max_length=12, choices=Ground.choices)
    state = models.CharField(max_length=12, default="proposed")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    appeal_until = models.DateTimeField(null=True, blank=True)

    objects = NegativeEntryManager()

    class Meta:
        verbose_name_plural = "negative entries"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="negative_entry_state")]
        constraints = [
            models.CheckConstraint(
                name="negative_entry_state_known",
                condition=Q(
                    state__in=[
                        "proposed", "confirmed", "appealed", "upheld", "revoked", "dismissed", "withdrawn", "lifted"
                    ]
                ),
            ),
            models.CheckConstraint(
                name="negative_entry_ground_known", condition=Q(ground__in=Ground.values)
            ),
            models.CheckConstraint(
                name="negative_entry_confirmed",
                condition=Q(state__in=["proposed", "dismissed", "withdrawn"])
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            # A department is named once for not being there, and once for doing nothing.
            models.UniqueConstraint(
                name="negative_entry_attendance_once",
                fields=["summons"],
                condition=Q(ground__in=["absent", "late"]) & ~Q(state__in=["withdrawn", "dismissed"]),
            ),
            models.UniqueConstraint(
                name="negative_entry_effort_once",
                fields=["summons"],
                condition=Q(ground="no_effort") & ~Q(state__in=["withdrawn", "dismissed"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.summons_id} {self.ground}"

    @property
    def case(self) -> Case:
        found: Case = self.summons.case
        return found
