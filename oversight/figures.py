"""Numbers of any period and place, by place, office, category or worker, each with the cases behind it.

The sums of days answer for the city, its counties and townships, and for the categories and offices of a county, those of months
for periods of whole ones, and for villages too; what else lies inside one township, and workers, are counted from the
tallies themselves, which are few there. A reader's numbers hold what that role may see (`querysets.seen_q`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Concat, Left

from cases.periods import Period
from grids import clock
from grids.models import Division, DivisionLevel
from grids.querysets import prefix_q
from oversight.indicators import Indicator, Value
from oversight.indicators import Sum as Formula
from oversight.models import Grouping, Span, Tally, Total
from oversight.querysets import PUBLIC, TallyQuerySet, counts_in, seen_q

Counts = dict[str, int]
AREA_DIGITS: Final = 6
TOWNSHIP_DIGITS: Final = 9
DIGITS: Final = {DivisionLevel.TOWNSHIP: 9, DivisionLevel.VILLAGE: 12, DivisionLevel.GRID: 15}
# The levels whose places have sums, by the spans of these.
SUMMED: Final = {
    (DivisionLevel.TOWNSHIP, Span.DAY): Grouping.TOWNSHIP,
    (DivisionLevel.TOWNSHIP, Span.MONTH): Grouping.TOWNSHIP,
    (DivisionLevel.VILLAGE, Span.MONTH): Grouping.VILLAGE,
}
CATEGORY: Final = Concat(F("kind"), Constant(":"), F("category"))
Measures = Collection[str] | None


def _by_key(rows: Iterable[tuple[str, str, int]]) -> dict[str, Counts]:
    found: defaultdict[str, Counts] = defaultdict(dict)
    for key, measure, number in rows:
        found[key][measure] = found[key].get(measure, 0) + number
    return dict(found)


def _of(measures: Measures) -> Q:
    return Q() if measures is None else Q(measure__in=sorted(measures))


def _span(period: Period) -> Span:
    """The longest sums that a period is made of."""
    return Span.MONTH if period.months else Span.DAY


def _sums(period: Period, grouping: str, reader: str, measures: Measures = None) -> QuerySet[Total]:
    wanted = counts_in(period) & seen_q(reader) & _of(measures)
    return Total.objects.filter(wanted, span=_span(period), grouping=grouping).order_by()


def _tallies(period: Period, place: Division | None, reader: str, measures: Measures = None) -> TallyQuerySet:
    found = Tally.objects.counting_in(period).seen_by(reader).filter(_of(measures)).order_by()
    return found if place is None else found.within(place)


def _sources(place: Division | None, period: Period, span: Span) -> list[QuerySet[Any]]:
    """What holds the numbers of a place: sums of areas and of townships, and tallies for what is smaller.

    Most places need one of them; one that took over villages of another township needs two.
    """
    days = Q(day__range=(period.first, period.last))
    sums = Total.objects.filter(days, span=span).annotate(n=F("number")).order_by()
    if place is None:
        return [sums.filter(grouping=Grouping.AREA)]
    prefixes = place.covered_prefixes
    areas = [one for one in prefixes if len(one) <= AREA_DIGITS]
    townships = [one for one in prefixes if AREA_DIGITS < len(one) <= TOWNSHIP_DIGITS]
    smaller = [one for one in prefixes if len(one) > TOWNSHIP_DIGITS]
    found: list[QuerySet[Any]] = []
    if areas:
        found.append(sums.filter(prefix_q("key", areas), grouping=Grouping.AREA))
    if townships:
        found.append(sums.filter(prefix_q("key", townships), grouping=Grouping.TOWNSHIP))
    if smaller:
        tallies = Tally.objects.filter(days, prefix_q("place", smaller), who="")
        found.append(tallies.annotate(n=Constant(1)).order_by())
    return found


def counts(
    period: Period, place: Division | None = None, *, reader: str = PUBLIC, measures: Measures = None
) -> Counts:
    """How many of each measure in a period: of a place, or of everything."""
    found: Counts = {}
    for source in _sources(place, period, _span(period)):
        rows = source.filter(counts_in(period) & seen_q(reader) & _of(measures))
        for measure, number in rows.values_list("measure").annotate(total=Sum("n")):
            found[measure] = found.get(measure, 0) + number
    return found


def series(
    periods: Sequence[Period], place: Division | None, *, reader: str = PUBLIC, measures: Measures = None
) -> list[Counts]:
    """The counts of several periods, such as weeks, read at once; as `counts` of each."""
    whole = Period(min(one.first for one in periods), max(one.last for one in periods))
    found: list[Counts] = [{} for _one in periods]
    of_day: defaultdict[date, list[tuple[Period, Counts]]] = defaultdict(list)
    for period, numbers in zip(periods, found, strict=True):
        for back in range(period.days):
            of_day[period.last - timedelta(days=back)].append((period, numbers))
    for source in _sources(place, whole, Span.DAY):
        rows = source.filter(seen_q(reader) & _of(measures)).values_list("measure", "day", "twin")
        for measure, day, twin, number in rows.annotate(total=Sum("n")):
            for period, numbers in of_day[day]:
                if not (twin and period.has(twin)):  # the rule of `querysets.counts_in`
                    numbers[measure] = numbers.get(measure, 0) + number
    return found


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """A division below the one looked at, with its counts."""

    division: Division
    counts: Counts


def below(
    period: Period,
    place: Division,
    level: DivisionLevel,
    *,
    reader: str = PUBLIC,
    measures: Measures = None,
) -> list[PlaceCounts]:
    """The counts of every division of a level inside a place, those without any too, in the order of their codes.

    What a division took over from another counts as its own. What was reported of a higher place than the level (a
    whole township, say) is in none of them.
    """
    divisions = list(
        Division.objects.within(place).filter(level=level).valid_on(clock.today()).order_by("code")
    )
    digits = DIGITS[level]
    owners, moved = _owners(divisions, digits)
    rows: Iterable[tuple[str, str, int]]
    grouping = SUMMED.get((level, _span(period)))
    if grouping:
        sums = _sums(period, grouping, reader, measures)
        sums = sums.filter(prefix_q("key", place.covered_prefixes))
        rows = sums.values_list("key", "measure").annotate(n=Sum("number"))
    else:
        tallies = _tallies(period, place, reader, measures).of("").annotate(key=Left("place", digits))
        rows = tallies.values_list("key", "measure").annotate(n=Count("pk"))
    total: defaultdict[int, Counts] = defaultdict(dict)
    for key, measure, number in [*rows, *_moved(period, moved, reader, measures)]:
        if key in owners or key in moved:
            mine = total[owners.get(key) or moved[key]]
            mine[measure] = mine.get(measure, 0) + number
    return [PlaceCounts(one, total.get(one.pk, {})) for one in divisions]


def _owners(divisions: Iterable[Division], digits: int) -> tuple[dict[str, int], dict[str, int]]:
    """Which of today's divisions has which digits: its own and those of the divisions that it took over; and of which
    it took over a part only, such as a village of another township: longer digits."""
    own = {one.prefix: one.pk for one in divisions}
    owners, moved = dict(own), {}
    for old in Division.objects.filter(successor__isnull=False).select_related("successor"):
        heir = old.heir.prefix[:digits]
        if heir not in own or old.prefix.startswith(heir):
            continue
        if len(old.prefix) == digits:
            owners[old.prefix] = own[heir]
        elif len(old.prefix) > digits:
            moved[old.prefix] = own[heir]
    return owners, moved


def _moved(
    period: Period, moved: Mapping[str, int], reader: str, measures: Measures
) -> Iterable[tuple[str, str, int]]:
    """The counts of what lies in divisions that belong elsewhere now, by their old digits."""
    for prefix in moved:
        rows = _tallies(period, None, reader, measures).of("").filter(place__startswith=prefix)
        for measure, number in rows.values_list("measure").annotate(n=Count("pk")):
            yield prefix, measure, number


def _summed(place: Division | None) -> Q | None:
    """The condition on sums of categories and offices that holds a place; None: it is smaller than their areas."""
    if place is None:
        return Q()
    prefixes = place.covered_prefixes
    return prefix_q("area", prefixes) if all(len(one) <= AREA_DIGITS for one in prefixes) else None


def by_office(
    period: Period,
    place: Division | None = None,
    *,
    reader: str = PUBLIC,
    measures: Measures = None,
    only: str = "",
) -> dict[str, Counts]:
    """The counts of each office ("d12", "o7"), of its work in a place or everywhere; `only`: of this one."""
    area = _summed(place)
    if area is not None:
        sums = _sums(period, Grouping.OFFICE, reader, measures).filter(area)
        sums = sums.filter(key=only) if only else sums
        return _by_key(sums.values_list("key", "measure").annotate(n=Sum("number")))
    rows = _tallies(period, place, reader, measures).exclude(who="").exclude(who__startswith="p")
    rows = rows.of(only) if only else rows
    return _by_key(rows.values_list("who", "measure").annotate(n=Count("pk")))


def by_category(
    period: Period, place: Division | None = None, *, reader: str = PUBLIC, measures: Measures = None
) -> dict[str, Counts]:
    """The counts of each category ("incident:0101", "mediation:family"), of a place or of everything."""
    area = _summed(place)
    if area is not None:
        sums = _sums(period, Grouping.CATEGORY, reader, measures).filter(area)
        return _by_key(sums.values_list("key", "measure").annotate(n=Sum("number")))
    rows = _tallies(period, place, reader, measures).of("").annotate(key=CATEGORY)
    return _by_key(rows.values_list("key", "measure").annotate(n=Count("pk")))


def by_worker(
    period: Period,
    place: Division | None = None,
    *,
    reader: str = PUBLIC,
    measures: Measures = None,
    only: str = "",
) -> dict[int, Counts]:
    """The counts of each grid worker's post, of its work in a place or everywhere; `only`: of this one ("p3")."""
    rows = _tallies(period, place, reader, measures)
    rows = rows.of(only) if only else rows.filter(who__startswith="p")
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


def compared(
    wanted: Collection[Indicator], period: Period, place: Division | None = None, *, reader: str = PUBLIC
) -> list[Compared]:
    """Figures of a place, with what they are compared with."""
    spans = (period, period.before(), period.year_before())
    measures = measures_of(wanted)
    now, before, year_before = (counts(span, place, reader=reader, measures=measures) for span in spans)
    return [Compared(one.value(now), one.value(before), one.value(year_before)) for one in wanted]


def measures_of(wanted: Iterable[Indicator]) -> frozenset[str]:
    """All that some indicators are made of."""
    return frozenset(name for one in wanted for name in one.measures)


# --- what stands behind a number


@dataclass(frozen=True, slots=True)
class Slice:
    """Which tallies a number is made of: of a place, an office or worker ("" the matters), a category ("kind:code"), and
    for whom."""

    period: Period
    place: Division | None = None
    who: str = ""
    category: str = ""
    reader: str = PUBLIC

    def tallies(self, measures: Collection[str]) -> TallyQuerySet:
        """Those under some measures."""
        found = _tallies(self.period, self.place, self.reader, measures).of(self.who)
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
