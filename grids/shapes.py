"""Outlines between GeoJSON, shapely and the rows of the table."""

from __future__ import annotations

from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from grids.models import Division, Grid, GridGeometry

DEGREE_DIGITS: Final = 6
"""A millionth of a degree is about a decimetre."""


def to_geojson(shape: BaseGeometry) -> dict[str, Any]:
    """The GeoJSON geometry of a shape, as plain lists."""
    plain: dict[str, Any] = shape.__geo_interface__
    return {"type": plain["type"], "coordinates": _lists(plain["coordinates"])}


def _lists(value: Any) -> Any:
    return (
        [_lists(part) for part in value] if isinstance(value, tuple | list) else round(value, DEGREE_DIGITS)
    )


def grid_row(division: Division, shape: BaseGeometry, geometry: GridGeometry) -> Grid:
    """The unsaved row of an outline, with its bounding box."""
    west, south, east, north = (float(value) for value in shapely.bounds(shape))
    return Grid(
        division=division,
        boundary=to_geojson(shape),
        geometry=geometry,
        min_lat=south,
        max_lat=north,
        min_lng=west,
        max_lng=east,
    )
