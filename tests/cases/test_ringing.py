"""Ringing: each mark takes effect exactly once, whoever rings, however often, and whatever happens at that second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from cases import deadlines
from cases import marks as marks_table
from cases.deadlines import RingEffect
from cases.models import Case, Deadline, DeadlineMark, Notice
from tests.cases.conftest import NewCase
from tests.cases.duties import DUTY, Begin, locked, marks, ring_until_quiet, verbs_of
from tests.cast import Cast
from tests.conftest import Clock


def test_the_reminder_and_the_breach_each_take_effect_once(idle: Case, clock: Clock, begin: Begin) -> None:
    row = begin(idle)
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
    assert verbs_of(idle) == ["deadline.reminded", "deadline.missed"]


def test_a_breach_tells_the_handler_the_centre_and_the_level_above(
    idle: Case, clock: Clock, cast: Cast, begin: Begin
) -> None:
    begin(idle)
    clock.forward(minutes=61)
    ring_until_quiet()
    told = Notice.objects.filter(event__verb="deadline.missed").values_list("recipient", flat=True)
    audience = [cast.officer, cast.officer_head, cast.township, cast.township_b, cast.centre, cast.centre_b]
    assert sorted(told) == sorted(post.user_id for post in audience)


def test_a_reminder_that_came_while_the_program_was_down_is_recorded_as_skipped(
    idle: Case, clock: Clock, begin: Begin
) -> None:
    row = begin(idle)
    clock.forward(hours=5)
    assert ring_until_quiet() == 2
    assert {kind: outcome for kind, (_at, outcome) in marks(row).items()} == {
        "remind": "skipped",
        "miss": "done",
    }
    assert verbs_of(idle) == ["deadline.missed"]
    row.refresh_from_db()
    assert row.missed_at == row.due_at  # the instant of the breach, not of the restart
    mark = row.marks.get(kind="miss")
    assert mark.taken_at == clock.at


def test_an_appointment_is_no_breach(
    idle: Case, clock: Clock, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[datetime] = []
    effect = RingEffect(breach=False, then=lambda held, row, now: seen.append(now))
    monkeypatch.setitem(marks_table.EFFECTS, ("incident", "meeting"), effect)
    row = begin(idle, duty="meeting")
    clock.forward(minutes=60)
    ring_until_quiet()
    row.refresh_from_db()
    assert (seen, row.missed_at, verbs_of(idle)) == ([clock.at], None, [])


def test_a_mark_that_raises_is_set_aside_and_the_others_ring(
    clock: Clock,
    new_case: NewCase,
    begin: Begin,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cases = [new_case(), new_case()]
    broken, sound = begin(cases[0], duty="broken"), begin(cases[1])

    tries: list[datetime] = []

    def fails(held: Case, row: Deadline, now: datetime) -> None:
        tries.append(now)
        raise ZeroDivisionError

    monkeypatch.setitem(marks_table.EFFECTS, ("incident", "broken"), RingEffect(then=fails))
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
    monkeypatch.delitem(marks_table.EFFECTS, ("incident", "broken"))
    clock.forward(seconds=1)
    deadlines.ring_due()
    broken.refresh_from_db()
    assert broken.missed_at == broken.due_at
    assert verbs_of(cases[0]).count("deadline.missed") == 2  # the filing duty's own, and this one


def test_more_marks_than_one_round_takes_are_rung_in_the_next(
    clock: Clock, new_case: NewCase, begin: Begin
) -> None:
    cases = [new_case() for _ in range(3)]
    clock.forward(hours=2)
    assert deadlines.ring_due(limit=4) == 4
    assert deadlines.ring_due(limit=4) == 2
    assert [verbs_of(found) for found in cases] == [["deadline.missed"]] * 3


def test_the_command_rings_once_and_stops(
    idle: Case, clock: Clock, begin: Begin, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(idle)
    clock.forward(hours=2)
    call_command("ring_deadlines")
    assert capsys.readouterr().out == "2 marks took effect\n"


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
    clock: Clock, new_case: NewCase, begin: Begin
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
    clock: Clock, new_case: NewCase, begin: Begin
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
    clock: Clock, new_case: NewCase, begin: Begin
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
