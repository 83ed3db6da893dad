"""The table of the six-step closed loop (六步闭环) and all its side ways. Data only; the engine is in `cases`.

Source of the rules: docs/domain.md, section 3 (digital city management practice; 晋城, 达拉特, 嘉兴).
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from cases.tables import RESUME, SAME, Transition

STATES: Final = {
    "reported": _("已上报"),
    "filed": _("已立案"),
    "rejected": _("不予立案"),
    "assigned": _("已指派"),
    "investigating": _("办理中"),
    "fed_back": _("已反馈"),
    "verified": _("已核查"),
    "archived": _("已归档"),
    "suspended": _("已挂起"),
    "merged": _("已并案"),
    "split": _("已拆分"),
}
INITIAL: Final = "reported"
FINALS: Final = frozenset({"rejected", "archived", "merged"})

# The six steps as people see them, with the states that belong to each.
STEPS: Final = (
    (_("问题上报"), ("reported", "rejected")),
    (_("案卷建立"), ("filed",)),
    (_("任务指派"), ("assigned", "split")),
    (_("调查落实"), ("investigating",)),
    (_("反馈结果"), ("fed_back", "verified")),
    (_("结案归档"), ("archived", "merged")),
)

DUTIES: Final = {
    "file": _("立案"),
    "assign": _("派遣"),
    "accept": _("签收"),
    "handle": _("处置"),
    "verify": _("核查"),
    "whole": _("整体时限"),
    "suspension": _("挂起到期"),
}
# A suspension's end is a date; nobody owes it.
APPOINTMENTS: Final = frozenset({"suspension"})

# Who hears of an action; the centre in charge is called by its name.
TOLD: Final = {
    "reporter": _("上报人"),
    "handler": _("承办单位"),
    "co_handlers": _("协办部门"),
    "copied": _("抄告部门"),
    "grid": _("网格员"),
    "above": _("上一级综治中心"),
}

CENTRES: Final = (Role.VILLAGE_CENTRE, Role.TOWNSHIP_CENTRE, Role.CENTRE)
HANDLERS: Final = (Role.DEPARTMENT_OFFICER, *CENTRES, Role.GRID_WORKER)
PRESSERS: Final = (*CENTRES, Role.COMMITTEE, Role.TOWNSHIP_SECRETARY)
CLOSERS: Final = (*CENTRES, Role.GRID_WORKER, Role.COMMITTEE)
LEADERS: Final = (Role.TOWNSHIP_SECRETARY, Role.COMMITTEE, Role.CENTRE)
EVERYBODY: Final = (*HANDLERS, Role.TOWNSHIP_SECRETARY, Role.COMMITTEE)

OPEN: Final = tuple(state for state in STATES if state not in FINALS)
WORKING: Final = ("assigned", "investigating")

ROWS: Final = (
    # --- the straight way
    Transition("file", _("立案"), ("reported",), "filed", "incident.filed", CENTRES, ("office",),
               takes=("category", "note"), effect="file", meets=("file",), starts=("assign", "whole"),
               tells=("reporter",), follows=_("上报人收到通知，派遣时限开始计算。"), rank=10),
    Transition("reject", _("不予立案"), ("reported",), "rejected", "incident.rejected", CENTRES, ("office",),
               needs=("reason",), meets=("file",), effect="end_parts", tells=("reporter",),
               follows=_("上报人会收到您写明的理由。"), rank=40),
    Transition("assign", _("指派"), ("filed",), "assigned", "incident.assigned", CENTRES, ("office",),
               needs=("handler",), takes=("co_handlers", "copies", "note"), effect="assign", meets=("assign",),
               starts=("accept", "handle"), tells=("handler", "co_handlers", "copied"),
               follows=_("承办单位收到通知，签收和处置时限开始计算。"), rank=10),
    Transition("accept", _("签收"), ("assigned",), "investigating", "incident.accepted", HANDLERS, ("handler",),
               takes=("note",), effect="accept", meets=("accept",), tells=("office",),
               follows=_("由您的单位开始调查落实。"), rank=10),
    Transition("feed_back", _("反馈结果"), ("investigating",), "fed_back", "incident.fed_back", HANDLERS,
               ("handler",), needs=("result",), takes=("photos_before", "photos_after", "documents"),
               effect="feed_back", meets=("handle",), starts=("verify",), tells=("office", "grid", "reporter"),
               follows=_("转入核查；由没有办理过的单位和人员核查。"), rank=10),
    Transition("verify", _("核查通过"), ("fed_back",), "verified", "incident.verified",
               CLOSERS, ("office", "grid"), takes=("note", "photos_after"),
               guards=("not_handled",), meets=("verify",), tells=("office",),
               follows=_("转给负责的综治中心结案归档。"), rank=10),
    Transition("archive", _("结案归档"), ("verified",), "archived", "incident.archived",
               (*CENTRES, Role.COMMITTEE), ("office",),
               takes=("note",), guards=("not_handled", "tasks_closed"), effect="archive", meets=("whole",),
               cancels=("file", "assign", "accept", "handle", "verify", "suspension"),
               tells=("reporter", "handler", "co_handlers"), follows=_("上报人收到办结通知，期限内可以申请重办。"), rank=10),
    # --- settled at once by the worker, or by the centre itself (即办)
    Transition("settle", _("当场办结"), ("reported",), "fed_back", "incident.settled", (Role.GRID_WORKER,),
               ("grid",), needs=("result",), takes=("photos_before", "photos_after"), effect="settle",
               meets=("file",), starts=("whole", "verify"), tells=("office",),
               follows=_("由上一级综治中心核查后归档。"), rank=20),
    Transition("settle", _("本级直接办结"), ("filed",), "fed_back", "incident.settled", CENTRES, ("office",),
               needs=("result",), takes=("photos_before", "photos_after", "documents"),
               guards=("somebody_closes",), effect="settle", meets=("assign",), starts=("verify",), tells=("office", "grid", "reporter"),
               follows=_("本级办理的事项由上一级核查归档。"), rank=30),
    # --- the handler's side ways
    Transition("progress", _("记录进展"), ("investigating",), SAME, "incident.progress", HANDLERS,
               ("handler", "co_handler"), needs=("note",), takes=("photos_before", "photos_after", "documents"),
               tells=("office",), rank=30),
    Transition("return", _("退回"), WORKING, "filed", "incident.returned", HANDLERS, ("handler",),
               needs=("reason", "ground"), takes=("right_department",), guards=("may_return",), effect="return",
               cancels=("accept", "handle"), starts=("assign",), tells=("office",),
               follows=_("退回负责的综治中心；第二次退回由上一级裁定。"), rank=40),
    Transition("ask_extension", _("申请延期"), WORKING, SAME, "incident.extension_asked", HANDLERS, ("handler",),
               needs=("amount", "reason"), guards=("no_pending_extension",), effect="ask_extension",
               tells=("office",), follows=_("批准前时限照常计算。"), rank=45),
    Transition("grant_extension", _("同意延期"), WORKING, SAME, "incident.extension_granted", CENTRES,
               ("office",), takes=("note",), guards=("pending_extension",), effect="grant_extension",
               tells=("handler",), follows=_("处置时限和整体时限相应顺延，另行统计为缓办。"), rank=15),
    Transition("refuse_extension", _("不同意延期"), WORKING, SAME, "incident.extension_refused", CENTRES,
               ("office",), needs=("reason",), guards=("pending_extension",), effect="refuse_extension",
               tells=("handler",), rank=16),
    # --- the centre's side ways
    Transition("reassign", _("改派"), WORKING, "assigned", "incident.reassigned", CENTRES, ("office",),
               needs=("handler", "reason"), takes=("co_handlers", "copies"), effect="assign",
               cancels=("accept", "handle"), starts=("accept", "handle"),
               tells=("handler", "co_handlers", "copied"), follows=_("原承办单位不再看到这个事项。"), rank=50),
    Transition("rework", _("返工"), ("fed_back", "verified"), "assigned", "incident.reworked",
               CLOSERS, ("office", "grid"), needs=("reason",), takes=("photos_after",),
               guards=("not_handled", "has_handler"), cancels=("verify",), starts=("accept", "handle"),
               tells=("handler", "office"), follows=_("退给原承办单位重新办理，签收和处置时限重新计算。"), rank=20),
    Transition("refile", _("重新派遣"), ("fed_back", "verified"), "filed", "incident.refiled", CENTRES,
               ("office",), needs=("reason",), guards=("no_handler",), cancels=("verify",), starts=("assign",),
               tells=("office", "reporter"), follows=_("拆分的任务已结束，剩下的问题重新派遣。"), rank=25),
    Transition("pass_up", _("上报上级"), ("reported",), SAME, "incident.passed_up", CENTRES, ("office",),
               needs=("reason",), guards=("has_level_above",), effect="pass_up", meets=("file",), starts=("file",),
               tells=("office", "reporter"), rank=40),
    Transition("pass_up", _("上报上级"), ("filed",), SAME, "incident.passed_up", CENTRES, ("office",),
               needs=("reason",), guards=("has_level_above",), effect="pass_up", meets=("assign",),
               starts=("assign",), tells=("office", "reporter"), rank=40),
    Transition("pass_down", _("下派下级"), ("reported",), SAME, "incident.passed_down", CENTRES, ("office",),
               needs=("division",), takes=("note",), guards=("has_level_below",), effect="pass_down",
               meets=("file",), starts=("file",), tells=("office",), rank=45),
    Transition("pass_down", _("下派下级"), ("filed",), SAME, "incident.passed_down", CENTRES, ("office",),
               needs=("division",), takes=("note",), guards=("has_level_below", "not_decided_above"),
               effect="pass_down", meets=("assign",), starts=("assign",), tells=("office",), rank=45),
    Transition("suspend", _("挂起"), ("filed", "assigned", "investigating"), "suspended", "incident.suspended",
               CENTRES, ("office",), needs=("suspend_ground", "until", "reason"), effect="suspend", pauses=True,
               tells=("handler", "reporter"), follows=_("时限停止计算，到期自动恢复。"), rank=60),
    Transition("resume", _("恢复办理"), ("suspended",), RESUME, "incident.resumed", CENTRES, ("office",),
               takes=("note",), resumes=True, meets=("suspension",), tells=("handler", "office"), rank=10),
    Transition("resume_due", _("挂起到期，自动恢复"), ("suspended",), RESUME, "incident.resumed", resumes=True,
               meets=("suspension",), tells=("handler", "office"), system=True),
    Transition("merge", _("并案"), ("reported", "filed", "assigned", "investigating"), "merged",
               "incident.merged", CENTRES, ("office",), needs=("target",), takes=("note",), effect="merge",
               meets=("file",), cancels=("assign", "accept", "handle", "verify", "whole", "suspension"),
               tells=("reporter", "handler"), follows=_("本事项结束，上报人可以看到并入的事项。"), rank=55),
    Transition("split", _("拆分"), ("filed",), "split", "incident.split", CENTRES, ("office",),
               needs=("tasks",), takes=("note",), effect="split", meets=("assign",),
               tells=("reporter",), follows=_("每项任务各成一件，全部办结后本事项才能归档。"), rank=55),
    Transition("children_done", _("拆分任务全部办结"), ("split",), "fed_back", "incident.children_done",
               starts=("verify",), tells=("office", "grid"), effect="closing_office", system=True),
    Transition("add_co_handlers", _("增加协办"), WORKING, SAME, "incident.co_handlers_added", CENTRES,
               ("office",), needs=("co_handlers",), takes=("note",), effect="add_co_handlers",
               tells=("co_handlers",), rank=65),
    Transition("copy", _("抄告"), OPEN, SAME, "incident.copied", CENTRES, ("office",), needs=("copies",),
               takes=("note",), effect="add_copies", tells=("copied",), rank=70),
    Transition("correct_category", _("更正类别"), ("reported", "filed"), SAME, "incident.category_corrected",
               CENTRES, ("office",), needs=("category",), takes=("note",), effect="correct_category", rank=50),
    Transition("link", _("关联事项"), OPEN, SAME, "incident.linked", CENTRES, ("office",), needs=("target",),
               takes=("note",), effect="link", rank=75),
    # --- pressure from above
    Transition("urge", _("催办"), OPEN, SAME, "incident.urged", PRESSERS,
               ("office", "above"), needs=("note",), tells=("handler", "co_handlers", "office"), rank=60),
    Transition("supervise", _("督办"), OPEN, SAME, "incident.supervised",
               (*CENTRES, Role.COMMITTEE), ("above",), needs=("card", "reason"), effect="supervise", tells=("handler", "office", "above"), rank=65),
    Transition("instruct", _("批示"), OPEN, SAME, "incident.instructed", LEADERS, ("above", "office"),
               needs=("instruction",), tells=("handler", "office"), rank=66),
    Transition("make_urgent", _("加急"), OPEN, SAME, "incident.made_urgent", (*CENTRES, Role.COMMITTEE),
               ("office", "above"), needs=("reason",), guards=("not_urgent",), effect="make_urgent",
               tells=("handler", "office"), follows=_("未完成的时限改按加急重新计算。"), rank=62),
    # --- words and papers
    Transition("note", _("内部备注"), OPEN, SAME, "incident.noted", EVERYBODY,
               ("office", "handler", "co_handler", "above", "grid"), needs=("note",), takes=("documents",),
               rank=80),
    Transition("supplement", _("补充说明"), OPEN, SAME, "incident.supplemented", EVERYBODY,
               ("reporter", "office", "handler", "co_handler", "grid"), needs=("note",),
               takes=("photos_before", "documents"), tells=("office", "handler"), rank=78),
    # --- after the end
    Transition("reopen", _("申请重办"), ("archived",), "filed", "incident.reopened", EVERYBODY,
               ("reporter", "above"), needs=("reason",), guards=("within_reopen_window", "whole_open"), effect="reopen",
               starts=("assign", "whole"), tells=("office", "reporter"), rank=30),
)  # fmt: skip
