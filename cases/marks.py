"""The marks of a duty: at which instants it rings besides its end, whom each tells, and what its end brings about.

A kind of case says so once for each of its duties with `on_ring`; a duty that nobody speaks of has the usual
reminder (GEZHI_REMIND_SHARE of its time) and the breach.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from accounts.models import User
from cases.models import Case, Deadline, DeadlineMark, MarkKind
from grids import calendars, workcalendar
from grids.calendars import Unit

LONGEST_NAME: Final = 16  # DeadlineMark.kind

Told = Callable[[Case, Deadline], set[User]]
Then = Callable[[Case, Deadline, datetime], object]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class MarkRule:
    """One instant of a duty besides its end. Exactly one of `share`, `before` and `after` is given.

    `share`: when that much of the time is used (0 to 1); never at night unless the duty is on clock time.
    `before`: so long before the end, but not before the start. `after`: so long after the end, a further level of the
    breach; it rings only while the duty is missed and still open. `told`: who is told, instead of the duty's `told`.
    """

    name: str
    share: Decimal | float | None = None
    before: timedelta | None = None
    after: timedelta | None = None
    told: Told | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.share, self.before, self.after)) != 1:
            raise ValueError(f"mark {self.name}: exactly one of share, before and after")
        if not 0 < len(self.name) <= LONGEST_NAME or self.name == MarkKind.MISS:
            raise ValueError(f"{self.name!r} is no name of a mark")


@dataclass(frozen=True, slots=True)
class RingEffect:
    """How a duty rings, and what follows when its time is over, besides the breach itself.

    `breach` False means the instant is an appointment (a suspension's end), not a duty somebody failed.
    `then(case, deadline, now)` runs in the same transaction, the case locked: when an appointment rings, and with
    every breach, whether it rings or takes effect because somebody does, cancels or pauses a duty too late. Then the
    move of that person is under way: it may start and end duties and write entries, but not move the case itself.
    `marks` None is the usual reminder (an appointment has none). `told` None tells the office of a reminder, and of
    a breach the office, the centre in charge and the level above.
    """

    breach: bool = True
    then: Then | None = None
    marks: tuple[MarkRule, ...] | None = None
    told: Told | None = None

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.marks or ()]
        if len(names) != len(set(names)):
            raise ValueError(f"marks of one name: {names}")

    @property
    def rules(self) -> tuple[MarkRule, ...]:
        """The marks besides the end."""
        if self.marks is not None:
            return self.marks
        usual = MarkRule(MarkKind.REMIND, share=settings.GEZHI_REMIND_SHARE)
        return (usual,) if self.breach else ()

    def rule(self, name: str) -> MarkRule | None:
        """The rule of a mark; None for a name that the table no longer has."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def may_act(self, name: str) -> bool:
        """Whether a mark of this name can set off `then`."""
        if self.then is None:
            return False
        rule = self.rule(name)
        return name == MarkKind.MISS or (rule is not None and rule.after is not None)


EFFECTS: dict[tuple[str, str], RingEffect] = {}
USUAL: Final = RingEffect()


def on_ring(kind: str, duty: str, effect: RingEffect) -> None:
    """Registered by a kind's app at start: when a duty rings, and what its end brings about."""
    EFFECTS[kind, duty] = effect


def effect_of(case: Case, deadline: Deadline) -> RingEffect:
    """How this duty of this case rings."""
    return EFFECTS.get((case.kind, deadline.duty), USUAL)


def instants(deadline: Deadline, effect: RingEffect, pauses: Sequence[Span]) -> dict[str, datetime]:
    """When a deadline rings, by name of mark. Raises YearNotCovered as the calendar does."""
    found = {rule.name: _instant(rule, deadline, pauses) for rule in effect.rules}
    return found | {MarkKind.MISS: deadline.due_at}


def _instant(rule: MarkRule, deadline: Deadline, pauses: Sequence[Span]) -> datetime:
    if rule.after is not None:
        return deadline.due_at + rule.after
    if rule.before is not None:
        return max(deadline.started_at, deadline.due_at - rule.before)
    assert rule.share is not None  # MarkRule has exactly one of the three
    calendar = workcalendar.load()
    at = calendars.share_point(deadline.started_at, deadline.allowance, pauses, calendar, float(rule.share))
    if deadline.unit != Unit.CLOCK_MINUTES:
        at = calendar.next_open(at)
    return min(at, deadline.due_at)


def change_waiting(deadline: Deadline, names: Collection[str] | None = None, **values: Any) -> None:
    """Change the marks of a deadline that have not been taken: those named, or all."""
    waiting = DeadlineMark.objects.filter(deadline=deadline, taken_at__isnull=True)
    if names is not None:
        waiting = waiting.filter(kind__in=names)
    waiting.update(**values)
