"""The catalogue that is shipped is sound, names no person, and every kind of bad row is reported."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grids.calendars import Allowance, Unit
from incidents.catalogue import (
    CATEGORIES_FILE,
    DUTIES,
    KINDS_FILE,
    Catalogue,
    CatalogueError,
    CategoryRow,
    GroupRow,
    parse_allowance,
    read_catalogue,
)
from incidents.catalogue_csv import Problem
from incidents.fieldspec import FieldSpecError, read_fields

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "catalogue"
# Words of registers of persons, of watching and of tracking: none may name or describe a category.
ABOUT_PERSONS = (
    "重点人",
    "走访",
    "入户",
    "人口",
    "特殊人群",
    "流动人",
    "精神障碍",
    "吸毒",
    "戒毒",
    "矫正",
    "刑满",
    "身份证",
    "户籍",
    "户口",
    "人脸",
    "车牌",
    "轨迹",
    "监控",
    "布控",
    "黑名单",
    "流浪乞讨",
    "群体性",
    "非访",
    "缠访",
)
ASKS_FOR_A_PERSON = ("姓名", "电话", "手机", "身份证", "住址", "门牌")

Spoil = Callable[..., Path]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(SHIPPED)


@pytest.fixture
def leaf(catalogue: Catalogue) -> Callable[[str], CategoryRow]:
    by_code = {row.code: row for row in catalogue.leaves}
    return by_code.__getitem__


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """Write another value into one cell of a copy of the shipped files."""

    def write(code: str, column: str, value: str, file: str = CATEGORIES_FILE) -> Path:
        path = folder / file
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        next(row for row in rows if row["code"] == code)[column] = value
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return folder

    return write


def line_of(code: str, file: str = CATEGORIES_FILE) -> int:
    lines = (SHIPPED / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"{code},"))


def problems_in(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(folder)
    assert str(caught.value.problems[0]) in str(caught.value)
    return caught.value.problems


# --- what is shipped


def test_there_are_at_least_seventy_small_categories_and_no_empty_large_one(catalogue: Catalogue) -> None:
    assert len(catalogue.leaves) >= 70
    assert {row.parent for row in catalogue.leaves} == {group.code for group in catalogue.groups}


def test_every_small_category_has_all_its_times(catalogue: Catalogue) -> None:
    for row in catalogue.leaves:
        for times in (row.normal, row.urgent):
            assert all(times.of(duty).amount > 0 for duty in DUTIES), row.code
        assert set(row.times_json()["urgent"]) == set(DUTIES)


def test_the_whole_is_never_shorter_than_the_handling_in_the_same_unit(catalogue: Catalogue) -> None:
    compared = 0
    for row in catalogue.leaves:
        for times in (row.normal, row.urgent):
            if times.whole.unit == times.handle.unit:
                compared += 1
                assert times.whole.amount >= times.handle.amount, row.code
    assert compared > 70


def test_every_urgent_limit_is_at_most_the_usual_one_in_the_same_unit(catalogue: Catalogue) -> None:
    for row in catalogue.leaves:
        for duty in DUTIES:
            usual, urgent = row.normal.of(duty), row.urgent.of(duty)
            assert usual.unit != urgent.unit or urgent.amount <= usual.amount, (row.code, duty)


def test_no_two_categories_bear_one_name_in_either_language(catalogue: Catalogue) -> None:
    every: list[GroupRow | CategoryRow] = [*catalogue.groups, *catalogue.leaves]
    assert len({row.name for row in every}) == len(every)
    assert len({row.name_en for row in catalogue.leaves}) == len(catalogue.leaves)


def test_no_category_is_about_persons(catalogue: Catalogue) -> None:
    assert catalogue.leaves
    for path in sorted(SHIPPED.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        assert [word for word in ABOUT_PERSONS if word in text] == [], path.name


def test_no_extra_field_asks_for_a_person(catalogue: Catalogue) -> None:
    labels = [spec.label for row in catalogue.leaves for spec in row.fields]
    assert len(labels) > 40
    assert [label for label in labels if any(word in label for word in ASKS_FOR_A_PERSON)] == []


@pytest.mark.parametrize(
    ("code", "handle"),
    [
        ("1101", Allowance(240, Unit("working_minutes"))),
        ("1103", Allowance(300, Unit("working_minutes"))),
        ("2101", Allowance(240, Unit("working_minutes"))),
        ("2102", Allowance(7, Unit("working_days"))),
        ("2103", Allowance(20, Unit("working_days"))),
        ("3401", Allowance(3, Unit("working_days"))),
        ("3402", Allowance(7, Unit("working_days"))),
        ("3403", Allowance(15, Unit("working_days"))),
        ("3301", Allowance(60, Unit("calendar_days"))),
    ],
)
def test_limits_taken_from_a_source_stand_as_the_source_says(
    leaf: Callable[[str], CategoryRow], code: str, handle: Allowance
) -> None:
    assert leaf(code).normal.handle == handle
    assert leaf(code).source != "ours"


def test_a_petition_is_accepted_within_fifteen_calendar_days_and_seen_by_named_roles_only(
    leaf: Callable[[str], CategoryRow],
) -> None:
    petition = leaf("3301")
    assert petition.normal.accept == Allowance(15, Unit("calendar_days"))
    assert petition.sensitive
    assert "grid_worker" not in petition.visible_roles


def test_fields_written_back_are_read_the_same(catalogue: Catalogue) -> None:
    for row in catalogue.leaves:
        stored = json.loads(json.dumps([spec.as_json() for spec in row.fields]))
        assert read_fields(stored) == row.fields


def test_every_department_that_a_category_names_exists_at_its_level(catalogue: Catalogue) -> None:
    kinds = {kind.code: kind for kind in catalogue.kinds}
    assert len(kinds) >= 22
    for row in catalogue.leaves:
        assert kinds[row.department_kind].has_office(row.department_level), row.code


# --- bad rows


@pytest.mark.parametrize(
    ("code", "column", "value", "reported"),
    [
        ("1101", "department_kind", "navy", "department_kind"),
        ("1101", "department_level", "village", "department_level"),
        ("0106", "department_level", "township", "department_level"),
        ("1101", "filing_level", "province", "filing_level"),
        ("1101", "n_handle", "7xx", "n_handle"),
        ("1101", "n_handle", "0wd", "n_handle"),
        ("1101", "u_file", "", "u_file"),
        ("1101", "n_whole", "30wm", "n_whole"),
        ("1101", "u_handle", "9wd", "u_handle"),
        ("1101", "code", "110", "code"),
        ("1101", "code", "11011", "code"),
        ("1101", "code", "110１", "code"),
        ("1102", "code", "1101", "code"),
        ("1101", "parent", "77", "parent"),
        ("1101", "parent", "12", "parent"),
        ("1101", "name", "", "name"),
        ("1101", "name", "长" * 41, "name"),
        ("1101", "name_en", "", "name_en"),
        ("1101", "name_en", "暴露垃圾", "name_en"),
        ("1101", "source", "", "source"),
        ("1101", "filing_conditions", "", "filing_conditions"),
        ("1101", "closing_conditions", "", "closing_conditions"),
        ("1101", "sensitive", "yes", "sensitive"),
        ("1101", "visible_roles", "centre", "visible_roles"),
        ("3301", "visible_roles", "township_centre;department_officer;watcher", "visible_roles"),
        ("3301", "visible_roles", "township_centre;department_officer;audit_admin", "visible_roles"),
        ("3301", "visible_roles", "centre;department_officer", "visible_roles"),
        ("3301", "visible_roles", "", "visible_roles"),
        ("1101", "fields", "[{", "fields"),
        ("1101", "fields", '{"name": "a"}', "fields"),
        ("11", "filing_level", "township", "filing_level"),
        ("11", "code", "1", "code"),
    ],
)
def test_a_bad_cell_is_reported_with_its_line_and_column(
    spoil: Spoil, code: str, column: str, value: str, reported: str
) -> None:
    found = problems_in(spoil(code, column, value))
    assert (CATEGORIES_FILE, line_of(code), reported) in [(p.file, p.line, p.column) for p in found]
    assert all(p.reason for p in found)


@pytest.mark.parametrize(
    ("column", "value", "reported"),
    [
        ("code", "Water", "code"),
        ("code", "sanitation", "code"),
        ("levels", "city;moon", "levels"),
        ("levels", "", "levels"),
        ("name_en", "", "name_en"),
        ("office_township", "", "office_township"),
        ("levels", "city;county", "office_township"),
    ],
)
def test_a_bad_kind_of_department_is_reported(spoil: Spoil, column: str, value: str, reported: str) -> None:
    found = problems_in(spoil("water", column, value, KINDS_FILE))
    assert (KINDS_FILE, line_of("water", KINDS_FILE), reported) in [(p.file, p.line, p.column) for p in found]


def test_all_bad_rows_are_reported_at_once_in_the_order_of_the_file(spoil: Spoil) -> None:
    spoil("1101", "name_en", "")
    spoil("1101", "n_handle", "soon")
    found = problems_in(spoil("2103", "department_kind", "navy"))
    assert [(p.line, p.column) for p in found] == [
        (line_of("1101"), "name_en"),
        (line_of("1101"), "n_handle"),
        (line_of("2103"), "department_kind"),
    ]


def test_a_bad_large_category_does_not_make_its_small_ones_bad(spoil: Spoil) -> None:
    found = problems_in(spoil("11", "name_en", ""))
    assert [(p.line, p.column) for p in found] == [(line_of("11"), "name_en")]


def test_a_small_category_without_its_large_one_is_reported(folder: Path) -> None:
    path = folder / CATEGORIES_FILE
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("12,")), encoding="utf-8")
    found = problems_in(folder)
    assert [(p.line, p.column) for p in found] == [(line_of(f"120{i}") - 1, "parent") for i in (1, 2, 3)]


def test_lines_are_counted_right_below_a_cell_of_two_lines(spoil: Spoil) -> None:
    spoil("1101", "closing_conditions", "清理\n干净")
    found = problems_in(spoil("1102", "n_handle", "soon"))
    assert [p.line for p in found] == [line_of("1102") + 1]


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(folder: Path) -> None:
    path = folder / CATEGORIES_FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read_catalogue(folder).leaves) == len(read_catalogue(SHIPPED).leaves)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (None, 0, ""),
        (b"\xd4\xda\xbd\xa8", 0, ""),
        (b"code,name\n", 1, "parent"),
        (b"", 1, "code"),
    ],
)
def test_a_file_that_is_no_catalogue_is_reported(
    folder: Path, text: bytes | None, line: int, column: str
) -> None:
    path = folder / CATEGORIES_FILE
    path.unlink() if text is None else path.write_bytes(text)
    assert (CATEGORIES_FILE, line, column) in [(p.file, p.line, p.column) for p in problems_in(folder)]


def test_an_unknown_column_is_reported(folder: Path) -> None:
    path = folder / CATEGORIES_FILE
    path.write_text(path.read_text(encoding="utf-8").replace("code,", "code,score,", 1), encoding="utf-8")
    assert [(p.line, p.column) for p in problems_in(folder)] == [(1, "score")]


def test_a_row_with_too_few_cells_is_reported(folder: Path) -> None:
    path = folder / CATEGORIES_FILE
    path.write_text(path.read_text(encoding="utf-8") + "4001,40,路灯\n", encoding="utf-8")
    last = len(path.read_text(encoding="utf-8").splitlines())
    assert [(p.line, p.column) for p in problems_in(folder)] == [(last, "")]


def test_a_quote_that_never_ends_is_reported(folder: Path) -> None:
    path = folder / CATEGORIES_FILE
    path.write_text(path.read_text(encoding="utf-8") + '4001,"40\n', encoding="utf-8")
    last = len(path.read_text(encoding="utf-8").splitlines())
    (found,) = problems_in(folder)
    assert (found.line, found.column) == (last, "")
    assert "CSV" in found.reason


# --- the small parsers


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("30cm", 30, "clock_minutes"),
        ("240wm", 240, "working_minutes"),
        ("7wd", 7, "working_days"),
        ("15cd", 15, "calendar_days"),
    ],
)
def test_an_allowance_is_read(text: str, amount: int, unit: str) -> None:
    assert parse_allowance(text) == Allowance(amount, Unit(unit))


@pytest.mark.parametrize(
    "text", ["", "0wd", "-1wd", "1.5wd", "wd", "7", "7 wd", "7WD", "07wd", "1９wd", "9999999wd"]
)
def test_anything_else_is_no_allowance(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_allowance(text)


GOOD = {"name": "area", "label": "面积", "label_en": "Area", "type": "number", "required": True, "unit": "m²"}
SIDES = [
    {"value": "left", "label": "左", "label_en": "Left"},
    {"value": "right", "label": "右", "label_en": "Right"},
]
CHOICE = {**GOOD, "type": "choice", "choices": SIDES}


def test_sound_fields_are_read() -> None:
    area, side = read_fields([GOOD, {**CHOICE, "name": "side"}])
    assert (area.name, area.required, area.unit) == ("area", True, "m²")
    assert [choice.value for choice in side.choices] == ["left", "right"]


@pytest.mark.parametrize(
    "bad",
    [
        "area",
        {**GOOD, "name": "Area"},
        {**GOOD, "name": 7},
        {**GOOD, "type": "person"},
        {**GOOD, "type": ["text"]},
        {**GOOD, "required": "yes"},
        {**GOOD, "label": ""},
        {**GOOD, "label": "长" * 121},
        {**GOOD, "label_en": "面积"},
        {**GOOD, "help": "只填整数"},
        {**GOOD, "unit": "元"},
        {**GOOD, "colour": "red"},
        {**GOOD, "choices": SIDES},
        {**CHOICE, "choices": SIDES[:1]},
        {**CHOICE, "choices": [SIDES[0], SIDES[0]]},
        {**CHOICE, "choices": [SIDES[0], {"value": "right", "label": "右"}]},
        {**CHOICE, "choices": [SIDES[0], {"value": "right", "label": "右", "label_en": "右"}]},
        {**CHOICE, "choices": [SIDES[0], {"value": "Right!", "label": "右", "label_en": "Right"}]},
        {**CHOICE, "choices": [SIDES[0], {"value": 2, "label": "右", "label_en": "Right"}]},
    ],
)
def test_an_unsound_field_is_refused_and_named_by_its_place(bad: object) -> None:
    with pytest.raises(FieldSpecError) as caught:
        read_fields([{**GOOD, "name": "first"}, bad])
    assert all(reason.startswith("第 2 项") for reason in caught.value.reasons)


@pytest.mark.parametrize("bad", [{}, "", None, [GOOD, GOOD], [{**GOOD, "name": f"f{i}"} for i in range(13)]])
def test_a_list_that_is_unsound_as_a_whole_is_refused(bad: object) -> None:
    with pytest.raises(FieldSpecError):
        read_fields(bad)
