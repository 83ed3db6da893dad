"""Duties in tests: a case without any of its own, a duty begun, its marks, and what the record says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import transaction

from cases import deadlines
from cases.models import Case, Deadline
from grids.calendars import Allowance, Unit
from grids.clock import SHANGHAI

Begin = Callable[..., Deadline]
HOUR = Allowance(60, Unit.CLOCK_MINUTES)
DUTY = "handle"


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@contextmanager
def locked(case: Case) -> Iterator[Case]:
    """The case as whoever changes it holds it."""
    with transaction.atomic():
        yield Case.objects.select_for_update().get(pk=case.pk)


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
