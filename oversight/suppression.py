"""Small numbers of disputes are not told in public, and one more row with them, so that no sum gives them back.

Statistical disclosure control with a threshold of 3. A row is told whole or not at all: its numbers depend on each
other. Offices that see the disputes are told everything; sensitive incidents are in nobody else's numbers at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 3  # fewer than this are not told, unless there are none at all

Counts = Mapping[str, int]


def small(number: int) -> bool:
    """Whether a number of disputes is too small to be told."""
    return 0 < number < FEWEST


def _size(counts: Counts) -> int:
    return max(counts.values(), default=0)


@dataclass(frozen=True, slots=True)
class Untold:
    """What of a table is not told: the rows with these keys, and the sum too when it would give them back."""

    rows: frozenset[str] = frozenset()
    total: bool = False


def untold(rows: Mapping[str, Counts]) -> Untold:
    """What is not told of a table with a sum, whose rows are counts of measures.

    A row is too small when any of its numbers is 1 or 2. The smallest row that is not too small goes with them: without it
    two hidden rows that make 2 together would be known to be 1 each. Where there is no such row the sum is not told.
    """
    hidden = {key for key, counts in rows.items() if any(map(small, counts.values()))}
    if not hidden:
        return Untold()
    others = [key for key in rows if key not in hidden and _size(rows[key]) >= FEWEST]
    companion = min(others, key=lambda key: (_size(rows[key]), key), default=None)
    if companion is None:
        return Untold(frozenset(hidden), total=True)
    return Untold(frozenset({*hidden, companion}))
