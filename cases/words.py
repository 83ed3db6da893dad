"""Times and spans in words, as every page, print and message says them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from grids import clock

# The instant of the page being written, so that its hundred times cost one query. `cases.context` sets it.
_page_now: ContextVar[datetime | None] = ContextVar("page_now", default=None)

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def set_page_now(instant: datetime | None) -> None:
    """Fix the instant that a page is written at; None forgets it."""
    _page_now.set(instant)


def page_now() -> datetime:
    """The instant of the page being written, else the clock's."""
    return _page_now.get() or clock.now()


@contextmanager
def on_paper() -> Iterator[None]:
    """Inside, every date is written whole, with its year: what is printed has no today."""
    before = _page_now.set(datetime(1000, 1, 1, tzinfo=clock.SHANGHAI))
    try:
        yield
    finally:
        _page_now.reset(before)


def _day_name(day: date, today: date) -> str:
    if day == today:
        return _("今天")
    if day == today - timedelta(days=1):
        return _("昨天")
    if day == today + timedelta(days=1):
        return _("明天")
    # Django date formats: the words between the letters are part of the translation.
    return date_format(day, _("n月j日") if day.year == today.year else _("Y年n月j日"))


def when(value: datetime | date, now: datetime | None = None) -> str:
    """An instant or a day as people say it: 今天 14:05, 昨天 14:05, 11月20日 14:05, 2025年11月20日 14:05.

    `now` is the instant to compare with; the page's own when left out. Days are China's.
    """
    today = clock.local_day(now or page_now())
    if not isinstance(value, datetime):
        return _day_name(value, today)
    local = value.astimezone(clock.SHANGHAI)
    return f"{_day_name(local.date(), today)} {local:%H:%M}"


def until(value: datetime, now: datetime | None = None) -> str:
    """The end of a time allowed, as `when` says an instant; midnight is the end of its day: 今天 24:00.

    A duty in calendar days ends so (民法典 art. 203); "00:00" would be read as the night before.
    """
    day, clock_time = _end(value)
    return f"{_day_name(day, clock.local_day(now or page_now()))} {clock_time}"


def until_in_full(value: datetime) -> str:
    """The same for paper, with the whole date: 2026-11-22 24:00."""
    day, clock_time = _end(value)
    return f"{day:%Y-%m-%d} {clock_time}"


def _end(value: datetime) -> tuple[date, str]:
    local = value.astimezone(clock.SHANGHAI)
    if local.time() == time():
        return local.date() - timedelta(days=1), "24:00"
    return local.date(), f"{local:%H:%M}"


def day_heading(day: date, now: datetime | None = None) -> str:
    """A day above a group of entries: 今天 · 11月22日 星期日."""
    today = clock.local_day(now or page_now())
    long = date_format(day, _("n月j日 l") if day.year == today.year else _("Y年n月j日 l"))
    name = _day_name(day, today)
    return f"{name} · {long}" if abs((day - today).days) <= 1 else long


def duration(value: timedelta | float) -> str:
    """A span, given as a timedelta or in seconds, in its two largest units: 2天3小时, 1小时20分, 45分, 30秒.

    The sign is dropped; what is smaller than the second unit is cut off, not rounded.
    """
    seconds = int(abs(value.total_seconds() if isinstance(value, timedelta) else value))
    if seconds < MINUTE:
        return _("%(n)d秒") % {"n": seconds}
    units = ((DAY, _("%(n)d天")), (HOUR, _("%(n)d小时")), (MINUTE, _("%(n)d分")))
    first = next(i for i, (size, _pattern) in enumerate(units) if seconds >= size)
    parts = []
    for size, pattern in units[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(pattern % {"n": count})
    # Between two units: nothing in Chinese, a space in English.
    return (
        _("%(larger)s%(smaller)s") % {"larger": parts[0], "smaller": parts[1]}
        if len(parts) == 2
        else parts[0]
    )


def countdown(due_at: datetime, now: datetime | None = None) -> str:
    """What is left until an instant, or how long it is past: 还剩 1小时20分, 已超期 3小时."""
    left = due_at - (now or page_now())
    pattern = _("还剩 %(span)s") if left > timedelta(0) else _("已超期 %(span)s")
    return pattern % {"span": duration(left)}
