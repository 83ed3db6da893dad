"""Duties with an end: started, met, cancelled, paused, extended, computed again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from cases import deadlines
from cases.models import Case, Deadline
from grids import calendars, workcalendar
from grids.calendars import Allowance, Unit
from grids.models import WorkDay
from tests.cases.conftest import NewCase
from tests.cases.duties import DUTY, HOUR, Begin, at, locked, marks, ring_until_quiet, verbs_of
from tests.cast import Cast
from tests.conftest import Clock


def test_a_duty_has_an_end_and_a_reminder_at_seventy_percent(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    assert row.due_at == clock.at + timedelta(minutes=60)
    assert marks(row) == {"remind": (clock.at + timedelta(minutes=42), ""), "miss": (row.due_at, "")}


def test_a_reminder_of_working_time_never_comes_at_night(idle: Case, clock: Clock, begin: Begin) -> None:
    clock.set(at(11, 18, 16, 0))
    row = begin(idle, Allowance(2, Unit.WORKING_DAYS))
    remind = marks(row)["remind"][0]
    assert row.due_at == at(11, 20, 18, 0)
    assert remind is not None
    assert workcalendar.load().next_open(remind) == remind


def test_a_duty_met_in_time_never_rings(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    clock.forward(minutes=59, seconds=59)
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    clock.forward(days=3)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.met_at is not None, row.missed_at, verbs_of(idle)) == (True, None, [])


def test_a_duty_met_late_is_missed_at_its_own_instant_and_once(
    idle: Case, clock: Clock, begin: Begin
) -> None:
    row = begin(idle)
    clock.forward(minutes=61)
    with locked(idle) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.missed_at, row.met_at) == (row.due_at, clock.at)
    assert verbs_of(idle) == ["deadline.missed"]


def test_a_cancelled_duty_never_rings(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    with locked(idle) as held:
        deadlines.cancel(held, [DUTY], at=clock.at)
    clock.forward(days=3)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.cancelled_at is not None, row.missed_at, row.is_open) == (True, None, False)


def test_starting_a_duty_again_ends_the_running_one(idle: Case, clock: Clock, begin: Begin) -> None:
    first = begin(idle)
    clock.forward(minutes=30)
    second = begin(idle)
    first.refresh_from_db()
    assert (first.cancelled_at, second.is_open) == (clock.at, True)


def test_the_database_keeps_one_open_duty_per_office(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    row.pk = None
    with pytest.raises(IntegrityError, match="deadline_one_open"), transaction.atomic():
        row.save(force_insert=True)


# --- pause and resume


def test_a_paused_duty_does_not_ring_and_runs_on_where_it_stood(
    idle: Case, clock: Clock, begin: Begin
) -> None:
    row = begin(idle)
    clock.forward(minutes=20)
    with locked(idle) as held:
        deadlines.pause(held, at=clock.at)
    clock.forward(days=10)
    assert ring_until_quiet() == 0
    with locked(idle) as held:
        deadlines.resume(held, at=clock.at)
    row.refresh_from_db()
    assert row.due_at == clock.at + timedelta(minutes=40)
    assert row.paused_at is None
    clock.forward(minutes=22)
    ring_until_quiet()
    clock.forward(minutes=18)
    ring_until_quiet()
    assert verbs_of(idle) == ["deadline.reminded", "deadline.missed"]


@pytest.mark.parametrize(
    ("allowance", "paused", "resumed"),
    [
        (Allowance(2, Unit.WORKING_DAYS), at(11, 18, 11), at(11, 18, 15)),  # the start day never counts
        (Allowance(240, Unit.WORKING_MINUTES), at(11, 18, 12, 30), at(11, 18, 14)),  # nobody works at noon
        (HOUR, at(11, 18, 10), at(11, 18, 10)),  # resumed at once
    ],
)
def test_a_pause_that_moves_nothing_leaves_the_duty_ringing(
    idle: Case,
    clock: Clock,
    begin: Begin,
    allowance: Allowance,
    paused: datetime,
    resumed: datetime,
) -> None:
    row = begin(idle, allowance)
    before = marks(row)
    with locked(idle) as held:
        deadlines.pause(held, at=clock.set(paused))
    assert {when for when, _outcome in marks(row).values()} == {None}
    with locked(idle) as held:
        deadlines.resume(held, at=clock.set(resumed))
    assert marks(row)["miss"] == before["miss"]
    assert marks(row)["remind"][0] is not None
    clock.set(row.due_at)
    ring_until_quiet()
    assert "deadline.missed" in verbs_of(idle)


def test_a_duty_already_missed_is_not_paused(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    clock.forward(hours=2)
    with locked(idle) as held:
        deadlines.pause(held, at=clock.at)
    row.refresh_from_db()
    assert (row.paused_at, row.missed_at) == (None, row.due_at)


# --- other time


def test_an_extension_moves_end_and_marks(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    clock.forward(minutes=50)
    ring_until_quiet()
    with locked(idle):
        deadlines.extend(row, 60)
    assert row.due_at == clock.at + timedelta(minutes=70)
    clock.forward(minutes=10)
    assert ring_until_quiet() == 0
    clock.forward(minutes=60)
    ring_until_quiet()
    assert verbs_of(idle) == ["deadline.reminded", "deadline.missed"]


def test_a_missed_duty_stays_missed_when_it_is_extended(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
    first_due = row.due_at
    clock.forward(minutes=61)
    ring_until_quiet()
    row.refresh_from_db()
    with locked(idle):
        deadlines.extend(row, 60)
    clock.forward(hours=3)
    ring_until_quiet()
    row.refresh_from_db()
    assert row.missed_at == first_due
    assert verbs_of(idle) == ["deadline.missed"]


def test_another_allowance_counts_from_the_same_start(idle: Case, clock: Clock, begin: Begin) -> None:
    row, start = begin(idle), clock.at
    clock.forward(minutes=10)
    with locked(idle):
        deadlines.reallow(row, Allowance(30, Unit.CLOCK_MINUTES))
    assert row.due_at == start + timedelta(minutes=30)
    assert marks(row)["remind"][0] == start + timedelta(minutes=21)


def test_a_changed_calendar_moves_open_ends_and_the_record_keeps_both(
    idle: Case, clock: Clock, begin: Begin
) -> None:
    row = begin(idle, Allowance(1, Unit.WORKING_DAYS))
    met = begin(idle, Allowance(1, Unit.WORKING_DAYS), duty="verify")
    with locked(idle) as held:
        deadlines.meet(held, ["verify"], at=clock.at)
    assert row.due_at == at(11, 19, 18)
    WorkDay.objects.filter(date=date(2026, 11, 19)).update(working=False)
    workcalendar._kept = None
    assert deadlines.recompute_all() == [(row.pk, at(11, 19, 18), at(11, 20, 18))]
    row.refresh_from_db()
    met.refresh_from_db()
    assert (row.due_at, met.due_at) == (at(11, 20, 18), at(11, 19, 18))
    entry = idle.events.get(verb="deadline.recomputed")
    assert [datetime.fromisoformat(entry.data[name]) for name in ("old", "new")] == [
        at(11, 19, 18),
        at(11, 20, 18),
    ]
    assert marks(row)["miss"][0] == at(11, 20, 18)
    assert deadlines.recompute_all() == []


def test_a_stored_end_that_does_not_follow_from_its_inputs_is_corrected_at_night(
    idle: Case, clock: Clock, begin: Begin
) -> None:
    row = begin(idle)
    right = row.due_at
    Deadline.objects.filter(pk=row.pk).update(due_at=right + timedelta(days=1))
    assert deadlines.recompute_all() == [(row.pk, right + timedelta(days=1), right)]


def test_a_case_that_cannot_be_computed_stops_no_other(
    cast: Cast, clock: Clock, new_case: NewCase, begin: Begin, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    bad, good = new_case(), new_case()
    rows = {case.pk: begin(case, Allowance(3, Unit.WORKING_DAYS), duty="verify") for case in (bad, good)}
    right = rows[good.pk].due_at
    Deadline.objects.filter(pk=rows[good.pk].pk).update(due_at=right + timedelta(days=1))
    compute = deadlines.compute

    def raising(deadline: Deadline) -> calendars.Due:
        if deadline.case_id == bad.pk:
            raise calendars.YearNotCovered(2030)
        return compute(deadline)

    monkeypatch.setattr(deadlines, "compute", raising)
    assert deadlines.recompute_all() == [(rows[good.pk].pk, right + timedelta(days=1), right)]
    assert f"case {bad.pk}" in caplog.text
