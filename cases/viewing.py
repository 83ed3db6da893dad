"""Looking leaves a trace where the domain asks for it: sensitive cases seen, case files printed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import Post
from cases import events
from cases.loaders import lock_cases
from cases.models import Case, CaseEvent
from grids import clock

# A page looked at again and again within this time is one look.
ONE_LOOK = timedelta(hours=1)


def seen(case: Case, *, by: Post) -> None:
    """Record that somebody opened a sensitive case (domain rules, section 10); others leave no trace."""
    if case.sensitive:
        _leave_trace(case, "case.viewed", by)


def printed(case: Case, *, by: Post, what: str = "") -> None:
    """Record that somebody opened the case file for printing, or printed another paper of it (`what`: slip)."""
    _leave_trace(case, "case.printed", by, {"what": what} if what else {})


def _leave_trace(case: Case, verb: str, by: Post, data: dict[str, Any] | None = None) -> None:
    with transaction.atomic():
        locked = lock_cases([case.pk])[case.pk]
        now = clock.now()
        looks = CaseEvent.objects.filter(case=locked, verb=verb, actor=by.user, at__gt=now - ONE_LOOK)
        if looks.filter(data=data or {}).exists():
            return
        events.append(locked, verb, by=by, at=now, cause=uuid.uuid4(), data=data)
    case.refresh_from_db(fields=["last_seq", "last_hash", "updated_at"])
