"""Rankings (排名): who did how well by a weighted mean of shares; ties share a place, too few matters make none.

The weights stand in data/oversight/ranking.csv. Only shares that are better high or low take part: counts would rank by how
much there is to do, and petitions, complaints and reopenings never count (docs/domain.md, section 9).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.periods import Period
from cases.shares import rounded
from grids.models import Division, DivisionLevel
from oversight import figures, tables
from oversight.figures import Counts, Slice
from oversight.indicators import BY_CODE, Value

LEAST: Final = 5  # matters in all shares together, to be ranked at all
FULL: Final = Decimal(100)


class Target(models.TextChoices):
    """Who is ranked among each other."""

    TOWNSHIP = "township", _("乡镇（街道）")
    DEPARTMENT = "department", _("部门")
    WORKER = "worker", _("网格员")
    VILLAGE = "village", _("村（社区）")


@cache
def weights() -> dict[Target, dict[str, int]]:
    """The weight of each indicator, by who is ranked. Raises ValueError for a line that makes no sense."""
    found: dict[Target, dict[str, int]] = {target: {} for target in Target}
    path = settings.GEZHI_OVERSIGHT_TABLES / "ranking.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            one = BY_CODE.get(row["indicator"])
            if one is None or one.denominator is None or not one.better or int(row["weight"]) <= 0:
                raise ValueError(f"{path.name}: {row}")
            found[Target(row["target"])][one.code] = int(row["weight"])
    return found


def score(values: Iterable[tuple[Value, int]]) -> Decimal | None:
    """The weighted mean of shares in points of 100, of those that have a denominator; None when none has one.

    A share that is better low counts by what is missing to the whole.
    """
    points, whole = Decimal(0), 0
    for value, weight in values:
        if not value.denominator:
            continue
        attained = Decimal(value.numerator) / value.denominator
        points += weight * (attained if value.indicator.better == "more" else 1 - attained)
        whole += weight
    return rounded(FULL * points / whole) if whole else None


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a ranking. `rank` None: too few matters to be ranked."""

    key: str
    label: str
    rank: int | None
    score: Decimal | None
    values: list[Value]
    of: Slice


def make(target: Target, period: Period, place: Division) -> list[Place]:
    """The ranking of a period, the best first; those without a rank at the end, by name."""
    counted = _COUNTED[target](period, place)
    lines = [_line(target, key, label, counts, of) for key, (label, counts, of) in counted.items()]
    ranked = sorted(
        (line for line in lines if line.score is not None and _base(line) >= LEAST),
        key=lambda line: (-(line.score or 0), line.label, line.key),
    )
    found: list[Place] = []
    for number, line in enumerate(ranked, start=1):
        same = found and found[-1].score == line.score
        rank = found[-1].rank if same else number
        found.append(Place(line.key, line.label, rank, line.score, line.values, line.of))
    rest = [line for line in lines if line.score is None or _base(line) < LEAST]
    return found + sorted(rest, key=lambda line: (line.label, line.key))


def _base(line: Place) -> int:
    return sum(value.denominator or 0 for value in line.values)


def _line(target: Target, key: str, label: str, counts: Counts, of: Slice) -> Place:
    own = weights()[target]
    values = [BY_CODE[code].value(counts) for code in own]
    return Place(key, label, None, score(zip(values, own.values(), strict=True)), values, of)


Counted = Mapping[str, tuple[str, Counts, Slice]]


def _measures(target: Target) -> frozenset[str]:
    return figures.measures_of(BY_CODE[code] for code in weights()[target])


def _townships(period: Period, place: Division) -> Counted:
    rows = figures.below(period, place, DivisionLevel.TOWNSHIP, measures=_measures(Target.TOWNSHIP))
    return {one.division.code: (one.division.name, one.counts, Slice(period, one.division)) for one in rows}


def _departments(period: Period, place: Division) -> Counted:
    counted = figures.by_office(period, place, measures=_measures(Target.DEPARTMENT))
    rows = {who: counts for who, counts in counted.items() if who.startswith("d")}
    names = tables.office_names(rows)
    return {who: (names[who], counts, Slice(period, place, who=who)) for who, counts in rows.items()}


def _workers(period: Period, place: Division) -> Counted:
    rows = figures.by_worker(period, place, measures=_measures(Target.WORKER))
    names = tables.worker_names(rows)
    return {f"p{pk}": (names[pk], counts, Slice(period, place, who=f"p{pk}")) for pk, counts in rows.items()}


def _villages(period: Period, place: Division) -> Counted:
    """With the township in the name: villages of several townships are called alike."""
    rows = figures.below(period, place, DivisionLevel.VILLAGE, measures=_measures(Target.VILLAGE))
    townships = Division.objects.in_bulk([one.division.parent_id for one in rows])
    found = {}
    for one in rows:
        village = one.division
        assert village.parent_id is not None  # only the root of the tree has nothing above it
        label = f"{townships[village.parent_id].name}{village.name}"
        found[village.code] = (label, one.counts, Slice(period, village))
    return found


_COUNTED: Final = {
    Target.TOWNSHIP: _townships,
    Target.DEPARTMENT: _departments,
    Target.WORKER: _workers,
    Target.VILLAGE: _villages,
}
