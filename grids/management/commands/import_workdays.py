"""manage.py import_workdays: the days of a year into the work calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.calendars import YearNotCovered
from grids.errors import BadRows, PlaceError
from grids.models import WorkDay
from grids.workdays import import_notice, seed_year
from grids.yeardays import read_notice


class Command(BaseCommand):
    help = "Fills years of the work calendar; with --file, from the State Council's notice of one year."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("years", nargs="+", type=int, metavar="YEAR")
        parser.add_argument(
            "--file", type=Path, metavar="NOTICE.csv", help="columns date,kind,name; kind off or work"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        years, path = options["years"], options["file"]
        if path and len(years) > 1:
            raise CommandError(_("一份通知只对一个年份。"))
        try:
            for year in years:
                changed = self._notice(year, path) if path else seed_year(year)
                self._tell(year, changed)
        except BadRows as error:
            for row in error.rows:
                self.stderr.write(str(row))
            raise CommandError(_("%(count)d 行有错，什么都没有改。") % {"count": len(error.rows)}) from error
        except (PlaceError, YearNotCovered) as error:
            raise CommandError(str(error)) from error

    def _notice(self, year: int, path: Path) -> list[int]:
        source = _("%(year)d 年放假通知（%(file)s）") % {"year": year, "file": path.name}
        return import_notice(year=year, days=read_notice(path, year), source=source)

    def _tell(self, year: int, changed: list[int]) -> None:
        days = WorkDay.objects.filter(date__year=year)
        told = [
            _("%(year)d 年：工作日 %(working)d 天，休息日 %(off)d 天。")
            % {
                "year": year,
                "working": days.filter(working=True).count(),
                "off": days.filter(working=False).count(),
            }
        ]
        if days.filter(provisional=True).exists():
            told.append(_("暂定，调休未公布。"))
        years = ", ".join(str(each) for each in changed)
        told.append(_("有变动的年份：%(years)s。") % {"years": years} if years else _("没有变化。"))
        self.stdout.write(" ".join(told))
