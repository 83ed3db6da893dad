"""Layers of the schematic map: grids as they are stored, villages and townships as the union of theirs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import shapely
from shapely.geometry import shape as from_geojson

from grids.clock import today
from grids.models import Division, DivisionLevel, Grid, GridGeometry
from grids.shapes import to_geojson

A_METRE = 0.00001  # of latitude, in degrees
LAYER_LEVELS = (DivisionLevel.GRID, DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP)


class _Cell(NamedTuple):
    """A grid, how its outline came to be, and the outline as GeoJSON."""

    place: Division
    geometry: str
    boundary: dict[str, Any]


def layer(within: Division, level: DivisionLevel) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the divisions of one level that lie within another, by code.

    A village or township counts as surveyed when all its grids are. Each feature has code, name, path, level,
    parent (a code) and geometry.
    """
    groups: dict[Division, list[_Cell]] = defaultdict(list)
    for cell in _grids(within):
        above = _upwards(cell.place, level)
        if above is not None:
            groups[above].append(cell)
    features = [_feature(place, groups[place]) for place in sorted(groups, key=lambda place: place.code)]
    return {"type": "FeatureCollection", "features": features}


def _grids(within: Division) -> list[_Cell]:
    """The grids in force within a division, with all above them, and their outlines."""
    rows = Grid.objects.within(within).valid_on(today()).order_by("pk")
    rows = rows.select_related("division__parent__parent__parent")
    return [_Cell(row.division, row.geometry, row.boundary) for row in rows]


def _upwards(place: Division, level: DivisionLevel) -> Division | None:
    """The division of a level in which a grid lies, out of what is loaded already."""
    above: Division | None = place
    while above is not None and above.rank > level.rank:
        above = above.parent
    return above if above is not None and above.level == level else None


def _feature(place: Division, cells: list[_Cell]) -> dict[str, Any]:
    surveyed = all(cell.geometry == GridGeometry.SURVEYED for cell in cells)
    return {
        "type": "Feature",
        "id": place.code,
        "properties": {
            "code": place.code,
            "name": place.name,
            "path": place.path,
            "level": place.level,
            "parent": place.parent.code if place.parent else None,
            "geometry": GridGeometry.SURVEYED if surveyed else GridGeometry.SCHEMATIC,
        },
        "geometry": _united([cell.boundary for cell in cells]),
    }


def _united(boundaries: list[dict[str, Any]]) -> dict[str, Any]:
    """One outline round all of them, as GeoJSON, without the corners that nobody sees; a single one as it is stored."""
    if len(boundaries) == 1:
        return boundaries[0]
    whole = shapely.union_all([from_geojson(boundary) for boundary in boundaries])
    return to_geojson(shapely.simplify(whole, A_METRE))
