"""Papers brought to a case outside any step: a letter that came later, another photo."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Post
from cases import attachments, events, notices, policies
from cases.attachments import Prepared
from cases.errors import CaseError, NotAllowed, WrongState
from cases.loaders import lock_cases
from cases.models import Case, CaseEvent, PartKind, Stage
from cases.offices import Office
from cases.querysets import DISPUTES
from grids import clock

# Who has something to bring: those who work on the matter, and who reported it.
PARTIES: Final = (
    policies.OFFICE,
    policies.HANDLER,
    policies.CO_HANDLER,
    policies.GRID,
    policies.REPORTER,
)


def refusal(case: Case, by: Post) -> CaseError | None:
    """Why this post may not add papers to this case now; None when it may.

    What is added here is told to all who see the case; the papers of a dispute come into its file by a move of its own.
    """
    if case.kind == DISPUTES:
        return NotAllowed(_("纠纷的材料请用“增加材料”登记。"))
    if not policies.stances(case, by).intersection(PARTIES):
        return NotAllowed(policies.who_may((), PARTIES, case))
    if not case.is_open:
        return WrongState(_("这个事项已经结束，不能再补充附件。"), state=case.state, code="closed")
    return None


def add(case: Case, *, by: Post, papers: Mapping[Stage, Sequence[Prepared]], note: str = "") -> CaseEvent:
    """Keep checked papers with an entry of their own; tells the centre in charge and the handler.

    The entry holds each file's SHA-256, so that a swapped file shows. Raises what `refusal` gives. `case` is refreshed.
    """
    with transaction.atomic():
        locked = lock_cases([case.pk])[case.pk]
        error = refusal(locked, by)
        if error is not None:
            raise error
        now = clock.now()
        event = events.append(
            locked,
            "attachment.added",
            by=by,
            at=now,
            cause=uuid.uuid4(),
            text=note.strip(),
            data=attachments.digests(papers),
        )
        attachments.store_all(papers, event=event, by=by, at=now)
        told = notices.office_audience(Office.of(locked.office), locked)
        notices.tell(event, told | notices.part_audience(locked, [PartKind.HANDLER]))
    case.refresh_from_db()
    return event
