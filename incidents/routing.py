"""Where a matter goes: which centre files it, and which office its category names in that place."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.divisions import RANK, above, line
from cases.errors import Incomplete
from cases.models import Case
from grids import clock
from grids.models import Department, Division
from incidents.category_rules import FILING_ROLES
from incidents.models import CategoryVersion


def filing_office(place: Division, version: CategoryVersion) -> Division:
    """The centre that files a matter of this category found at this place.

    The category names a level; a place that lies above that level is filed by its own centre. "city" means the
    county where there is one, else the city. Raises Incomplete when nothing above the place fits.
    """
    wanted = RANK["county" if version.filing_level == "city" else version.filing_level]
    for division in line(place):
        if RANK[division.level] >= wanted:
            return division
    raise Incomplete(
        _("这个地点没有负责立案的综治中心，请选到村（社区）或网格。"),
        errors={"place": [_("这个地点没有负责立案的综治中心，请选到村（社区）或网格。")]},
    )


def may_see(level: str, case: Case) -> bool:
    """Whether the centre of a level sees a case: of a sensitive one, when its role is named."""
    return not case.sensitive or FILING_ROLES["city" if level == "county" else level] in case.visible_roles


def centres_below(case: Case) -> list[Division]:
    """The divisions above the place, below the centre in charge, whose centres may see the case."""
    rank = RANK[case.office.level]
    below = [d for d in line(case.place) if RANK[d.level] < rank and d.level != "grid"]
    return [d for d in below if may_see(d.level, case)]


def default_department(place: Division, version: CategoryVersion) -> Department | None:
    """The office that the category names for this place: the station of the township, or the city's department."""
    if version.department_kind is None:
        return None
    levels = ("township", "county", "city") if version.department_level == "township" else ("county", "city")
    found = Department.objects.valid_on(clock.today()).filter(
        kind=version.department_kind, division__in=[d for d in line(place) if d.level in levels]
    )
    return min(found.select_related("division"), key=lambda d: RANK[d.division.level], default=None)


def closing_office(office: Division, handled: set[Division]) -> Division:
    """The lowest centre from the one in charge upward that has not handled the matter; the top one at last.

    `handled` are divisions as they stand today (successors).
    """
    current = office
    while current.heir in handled:
        upper = above(current)
        if upper is None:
            return current
        current = upper
    return current
