"""Takes tables of divisions into the tree: all rows or, unless told to skip the bad ones, none.

Rows go by COPY into a table of the transaction and are then checked and stored by sets, level by level from the top,
so that a row whose parent was refused is refused too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from grids import division_sql as sql
from grids.clock import today
from grids.copying import copy_rows
from grids.division_files import DivisionFile, open_division_file
from grids.division_rows import Row, StandIn, check_row
from grids.errors import BadRow, BadRows
from grids.models import DivisionLevel

Progress = Callable[[str], None]
ROWS_PER_REPORT: Final = 50_000
ROWS_WORTH_ANALYZING: Final = 5_000
VILLAGE_DIGITS: Final = 12
STEPS: Final = {
    2: DivisionLevel.PROVINCE.label,
    4: DivisionLevel.CITY.label,
    6: DivisionLevel.COUNTY.label,
    9: DivisionLevel.TOWNSHIP.label,
    VILLAGE_DIGITS: DivisionLevel.VILLAGE.label,
}
"""From the top of the tree down, by the significant digits: a county-level city stands beside the counties."""


@dataclass
class ImportReport:
    """What an import did. Counts are divisions, save `read`, which are rows."""

    read: int = 0
    created: int = 0
    renamed: int = 0
    moved: int = 0
    stand_ins: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything in the database is now other than before."""
        return any(getattr(self, f.name) for f in fields(self) if f.name in {"created", "renamed", "moved"})


def import_divisions(
    paths: Iterable[Path], *, skip_bad: bool = False, progress: Progress = lambda text: None
) -> ImportReport:
    """Stores the divisions of some files, in one transaction; what is there already is brought up to date.

    A changed name keeps the old one as a former name. The installation's root keeps its level and has no parent,
    whatever a file says; a national file never changes the level of a division that is already known; a division
    that has ended is left alone.

    Raises FileRefused for a file that cannot be read, BadRows when rows are bad and `skip_bad` is not set.
    """
    files = [open_division_file(path) for path in paths]
    report = ImportReport()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.LOCK)
        cursor.execute(sql.INCOMING)
        copy_rows(cursor, "incoming_division", sql.COLUMNS, _sound_rows(files, report, progress))
        progress(_("核对 %(count)d 行……") % {"count": report.read})
        _check_together(cursor, files)
        report.bad += _bad_rows(cursor, files)
        if report.bad and not skip_bad:
            raise BadRows(report.bad)
        _store(cursor, report, progress)
        cursor.execute("DROP TABLE incoming_division, known_division")
    report.bad.sort(key=lambda row: (row.file, row.line))
    return report


def _sound_rows(
    files: list[DivisionFile], report: ImportReport, progress: Progress
) -> Iterator[tuple[object, ...]]:
    """The rows that are sound in themselves, as `division_sql.COLUMNS`; the others go to the report."""
    for number, file in enumerate(files):
        for raw in file.rows():
            report.read += 1
            if report.read % ROWS_PER_REPORT == 0:
                progress(_("已读 %(count)d 行……") % {"count": report.read})
            row = check_row(raw, file.shape)
            if isinstance(row, Row):
                yield (report.read, number, file.shape.national, *row)
            elif isinstance(row, StandIn):
                report.stand_ins += 1
            else:
                report.bad.append(BadRow(file.path.name, raw.line, row))


def _check_together(cursor: Any, files: list[DivisionFile]) -> None:
    """Marks rows that are bad beside others: said twice, or with a parent that is missing or another's."""
    cursor.execute(sql.INDEX_INCOMING)
    names = [file.path.name for file in files]
    cursor.execute(sql.MARK_DUPLICATES, {"twice": _("代码重复，首次见于 %s:%s"), "names": names})
    cursor.execute(sql.KNOWN)
    texts = {
        "missing": _("上级 %s 既不在文件里，也不在库里"),
        "none": _("没有写上级"),
        "other": _("按代码，上级应为 %s"),
        "level_fault": _("上级 %s 的层级不对"),
    }
    for digits in STEPS:
        cursor.execute(sql.FIND_NEAREST, {"digits": digits})
        cursor.execute(sql.MARK_PARENTS, {"digits": digits, **texts})
        if digits < VILLAGE_DIGITS:
            cursor.execute(sql.ADD_KNOWN, {"digits": digits})


def _bad_rows(cursor: Any, files: list[DivisionFile]) -> list[BadRow]:
    cursor.execute(sql.BAD)
    return [BadRow(files[file].path.name, line, reason) for file, line, reason in cursor.fetchall()]


def _store(cursor: Any, report: ImportReport, progress: Progress) -> None:
    """Writes the good rows, from the top of the tree down."""
    parameters = {
        "root": settings.GEZHI_CITY_CODE,
        "yesterday": today() - timedelta(days=1),
        "why": _("导入区划表"),
    }
    cursor.execute(sql.SETTLE_ROOT, parameters)
    for digits, label in STEPS.items():
        counts = {}
        for name in ("KEEP_NAMES", "RENAME", "MOVE", "CREATE"):
            cursor.execute(getattr(sql, name), {"digits": digits, **parameters})
            counts[name] = cursor.rowcount
        report.renamed += counts["RENAME"]
        report.moved += counts["MOVE"]
        report.created += counts["CREATE"]
        progress(_("%(level)s：新增 %(count)d") % {"level": label, "count": counts["CREATE"]})
        if counts["CREATE"] > ROWS_WORTH_ANALYZING:
            cursor.execute("ANALYZE grids_division")
    cursor.execute(sql.HAND_ON)
    while cursor.rowcount:
        cursor.execute(sql.HAND_ON)
