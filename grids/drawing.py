"""Draws schematic grids: a plain rectangle for the city, cut into townships, villages and grids.

No public data hold outlines of villages or grids. These copy no real one: they only have the right number of cells
in the right places of the tree. Surveyed grids are never touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import cos, radians, sqrt
from typing import Final

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from grids import revisions
from grids.clock import today
from grids.errors import ChangeRefused
from grids.models import Division, DivisionLevel, Grid, GridGeometry
from grids.services import new_division
from grids.shapes import grid_row
from grids.tiling import Box, tile

CENTRES: Final = {"360981000000": (28.19, 115.77), "140500000000": (35.4976, 112.8513)}
"""Where the seats of some cities lie: latitude and longitude in degrees."""
VILLAGE_KM2: Final = 4.5
"""About what a village of 丰城 measures."""
WIDTH_TO_HEIGHT: Final = 4 / 3
KM_PER_DEGREE: Final = 111.32
UNITS_PER_DEGREE: Final = 1_000_000
MOST_PER_VILLAGE: Final = 999


@dataclass(frozen=True)
class Drawing:
    """What was drawn: how many villages and grids there are now, and how many of the grids are new."""

    villages: int
    grids: int
    created: int


@dataclass
class _Village:
    """A village with its cell and the grids that lie in it, by code."""

    division: Division
    cell: Box
    grids: list[Division] = field(default_factory=list)
    surveyed: bool = False


@transaction.atomic
def draw_grids(*, city: Division, per_village: int, centre: tuple[float, float] | None = None) -> Drawing:
    """Gives every village of a city at least `per_village` grids, and every grid that is not surveyed an outline.

    Drawn again, grids keep their codes and only their outlines follow the tree; a village that has more grids keeps
    them. A village with a surveyed grid gets no new ones. `centre` is the latitude and longitude of the middle.

    Raises ChangeRefused for a city without villages, a centre that is not known, or more than 999 grids a village.
    """
    if not 1 <= per_village <= MOST_PER_VILLAGE:
        raise ChangeRefused(_("每村的网格数应在 1 到 %(most)d 之间。") % {"most": MOST_PER_VILLAGE})
    middle = centre or CENTRES.get(city.code)
    if middle is None:
        raise ChangeRefused(_("不知道%(city)s的位置，请给出中心的纬度和经度。") % {"city": city.name})
    divisions = list(Division.objects.within(city).valid_on(today()).order_by("code"))
    villages = _lay_out(city, divisions, middle)
    _gather_grids(villages, divisions)
    created = _add_grids(villages, per_village)
    rows = [row for village in villages for row in _outlines(village, middle)]
    Grid.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["division"],
        update_fields=["boundary", "geometry", "min_lat", "max_lat", "min_lng", "max_lng"],
    )
    revisions.bump(revisions.GRIDS)
    return Drawing(len(villages), sum(len(village.grids) for village in villages), created)


def _lay_out(city: Division, divisions: list[Division], middle: tuple[float, float]) -> list[_Village]:
    """The cell of every village: children of one division lie side by side inside its cell, in order of code."""
    children: dict[int | None, list[Division]] = defaultdict(list)
    for division in divisions:
        children[division.parent_id].append(division)
    weights: dict[int, int] = {}
    if not _weigh(city, children, weights):
        raise ChangeRefused(_("%(city)s没有村社区，先导入区划。") % {"city": city.name})
    cells = {city.pk: _outline(weights[city.pk], middle)}
    villages = []
    queue = [city]
    while queue:
        place = queue.pop()
        if place.level == DivisionLevel.VILLAGE:
            villages.append(_Village(place, cells[place.pk]))
            continue
        inner = [child for child in children[place.pk] if weights.get(child.pk)]
        boxes = tile(cells[place.pk], [weights[child.pk] for child in inner], _squeeze(middle))
        cells.update(zip((child.pk for child in inner), boxes, strict=True))
        queue += inner
    return sorted(villages, key=lambda village: village.division.code)


def _weigh(place: Division, children: dict[int | None, list[Division]], weights: dict[int, int]) -> int:
    """The number of villages below a division, itself counted; noted for all below."""
    if place.level == DivisionLevel.VILLAGE:
        weights[place.pk] = 1
    elif place.level != DivisionLevel.GRID:
        weights[place.pk] = sum(_weigh(child, children, weights) for child in children[place.pk])
    return weights.get(place.pk, 0)


def _squeeze(middle: tuple[float, float]) -> float:
    return cos(radians(middle[0]))


def _outline(villages: int, middle: tuple[float, float]) -> Box:
    """The plain shape of the city: a rectangle round its centre, as large as so many villages."""
    height_km = sqrt(villages * VILLAGE_KM2 / WIDTH_TO_HEIGHT)
    up = round(height_km / KM_PER_DEGREE / 2 * UNITS_PER_DEGREE)
    across = round(height_km * WIDTH_TO_HEIGHT / KM_PER_DEGREE / _squeeze(middle) / 2 * UNITS_PER_DEGREE)
    lat, lng = (round(degrees * UNITS_PER_DEGREE) for degrees in middle)
    return Box(lng - across, lat - up, lng + across, lat + up)


def _gather_grids(villages: list[_Village], divisions: Iterable[Division]) -> None:
    surveyed = set(Grid.objects.filter(geometry=GridGeometry.SURVEYED).values_list("division_id", flat=True))
    by_pk = {village.division.pk: village for village in villages}
    for division in divisions:
        village = by_pk.get(division.parent_id or 0)
        if village is None or division.level != DivisionLevel.GRID:
            continue
        if division.pk in surveyed:
            village.surveyed = True
        else:
            village.grids.append(division)


def _add_grids(villages: list[_Village], per_village: int) -> int:
    """Makes the grids that are missing, numbered on from the highest number ever used in the village."""
    codes = Division.objects.filter(level=DivisionLevel.GRID).values_list("code", flat=True)
    last: dict[str, int] = defaultdict(int)
    for code in codes:
        last[code[:12]] = max(last[code[:12]], int(code[12:]))
    new = []
    for village in villages:
        missing = 0 if village.surveyed else per_village - len(village.grids)
        start = last[village.division.code] + 1
        added = [_new_grid(village.division, number) for number in range(start, start + missing)]
        village.grids += added
        new += added
    Division.objects.bulk_create(new, batch_size=2000)
    return len(new)


def _new_grid(village: Division, number: int) -> Division:
    if number > MOST_PER_VILLAGE:
        raise ChangeRefused(_("%(village)s的网格编号用完了。") % {"village": village.name})
    return new_division(
        code=f"{village.code}{number:03}", name=f"{number:02}网格", level=DivisionLevel.GRID, parent=village
    )


def _outlines(village: _Village, middle: tuple[float, float]) -> Iterable[Grid]:
    if not village.grids:
        return
    boxes = tile(village.cell, [1] * len(village.grids), _squeeze(middle))
    for division, box in zip(village.grids, boxes, strict=True):
        west, south, east, north = (value / UNITS_PER_DEGREE for value in box)
        yield grid_row(division, shapely.box(west, south, east, north), GridGeometry.SCHEMATIC)
