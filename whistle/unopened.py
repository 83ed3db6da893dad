"""Ten minutes without anybody of the department looking: the committee's board shows it with telephone numbers."""

from __future__ import annotations

import uuid
from datetime import datetime

from cases import events, notices
from cases.models import Case, Deadline
from whistle import audiences
from whistle.effects import mention
from whistle.models import Summons


def note(case: Case, deadline: Deadline, now: datetime) -> None:
    """The end of the time to look, which rings only while nobody did: an entry, and who sounds and who whistled are told (domain rules, section 5)."""
    summons = Summons.objects.select_for_update(of=("self",)).get(pk=deadline.item)
    summons.unopened_at = now
    summons.save(update_fields=["unopened_at"])
    event = events.append(
        case, "summons.unopened", by=None, at=now, cause=uuid.uuid4(), data=mention(summons)
    )
    notices.tell(event, audiences.sounder(case) | audiences.office(case) | audiences.head(summons.department))
