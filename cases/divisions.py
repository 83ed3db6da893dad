"""Up and down the tree of divisions, as the handling of matters walks it: no further up than the city's root."""

from __future__ import annotations

from grids.models import Division, DivisionLevel

# The larger, the higher.
RANK = {level.value: -level.rank for level in DivisionLevel}


def line(place: Division) -> list[Division]:
    """The division as it stands today and all above it up to the city's root, the lowest first."""
    return [step.heir for step in place.heir.chain]


def above(division: Division) -> Division | None:
    """The next division above that has a centre: village, township, county or city; None at the root."""
    steps = line(division)
    return steps[1] if len(steps) > 1 else None
