"""Times and spans in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from cases.words import countdown, day_heading, duration, page_now, set_page_now, until, until_in_full, when
from grids.clock import SHANGHAI

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=SHANGHAI)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("instant", "chinese", "english"),
    [
        (at(2026, 11, 22, 14, 5), "今天 14:05", "today 14:05"),
        (at(2026, 11, 22, 0, 0), "今天 00:00", "today 00:00"),
        (at(2026, 11, 21, 23, 59), "昨天 23:59", "yesterday 23:59"),
        (at(2026, 11, 23, 9, 0), "明天 09:00", "tomorrow 09:00"),
        (at(2026, 11, 20, 14, 5), "11月20日 14:05", "20 Nov 14:05"),
        (at(2025, 11, 22, 14, 5), "2025年11月22日 14:05", "22 Nov 2025 14:05"),
        (at(2027, 1, 4, 8, 30), "2027年1月4日 08:30", "4 Jan 2027 08:30"),
        # 16:30 in London is already tomorrow in China.
        (datetime(2026, 11, 22, 16, 30, tzinfo=UTC), "明天 00:30", "tomorrow 00:30"),
    ],
)
def test_an_instant_is_said_as_people_say_it(instant: datetime, chinese: str, english: str) -> None:
    assert when(instant, NOW) == chinese
    with translation.override("en"):
        assert when(instant, NOW) == english


@pytest.mark.parametrize(
    ("instant", "short", "full"),
    [
        (at(2026, 11, 23, 0, 0), "今天 24:00", "2026-11-22 24:00"),
        (at(2026, 11, 24, 0, 0), "明天 24:00", "2026-11-23 24:00"),
        (at(2026, 11, 24, 0, 1), "11月24日 00:01", "2026-11-24 00:01"),
        (at(2026, 11, 22, 18, 0), "今天 18:00", "2026-11-22 18:00"),
    ],
)
def test_the_end_of_a_day_is_its_24th_hour(instant: datetime, short: str, full: str) -> None:
    assert until(instant, NOW) == short
    assert until_in_full(instant) == full


def test_yesterday_across_new_year_is_yesterday_and_not_a_date_of_last_year() -> None:
    assert when(at(2026, 12, 31, 8, 0), at(2027, 1, 1, 8, 0)) == "昨天 08:00"


def test_a_day_without_an_hour() -> None:
    assert when(date(2026, 11, 22), NOW) == "今天"
    assert when(date(2026, 10, 1), NOW) == "10月1日"


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "0秒", "0 s"),
        (59.9, "59秒", "59 s"),
        (60, "1分", "1 min"),
        (3599, "59分", "59 min"),
        (3600, "1小时", "1 h"),
        (4800, "1小时20分", "1 h 20 min"),
        (3600 * 24 - 1, "23小时59分", "23 h 59 min"),
        (3600 * 24 + 59, "1天", "1 d"),
        (3600 * 51 + 59 * 60, "2天3小时", "2 d 3 h"),
        (3600 * 24 * 91, "91天", "91 d"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units_and_never_rounded_up(
    seconds: float, chinese: str, english: str
) -> None:
    assert duration(seconds) == chinese
    assert duration(timedelta(seconds=seconds)) == chinese
    with translation.override("en"):
        assert duration(seconds) == english


def test_what_is_left_and_what_is_over() -> None:
    assert countdown(NOW + timedelta(minutes=80), NOW) == "还剩 1小时20分"
    assert countdown(NOW, NOW) == "已超期 0秒"
    assert countdown(NOW - timedelta(hours=3), NOW) == "已超期 3小时"
    with translation.override("en"):
        assert countdown(NOW + timedelta(minutes=80), NOW) == "1 h 20 min left"
        assert countdown(NOW - timedelta(hours=3), NOW) == "overdue by 3 h"


def test_a_day_above_a_group_says_its_weekday() -> None:
    assert day_heading(date(2026, 11, 22), NOW) == "今天 · 11月22日 星期日"
    assert day_heading(date(2026, 11, 18), NOW) == "11月18日 星期三"
    assert day_heading(date(2025, 11, 18), NOW) == "2025年11月18日 星期二"


def test_the_instant_of_the_page_holds_until_it_is_forgotten() -> None:
    set_page_now(NOW)
    try:
        assert page_now() == NOW
        assert when(at(2026, 11, 22, 14, 5)) == "今天 14:05"
    finally:
        set_page_now(None)


@pytest.mark.django_db
def test_without_a_page_the_clock_counts(clock: object) -> None:
    assert page_now() == at(2026, 11, 18, 10, 0)
