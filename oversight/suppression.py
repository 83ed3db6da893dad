"""Small numbers of sensitive matters are not told, and one more row with them, so that no sum gives them back.

Statistical disclosure control with a threshold of 3. A row is told whole or not at all: its numbers depend on each
other. Handling offices see their own matters anyway and are told everything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

FEWEST: Final = 3  # fewer than this are not told, unless there are none at all

Counts = Mapping[str, int]


def _size(counts: Counts) -> int:
    return max(counts.values(), default=0)


def hidden(rows: Mapping[str, Counts], protected: Collection[str]) -> frozenset[str]:
    """The keys of the rows that are not told, out of all rows of one table with a sum.

    `protected`: the keys of rows about sensitive matters. One is too small when any of its numbers is 1 or 2.
    When only one row would be hidden, the smallest of the others that is not empty goes with it, a protected one
    first; when there is no other, the sum itself must not be shown beside it (`lonely`).
    """
    small = {
        key for key in rows if key in protected and any(0 < number < FEWEST for number in rows[key].values())
    }
    if len(small) != 1:
        return frozenset(small)
    others = [key for key in rows if key not in small and _size(rows[key])]
    companion = min(others, key=lambda key: (key not in protected, _size(rows[key]), key), default=None)
    return frozenset(small | {companion} if companion is not None else small)


def lonely(rows: Mapping[str, Counts], not_told: Collection[str]) -> bool:
    """Whether the sum would give a hidden row back: it is the only one that has anything."""
    return len([key for key in not_told if _size(rows[key])]) == 1
