"""What the ends of a dispute's times bring about, beside the breach: the day of a promise, the last day for the court."""

from __future__ import annotations

import uuid
from datetime import datetime

from cases import deadlines, events, notices
from cases.deadlines import Owed
from cases.models import Case, Deadline
from mediation import audiences
from mediation.effects.common import allowance_of, holder_of
from mediation.models import Promise


def promise_due(case: Case, deadline: Deadline, now: datetime) -> None:
    """The day of a promise is over and nobody said what became of it: from now on the committee owes an answer."""
    promise = Promise.objects.get(pk=deadline.item)
    _note(case, deadline, now, "promise.due", {"promise": promise.pk})
    owed = Owed("follow_up", allowance_of(case, "follow_up"), holder_of(case, "follow_up"), promise.pk)
    deadlines.start_all(case, [owed], at=now)


def confirmation_lapsed(case: Case, deadline: Deadline, now: datetime) -> None:
    """The 30 days in which the court may be asked are over (人民调解法, article 33)."""
    _note(case, deadline, now, "confirmation.lapsed", {})


def session_over(case: Case, deadline: Deadline, now: datetime) -> None:
    """The hour of a session has come: an appointment; that it still has no record shows on the desk."""
    deadlines.cancel(case, ["session"], at=now, item=deadline.item)


def _note(case: Case, deadline: Deadline, now: datetime, verb: str, data: dict[str, int]) -> None:
    deadline.cancelled_at = now
    deadline.save(update_fields=["cancelled_at"])
    event = events.append(case, verb, by=None, at=now, cause=uuid.uuid4(), data=data)
    notices.tell(event, audiences.mediators(case))
