"""Outlines of grids from GeoJSON."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grids import geo
from grids.errors import BadRows, FileRefused
from grids.grid_import import import_grids
from grids.models import Division, Grid
from grids.services import merge_divisions
from tests.conftest import Clock
from tests.grids.conftest import division, square

VILLAGE = "360981002001"


def feature(lng: float = 115.8, lat: float = 28.2, **properties: Any) -> dict[str, Any]:
    wanted = {"name": "01网格", "village": VILLAGE} | properties
    shape = wanted.pop("shape", None) or square(lng, lat)
    return {"type": "Feature", "properties": wanted, "geometry": shape}


@pytest.fixture
def save(tmp_path: Path) -> Any:
    def save_file(*features: Any) -> Path:
        path = tmp_path / "grids.geojson"
        content = {"type": "FeatureCollection", "features": list(features)}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    return save_file


def faults(path: Path) -> dict[int, str]:
    with pytest.raises(BadRows) as caught:
        import_grids(path)
    return {row.line: row.reason for row in caught.value.rows}


def test_grids_get_the_code_of_the_file_or_the_next_free_number(fengcheng: Division, save: Any) -> None:
    path = save(
        feature(name="甲"),
        feature(115.81, name="乙", code=f"{VILLAGE}001"),
        feature(115.82, name="丙"),
        feature(115.83, name="丁", code=f"{VILLAGE}007"),
    )
    report = import_grids(path)
    grids = Division.objects.filter(level="grid").values_list("name", "code", "parent__code", "initials")
    assert report.created == 4
    assert sorted(grids) == [
        ("丁", f"{VILLAGE}007", VILLAGE, "d"),
        ("丙", f"{VILLAGE}009", VILLAGE, "b"),
        ("乙", f"{VILLAGE}001", VILLAGE, "y"),
        ("甲", f"{VILLAGE}008", VILLAGE, "j"),
    ]
    row = Grid.objects.get(division__name="甲")
    assert (row.min_lng, row.min_lat, row.max_lng, row.max_lat) == (115.8, 28.2, 115.81, 28.21)
    assert row.geometry == "surveyed"


def test_a_second_run_finds_the_same_grids_again(fengcheng: Division, save: Any) -> None:
    path = save(feature(name="甲"), feature(115.81, name="乙"))
    import_grids(path)
    told = StringIO()
    call_command("import_grids", str(path), stdout=told)
    assert "没有变化：2" in told.getvalue()


def test_a_moved_border_between_two_grids_of_the_file_is_no_overlap(fengcheng: Division, save: Any) -> None:
    import_grids(save(feature(code=f"{VILLAGE}001"), feature(115.81, name="乙", code=f"{VILLAGE}002")))
    wide, narrow = square(115.8, 28.2, 0.015), square(115.815, 28.2, 0.005)
    again = save(
        feature(code=f"{VILLAGE}001", shape=wide),
        feature(name="乙", code=f"{VILLAGE}002", shape=narrow),
    )
    assert import_grids(again).redrawn == 2


def test_a_new_name_keeps_the_old_one(fengcheng: Division, save: Any, clock: Clock) -> None:
    import_grids(save(feature(name="甲", code=f"{VILLAGE}001")))
    report = import_grids(save(feature(name="乙", code=f"{VILLAGE}001")))
    grid = division(f"{VILLAGE}001")
    assert (report.renamed, report.redrawn, grid.name, grid.pinyin) == (1, 0, "乙", "yi")
    assert [row.name for row in grid.former_names.all()] == ["甲"]


BOW_TIE = {"type": "Polygon", "coordinates": [[[115, 28], [116, 29], [116, 28], [115, 29], [115, 28]]]}
SLIVER = {"type": "Polygon", "coordinates": [[[115, 28], [116, 28], [115, 28], [115, 28]]]}
LETTERS = {"type": "Polygon", "coordinates": [[["a", 28], [116, 28], [115, 29], ["a", 28]]]}
HUGE = {"type": "Polygon", "coordinates": [[[1e400, 28], [116, 28], [115, 29], [1e400, 28]]]}
EMPTY = {"type": "Polygon", "coordinates": []}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (7, "不是带属性和图形"),
        ({"type": "Feature", "properties": None, "geometry": square(115, 28)}, "不是带属性和图形"),
        (feature(village=None), "village"),
        (feature(village="36098100200"), "应为 12 位"),
        (feature(village="360981002999"), "没有代码为"),
        (feature(village="360981002000"), "没有代码为"),
        (feature(code="360981002001"), "应为 15 位"),
        (feature(code=360981002001001), "code"),
        (feature(code="360981006001001"), "不属于这个村社区"),
        (feature(name=" "), "名称为空"),
        (feature(geometry="drawn"), "surveyed"),
        (feature(shape={"type": "Point", "coordinates": [115, 28]}), "Polygon"),
        (feature(28.2, 115.8), "不在中国范围内"),
        (feature(shape=BOW_TIE), "图形无效"),
        (feature(shape=SLIVER), "图形无效"),
        (feature(shape=LETTERS), "读不出来"),
        (feature(shape=HUGE), "不在中国范围内"),
        (feature(shape=EMPTY), "没有面积"),
        (feature(115.899, name="乙"), f"与网格 {VILLAGE}001 重叠"),
        (feature(117, code=f"{VILLAGE}001"), "重复，首次见于第 1 个"),
    ],
)
def test_a_bad_feature_is_reported_with_its_number_and_reason(
    fengcheng: Division, save: Any, bad: Any, reason: str
) -> None:
    found = faults(save(feature(115.9, code=f"{VILLAGE}001"), bad, feature(118, name="丙")))
    assert list(found) == [2]
    assert reason in found[2]
    assert not Grid.objects.exists()


def test_grids_that_touch_or_overlap_within_the_tolerance_are_taken(fengcheng: Division, save: Any) -> None:
    report = import_grids(
        save(feature(name="甲"), feature(115.80995, name="乙"), feature(115.81995, name="丙"))
    )
    assert report.created == 3


def test_a_grid_may_not_lie_over_one_that_is_there_already(fengcheng: Division, save: Any) -> None:
    import_grids(save(feature(name="甲")))
    assert "重叠" in faults(save(feature(115.805, name="乙", village="360981006001")))[1]


def test_skipping_bad_features_takes_the_others(fengcheng: Division, save: Any) -> None:
    told, complaints = StringIO(), StringIO()
    path = save(feature(name=""), feature(name="乙"))
    with pytest.raises(CommandError, match="什么都没有改"):
        call_command("import_grids", str(path), stdout=told, stderr=StringIO())
    call_command("import_grids", str(path), skip_bad=True, stdout=told, stderr=complaints)
    assert "grids.geojson:1: 名称为空" in complaints.getvalue()
    assert Grid.objects.count() == 1


def test_a_schematic_outline_does_not_replace_a_surveyed_one_but_gives_way(
    fengcheng: Division, save: Any
) -> None:
    drawn = feature(code=f"{VILLAGE}001", geometry="schematic")
    import_grids(save(drawn))
    import_grids(save(feature(115.9, code=f"{VILLAGE}001")))
    assert Grid.objects.get().geometry == "surveyed"
    assert "已有实测边界" in faults(save(drawn))[1]


def test_a_village_that_has_ended_takes_no_grids(fengcheng: Division, save: Any, clock: Clock) -> None:
    merge_divisions(
        division=division(VILLAGE), into=division("360981002002"), on=date(2026, 1, 1), reason="撤并"
    )
    assert "已经撤并" in faults(save(feature()))[1]


def test_a_grid_of_a_merged_village_keeps_its_code_under_the_new_one(
    fengcheng: Division, save: Any, clock: Clock
) -> None:
    import_grids(save(feature(name="甲")))
    merge_divisions(
        division=division(VILLAGE), into=division("360981002002"), on=date(2026, 1, 1), reason="撤并"
    )
    report = import_grids(save(feature(115.85, name="甲", village="360981002002")))
    assert (report.created, report.redrawn) == (0, 1)


def test_imported_grids_are_found_at_once(fengcheng: Division, save: Any) -> None:
    assert geo.locate(28.205, 115.805) is None
    import_grids(save(feature(name="甲")))
    geo.forget()
    located = geo.locate(28.205, 115.805)
    assert located is not None
    assert located.division.name == "甲"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"type": "FeatureCollection"}', "\ufeff{"])
def test_a_file_that_is_no_feature_collection_is_refused(db: None, tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefused, match=r"x\.geojson"):
        import_grids(path)
