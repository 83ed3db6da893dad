"""The tree: subtrees by prefix, paths, levels, mergers and names."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from grids.errors import ChangeRefused
from grids.models import Department, DepartmentKind, Division, DivisionLevel, Grid
from grids.services import (
    create_department,
    end_department,
    merge_divisions,
    new_division,
    rename_division,
)
from tests.cast import Cast
from tests.conftest import Clock
from tests.grids.conftest import division

TODAY = date(2026, 11, 18)


def codes(place: Division) -> set[str]:
    return set(Division.objects.within(place).values_list("code", flat=True))


def merge(old: str, new: str, on: date = TODAY) -> Division:
    return merge_divisions(division=division(old), into=division(new), on=on, reason="撤并")


def test_a_subtree_is_the_code_prefix_also_of_codes_that_end_in_0(fengcheng: Division) -> None:
    towns = Division.objects.filter(level="township", code__regex="0000$")
    assert towns, "the table has a township whose own digits end in 0"
    for town in towns:
        assert codes(town) == {row.code for row in Division.objects.all() if row.code[:9] == town.code[:9]}
    villages = Division.objects.filter(level="village", code__endswith="0")
    assert all(codes(village) == {village.code} for village in villages)


def test_a_county_holds_its_own_and_not_its_neighbours(jincheng: Division) -> None:
    sizes = {row.name: len(codes(row)) - 1 for row in Division.objects.filter(level="county")}
    assert sizes == {
        "城区": 142,
        "沁水县": 205,
        "阳城县": 356,
        "陵川县": 284,
        "泽州县": 466,
        "高平市": 353,
    }
    assert len(codes(jincheng)) == 1 + 6 + 77 + 1729


def test_two_cities_do_not_see_each_other(fengcheng: Division, jincheng: Division) -> None:
    assert not codes(fengcheng) & codes(jincheng)
    assert len(codes(fengcheng)) == 644


def test_a_path_runs_from_below_the_city_down(fengcheng: Division, jincheng: Division) -> None:
    assert fengcheng.path == "丰城市"
    village = Division.objects.filter(parent__code="140502001000").first()
    assert village is not None
    assert village.path == f"城区 › 东街街道 › {village.name}"


@pytest.mark.django_db
def test_paths_of_a_list_cost_one_query(jincheng: Division, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        paths = [row.path for row in Division.objects.with_path().filter(level="village")]
    assert all(path.count(" › ") == 2 for path in paths)


def test_a_level_that_is_missing_is_answered_by_the_next_above(cast: Cast) -> None:
    grid = cast.places.grid
    assert grid.at_level("township") == cast.places.street
    assert grid.at_level("county") == cast.places.city
    assert grid.at_level("city") == cast.places.city
    assert cast.places.city.at_level("township") is None


def test_departments_are_found_for_a_place_from_any_level(cast: Cast) -> None:
    kind = DepartmentKind.objects.get(code="urban_management")
    find = Department.objects.for_place
    assert list(find(kind, cast.places.grid, "township")) == [cast.departments.station]
    assert list(find("urban_management", cast.places.grid2, "township")) == [cast.departments.station2]
    assert list(find(kind, cast.places.grid, "county")) == [cast.departments.urban]
    assert list(find("public_security", cast.places.grid, "township")) == []


# --- mergers


def test_a_merged_township_keeps_its_row_and_the_successor_sees_its_subtree(
    fengcheng: Division, clock: Clock
) -> None:
    old, new = "360981002000", "360981006000"
    before = codes(division(old)) | codes(division(new))
    ended = merge(old, new)
    assert (ended.valid_to, ended.successor, ended.end_reason) == (date(2026, 11, 17), division(new), "撤并")
    assert codes(division(new)) == before
    assert division(new).covered_prefixes == ["360981002", "360981006"]
    assert ended not in Division.objects.valid_on(TODAY)
    assert ended in Division.objects.valid_on(date(2026, 11, 17))


def test_the_villages_of_a_merged_township_go_on_under_the_successor(
    fengcheng: Division, clock: Clock
) -> None:
    village = Division.objects.filter(parent__code="360981002000").first()
    assert village is not None
    merge("360981002000", "360981006000")
    village.refresh_from_db()
    assert village.path == f"河洲街道 › {village.name}"
    assert village.code.startswith("360981002")
    assert village.at_level("township") == division("360981006000")


def test_what_a_predecessor_had_taken_over_is_taken_over_too(fengcheng: Division, clock: Clock) -> None:
    merge("360981002000", "360981006000", on=date(2026, 3, 1))
    merge("360981006000", "360981007000", on=date(2026, 9, 1))
    assert division("360981007000").covered_prefixes == ["360981002", "360981006", "360981007"]
    assert division("360981002000").heir == division("360981007000")
    assert division("360981002000").at_level("township") == division("360981007000")


def test_a_township_covers_a_village_of_elsewhere_that_one_of_its_own_took_over(
    fengcheng: Division, clock: Clock
) -> None:
    theirs = Division.objects.filter(parent__code="360981002000").first()
    ours = Division.objects.filter(parent__code="360981006000").first()
    assert theirs is not None
    assert ours is not None
    merge(theirs.code, ours.code)
    assert theirs.code in codes(division("360981006000"))
    assert division("360981006000").covered_prefixes == [theirs.prefix, "360981006"]


def test_merged_grids_lie_in_one_outline(cast: Cast, clock: Clock) -> None:
    merge(cast.places.grid_b.code, cast.places.grid.code)
    row = Grid.objects.get(pk=cast.places.grid.pk)
    assert (row.min_lng, row.max_lng) == (115.78, 115.80)
    assert row.geometry == "surveyed"


@pytest.mark.parametrize(
    ("old", "new", "on", "why"),
    [
        ("360981002000", "360981002000", TODAY, "同一层级的另一个"),
        ("360981002000", "360981000000", TODAY, "同一层级的另一个"),
        ("360981000000", "140500000000", TODAY, "所辖的市"),
        ("360981002000", "360981006000", date(2026, 11, 19), "不能晚于今天"),
        ("360981007000", "360981006000", TODAY, "已经撤并"),
        ("360981006000", "360981007000", TODAY, "已经撤并"),
        ("360981006000", "360981099000", date(2026, 1, 1), "晚于两个区划的设立"),
    ],
)
def test_a_merger_that_the_tree_does_not_allow_is_refused(
    fengcheng: Division, clock: Clock, old: str, new: str, on: date, why: str
) -> None:
    new_division(code="140500000000", name="晋城市", level=DivisionLevel.CITY, parent=None).save()
    young = new_division(code="360981099000", name="新街道", level=DivisionLevel.TOWNSHIP, parent=fengcheng)
    young.valid_from = date(2026, 1, 1)
    young.save()
    if "已经" in why:
        merge("360981007000", "360981002000", on=date(2026, 1, 1))
    with pytest.raises(ChangeRefused, match=why):
        merge(old, new, on=on)


# --- names


def test_a_renamed_division_keeps_its_former_names(fengcheng: Division, clock: Clock) -> None:
    town = division("360981119000")
    rename_division(division=town, name="大港镇", on=date(2026, 1, 1), reason="批复")
    rename_division(division=town, name="新港镇", on=date(2026, 11, 18), reason="批复")
    town.refresh_from_db()
    assert (town.name, town.pinyin, town.initials) == ("新港镇", "xin gang zhen", "xgz")
    former = [(row.name, row.used_to) for row in town.former_names.all()]
    assert former == [("小港镇", date(2025, 12, 31)), ("大港镇", date(2026, 11, 17))]


@pytest.mark.parametrize(
    ("name", "on"),
    [(" ", TODAY), ("小港镇", TODAY), ("大港镇", date(2026, 11, 19)), ("大港镇", date(2025, 6, 1))],
)
def test_a_name_that_cannot_be_is_refused(fengcheng: Division, clock: Clock, name: str, on: date) -> None:
    town = division("360981119000")
    if on.year == 2025:
        rename_division(division=town, name="中港镇", on=date(2025, 6, 2), reason="批复")
    with pytest.raises(ChangeRefused):
        rename_division(division=town, name=name, on=on, reason="批复")


# --- departments


def test_departments_stand_at_a_city_county_or_township_only(cast: Cast) -> None:
    kind = DepartmentKind.objects.get(code="public_security")
    made = create_department(name="剑光派出所", kind=kind, division=cast.places.street)
    assert list(Department.objects.for_place(kind, cast.places.grid, "township")) == [made]
    with pytest.raises(ChangeRefused):
        create_department(name="警务室", kind=kind, division=cast.places.village)
    with pytest.raises(ChangeRefused):
        create_department(name="剑光派出所", kind=kind, division=cast.places.street)


def test_a_department_is_valid_until_its_last_day(cast: Cast) -> None:
    end_department(department=cast.departments.station, on=TODAY)
    assert cast.departments.station in Department.objects.valid_on(TODAY)
    assert cast.departments.station not in Department.objects.valid_on(date(2026, 11, 19))
    with pytest.raises(ChangeRefused):
        end_department(department=cast.departments.station, on=TODAY)


# --- what the database itself refuses


@pytest.mark.parametrize(
    "values",
    [
        {"code": "36098110000"},
        {"code": "36098110000x"},
        {"code": "360981100001"},
        {"prefix": "360981"},
        {"prefix": "360981101"},
        {"level": "hamlet"},
        {"level": "village"},
        {"level": "grid"},
        {"name": ""},
        {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)},
        {"successor_id": 1},
    ],
)
def test_the_database_refuses_a_division_that_contradicts_itself(
    fengcheng: Division, values: dict[str, object]
) -> None:
    sound = {"code": "360981100000", "name": "甲镇", "level": "township", "prefix": "360981100"}
    if "successor_id" in values:
        values = {"successor_id": fengcheng.pk}
    Division.objects.filter(code=sound["code"]).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Division.objects.create(**{**sound, "pinyin": "x", "initials": "x", **values})


def test_a_city_whose_fifth_and_sixth_digits_are_00_has_four_digits(db: None) -> None:
    values = {"name": "晋城市", "level": "city", "pinyin": "x", "initials": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Division.objects.create(code="140500000000", prefix="140500", **values)
    Division.objects.create(code="140500000000", prefix="1405", **values)
