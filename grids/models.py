"""Places and offices: the tree of divisions, grids with their shapes, departments, the work calendar.

Knows no users. Written only by `grids.services`, the importers and `grids.drawing`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, RPad
from django.db.models.lookups import Exact
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from grids.codes import CODE_DIGITS, city_digits
from grids.querysets import DepartmentQuerySet, DivisionQuerySet, GridQuerySet

PATH_SEPARATOR = " › "


class DivisionLevel(models.TextChoices):
    """The levels of the tree, from the top; `province` is data only."""

    PROVINCE = "province", _("省")
    CITY = "city", _("市")
    COUNTY = "county", _("县区")
    TOWNSHIP = "township", _("乡镇街道")
    VILLAGE = "village", _("村社区")
    GRID = "grid", _("网格")

    @property
    def rank(self) -> int:
        """0 for the province, 5 for a grid."""
        return list(DivisionLevel).index(self)

    def digits(self, code: str) -> int:
        """How many digits of a code of this level are significant."""
        return {
            "province": 2,
            "city": city_digits(code),
            "county": 6,
            "township": 9,
            "village": 12,
            "grid": 15,
        }[self]


def _prefix_length(digits: int, *levels: DivisionLevel) -> Q:
    return Q(Exact(Length("prefix"), digits), level__in=levels)


class Division(models.Model):
    """A place in the one tree. Never renumbered and never deleted: a merger ends it and names its successor.

    `parent` is who it belongs to now; `prefix`, the significant digits of the code, never changes. `valid_to` is
    the last day in force.
    """

    code = models.CharField(_("代码"), max_length=15, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    level = models.CharField(_("层级"), max_length=10, choices=DivisionLevel.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    prefix = models.CharField(max_length=15, db_index=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    end_reason = models.CharField(max_length=200, blank=True)
    pinyin = models.CharField(max_length=400)
    initials = models.CharField(max_length=80)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("区划")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="division_level_known", condition=Q(level__in=DivisionLevel.values)),
            models.CheckConstraint(
                name="division_code_is_digits",
                condition=Q(level=DivisionLevel.GRID, code__regex=r"^[0-9]{15}$")
                | Q(~Q(level=DivisionLevel.GRID), code__regex=r"^[0-9]{12}$"),
            ),
            models.CheckConstraint(
                name="division_prefix_is_the_code",
                condition=Q(level=DivisionLevel.GRID, prefix=F("code"))
                | Q(~Q(level=DivisionLevel.GRID), Exact(F("code"), RPad("prefix", CODE_DIGITS, Value("0")))),
            ),
            models.CheckConstraint(
                name="division_prefix_fits_level",
                condition=_prefix_length(2, DivisionLevel.PROVINCE)
                | _prefix_length(4, DivisionLevel.CITY)
                | Q(_prefix_length(6, DivisionLevel.CITY), ~Q(prefix__endswith="00"))
                | _prefix_length(6, DivisionLevel.COUNTY)
                | _prefix_length(9, DivisionLevel.TOWNSHIP)
                | _prefix_length(12, DivisionLevel.VILLAGE)
                | _prefix_length(15, DivisionLevel.GRID),
            ),
            models.CheckConstraint(name="division_is_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="division_ends_after_it_starts",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=F("valid_to")),
            ),
            models.CheckConstraint(
                name="division_successor_only_when_ended",
                condition=Q(successor__isnull=True) | Q(valid_to__isnull=False),
            ),
            models.CheckConstraint(
                name="division_is_not_its_own_relative",
                condition=(Q(parent__isnull=True) | ~Q(parent=F("pk")))
                & (Q(successor__isnull=True) | ~Q(successor=F("pk"))),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def level_label(self) -> str:
        """The level in words: 乡镇街道."""
        return str(DivisionLevel(self.level).label)

    @property
    def rank(self) -> int:
        """0 for the province, 5 for a grid."""
        return DivisionLevel(self.level).rank

    @property
    def chain(self) -> list[Division]:
        """This division and those above it, up to and with the city's root or the topmost one known."""
        found = [self]
        while found[-1].parent is not None and found[-1].code != settings.GEZHI_CITY_CODE:
            found.append(found[-1].parent)
        return found

    @property
    def path(self) -> str:
        """The names from below the city down: "剑光街道 › 东门社区 › 03网格"; the city's is its own name.

        Read it from `Division.objects.with_path()` when listing.
        """
        names = [self.name]
        place = self
        while place.level != DivisionLevel.COUNTY and place.parent is not None and not place.parent.is_city:
            place = place.parent
            names.append(place.name)
        return PATH_SEPARATOR.join(reversed(names))

    @property
    def is_city(self) -> bool:
        """A city or province, or whatever this installation has as its root."""
        return (
            self.level in {DivisionLevel.PROVINCE, DivisionLevel.CITY}
            or self.code == settings.GEZHI_CITY_CODE
        )

    @cached_property
    def covered_prefixes(self) -> list[str]:
        """The code prefixes of the subtree: its own, and those of every division that one inside it took over.

        Taken over recursively: what a predecessor had itself taken over belongs to it too. Sorted, none inside another.
        Read once: a division that takes over another is read again.
        """
        mergers = list(
            Division.objects.filter(successor__isnull=False).values_list("prefix", "successor__prefix")
        )
        covered = {self.prefix}
        grew = True
        while grew:
            taken = {old for old, heir in mergers if heir.startswith(tuple(covered))}
            new = {prefix for prefix in taken if not prefix.startswith(tuple(covered))}
            covered |= new
            grew = bool(new)
        return sorted(p for p in covered if not any(p != q and p.startswith(q) for q in covered))

    @property
    def heir(self) -> Division:
        """The division that stands for this one now: itself, or the last of its successors."""
        place = self
        while place.successor is not None:
            place = place.successor
        return place

    def at_level(self, level: DivisionLevel | str) -> Division | None:
        """The division of a level in which this one lies, by today's successors.

        Where that level is missing (a city without counties, a root that is a county), the next level above; at
        the root, the root. None when this division itself stands above the level asked for.
        """
        wanted = DivisionLevel(level).rank
        if self.rank < wanted and level != DivisionLevel.COUNTY:
            return None
        chain = [place.heir for place in self.heir.chain]
        return next((place for place in chain if place.rank <= wanted), chain[-1])


class DivisionName(models.Model):
    """A name that a division had before, and the last day it was so called."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="former_names")
    name = models.CharField(max_length=80)
    used_to = models.DateField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["used_to", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["division", "used_to"], name="division_renamed_once_a_day")
        ]

    def __str__(self) -> str:
        return self.name


class GridGeometry(models.TextChoices):
    """How a grid's outline came to be; only a surveyed one decides where a position lies."""

    SURVEYED = "surveyed", _("实测")
    SCHEMATIC = "schematic", _("示意")


class Grid(models.Model):
    """The outline of a grid, WGS-84, as GeoJSON Polygon or MultiPolygon, with its bounding box in degrees."""

    division = models.OneToOneField(Division, models.PROTECT, primary_key=True, related_name="grid")
    boundary: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    geometry = models.CharField(max_length=10, choices=GridGeometry.choices)
    min_lat = models.FloatField()
    max_lat = models.FloatField()
    min_lng = models.FloatField()
    max_lng = models.FloatField()

    objects = GridQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格")
        indexes = [
            models.Index(fields=["min_lat", "max_lat"], name="grid_latitudes"),
            models.Index(fields=["min_lng", "max_lng"], name="grid_longitudes"),
        ]
        constraints = [
            models.CheckConstraint(name="grid_geometry_known", condition=Q(geometry__in=GridGeometry.values)),
            models.CheckConstraint(
                name="grid_boundary_is_an_area", condition=Q(boundary__type__in=["Polygon", "MultiPolygon"])
            ),
            models.CheckConstraint(
                name="grid_box_on_earth",
                condition=Q(min_lat__gte=-90, max_lat__lte=90, min_lng__gte=-180, max_lng__lte=180)
                & Q(min_lat__lt=F("max_lat"), min_lng__lt=F("max_lng")),
            ),
        ]

    def __str__(self) -> str:
        return self.division.name


class DepartmentKind(models.Model):
    """A line of work that has a department at some level: 城市管理, 市场监管, ..."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=40, unique=True)
    name_en = models.CharField(max_length=80)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department of a city, county or township (部门、站所), from its first to its last day."""

    name = models.CharField(_("名称"), max_length=80)
    kind = models.ForeignKey(DepartmentKind, models.PROTECT, related_name="departments")
    division = models.ForeignKey(Division, models.PROTECT, related_name="departments")
    telephone = models.CharField(_("电话"), max_length=20, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门")
        ordering = ["division__code", "kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="department_ends_after_it_starts",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=F("valid_to")),
            ),
            models.UniqueConstraint(
                fields=["division", "name"], condition=Q(valid_to__isnull=True), name="department_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkDay(models.Model):
    """One day of the work calendar. Provisional until the State Council's notice of the year is imported."""

    date = models.DateField(primary_key=True)
    working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=120)
    provisional = models.BooleanField(default=False)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d}"


class WorkHours(models.Model):
    """The hours of a working day from a date on, until a later row takes over."""

    valid_from = models.DateField(unique=True)
    morning_start = models.TimeField()
    morning_end = models.TimeField()
    afternoon_start = models.TimeField()
    afternoon_end = models.TimeField()

    class Meta:
        verbose_name_plural = "work hours"
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                name="work_hours_in_order",
                condition=Q(morning_start__lt=F("morning_end"), morning_end__lte=F("afternoon_start"))
                & Q(afternoon_start__lt=F("afternoon_end")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m-%d} {self.morning_start:%H:%M}-{self.afternoon_end:%H:%M}"


class Revision(models.Model):
    """Another number after every change of what processes keep in memory: the grids, the work calendar."""

    subject = models.CharField(max_length=16, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.subject} {self.number}"
