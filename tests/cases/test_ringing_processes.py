"""Ringing by real processes: killed in the middle, stopped across the end, two of them at once."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cases.models import Case, DeadlineMark
from tests.cases.conftest import NewCase
from tests.cases.processes import start_process

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOOP = "from django.core.management import call_command; call_command('ring_deadlines', '--loop')"
# The same, but it stands still for a long time after its first breach is written and before it is committed.
STANDS_STILL = """
import time
from cases import notices, ringing
tell = notices.tell_all
notices.tell_all = lambda *a: (tell(*a), time.sleep(60))
ringing.ring_all()
"""


@contextmanager
def ringing(code: str = LOOP) -> Iterator[subprocess.Popen[bytes]]:
    child = start_process(code, heard=True)
    try:
        assert child.stdout is not None
        assert b"ringing" in child.stdout.readline()  # from now on it can be told to stop
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait(10)


def overdue(cases: list[Case]) -> None:
    """Their filing duty fell due a moment ago, its reminder with it."""
    marks = DeadlineMark.objects.filter(deadline__case__in=cases)
    for mark in marks.select_related("deadline"):
        mark.deadline.started_at = mark.at = mark.deadline.due_at = mark.deadline.case.opened_at
        mark.deadline.save(update_fields=["started_at", "due_at"])
        mark.save(update_fields=["at"])


def missed(case: Case) -> int:
    return case.events.filter(verb="deadline.missed").count()


def wait_for_all(cases: list[Case], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(missed(case) for case in cases):
            return
        time.sleep(0.1)
    pytest.fail("not all took effect in time")


def test_a_process_killed_in_the_middle_leaves_nothing_half_done(new_case: NewCase) -> None:
    case = new_case()
    overdue([case])
    child = start_process(STANDS_STILL)
    try:
        wait_until_locked(case)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    assert missed(case) == 0
    with ringing():
        wait_for_all([case])
        time.sleep(3)  # another round
    assert missed(case) == 1
    assert case.notices.filter(event__verb="deadline.missed").count() > 0


def wait_until_locked(case: Case) -> None:
    """Until the child holds the case and has a breach written that nobody else sees."""
    from django.db import DatabaseError, transaction

    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with transaction.atomic():
                Case.objects.select_for_update(nowait=True).get(pk=case.pk)
        except DatabaseError:
            time.sleep(1)
            return
        time.sleep(0.1)
    pytest.fail("the child never began")


def test_what_fell_due_while_nothing_ran_takes_effect_at_the_start_once(new_case: NewCase) -> None:
    cases = [new_case() for _ in range(20)]
    overdue(cases)
    with ringing() as one, ringing() as two:
        wait_for_all(cases)
        time.sleep(3)
        for child in (one, two):
            child.send_signal(signal.SIGTERM)
            assert child.wait(10) == 0
    assert [missed(case) for case in cases] == [1] * len(cases)
    marks = DeadlineMark.objects.filter(deadline__case__in=cases)
    assert set(marks.values_list("kind", "outcome")) == {("remind", "skipped"), ("miss", "done")}
