"""A filtered list as CSV and as an Excel sheet: exactly its rows, however many, without anybody's personal values.

Cells that a spreadsheet would take for a formula are made plain text (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from cases.models import Part, PartKind, Supervision
from grids.clock import SHANGHAI
from grids.wording import listed
from incidents.listing import office_name, part_name, row_of, with_rows
from incidents.models import Incident, Source

CHUNK: Final = 500
BOM: Final = "\ufeff"  # without it Excel takes UTF-8 for the local code page
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TIME_FORMAT: Final = "yyyy-mm-dd hh:mm"

# Label and width of every column, in their order.
COLUMNS: Final[tuple[tuple[Promise, int], ...]] = (
    (gettext_lazy("编号"), 18),
    (gettext_lazy("标题"), 36),
    (gettext_lazy("大类"), 14),
    (gettext_lazy("小类"), 18),
    (gettext_lazy("地点"), 36),
    (gettext_lazy("地址"), 28),
    (gettext_lazy("状态"), 10),
    (gettext_lazy("负责的综治中心"), 24),
    (gettext_lazy("承办"), 28),
    (gettext_lazy("协办"), 28),
    (gettext_lazy("加急"), 6),
    (gettext_lazy("督办"), 10),
    (gettext_lazy("来源"), 14),
    (gettext_lazy("上报时间"), 18),
    (gettext_lazy("结束时间"), 18),
    (gettext_lazy("当前时限"), 10),
    (gettext_lazy("到期时间"), 18),
    (gettext_lazy("是否超期"), 10),
    (gettext_lazy("退回次数"), 10),
    (gettext_lazy("重办次数"), 10),
)
Value = str | int | datetime | None


def safe(text: str) -> str:
    """Text that no spreadsheet runs: a leading sign of a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def records(found: QuerySet[Incident], now: datetime) -> Iterator[list[Value]]:
    """The values of each incident in the order of COLUMNS; read in chunks, so that any number fits."""
    for incident in with_rows(found).iterator(chunk_size=CHUNK):
        yield record_of(incident, now)


def record_of(incident: Incident, now: datetime) -> list[Value]:
    case, row = incident.case, row_of(incident)
    parts: list[Part] = getattr(case, "open_parts", [])
    late = bool(row.deadline and (row.deadline.missed_at or row.deadline.due_at < now))
    return [
        case.number,
        case.title,
        str(incident.category.parent or ""),
        str(incident.category),
        row.path,
        incident.address,
        str(row.step),
        office_name(case.office),
        _names(parts, PartKind.HANDLER),
        _names(parts, PartKind.CO_HANDLER),
        _("是") if case.urgent else "",
        str(Supervision(case.supervision).label) if case.supervision else "",
        str(Source(incident.source).label),
        case.opened_at,
        case.closed_at,
        str(row.duty),
        row.deadline.due_at if row.deadline else None,
        _("是") if late else "",
        incident.return_count,
        incident.reopen_count,
    ]


def _names(parts: list[Part], kind: str) -> str:
    return listed(part_name(part) for part in parts if part.kind == kind)


class _Echo:
    """A file that hands each line straight on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[list[Value]]) -> Iterator[str]:
    """The lines of a CSV file that Excel opens rightly: BOM, head, rows."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([str(label) for label, _width in COLUMNS])
    for row in rows:
        yield writer.writerow([_csv_value(value) for value in row])


def _csv_value(value: Value) -> str | int:
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return safe(value)
    return "" if value is None else value


def excel(rows: Iterable[list[Value]], title: str) -> IO[bytes]:
    """An Excel sheet in a temporary file, written row by row; the file vanishes when it is closed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_label, width) in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    sheet.append([_head(sheet, str(label)) for label, _width in COLUMNS])
    for row in rows:
        sheet.append([_excel_value(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer that sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _head(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _excel_value(sheet: Any, value: Value) -> Any:
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value=value.astimezone(SHANGHAI).replace(tzinfo=None))
        cell.number_format = TIME_FORMAT
        return cell
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=safe(ILLEGAL_CHARACTERS_RE.sub("", value)))
        cell.data_type = "s"  # never a formula, whatever it begins with
        return cell
    return value
