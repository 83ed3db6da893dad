"""The step bar of a whistle: who did each step and when, and the side ways it took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from cases import verbs
from cases.models import Case, CaseEvent
from cases.steps import Branch, Step, who_of
from whistle.models import Level
from whistle.workflow import STEPS

# Which entry completes each step; the last such entry counts.
COMPLETED_BY: Final = (
    "whistle.submitted",
    "whistle.approved",
    "whistle.filed",
    "whistle.sounded",
    "whistle.consulted",
    "whistle.resolved",
    "whistle.closed",
)
# The step that is under way in a state; one past the last when all are done.
UNDER_WAY: Final = {
    "draft": 0, "returned": 0, "submitted": 1, "approved": 2, "filed": 3, "sounded": 3, "consulting": 4,
    "working": 5, "resolved": 6, "closed": 7,
}  # fmt: skip
NOTES: Final = {
    "returned": _("已退回，待修改"),
    "withdrawn": _("已撤回"),
    "stood_down": _("已撤哨"),
    "sounded": _("等部门到场"),
    "consulting": _("已会商，待认领任务"),
    "filed": _("待启动"),
    "resolved": _("待销号"),
}
BRANCHES: Final = {
    "whistle.returned": "return",
    "whistle.sent_back": "rework",
    "whistle.departments_added": "other",
}
# A village's whistle has neither secretary nor filing (domain rules, section 5).
NOT_IN_VILLAGES: Final = (1, 2)


def steps_of(case: Case, level: str, events: Iterable[CaseEvent], holder: str) -> list[Step]:
    """The steps from the record, given in its order. `holder` is who has to move now."""
    entries = list(events)
    last = {entry.verb: entry for entry in entries}
    ended = case.state in ("withdrawn", "stood_down")
    now = UNDER_WAY.get(_before_end(case, entries), 0)
    steps = []
    for index, (label, _states) in enumerate(STEPS):
        entry = last.get(COMPLETED_BY[index])
        if index < now:
            step = Step(label, "done", who_of(entry), entry.at) if entry else Step(label, "done")
        elif index == now:
            step = Step(label, "now", "" if ended else holder)
        else:
            step = Step(label, "todo")
        steps.append(step)
    if case.state in NOTES:
        steps[min(now, len(steps) - 1)].note = NOTES[case.state]
    _add_branches(steps, entries)
    return [s for i, s in enumerate(steps) if level != Level.VILLAGE or i not in NOT_IN_VILLAGES]


def _before_end(case: Case, entries: list[CaseEvent]) -> str:
    """The state, or the one in which it was withdrawn or stood down."""
    if case.state not in ("withdrawn", "stood_down"):
        return case.state
    return next(
        (entry.from_state for entry in reversed(entries) if entry.to_state == case.state != entry.from_state),
        "draft",
    )


def _add_branches(steps: list[Step], entries: list[CaseEvent]) -> None:
    for entry in entries:
        if entry.verb in BRANCHES:
            at = min(UNDER_WAY.get(entry.from_state, 0), len(steps) - 1)
            branch = Branch(verbs.get(entry.verb).text, entry.at, who_of(entry), BRANCHES[entry.verb])
            steps[at].branches.append(branch)
