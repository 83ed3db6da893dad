"""The rules of counting once more: slowly, case by case and in plain words, to hold the SQL to.

A matter is *due* in a period when its duty fell due unmet or was done in it; *late* when anything of that was not on
time; *undone* when the last that happened of it in the period was that it fell due unmet. It counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cases.models import Case, CaseEvent, Deadline
from cases.periods import Period
from grids import clock
from mediation.models import Agreement, Docket
from whistle.models import NegativeEntry, Summons, Task
from whistle.querysets import STANDING

Counted = Counter[tuple[str, str]]  # (measure, who): how many


@dataclass(frozen=True)
class End:
    """Something that happened to a duty: it was done, or its end came and it was not."""

    at: datetime
    done: bool
    late: bool
    moved: bool
    who: str

    @property
    def day(self) -> date:
        return clock.local_day(self.at)


def office(department_id: int | None, division_id: int | None) -> str:
    return f"d{department_id}" if department_id else f"o{division_id}"


def ends_of(case: Case, duty: str) -> list[End]:
    found = []
    for row in Deadline.objects.filter(case=case, duty=duty).order_by("pk"):
        facts: dict[str, Any] = {
            "late": row.missed_at is not None,
            "moved": row.extra > 0 or row.pauses.exists(),
            "who": office(row.holder_department_id, row.holder_division_id),
        }
        if row.missed_at is not None:
            found.append(End(row.missed_at, False, **facts))
        if row.met_at is not None:
            found.append(End(row.met_at, True, **facts))
    return sorted(found, key=lambda end: (end.at, end.done))


def _judge(duty: str, ends: Iterable[End], period: Period) -> Iterator[str]:
    inside = [end for end in ends if period.has(end.day)]
    if not inside:
        return
    yield f"{duty}.due"
    if any(end.late for end in inside):
        yield f"{duty}.late"
    if any(end.moved for end in inside):
        yield f"{duty}.moved"
    if not inside[-1].done:
        yield f"{duty}.undone"


def _duties(case: Case, period: Period) -> Iterator[tuple[str, str]]:
    for duty in ("handle",) if case.incident.split_task else ("whole", "handle"):
        ends = ends_of(case, duty)
        for name in _judge(duty, ends, period):
            yield name, ""
        if duty == "handle":
            for who in {end.who for end in ends}:
                for name in _judge(duty, [end for end in ends if end.who == who], period):
                    yield name, who


def _worker(event: CaseEvent) -> str:
    return f"p{event.post_id}" if event.post is not None and event.post.role == "grid_worker" else ""


def _reworked(event: CaseEvent) -> set[str]:
    begun = Deadline.objects.filter(case=event.case, duty="handle", started_at=event.at)
    return {office(one.holder_department_id, one.holder_division_id) for one in begun}


def _entries(case: Case, period: Period) -> Iterator[tuple[str, str]]:
    entries = list(CaseEvent.objects.filter(case=case).select_related("post"))
    valid = any(event.verb in ("incident.filed", "incident.settled") for event in entries)
    for event in entries:
        if not period.has(clock.local_day(event.at)):
            continue
        match event.verb:
            case "incident.reported":
                yield "reported", ""
                if worker := _worker(event):
                    yield "reported", worker
                    names = ["collected", "valid"] if valid else ["collected"]
                    yield from ((name, who) for name in names for who in ("", worker))
            case "incident.settled" if _worker(event):
                yield from (("settled", who) for who in ("", _worker(event)))
            case "incident.returned":
                assert event.post is not None
                yield from (
                    ("returned", who)
                    for who in ("", office(event.post.department_id, event.post.division_id))
                )
            case "incident.reworked":
                yield from (("reworked", who) for who in {"", *_reworked(event)})
            case "incident.reopened":
                yield "reopened", ""


def _whistle(case: Case, period: Period) -> Iterator[tuple[str, str]]:
    sounded = case.whistle.sounded_at
    if sounded is None or not period.has(clock.local_day(sounded)):
        return
    yield "whistle.sounded", ""
    owed = Deadline.objects.filter(case=case, duty__in=["task", "close"], met_at=None, cancelled_at=None)
    if case.state == "closed":
        yield "whistle.closed", ""
    if case.state == "closed" or (case.state != "stood_down" and owed.exclude(missed_at=None).exists()):
        yield "whistle.due", ""
    for row in Summons.objects.filter(case=case).exclude(summoned_at=None):
        for who in ("", f"d{row.department_id}"):
            yield "summons.called", who
            if row.outcome:
                yield f"summons.{row.outcome}", who
            for task in Task.objects.filter(summons=row).exclude(state="dropped"):
                late = Deadline.objects.filter(case=case, duty="task", item=task.pk).exclude(missed_at=None)
                if task.state == "done" or late.exists():
                    yield "task.due", who
                if task.state == "done" and not late.exists():
                    yield "task.on_time", who
            for _entry in NegativeEntry.objects.filter(summons=row, state__in=STANDING):
                yield "negative.standing", who


def _dispute(case: Case, period: Period) -> Iterator[tuple[str, str]]:
    accepted = [d.accepted_at for d in Docket.objects.filter(case=case) if d.accepted_at]
    received = clock.local_day(min(accepted)) if accepted else None
    standing = Agreement.objects.filter(attempt__docket__case=case, state="effective").first()
    ending = case.mediation.ending
    if received and period.has(received):
        yield "mediation.received", ""
    if standing is not None:
        assert standing.effective_on is not None  # a CHECK
        if period.has(standing.effective_on):
            yield "mediation.succeeded", ""
            if ending == "performed":
                yield "mediation.performed", ""
            court = getattr(standing, "confirmation", None)
            if court is not None and court.state == "confirmed":
                yield "mediation.confirmed", ""
        return
    ended = clock.local_day(case.closed_at) if case.closed_at and received else None
    if ended and ending in ("refused", "failed") and period.has(ended):
        yield f"mediation.{ending}", ""


def counted(period: Period, cases: Iterable[Case] | None = None) -> Counted:
    """All numbers of a period: what counts and whose it is ("" the matters themselves)."""
    found: Counted = Counter()
    for case in Case.objects.unscoped() if cases is None else cases:
        match case.kind:
            case "incident":
                # a case counts once under a measure; a set says so
                found.update({*_duties(case, period), *_entries(case, period)})
            case "whistle":
                found.update(_whistle(case, period))
            case "mediation":
                found.update(_dispute(case, period))
    return found
