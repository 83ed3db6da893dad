"""Schematic grids tile a plain shape without gaps or overlaps, keep their codes and leave surveyed ones alone."""

from __future__ import annotations

from collections import Counter
from datetime import date
from io import StringIO

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from grids.drawing import draw_grids
from grids.errors import ChangeRefused
from grids.models import Division, Grid, GridGeometry
from grids.services import merge_divisions
from grids.shapes import grid_row
from grids.tiling import Box, tile
from tests.conftest import Clock
from tests.grids.conftest import division

EXACT = 1e-12
"""Square degrees: what floating point may add up to; a gap of a decimetre along one grid would be a thousand times that."""


def outlines(level_digits: int = 15) -> dict[str, BaseGeometry]:
    """The union of the grids of every division of a level, by its prefix."""
    parts: dict[str, list[BaseGeometry]] = {}
    for row in Grid.objects.select_related("division"):
        parts.setdefault(row.division.code[:level_digits], []).append(shape(row.boundary))
    return {prefix: shapely.union_all(shapes) for prefix, shapes in parts.items()}


def assert_tiles(shapes: dict[str, BaseGeometry]) -> None:
    """They fill a rectangle exactly, and no two share more than a border."""
    listed = list(shapes.values())
    whole = shapely.union_all(listed)
    assert whole.equals(shapely.box(*whole.bounds))
    assert sum(part.area for part in listed) == pytest.approx(whole.area, abs=EXACT)
    cells = np.array(listed)
    one, other = shapely.STRtree(listed).query(cells, predicate="intersects")
    shared = shapely.area(shapely.intersection(cells[one], cells[other]))
    assert not shared[one != other].any()


@pytest.mark.parametrize("per_village", [1, 3])
def test_grids_of_fengcheng_tile_a_rectangle(fengcheng: Division, per_village: int) -> None:
    drawing = draw_grids(city=fengcheng, per_village=per_village)
    assert (drawing.villages, drawing.grids, drawing.created) == (609, 609 * per_village, 609 * per_village)
    assert_tiles(outlines())


def test_townships_and_villages_are_whole_and_tile_too(fengcheng: Division) -> None:
    draw_grids(city=fengcheng, per_village=3)
    for digits, count in ((9, 34), (12, 609)):
        shapes = outlines(digits)
        assert len(shapes) == count
        assert {part.geom_type for part in shapes.values()} == {"Polygon"}
        assert_tiles(shapes)


def test_jincheng_with_its_counties_tiles_as_well(jincheng: Division) -> None:
    drawing = draw_grids(city=jincheng, per_village=2)
    assert drawing.grids == 2 * 1729
    assert_tiles(outlines(6))
    assert_tiles(outlines())


def test_the_rectangle_lies_round_the_seat_of_the_city(fengcheng: Division) -> None:
    draw_grids(city=fengcheng, per_village=1)
    west, south, east, north = shapely.union_all(list(outlines().values())).bounds
    assert ((south + north) / 2, (west + east) / 2) == pytest.approx((28.19, 115.77), abs=1e-6)
    assert 0.2 < north - south < 1
    draw_grids(city=fengcheng, per_village=1, centre=(35.0, 110.0))
    assert shapely.union_all(list(outlines().values())).contains(shapely.Point(110.0, 35.0))


def test_grids_are_numbered_from_001_in_their_village(fengcheng: Division) -> None:
    draw_grids(city=fengcheng, per_village=3)
    village = division("360981119201")
    assert [(grid.code, grid.name) for grid in village.children.all()] == [
        ("360981119201001", "01网格"),
        ("360981119201002", "02网格"),
        ("360981119201003", "03网格"),
    ]
    assert set(Grid.objects.values_list("geometry", flat=True)) == {"schematic"}


def test_drawn_again_nothing_is_new_and_more_grids_keep_the_codes_of_the_old(fengcheng: Division) -> None:
    draw_grids(city=fengcheng, per_village=2)
    before = list(Grid.objects.order_by("pk").values())
    assert draw_grids(city=fengcheng, per_village=2).created == 0
    assert list(Grid.objects.order_by("pk").values()) == before
    assert draw_grids(city=fengcheng, per_village=3).created == 609
    assert draw_grids(city=fengcheng, per_village=2).created == 0
    assert set(Counter(code[:12] for code in outlines()).values()) == {3}
    assert_tiles(outlines())


def test_surveyed_grids_are_never_touched(fengcheng: Division) -> None:
    draw_grids(city=fengcheng, per_village=3)
    surveyed = Grid.objects.get(division__code="360981119201001")
    row = grid_row(surveyed.division, shapely.box(115.0, 28.0, 115.01, 28.01), GridGeometry.SURVEYED)
    row.save()
    before = Grid.objects.filter(pk=row.pk).values().get()
    assert draw_grids(city=fengcheng, per_village=5).created == 608 * 2
    assert Grid.objects.filter(pk=row.pk).values().get() == before
    assert division("360981119201").children.count() == 3


def test_a_merged_village_loses_its_cell_and_its_grids_move_to_the_other(
    fengcheng: Division, clock: Clock
) -> None:
    draw_grids(city=fengcheng, per_village=2)
    old, new = division("360981119201"), division("360981119202")
    merge_divisions(division=old, into=new, on=date(2026, 11, 1), reason="撤并")
    drawing = draw_grids(city=fengcheng, per_village=2)
    assert (drawing.villages, drawing.grids, drawing.created) == (608, 609 * 2, 0)
    assert_tiles(outlines())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"per_village": 0}, "每村的网格数"),
        ({"per_village": 1000}, "每村的网格数"),
        ({"city": "1"}, "没有代码为"),
        ({"city": "360981119201", "per_village": 1}, "请给出中心"),
        ({"centre": "x"}, "centre"),
        ({"centre": "95,115"}, "centre"),
    ],
)
def test_what_cannot_be_drawn_is_refused(fengcheng: Division, arguments: dict[str, object], why: str) -> None:
    given = {"city": fengcheng.code, "per_village": 1} | arguments
    command = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    with pytest.raises(CommandError, match=why):
        call_command("draw_grids", *command, stdout=StringIO())


def test_a_city_without_villages_is_refused(fengcheng: Division) -> None:
    Division.objects.filter(level="village").delete()
    with pytest.raises(ChangeRefused, match="没有村社区"):
        draw_grids(city=fengcheng, per_village=1)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.floats(0.3, 1.0))
def test_any_weights_tile_any_box_exactly(weights: list[int], squeeze: float) -> None:
    box = Box(0, 0, 400_000, 300_000)
    boxes = tile(box, weights, squeeze)
    assert len(boxes) == len(weights)
    assert sum(part.width * part.height for part in boxes) == box.width * box.height
    for number, one in enumerate(boxes):
        assert box.west <= one.west < one.east <= box.east
        assert box.south <= one.south < one.north <= box.north
        for other in boxes[:number]:
            apart_across = one.east <= other.west or other.east <= one.west
            apart_up = one.north <= other.south or other.north <= one.south
            assert apart_across or apart_up


def test_areas_are_in_proportion_to_the_weights() -> None:
    boxes = tile(Box(0, 0, 400_000, 300_000), [1, 2, 3, 4])
    shares = [part.width * part.height / 12e10 for part in boxes]
    assert shares == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=1e-4)


def test_a_box_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        tile(Box(0, 0, 2, 2), [1] * 5)
