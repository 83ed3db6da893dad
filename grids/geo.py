"""Which grid a position lies in.

The outlines of the grids in force stay in memory as a search tree, in every process. Whether they have changed is
asked of the database at most once a second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from threading import Lock
from time import monotonic
from typing import Final

import shapely
from django.db.models import Count, Max, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from grids import clock, revisions
from grids.errors import ValidationError
from grids.gcj02 import to_gcj02
from grids.models import Division, Grid, GridGeometry

__all__ = ["Index", "Located", "forget", "index", "locate", "read_position", "state", "to_gcj02"]

SECONDS_BETWEEN_LOOKS: Final = 1.0


@dataclass(frozen=True)
class Located:
    """The grid at a position. `geometry` says whether its outline was surveyed or is schematic."""

    division_id: int
    code: str
    geometry: str

    @property
    def confirm(self) -> bool:
        """A schematic grid never decides alone: the person is asked."""
        return self.geometry != GridGeometry.SURVEYED

    @cached_property
    def division(self) -> Division:
        """The grid's division, with everything that its path reads."""
        return Division.objects.with_path().get(pk=self.division_id)


class Index:
    """A search tree over outlines. `places` and `shapes` belong together by position."""

    def __init__(self, places: list[Located], shapes: list[shapely.Geometry]) -> None:
        # Surveyed before schematic, then by code: of several that hold a point, the first one is the answer.
        order = sorted(range(len(places)), key=lambda at: (places[at].confirm, places[at].code))
        self.places = [places[at] for at in order]
        self.shapes = [shapes[at] for at in order]
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)

    def at(self, lat: float, lng: float) -> Located | None:
        """The grid that holds the point, its border counted, surveyed before schematic; None outside all."""
        found = self.tree.query(shapely.Point(lng, lat), predicate="intersects")
        # A copy: what an answer looks up for itself must not outlive it.
        return replace(self.places[found.min()]) if len(found) else None


_lock = Lock()
_kept: tuple[object, Index] | None = None
_looked_at = float("-inf")


def locate(lat: float, lng: float) -> Located | None:
    """The grid in force at a WGS-84 position in degrees; None when it lies outside all of them."""
    return index().at(lat, lng)


def index() -> Index:
    """The search tree over the grids in force today, built anew when they have changed."""
    global _kept, _looked_at
    with _lock:
        if _kept is not None and monotonic() - _looked_at < SECONDS_BETWEEN_LOOKS:
            return _kept[1]
        now = state()
        if _kept is None or _kept[0] != now:
            _kept = now, _build()
        _looked_at = monotonic()
        return _kept[1]


def forget() -> None:
    """Looks at the database again at the next question, without waiting for the second to pass."""
    global _kept, _looked_at
    with _lock:
        _kept, _looked_at = None, float("-inf")


def read_position(lat: object, lng: object) -> tuple[float, float]:
    """A latitude and longitude in degrees out of what somebody sent.

    Raises ValidationError naming `lat` or `lng` for what is missing, no number, or not on earth.
    """
    errors: dict[str, list[str]] = {}
    values = {}
    for name, value, limit in (("lat", lat, 90.0), ("lng", lng, 180.0)):
        values[name] = _number(value)
        if values[name] is None:
            errors[name] = [_("请填写以度为单位的数字。")]
        elif abs(values[name] or 0.0) > limit:
            errors[name] = [_("应在 -%(limit)d 到 %(limit)d 之间。") % {"limit": limit}]
    if errors:
        raise ValidationError(errors)
    return values["lat"] or 0.0, values["lng"] or 0.0


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None


def state() -> tuple[object, ...]:
    """Changes when grids are added, changed or end: validity follows the day."""
    counted = Grid.objects.aggregate(Count("pk"), Max("pk"))
    return (revisions.current(revisions.GRIDS), clock.today(), *counted.values())


def _build() -> Index:
    rows = list(
        Grid.objects.valid_on(clock.today())
        .annotate(outline=Cast("boundary", TextField()))
        .values_list("division_id", "division__code", "geometry", "outline")
    )
    places = [Located(pk, code, geometry) for pk, code, geometry, _outline in rows]
    return Index(places, list(shapely.from_geojson([outline for *_rest, outline in rows])))
