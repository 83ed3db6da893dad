"""Incidents as points of a map: where they were found, else the middle of their grid's outline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Post
from cases.looks import deadline_look
from grids.models import Grid
from incidents.listing import Row, by_newest, row_of, with_rows
from incidents.models import Incident


def points_of(found: QuerySet[Incident], now: datetime, post: Post) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946, WGS-84) of these incidents; those with no place on a map are left out."""
    rows = list(with_rows(by_newest(found)))
    middles = _middles([incident for incident in rows if incident.lat is None])
    features = []
    for incident in rows:
        at = (incident.lng, incident.lat) if incident.lat is not None else middles.get(incident.case.place_id)
        if at is not None:
            features.append(_feature(row_of(incident, post), at, now, incident.lat is None))
    return {"type": "FeatureCollection", "features": features}


def _middles(incidents: list[Incident]) -> dict[int, tuple[float, float]]:
    grids = Grid.objects.filter(pk__in={incident.case.place_id for incident in incidents})
    return {g.pk: ((g.min_lng + g.max_lng) / 2, (g.min_lat + g.max_lat) / 2) for g in grids.defer("boundary")}


def _feature(row: Row, at: tuple[Any, Any], now: datetime, rough: bool) -> dict[str, Any]:
    look = deadline_look(row.deadline, now) if row.deadline else None
    words = f"{row.step} · {look.words}" if look else str(row.step)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(at)},
        "properties": {
            "url": row.url,
            "number": row.number,
            "title": row.title,
            "path": row.path,
            "words": words,
            "look": look.look if look else "off",
            "rough": rough,
        },
    }
