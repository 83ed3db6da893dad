"""How a deadline looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.template import Context, Template

from cases.looks import deadline_look
from cases.words import set_page_now
from grids.clock import SHANGHAI

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)


@dataclass
class Duty:
    """What the chip reads."""

    started_at: datetime
    due_at: datetime
    provisional: bool = False
    paused_at: datetime | None = None
    met_at: datetime | None = None
    missed_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass
class WithReminder(Duty):
    """A row whose query brought the instant of the reminder."""

    soon_at: datetime | None = None


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


TEN_HOURS = Duty(NOW, NOW + hours(10))


@pytest.mark.parametrize(
    ("passed", "look", "words"),
    [
        (0, "ok", "还剩 10小时"),
        (6.99, "ok", "还剩 3小时"),
        (7, "soon", "将到期，还剩 3小时"),
        (9.999, "soon", "将到期，还剩 3秒"),
        (10, "over", "已超期 0秒"),
        (13, "over", "已超期 3小时"),
    ],
)
def test_the_light_turns_yellow_at_the_reminder_and_red_at_the_end(
    passed: float, look: str, words: str
) -> None:
    shown = deadline_look(TEN_HOURS, NOW + hours(passed))
    assert (shown.look, shown.words) == (look, words)
    assert shown.ticking


def test_the_reminder_s_own_instant_counts_when_the_query_brings_it() -> None:
    # Three working hours span a night: by the plain span the light would turn at a quarter to three.
    duty = WithReminder(NOW, NOW + hours(20), soon_at=NOW + hours(18))
    assert deadline_look(duty, NOW + hours(15)).look == "ok"
    assert deadline_look(duty, NOW + hours(18)).look == "soon"


def test_a_stopped_clock_says_what_is_left_and_does_not_tick() -> None:
    shown = deadline_look(replace(TEN_HOURS, paused_at=NOW + hours(4)), NOW + hours(500))
    assert (shown.look, shown.words, shown.ticking) == ("paused", "暂停计时，剩 6小时", False)


def test_done_in_time_done_late_and_ended() -> None:
    now = NOW + hours(40)
    assert deadline_look(replace(TEN_HOURS, met_at=NOW + hours(9)), now).words == "按时完成"
    late = deadline_look(replace(TEN_HOURS, met_at=NOW + hours(12), missed_at=NOW + hours(10)), now)
    assert (late.look, late.words) == ("late", "超期 2小时完成")
    assert deadline_look(replace(TEN_HOURS, met_at=NOW + hours(10)), now).look == "late"
    assert deadline_look(replace(TEN_HOURS, cancelled_at=NOW), now).look == "off"


def render(duty: Duty | None, **values: object) -> str:
    set_page_now(NOW + hours(8))
    try:
        template = Template('{% load gezhi %}{% deadline_chip duty duty="处置" %}')
        return template.render(Context({"duty": duty, **values}))
    finally:
        set_page_now(None)


def test_the_chip_carries_word_icon_instant_and_what_the_script_needs() -> None:
    html = render(TEN_HOURS)
    for part in (
        'data-look="soon"',
        'data-due="2026-11-18T20:00:00.000+08:00"',
        'data-soon="2026-11-18T17:00:00.000+08:00"',
        "icons.svg#hourglass",
        "将到期，还剩 2小时",
        "今天 20:00",
        "处置",
    ):
        assert part in html
    assert "暂定" not in html


def test_a_provisional_chip_says_so_and_an_ended_one_is_not_counted_down() -> None:
    assert "暂定，待节假日安排公布" in render(replace(TEN_HOURS, provisional=True))
    assert "data-due" not in render(replace(TEN_HOURS, met_at=NOW))
    assert "无时限" in render(None)
