"""Duties with an end: start, meet, pause, move, extend, compute again, and ring exactly once.

Everything here runs inside the transaction of whoever changes the case, with the case row locked. Ringing
does the same for itself: one transaction per mark, case first, then the mark, then look again. A kill undoes
the whole of it and the next run does it again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from cases import events, notices
from cases.models import Case, Deadline, DeadlineMark, DeadlinePause, MarkKind, MarkOutcome
from cases.offices import Office
from grids import calendars, clock, workcalendar
from grids.calendars import Allowance, Unit

log = logging.getLogger(__name__)

OPEN = Q(met_at__isnull=True, cancelled_at__isnull=True)


@dataclass(frozen=True, slots=True)
class RingEffect:
    """What follows when a duty's time is over, besides the breach itself.

    `breach` False means the instant is an appointment (a suspension's end), not a duty somebody failed.
    `then` runs in the same transaction with the locked case.
    """

    breach: bool = True
    then: Callable[[Case, datetime], object] | None = None


_EFFECTS: dict[tuple[str, str], RingEffect] = {}


def on_ring(kind: str, duty: str, effect: RingEffect) -> None:
    """Registered by a kind's app at start: what the end of a duty brings about."""
    _EFFECTS[kind, duty] = effect


def _pauses(deadline: Deadline) -> list[tuple[datetime, datetime]]:
    closed = deadline.pauses.filter(until_at__isnull=False).order_by("from_at")
    return [(pause.from_at, pause.until_at) for pause in closed if pause.until_at]


def compute(deadline: Deadline) -> calendars.Due:
    """The due instant from the deadline's stored inputs and today's work calendar."""
    return calendars.due(deadline.started_at, deadline.allowance, _pauses(deadline), workcalendar.load())


def _remind_at(deadline: Deadline, pauses: list[tuple[datetime, datetime]]) -> datetime:
    """The reminder's instant: a set share of the time; not at night unless the duty is on clock time."""
    calendar, share = workcalendar.load(), settings.GEZHI_REMIND_SHARE
    at = calendars.share_point(deadline.started_at, deadline.allowance, pauses, calendar, share)
    if deadline.unit != Unit.CLOCK_MINUTES:
        at = calendar.next_open(at)
    return min(at, deadline.due_at)


def _instants(deadline: Deadline, pauses: list[tuple[datetime, datetime]]) -> dict[MarkKind, datetime]:
    """When a deadline rings, by kind of mark; an appointment has no reminder."""
    wanted = {MarkKind.MISS: deadline.due_at}
    if _effect(deadline.case, deadline).breach:
        wanted[MarkKind.REMIND] = _remind_at(deadline, pauses)
    return wanted


def _move_marks(deadline: Deadline) -> None:
    """Let the marks that have not been taken ring at the deadline's new instants."""
    for kind, at in _instants(deadline, _pauses(deadline)).items():
        _change_waiting(deadline, [kind], at=at)


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty that begins: how long, and whose."""

    duty: str
    allowance: Allowance
    holder: Office


def start(case: Case, duty: str, *, allowance: Allowance, holder: Office, at: datetime) -> Deadline:
    """Start a duty of an office. An open one of the same duty and office is cancelled first."""
    return start_all(case, [Owed(duty, allowance, holder)], at=at)[0]


def start_all(case: Case, duties: Sequence[Owed], *, at: datetime) -> list[Deadline]:
    """Start several duties at once, each as `start` does."""
    running = {deadline.duty for deadline in open_of(case, [owed.duty for owed in duties])}
    for owed in duties:
        if owed.duty in running:
            cancel(case, [owed.duty], at=at, holder=owed.holder)
    begun = Deadline.objects.bulk_create([_begun(case, owed, at) for owed in duties])
    DeadlineMark.objects.bulk_create(
        [
            DeadlineMark(deadline=deadline, kind=kind, at=instant)
            for deadline in begun
            for kind, instant in _instants(deadline, []).items()
        ]
    )
    return begun


def _begun(case: Case, owed: Owed, at: datetime) -> Deadline:
    result = calendars.due(at, owed.allowance, [], workcalendar.load())
    return Deadline(
        case=case,
        duty=owed.duty,
        holder_department_id=owed.holder.department_id,
        holder_division_id=owed.holder.division_id,
        started_at=at,
        amount=owed.allowance.amount,
        unit=owed.allowance.unit,
        due_at=result.at,
        provisional=result.provisional,
    )


def open_of(case: Case, duties: Iterable[str] | None = None) -> list[Deadline]:
    """Open deadlines of a case, of the named duties or of all, locked and in a fixed order."""
    rows = Deadline.objects.select_for_update().filter(OPEN, case=case)
    if duties is not None:
        rows = rows.filter(duty__in=list(duties))
    return list(rows.order_by("pk"))


def _change_waiting(deadline: Deadline, kinds: Collection[str], **values: Any) -> None:
    """Change the marks of a deadline that have not been taken."""
    DeadlineMark.objects.filter(deadline=deadline, kind__in=kinds, taken_at__isnull=True).update(**values)


def _silence(deadline: Deadline) -> None:
    _change_waiting(deadline, list(MarkKind), at=None)


def _of(rows: Iterable[Deadline], holder: Office | None) -> list[Deadline]:
    return [row for row in rows if holder is None or Office.of(row.holder) == holder]


def meet(case: Case, duties: Iterable[str], *, at: datetime, holder: Office | None = None) -> None:
    """The duty was done at `at`. If that is late and the breach has not rung yet, it takes effect now."""
    for deadline in _of(open_of(case, duties), holder):
        _breach_if_late(case, deadline, at)
        deadline.met_at = at
        deadline.save(update_fields=["met_at"])
        _silence(deadline)


def cancel(case: Case, duties: Iterable[str] | None, *, at: datetime, holder: Office | None = None) -> None:
    """The duty fell away (returned, merged, stood down): neither met nor, from now on, missed."""
    for deadline in _of(open_of(case, duties), holder):
        _cancel(case, deadline, at)


def _cancel(case: Case, deadline: Deadline, at: datetime) -> None:
    _breach_if_late(case, deadline, at)
    deadline.cancelled_at = at
    deadline.save(update_fields=["cancelled_at"])
    _silence(deadline)


def pause(case: Case, *, at: datetime) -> None:
    """Stop the clock of every open duty (挂起); appointments, such as the suspension's own end, run on."""
    for deadline in open_of(case):
        if not _effect(case, deadline).breach or deadline.paused_at is not None:
            continue
        _breach_if_late(case, deadline, at)
        if deadline.missed_at is not None:
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


def move(case: Case, duty: str, *, holder: Office) -> None:
    """Hand an open duty to another office; its clock runs on."""
    for deadline in open_of(case, [duty]):
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
    if deadline.missed_at is None:
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


def _effect(case: Case, deadline: Deadline) -> RingEffect:
    return _EFFECTS.get((case.kind, deadline.duty), RingEffect())


def _breach_if_late(case: Case, deadline: Deadline, at: datetime) -> None:
    """The end has come but has not rung yet: it takes effect now, before anything else happens to the duty."""
    running = deadline.missed_at is None and deadline.paused_at is None
    if running and at >= deadline.due_at and _effect(case, deadline).breach:
        _breach(case, deadline, at)


def _breach(case: Case, deadline: Deadline, now: datetime) -> None:
    """The breach itself, once: missed at its own due instant, an entry, notices to all who must know."""
    deadline.missed_at = deadline.due_at
    deadline.save(update_fields=["missed_at"])
    _change_waiting(deadline, [MarkKind.MISS], taken_at=now, outcome=MarkOutcome.DONE)
    event = events.append(case, "deadline.missed", by=None, at=now, cause=uuid.uuid4(), data=_facts(deadline))
    notices.tell(event, notices.overdue_audience(case, Office.of(deadline.holder)))


def _facts(deadline: Deadline) -> dict[str, str]:
    return {
        "duty": deadline.duty,
        "holder": str(deadline.holder),
        "due": deadline.due_at.isoformat(),
    }


def _take(mark: DeadlineMark, outcome: MarkOutcome, now: datetime) -> None:
    mark.taken_at, mark.outcome = now, outcome
    mark.save(update_fields=["taken_at", "outcome"])


def _lock(mark_id: int) -> tuple[Case, DeadlineMark] | None:
    """The case of a mark, then the mark and its deadline, locked; None while another worker has the case."""
    case_id = DeadlineMark.objects.filter(pk=mark_id).values("deadline__case_id")
    case = Case.objects.unscoped().select_for_update(skip_locked=True).filter(pk__in=case_id).first()
    if case is None:
        return None
    marks = DeadlineMark.objects.select_for_update(of=("self", "deadline")).select_related("deadline")
    return case, marks.get(pk=mark_id)


def _ring(mark_id: int) -> bool:
    """Let one mark take effect. False when another worker has the case just now or the mark is gone."""
    found = _lock(mark_id)
    if found is None:
        return False
    case, mark = found
    now, deadline = clock.now(), mark.deadline
    if mark.taken_at is not None or mark.at is None or mark.at > now:
        return False
    effect = _effect(case, deadline)
    if mark.kind == MarkKind.REMIND:
        _remind(case, deadline, mark, now)
    elif not effect.breach:
        _take(mark, MarkOutcome.DONE, now)
    else:
        _breach(case, deadline, now)
    if mark.kind == MarkKind.MISS and effect.then is not None:
        effect.then(case, now)
    return True


def _remind(case: Case, deadline: Deadline, mark: DeadlineMark, now: datetime) -> None:
    """A reminder, unless it no longer makes sense (the end itself has come while the program was down)."""
    if now >= deadline.due_at:
        _take(mark, MarkOutcome.SKIPPED, now)
        return
    _take(mark, MarkOutcome.DONE, now)
    event = events.append(
        case, "deadline.reminded", by=None, at=now, cause=uuid.uuid4(), data=_facts(deadline)
    )
    notices.tell(event, notices.office_audience(Office.of(deadline.holder), case))


def due_marks(now: datetime, limit: int) -> list[int]:
    """Marks whose instant has come, the oldest first, without those set aside."""
    waiting = DeadlineMark.objects.filter(taken_at__isnull=True, at__lte=now)
    waiting = waiting.filter(Q(hold_until__isnull=True) | Q(hold_until__lte=now))
    return list(waiting.order_by(F("at"), "pk").values_list("pk", flat=True)[:limit])


def ring_due(limit: int = 500) -> int:
    """Let every mark that is due take effect, each in a transaction of its own; returns how many did.

    A mark whose effect raises is logged and set aside for a minute, so that it cannot block the rest.
    """
    rung = 0
    for mark_id in due_marks(clock.now(), limit):
        try:
            with transaction.atomic():
                rung += _ring(mark_id)
        except Exception:
            log.exception("deadline mark %s could not take effect; set aside for a minute", mark_id)
            hold = clock.now() + timedelta(minutes=1)
            DeadlineMark.objects.filter(pk=mark_id, taken_at__isnull=True).update(hold_until=hold)
    return rung
