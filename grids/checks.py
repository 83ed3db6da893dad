"""Checks of this app: the work calendar must reach far enough for the deadlines that are started today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

from grids.clock import today
from grids.models import WorkDay
from grids.workdays import uncovered


@register(Tags.database)
def check_holiday_years(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """This year and the next stand in the work calendar (grids.W001), and this year is settled (grids.W002).

    Run with a database only (`check --database default`, `migrate`); silent before the first migration.
    """
    if "default" not in (databases or ()):
        return []
    if WorkDay._meta.db_table not in connections["default"].introspection.table_names():
        return []
    year = today().year
    found: list[CheckMessage] = [
        Warning(
            f"The work calendar does not cover {missing}: deadlines in working time that reach it cannot start.",
            hint=f"manage.py import_workdays {missing}",
            id="grids.W001",
        )
        for missing in uncovered([year, year + 1])
    ]
    if WorkDay.objects.filter(date__year=year, provisional=True).exists():
        found.append(
            Warning(
                f"The days of {year} are provisional, although the year has begun.",
                hint=f"manage.py import_workdays {year} --file notice.csv (columns date,kind,name)",
                id="grids.W002",
            )
        )
    return found
