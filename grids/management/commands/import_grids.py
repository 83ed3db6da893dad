"""manage.py import_grids: outlines of grids from GeoJSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.errors import BadRow, BadRows, FileRefused
from grids.grid_import import GridReport, import_grids


class Command(BaseCommand):
    help = "Imports grids: a GeoJSON FeatureCollection, WGS-84, properties code (or none), name, village, geometry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.geojson")
        parser.add_argument(
            "--skip-bad", action="store_true", help="take the good features though others are bad"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_grids(options["file"], skip_bad=options["skip_bad"])
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except BadRows as error:
            self._list(error.rows)
            raise CommandError(
                _("%(count)d 个要素有错，什么都没有改。改好再来，或用 --skip-bad 跳过。")
                % {"count": len(error.rows)}
            ) from error
        self._list(report.bad)
        self._sum_up(report)

    def _list(self, rows: list[BadRow]) -> None:
        for row in rows:
            self.stderr.write(str(row))

    def _sum_up(self, report: GridReport) -> None:
        if not report.changed:
            self.stdout.write(
                _("没有变化：%(count)d 个网格已在库里，跳过 %(bad)d 个网格。")
                % {"count": report.read - len(report.bad), "bad": len(report.bad)}
            )
            return
        self.stdout.write(
            _("读 %(read)d 个要素：新增 %(created)d，改名 %(renamed)d，改边界 %(redrawn)d，跳过 %(bad)d。")
            % {
                "read": report.read,
                "created": report.created,
                "renamed": report.renamed,
                "redrawn": report.redrawn,
                "bad": len(report.bad),
            }
        )
