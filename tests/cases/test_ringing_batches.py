"""Many marks in one transaction: the same effects as one by one, nothing lost to a bad row or to a second worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cases import deadlines, events, notices, ringing
from cases.deadlines import MarkRule, RingEffect
from cases.marks import EFFECTS
from cases.models import Case, Deadline, DeadlineMark, Notice
from tests.cases.conftest import NewCase
from tests.cases.duties import DUTY, Begin, locked, verbs_of
from tests.cases.test_ringing import at_once
from tests.conftest import Clock


@pytest.fixture
def crowd(clock: Clock, new_case: NewCase, begin: Begin) -> list[Case]:
    """Cases whose one duty ends in an hour."""
    cases = [new_case() for _ in range(8)]
    for case in cases:
        with locked(case) as held:
            deadlines.cancel(held, ["file"], at=clock.at)
        begin(case)
    return cases


@pytest.fixture(autouse=True)
def _together(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A batch that fails is rung one by one: the effects would be the same, and nobody would notice."""
    yield
    if "_poisoned" not in request.fixturenames:
        assert not any("rung in halves" in record.message for record in caplog.get_records("call"))


@pytest.fixture
def _poisoned() -> None:
    """Named by a test whose batches may fail."""


def whole(case: Case) -> bool:
    return not list(events.broken_entries(Case.objects.get(pk=case.pk)))


def told(case: Case) -> list[tuple[str, int]]:
    found = Notice.objects.filter(case=case, event__verb__startswith="deadline.")
    return sorted(found.values_list("event__verb", "recipient"))


def test_a_mark_in_a_crowd_has_the_same_effects_as_one_alone(clock: Clock, crowd: list[Case]) -> None:
    clock.forward(minutes=42)
    assert ringing.ring_due(limit=1) == 1  # alone
    assert ringing.ring_due() == len(crowd) - 1
    clock.forward(minutes=18)
    assert ringing.ring_due() == len(crowd)
    alone = crowd[0]
    for case in crowd:
        assert verbs_of(case) == ["deadline.reminded", "deadline.missed"]
        assert [event.data for event in case.events.order_by("seq")][-2:] == [
            event.data for event in alone.events.order_by("seq")
        ][-2:]
        assert told(case) == told(alone) != []
        assert case.deadlines.get(duty=DUTY).missed_at == clock.at
        now = Case.objects.get(pk=case.pk)
        assert (whole(case), now.updated_at) == (True, clock.at)
    assert set(DeadlineMark.objects.filter(deadline__duty=DUTY).values_list("outcome", flat=True)) == {"done"}


def test_several_ends_of_one_case_continue_its_record_one_after_the_other(
    clock: Clock, crowd: list[Case], begin: Begin
) -> None:
    for duty in ("accept", "verify"):
        begin(crowd[0], duty=duty)
    clock.forward(hours=1)
    assert ringing.ring_due() == 2 * (len(crowd) + 2)  # each with a reminder that is over
    duties = [event.data["duty"] for event in crowd[0].events.filter(verb="deadline.missed").order_by("seq")]
    assert duties == [DUTY, "accept", "verify"]
    assert all(whole(case) for case in crowd)


def test_more_cases_need_no_more_statements(clock: Clock, crowd: list[Case]) -> None:
    clock.forward(minutes=42)
    with CaptureQueriesContext(connection) as few:
        assert ringing.ring_due(limit=2) == 2
    with CaptureQueriesContext(connection) as many:
        assert ringing.ring_due() == 6
    assert len(many) == len(few)


def test_an_audience_is_asked_once_for_all_cases_of_its_offices(
    clock: Clock, crowd: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    ask = notices.overdue_audience

    def counted(case: Case, holder: Any) -> set[User]:
        asked.append(case.pk)
        return ask(case, holder)

    monkeypatch.setattr(notices, "overdue_audience", counted)
    Case.objects.filter(pk=crowd[3].pk).update(sensitive=True, visible_roles=["centre"])
    clock.forward(hours=1)
    ringing.ring_due()
    assert asked == [crowd[0].pk, crowd[3].pk]
    assert len(told(crowd[3])) < len(told(crowd[0]))


@pytest.mark.usefixtures("_poisoned")
def test_one_bad_row_does_not_keep_its_batch_from_ringing(
    clock: Clock, crowd: list[Case], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = crowd[4].pk
    tries: list[datetime] = []

    def raising(case: Case, deadline: Deadline) -> set[User]:
        if case.pk == bad:
            tries.append(clock.at)
            raise ZeroDivisionError
        return set()

    monkeypatch.setitem(EFFECTS, ("incident", DUTY), RingEffect(told=raising))
    DeadlineMark.objects.filter(kind="remind").update(at=None)
    clock.forward(hours=1)
    assert ringing.ring_all() == len(crowd) - 1
    for case in crowd:
        assert verbs_of(case) == ([] if case.pk == bad else ["deadline.missed"])
        assert whole(case)
    assert "could not take effect" in caplog.text
    tried = len(tries)
    clock.forward(seconds=59)
    assert (ringing.ring_all(), len(tries)) == (0, tried)
    monkeypatch.delitem(EFFECTS, ("incident", DUTY))
    clock.forward(seconds=1)
    assert ringing.ring_all() == 1
    assert verbs_of(crowd[4]) == ["deadline.missed"]


def test_what_has_consequences_rings_alone_in_the_order_of_its_case(
    clock: Clock, crowd: list[Case], begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def looks(case: Case, deadline: Deadline, now: datetime) -> None:
        seen.append(verbs_of(case))

    monkeypatch.setitem(EFFECTS, ("incident", "acting"), RingEffect(then=looks, marks=()))
    clock.forward(minutes=30)
    begin(crowd[2], duty="acting")
    clock.forward(hours=2)
    assert ringing.ring_all() == 2 * len(crowd) + 1
    assert seen == [["deadline.missed", "deadline.missed"]]  # both entries stand when it looks
    assert [
        event.data["duty"] for event in crowd[2].events.filter(verb="deadline.missed").order_by("seq")
    ] == [
        DUTY,
        "acting",
    ]


def test_ringing_goes_on_past_one_batch_until_nothing_is_due(
    clock: Clock, crowd: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing.ring_due, "__defaults__", (3, None))
    clock.forward(hours=1)
    assert ringing.ring_all() == 2 * len(crowd)
    assert not DeadlineMark.objects.filter(taken_at=None, at__lte=clock.at).exists()


def test_a_mark_that_is_over_or_not_yet_due_is_left_alone(clock: Clock, crowd: list[Case]) -> None:
    clock.forward(minutes=42)
    ids = list(DeadlineMark.objects.filter(deadline__duty=DUTY).values_list("pk", flat=True))
    with transaction.atomic():
        assert len(ringing._ring(ids).taken) == len(crowd)  # the reminders, not the ends
        assert ringing._ring(ids).taken == []
    assert {verb for case in crowd for verb in verbs_of(case)} == {"deadline.reminded"}


def test_ringing_ends_when_its_time_is_over(clock: Clock, crowd: list[Case]) -> None:
    clock.forward(hours=1)
    assert ringing.ring_all(seconds=0) == 0


def test_reminders_of_a_table_ring_in_a_crowd_too(
    clock: Clock, crowd: list[Case], begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = (MarkRule("half", share=0.5), MarkRule("day", after=timedelta(days=1)))
    monkeypatch.setitem(EFFECTS, ("incident", "levels"), RingEffect(marks=levels))
    for case in crowd:
        begin(case, duty="levels")
    clock.forward(minutes=30)
    assert ringing.ring_due() == len(crowd)
    clock.forward(days=2)
    ringing.ring_all()
    for case in crowd:
        found = case.events.filter(data__duty="levels").order_by("seq")
        assert list(found.values_list("verb", flat=True)) == [
            "deadline.reminded",
            "deadline.missed",
            "deadline.escalated",
        ]
        assert whole(case)


# --- two at once, on real connections


@pytest.mark.django_db(transaction=True)
def test_two_who_ring_pick_different_marks(clock: Clock, crowd: list[Case]) -> None:
    clock.forward(hours=1)
    picked = threading.Barrier(2)

    def pick() -> list[int]:
        with transaction.atomic():
            found = ringing.due_marks(clock.at, 5)
            picked.wait(20)
        return found

    one, two = at_once(pick, pick)
    assert (len(one), len(two)) == (5, 5)
    assert not set(one) & set(two)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_rush_and_ring_each_once(
    clock: Clock, crowd: list[Case], begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case in crowd:  # several of each case, so that they meet at the same cases
        for duty in ("accept", "verify", "whole"):
            begin(case, duty=duty)
    monkeypatch.setattr(ringing.ring_due, "__defaults__", (3, None))
    clock.forward(hours=1)
    rung = sum(at_once(ringing.ring_all, ringing.ring_all, ringing.ring_all))
    rung += ringing.ring_all()
    assert rung == 8 * len(crowd)
    for case in crowd:
        assert verbs_of(case) == ["deadline.missed"] * 4
        assert whole(case)


@contextmanager
def held_by_somebody(cases: list[Case]) -> Iterator[Callable[[], None]]:
    """Cases locked on another connection, until the function given is called or the block ends."""
    entered, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Case.objects.select_for_update().filter(pk__in=[case.pk for case in cases]))
            entered.set()
            assert release.wait(20)
        connection.close()

    def let_go() -> None:
        release.set()
        person.join(20)

    person = threading.Thread(target=hold)
    person.start()
    try:
        assert entered.wait(20)
        yield let_go
    finally:
        let_go()


@pytest.mark.django_db(transaction=True)
def test_cases_that_somebody_holds_are_passed_over_and_ring_later(
    clock: Clock, crowd: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing.ring_due, "__defaults__", (2, None))  # they fill the first batch
    clock.forward(hours=1)
    with held_by_somebody(crowd[:2]):
        assert ringing.ring_all() == 2 * (len(crowd) - 2)
    assert ringing.ring_all() == 4
    assert [verbs_of(case) for case in crowd] == [["deadline.missed"]] * len(crowd)


@pytest.mark.django_db(transaction=True)
def test_what_was_passed_over_is_tried_again_while_the_rest_rings(
    clock: Clock, crowd: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing.ring_due, "__defaults__", (2, None))
    clock.forward(hours=1)
    with held_by_somebody(crowd[:1]) as let_go:

        def last(case: Case, deadline: Deadline) -> set[User]:
            if case.pk == crowd[-1].pk:
                let_go()
            return set()

        monkeypatch.setitem(EFFECTS, ("incident", DUTY), RingEffect(told=last))
        assert ringing.ring_all() == 2 * len(crowd)
