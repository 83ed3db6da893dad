"""How tallies are read: always by a period, of which each matter is counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from cases.periods import Period
from grids.models import Division
from grids.querysets import covered_prefixes, prefix_q

if TYPE_CHECKING:
    from oversight.models import Tally  # noqa: F401 - named in strings


def counts_in(period: Period) -> Q:
    """The one rule of counting: the day lies in the period, and no other day of it counts the same matter already."""
    span = (period.first, period.last)
    return Q(day__range=span) & (Q(twin=None) | ~Q(twin__range=span))


class TallyQuerySet(models.QuerySet["Tally"]):
    def counting_in(self, period: Period) -> Self:
        return self.filter(counts_in(period))

    def within(self, division: Division) -> Self:
        """Of matters in a division's subtree."""
        return self.filter(prefix_q("place", covered_prefixes(division)))

    def of(self, who: str) -> Self:
        """Of one office or post; empty: the matters themselves."""
        return self.filter(who=who)


TallyManager = models.Manager.from_queryset(TallyQuerySet)
