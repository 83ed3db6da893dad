"""Duties with an end: started, met, paused, extended, computed again, and rung exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from cases import deadlines
from cases.deadlines import RingEffect
from cases.models import Case, Deadline, DeadlineMark, Notice
from cases.offices import Office
from grids import workcalendar
from grids.calendars import Allowance, Unit
from grids.clock import SHANGHAI
from grids.models import WorkDay
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.conftest import Clock

HOUR = Allowance(60, Unit.CLOCK_MINUTES)
DUTY = "handle"


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@contextmanager
def locked(case: Case) -> Iterator[Case]:
    """The case as whoever changes it holds it."""
    with transaction.atomic():
        yield Case.objects.select_for_update().get(pk=case.pk)


@pytest.fixture
def case(clock: Clock, new_case: NewCase) -> Case:
    """A case without any duty of its own yet."""
    found = new_case()
    with locked(found) as row:
        deadlines.meet(row, ["file"], at=clock.at)
    return found


@pytest.fixture
def begin(clock: Clock, cast: Cast) -> Callable[..., Deadline]:
    def start(case: Case, allowance: Allowance = HOUR, duty: str = DUTY) -> Deadline:
        holder = Office.of(cast.departments.urban)
        with locked(case) as row:
            return deadlines.start(row, duty, allowance=allowance, holder=holder, at=clock.at)

    return start


def marks(deadline: Deadline) -> dict[str, tuple[datetime | None, str]]:
    return {mark.kind: (mark.at, mark.outcome) for mark in deadline.marks.all()}


def verbs_of(case: Case, prefix: str = "deadline.") -> list[str]:
    found = case.events.filter(verb__startswith=prefix).order_by("seq")
    return list(found.values_list("verb", flat=True))


def ring_until_quiet() -> int:
    total = 0
    for _ in range(10):
        rung = deadlines.ring_due()
        total += rung
        if not rung:
            return total
    pytest.fail("it rings without end")


# --- start, meet, cancel


def test_a_duty_has_an_end_and_a_reminder_at_seventy_percent(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    assert row.due_at == clock.at + timedelta(minutes=60)
    assert marks(row) == {"remind": (clock.at + timedelta(minutes=42), ""), "miss": (row.due_at, "")}


def test_a_reminder_of_working_time_never_comes_at_night(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    clock.set(at(11, 18, 16, 0))
    row = begin(case, Allowance(2, Unit.WORKING_DAYS))
    remind = marks(row)["remind"][0]
    assert row.due_at == at(11, 20, 18, 0)
    assert remind is not None
    assert workcalendar.load().next_open(remind) == remind


def test_a_duty_met_in_time_never_rings(case: Case, clock: Clock, begin: Callable[..., Deadline]) -> None:
    row = begin(case)
    clock.forward(minutes=59, seconds=59)
    with locked(case) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    clock.forward(days=3)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.met_at is not None, row.missed_at, verbs_of(case)) == (True, None, [])


def test_a_duty_met_late_is_missed_at_its_own_instant_and_once(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    clock.forward(minutes=61)
    with locked(case) as held:
        deadlines.meet(held, [DUTY], at=clock.at)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.missed_at, row.met_at) == (row.due_at, clock.at)
    assert verbs_of(case) == ["deadline.missed"]


def test_a_cancelled_duty_never_rings(case: Case, clock: Clock, begin: Callable[..., Deadline]) -> None:
    row = begin(case)
    with locked(case) as held:
        deadlines.cancel(held, [DUTY], at=clock.at)
    clock.forward(days=3)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.cancelled_at is not None, row.missed_at, row.is_open) == (True, None, False)


def test_starting_a_duty_again_ends_the_running_one(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    first = begin(case)
    clock.forward(minutes=30)
    second = begin(case)
    first.refresh_from_db()
    assert (first.cancelled_at, second.is_open) == (clock.at, True)


def test_the_database_keeps_one_open_duty_per_office(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    row.pk = None
    with pytest.raises(IntegrityError, match="deadline_one_open"), transaction.atomic():
        row.save(force_insert=True)


# --- ringing


def test_the_reminder_and_the_breach_each_take_effect_once(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    clock.forward(minutes=41, seconds=59)
    assert ring_until_quiet() == 0
    clock.forward(seconds=1)
    assert ring_until_quiet() == 1
    clock.forward(minutes=17, seconds=59)
    assert ring_until_quiet() == 0
    clock.forward(seconds=1)
    assert ring_until_quiet() == 1
    clock.forward(days=30)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert row.missed_at == row.due_at
    assert verbs_of(case) == ["deadline.reminded", "deadline.missed"]


def test_a_breach_tells_the_handler_the_centre_and_the_level_above(
    case: Case, clock: Clock, cast: Cast, begin: Callable[..., Deadline]
) -> None:
    begin(case)
    clock.forward(minutes=61)
    ring_until_quiet()
    told = Notice.objects.filter(event__verb="deadline.missed").values_list("recipient", flat=True)
    audience = [cast.officer, cast.officer_head, cast.township, cast.township_b, cast.centre, cast.centre_b]
    assert sorted(told) == sorted(post.user_id for post in audience)


def test_a_reminder_that_came_while_the_program_was_down_is_recorded_as_skipped(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    clock.forward(hours=5)
    assert ring_until_quiet() == 2
    assert {kind: outcome for kind, (_at, outcome) in marks(row).items()} == {
        "remind": "skipped",
        "miss": "done",
    }
    assert verbs_of(case) == ["deadline.missed"]
    row.refresh_from_db()
    assert row.missed_at == row.due_at  # the instant of the breach, not of the restart
    mark = row.marks.get(kind="miss")
    assert mark.taken_at == clock.at


def test_an_appointment_is_no_breach(
    case: Case, clock: Clock, begin: Callable[..., Deadline], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[datetime] = []
    effect = RingEffect(breach=False, then=lambda held, now: seen.append(now))
    monkeypatch.setitem(deadlines._EFFECTS, ("incident", "meeting"), effect)
    row = begin(case, duty="meeting")
    clock.forward(minutes=60)
    ring_until_quiet()
    row.refresh_from_db()
    assert (seen, row.missed_at, verbs_of(case)) == ([clock.at], None, [])


def test_a_mark_that_raises_is_set_aside_and_the_others_ring(
    clock: Clock,
    new_case: NewCase,
    begin: Callable[..., Deadline],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cases = [new_case(), new_case()]
    broken, sound = begin(cases[0], duty="broken"), begin(cases[1])

    tries: list[datetime] = []

    def fails(held: Case, now: datetime) -> None:
        tries.append(now)
        raise ZeroDivisionError

    monkeypatch.setitem(deadlines._EFFECTS, ("incident", "broken"), RingEffect(then=fails))
    clock.forward(hours=1)
    deadlines.ring_due()
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert sound.missed_at == sound.due_at
    assert broken.missed_at is None  # its effect was undone as a whole
    assert "could not take effect" in caplog.text
    clock.forward(seconds=59)
    assert deadlines.ring_due() == 0
    assert len(tries) == 1  # not even tried meanwhile: a bad row must not fill every round
    monkeypatch.delitem(deadlines._EFFECTS, ("incident", "broken"))
    clock.forward(seconds=1)
    deadlines.ring_due()
    broken.refresh_from_db()
    assert broken.missed_at == broken.due_at
    assert verbs_of(cases[0]).count("deadline.missed") == 2  # the filing duty's own, and this one


def test_more_marks_than_one_round_takes_are_rung_in_the_next(
    clock: Clock, new_case: NewCase, begin: Callable[..., Deadline]
) -> None:
    cases = [new_case() for _ in range(3)]
    clock.forward(hours=2)
    assert deadlines.ring_due(limit=4) == 4
    assert deadlines.ring_due(limit=4) == 2
    assert [verbs_of(found) for found in cases] == [["deadline.missed"]] * 3


def test_the_command_rings_once_and_stops(
    case: Case, clock: Clock, begin: Callable[..., Deadline], capsys: pytest.CaptureFixture[str]
) -> None:
    begin(case)
    clock.forward(hours=2)
    call_command("ring_deadlines")
    assert capsys.readouterr().out == "2 marks took effect\n"


# --- pause and resume


def test_a_paused_duty_does_not_ring_and_runs_on_where_it_stood(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    clock.forward(minutes=20)
    with locked(case) as held:
        deadlines.pause(held, at=clock.at)
    clock.forward(days=10)
    assert ring_until_quiet() == 0
    with locked(case) as held:
        deadlines.resume(held, at=clock.at)
    row.refresh_from_db()
    assert row.due_at == clock.at + timedelta(minutes=40)
    assert row.paused_at is None
    clock.forward(minutes=22)
    ring_until_quiet()
    clock.forward(minutes=18)
    ring_until_quiet()
    assert verbs_of(case) == ["deadline.reminded", "deadline.missed"]


@pytest.mark.parametrize(
    ("allowance", "paused", "resumed"),
    [
        (Allowance(2, Unit.WORKING_DAYS), at(11, 18, 11), at(11, 18, 15)),  # the start day never counts
        (Allowance(240, Unit.WORKING_MINUTES), at(11, 18, 12, 30), at(11, 18, 14)),  # nobody works at noon
        (HOUR, at(11, 18, 10), at(11, 18, 10)),  # resumed at once
    ],
)
def test_a_pause_that_moves_nothing_leaves_the_duty_ringing(
    case: Case,
    clock: Clock,
    begin: Callable[..., Deadline],
    allowance: Allowance,
    paused: datetime,
    resumed: datetime,
) -> None:
    row = begin(case, allowance)
    before = marks(row)
    with locked(case) as held:
        deadlines.pause(held, at=clock.set(paused))
    assert {when for when, _outcome in marks(row).values()} == {None}
    with locked(case) as held:
        deadlines.resume(held, at=clock.set(resumed))
    assert marks(row)["miss"] == before["miss"]
    assert marks(row)["remind"][0] is not None
    clock.set(row.due_at)
    ring_until_quiet()
    assert "deadline.missed" in verbs_of(case)


def test_a_duty_already_missed_is_not_paused(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    clock.forward(hours=2)
    with locked(case) as held:
        deadlines.pause(held, at=clock.at)
    row.refresh_from_db()
    assert (row.paused_at, row.missed_at) == (None, row.due_at)


# --- other time


def test_an_extension_moves_end_and_marks(case: Case, clock: Clock, begin: Callable[..., Deadline]) -> None:
    row = begin(case)
    clock.forward(minutes=50)
    ring_until_quiet()
    with locked(case):
        deadlines.extend(row, 60)
    assert row.due_at == clock.at + timedelta(minutes=70)
    clock.forward(minutes=10)
    assert ring_until_quiet() == 0
    clock.forward(minutes=60)
    ring_until_quiet()
    assert verbs_of(case) == ["deadline.reminded", "deadline.missed"]


def test_a_missed_duty_stays_missed_when_it_is_extended(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    first_due = row.due_at
    clock.forward(minutes=61)
    ring_until_quiet()
    row.refresh_from_db()
    with locked(case):
        deadlines.extend(row, 60)
    clock.forward(hours=3)
    ring_until_quiet()
    row.refresh_from_db()
    assert row.missed_at == first_due
    assert verbs_of(case) == ["deadline.missed"]


def test_another_allowance_counts_from_the_same_start(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row, start = begin(case), clock.at
    clock.forward(minutes=10)
    with locked(case):
        deadlines.reallow(row, Allowance(30, Unit.CLOCK_MINUTES))
    assert row.due_at == start + timedelta(minutes=30)
    assert marks(row)["remind"][0] == start + timedelta(minutes=21)


def test_a_changed_calendar_moves_open_ends_and_the_record_keeps_both(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case, Allowance(1, Unit.WORKING_DAYS))
    met = begin(case, Allowance(1, Unit.WORKING_DAYS), duty="verify")
    with locked(case) as held:
        deadlines.meet(held, ["verify"], at=clock.at)
    assert row.due_at == at(11, 19, 18)
    WorkDay.objects.filter(date=date(2026, 11, 19)).update(working=False)
    workcalendar._kept = None
    assert deadlines.recompute_all() == [(row.pk, at(11, 19, 18), at(11, 20, 18))]
    row.refresh_from_db()
    met.refresh_from_db()
    assert (row.due_at, met.due_at) == (at(11, 20, 18), at(11, 19, 18))
    entry = case.events.get(verb="deadline.recomputed")
    assert [datetime.fromisoformat(entry.data[name]) for name in ("old", "new")] == [
        at(11, 19, 18),
        at(11, 20, 18),
    ]
    assert marks(row)["miss"][0] == at(11, 20, 18)
    assert deadlines.recompute_all() == []


def test_a_stored_end_that_does_not_follow_from_its_inputs_is_corrected_at_night(
    case: Case, clock: Clock, begin: Callable[..., Deadline]
) -> None:
    row = begin(case)
    right = row.due_at
    Deadline.objects.filter(pk=row.pk).update(due_at=right + timedelta(days=1))
    assert deadlines.recompute_all() == [(row.pk, right + timedelta(days=1), right)]


# --- two at once, on real connections


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run each job in a thread and on a connection of its own, all let go together."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(index: int, job: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            results[index] = job()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_workers_ringing_at_once_take_each_effect_once(
    clock: Clock, new_case: NewCase, begin: Callable[..., Deadline]
) -> None:
    cases = [new_case() for _ in range(8)]
    for found in cases:
        begin(found)
    clock.forward(hours=2)
    at_once(deadlines.ring_due, deadlines.ring_due, deadlines.ring_due)
    ring_until_quiet()  # what all of them skipped because another held it
    for found in cases:
        assert verbs_of(found) == ["deadline.missed"] * 2  # filing and handling
    assert not DeadlineMark.objects.filter(taken_at__isnull=True).exists()
    assert Notice.objects.count() == Notice.objects.values("recipient", "event").distinct().count()


@pytest.mark.django_db(transaction=True)
def test_a_ring_and_a_person_at_the_same_second_never_both_win(
    clock: Clock, new_case: NewCase, begin: Callable[..., Deadline]
) -> None:
    for second in (-1, 0, 1):
        found = new_case()
        row = begin(found)
        with locked(found) as held:
            deadlines.cancel(held, ["file"], at=clock.at)
        instant = row.due_at + timedelta(seconds=second)
        clock.set(row.due_at)

        def meet(found: Case = found, instant: datetime = instant) -> None:
            with locked(found) as held:
                deadlines.meet(held, [DUTY], at=instant)

        at_once(meet, deadlines.ring_due)
        ring_until_quiet()
        row.refresh_from_db()
        missed = verbs_of(found).count("deadline.missed")
        assert row.met_at == instant
        assert missed == (0 if row.missed_at is None else 1)
        if second >= 0:
            assert missed == 1


@pytest.mark.django_db(transaction=True)
def test_who_holds_the_case_decides_and_the_ring_looks_again(
    clock: Clock, new_case: NewCase, begin: Callable[..., Deadline]
) -> None:
    found = new_case()
    row = begin(found)
    entered, release = threading.Event(), threading.Event()

    def meet_slowly() -> None:
        with locked(found) as held:
            deadlines.cancel(held, ["file"], at=held.opened_at)
            deadlines.meet(held, [DUTY], at=row.due_at - timedelta(seconds=1))
            entered.set()
            assert release.wait(20)
        connection.close()

    person = threading.Thread(target=meet_slowly)
    person.start()
    assert entered.wait(20)
    clock.set(row.due_at + timedelta(hours=1))
    assert deadlines.ring_due() == 0  # it does not wait for the person: other duties must ring
    release.set()
    person.join(20)
    assert ring_until_quiet() == 0
    row.refresh_from_db()
    assert (row.missed_at, verbs_of(found)) == (None, [])
