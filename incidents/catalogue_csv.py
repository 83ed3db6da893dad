"""Rows of the catalogue's CSV files, each collecting what is wrong with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from incidents import category_rules as rules


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file. `line` counts from 1, the header being 1."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return _("%(file)s 第 %(line)s 行 %(column)s：%(reason)s") % {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "reason": self.reason,
        }


class Row:
    """The cells of one line, stripped. `failed` is true once anything in it was bad."""

    def __init__(self, file: str, line: int, cells: dict[str, str], problems: list[Problem]) -> None:
        self.file, self.line, self.cells = file, line, cells
        self.failed = False
        self._problems = problems

    def bad(self, column: str, reason: str) -> None:
        """Note a problem of this row."""
        self.failed = True
        self._problems.append(Problem(self.file, self.line, column, reason))

    def all_bad(self, column: str, reasons: Iterable[str]) -> None:
        """Note several problems of one column."""
        for reason in reasons:
            self.bad(column, reason)

    def text(self, column: str, limit: int, *, required: bool = False) -> str:
        """The cell, at most `limit` characters."""
        value = self.cells[column]
        self.all_bad(column, rules.faults_in_text(value, limit, required=required))
        return value

    def unique(self, column: str, shape: re.Pattern[str], taken: Collection[str]) -> str:
        """A code of the given shape that no earlier row has."""
        value = self.cells[column]
        if not shape.fullmatch(value):
            self.bad(column, _("代码“%(value)s”的格式不对") % {"value": value})
        elif value in taken:
            self.bad(column, _("代码“%(value)s”重复") % {"value": value})
        return value

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        """A cell from a closed list; the empty string when it is not from it."""
        value = self.cells[column]
        faults = rules.fault_in_choice(value, allowed)
        self.all_bad(column, faults)
        return "" if faults else value

    def several(self, column: str, allowed: Collection[str]) -> tuple[str, ...]:
        """A list of values parted by semicolons, each from a closed list and named once."""
        values = tuple(value.strip() for value in self.cells[column].split(";") if value.strip())
        self.all_bad(column, rules.faults_in_choices(values, allowed))
        return values


def read_rows(path: Path, columns: Collection[str], problems: list[Problem]) -> Iterator[Row]:
    """The rows of a UTF-8 file (a byte-order mark is fine) with exactly these columns.

    What is wrong with the file itself goes to `problems`.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(path.name, 0, "", _("文件不能读取：%(error)s") % {"error": error}))
        return
    header = next(csv.reader(lines), [])
    for column in sorted(set(columns) ^ set(header)):
        reason = _("缺少这一列") if column in columns else _("不认识这一列")
        problems.append(Problem(path.name, 1, column, reason))
    if set(header) == set(columns) and len(header) == len(columns):
        yield from _body(path.name, lines, header, problems)


def _body(file: str, lines: list[str], header: list[str], problems: list[Problem]) -> Iterator[Row]:
    reader = csv.reader(lines, strict=True)
    next(reader)
    start = reader.line_num + 1
    try:
        for cells in reader:
            if len(cells) == len(header):
                values = dict(zip(header, map(str.strip, cells), strict=True))
                yield Row(file, start, values, problems)
            elif cells:
                reason = _("列数不对，应为 %(count)s 列") % {"count": len(header)}
                problems.append(Problem(file, start, "", reason))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(file, start, "", _("不是正确的 CSV：%(error)s") % {"error": error}))
