"""From a position to its grid, and to what a shifted map shows."""

from __future__ import annotations

from datetime import date
from math import cos, hypot, radians, sqrt

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grids import geo, revisions
from grids.errors import ValidationError
from grids.gcj02 import from_gcj02, to_gcj02
from grids.models import Grid
from grids.services import merge_divisions
from grids.shapes import grid_row
from tests.cast import Cast
from tests.conftest import Clock


def code_at(lat: float, lng: float) -> str:
    located = geo.locate(lat, lng)
    return located.code if located else ""


def test_a_position_lies_in_the_grid_that_contains_it(cast: Cast) -> None:
    located = geo.locate(28.185, 115.785)
    assert located is not None
    assert (located.division, located.geometry, located.confirm) == (cast.places.grid, "surveyed", False)
    assert located.division.path == "剑光街道 › 东路社区居委会 › 01网格"


def test_a_schematic_cell_asks_for_confirmation(cast: Cast) -> None:
    located = geo.locate(28.305, 115.905)
    assert located is not None
    assert (located.code, located.confirm) == (cast.places.grid2.code, True)


@pytest.mark.parametrize(("lat", "lng"), [(28.5, 115.785), (0, 0), (-90, 180), (float("nan"), 115.785)])
def test_a_position_outside_all_grids_has_none(cast: Cast, lat: float, lng: float) -> None:
    assert geo.locate(lat, lng) is None


def test_without_any_grids_there_is_none(db: None) -> None:
    assert geo.locate(28.185, 115.785) is None


def test_a_surveyed_grid_beats_a_schematic_one(cast: Cast) -> None:
    row = Grid.objects.get(pk=cast.places.grid.pk)
    cover = grid_row(cast.places.grid2, shapely.box(115.0, 28.0, 116.0, 29.0), row.geometry)  # type: ignore[arg-type]
    cover.geometry = "schematic"
    cover.save()
    assert code_at(28.185, 115.785) == cast.places.grid.code
    assert code_at(28.25, 115.785) == cast.places.grid2.code


def test_on_a_shared_border_the_answer_is_one_of_the_two_and_always_the_same(cast: Cast) -> None:
    assert {code_at(28.185, 115.79) for _time in range(5)} == {cast.places.grid.code}


def test_a_grid_that_has_ended_is_no_longer_found(cast: Cast, clock: Clock) -> None:
    merge_divisions(division=cast.places.grid_b, into=cast.places.grid, on=date(2026, 11, 18), reason="撤并")
    assert code_at(28.185, 115.795) == cast.places.grid.code


def test_the_index_follows_a_change_and_asks_at_most_once_a_second(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: object
) -> None:
    at = [100.0]
    monkeypatch.setattr("grids.geo.monotonic", lambda: at[0])
    assert code_at(28.185, 115.785) == cast.places.grid.code
    Grid.objects.filter(pk=cast.places.grid.pk).update(
        boundary=grid_row(cast.places.grid, shapely.box(115.5, 28.5, 115.51, 28.51), "surveyed").boundary  # type: ignore[arg-type]
    )
    revisions.bump(revisions.GRIDS)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert code_at(28.185, 115.785) == cast.places.grid.code
    at[0] += 1.0
    assert code_at(28.185, 115.785) == ""
    assert code_at(28.505, 115.505) == cast.places.grid.code


def test_the_index_follows_the_day(cast: Cast, clock: Clock) -> None:
    cast.places.grid.valid_to = date(2026, 11, 18)
    cast.places.grid.save(update_fields=["valid_to"])
    assert code_at(28.185, 115.785) == cast.places.grid.code
    clock.forward(days=1)
    geo.forget()
    assert code_at(28.185, 115.785) == ""


def test_a_rolled_back_change_leaves_no_number_behind(cast: Cast) -> None:
    revisions.bump(revisions.GRIDS)
    first = revisions.current(revisions.GRIDS)
    revisions.bump(revisions.GRIDS)
    assert revisions.current(revisions.GRIDS) not in {0, first, first + 1}


@pytest.mark.parametrize(
    ("lat", "lng", "wrong"),
    [
        (None, "115", {"lat"}),
        ("", "x", {"lat", "lng"}),
        ("90.1", "-180.1", {"lat", "lng"}),
        ("nan", "inf", {"lat", "lng"}),
        ("28.1", "1e999", {"lng"}),
    ],
)
def test_a_position_that_is_none_names_the_field(lat: object, lng: object, wrong: set[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        geo.read_position(lat, lng)
    assert set(caught.value.errors) == wrong


def test_a_position_is_read_as_degrees() -> None:
    assert geo.read_position("28.19", "115.77") == (28.19, 115.77)
    assert geo.read_position(-0.0, " 5 ") == (0.0, 5.0)


# --- shifted maps


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return 111_320 * hypot(a[0] - b[0], (a[1] - b[1]) * cos(radians(a[0])))


def test_the_shift_at_jincheng_is_556_metres() -> None:
    place = (35.4976, 112.8513)
    assert metres(place, to_gcj02(*place)) == pytest.approx(556, abs=5)


def test_the_shift_follows_the_published_formulas() -> None:
    """Values of an independent implementation of the formulas."""
    assert to_gcj02(28.19, 115.77) == pytest.approx((28.18667524561997, 115.77505615620805), abs=1e-12)
    assert to_gcj02(35.4976, 112.8513) == pytest.approx((35.497190991211994, 112.85741038492488), abs=1e-12)


def test_outside_china_nothing_is_shifted() -> None:
    assert to_gcj02(51.5, -0.1) == (51.5, -0.1)


@given(st.floats(18, 53), st.floats(74, 134))
def test_the_way_back_ends_where_it_began(lat: float, lng: float) -> None:
    back = from_gcj02(*to_gcj02(lat, lng))
    assert metres((lat, lng), back) < 0.001
    assert metres((lat, lng), to_gcj02(lat, lng)) < sqrt(2) * 1500
