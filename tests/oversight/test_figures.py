"""Numbers by place, office, category and worker; behind each stand exactly as many cases."""

from __future__ import annotations

from datetime import date

import pytest

from cases.periods import FOREVER, Period
from grids.models import DivisionLevel
from oversight import figures, indicators, measures, summaries
from oversight.figures import Slice
from oversight.models import Total
from oversight.tables import category_names
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LEVELS = (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE, DivisionLevel.GRID)


@pytest.fixture(autouse=True)
def _counted(lively: list[Period]) -> None:
    summaries.refresh_all()


def check(counts: figures.Counts, of: Slice) -> int:
    """Every number of these counts has its cases; returns how many numbers were not 0."""
    seen = 0
    for one in indicators.ALL:
        value = one.value(counts)
        sides = [(one.numerator, value.numerator)]
        if one.denominator is not None and value.denominator is not None:
            sides.append((one.denominator, value.denominator))
            assert value.numerator >= 0, one.code
        for formula, number in sides:
            assert figures.behind(formula, of).count() == number, (one.code, of)
            seen += number > 0
    return seen


def test_behind_every_number_stand_as_many_cases(lively: list[Period], cast: Cast) -> None:
    seen = 0
    for period in (*lively, FOREVER):
        seen += check(figures.counts(period), Slice(period))
        for place in (
            cast.places.city,
            cast.places.street,
            cast.places.village,
            cast.places.grid,
            cast.places.grid2,
        ):
            seen += check(figures.counts(period, place), Slice(period, place))
            for who, counts in figures.by_office(period, place).items():
                seen += check(counts, Slice(period, place, who=who))
            for category, counts in figures.by_category(period, place).items():
                seen += check(counts, Slice(period, place, category=category))
            for post, counts in figures.by_worker(period, place).items():
                seen += check(counts, Slice(period, place, who=f"p{post}"))
    assert seen > 200


@pytest.mark.parametrize("level", LEVELS)
def test_the_parts_make_the_whole(level: DivisionLevel, lively: list[Period], cast: Cast) -> None:
    for period in lively:
        whole = figures.counts(period)
        parts = figures.below(period, cast.places.city, level)
        assert len(parts) == {"township": 2, "village": 3, "grid": 4}[level]
        for measure in ("reported", "handle.due", "whole.due", "mediation.received"):
            total = sum(one.counts.get(measure, 0) for one in parts)
            # Whistles are of a township, everything else here of a grid.
            assert total == whole.get(measure, 0), (period, measure)


def test_every_category_has_room_for_its_name() -> None:
    room = {column.name: getattr(column, "max_length", None) or 0 for column in Total._meta.concrete_fields}
    for subject in indicators.Subject:
        assert all(len(key) <= room["key"] for key in category_names(subject)), subject
    assert all(len(name) <= room["measure"] for name in measures.all_measures())


def test_a_merged_township_counts_for_its_heir(lively: list[Period], cast: Cast) -> None:
    before = figures.counts(FOREVER)["reported"]
    street = cast.places.street
    street.successor, street.valid_to = cast.places.town2, date(2026, 1, 1)
    street.save(update_fields=["successor", "valid_to"])
    rows = {
        one.division: one.counts for one in figures.below(FOREVER, cast.places.city, DivisionLevel.TOWNSHIP)
    }
    assert rows[cast.places.town2]["reported"] == before
    assert figures.counts(FOREVER, cast.places.town2)["reported"] == before


def test_a_period_is_compared_with_the_one_before_and_the_year_before(lively: list[Period]) -> None:
    month = lively[0]
    found = {one.indicator.code: one for one in figures.compared(indicators.ALL, month.before())}
    assert (
        found["reports"].now.numerator + figures.counts(month)["reported"]
        == figures.counts(FOREVER)["reported"]
    )
    assert found["reports"].year_before.numerator == 0
    assert str(found["archive_rate"].year_before) == "—"
