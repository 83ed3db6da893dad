"""Anonymising closed cases after their term: what may name a person goes, the matter and its record stay.

The one permitted change of what the record says (domain rules, section 10): it erases values, words, files and free
text, and leaves an entry of its own. What is counted - category, place as a grid, offices, instants - is kept.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from cases import attachments, events, workflow
from cases.loaders import lock_cases
from cases.models import Case, EventText, PersonalValue
from cases.search import bigrams
from grids import clock


def past_term(now: datetime) -> QuerySet[Case]:
    """Closed cases kept for their term (settings.GEZHI_RETENTION_DAYS, in days) and not anonymised yet.

    A case whose file is kept for a term of its own stays until that is over as well.
    """
    limit = now - timedelta(days=settings.GEZHI_RETENTION_DAYS)
    kept = Q(keep_until__gte=clock.local_day(now))
    return Case.objects.unscoped().filter(~kept, closed_at__lt=limit, anonymised_at__isnull=True)


def anonymise(case: Case, *, actor: User | None = None) -> None:
    """Erase what may name a person in a closed case; the chain of hashes stays whole.

    A case that was opened again, or anonymised, meanwhile is left alone.
    """
    with transaction.atomic():
        locked = lock_cases([case.pk])[case.pk]
        if locked.is_open or locked.anonymised_at is not None:
            return
        forget = workflow.of(locked.kind).forget
        assert forget is not None  # every kind of case has one
        now = clock.now()
        values = PersonalValue.objects.filter(case=locked, erased_at__isnull=True)
        values.update(token="", salt="", erased_at=now)
        words = EventText.objects.filter(event__case=locked, erased_at__isnull=True)
        words.update(text="", salt="", erased_at=now)
        attachments.erase(locked)
        locked.title = forget(locked)
        locked.search = bigrams(locked.title)
        locked.anonymised_at = now
        changed = ["title", "search", "anonymised_at"]
        events.append(
            locked, events.ANONYMISED, by=None, actor=actor, at=now, cause=uuid.uuid4(), changed=changed
        )
