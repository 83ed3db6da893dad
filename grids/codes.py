"""How a division code is read: by its segments, never by stripping zeros.

A statistical division code has 12 digits: 2 province, 2 prefecture, 2 county, 3 township, 3 village. A grid adds 3
digits to its village. Many real townships and villages end in 0, so only the level says how much of a code counts.
"""

from __future__ import annotations

from typing import Final

CODE_DIGITS: Final = 12
GRID_DIGITS: Final = 15
SEGMENTS: Final = (2, 4, 6, 9, 12, 15)
"""How many digits each segment ends at, from the province to the grid."""


def city_digits(code: str) -> int:
    """Significant digits of a city: 6 for a county-level city (360981...), 4 for a prefecture city (1405 00...)."""
    return 4 if code[4:6] == "00" else 6


def parent_prefixes(prefix: str) -> list[str]:
    """The prefixes that may stand above this one, the nearest first: "360981119" gives "360981", "3609", "36"."""
    return [prefix[:end] for end in reversed(SEGMENTS) if end < len(prefix)]


def pad(code: str) -> str:
    """A short code filled up to 12 digits: "360981" gives "360981000000"."""
    return code.ljust(CODE_DIGITS, "0")
