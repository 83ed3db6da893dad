"""Duties with an end: start, meet, pause, move, extend, compute again.

Everything here runs inside the transaction of whoever changes the case, with the case row locked. When a duty rings
stands in cases/marks.py, what that brings in cases/breaches.py, and who makes it ring in cases/ringing.py.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from cases import breaches, events, marks
from cases.marks import MarkRule, RingEffect, on_ring
from cases.models import Case, Deadline, DeadlineMark, DeadlinePause, MarkOutcome
from cases.offices import Office
from cases.ringing import ring_due
from grids import calendars, clock, workcalendar
from grids.calendars import Allowance

# The one door for whoever has to do with duties: also the table of marks, and ringing.
__all__ = [
    "OPEN", "MarkRule", "Owed", "RingEffect", "cancel", "compute", "extend", "meet", "move", "on_ring", "open_of",
    "pause", "reallow", "recompute", "recompute_all", "resume", "ring_due", "start", "start_all",
]  # fmt: skip

log = logging.getLogger(__name__)

OPEN: Final = Q(met_at__isnull=True, cancelled_at__isnull=True)


def _pauses(deadline: Deadline) -> list[tuple[datetime, datetime]]:
    closed = deadline.pauses.filter(until_at__isnull=False).order_by("from_at")
    return [(pause.from_at, pause.until_at) for pause in closed if pause.until_at]


def compute(deadline: Deadline) -> calendars.Due:
    """The due instant from the deadline's stored inputs and today's work calendar."""
    return calendars.due(deadline.started_at, deadline.allowance, _pauses(deadline), workcalendar.load())


def _move_marks(deadline: Deadline) -> None:
    """Let the marks that have not been taken ring at the deadline's new instants.

    A duty that is missed stays so: then only what comes after the end moves with it.
    """
    effect = marks.effect_of(deadline.case, deadline)
    later = {rule.name for rule in effect.rules if rule.after is not None}
    for name, at in marks.instants(deadline, effect, _pauses(deadline)).items():
        if deadline.missed_at is None or name in later:
            marks.change_waiting(deadline, [name], at=at)


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty that begins: how long, and whose; of which sub-row (0: the case itself).

    `at` is its start when that is another instant than that of the move: a duty that begins again from its first
    start. Reminders whose instant is over by then are skipped; a breach that is over rings at once.
    """

    duty: str
    allowance: Allowance
    holder: Office
    item: int = 0
    at: datetime | None = None


def start(
    case: Case, duty: str, *, allowance: Allowance, holder: Office, at: datetime, item: int | None = None
) -> Deadline:
    """Start a duty of an office. An open one of the same duty, sub-row and office is cancelled first."""
    return start_all(case, [Owed(duty, allowance, holder, item or 0)], at=at)[0]


def start_all(case: Case, duties: Sequence[Owed], *, at: datetime, item: int | None = None) -> list[Deadline]:
    """Start several duties at once, each as `start` does; `item` is the sub-row of those that name none."""
    owed_all = [replace(owed, item=owed.item or item or 0) for owed in duties]
    wanted = {(owed.duty, owed.item, owed.holder) for owed in owed_all}
    for deadline in open_of(case, [owed.duty for owed in owed_all]):
        if (deadline.duty, deadline.item, Office.of(deadline.holder)) in wanted:
            _cancel(case, deadline, at)
    begun = Deadline.objects.bulk_create([_begun(case, owed, at) for owed in owed_all])
    DeadlineMark.objects.bulk_create(
        [mark for deadline in begun for mark in _first_marks(case, deadline, at)]
    )
    return begun


def _begun(case: Case, owed: Owed, at: datetime) -> Deadline:
    began = owed.at or at
    result = calendars.due(began, owed.allowance, [], workcalendar.load())
    return Deadline(
        case=case,
        duty=owed.duty,
        item=owed.item,
        holder_department_id=owed.holder.department_id,
        holder_division_id=owed.holder.division_id,
        started_at=began,
        amount=owed.allowance.amount,
        unit=owed.allowance.unit,
        due_at=result.at,
        provisional=result.provisional,
    )


def _first_marks(case: Case, deadline: Deadline, at: datetime) -> Iterator[DeadlineMark]:
    """The marks of a duty that begins at `at`; of one that began earlier, past reminders have no sense any more."""
    effect = marks.effect_of(case, deadline)
    for name, instant in marks.instants(deadline, effect, []).items():
        mark = DeadlineMark(deadline=deadline, kind=name, at=instant)
        if deadline.started_at < at and instant <= at and instant < deadline.due_at:
            mark.taken_at, mark.outcome = at, MarkOutcome.SKIPPED
        yield mark


def open_of(case: Case, duties: Iterable[str] | None = None, *, item: int | None = None) -> list[Deadline]:
    """Open deadlines of a case, of the named duties and sub-row or of all, locked and in a fixed order."""
    rows = Deadline.objects.select_for_update().filter(OPEN, case=case)
    if duties is not None:
        rows = rows.filter(duty__in=list(duties))
    if item is not None:
        rows = rows.filter(item=item)
    return list(rows.order_by("pk"))


def _silence(deadline: Deadline) -> None:
    marks.change_waiting(deadline, at=None)


def _of(rows: Iterable[Deadline], holder: Office | None) -> list[Deadline]:
    return [row for row in rows if holder is None or Office.of(row.holder) == holder]


def meet(
    case: Case,
    duties: Iterable[str],
    *,
    at: datetime,
    holder: Office | None = None,
    item: int | None = None,
) -> None:
    """The duty was done at `at`. If that is late and the breach has not rung yet, it takes effect now.

    `holder` and `item` None: of whatever office and sub-row.
    """
    for deadline in _of(open_of(case, duties, item=item), holder):
        if _open_after_breach(case, deadline, at):
            deadline.met_at = at
            deadline.save(update_fields=["met_at"])
            _silence(deadline)


def cancel(
    case: Case,
    duties: Iterable[str] | None,
    *,
    at: datetime,
    holder: Office | None = None,
    item: int | None = None,
) -> None:
    """The duty fell away (returned, merged, stood down): neither met nor, from now on, missed."""
    for deadline in _of(open_of(case, duties, item=item), holder):
        _cancel(case, deadline, at)


def _cancel(case: Case, deadline: Deadline, at: datetime) -> None:
    if _open_after_breach(case, deadline, at):
        deadline.cancelled_at = at
        deadline.save(update_fields=["cancelled_at"])
        _silence(deadline)


def pause(case: Case, *, at: datetime) -> None:
    """Stop the clock of every open duty (挂起); appointments, such as the suspension's own end, run on."""
    for deadline in open_of(case):
        if not marks.effect_of(case, deadline).breach or deadline.paused_at is not None:
            continue
        if not _open_after_breach(case, deadline, at) or deadline.missed_at is not None:
            continue
        deadline.paused_at = at
        deadline.save(update_fields=["paused_at"])
        DeadlinePause.objects.create(deadline=deadline, from_at=at)
        _silence(deadline)


def resume(case: Case, *, at: datetime) -> None:
    """Let the stopped clocks run again; each due instant is computed anew without the pause."""
    for deadline in open_of(case):
        if deadline.paused_at is None:
            continue
        DeadlinePause.objects.filter(deadline=deadline, until_at__isnull=True).update(until_at=at)
        deadline.paused_at = None
        deadline.save(update_fields=["paused_at"])
        # A pause outside the time that counts moves nothing, but its silence must end all the same.
        if recompute(deadline) is None:
            _move_marks(deadline)


def move(case: Case, duty: str, *, holder: Office, item: int | None = None) -> None:
    """Hand an open duty to another office; its clock runs on."""
    for deadline in open_of(case, [duty], item=item):
        deadline.holder_department_id = holder.department_id
        deadline.holder_division_id = holder.division_id
        deadline.save(update_fields=["holder_department_id", "holder_division_id"])


def extend(deadline: Deadline, extra: int) -> None:
    """Add time in the duty's own unit (延期). A duty already missed stays missed."""
    deadline.extra += extra
    deadline.save(update_fields=["extra"])
    recompute(deadline)


def reallow(deadline: Deadline, allowance: Allowance) -> None:
    """Another allowance from the same start: the matter was made urgent, or its category corrected."""
    deadline.amount, deadline.unit = allowance.amount, allowance.unit
    deadline.save(update_fields=["amount", "unit"])
    recompute(deadline)


def recompute(deadline: Deadline) -> tuple[datetime, datetime] | None:
    """Compute the due instant again from its inputs; returns (old, new) when it moved. Locks are the caller's."""
    if deadline.paused_at is not None:
        return None
    old, result = deadline.due_at, compute(deadline)
    if (old, deadline.provisional) == (result.at, result.provisional):
        return None
    deadline.due_at, deadline.provisional = result.at, result.provisional
    deadline.save(update_fields=["due_at", "provisional"])
    _move_marks(deadline)
    return old, result.at


def recompute_all() -> list[tuple[int, datetime, datetime]]:
    """Compare every open due instant with its inputs, after a calendar change and nightly; correct and record.

    Returns (deadline id, old, new) of each that moved. A case whose computing raises (a year without a calendar,
    say) is logged and left as it is; all others are still done.
    """
    moved = []
    ids = Deadline.objects.filter(OPEN).order_by("case_id").values_list("case_id", flat=True).distinct()
    for case_id in list(ids):
        try:
            with transaction.atomic():
                changes = _recompute_case(case_id)
        except Exception:
            log.exception("the deadlines of case %s could not be computed again; left as they are", case_id)
        else:
            moved += changes
    return moved


def _recompute_case(case_id: int) -> list[tuple[int, datetime, datetime]]:
    case = Case.objects.unscoped().select_for_update().get(pk=case_id)
    moved = []
    for deadline in open_of(case):
        change = recompute(deadline)
        if change is None:
            continue
        moved.append((deadline.pk, *change))
        old, new = (at.isoformat() for at in change)
        facts = {"duty": deadline.duty, "old": old, "new": new}
        events.append(case, "deadline.recomputed", by=None, at=clock.now(), cause=uuid.uuid4(), data=facts)
    return moved


def _open_after_breach(case: Case, deadline: Deadline, at: datetime) -> bool:
    """Let a breach that has come and not rung take effect; False when what follows it has ended the duty itself."""
    before = deadline.missed_at
    breaches.overtake(case, deadline, at)
    if deadline.missed_at != before and marks.effect_of(case, deadline).then is not None:
        deadline.refresh_from_db()
    return deadline.is_open
