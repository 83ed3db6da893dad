"""A sheet as pages and files show it: each item with its score, what it is made of, its marks and its appeal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from oversight import assessment_scores
from oversight.assessment_scores import Part
from oversight.indicators import BY_CODE, Value
from oversight.models import (
    AssessmentAppeal,
    AssessmentItem,
    AssessmentMark,
    AssessmentScore,
    AssessmentSheet,
    AssessmentYear,
    ItemKind,
)
from oversight.rankings import LEAST


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a sheet."""

    item: AssessmentItem
    counted: AssessmentScore | None = None
    marks: Sequence[AssessmentMark] = ()
    appeal: AssessmentAppeal | None = None

    @property
    def mark(self) -> AssessmentMark | None:
        """The mark that counts: the newest."""
        return self.marks[-1] if self.marks else None

    @property
    def score(self) -> Decimal | None:
        """What counts: the mark, else what was counted; a bonus that nobody gave is 0. None: nothing to judge."""
        if self.mark is not None:
            return self.mark.points
        if self.item.kind == ItemKind.BONUS:
            return Decimal(0)
        return self.counted.score if self.counted else None

    @property
    def value(self) -> Value | None:
        """The figure that was counted; None for what is given by hand, or for an indicator that is no more."""
        if self.counted is None or self.item.indicator not in BY_CODE:
            return None
        return Value(BY_CODE[self.item.indicator], self.counted.numerator, self.counted.denominator)


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet with everything on it. `rank` is set by `ranked`, or as signed."""

    sheet: AssessmentSheet
    lines: Sequence[Line] = field(default_factory=list)
    rank: int | None = None

    @property
    def total(self) -> Decimal | None:
        """In points of 100, as signed if it is; None where there was nothing to judge."""
        if self.sheet.total is not None:
            return self.sheet.total
        return assessment_scores.total(
            Part(line.item.points, line.score, line.item.kind == ItemKind.BONUS) for line in self.lines
        )

    @property
    def base(self) -> int:
        """How many matters the shares rest on."""
        return sum(line.counted.denominator or 0 for line in self.lines if line.counted)

    @property
    def left_out(self) -> list[Line]:
        """The items without anything to judge, left out of the total."""
        return [line for line in self.lines if line.score is None and not line.item.by_hand]

    @property
    def missing(self) -> list[Line]:
        """The items that somebody is still to give a score for."""
        return [line for line in self.lines if line.item.kind == ItemKind.GIVEN and line.mark is None]

    def line(self, item: AssessmentItem) -> Line:
        """One item's. Raises StopIteration for an item that the sheet has not."""
        return next(one for one in self.lines if one.item.pk == item.pk)


def of_year(year: AssessmentYear) -> list[Filled]:
    """Every sheet of a year, townships first."""
    return _filled(year, year.sheets.select_related("division", "department"))


def of_sheet(sheet: AssessmentSheet) -> Filled:
    """One sheet."""
    return _filled(sheet.year, [sheet])[0]


def _filled(year: AssessmentYear, sheets: Iterable[AssessmentSheet]) -> list[Filled]:
    wanted = list(sheets)
    pks = [one.pk for one in wanted]
    counted = {(one.sheet_id, one.item_id): one for one in AssessmentScore.objects.filter(sheet__in=pks)}
    appeals = {
        (one.sheet_id, one.item_id): one
        for one in AssessmentAppeal.objects.filter(sheet__in=pks).select_related(
            "by__user", "decided_by__user"
        )
    }
    marks: defaultdict[tuple[int, int], list[AssessmentMark]] = defaultdict(list)
    for mark in AssessmentMark.objects.filter(sheet__in=pks).select_related("by__user"):
        marks[mark.sheet_id, mark.item_id].append(mark)
    items = list(year.items.all())
    return [
        Filled(
            sheet,
            [
                Line(item, counted.get(key), marks.get(key, []), appeals.get(key))
                for item in items
                if item.target == sheet.target
                for key in [(sheet.pk, item.pk)]
            ],
            sheet.rank,
        )
        for sheet in wanted
    ]


def ranked(sheets: Iterable[Filled]) -> list[Filled]:
    """The sheets with their ranks among their like, the best first; too few matters make none (as in the rankings)."""
    found: list[Filled] = []
    groups: defaultdict[str, list[Filled]] = defaultdict(list)
    for one in sheets:
        groups[one.sheet.target].append(one)
    for group in groups.values():
        totals = {
            one.sheet.pk: total
            for one in group
            if (total := one.total) is not None and one.base >= LEAST
        }  # fmt: skip
        ranks = assessment_scores.ranks(totals)
        found += [replace(one, rank=ranks.get(one.sheet.pk)) for one in group]
    return sorted(
        found, key=lambda one: (one.sheet.target != "township", one.rank or len(found) + 1, one.sheet.name)
    )
