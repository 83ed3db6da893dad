"""Every change to places and departments. The work calendar's are in `grids.workdays`.

This app knows no users: who made a change stands in the caller's record.
"""

from __future__ import annotations

from datetime import date, timedelta

import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry

from grids import pinyin, revisions
from grids.clock import today
from grids.errors import ChangeRefused
from grids.models import (
    Department,
    DepartmentKind,
    Division,
    DivisionLevel,
    DivisionName,
    Grid,
    GridGeometry,
)
from grids.shapes import grid_row

DAY = timedelta(days=1)
DEPARTMENT_LEVELS = frozenset({DivisionLevel.CITY, DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP})


@transaction.atomic
def merge_divisions(*, division: Division, into: Division, on: date, reason: str) -> Division:
    """Ends a division on the day before `on` and names the one that takes it over; both keep code and history.

    What lies below it and is in force moves under the successor and keeps its own code. Of two grids the successor's
    outline becomes that of both.

    Returns the ended division. Raises ChangeRefused when the two cannot be merged on that day.
    """
    locked = Division.objects.select_for_update().in_bulk([division.pk, into.pk])
    division, into = locked[division.pk], locked[into.pk]
    _check_merger(division, into, on)
    division.valid_to, division.successor, division.end_reason = on - DAY, into, reason
    division.save(update_fields=["valid_to", "successor", "end_reason"])
    division.children.filter(valid_to__isnull=True).update(parent=into)
    _join_outlines(division, into)
    revisions.bump(revisions.GRIDS)
    return division


def _check_merger(division: Division, into: Division, on: date) -> None:
    if division.level != into.level or division.pk == into.pk:
        raise ChangeRefused(_("只能并入同一层级的另一个区划。"))
    if division.code == settings.GEZHI_CITY_CODE:
        raise ChangeRefused(_("本系统所辖的市不能并入别处。"))
    if division.valid_to is not None or into.valid_to is not None:
        raise ChangeRefused(_("已经撤并的区划不能再撤并。"))
    if on > today():
        raise ChangeRefused(_("撤并的日期不能晚于今天。"))
    if any(place.valid_from is not None and place.valid_from >= on for place in (division, into)):
        raise ChangeRefused(_("撤并的日期要晚于两个区划的设立日期。"))


def _join_outlines(division: Division, into: Division) -> None:
    rows = Grid.objects.in_bulk([division.pk, into.pk])
    if len(rows) < 2:
        return
    union: BaseGeometry = shapely.union_all([from_geojson(row.boundary) for row in rows.values()])
    surveyed = all(row.geometry == GridGeometry.SURVEYED for row in rows.values())
    joined = grid_row(into, union, GridGeometry.SURVEYED if surveyed else GridGeometry.SCHEMATIC)
    joined.save(update_fields=["boundary", "geometry", "min_lat", "max_lat", "min_lng", "max_lng"])


@transaction.atomic
def rename_division(*, division: Division, name: str, on: date, reason: str) -> Division:
    """Gives a division a new name from a day on; the old one is kept as a former name.

    Raises ChangeRefused for an empty or unchanged name, an ended division, a second new name from the same day, or
    a day that has not come: a name is what a place is called now.
    """
    division = Division.objects.select_for_update().get(pk=division.pk)
    name = name.strip()
    if not name or name == division.name:
        raise ChangeRefused(_("请写一个新的名称。"))
    if division.valid_to is not None:
        raise ChangeRefused(_("已经撤并的区划不再改名。"))
    if on > today():
        raise ChangeRefused(_("改名的日期不能晚于今天。"))
    if division.former_names.filter(used_to__gte=on - DAY).exists():
        raise ChangeRefused(_("这一天之后已经改过名。"))
    DivisionName.objects.create(division=division, name=division.name, used_to=on - DAY, reason=reason)
    set_name(division, name)
    division.save(update_fields=["name", "pinyin", "initials"])
    revisions.bump(revisions.GRIDS)
    return division


def set_name(division: Division, name: str) -> None:
    """The name with the keys that go with it; not saved."""
    division.name = name
    division.pinyin, division.initials = pinyin.keys(name)


def new_division(*, code: str, name: str, level: DivisionLevel, parent: Division | None) -> Division:
    """An unsaved division with its prefix and keys."""
    division = Division(code=code, level=level, parent=parent, prefix=code[: level.digits(code)])
    set_name(division, name)
    return division


def create_department(
    *,
    name: str,
    kind: DepartmentKind,
    division: Division,
    telephone: str = "",
    valid_from: date | None = None,
) -> Department:
    """A department of a city, county or township. Raises ChangeRefused at any other level or a used name."""
    if division.level not in DEPARTMENT_LEVELS:
        raise ChangeRefused(_("部门只设在市、县区或乡镇街道。"))
    if Department.objects.filter(division=division, name=name, valid_to__isnull=True).exists():
        raise ChangeRefused(_("%(place)s已有同名部门。") % {"place": division.name})
    return Department.objects.create(
        name=name, kind=kind, division=division, telephone=telephone, valid_from=valid_from
    )


def end_department(*, department: Department, on: date) -> Department:
    """Closes a department; `on` is its last day. Raises ChangeRefused before its first day or a second time."""
    if department.valid_to is not None:
        raise ChangeRefused(_("这个部门已经撤销。"))
    if department.valid_from is not None and on < department.valid_from:
        raise ChangeRefused(_("撤销的日期早于设立的日期。"))
    department.valid_to = on
    department.save(update_fields=["valid_to"])
    return department
