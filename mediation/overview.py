"""Where disputes stand now, by tier and committee: for those who watch over the work. Counts of matters, never of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, QuerySet

from accounts.models import User
from accounts.roles import CENTRE_ROLES, Role
from grids import clock
from mediation import choices as c
from mediation.figures import annotated
from mediation.models import Committee
from mediation.workflow import OPEN, STATES

WATCHERS: Final = frozenset({*CENTRE_ROLES, Role.TOWNSHIP_SECRETARY, Role.COMMITTEE})


@dataclass(slots=True)
class Standing:
    """What a tier or a committee has open now. `states`: in the order of the work; `where`: how the list names it."""

    label: str
    where: str
    states: list[tuple[str, Any, int]] = field(default_factory=list)
    overdue: int = 0
    meeting: int = 0

    @property
    def open(self) -> int:
        return sum(number for _state, _label, number in self.states)


def _counted(rows: QuerySet[Any], key: str) -> dict[Any, int]:
    return {found[key]: found["n"] for found in rows.order_by().values(key).annotate(n=Count("pk"))}


def _standing(label: str, where: str, rows: Any) -> Standing:
    now = clock.now()
    states = _counted(rows.filter(case__closed_at=None), "case__state")
    return Standing(
        label, where, [(state, STATES[state], states.get(state, 0)) for state in OPEN],
        overdue=rows.overdue(now).count(), meeting=rows.meeting_soon(now).count(),
    )  # fmt: skip


def tiers(user: User) -> list[Standing]:
    """Each tier with what it has, the lowest first."""
    rows: Any = annotated(user)
    return [_standing(str(tier.label), f"at={tier.value}", rows.at_tier(tier)) for tier in c.Tier]


def committees(user: User) -> list[Standing]:
    """Each committee that has something open, by place."""
    rows: Any = annotated(user)
    offices = rows.filter(case__closed_at=None).values("case__office")
    found = (
        Committee.objects.filter(division__in=offices).select_related("division").order_by("division__prefix")
    )
    return [
        _standing(one.name, f"committee={one.pk}", rows.filter(case__office=one.division_id)) for one in found
    ]


@dataclass(frozen=True, slots=True)
class ColourCount:
    """How many open disputes have a colour, and of how many the look is overdue."""

    code: str
    label: Any
    number: int
    look_due: int


def colours(user: User) -> list[ColourCount]:
    """The five colours of open disputes; a dispute without one is not among them."""
    rows: Any = annotated(user).filter(case__closed_at=None)
    all_of, late = _counted(rows, "colour"), _counted(rows.look_due(clock.now()), "colour")
    return [
        ColourCount(colour.value, colour.label, all_of.get(colour.value, 0), late.get(colour.value, 0))
        for colour in c.Colour
        if colour.value
    ]
