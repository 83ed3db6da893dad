"""The named conditions of the incident table: each says why not, or None."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases import parts, policies
from cases.divisions import above
from cases.errors import CaseError, NotAllowed, WrongState
from cases.models import Case, LinkKind, PartKind
from cases.offices import Office
from cases.tables import Guard
from grids import clock
from incidents.models import Extension, ExtensionState
from incidents.routing import centres_below


def not_handled(case: Case, by: Post | None) -> CaseError | None:
    """Who closes is never who handled: compares person and office over the whole record.

    The committee closes only what the topmost centre handled itself, for above that centre there is nobody else.
    """
    if by is None:
        return None
    people, offices = policies.handlers_of(case)
    if by.role == Role.COMMITTEE and Office.of(case.office) not in offices:
        return NotAllowed(_("核查和归档由负责的综治中心办理。"), code="centre_closes")
    if by.user_id in people or Office.of(by) in offices:
        return NotAllowed(
            _("您或您的单位办理过这个事项，核查和归档要由没有办理过的人员和单位来做。"), code="handled_it"
        )
    return None


def may_return(case: Case, by: Post | None) -> CaseError | None:
    """After the second return the level above has decided; its decision stands."""
    if case.incident.return_count >= 2:
        return WrongState(_("已退回两次并由上级裁定，不能再退回。"), state=case.state, code="decided_above")
    return None


def not_decided_above(case: Case, by: Post | None) -> CaseError | None:
    if case.incident.return_count >= 2:
        return WrongState(_("两次退回后由本级裁定，不能再下派。"), state=case.state, code="decided_above")
    return None


def _pending(case: Case) -> bool:
    return Extension.objects.filter(
        deadline__case=case,
        deadline__met_at=None,
        deadline__cancelled_at=None,
        state=ExtensionState.PENDING,
    ).exists()


def pending_extension(case: Case, by: Post | None) -> CaseError | None:
    if _pending(case):
        return None
    return WrongState(_("没有待批的延期申请。"), state=case.state, code="no_extension_pending")


def no_pending_extension(case: Case, by: Post | None) -> CaseError | None:
    if not _pending(case):
        return None
    return WrongState(_("已有一份延期申请在等待批准。"), state=case.state, code="extension_pending")


def _has_handler(case: Case) -> bool:
    return bool(parts.held(case, [PartKind.HANDLER]))


def has_handler(case: Case, by: Post | None) -> CaseError | None:
    if _has_handler(case):
        return None
    return WrongState(_("这个事项没有承办单位，请重新派遣。"), state=case.state, code="no_handler")


def no_handler(case: Case, by: Post | None) -> CaseError | None:
    if not _has_handler(case):
        return None
    return WrongState(_("这个事项有承办单位，请用“返工”退给它。"), state=case.state, code="has_handler")


def has_level_above(case: Case, by: Post | None) -> CaseError | None:
    if above(case.office) is not None:
        return None
    return WrongState(_("已经在最高一级。"), state=case.state, code="no_level_above")


def has_level_below(case: Case, by: Post | None) -> CaseError | None:
    if centres_below(case):
        return None
    return WrongState(_("这个事项的地点没有更下一级的综治中心。"), state=case.state, code="no_level_below")


def somebody_closes(case: Case, by: Post | None) -> CaseError | None:
    """A centre settles only what another may close: above the topmost one that is the committee, if it may see it."""
    hidden = case.sensitive and Role.COMMITTEE not in case.visible_roles
    if above(case.office) is None and hidden:
        return WrongState(
            _("这是敏感事项，本级办结后没有人能核查归档，请指派给部门办理。"),
            state=case.state,
            code="nobody_closes",
        )
    return None


def _has_open_tasks(case: Case) -> bool:
    tasks = Case.objects.unscoped().filter(links_out__target=case, links_out__kind=LinkKind.SPLIT)
    return tasks.filter(closed_at=None).exists()


def tasks_closed(case: Case, by: Post | None) -> CaseError | None:
    """What was split is closed only when all its tasks are; one of them may have been opened again."""
    if not _has_open_tasks(case):
        return None
    return WrongState(_("拆分出的任务还没有全部办结，不能归档。"), state=case.state, code="tasks_open")


def _closed_whole(case: Case) -> Case | None:
    wholes = Case.objects.unscoped().filter(links_in__source=case, links_in__kind=LinkKind.SPLIT)
    return wholes.exclude(closed_at=None).first()


def whole_open(case: Case, by: Post | None) -> CaseError | None:
    """A task is not opened again under a whole that is closed: then the whole is."""
    whole = _closed_whole(case)
    if whole is None:
        return None
    return WrongState(
        _("这是拆分出的任务，原事项 %(number)s 已经归档，请对原事项申请重办。") % {"number": whole.number},
        state=case.state,
        code="whole_closed",
    )


def not_urgent(case: Case, by: Post | None) -> CaseError | None:
    if not case.urgent:
        return None
    return WrongState(_("这个事项已经是加急。"), state=case.state, code="urgent_already")


def within_reopen_window(case: Case, by: Post | None) -> CaseError | None:
    if case.closed_at and clock.now() <= case.closed_at + timedelta(days=settings.GEZHI_REOPEN_DAYS):
        return None
    return WrongState(
        _("归档已超过 %(days)s 天，不能再申请重办；请另行上报。") % {"days": settings.GEZHI_REOPEN_DAYS},
        state=case.state,
        code="reopen_window_over",
    )


GUARDS: dict[str, Guard] = {
    "not_handled": not_handled,
    "may_return": may_return,
    "not_decided_above": not_decided_above,
    "pending_extension": pending_extension,
    "no_pending_extension": no_pending_extension,
    "has_handler": has_handler,
    "no_handler": no_handler,
    "has_level_above": has_level_above,
    "has_level_below": has_level_below,
    "somebody_closes": somebody_closes,
    "tasks_closed": tasks_closed,
    "whole_open": whole_open,
    "not_urgent": not_urgent,
    "within_reopen_window": within_reopen_window,
}
