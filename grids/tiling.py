"""Cuts a rectangle into rectangles without gaps or overlaps. Whole numbers only, so that borders meet exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in millionths of a degree."""

    west: int
    south: int
    east: int
    north: int

    @property
    def width(self) -> int:
        return self.east - self.west

    @property
    def height(self) -> int:
        return self.north - self.south


def tile(box: Box, weights: Sequence[int], squeeze: float = 1.0) -> list[Box]:
    """One rectangle for each weight, its area in proportion; in order from west to east and north to south.

    The longer side is cut where the weights before and after come nearest to equal, and so on in both parts.
    `squeeze` is how much shorter a degree is across than up (the cosine of the latitude). Raises ValueError when
    the box is too small for so many parts.
    """
    if len(weights) == 1:
        return [box]
    middle = _balance(weights)
    share = sum(weights[:middle]) / sum(weights)
    first, second = _cut(box, share, squeeze)
    return tile(first, weights[:middle], squeeze) + tile(second, weights[middle:], squeeze)


def _balance(weights: Sequence[int]) -> int:
    """After how many weights the two parts differ least; at least one on each side."""
    total, before, best, least = sum(weights), 0, 1, None
    for count, weight in enumerate(weights[:-1], start=1):
        before += weight
        difference = abs(total - 2 * before)
        if least is None or difference < least:
            best, least = count, difference
    return best


def _cut(box: Box, share: float, squeeze: float) -> tuple[Box, Box]:
    """The western and eastern, or the northern and southern part, the first with its share of the area."""
    if box.width * squeeze >= box.height:
        at = box.west + round(box.width * share)
        parts = box._replace(east=at), box._replace(west=at)
    else:
        at = box.north - round(box.height * share)
        parts = box._replace(south=at), box._replace(north=at)
    if any(part.width <= 0 or part.height <= 0 for part in parts):
        raise ValueError("the box is too small for so many parts")
    return parts
