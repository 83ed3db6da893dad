"""Ringing exactly once: many marks in one transaction, their cases first, then the marks, then look again.

A kill undoes the whole of it and the next run does it again. Any number may ring at once: each passes over what
another has. A mark whose effect raises undoes its batch; the batch is rung again in halves until that mark is alone,
and set aside for a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Q

from cases import breaches, marks
from cases.breaches import AtOnce, Together
from cases.models import Case, Deadline, DeadlineMark, MarkOutcome
from grids import clock
from grids.models import Department, Division

log = logging.getLogger(__name__)

BATCH: Final = 250
LONGEST: Final = 20.0  # seconds that one call goes on while there is more to ring
ASIDE: Final = timedelta(minutes=1)

Held = tuple[Case, DeadlineMark]


@dataclass(frozen=True, slots=True)
class Rung:
    """What one transaction did: the marks that took effect, and those that must have one of their own."""

    taken: list[int]
    alone: list[int]


def ring_all(seconds: float = LONGEST) -> int:
    """Ring until nothing is due any more that can be had, or the time is over; returns how many marks took effect.

    What another holds just now is passed over once and tried again as long as anything moves.
    """
    until, total, before, passed = monotonic() + seconds, 0, 0, set[int]()
    while monotonic() < until:
        known = len(passed)
        rung = ring_due(passed=passed)
        total += rung
        if rung or len(passed) > known:
            continue
        if total == before:
            break
        before = total
        passed.clear()
    return total


def ring_due(limit: int = BATCH, passed: set[int] | None = None) -> int:
    """Let the oldest marks that are due take effect, at most `limit`; returns how many did.

    Marks in `passed` are left out; those that could not be had are added to it.
    """
    passed = set() if passed is None else passed
    picked: list[int] = []
    try:
        with transaction.atomic():
            picked += due_marks(clock.now(), limit, passed)
            rung = _ring(picked)
    except Exception:
        if not picked:
            raise
        log.warning("%s marks could not take effect together; rung in halves", len(picked), exc_info=True)
        taken = _ring_halves(picked)
    else:
        taken = rung.taken + [mark for one in rung.alone for mark in _ring_safely([one])]
    passed |= set(picked) - set(taken)
    return len(taken)


def due_marks(now: datetime, limit: int, passed: Collection[int] = ()) -> list[int]:
    """Marks whose instant has come, the oldest first, without those set aside, passed over or held by another.

    They are locked: two who ring at once pick different ones.
    """
    waiting = DeadlineMark.objects.filter(taken_at__isnull=True, at__lte=now)
    waiting = waiting.filter(Q(hold_until__isnull=True) | Q(hold_until__lte=now)).exclude(pk__in=passed)
    waiting = waiting.order_by("at", "pk").select_for_update(skip_locked=True)
    return list(waiting.values_list("pk", flat=True)[:limit])


def _lock(ids: Collection[int]) -> list[Held]:
    """The cases of marks, then the marks and their deadlines, locked; without cases that somebody has just now."""
    of_marks = DeadlineMark.objects.filter(pk__in=ids).values("deadline__case_id")
    cases = Case.objects.unscoped().filter(pk__in=of_marks).defer("search").order_by("pk")
    locked = {case.pk: case for case in cases.select_for_update(skip_locked=True)}
    rows = DeadlineMark.objects.filter(pk__in=ids, deadline__case__in=locked).select_related("deadline")
    found = list(rows.order_by("at", "pk").select_for_update(of=("self", "deadline")))
    deadlines = {mark.deadline_id: mark.deadline for mark in found}
    for mark in found:  # one object for each duty: a reminder and the end may come together
        mark.deadline = deadlines[mark.deadline_id]
        mark.deadline.case = locked[mark.deadline.case_id]
    _load_holders(deadlines.values())
    return [(mark.deadline.case, mark) for mark in found]


def _load_holders(deadlines: Collection[Deadline]) -> None:
    """The offices of deadlines, each read once: few offices owe many duties."""
    departments = Department.objects.in_bulk({row.holder_department_id for row in deadlines} - {None})
    divisions = Division.objects.select_related("successor").in_bulk(
        {row.holder_division_id for row in deadlines} - {None}
    )
    for row in deadlines:
        row.holder_department = departments.get(row.holder_department_id)
        row.holder_division = divisions.get(row.holder_division_id)


def _ring(ids: Collection[int]) -> Rung:
    """Let marks take effect in the caller's transaction, all of them judged at one instant.

    What sets off more than entries and notices, and whatever else is due in the same case, has a transaction of its
    own; it is only named here.
    """
    if not ids:
        return Rung([], [])
    held, now = _lock(ids), clock.now()
    due = [(case, mark) for case, mark in held if mark.taken_at is None and mark.at and mark.at <= now]
    if len(due) == 1:
        case, mark = due[0]
        mark.outcome = breaches.take_effect(case, mark.deadline, mark.kind, now, AtOnce())
        mark.taken_at = now
        mark.save(update_fields=["taken_at", "outcome"])
        return Rung([mark.pk], [])
    acting = {case.pk for case, mark in due if marks.effect_of(case, mark.deadline).may_act(mark.kind)}
    together = [(case, mark) for case, mark in due if case.pk not in acting]
    _ring_together(together, now)
    return Rung(
        [mark.pk for _case, mark in together],
        [mark.pk for case, mark in due if case.pk in acting],
    )


def _ring_together(due: Iterable[Held], now: datetime) -> None:
    writing = Together()
    taken: dict[MarkOutcome, list[int]] = {}
    for case, mark in due:
        outcome = breaches.take_effect(case, mark.deadline, mark.kind, now, writing)
        taken.setdefault(outcome, []).append(mark.pk)
    writing.write()
    for outcome, ids in taken.items():
        DeadlineMark.objects.filter(pk__in=ids).update(taken_at=now, outcome=outcome)


def _ring_safely(ids: list[int]) -> list[int]:
    """Ring marks in a transaction of their own; those that took effect. What raises is parted from the rest."""
    try:
        with transaction.atomic():
            rung = _ring(ids)
    except Exception:
        if len(ids) > 1:
            return _ring_halves(ids)
        log.exception("deadline mark %s could not take effect; set aside for a minute", ids[0])
        hold = clock.now() + ASIDE
        DeadlineMark.objects.filter(pk__in=ids, taken_at__isnull=True).update(hold_until=hold)
        return []
    return rung.taken + [mark for one in rung.alone for mark in _ring_safely([one])]


def _ring_halves(ids: list[int]) -> list[int]:
    """After a failure: each half by itself; one mark alone is tried once more and then set aside."""
    middle = (len(ids) + 1) // 2
    return [mark for half in (ids[:middle], ids[middle:]) if half for mark in _ring_safely(half)]
