"""Finds surveyed grids that lie over each other: of a position in both, nobody could say whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

OVERLAP_TOLERANCE: Final = 0.01
"""The share of the smaller of two grids that may lie in the other: surveyed outlines never meet exactly."""
CELLS_PER_DEGREE: Final = 50


class Outlines:
    """Outlines by the code of their grid, held so that those near each other are found."""

    def __init__(self, shapes: Mapping[str, BaseGeometry]) -> None:
        self._shapes: dict[str, BaseGeometry] = {}
        self._cells: dict[tuple[int, int], set[str]] = defaultdict(set)
        for code, shape in shapes.items():
            self.put(code, shape)

    def put(self, code: str, shape: BaseGeometry) -> None:
        """Takes an outline in, in place of the one that the grid had."""
        self._shapes[code] = shape
        for cell in _cells(shape):
            self._cells[cell].add(code)

    def take_out(self, code: str) -> BaseGeometry | None:
        """Takes the outline of a grid out and gives it back."""
        return self._shapes.pop(code, None)

    def overlapping(self, shape: BaseGeometry) -> str:
        """The first grid, by code, that shares more than the tolerance with a shape; empty when none does."""
        near = {code for cell in _cells(shape) for code in self._cells[cell]} & self._shapes.keys()
        for code in sorted(near):
            outline = self._shapes[code]
            shared = shapely.area(shapely.intersection(shape, outline))
            if shared > OVERLAP_TOLERANCE * min(shape.area, outline.area):
                return code
        return ""


def _cells(shape: BaseGeometry) -> list[tuple[int, int]]:
    """The squares of a fiftieth of a degree that a shape may touch: what shares none cannot overlap."""
    west, south, east, north = (int(value * CELLS_PER_DEGREE) for value in shape.bounds)
    return [(x, y) for x in range(west, east + 1) for y in range(south, north + 1)]
