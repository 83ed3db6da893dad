"""What an action would bring about, said before it is done; and why other actions are not possible."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Post
from cases import workflow
from cases.errors import CaseError, NotAllowed
from cases.models import Case
from cases.names import office_name
from cases.tables import SubRow, Transition
from cases.words import when
from grids import calendars, clock, workcalendar
from grids.wording import clauses, listed


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that is absent, and why."""

    label: str | Promise
    reason: str


def follows(case: Case, row: Transition, *, subject: SubRow | None = None) -> str:
    """What comes after the action, who is told, and when the duties it starts would end."""
    table = workflow.table_of(case, subject)
    parts = [str(row.follows)] if row.follows else []
    told = [office_name(case.office) if name == "office" else str(table.told[name]) for name in row.tells]
    if told:
        parts.append(_("会通知：%(people)s。") % {"people": listed(dict.fromkeys(told))})
    due = _due(case, row, subject)
    if due:
        parts.append(_("到期：%(ends)s。") % {"ends": clauses(due)})
    return " ".join(parts)


def _due(case: Case, row: Transition, subject: SubRow | None) -> list[str]:
    """The duties that the action starts, with the instants at which they would end if it were done now."""
    now, calendar = clock.now(), workcalendar.load() if row.starts else None
    table, duties = workflow.table_of(case, subject), workflow.of(case.kind).duties
    found = []
    for duty in row.starts:
        assert calendar is not None
        end = calendars.due(now, table.allowance_of(subject or case, duty), [], calendar)
        said = _("%(duty)s %(at)s") % {"duty": duties[duty], "at": when(end.at, now)}
        found.append(_("%(said)s（暂定）") % {"said": said} if end.provisional else said)
    return found


def refusals(case: Case, post: Post, *, subject: SubRow | None = None) -> list[Refusal]:
    """Every action that this post may not do now, each with its reason; those that are never its own at the end."""
    stances = workflow.stances_to(case, post, subject)
    table = workflow.table_of(case, subject)
    found, never = [], []
    for action in table.actions:
        error = workflow.refusal(case, action, post, stances, subject=subject)
        if error is None:
            continue
        rows = table.rows_of(action)
        if not any(post.role in row.roles for row in rows):
            never.append(str(rows[0].label))
        else:
            found.append(Refusal(rows[0].label, reason_of(case, action, error, subject=subject)))
    if never:
        found.append(Refusal(listed(never), _("您现在的岗位不办理这些操作。")))
    return found


def reason_of(case: Case, action: str, error: CaseError, *, subject: SubRow | None = None) -> str:
    """The refusal's own words; of a wrong state, in which states the action is done instead."""
    table, thing = workflow.table_of(case, subject), subject or case
    rows = table.rows_of(action)
    states = dict.fromkeys(state for row in rows for state in row.sources)
    # A row of a case may be in the right state while its case is not: the refusal says so itself.
    if isinstance(error, NotAllowed) or error.code != "wrong_state" or thing.state in states:
        return str(error.message)
    return _("这一步在“%(wanted)s”时办理，现在是“%(state)s”。") % {
        "wanted": listed(table.states[state] for state in states),
        "state": table.states[thing.state],
    }
