"""Rows as CSV and as an Excel sheet, however many, without anybody's personal values.

Cells that a spreadsheet would take for a formula are made plain text (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final

from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from grids.clock import SHANGHAI

BOM: Final = "\ufeff"  # without it Excel takes UTF-8 for the local code page
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TIME_FORMAT: Final = "yyyy-mm-dd hh:mm"
MONEY_FORMAT: Final = "#,##0.00"

# Label and width of every column, in their order.
Columns = Sequence[tuple[Promise | str, int]]
Value = str | int | float | Decimal | datetime | None


def safe(text: str) -> str:
    """Text that no spreadsheet runs: a leading sign of a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


class _Echo:
    """A file that hands each line straight on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Columns, rows: Iterable[list[Value]]) -> Iterator[str]:
    """The lines of a CSV file that Excel opens rightly: BOM, head, rows."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([str(label) for label, _width in columns])
    for row in rows:
        yield writer.writerow([_csv_value(value) for value in row])


def _csv_value(value: Value) -> str | int | float | Decimal:
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return safe(value)
    return "" if value is None else value


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a book."""

    title: str
    columns: Columns
    rows: Iterable[list[Value]]


def excel(columns: Columns, rows: Iterable[list[Value]], title: str) -> IO[bytes]:
    """An Excel sheet in a temporary file, written row by row; the file vanishes when it is closed."""
    return book([Sheet(title, columns, rows)])


def book(sheets: Iterable[Sheet]) -> IO[bytes]:
    """Several sheets in one Excel file, as `excel` makes one."""
    made = Workbook(write_only=True)
    for one in sheets:
        _write(made.create_sheet(one.title), one)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer that sends it closes it
    made.save(file)
    file.seek(0)
    return file


def _write(sheet: Any, said: Sheet) -> None:
    sheet.freeze_panes = "A2"
    for number, (_label, width) in enumerate(said.columns):
        sheet.column_dimensions[get_column_letter(number + 1)].width = width
    sheet.append([_head(sheet, str(label)) for label, _width in said.columns])
    for row in said.rows:
        sheet.append([_excel_value(sheet, value) for value in row])


def _head(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _excel_value(sheet: Any, value: Value) -> Any:
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value=value.astimezone(SHANGHAI).replace(tzinfo=None))
        cell.number_format = TIME_FORMAT
        return cell
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]  # a number to openpyxl, if not to its stubs
        cell.number_format = MONEY_FORMAT
        return cell
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=safe(ILLEGAL_CHARACTERS_RE.sub("", value)))
        cell.data_type = "s"  # never a formula, whatever it begins with
        return cell
    return value
