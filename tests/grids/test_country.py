"""The whole country in one import, made up but of its size: 31 provinces, 665,000 rows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from grids.division_import import import_divisions
from grids.models import Division
from tests.grids.conftest import division

PROVINCES, CITIES, COUNTIES, TOWNSHIPS, VILLAGES = 31, 11, 9, 14, 15
NAMES = "东西南北中新红光建设和平友谊前进胜利长江黄河青山绿水金银铜铁松柏梅竹兰桂桃李杏"


def rows() -> Iterator[tuple[str, str, str, str]]:
    """File, code, name and parent's code of every division: every level of the national files."""
    for province in range(11, 11 + PROVINCES):
        yield "provinces", f"{province}", f"{NAMES[province % len(NAMES)]}省", ""
        for city in range(1, CITIES + 1):
            first = f"{province}{city:02}"
            yield "cities", first, f"{name_of(first)}市", first[:2]
            for county in range(1, COUNTIES + 1):
                second = f"{first}{county:02}"
                yield "areas", second, f"{name_of(second)}县", first
                for town in range(100, 100 + TOWNSHIPS):
                    third = f"{second}{town}"
                    yield "streets", third, f"{name_of(third)}镇", second
                    for village in range(200, 200 + VILLAGES):
                        fourth = f"{third}{village}"
                        yield "villages", fourth, f"{name_of(fourth)}村村民委员会", third


def name_of(code: str) -> str:
    number = int(code)
    return "".join(NAMES[number // step % len(NAMES)] for step in (1, 7, 311))


COLUMNS = {
    "provinces": "code,name",
    "cities": "code,name,provinceCode",
    "areas": "code,name,cityCode,provinceCode",
    "streets": "code,name,areaCode,provinceCode,cityCode",
    "villages": "code,name,streetCode,provinceCode,cityCode,areaCode",
}


@pytest.fixture
def country(tmp_path: Path) -> list[Path]:
    paths = {name: tmp_path / f"{name}.csv" for name in COLUMNS}
    files = {name: path.open("w", encoding="utf-8") for name, path in paths.items()}
    for name, columns in COLUMNS.items():
        files[name].write(columns + "\n")
    for name, code, title, parent in rows():
        above = {2: code[:2], 4: code[:4], 6: code[:6]}
        values = {
            "provinceCode": above[2],
            "cityCode": above[4],
            "areaCode": above[6],
            "streetCode": code[:9],
        }
        cells = [values[column] for column in COLUMNS[name].split(",")[2:]]
        assert not parent or cells[0] == parent
        files[name].write(",".join([code, f'"{title}"', *cells]) + "\n")
    for file in files.values():
        file.close()
    return list(paths.values())


@pytest.mark.slow
@pytest.mark.django_db
def test_the_whole_country_is_imported_at_once_and_a_second_time_nothing_changes(country: list[Path]) -> None:
    told: list[str] = []
    start = perf_counter()
    report = import_divisions(country, progress=told.append)
    first = perf_counter() - start
    villages = PROVINCES * CITIES * COUNTIES * TOWNSHIPS * VILLAGES
    assert report.read > 665_000
    assert (report.created, report.bad) == (report.read, [])
    assert Division.objects.filter(level="village").count() == villages
    assert division("200305107203").path == "".join(
        [name_of("200305"), "县 › ", name_of("200305107"), "镇 › ", name_of("200305107203"), "村村民委员会"]
    )
    assert not Division.objects.exclude(level="province").filter(parent=None).exists()
    assert sum("已读" in line for line in told) == report.read // 50_000
    start = perf_counter()
    assert not import_divisions(country).changed
    again = perf_counter() - start
    sys.stderr.write(f"\n{report.read} rows: {first:.0f} s, again {again:.0f} s\n")


@pytest.mark.slow
@pytest.mark.django_db
def test_one_bad_row_in_the_whole_country_is_found_and_nothing_is_stored(country: list[Path]) -> None:
    lines = country[4].read_text(encoding="utf-8").splitlines()
    lines[400_000] = lines[400_001]
    country[4].write_text("\n".join(lines), encoding="utf-8")
    report = import_divisions(country, skip_bad=True)
    assert [(row.file, row.line) for row in report.bad] == [("villages.csv", 400_002)]
    assert report.created == report.read - 1
