"""Matters that may be the same: shown while somebody writes one down, so that it is not entered twice."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from cases.models import Case
from cases.search import bigrams
from grids import clock
from grids.models import Division

DAYS = 30
MOST = 5
LOOKED_AT = 200


def likely(user: User, *, place: Division | None, category: str, words: str) -> list[Case]:
    """At most five visible matters of the same village that share the large category or words, the likest first.

    Open ones, and those closed within thirty days. Never a search by person: only the matter's words count.
    """
    village = place.parent if place is not None and place.level == "grid" else place
    if village is None:
        return []
    since = clock.now() - timedelta(days=DAYS)
    near = Case.objects.visible_to(user).within(village).filter(kind="incident", updated_at__gte=since)
    wanted = {pair for pair in bigrams(words) if len(pair) == 2}
    found = []
    for case in near.select_related("incident__category", "place__parent").order_by("-opened_at")[:LOOKED_AT]:
        shared = len(wanted & set(case.search))
        same = bool(category) and case.incident.category.code[:2] == category[:2]
        if same or shared >= 3:
            found.append((3 * same + shared + 2 * (case.place_id == (place.pk if place else None)), case))
    found.sort(key=lambda row: (-row[0], -row[1].pk))
    return [case for _weight, case in found[:MOST]]
