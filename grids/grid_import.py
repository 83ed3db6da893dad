"""Takes GeoJSON files of grids into the tree: all features or, unless told to skip the bad ones, none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from shapely.geometry import shape as from_geojson

from grids import revisions
from grids.clock import today
from grids.codes import CODE_DIGITS, GRID_DIGITS
from grids.errors import BadRow, BadRows
from grids.grid_features import Feature, read_features
from grids.models import Division, DivisionLevel, DivisionName, Grid, GridGeometry
from grids.overlaps import Outlines
from grids.services import new_division, set_name
from grids.shapes import grid_row

OUTLINE_FIELDS = ["boundary", "geometry", "min_lat", "max_lat", "min_lng", "max_lng"]


@dataclass
class GridReport:
    """What an import did, in grids; `read` counts features."""

    read: int = 0
    created: int = 0
    renamed: int = 0
    redrawn: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything in the database is now other than before."""
        return bool(self.created or self.renamed or self.redrawn)


def import_grids(path: Path, *, skip_bad: bool = False) -> GridReport:
    """Stores the grids of a file in one transaction; those that are there already are brought up to date.

    A feature without a code is the grid of that name in its village, or a new one with the next free number.

    Raises FileRefused for a file that is no FeatureCollection, BadRows when features are bad and `skip_bad` is not
    set.
    """
    report = GridReport()
    with transaction.atomic():
        good: list[Feature] = []
        for found in read_features(path):
            report.read += 1
            if isinstance(found, Feature):
                good.append(found)
            else:
                report.bad.append(BadRow(path.name, found.number, found.reason))
        importer = _Importer(good)
        faults = importer.settle(good)
        report.bad += [BadRow(path.name, number, fault) for number, fault in faults.items()]
        report.bad.sort(key=lambda row: row.line)
        if report.bad and not skip_bad:
            raise BadRows(report.bad)
        importer.store(report)
    return report


class _Importer:
    """The places that a file speaks of, and what is to become of its features."""

    def __init__(self, features: Iterable[Feature]) -> None:
        codes = {feature.village for feature in features}
        villages = Division.objects.select_for_update().filter(code__in=codes, level=DivisionLevel.VILLAGE)
        self.villages = {village.code: village for village in villages.order_by("pk")}
        grids = Division.objects.filter(level=DivisionLevel.GRID).alias(_village=Left("code", CODE_DIGITS))
        grids = grids.filter(Q(_village__in=codes) | Q(parent__code__in=codes))
        self.known = {grid.code: grid for grid in grids}
        self.rows = Grid.objects.in_bulk([grid.pk for grid in self.known.values()])
        names = {village.pk: code for code, village in self.villages.items()}
        self.by_name = {
            (names[grid.parent_id], grid.name): grid.code
            for grid in self.known.values()
            if grid.valid_to is None and grid.parent_id in names
        }
        self.last: dict[str, int] = {}
        for code in self.known:
            self._count(code)
        self.taken: dict[str, tuple[Feature, Division]] = {}

    def settle(self, features: Iterable[Feature]) -> dict[int, str]:
        """Keeps the features that can be stored; why the others cannot, by their number."""
        # Those with a code first: a number given out must not be one that a later feature asks for.
        by_code = sorted(features, key=lambda feature: (not feature.code, feature.number))
        faults = {feature.number: self._place(feature) for feature in by_code}
        faults |= self._overlaps()
        return {number: fault for number, fault in faults.items() if fault}

    def _place(self, feature: Feature) -> str:
        """Finds village and code of a feature."""
        village = self.villages.get(feature.village)
        if village is None:
            return _("没有代码为 %(code)s 的村社区") % {"code": feature.village}
        if village.valid_to is not None:
            return _("村社区 %(code)s 已经撤并") % {"code": feature.village}
        code = feature.code or self.by_name.get((feature.village, feature.name)) or self._next_code(feature)
        fault = self._code_fault(feature, code, village)
        if not fault:
            self.taken[code] = (
                feature,
                self.known.get(code)
                or new_division(code=code, name=feature.name, level=DivisionLevel.GRID, parent=village),
            )
            self.by_name[feature.village, feature.name] = code
            self._count(code)
        return fault

    def _code_fault(self, feature: Feature, code: str, village: Division) -> str:
        known = self.known.get(code)
        if len(code) != GRID_DIGITS:
            return _("村社区 %(code)s 的网格编号用完了") % {"code": village.code}
        # A grid keeps its code when its village is merged into another.
        if not code.startswith(village.code) and (known is None or known.parent_id != village.pk):
            return _("网格代码“%(code)s”不属于这个村社区") % {"code": code}
        if code in self.taken:
            first = self.taken[code][0].number
            return _("网格 %(code)s 重复，首次见于第 %(number)d 个要素") % {"code": code, "number": first}
        if known is not None and known.valid_to is not None:
            return _("网格 %(code)s 已经撤并") % {"code": code}
        row = self.rows.get(known.pk) if known is not None else None
        if row is not None and (row.geometry, feature.geometry) == (
            GridGeometry.SURVEYED,
            GridGeometry.SCHEMATIC,
        ):
            return _("网格 %(code)s 已有实测边界，不能换成示意图") % {"code": code}
        return ""

    def _next_code(self, feature: Feature) -> str:
        return f"{feature.village}{self.last.get(feature.village, 0) + 1:03}"

    def _count(self, code: str) -> None:
        village = code[:CODE_DIGITS]
        self.last[village] = max(self.last.get(village, 0), int(code[CODE_DIGITS:]))

    def _overlaps(self) -> dict[int, str]:
        """Drops surveyed features that lie over another grid, of this file or not in it."""
        surveyed = Grid.objects.valid_on(today()).filter(geometry=GridGeometry.SURVEYED)
        outlines = Outlines(
            {row.division.code: from_geojson(row.boundary) for row in surveyed.select_related("division")}
        )
        former = {code: outlines.take_out(code) for code in self.taken}
        faults = {}
        for code, (feature, _division) in list(self.taken.items()):
            if feature.geometry != GridGeometry.SURVEYED:
                continue
            other = outlines.overlapping(feature.shape)
            if not other:
                outlines.put(code, feature.shape)
                continue
            faults[feature.number] = _("与网格 %(code)s 重叠") % {"code": other}
            del self.taken[code]
            if (before := former[code]) is not None:
                outlines.put(code, before)
        return faults

    def store(self, report: GridReport) -> None:
        """Writes what was taken, and counts it."""
        report.created = self._create()
        report.renamed = self._rename()
        report.redrawn = self._draw() - report.created
        if report.changed:
            revisions.bump(revisions.GRIDS)

    def _create(self) -> int:
        new = [division for _feature, division in self.taken.values() if division.pk is None]
        return len(Division.objects.bulk_create(new, batch_size=2000))

    def _rename(self) -> int:
        yesterday = today() - timedelta(days=1)
        changed, names = [], []
        for feature, division in self.taken.values():
            if division.name != feature.name:
                reason = _("导入网格")
                names.append(
                    DivisionName(division=division, name=division.name, used_to=yesterday, reason=reason)
                )
                set_name(division, feature.name)
                changed.append(division)
        DivisionName.objects.bulk_create(names, ignore_conflicts=True)
        Division.objects.bulk_update(changed, ["name", "pinyin", "initials"], batch_size=2000)
        return len(changed)

    def _draw(self) -> int:
        rows = []
        for feature, division in self.taken.values():
            row, old = grid_row(division, feature.shape, feature.geometry), self.rows.get(division.pk)
            if old is None or (old.boundary, old.geometry) != (row.boundary, row.geometry):
                rows.append(row)
        Grid.objects.bulk_create(
            rows,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["division"],
            update_fields=OUTLINE_FIELDS,
        )
        return len(rows)
