"""The one clock: the database's, so that two hosts cannot disagree about what is overdue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def _database_time() -> datetime:
    """The server's wall clock at this moment. Unlike now() in SQL it moves on inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant


def now() -> datetime:
    """This instant, with its time zone."""
    return _database_time()


def today() -> date:
    """The calendar day in China at this instant."""
    return local_day(now())


def local_day(instant: datetime) -> date:
    """The calendar day in China of an instant that has a time zone."""
    return instant.astimezone(SHANGHAI).date()
