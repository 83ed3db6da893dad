"""The step bar: where an incident stands in the six steps, who did each and when, and the side ways it took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import verbs
from cases.models import Case, CaseEvent
from cases.steps import Branch, Step, who_of
from incidents.workflow import STEPS

# Which entry completes each step; the last such entry counts.
COMPLETED_BY: Final = (
    ("incident.reported", "incident.split_off"),
    ("incident.filed", "incident.rejected"),
    ("incident.assigned", "incident.reassigned", "incident.split"),
    ("incident.accepted",),
    ("incident.fed_back", "incident.settled", "incident.children_done"),
    ("incident.archived",),
)
# The step that is under way in a state; one past the last when all are done.
UNDER_WAY: Final = {
    "reported": 1,
    "filed": 2,
    "assigned": 3,
    "split": 3,
    "investigating": 3,
    "fed_back": 5,
    "verified": 5,
    "archived": 6,
}
NOTES: Final = {
    "rejected": gettext_lazy("不予立案"),
    "merged": gettext_lazy("已并入另一个事项"),
    "suspended": gettext_lazy("已挂起，时限停止计算"),
    "split": gettext_lazy("已拆分，等各项任务办结"),
    "fed_back": gettext_lazy("待核查"),
    "verified": gettext_lazy("已核查，待归档"),
    "assigned": gettext_lazy("待签收"),
}
# Side ways: the step they leave from, and how they are drawn.
BRANCHES: Final = {
    "incident.passed_up": (1, "other"),
    "incident.passed_down": (1, "other"),
    "incident.returned": (3, "return"),
    "incident.suspended": (3, "pause"),
    "incident.extension_granted": (3, "other"),
    "incident.reworked": (5, "rework"),
    "incident.refiled": (5, "rework"),
    "incident.verified": (5, "other"),
    "incident.reopened": (5, "rework"),
}
MOST_BRANCHES: Final = 5


def steps_of(case: Case, events: Iterable[CaseEvent], holder: str) -> list[Step]:
    """The six steps from the record, given in its order. `holder` is who has the case now."""
    entries = list(events)
    now, ended = _position(case, entries)
    last: dict[int, CaseEvent] = {}
    for entry in entries:
        for index, codes in enumerate(COMPLETED_BY):
            if entry.verb in codes:
                last[index] = entry
    steps = [_step(index, now, last.get(index), holder, ended) for index in range(len(STEPS))]
    _mark_state(case, steps, now)
    _add_branches(steps, entries)
    return steps


def _position(case: Case, entries: list[CaseEvent]) -> tuple[int, bool]:
    """The index of the step under way, and whether the case ended there instead of at the last step."""
    state = case.resume_state if case.state == "suspended" else case.state
    if state in UNDER_WAY:
        return UNDER_WAY[state], False
    before = next(
        (e.from_state for e in reversed(entries) if e.to_state == state and e.from_state != state), ""
    )
    return UNDER_WAY.get(before, 1), True


def _step(index: int, now: int, entry: CaseEvent | None, holder: str, ended: bool) -> Step:
    label = STEPS[index][0]
    if index < now or (ended and index == now and entry is not None):
        if entry is None:
            return Step(label, "done", note=_("未经这一步"))
        return Step(label, "done", who_of(entry), entry.at)
    if index > now:
        return Step(label, "todo")
    if ended:
        return Step(label, "now")
    # An accepted matter is in the middle of its step: who accepted it, and when.
    return Step(label, "now", holder, entry.at if entry is not None and index == 3 else None)


def _mark_state(case: Case, steps: list[Step], now: int) -> None:
    note = NOTES.get(case.state)
    if note is not None:
        steps[min(now, len(steps) - 1)].note = note
    if case.state == "assigned":
        steps[now].at = None


def _add_branches(steps: list[Step], entries: list[CaseEvent]) -> None:
    for entry in entries:
        if entry.verb in BRANCHES:
            index, kind = BRANCHES[entry.verb]
            label = verbs.get(entry.verb).text
            steps[index].branches.append(Branch(label, entry.at, who_of(entry), kind))
    for step in steps:
        step.branches = step.branches[-MOST_BRANCHES:]
