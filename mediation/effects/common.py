"""What the moves of a dispute have in common: times and who owes them, rows that move, scans that become papers."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from cases import deadlines, workflow
from cases.deadlines import Owed
from cases.models import Case
from cases.offices import Office
from cases.tables import SAME, Move
from grids.calendars import Allowance, Unit
from grids.clock import SHANGHAI
from mediation import routing
from mediation.models import (
    Attempt,
    Material,
)
from mediation.tables import times


def allowance_of(thing: Any, duty: str) -> Allowance:
    """The time for a duty, by the tier that owes it."""
    case = thing if isinstance(thing, Case) else thing.case
    return times()[routing.docket_of(case).tier, duty]


def holder_of(thing: Any, duty: str) -> Office:
    """Who owes a duty: the committee's division; a subsidy is decided by the county's centre."""
    case = thing if isinstance(thing, Case) else thing.case
    if duty == "subsidy":
        return Office.of(routing.root_of(case.office))
    return Office.of(case.office)


def until(day: Any, at: datetime) -> Allowance:
    """The time from an instant to the end of a day, in minutes."""
    end = datetime.combine(day, time(23, 59, 59), tzinfo=SHANGHAI)
    return Allowance(max(1, int((end - at).total_seconds() // 60)), Unit.CLOCK_MINUTES)


def start(case: Case, duty: str, allowance: Allowance, at: datetime, item: int = 0) -> None:
    deadlines.start_all(case, [Owed(duty, allowance, holder_of(case, duty), item)], at=at)


def save(move: Move, *fields: str) -> None:
    """Save fields of the row that moves with its new state: the database checks them together."""
    if move.row.target != SAME:
        move.subject.state = move.row.target
    move.subject.save(update_fields=["state", *fields])


def paper(move: Move, kind: str, title: str, on: Any, **more: Any) -> None:
    """Scans that came with a move become a paper of the file; nothing without files."""
    if move.data.get("documents"):
        assert move.by is not None  # people bring papers
        row = Material.objects.create(
            case=move.case, kind=kind, title=title, on=on, by=move.by, seq=move.case.last_seq + 1, **more
        )
        move.record["material"] = row.pk


def end_attempt(move: Move, attempt: Attempt, action: str) -> None:
    locked = Attempt.objects.select_for_update(of=("self",)).select_related("docket__case").get(pk=attempt.pk)
    locked.ended_at = move.at
    locked.save(update_fields=["ended_at"])
    workflow.follow(move.case, action, subject=locked, at=move.at, cause=move.cause)
