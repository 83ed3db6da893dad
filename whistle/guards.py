"""The named conditions of the whistle's tables: each says why not, or None."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.errors import CaseError, NotAllowed, WrongState
from cases.models import Case
from cases.offices import Office
from cases.tables import Guard
from cases.words import when
from grids import clock
from grids.wording import listed
from whistle.models import Level, NegativeEntry, Summons, Task
from whistle.routing import committee_seat, level_of, sounder_of
from whistle.tables import end_of, times


def _not_yet(words: str | Promise, case: Case, code: str) -> WrongState:
    return WrongState(words, state=case.state, code=code)


# --- the whistle


def township_level(case: Case, by: Post | None) -> CaseError | None:
    if level_of(case.office) == Level.VILLAGE:
        return NotAllowed(_("村（社区）吹哨不经书记审批，直接提请乡镇（街道）启动。"), code="other_level")
    return None


def village_level(case: Case, by: Post | None) -> CaseError | None:
    if level_of(case.office) != Level.VILLAGE:
        return NotAllowed(_("乡镇（街道）吹哨要先由书记同意。"), code="other_level")
    return None


def sounder(case: Case, by: Post | None) -> CaseError | None:
    """Only who sounds this whistle: the committee above a township, the township centre above a village."""
    role, seat = sounder_of(case)
    if by is not None and (by.role != role or by.division is None or by.division.heir.pk != seat.pk):
        return NotAllowed(
            _("这个吹哨由%(who)s启动和管理。") % {"who": _sounder_name(case)}, code="not_sounder"
        )
    return None


def _sounder_name(case: Case) -> str:
    _role, seat = sounder_of(case)
    if level_of(case.office) == Level.VILLAGE:
        return str(_("%(place)s综治中心") % {"place": seat.name})
    return str(_("%(place)s委政法委") % {"place": seat.name})


def departments_named(case: Case, by: Post | None) -> CaseError | None:
    if not Summons.objects.filter(case=case, state="wanted").exists():
        return _not_yet(_("还没有选要吹哨的部门。"), case, "nobody_named")
    return None


def somebody_present(case: Case, by: Post | None) -> CaseError | None:
    if not Summons.objects.filter(case=case).present().exists():
        return _not_yet(_("还没有部门到场并经确认，不能会商。"), case, "nobody_present")
    return None


def lead_named(case: Case, by: Post | None) -> CaseError | None:
    if not Summons.objects.filter(case=case, lead=True).present().exists():
        return _not_yet(_("还没有确定牵头部门，请在“补记会商”里选定。"), case, "no_lead")
    return None


def _names(rows: list[Summons]) -> str:
    return listed(row.department.name for row in rows)


def tasks_claimed(case: Case, by: Post | None) -> CaseError | None:
    """Every department that is there has a task, or was released."""
    tasks = Task.objects.filter(summons=OuterRef("pk")).exclude(state="dropped")
    idle = list(
        Summons.objects.filter(case=case).present().exclude(Exists(tasks)).select_related("department")
    )
    if idle:
        words = _("%(names)s还没有认领任务；没有职责的，请先“确认无职责”。") % {"names": _names(idle)}
        return _not_yet(words, case, "no_task")
    return None


def tasks_done(case: Case, by: Post | None) -> CaseError | None:
    left = Task.objects.filter(summons__case=case, state="claimed").count()
    if left:
        return _not_yet(_("还有 %(count)s 项任务没有完成。") % {"count": left}, case, "tasks_open")
    return None


def all_rated(case: Case, by: Post | None) -> CaseError | None:
    unrated = list(Summons.objects.filter(case=case, response=None).present().select_related("department"))
    if unrated:
        return _not_yet(_("还没有评价%(names)s。") % {"names": _names(unrated)}, case, "not_rated")
    return None


def arrivals_settled(case: Case, by: Post | None) -> CaseError | None:
    """Whoever reported is confirmed or decided on: afterwards nobody could, and a press in time would stay absent."""
    rows = Summons.objects.filter(case=case, state__in=["reported", "disputed"]).select_related("department")
    unsettled = list(rows)
    if unsettled:
        words = _("%(names)s的到场还没有确认，请先确认，有异议的等裁定。") % {"names": _names(unsettled)}
        return _not_yet(words, case, "arrival_unsettled")
    return None


# --- a summons


def not_opened(summons: Summons, by: Post | None) -> CaseError | None:
    if summons.opened_at is not None:
        return _not_yet(_("已经查看过。"), summons.case, "opened_before")
    return None


def no_open_tasks(summons: Summons, by: Post | None) -> CaseError | None:
    if summons.tasks.filter(state="claimed").exists():
        return _not_yet(_("这个部门还有任务在办，请先完成或取消。"), summons.case, "tasks_open")
    if summons.lead:
        return _not_yet(_("这个部门是牵头部门，请先改定牵头部门。"), summons.case, "is_lead")
    return None


# --- an entry of the negative list


def committee_here(entry: NegativeEntry, by: Post | None) -> CaseError | None:
    """The committee that keeps the list, not one of another level; nor a department's own officer beside."""
    seat = committee_seat(entry.case)
    if by is not None and (by.division is None or by.division.heir.pk != seat.pk):
        return NotAllowed(
            _("负面清单由%(place)s委政法委认定。") % {"place": seat.name}, code="other_committee"
        )
    return None


def may_answer(entry: NegativeEntry, by: Post | None) -> CaseError | None:
    if entry.appeal_until is not None and clock.now() >= entry.appeal_until:
        words = _("申辩和申诉的期限到 %(at)s 为止，已经过了。") % {"at": when(entry.appeal_until)}
        return _not_yet(words, entry.case, "window_closed")
    return None


def not_confirmer(entry: NegativeEntry, by: Post | None) -> CaseError | None:
    """An appeal is decided by somebody else than who confirmed (domain rules, section 5)."""
    if by is not None and entry.confirmed_by is not None and entry.confirmed_by.user_id == by.user_id:
        return NotAllowed(_("您认定了这一条，申诉要由另一个人处理。"), code="confirmed_it")
    return None


def term_ends(entry: NegativeEntry) -> datetime:
    """From when on a confirmed entry may be lifted."""
    assert entry.confirmed_at is not None  # only confirmed entries have a term
    allowance = times()[level_of(entry.case.office), "lift"]
    return end_of(allowance, entry.confirmed_at)


def term_over(entry: NegativeEntry, by: Post | None) -> CaseError | None:
    ends = term_ends(entry)
    if clock.now() < ends:
        return _not_yet(_("列入期满（%(at)s）后才能移出。") % {"at": when(ends)}, entry.case, "term_runs")
    return None


CASE_GUARDS: dict[str, Guard] = {
    "township_level": township_level,
    "village_level": village_level,
    "sounder": sounder,
    "departments_named": departments_named,
    "somebody_present": somebody_present,
    "lead_named": lead_named,
    "tasks_claimed": tasks_claimed,
    "tasks_done": tasks_done,
    "all_rated": all_rated,
    "arrivals_settled": arrivals_settled,
}
SUMMONS_GUARDS: dict[str, Guard] = {
    "not_opened": not_opened,
    "no_open_tasks": no_open_tasks,
    "sounder": lambda summons, by: sounder(summons.case, by),
}
ENTRY_GUARDS: dict[str, Guard] = {
    "committee_here": committee_here,
    "may_answer": may_answer,
    "not_confirmer": not_confirmer,
    "term_over": term_over,
}


def is_of_department(summons: Summons, by: Post) -> bool:
    """Whether a post answers for the department of a summons."""
    return Office.of(by) == Office(department_id=summons.department_id)
