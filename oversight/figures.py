"""Numbers of any period and place, by place, office, category or worker, each with the cases behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db.models import Count, QuerySet, Sum

from cases.periods import Period
from grids.models import Division
from grids.querysets import covered_prefixes, prefix_q
from oversight.models import DayTotal, Grouping, Tally
from oversight.querysets import counts_in

Counts = dict[str, int]
TOWNSHIP_DIGITS: Final = 9


def _by_key(rows: Iterable[tuple[str, str, int]]) -> dict[str, Counts]:
    found: defaultdict[str, Counts] = defaultdict(dict)
    for key, measure, number in rows:
        found[key][measure] = number
    return dict(found)


def _sums(period: Period, grouping: Grouping) -> QuerySet[DayTotal]:
    return DayTotal.objects.filter(counts_in(period), grouping=grouping).order_by()


def counts(period: Period, place: Division | None = None) -> Counts:
    """How many of each measure in a period: of a place, or of everything."""
    if place is not None and len(place.prefix) > TOWNSHIP_DIGITS:
        rows = Tally.objects.counting_in(period).within(place).of("").order_by()
        return dict(rows.values_list("measure").annotate(n=Count("pk")))
    sums = _sums(period, Grouping.TOWNSHIP)
    if place is not None:
        sums = sums.filter(prefix_q("key", covered_prefixes(place)))
    return dict(sums.values_list("measure").annotate(n=Sum("number")))


def by_township(period: Period) -> dict[str, Counts]:
    """Each township's counts, by the digits of its code as they stood when the matter was reported."""
    rows = _sums(period, Grouping.TOWNSHIP).values_list("key", "measure").annotate(n=Sum("number"))
    return _by_key(rows)
