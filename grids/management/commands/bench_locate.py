"""manage.py bench_locate: how long it takes to find the grid of a position. Writes nothing, needs no tables."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import numpy as np
import shapely
from django.core.management.base import BaseCommand, CommandParser

from grids.geo import Index, Located
from grids.models import GridGeometry
from grids.tiling import Box, tile

BOX = Box(115_461_954, 27_986_370, 116_078_046, 28_393_630)
UNITS_PER_DEGREE = 1_000_000


class Command(BaseCommand):
    help = "Measures point to grid against a bare query of the same search tree; prints one line of JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--grids", type=int, default=10_000)
        parser.add_argument("--points", type=int, default=5_000)

    def handle(self, *args: Any, **options: Any) -> None:
        shapes = _shapes(options["grids"])
        index = Index([Located(n, f"{n:015}", GridGeometry.SCHEMATIC) for n in range(len(shapes))], shapes)
        points = _points(options["points"])
        bare = shapely.STRtree(shapes)
        plain = _times(lambda lat, lng: bare.query(shapely.Point(lng, lat), predicate="intersects"), points)
        ours = _times(index.at, points)
        found = {
            "grids": len(shapes),
            "median_us": round(median(ours), 2),
            "p99_us": round(quantiles(ours, n=100)[98], 2),
            "bare_strtree_median_us": round(median(plain), 2),
            "ratio": round(median(ours) / median(plain), 2),
        }
        self.stdout.write(json.dumps(found))


def _shapes(count: int) -> list[shapely.Geometry]:
    boxes = tile(BOX, [1] * count)
    corners = np.array(boxes) / UNITS_PER_DEGREE
    return list(shapely.box(corners[:, 0], corners[:, 1], corners[:, 2], corners[:, 3]))


def _points(count: int) -> list[tuple[float, float]]:
    """Positions inside and a little outside, always the same."""
    draw = random.Random(20261122)
    west, south, east, north = (value / UNITS_PER_DEGREE for value in BOX)
    return [
        (draw.uniform(south - 0.02, north + 0.02), draw.uniform(west - 0.02, east + 0.02))
        for _n in range(count)
    ]


def _times(ask: Callable[[float, float], object], points: list[tuple[float, float]]) -> list[float]:
    """Microseconds for each point."""
    found = []
    for lat, lng in points:
        start = perf_counter()
        ask(lat, lng)
        found.append((perf_counter() - start) * 1e6)
    return found
