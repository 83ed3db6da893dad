"""How items make scores and scores a total and a rank: arithmetic alone, in Decimal, each step rounded as it is shown.

Whoever adds up the scores of a sheet by hand, as they stand there, gets its total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from cases.shares import rounded

Key = TypeVar("Key")
FULL: Final = Decimal(100)


def of_share(numerator: int, denominator: int, points: Decimal, *, better: str) -> Decimal | None:
    """The part of an item's points that a share attains; one that is better low counts by what is missing to the whole.

    None where there is nothing to divide by. Never below 0 nor above the points, whatever the share.
    """
    if not denominator:
        return None
    attained = Decimal(numerator) / denominator
    if better == "less":
        attained = 1 - attained
    return rounded(points * min(max(attained, Decimal(0)), Decimal(1)))


def of_entries(number: int, points: Decimal, each: Decimal) -> Decimal:
    """An item's points less so much for each entry; nothing is left at worst."""
    return rounded(max(points - number * each, Decimal(0)))


@dataclass(frozen=True, slots=True)
class Part:
    """An item on a sheet: its points, what was attained (None: nothing to judge), and whether it comes on top."""

    points: Decimal
    score: Decimal | None
    on_top: bool = False


def total(parts: Iterable[Part]) -> Decimal | None:
    """The scores in points of 100, and what comes on top; None where there was nothing to judge.

    An item without anything to judge is left out and the others count for the whole: work that an office did not have
    makes it neither better nor worse.
    """
    attained, whole, extra = Decimal(0), Decimal(0), Decimal(0)
    for part in parts:
        if part.score is None:
            continue
        if part.on_top:
            extra += part.score
        else:
            attained += part.score
            whole += part.points
    return rounded(FULL * attained / whole) + extra if whole else None


def ranks(totals: Mapping[Key, Decimal]) -> dict[Key, int]:
    """The place of each, the highest total first; equal totals share a place and those after them are not moved up."""
    values = sorted(totals.values(), reverse=True)
    return {key: values.index(value) + 1 for key, value in totals.items()}


def said(points: Decimal) -> str:
    """Points without zeros that say nothing: "30", "12.5", "-0.25"."""
    return f"{points.normalize():f}"
