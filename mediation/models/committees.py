"""Mediation committees, their numbers, and the experts they may ask."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from grids.models import Division
from mediation import choices as c


class Committee(models.Model):
    """A people's mediation committee (人民调解委员会) of a village, township, county or city.

    `letters` stand in its numbers: "(2026)丰人调字第12号" has 丰人调. Its mediators are the posts of its division.
    """

    division = models.OneToOneField(Division, models.PROTECT, related_name="mediation_committee")
    name = models.CharField(max_length=60, unique=True)
    letters = models.CharField(max_length=12, unique=True)
    telephone = models.CharField(max_length=20, blank=True)
    window = models.CharField(max_length=80, blank=True)  # where people are received
    closed_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def tier(self) -> c.Tier:
        return c.TIER_OF[self.division.level]


class Serial(models.Model):
    """The last number that a committee gave in a year; the row is locked while the next one is given."""

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="serials")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="serial_once", fields=["committee", "year"])]

    def __str__(self) -> str:
        return f"{self.committee_id} {self.year} {self.last}"


class Expert(models.Model):
    """Somebody with knowledge of a field who may be asked to help, with the parties' consent (article 20).

    `fields`: codes of data/mediation/fields.csv. Kept by a committee; name and telephone are of their office.
    """

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="experts")
    name = models.CharField(max_length=40)
    organisation = models.CharField(max_length=80)
    duty = models.CharField(max_length=60, blank=True)
    telephone = models.CharField(max_length=20, blank=True)
    fields = ArrayField(models.CharField(max_length=24), default=list)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="expert_once", fields=["committee", "name", "organisation"]),
            models.CheckConstraint(name="expert_has_field", condition=~Q(fields=[])),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.organisation}）"
