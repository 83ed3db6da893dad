"""Numbers of any period and place, by place, office, category or worker, each with the cases behind it.

The sums of days answer for the city, its townships, the categories and the offices; what lies inside one township, and
workers, are counted from the tallies themselves, which are few there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Concat, Left

from cases.periods import Period
from grids import clock
from grids.models import Division, DivisionLevel
from grids.querysets import covered_prefixes, prefix_q
from oversight.indicators import Indicator, Value
from oversight.indicators import Sum as Formula
from oversight.models import DayTotal, Grouping, Tally
from oversight.querysets import TallyQuerySet, counts_in

Counts = dict[str, int]
TOWNSHIP_DIGITS: Final = 9
DIGITS: Final = {DivisionLevel.TOWNSHIP: 9, DivisionLevel.VILLAGE: 12, DivisionLevel.GRID: 15}
CATEGORY: Final = Concat(F("kind"), Constant(":"), F("category"))


def _by_key(rows: Iterable[tuple[str, str, int]]) -> dict[str, Counts]:
    found: defaultdict[str, Counts] = defaultdict(dict)
    for key, measure, number in rows:
        found[key][measure] = number
    return dict(found)


def _sums(period: Period, grouping: str) -> QuerySet[DayTotal]:
    return DayTotal.objects.filter(counts_in(period), grouping=grouping).order_by()


def _everything(place: Division | None) -> bool:
    """Whether a place is all that this installation has: then the sums of days need no place."""
    return place is None or place.code == settings.GEZHI_CITY_CODE


def _tallies(period: Period, place: Division | None) -> TallyQuerySet:
    found = Tally.objects.counting_in(period).order_by()
    return found if place is None else found.within(place)


def counts(period: Period, place: Division | None = None) -> Counts:
    """How many of each measure in a period: of a place, or of everything."""
    if place is not None and len(place.prefix) > TOWNSHIP_DIGITS:
        return dict(_tallies(period, place).of("").values_list("measure").annotate(n=Count("pk")))
    sums = _sums(period, Grouping.TOWNSHIP)
    if place is not None:
        sums = sums.filter(prefix_q("key", covered_prefixes(place)))
    return dict(sums.values_list("measure").annotate(n=Sum("number")))


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """A division below the one looked at, with its counts."""

    division: Division
    counts: Counts


def below(period: Period, place: Division, level: DivisionLevel) -> list[PlaceCounts]:
    """The counts of every division of a level inside a place, those without any too, in the order of their codes.

    What a division took over from another counts as its own. What was reported of a higher place than the level (a
    whole township, say) is in none of them.
    """
    divisions = list(
        Division.objects.within(place).filter(level=level).valid_on(clock.today()).order_by("code")
    )
    digits = DIGITS[level]
    if level == DivisionLevel.TOWNSHIP:
        sums = _sums(period, Grouping.TOWNSHIP).filter(prefix_q("key", covered_prefixes(place)))
        found = _by_key(sums.values_list("key", "measure").annotate(n=Sum("number")))
    else:
        rows = _tallies(period, place).of("").annotate(key=Left("place", digits))
        found = _by_key(rows.values_list("key", "measure").annotate(n=Count("pk")))
    owners = _owners(divisions, digits)
    total: defaultdict[int, Counts] = defaultdict(dict)
    for key, numbers in found.items():
        if key in owners:
            mine = total[owners[key]]
            for measure, n in numbers.items():
                mine[measure] = mine.get(measure, 0) + n
    return [PlaceCounts(one, total.get(one.pk, {})) for one in divisions]


def _owners(divisions: Iterable[Division], digits: int) -> dict[str, int]:
    """Which of today's divisions has which digits: its own, and those of the divisions that it took over."""
    today = {one.pk for one in divisions}
    found = {one.prefix: one.pk for one in divisions}
    past = Division.objects.filter(successor__isnull=False).select_related("successor")
    for old in past:
        heir = old.heir
        if heir.pk in today and len(old.prefix) == digits:
            found[old.prefix] = heir.pk
    return found


def by_office(period: Period, place: Division | None = None) -> dict[str, Counts]:
    """The counts of each office ("d12", "o7"), of its work in a place or everywhere."""
    if _everything(place):
        sums = _sums(period, Grouping.OFFICE)
        return _by_key(sums.values_list("key", "measure").annotate(n=Sum("number")))
    rows = _tallies(period, place).exclude(who="").exclude(who__startswith="p")
    return _by_key(rows.values_list("who", "measure").annotate(n=Count("pk")))


def by_category(period: Period, place: Division | None = None) -> dict[str, Counts]:
    """The counts of each category ("incident:0101", "mediation:family"), of a place or of everything."""
    if _everything(place):
        sums = _sums(period, Grouping.CATEGORY)
        return _by_key(sums.values_list("key", "measure").annotate(n=Sum("number")))
    rows = _tallies(period, place).of("").annotate(key=CATEGORY)
    return _by_key(rows.values_list("key", "measure").annotate(n=Count("pk")))


def by_worker(period: Period, place: Division | None = None) -> dict[int, Counts]:
    """The counts of each grid worker's post, of its work in a place or everywhere."""
    rows = _tallies(period, place).filter(who__startswith="p")
    found = _by_key(rows.values_list("who", "measure").annotate(n=Count("pk")))
    return {int(who[1:]): numbers for who, numbers in found.items()}


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of a period, of the period before, and of a year before."""

    now: Value
    before: Value
    year_before: Value

    @property
    def indicator(self) -> Indicator:
        return self.now.indicator


def compared(wanted: Iterable[Indicator], period: Period, place: Division | None = None) -> list[Compared]:
    """Figures of a place, with what they are compared with."""
    spans = (period, period.before(), period.year_before())
    now, before, year_before = (counts(span, place) for span in spans)
    return [Compared(one.value(now), one.value(before), one.value(year_before)) for one in wanted]


# --- what stands behind a number


@dataclass(frozen=True, slots=True)
class Slice:
    """Which tallies a number is made of: of a place, an office or worker ("" the matters), a category ("kind:code")."""

    period: Period
    place: Division | None = None
    who: str = ""
    category: str = ""

    def tallies(self, measures: Iterable[str]) -> TallyQuerySet:
        """Those under some measures."""
        found = _tallies(self.period, self.place).of(self.who).filter(measure__in=list(measures))
        if self.category:
            kind, _colon, code = self.category.partition(":")
            found = found.filter(kind=kind, category=code)
        return found


def behind(formula: Formula, of: Slice) -> TallyQuerySet:
    """The tallies behind a number: exactly as many as it says, one for each thing that counts."""
    found = of.tallies(formula.plus)
    if not formula.minus:
        return found
    taken = of.tallies(formula.minus).filter(case=OuterRef("case"), item=OuterRef("item"))
    return found.filter(~Exists(taken))
