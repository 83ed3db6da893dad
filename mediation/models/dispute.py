"""A dispute, and where it is or was: its dockets."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Post
from cases.models import Case
from mediation import choices as c
from mediation.models.columns import known, money
from mediation.models.committees import Committee
from mediation.querysets import MediationManager


class Mediation(models.Model):
    """The facts of a dispute. `brief`, `request`: what happened and what is asked, for those who handle it alone.

    `amount`: what is in dispute, in yuan. `look_on`: when the colour is looked at again.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="mediation")
    kind = models.CharField(max_length=16, choices=c.Kind.choices)
    source = models.CharField(max_length=16, choices=c.Source.choices)
    source_number = models.CharField(max_length=60, blank=True)
    initiative = models.CharField(max_length=12, choices=c.Initiative.choices)
    brief = models.TextField(max_length=4000)
    request = models.TextField(max_length=2000, blank=True)
    amount = money()
    fast = models.BooleanField(default=False)
    cross_division = models.BooleanField(default=False)
    colour = models.CharField(max_length=8, choices=c.Colour.choices, default="", blank=True)
    look_on = models.DateField(null=True, blank=True)
    rights_told_on = models.DateField(null=True, blank=True)
    extended_days = models.PositiveSmallIntegerField(default=0)
    ending = models.CharField(max_length=12, choices=c.Ending.choices, default="", blank=True)
    keep_years = models.PositiveSmallIntegerField(null=True, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    filed_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MediationManager()

    class Meta:
        constraints = [
            known("mediation_kind_known", "kind", c.Kind.values),
            known("mediation_source_known", "source", c.Source.values),
            known("mediation_initiative_known", "initiative", c.Initiative.values),
            known("mediation_colour_known", "colour", c.Colour.values),
            known("mediation_ending_known", "ending", c.Ending.values),
            models.CheckConstraint(
                name="mediation_colour_has_look",
                condition=Q(colour="", look_on__isnull=True) | ~Q(colour="") & Q(look_on__isnull=False),
            ),
            models.CheckConstraint(
                name="mediation_filed_whole",
                condition=Q(filed_on__isnull=True, filed_by__isnull=True, keep_years__isnull=True)
                | Q(filed_on__isnull=False, filed_by__isnull=False, keep_years__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class Docket(models.Model):
    """A dispute at one committee: when it came, its number there, when and why it went on to the next tier."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="dockets")
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="dockets")
    tier = models.CharField(max_length=8, choices=c.Tier.choices)
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    serial = models.PositiveIntegerField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    way = models.CharField(max_length=12, choices=c.Way.choices, blank=True)

    class Meta:
        # In the order in which committees let it go: the one that has it stands last.
        ordering = [F("left_at").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(name="docket_number_once", fields=["committee", "year", "serial"]),
            models.UniqueConstraint(
                name="docket_one_open", fields=["case"], condition=Q(left_at__isnull=True)
            ),
            known("docket_tier_known", "tier", c.Tier.values),
            models.CheckConstraint(
                name="docket_accepted_has_number",
                condition=Q(accepted_at__isnull=True, year__isnull=True, serial__isnull=True)
                | Q(accepted_at__isnull=False, year__isnull=False, serial__isnull=False),
            ),
            models.CheckConstraint(
                name="docket_left_has_way",
                condition=Q(left_at__isnull=True, way="") | Q(left_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """ "(2026)丰人调字第12号"; empty until it is accepted."""
        return f"({self.year}){self.committee.letters}字第{self.serial}号" if self.serial else ""
