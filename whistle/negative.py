"""The negative list: how entries come about, follow the record and fall away. Decisions are moves of their table."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from accounts.models import Post
from cases import deadlines, events, notices, workflow
from cases.deadlines import Owed
from cases.models import Case, Deadline
from cases.offices import Office
from whistle import audiences
from whistle.models import Ground, NegativeEntry, Summons
from whistle.routing import committee_seat, level_of
from whistle.tables import times
from whistle.workflow import LIVE_ENTRIES

ATTENDANCE = (Ground.ABSENT, Ground.LATE)


def live(summons: Summons, *grounds: str) -> NegativeEntry | None:
    """The entry of these grounds that stands or is being decided; None when there is none."""
    rows = NegativeEntry.objects.select_for_update(of=("self",)).filter(summons=summons, ground__in=grounds)
    return rows.exclude(state__in=["withdrawn", "dismissed"]).first()


def open_entry(case: Case, summons: Summons, ground: str, *, by: Post | None, at: datetime) -> NegativeEntry:
    """Write a proposed entry and start the committee's time for deciding on it."""
    entry = NegativeEntry.objects.create(summons=summons, ground=ground, proposed_by=by, proposed_at=at)
    allowance = times()[level_of(case.office), "decide"]
    holder = Office.of(committee_seat(case))
    deadlines.start_all(case, [Owed("decide", allowance, holder, item=entry.pk)], at=at)
    return entry


def mention(entry: NegativeEntry) -> dict[str, Any]:
    """How the record names an entry."""
    return {
        "negative_entry": entry.pk,
        "department": entry.summons.department.name,
        "ground": entry.ground,
    }


def propose(case: Case, summons: Summons, ground: Ground, *, at: datetime, cause: uuid.UUID) -> None:
    """The system proposes an entry from the record, unless one of the same kind stands already."""
    same = ATTENDANCE if ground in ATTENDANCE else (ground,)
    if NegativeEntry.objects.filter(summons=summons, ground__in=same).exclude(state="withdrawn").exists():
        return  # decided once: what was dismissed is not proposed again by the program
    entry = open_entry(case, summons, ground, by=None, at=at)
    event = events.append(case, "negative.proposed", by=None, at=at, cause=cause, data=mention(entry))
    notices.tell(event, audiences.department(summons) | audiences.committee(case) | audiences.office(case))


def amend(case: Case, summons: Summons, ground: Ground, *, at: datetime, cause: uuid.UUID) -> None:
    """Absent became late, or the other way round, as the record goes on; both entries of the record stay."""
    entry = live(summons, *ATTENDANCE)
    if entry is None:
        propose(case, summons, ground, at=at, cause=cause)
    elif entry.ground != ground and entry.state in LIVE_ENTRIES:
        entry.ground = ground
        entry.save(update_fields=["ground"])
        workflow.follow(case, "amend", subject=entry, at=at, cause=cause)


def withdraw(case: Case, summons: Summons, *, at: datetime, cause: uuid.UUID) -> None:
    """It turned out that the department was there in time: its entry falls away, and all of its record stays."""
    entry = live(summons, *ATTENDANCE)
    if entry is not None and entry.state in LIVE_ENTRIES:
        workflow.follow(case, "withdraw", subject=entry, at=at, cause=cause)


def take_back(case: Case, summons: Summons, *, at: datetime, cause: uuid.UUID) -> None:
    """The rating was corrected before the committee decided: what the program proposed from it falls away."""
    entry = live(summons, Ground.NO_EFFORT)
    if entry is not None and entry.state == "proposed" and entry.proposed_by is None:
        workflow.follow(case, "withdraw", subject=entry, at=at, cause=cause)


def unappealed(case: Case, deadline: Deadline, now: datetime) -> None:
    """The time to appeal is over and nobody did: it falls away, which is nobody's failure, and the record says so."""
    deadlines.cancel(case, ["appeal"], at=now, item=deadline.item)
    entry = NegativeEntry.objects.select_related("summons__department").get(pk=deadline.item)
    events.append(case, "negative.unappealed", by=None, at=now, cause=uuid.uuid4(), data=mention(entry))
