"""What an action would bring about, said before it is done; and why other actions are not possible."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from cases import policies, workflow
from cases.errors import CaseError, NotAllowed
from cases.models import Case
from cases.tables import Transition
from cases.words import when
from grids import calendars, clock, workcalendar
from grids.wording import clauses, listed
from incidents.listing import office_name
from incidents.workflow import DUTIES, STATES

TOLD = {
    "reporter": gettext_lazy("上报人"),
    "handler": gettext_lazy("承办单位"),
    "co_handlers": gettext_lazy("协办部门"),
    "copied": gettext_lazy("抄告部门"),
    "grid": gettext_lazy("网格员"),
    "above": gettext_lazy("上一级综治中心"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that is absent, and why."""

    label: str | Promise
    reason: str


def follows(case: Case, row: Transition) -> str:
    """What comes after the action, who is told, and when the duties it starts would end."""
    parts = [str(row.follows)] if row.follows else []
    told = [office_name(case.office) if name == "office" else str(TOLD[name]) for name in row.tells]
    if told:
        parts.append(_("会通知：%(people)s。") % {"people": listed(dict.fromkeys(told))})
    due = _due(case, row)
    if due:
        parts.append(_("到期：%(ends)s。") % {"ends": clauses(due)})
    return " ".join(parts)


def _due(case: Case, row: Transition) -> list[str]:
    """The duties that the action starts, with the instants at which they would end if it were done now."""
    now, calendar = clock.now(), workcalendar.load() if row.starts else None
    found = []
    for duty in row.starts:
        assert calendar is not None
        allowance = workflow.of(case.kind).allowance_of(case, duty)
        end = calendars.due(now, allowance, [], calendar)
        said = _("%(duty)s %(at)s") % {"duty": DUTIES[duty], "at": when(end.at, now)}
        found.append(_("%(said)s（暂定）") % {"said": said} if end.provisional else said)
    return found


def refusals(case: Case, post: Post) -> list[Refusal]:
    """Every action that this post may not do now, each with its reason; those that are never its own at the end."""
    stances = policies.stances(case, post)
    table = workflow.of(case.kind)
    found, never = [], []
    for action in dict.fromkeys(row.action for row in table.rows if not row.system):
        error = workflow.refusal(case, action, post, stances)
        if error is None:
            continue
        rows = table.rows_of(action)
        if not any(post.role in row.roles for row in rows):
            never.append(str(rows[0].label))
        else:
            found.append(Refusal(rows[0].label, reason_of(case, action, error)))
    if never:
        found.append(Refusal(listed(never), _("您现在的岗位不办理这些操作。")))
    return found


def reason_of(case: Case, action: str, error: CaseError) -> str:
    """The refusal's own words; of a wrong state, in which states the action is done instead."""
    if isinstance(error, NotAllowed) or error.code != "wrong_state":
        return str(error.message)
    rows = workflow.of(case.kind).rows_of(action)
    states = dict.fromkeys(state for row in rows for state in row.sources)
    wanted = listed(STATES[state] for state in states)
    return _("这一步在“%(wanted)s”时办理，现在是“%(state)s”。") % {
        "wanted": wanted,
        "state": workflow.state_label(case),
    }
