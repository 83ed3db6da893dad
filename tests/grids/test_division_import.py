"""Tables of divisions: what is read, what is refused, and that nothing is half stored."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grids.division_import import ImportReport, import_divisions
from grids.errors import BadRows, FileRefused
from grids.models import Division
from grids.services import merge_divisions
from tests.conftest import Clock
from tests.grids.conftest import TABLES, WriteFile, division

CITY = "360981000000,丰城市,city,"
TOWN = "360981100000,甲镇,township,360981000000"
VILLAGE = "360981100200,乙村,village,360981100000"
TOWNS_BY_PINYIN = ["白土镇", "董家镇", "杜市镇"]


def counts(**values: Any) -> dict[str, int]:
    found = Division.objects.filter(**values).values_list("level", flat=True).order_by("pk")
    return {level: list(found).count(level) for level in dict.fromkeys(found)}


def reasons(path: Path) -> dict[int, str]:
    """The bad rows of a file by line."""
    with pytest.raises(BadRows) as caught:
        import_divisions([path])
    return {row.line: row.reason for row in caught.value.rows}


@pytest.mark.django_db
def test_fengcheng_has_34_townships_and_609_villages_and_no_counties(fengcheng: Division) -> None:
    assert counts() == {"city": 1, "township": 34, "village": 609}
    assert {row.parent_id for row in Division.objects.filter(level="township")} == {fengcheng.pk}
    assert fengcheng.prefix == "360981"


@pytest.mark.django_db
def test_jincheng_has_6_counties_77_townships_and_1729_villages(jincheng: Division) -> None:
    assert counts() == {"city": 1, "county": 6, "township": 77, "village": 1729}
    assert jincheng.prefix == "1405"
    assert division("140502001000").parent == division("140502000000")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "sizes"),
    [
        ("tongguan.csv", {"county": 1, "township": 5, "village": 28}),
        ("dalad.csv", {"county": 1, "township": 17, "village": 161}),
    ],
)
def test_a_table_may_begin_at_a_county(table: str, sizes: dict[str, int]) -> None:
    import_divisions([TABLES / table])
    assert counts() == sizes


@pytest.mark.django_db
def test_every_prefix_is_the_significant_part_of_its_code(jincheng: Division) -> None:
    digits = {"city": 4, "county": 6, "township": 9, "village": 12}
    for row in Division.objects.select_related("parent"):
        assert row.prefix == row.code[: digits[row.level]]
        assert row.parent is None or row.prefix.startswith(row.parent.prefix)


@pytest.mark.django_db
def test_a_second_run_changes_nothing_and_says_so(fengcheng: Division) -> None:
    before = list(Division.objects.order_by("pk").values())
    told = StringIO()
    call_command("import_divisions", str(TABLES / "fengcheng.csv"), stdout=told)
    assert "没有变化：644" in told.getvalue()
    assert list(Division.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_several_files_in_any_order_make_one_tree(write: WriteFile) -> None:
    report = import_divisions([write("villages.csv", VILLAGE), write("towns.csv", TOWN, CITY)])
    assert (report.created, report.read) == (3, 3)
    assert division("360981100200").path == "甲镇 › 乙村"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("360981101000,丙镇,hamlet,360981000000", "层级"),
        ("360981101001001,网格,grid,360981101001", "import_grids"),
        ("36098110100,丙镇,township,360981000000", "应为 12 位"),
        ("3609811010000,丙镇,township,360981000000", "应为 12 位"),
        ("36098110100X,丙镇,township,360981000000", "不是数字"),
        ("３６０９８１１０１０００,丙镇,township,360981000000", "不是数字"),
        ("360981101000,丙镇,township,36098100000O", "不是数字"),
        ("360981101000,丙镇,township,360981", "应为 12 位"),
        ("360981101000, ,township,360981000000", "名称为空"),
        (f"360981101000,{'长' * 81},township,360981000000", "超过 80 个字"),
        ("360981101000,丙\x07镇,township,360981000000", "控制字符"),
        ("360981101000,丙镇,township,", "没有写上级"),
        ("360981101000,丙镇,township,360900000000", "既不在文件里"),
        ("360981101000,丙镇,township,360981101000", "就是自己"),
        ("360981101001,丙村,village,360981000000", "层级不对"),
        ("360981100001,丙村,village,360981000000", "上级应为 360981100000"),
        ("360981101000,丙镇,village,360981000000", "不是“村社区”一级"),
        ("360981101001,丙村,township,360981000000", "不是“乡镇街道”一级"),
        ("360981000000,丙县,township,", "不是“乡镇街道”一级"),
        ("360981101000,丙镇,township", "列数不对"),
        ("360981100000,甲镇,township,360981000000", "重复"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_reason(write: WriteFile, row: str, reason: str) -> None:
    path = write("bad.csv", CITY, TOWN, row, VILLAGE)
    found = reasons(path)
    assert list(found) == [4]
    assert reason in found[4]
    assert not Division.objects.exists()


@pytest.mark.django_db
def test_what_hangs_under_a_bad_row_is_bad_too(write: WriteFile) -> None:
    path = write("bad.csv", CITY, TOWN.replace("甲镇", ""), VILLAGE)
    assert {line: reason[:4] for line, reason in reasons(path).items()} == {3: "名称为空", 4: "上级 3"}


@pytest.mark.django_db
def test_skipping_bad_rows_takes_the_good_ones_and_lists_the_others(write: WriteFile) -> None:
    path = write("bad.csv", CITY, TOWN, "360981101000,,township,360981000000", VILLAGE)
    told, complaints = StringIO(), StringIO()
    call_command("import_divisions", str(path), skip_bad=True, stdout=told, stderr=complaints)
    assert counts() == {"city": 1, "township": 1, "village": 1}
    assert complaints.getvalue().strip() == "bad.csv:4: 名称为空"
    assert "跳过 1" in told.getvalue()


@pytest.mark.django_db
def test_the_command_fails_and_changes_nothing_when_a_row_is_bad(
    write: WriteFile, fengcheng: Division
) -> None:
    path = write("bad.csv", CITY.replace("丰城市", "丰城新市"), "1,2,3,4")
    complaints = StringIO()
    with pytest.raises(CommandError, match="什么都没有改"):
        call_command("import_divisions", str(path), stderr=complaints, stdout=StringIO())
    assert "bad.csv:3:" in complaints.getvalue()
    assert division("360981000000").name == "丰城市"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("other.csv", b"id,title\n1,2\n"),
        ("latin.csv", "code,name,level,parent_code\n1,乙,3,4".encode("gb18030")),
        ("broken.json", b"[{"),
        ("tree.json", b'{"11": {"1101": "x"}}'),
        ("scalars.json", b"[1, 2]"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=name):
        import_divisions([path])


@pytest.mark.django_db
def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"nowhere\.csv"):
        import_divisions([tmp_path / "nowhere.csv"])


@pytest.mark.django_db
def test_a_new_name_keeps_the_old_one(write: WriteFile, fengcheng: Division, clock: Clock) -> None:
    path = write("new.csv", CITY, "360981119000,大港镇,township,360981000000")
    report = import_divisions([path])
    town = division("360981119000")
    assert (report.renamed, town.name, town.initials) == (1, "大港镇", "dgz")
    assert [(old.name, old.used_to) for old in town.former_names.all()] == [("小港镇", date(2026, 11, 17))]


@pytest.mark.django_db
def test_an_old_table_does_not_undo_a_merger(fengcheng: Division, clock: Clock) -> None:
    old, new = division("360981002000"), division("360981006000")
    merge_divisions(division=old, into=new, on=date(2026, 11, 1), reason="撤并")
    report = import_divisions([TABLES / "fengcheng.csv"])
    assert not report.changed
    old.refresh_from_db()
    assert old.valid_to == date(2026, 10, 31)
    assert not old.children.exists()


@pytest.mark.django_db
def test_a_new_village_under_a_merged_township_belongs_to_the_successor(
    write: WriteFile, fengcheng: Division, clock: Clock
) -> None:
    old, new = division("360981002000"), division("360981006000")
    merge_divisions(division=old, into=new, on=date(2026, 11, 1), reason="撤并")
    import_divisions([write("new.csv", "360981002099,新社区,village,360981002000")])
    assert division("360981002099").parent == new


# --- the national files


def national(tmp_path: Path, kind: str, **files: list[dict[str, str]]) -> list[Path]:
    paths = []
    for name, rows in files.items():
        path = tmp_path / f"{name}.{kind}"
        if kind == "json":
            path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        else:
            lines = [",".join(rows[0]), *(",".join(f'"{v}"' for v in row.values()) for row in rows)]
            path.write_text("\n".join(lines), encoding="utf-8")
        paths.append(path)
    return paths


def country(tmp_path: Path, kind: str) -> list[Path]:
    """A small country: 丰城 as an area of 宜春, 东莞 without counties, 金门 with stand-ins, 仙桃 under a placeholder."""
    return national(
        tmp_path,
        kind,
        provinces=[{"code": code, "name": f"省{code}"} for code in ("11", "35", "36", "42", "44")],
        cities=[
            {"code": "1101", "name": "市辖区", "provinceCode": "11"},
            {"code": "3505", "name": "泉州市", "provinceCode": "35"},
            {"code": "3609", "name": "宜春市", "provinceCode": "36"},
            {"code": "4290", "name": "省直辖县级行政区划", "provinceCode": "42"},
            {"code": "4419", "name": "东莞市", "provinceCode": "44"},
        ],
        areas=[
            {"code": "110101", "name": "东城区", "cityCode": "1101", "provinceCode": "11"},
            {"code": "350527", "name": "金门县", "cityCode": "3505", "provinceCode": "35"},
            {"code": "360981", "name": "丰城市", "cityCode": "3609", "provinceCode": "36"},
            {"code": "429004", "name": "仙桃市", "cityCode": "4290", "provinceCode": "42"},
            {"code": "441900", "name": "东莞市", "cityCode": "4419", "provinceCode": "44"},
        ],
        streets=[
            {
                "code": "350527000",
                "name": "金门县",
                "areaCode": "350527",
                "cityCode": "3505",
                "provinceCode": "35",
            },
            {
                "code": "360981119",
                "name": "小港镇",
                "areaCode": "360981",
                "cityCode": "3609",
                "provinceCode": "36",
            },
            {
                "code": "441900003",
                "name": "东城街道",
                "areaCode": "441900",
                "cityCode": "4419",
                "provinceCode": "44",
            },
        ],
        villages=[
            {"code": "360981119590", "name": "甲村委会", "streetCode": "360981119", "areaCode": "360981"},
            {"code": "441900003001", "name": "岗贝社区", "streetCode": "441900003", "areaCode": "441900"},
            {"code": "350527000000", "name": "金门县", "streetCode": "350527000", "areaCode": "350527"},
        ],
    )


def summary(report: ImportReport) -> tuple[int, int, int, int]:
    return report.read, report.created, report.stand_ins, len(report.bad)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_national_files_are_known_by_their_columns_and_codes_filled_up(tmp_path: Path, kind: str) -> None:
    report = import_divisions(country(tmp_path, kind))
    assert summary(report) == (21, 18, 3, 0)
    assert division("441900003001").path == "东城街道 › 岗贝社区"
    assert division("441900003000").parent == division("441900000000")
    assert division("441900000000").prefix == "4419"
    assert division("350527000000").level == "county"
    assert division("110100000000").name == "市辖区"
    assert division("429004000000").parent == division("429000000000")


@pytest.mark.django_db
def test_a_second_run_of_the_national_files_changes_nothing(tmp_path: Path) -> None:
    paths = country(tmp_path, "csv")
    import_divisions(paths)
    assert not import_divisions(paths).changed


@pytest.mark.django_db
def test_the_country_never_changes_the_root_that_is_there(fengcheng: Division, tmp_path: Path) -> None:
    report = import_divisions(country(tmp_path, "csv"))
    fengcheng.refresh_from_db()
    assert (fengcheng.level, fengcheng.parent, fengcheng.prefix) == ("city", None, "360981")
    assert (report.renamed, report.moved) == (0, 0)
    assert division("360981119590").parent == division("360981119000")


@pytest.mark.django_db
def test_the_root_is_a_city_although_the_country_lists_it_as_a_county(tmp_path: Path) -> None:
    import_divisions(country(tmp_path, "csv"))
    root = Division.objects.city_root()
    assert (root.level, root.parent) == ("city", None)
    assert division("429004000000").level == "county"
    assert not import_divisions([TABLES / "fengcheng.csv"]).moved


@pytest.mark.django_db
def test_a_root_that_is_a_county_stays_one(settings: Any, tmp_path: Path) -> None:
    settings.GEZHI_CITY_CODE = "350527000000"
    import_divisions(country(tmp_path, "csv"))
    root = Division.objects.city_root()
    assert (root.level, root.parent, root.path) == ("county", None, "金门县")


@pytest.mark.django_db
def test_the_country_gives_a_city_that_is_not_the_root_its_province(
    fengcheng: Division, tmp_path: Path
) -> None:
    import_divisions([TABLES / "jincheng.csv"])
    paths = national(
        tmp_path,
        "csv",
        provinces=[{"code": "14", "name": "山西省"}],
        cities=[{"code": "1405", "name": "晋城市", "provinceCode": "14"}],
    )
    assert import_divisions(paths).moved == 1
    assert division("140500000000").parent == division("140000000000")
    assert not import_divisions([TABLES / "jincheng.csv"]).changed


@pytest.mark.django_db
def test_bad_entries_of_the_national_files_are_reported_by_number(tmp_path: Path) -> None:
    paths = national(
        tmp_path,
        "json",
        provinces=[{"code": "36", "name": "江西省"}, {"code": "362", "name": "x"}],
        cities=[{"code": "3609", "name": "宜春市", "provinceCode": "36"}, {"code": 3610, "name": "x"}, 7],  # type: ignore[list-item, dict-item]
        villages=[{"code": "360981119200", "name": "甲村", "streetCode": "360981119"}],
    )
    with pytest.raises(BadRows) as caught:
        import_divisions(paths)
    assert [str(row)[: len("provinces.json:2: xx")] for row in caught.value.rows] == [
        "cities.json:2: 代码和名称",
        "cities.json:3: 不是一条区",
        "provinces.json:2: 代码",
        "villages.json:1: 上级 ",
    ]


@pytest.mark.django_db
def test_names_get_keys_by_which_they_are_sorted_and_found(fengcheng: Division) -> None:
    street = division("360981002000")
    assert (street.pinyin, street.initials) == ("jian guang jie dao", "jgjd")
    for words in ("jgjd", "jianguang", "JG", "剑光", "360981002000"):
        assert street in Division.objects.matching(words), words
    assert street not in Division.objects.matching("gj")
    towns = [row.name for row in Division.objects.filter(level="township").by_pinyin()[:3]]
    assert towns == TOWNS_BY_PINYIN
