"""The step bar of a dispute: who did each step and when, and the side ways it took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from cases import verbs
from cases.models import Case, CaseEvent
from cases.steps import Branch, Step, who_of
from mediation.workflow import STEPS, WITHOUT

# Which entry completes each step; the last such entry counts.
COMPLETED_BY: Final = (
    "mediation.registered", "mediation.accepted", "attempt.begun", "agreement.drafted", "agreement.effective",
    "mediation.closed",
)  # fmt: skip
# The step that is under way in a state; one past the last when all are done.
UNDER_WAY: Final = {
    "registered": 1, "passing": 1, "accepted": 2, "mediating": 2, "agreed": 4, "performing": 5, "closed": 6,
}  # fmt: skip
NOTES: Final = {
    "registered": _("待受理"),
    "passing": _("待上级受理"),
    "accepted": _("待调解"),
    "mediating": _("调解中"),
    "agreed": _("待签字生效"),
    "performing": _("待履行、回访"),
    "refused": _("当事人拒绝"),
    "failed": _("调解不成"),
    "withdrawn": _("已撤回"),
    "referred": _("已转有关机关"),
    "not_accepted": _("不予受理"),
}
BRANCHES: Final = {
    "mediation.passed_up": "other",
    "mediation.handed_back": "return",
    "attempt.failed": "rework",
    "agreement.void": "rework",
}


def steps_of(case: Case, events: Iterable[CaseEvent], holder: str) -> list[Step]:
    """The steps from the record, given in its order. `holder` is who has to move now."""
    entries = list(events)
    last = {entry.verb: entry for entry in entries}
    ended = case.state in WITHOUT
    now = UNDER_WAY.get(_standing(case, entries), 0)
    steps = []
    for index, (label, _states) in enumerate(STEPS):
        entry = last.get(COMPLETED_BY[index])
        if index < now:
            steps.append(Step(label, "done", who_of(entry), entry.at) if entry else Step(label, "done"))
        else:
            steps.append(
                Step(label, "now" if index == now else "todo", holder if index == now and not ended else "")
            )
    if case.state in NOTES:
        steps[min(now, len(steps) - 1)].note = NOTES[case.state]
    for entry in entries:
        if entry.verb in BRANCHES:
            at = min(UNDER_WAY.get(entry.from_state, 0), len(steps) - 1)
            steps[at].branches.append(
                Branch(verbs.get(entry.verb).text, entry.at, who_of(entry), BRANCHES[entry.verb])
            )
    return steps


def _standing(case: Case, entries: list[CaseEvent]) -> str:
    """The state, or the one in which it ended without an agreement."""
    if case.state not in WITHOUT:
        return case.state
    ends = (
        entry.from_state for entry in reversed(entries) if entry.to_state == case.state != entry.from_state
    )
    return next(ends, "registered")
