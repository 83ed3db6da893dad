"""What is known of the days of a year: official arrangements, statutory days, a notice in a file. Writes nothing.

From the State Council's notice of a year, usually in November of the year before, the package chinesecalendar knows
days off and make-up working days. Before it, only the statutory holidays are sure (全国年节及纪念日放假办法, 2024):
they are given as provisional, without any make-up day, for nobody can know those.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import chinese_calendar
from django.conf import settings
from django.utils.translation import gettext as _

from grids.calendars import YearNotCovered
from grids.errors import BadRow, BadRows, FileRefused

DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
OFFICIAL: Final = f"国务院办公厅放假安排（chinesecalendar {version('chinesecalendar')}）"
STATUTORY: Final = "全国年节及纪念日放假办法（调休未公布）"
KINDS: Final = {"off": False, "休": False, "work": True, "班": True}


@dataclass(frozen=True)
class Day:
    """One day: working or not, and what it is called; no name for an ordinary day."""

    date: date
    working: bool
    name: str = ""


def days_of(year: int) -> Iterator[date]:
    """Every day of a year in order."""
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += DAY


def official(year: int) -> list[Day] | None:
    """All days of a year by its official arrangement; None for a year that the package does not know."""
    try:
        return [_official_day(day) for day in days_of(year)]
    except NotImplementedError:
        return None


def _official_day(day: date) -> Day:
    working = chinese_calendar.is_workday(day)
    _off, title = chinese_calendar.get_holiday_detail(day)
    if title is None:
        return Day(day, working)
    name = chinese_calendar.Holiday(title).chinese
    return Day(day, working, f"{name}调休上班" if working else name)


def statutory(year: int) -> list[Day]:
    """All days of a year by weekday and statutory holidays alone. Raises YearNotCovered without festival dates."""
    holidays = statutory_holidays(year)
    return [Day(day, _weekday(day) and day not in holidays, holidays.get(day, "")) for day in days_of(year)]


def statutory_holidays(year: int) -> dict[date, str]:
    """The 13 days by law. Where two festivals fall on one day it has the name of the first.

    Raises YearNotCovered for a year whose festival dates are not in data/calendar/festivals.csv.
    """
    dates = _festivals().get(year)
    if dates is None:
        raise YearNotCovered(_("没有 %(year)d 年的节日日期，也没有放假安排。") % {"year": year})
    spring = dates["spring_festival"]
    found = [
        (date(year, 1, 1), "元旦"),
        (spring - DAY, "除夕"),
        *((spring + number * DAY, "春节") for number in range(3)),
        (dates["qingming"], "清明节"),
        *((date(year, 5, number), "劳动节") for number in (1, 2)),
        (dates["dragon_boat"], "端午节"),
        *((date(year, 10, number), "国庆节") for number in (1, 2, 3)),
        (dates["mid_autumn"], "中秋节"),
    ]
    return dict(reversed(found))


def by_notice(year: int, notice: list[Day]) -> list[Day]:
    """All days of a year: those of the notice as it says, the others by weekday; and the notice's days beyond it."""
    said = {day.date: day for day in notice}
    whole = [said.pop(day, Day(day, _weekday(day))) for day in days_of(year)]
    return whole + list(said.values())


def read_notice(path: Path, year: int) -> list[Day]:
    """The days of a notice from a CSV file `date,kind,name`, kind off or work (休 or 班).

    Only days that differ from the weekday need to stand there. Days of the years beside are allowed: a holiday may
    begin in December. Raises FileRefused for no such file, BadRows for lines that are wrong.
    """
    days: dict[date, Day] = {}
    bad = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"date", "kind"} <= set(reader.fieldnames or ()):
                raise FileRefused(_("%(file)s 要有 date,kind,name 三列。") % {"file": path.name})
            for row in reader:
                day = _notice_day(row, year)
                if isinstance(day, Day) and day.date not in days:
                    days[day.date] = day
                else:
                    reason = day if isinstance(day, str) else _("日期重复")
                    bad.append(BadRow(path.name, reader.line_num, reason))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileRefused(_("%(file)s 读不出来：%(why)s") % {"file": path.name, "why": error}) from error
    if bad:
        raise BadRows(bad)
    if not any(day.date.year == year for day in days.values()):
        raise FileRefused(_("%(file)s 里没有 %(year)d 年的日子。") % {"file": path.name, "year": year})
    return list(days.values())


def _notice_day(row: dict[str, str | None], year: int) -> Day | str:
    kind = (row["kind"] or "").strip().lower()
    try:
        day = date.fromisoformat((row["date"] or "").strip())
    except ValueError:
        return _("日期应写作 2027-02-06")
    if abs(day.year - year) > 1:
        return _("日期不在 %(year)d 年前后") % {"year": year}
    if kind not in KINDS:
        return _("“%(kind)s”应为 off 或 work（休或班）") % {"kind": kind}
    return Day(day, KINDS[kind], (row.get("name") or "").strip())


def _weekday(day: date) -> bool:
    return day.weekday() < SATURDAY


@cache
def _festivals() -> dict[int, dict[str, date]]:
    """The dates of the festivals that move, by year."""
    path = Path(settings.BASE_DIR) / "data" / "calendar" / "festivals.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            int(row.pop("year")): {name: date.fromisoformat(text) for name, text in row.items()}
            for row in csv.DictReader(file)
        }
