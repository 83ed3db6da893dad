"""Duties of sub-rows, duties with a table of marks of their own, and what follows a breach on every way to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from cases import deadlines, events
from cases.deadlines import MarkRule, Owed, RingEffect
from cases.marks import EFFECTS
from cases.models import Case, Deadline, Notice
from cases.offices import Office
from grids.calendars import Allowance, Unit
from tests.cases.duties import DUTY, HOUR, Begin, at, locked, marks, ring_until_quiet, verbs_of
from tests.cast import Cast
from tests.conftest import Clock

TWO_HOURS = Allowance(120, Unit.CLOCK_MINUTES)
TICK = timedelta(microseconds=1)
LEVELS = (
    MarkRule("half", share=0.5),
    MarkRule("last15", before=timedelta(minutes=15)),
    MarkRule("one_day", after=timedelta(days=1)),
    MarkRule("three_days", after=timedelta(days=3)),
)
Rings = Callable[..., None]


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> Rings:
    """How the duty of these tests rings, in place of the usual: `rings(marks=..., then=...)`."""

    def register(duty: str = DUTY, **how: Any) -> None:
        monkeypatch.setitem(EFFECTS, ("incident", duty), RingEffect(**how))

    return register


@pytest.fixture
def owe(clock: Clock, cast: Cast) -> Callable[..., Deadline]:
    """Start a duty of the city's urban management, of a sub-row: `owe(case, item)`."""

    def start(case: Case, item: int = 0, began: datetime | None = None) -> Deadline:
        owed = Owed(DUTY, TWO_HOURS, Office.of(cast.departments.urban), item, began)
        with locked(case) as row:
            return deadlines.start_all(row, [owed], at=clock.at)[0]

    return start


Owe = Callable[..., Deadline]


def fresh(deadline: Deadline) -> Deadline:
    return Deadline.objects.get(pk=deadline.pk)


def data_of(case: Case, verb: str) -> list[dict[str, Any]]:
    return list(case.events.filter(verb=verb).order_by("seq").values_list("data", flat=True))


# --- sub-rows


def test_two_sub_rows_owe_the_same_duty_to_the_same_office_and_each_ends_alone(
    idle: Case, clock: Clock, owe: Owe
) -> None:
    first, second = owe(idle, 1), owe(idle, 2)
    with locked(idle) as held:
        assert [row.pk for row in deadlines.open_of(held, [DUTY])] == [first.pk, second.pk]
        assert [row.pk for row in deadlines.open_of(held, item=2)] == [second.pk]
        deadlines.meet(held, [DUTY], at=clock.at, item=1)
    assert (fresh(first).is_open, fresh(second).is_open) == (False, True)
    clock.forward(hours=2)
    ring_until_quiet()
    assert (fresh(first).missed_at, fresh(second).missed_at) == (None, second.due_at)
    assert [entry["item"] for entry in data_of(idle, "deadline.missed")] == [2]


def test_a_duty_begun_again_replaces_that_of_its_own_sub_row_alone(idle: Case, owe: Owe) -> None:
    whole, first, second = owe(idle), owe(idle, 1), owe(idle, 2)
    owe(idle, 1)
    states = [fresh(row).cancelled_at is None for row in (whole, first, second)]
    assert states == [True, False, True]


def test_cancelling_and_moving_name_one_sub_row_or_all(
    idle: Case, clock: Clock, cast: Cast, owe: Owe
) -> None:
    rows = [owe(idle, number) for number in range(3)]
    station = Office.of(cast.departments.station)
    with locked(idle) as held:
        deadlines.move(held, DUTY, holder=station, item=1)
    assert [fresh(row).holder_department_id == station.department_id for row in rows] == [False, True, False]
    with locked(idle) as held:
        deadlines.cancel(held, [DUTY], at=clock.at, item=0)
    assert [fresh(row).is_open for row in rows] == [False, True, True]
    with locked(idle) as held:
        deadlines.cancel(held, [DUTY], at=clock.at)
    assert [fresh(row).is_open for row in rows] == [False, False, False]


def test_the_database_keeps_one_open_duty_of_each_sub_row(idle: Case, owe: Owe) -> None:
    row = owe(idle, 7)
    row.pk = None
    with pytest.raises(IntegrityError, match="deadline_one_open"), transaction.atomic():
        row.save(force_insert=True)


# --- the table of marks


def test_a_duty_rings_by_its_own_table(idle: Case, clock: Clock, owe: Owe, rings: Rings) -> None:
    rings(marks=LEVELS)
    row, start = owe(idle), clock.at
    assert {name: when for name, (when, _outcome) in marks(row).items()} == {
        "half": start + timedelta(hours=1),
        "last15": start + timedelta(minutes=105),
        "miss": start + timedelta(hours=2),
        "one_day": start + timedelta(days=1, hours=2),
        "three_days": start + timedelta(days=3, hours=2),
    }
    for mark in row.marks.order_by("at"):
        assert mark.at is not None
        clock.set(mark.at - TICK)
        assert ring_until_quiet() == 0
        clock.set(mark.at)
        assert ring_until_quiet() == 1
    told = data_of(idle, "deadline.reminded")
    assert [(entry["mark"], entry["left"]) for entry in told] == [("half", 60), ("last15", 15)]
    levels = data_of(idle, "deadline.escalated")
    assert [entry["level"] for entry in levels] == ["one_day", "three_days"]
    assert datetime.fromisoformat(levels[0]["due"]) == row.due_at
    assert verbs_of(idle)[2:] == ["deadline.missed", "deadline.escalated", "deadline.escalated"]


def test_a_share_of_working_time_never_rings_at_night_but_before_and_after_are_plain(
    idle: Case, clock: Clock, begin: Begin, rings: Rings
) -> None:
    rings(marks=(*LEVELS, MarkRule("early", before=timedelta(days=30))))
    row = begin(idle, Allowance(1, Unit.CALENDAR_DAYS))
    when = {name: instant for name, (instant, _outcome) in marks(row).items()}
    assert row.due_at == at(11, 20)
    assert when["half"] == at(11, 19, 8, 30)  # and not at five in the morning
    assert when["early"] == clock.at  # not before the duty itself
    assert (when["last15"], when["one_day"]) == (at(11, 19, 23, 45), at(11, 21))


def test_a_duty_met_between_two_marks_is_silent_from_then_on(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    row = owe(idle)
    clock.forward(hours=1)
    ring_until_quiet()
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    clock.forward(days=10)
    assert ring_until_quiet() == 0
    assert (verbs_of(idle), fresh(row).missed_at) == (["deadline.reminded"], None)


def test_further_levels_ring_only_while_the_missed_duty_is_open(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    owe(idle)
    clock.forward(days=1, hours=2)
    ring_until_quiet()
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    clock.forward(days=10)
    assert ring_until_quiet() == 0
    assert verbs_of(idle) == ["deadline.missed", "deadline.escalated"]


def test_more_time_for_a_missed_duty_moves_its_further_levels_alone(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    row = owe(idle)
    clock.forward(hours=2)
    ring_until_quiet()
    missed, before = fresh(row), marks(row)
    with locked(idle):
        deadlines.extend(missed, 24 * 60)
    moved = marks(row)
    assert [moved[name] for name in ("half", "last15", "miss")] == [
        before[name] for name in ("half", "last15", "miss")
    ]
    assert moved["one_day"][0] == row.due_at + timedelta(days=2)
    assert fresh(row).missed_at == row.due_at


def test_a_missed_duty_with_more_time_is_not_reminded_of_its_new_end(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    row = owe(idle)
    before = marks(row)
    clock.set(row.due_at)
    with locked(idle) as held:
        deadlines.pause(held, at=clock.at)  # the breach overtakes all that had not rung
        deadlines.extend(fresh(row), 60)
    assert [marks(row)[name] for name in ("half", "last15")] == [before["half"], before["last15"]]
    ring_until_quiet()
    assert verbs_of(idle) == ["deadline.missed"]
    assert [marks(row)[name][1] for name in ("half", "last15", "miss")] == ["skipped", "skipped", "done"]


def test_nothing_comes_after_an_appointment(idle: Case, clock: Clock, owe: Owe, rings: Rings) -> None:
    rings(breach=False, marks=LEVELS)
    row = owe(idle)
    clock.forward(days=4)
    ring_until_quiet()
    assert (verbs_of(idle), fresh(row).missed_at) == ([], None)
    assert marks(row)["three_days"][1] == "skipped"


def test_each_mark_tells_whom_its_table_names(
    idle: Case, clock: Clock, cast: Cast, owe: Owe, rings: Rings
) -> None:
    def to(user: User) -> Callable[[Case, Deadline], set[User]]:
        return lambda case, deadline: {user} if deadline.duty == DUTY else set()

    top = MarkRule("top", after=timedelta(days=1), told=to(cast.committee.user))
    rings(told=to(cast.worker.user), marks=(MarkRule("half", share=0.5), top))
    owe(idle)
    for hours in (1, 1, 24):
        clock.forward(hours=hours)
        ring_until_quiet()
    told = Notice.objects.filter(event__verb__startswith="deadline.").order_by("event__seq")
    assert list(told.values_list("event__verb", "recipient")) == [
        ("deadline.reminded", cast.worker.user_id),
        ("deadline.missed", cast.worker.user_id),
        ("deadline.escalated", cast.committee.user_id),
    ]


def test_a_mark_that_the_table_no_longer_names_is_skipped(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    row = owe(idle)
    rings(marks=LEVELS[1:])
    clock.forward(hours=1)
    assert ring_until_quiet() == 1
    assert (marks(row)["half"][1], verbs_of(idle)) == ("skipped", [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "none"},
        {"name": "two", "share": 0.5, "before": timedelta(1)},
        {"name": "miss", "share": 0.5},
        {"name": "", "share": 0.5},
        {"name": "seventeen_letters", "share": 0.5},
    ],
)
def test_a_mark_is_one_instant_and_has_a_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="mark"):
        MarkRule(**wrong)


def test_two_marks_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        RingEffect(marks=(LEVELS[0], MarkRule("half", share=0.6)))


# --- a duty that begins again from its first start


def test_a_duty_begun_again_from_its_first_start_skips_past_reminders_and_rings_the_rest(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    began = clock.at
    clock.forward(minutes=80)
    row = owe(idle, began=began)
    assert (row.started_at, row.due_at) == (began, began + timedelta(hours=2))
    assert marks(row)["half"] == (began + timedelta(hours=1), "skipped")
    assert ring_until_quiet() == 0
    clock.forward(minutes=25)
    ring_until_quiet()
    assert [entry["mark"] for entry in data_of(idle, "deadline.reminded")] == ["last15"]


def test_a_duty_begun_again_after_its_end_is_missed_at_once_at_its_own_instant(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(marks=LEVELS)
    began = clock.at
    clock.forward(hours=30)
    row = owe(idle, began=began)
    assert ring_until_quiet() == 2
    assert verbs_of(idle) == ["deadline.missed", "deadline.escalated"]
    assert fresh(row).missed_at == began + timedelta(hours=2)


# --- the end itself


@pytest.mark.parametrize(("early", "missed"), [(TICK, False), (timedelta(0), True), (-TICK, True)])
def test_two_hours_are_over_at_two_hours_sharp(
    idle: Case, clock: Clock, owe: Owe, early: timedelta, missed: bool
) -> None:
    row = owe(idle)
    clock.set(row.due_at - early)
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    ring_until_quiet()
    assert fresh(row).missed_at == (row.due_at if missed else None)
    assert verbs_of(idle) == (["deadline.missed"] if missed else [])


def ways_past_the_end() -> list[Callable[[Case, datetime], None]]:
    return [
        lambda case, now: deadlines.meet(case, [DUTY], at=now),
        lambda case, now: deadlines.cancel(case, [DUTY], at=now),
        lambda case, now: deadlines.pause(case, at=now),
    ]


@pytest.mark.parametrize("way", ways_past_the_end())
def test_what_follows_a_breach_follows_it_too_when_a_move_overtakes_the_ringing(
    idle: Case, clock: Clock, owe: Owe, rings: Rings, way: Callable[[Case, datetime], None]
) -> None:
    seen: list[tuple[int, bool, datetime]] = []
    rings(then=lambda case, row, now: seen.append((row.pk, row.missed_at is not None, now)))
    row = owe(idle)
    clock.set(row.due_at)
    with locked(idle) as held:
        way(held, clock.at)
    clock.forward(days=1)
    ring_until_quiet()
    assert seen == [(row.pk, True, row.due_at)]
    assert verbs_of(idle) == ["deadline.missed"]


def test_nothing_follows_a_duty_met_in_time(idle: Case, clock: Clock, owe: Owe, rings: Rings) -> None:
    seen: list[datetime] = []
    rings(then=lambda case, row, now: seen.append(now))
    owe(idle)
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    clock.forward(days=1)
    ring_until_quiet()
    assert seen == []


def test_what_follows_a_breach_may_end_the_duty_itself(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    rings(then=lambda case, row, now: deadlines.cancel(case, [DUTY], at=now))
    row = owe(idle)
    clock.set(row.due_at)
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    now = fresh(row)
    assert (now.met_at, now.cancelled_at, now.missed_at) == (None, row.due_at, row.due_at)
    assert list(events.broken_entries(Case.objects.get(pk=idle.pk))) == []


def test_a_further_level_waits_for_no_breach_that_could_not_take_effect(
    idle: Case, clock: Clock, owe: Owe, rings: Rings
) -> None:
    def fails(case: Case, row: Deadline, now: datetime) -> None:
        raise ZeroDivisionError

    rings(marks=LEVELS, then=fails)
    row = owe(idle)
    clock.set(row.due_at + timedelta(days=1) - timedelta(seconds=30))
    deadlines.ring_due()
    assert verbs_of(idle) == []  # the breach is set aside for a minute
    rings(marks=LEVELS)
    clock.forward(seconds=30)
    ring_until_quiet()
    assert verbs_of(idle) == ["deadline.missed", "deadline.escalated"]
    clock.forward(minutes=1)
    assert ring_until_quiet() == 0


def test_usual_duties_have_one_reminder_whose_entry_says_what_is_left(
    idle: Case, clock: Clock, begin: Begin
) -> None:
    begin(idle, HOUR)
    clock.forward(minutes=42, seconds=1)
    ring_until_quiet()
    (entry,) = data_of(idle, "deadline.reminded")
    assert (entry["mark"], entry["left"], entry["duty"]) == ("remind", 17, DUTY)
    assert "item" not in entry
