"""What an instant of a duty brings: a reminder, the breach, a further level of it. Each once, each with an entry.

Whoever calls holds the case's lock. Ringing calls it for marks whose time has come; `cases.deadlines` for a breach
that somebody's own move overtakes.
"""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import F

from accounts.models import User
from cases import events, marks, notices
from cases.marks import MarkRule, RingEffect, Told
from cases.models import Case, CaseEvent, Deadline, MarkKind, MarkOutcome
from cases.offices import Office

MINUTE = timedelta(minutes=1)


class Writing(Protocol):
    """How what happens gets into the tables."""

    def entry(
        self, case: Case, deadline: Deadline, verb: str, now: datetime, facts: dict[str, Any], told: Told
    ) -> None:
        """An entry, and notices of it to those whom `told` names."""

    def missed(self, deadline: Deadline) -> None:
        """The deadline's `missed_at`."""


class AtOnce:
    """Each thing is written as it happens: for one mark, for a person's move, for whatever has consequences."""

    def entry(
        self, case: Case, deadline: Deadline, verb: str, now: datetime, facts: dict[str, Any], told: Told
    ) -> None:
        event = events.append(case, verb, by=None, at=now, cause=uuid.uuid4(), data=facts)
        notices.tell(event, told(case, deadline))

    def missed(self, deadline: Deadline) -> None:
        deadline.save(update_fields=["missed_at"])


@dataclass(slots=True)
class Together:
    """Kept, and written in a few statements by `write`: for many marks of many cases in one transaction."""

    entries: list[tuple[CaseEvent, set[User]]] = field(default_factory=list)
    breached: list[int] = field(default_factory=list)
    audiences: dict[Hashable, set[User]] = field(default_factory=dict)

    def entry(
        self, case: Case, deadline: Deadline, verb: str, now: datetime, facts: dict[str, Any], told: Told
    ) -> None:
        event = events.compose(case, verb, by=None, at=now, cause=uuid.uuid4(), data=facts)
        self.entries.append((event, self._audience(case, deadline, told)))

    def missed(self, deadline: Deadline) -> None:
        self.breached.append(deadline.pk)

    def _audience(self, case: Case, deadline: Deadline, told: Told) -> set[User]:
        """The usual audiences hang on the offices and on the secrecy alone: asked once for each."""
        if told not in (to_holder, to_overdue):
            return told(case, deadline)
        holder = deadline.holder_department_id, deadline.holder_division_id
        key = told, holder, case.office_id, case.sensitive, tuple(case.visible_roles)
        if key not in self.audiences:
            self.audiences[key] = told(case, deadline)
        return self.audiences[key]

    def write(self) -> None:
        """Everything, in the caller's transaction."""
        events.append_all(event for event, _people in self.entries)
        Deadline.objects.filter(pk__in=self.breached).update(missed_at=F("due_at"))
        notices.tell_all(self.entries)


def take_effect(case: Case, deadline: Deadline, name: str, now: datetime, writing: Writing) -> MarkOutcome:
    """Let one mark take effect whose instant has come; says what became of it. The mark itself is the caller's."""
    effect = marks.effect_of(case, deadline)
    rule = effect.rule(name)
    if not deadline.is_open or (rule is None and name != MarkKind.MISS):
        return MarkOutcome.SKIPPED
    if rule is None:
        return _end(case, deadline, effect, now, writing)
    if rule.after is not None:
        return _escalate(case, deadline, effect, rule, now, writing)
    return _remind(case, deadline, effect, rule, now, writing)


def overtake(case: Case, deadline: Deadline, now: datetime, writing: Writing | None = None) -> None:
    """The end may have come and not have rung yet: the breach takes effect now, before anything else happens.

    The end itself is late: a duty of two hours that is done after 1:59:59.999 is met, after 2:00:00.000 missed.
    """
    effect = marks.effect_of(case, deadline)
    running = effect.breach and deadline.missed_at is None and deadline.paused_at is None
    if running and now >= deadline.due_at:
        marks.change_waiting(deadline, [MarkKind.MISS], taken_at=now, outcome=MarkOutcome.DONE)
        _breach(case, deadline, effect, now, writing or AtOnce())


def _breach(case: Case, deadline: Deadline, effect: RingEffect, now: datetime, writing: Writing) -> None:
    """The breach itself, once: missed at its own due instant, an entry, notices to all who must know, what follows."""
    deadline.missed_at = deadline.due_at
    writing.missed(deadline)
    writing.entry(case, deadline, "deadline.missed", now, _facts(deadline), effect.told or to_overdue)
    if effect.then is not None:
        effect.then(case, deadline, now)


def _end(case: Case, deadline: Deadline, effect: RingEffect, now: datetime, writing: Writing) -> MarkOutcome:
    if not effect.breach:
        if effect.then is not None:
            effect.then(case, deadline, now)
    elif deadline.missed_at is None:
        _breach(case, deadline, effect, now, writing)
    return MarkOutcome.DONE


def _remind(
    case: Case, deadline: Deadline, effect: RingEffect, rule: MarkRule, now: datetime, writing: Writing
) -> MarkOutcome:
    """A reminder, unless it no longer makes sense (the end itself has come while the program was down)."""
    if now >= deadline.due_at or deadline.missed_at is not None:
        return MarkOutcome.SKIPPED
    facts = _facts(deadline) | {"mark": rule.name, "left": (deadline.due_at - now) // MINUTE}
    writing.entry(case, deadline, "deadline.reminded", now, facts, rule.told or effect.told or to_holder)
    return MarkOutcome.DONE


def _escalate(
    case: Case, deadline: Deadline, effect: RingEffect, rule: MarkRule, now: datetime, writing: Writing
) -> MarkOutcome:
    """A further level. The breach comes first, should it still be waiting (its effect failed, say)."""
    overtake(case, deadline, now, writing)
    if deadline.missed_at is None or not deadline.is_open:
        return MarkOutcome.SKIPPED
    facts = _facts(deadline) | {"level": rule.name}
    writing.entry(case, deadline, "deadline.escalated", now, facts, rule.told or effect.told or to_overdue)
    return MarkOutcome.DONE


def to_holder(case: Case, deadline: Deadline) -> set[User]:
    """Of a reminder: the office that owes the duty."""
    return notices.office_audience(Office.of(deadline.holder), case)


def to_overdue(case: Case, deadline: Deadline) -> set[User]:
    """Of a breach: that office, the centre in charge and the level above."""
    return notices.overdue_audience(case, Office.of(deadline.holder))


def _facts(deadline: Deadline) -> dict[str, Any]:
    """What every entry of a duty says; the sub-row only where there is one."""
    item = {"item": deadline.item} if deadline.item else {}
    return {
        "duty": deadline.duty,
        "holder": str(deadline.holder),
        "due": deadline.due_at.isoformat(),
        **item,
    }
