"""Matters that may be the same: shown while somebody writes one down, so that it is not entered twice."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from accounts.models import User
from cases.models import Case
from cases.search import bigrams
from grids import clock
from grids.models import Division
from incidents.models import Category

DAYS = 30
MOST = 5
LOOKED_AT = 300
# So many pairs of neighbouring characters in common make two texts alike: one common word is two pairs at most.
ALIKE = 3


def likely(user: User, *, place: Division | None, category: str, words: str) -> list[Case]:
    """At most five visible matters of the same village that share the large category or words, the likest first.

    Open ones, and those closed within thirty days. Never a search by person: only the matter's words count.
    """
    village = place.parent if place is not None and place.level == "grid" else place
    if place is None or village is None:
        return []
    group = Category.objects.filter(code=category).values_list("parent_id", flat=True).first()
    wanted = {pair for pair in bigrams(words) if len(pair) == 2}
    weighed = []
    for case in _near(user, village):
        shared = len(wanted & set(case.search))
        same = group is not None and case.incident.category.parent_id == group
        if same or shared >= ALIKE:
            weighed.append((3 * same + shared + 2 * (case.place_id == place.pk), case))
    weighed.sort(key=lambda row: (-row[0], -row[1].pk))
    return [case for _weight, case in weighed[:MOST]]


def _near(user: User, village: Division) -> list[Case]:
    open_or_new = Q(closed_at__isnull=True) | Q(closed_at__gte=clock.now() - timedelta(days=DAYS))
    near = Case.objects.visible_to(user).within(village).filter(open_or_new, kind="incident")
    found = near.select_related("incident__category", "place__parent__parent__parent").order_by("-opened_at")
    return list(found[:LOOKED_AT])
