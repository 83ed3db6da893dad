"""Into which few classes the numbers of a map fall: about as many areas in each, or steps of one width.

Numbers are whole: counts as they are, shares in hundredths of a per cent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from django.db import models
from django.utils.translation import gettext_lazy as _


class Method(models.TextChoices):
    """How the classes are cut."""

    QUANTILES = "quantiles", _("每级的地方数相近")
    STEPS = "steps", _("每级的间距相等")


@dataclass(frozen=True, slots=True)
class Band:
    """A class: from its lowest number to its highest, both counted."""

    low: int
    high: int

    def has(self, number: int) -> bool:
        return self.low <= number <= self.high


def bands(numbers: Collection[int], method: Method, most: int) -> list[Band]:
    """At most so many classes that hold all the numbers, from the lowest up; equal numbers are never parted.

    There are fewer only where there are fewer different numbers (quantiles), or fewer whole ones between the lowest
    and the highest (steps).
    """
    if not numbers:
        return []
    if method == Method.STEPS:
        return _steps(min(numbers), max(numbers), most)
    return _quantiles(numbers, most)


def _steps(low: int, high: int, most: int) -> list[Band]:
    starts = sorted({low - -(high - low) * step // most for step in range(most)})
    return [Band(start, after - 1) for start, after in pairwise([*starts, high + 1])]


def _quantiles(numbers: Collection[int], most: int) -> list[Band]:
    """Each class takes the next number as long as that brings it nearer to its share of the areas that are left."""
    rest = sorted(Counter(numbers).items(), reverse=True)
    left = len(numbers)
    found: list[Band] = []
    for classes in range(min(most, len(rest)), 0, -1):
        low, taken = rest.pop()
        high = low
        while len(rest) >= classes and 2 * taken + rest[-1][1] <= 2 * left / classes:
            high, more = rest.pop()
            taken += more
        found.append(Band(low, high))
        left -= taken
    return found
