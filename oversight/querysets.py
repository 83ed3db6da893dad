"""How tallies are read: always by a period, of which each matter is counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from django.db import models
from django.db.models import Q

from cases.periods import Period
from grids.models import Division
from grids.querysets import prefix_q

if TYPE_CHECKING:
    from oversight.models import Tally  # noqa: F401 - named in strings

# Whose numbers they are, beside a role: what everybody may be told; and all that there is, for the program itself and for
# an office or worker that looks at its own work.
PUBLIC: Final = ""
EVERYTHING: Final = "*"


def seen_q(reader: str) -> Q:
    """What may count for a reader: a sensitive matter is in nobody's numbers but those of the roles that see it.

    So whoever subtracts periods, places or sums finds nothing of it.
    """
    if reader == EVERYTHING:
        return Q()
    public = Q(seen_by="")
    return public if reader == PUBLIC else public | Q(seen_by__contains=f",{reader},")


def counts_in(period: Period) -> Q:
    """The one rule of counting: the day lies in the period, and no other day of it counts the same matter already."""
    span = (period.first, period.last)
    return Q(day__range=span) & (Q(twin=None) | ~Q(twin__range=span))


class TallyQuerySet(models.QuerySet["Tally"]):
    def counting_in(self, period: Period) -> Self:
        return self.filter(counts_in(period))

    def seen_by(self, reader: str) -> Self:
        """That count for a reader: a role, PUBLIC or EVERYTHING."""
        return self.filter(seen_q(reader))

    def within(self, division: Division) -> Self:
        """Of matters in a division's subtree."""
        return self.filter(prefix_q("place", division.covered_prefixes))

    def of(self, who: str) -> Self:
        """Of one office or post; empty: the matters themselves."""
        return self.filter(who=who)


TallyManager = models.Manager.from_queryset(TallyQuerySet)
