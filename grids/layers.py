"""Layers of the schematic map: grids as they are stored, villages and townships as the union of theirs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import shapely
from django.db.models import TextField
from django.db.models.functions import Cast

from grids.clock import today
from grids.models import Division, DivisionLevel, Grid, GridGeometry
from grids.shapes import to_geojson

LAYER_LEVELS = (DivisionLevel.GRID, DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP)


def layer(within: Division, level: DivisionLevel) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the divisions of one level that lie within another, by code.

    A village or township counts as surveyed when all its grids are. Each feature has code, name, path, level,
    parent (a code) and geometry.
    """
    places, outlines = _grids(within)
    groups: dict[int, list[int]] = defaultdict(list)
    found: dict[int, Division] = {}
    for number, place in enumerate(places):
        above = _upwards(place, level)
        if above is not None:
            groups[above.pk].append(number)
            found[above.pk] = above
    features = [
        _feature(place, [places[n] for n in groups[pk]], [outlines[n] for n in groups[pk]])
        for pk, place in sorted(found.items(), key=lambda item: item[1].code)
    ]
    return {"type": "FeatureCollection", "features": features}


def _grids(within: Division) -> tuple[list[Division], list[shapely.Geometry]]:
    """The grids in force within a division, with all above them, and their outlines."""
    rows = list(
        Grid.objects.within(within)
        .valid_on(today())
        .select_related("division__parent__parent__parent")
        .defer("boundary")
        .annotate(outline=Cast("boundary", TextField()))
    )
    places = []
    for row in rows:
        row.division.grid = row
        places.append(row.division)
    return places, list(shapely.from_geojson([row.outline for row in rows]))


def _upwards(place: Division, level: DivisionLevel) -> Division | None:
    """The division of a level in which a grid lies, out of what is loaded already."""
    above: Division | None = place
    while above is not None and above.rank > level.rank:
        above = above.parent
    return above if above is not None and above.level == level else None


def _feature(place: Division, grids: list[Division], outlines: list[shapely.Geometry]) -> dict[str, Any]:
    shape = outlines[0] if len(outlines) == 1 else shapely.union_all(outlines)
    surveyed = all(grid.grid.geometry == GridGeometry.SURVEYED for grid in grids)
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
        "geometry": to_geojson(shape),
    }
