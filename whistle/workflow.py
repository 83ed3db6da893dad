"""The tables of whistle and report (吹哨报到): the whistle, each summons, each task, each negative entry. Data only.

Source of the rules: docs/domain.md, section 5 (丰城, 2019 to 2020). No source sets times for approving, filing and
sounding: they are settings (data/whistle/times.csv).
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from cases.tables import SAME, Transition

# --- the whistle itself

STATES: Final = {
    "draft": _("草稿"),
    "submitted": _("待书记审批"),
    "returned": _("已退回"),
    "approved": _("书记已同意"),
    "filed": _("已报备"),
    "sounded": _("已吹哨"),
    "consulting": _("会商研判"),
    "working": _("任务办理中"),
    "resolved": _("已办结待销号"),
    "closed": _("已销号"),
    "withdrawn": _("已撤回"),
    "stood_down": _("已撤哨"),
}
INITIAL: Final = "draft"
FINALS: Final = frozenset({"closed", "withdrawn", "stood_down"})

# The steps as people see them, with the states that belong to each.
STEPS: Final = (
    (_("提出"), ("draft", "returned", "withdrawn")),
    (_("审批"), ("submitted", "approved")),
    (_("报备"), ("filed",)),
    (_("吹哨报到"), ("sounded", "stood_down")),
    (_("会商研判"), ("consulting",)),
    (_("任务办理"), ("working",)),
    (_("销号"), ("resolved", "closed")),
)

DUTIES: Final = {
    "approve": _("审批"),
    "file": _("报备"),
    "sound": _("启动"),
    "open": _("查看吹哨"),
    "arrive": _("到场报到"),
    "task": _("任务"),
    "close": _("销号"),
    "decide": _("负面清单认定"),
    "appeal": _("申诉期"),
    "decide_appeal": _("申诉处理"),
}

# Who hears of an action; the office that whistles is called by its name.
TOLD: Final = {
    "secretary": _("党（工）委书记"),
    "sounder": _("启动单位"),
    "summoned": _("已通知的部门"),
    "department": _("该部门"),
    "committee": _("政法委"),
    "head": _("部门负责人"),
    "leader": _("带班领导"),
}

# How a post of a department that was called stands to its own rows.
SUMMONED: Final = "summoned"
STANCES: Final = {SUMMONED: _("被吹哨的部门")}

WHISTLERS: Final = (Role.TOWNSHIP_CENTRE, Role.VILLAGE_CENTRE)
SOUNDERS: Final = (Role.COMMITTEE, Role.TOWNSHIP_CENTRE)
SECRETARY: Final = (Role.TOWNSHIP_SECRETARY,)
OFFICERS: Final = (Role.DEPARTMENT_OFFICER,)
LEADERS: Final = (Role.TOWNSHIP_SECRETARY, Role.COMMITTEE, Role.CENTRE)
CALLERS: Final = (*WHISTLERS, Role.COMMITTEE, Role.CENTRE)
EVERYBODY: Final = (*WHISTLERS, *SECRETARY, Role.CENTRE, Role.COMMITTEE, *OFFICERS)

BEFORE: Final = ("draft", "submitted", "returned", "approved", "filed")
RUNNING: Final = ("sounded", "consulting", "working")
OPEN: Final = tuple(state for state in STATES if state not in FINALS)
FACTS: Final = ("title", "kind", "subject", "matter", "why_not", "address", "departments")

ROWS: Final = (
    # --- before it is sounded
    Transition("edit", _("修改"), ("draft", "returned"), SAME, "whistle.edited", WHISTLERS, ("office",),
               needs=FACTS, takes=("lat", "lng"), effect="edit", rank=30),
    Transition("submit", _("提交书记审批"), ("draft", "returned"), "submitted", "whistle.submitted",
               (Role.TOWNSHIP_CENTRE,), ("office",), takes=("note",), guards=("township_level",),
               starts=("approve",), tells=("secretary",), follows=_("书记收到通知，审批时限开始计算。"), rank=10),
    Transition("submit_up", _("提请乡镇启动"), ("draft", "returned"), "filed", "whistle.submitted",
               (Role.VILLAGE_CENTRE,), ("office",), takes=("note",), guards=("village_level",),
               starts=("sound",), tells=("sounder",), follows=_("乡镇（街道）综治中心收到通知，启动时限开始计算。"),
               rank=10),
    Transition("approve", _("同意"), ("submitted",), "approved", "whistle.approved", SECRETARY, ("office",),
               takes=("note",), meets=("approve",), starts=("file",), tells=("office",),
               follows=_("综治中心向政法委报备。"), rank=10),
    Transition("return", _("退回"), ("submitted",), "returned", "whistle.returned", SECRETARY, ("office",),
               needs=("reason",), meets=("approve",), tells=("office",),
               follows=_("综治中心修改后可以再提交。"), rank=20),
    Transition("file", _("报备"), ("approved",), "filed", "whistle.filed",
               (Role.TOWNSHIP_CENTRE, *SECRETARY), ("office",), takes=("note",), meets=("file",),
               starts=("sound",), tells=("sounder",), follows=_("政法委收到通知，启动时限开始计算。"), rank=10),
    Transition("return", _("退回"), ("filed",), "returned", "whistle.returned", SOUNDERS, ("above",),
               needs=("reason",), guards=("sounder",), meets=("sound",), tells=("office", "secretary"),
               follows=_("吹哨单位修改后可以再提交。"), rank=20),
    Transition("withdraw", _("撤回"), BEFORE, "withdrawn", "whistle.withdrawn", WHISTLERS, ("office",),
               needs=("reason",), cancels=("approve", "file", "sound"),
               tells=("secretary", "sounder"), follows=_("吹哨申请结束，不会通知任何部门。"), rank=60),
    Transition("sound", _("启动吹哨"), ("filed",), "sounded", "whistle.sounded", SOUNDERS, ("above",),
               takes=("note",), guards=("sounder", "departments_named"), meets=("sound",), effect="sound",
               tells=("office", "secretary"),
               follows=_("各部门立即收到通知，每个部门的到场时限从现在开始计算。"), rank=10),
    # --- while it runs
    Transition("add_departments", _("增加部门"), RUNNING, SAME, "whistle.departments_added", SOUNDERS,
               ("above",), needs=("more_departments",), takes=("note",), guards=("sounder",),
               effect="add_departments", tells=("office",),
               follows=_("新增的部门从现在起有自己的到场时限。"), rank=40),
    Transition("stand_down", _("撤哨"), RUNNING, "stood_down", "whistle.stood_down", SOUNDERS, ("above",),
               needs=("reason",), guards=("sounder",), effect="stand_down",
               cancels=("open", "arrive", "task"), tells=("office", "secretary", "summoned"),
               follows=_("未到场的部门不再计时，已到场的记录保留。"), rank=60),
    Transition("consult", _("记录会商研判"), ("sounded",), "consulting", "whistle.consulted", WHISTLERS,
               ("office",), needs=("result",), takes=("lead", "photos", "documents"),
               guards=("somebody_present",), effect="name_lead", tells=("sounder", "summoned"),
               follows=_("各部门按职责认领任务。"), rank=10),
    Transition("record_consultation", _("补记会商"), ("consulting", "working"), SAME, "whistle.consulted",
               WHISTLERS, ("office",), needs=("result",), takes=("lead", "photos", "documents"),
               effect="name_lead", tells=("summoned",), rank=30),
    Transition("start_work", _("进入任务办理"), ("consulting",), "working", "whistle.work_started", WHISTLERS,
               ("office",), takes=("note",), guards=("lead_named", "tasks_claimed"), tells=("summoned", "sounder"),
               follows=_("各部门办理任务并报进展。"), rank=15),
    Transition("resolve", _("办结报销号"), ("working",), "resolved", "whistle.resolved", WHISTLERS, ("office",),
               needs=("result",), takes=("photos", "documents"), guards=("arrivals_settled", "tasks_done", "all_rated"),
               cancels=("open", "arrive"), starts=("close",), tells=("sounder", "summoned", "secretary"),
               follows=_("由启动单位销号归档。"), rank=12),
    Transition("send_back", _("退回继续办理"), ("resolved",), "working", "whistle.sent_back", SOUNDERS,
               ("above",), needs=("reason",), guards=("sounder",), meets=("close",),
               tells=("office", "summoned"), rank=20),
    Transition("strike_off", _("销号"), ("resolved",), "closed", "whistle.closed", SOUNDERS, ("above",),
               takes=("note",), guards=("sounder",), meets=("close",), tells=("office", "secretary", "summoned"),
               follows=_("一事一哨一档归档；负面清单条目继续办理。"), rank=10),
    # --- words, papers, pressure
    Transition("urge", _("催办"), ("submitted", "approved", "filed", *RUNNING), SAME, "whistle.urged",
               (*CALLERS, *SECRETARY), ("office", "above"), needs=("note",),
               tells=("office", "secretary", "sounder", "summoned"), rank=50),
    Transition("instruct", _("批示"), OPEN, SAME, "whistle.instructed", LEADERS, ("above", "office"),
               needs=("instruction",), tells=("office", "sounder", "summoned"), rank=55),
    Transition("note", _("内部备注"), OPEN, SAME, "whistle.noted", EVERYBODY,
               ("office", "above", "handler", "co_handler"), needs=("note",), takes=("documents",), rank=80),
    Transition("link", _("关联事项"), OPEN, SAME, "whistle.linked", WHISTLERS, ("office",),
               needs=("target",), takes=("note",), effect="link", rank=75),
)  # fmt: skip

# --- one department's summons

SUMMONS_STATES: Final = {
    "wanted": _("待启动"),
    "summoned": _("待报到"),
    "reported": _("已报到，待确认"),
    "confirmed": _("已到场"),
    "disputed": _("到场有异议"),
    "released": _("已确认无职责"),
    "cancelled": _("已撤"),
}
SUMMONS_FINALS: Final = frozenset({"released", "cancelled"})
ARRIVING: Final = ("summoned", "disputed")

SUMMONS_ROWS: Final = (
    Transition("summon", _("通知部门"), ("wanted",), "summoned", "summons.summoned", effect="summon",
               starts=("open", "arrive"), tells=("department",), system=True),
    Transition("cancel", _("撤哨"), ("wanted", "summoned"), "cancelled", "summons.cancelled",
               tells=("department",), system=True),
    Transition("open", _("查看吹哨"), ("summoned",), SAME, "summons.opened", OFFICERS, ("summoned",),
               guards=("not_opened",), effect="opened", meets=("open",), during=RUNNING, rank=90),
    Transition("record_call", _("记录电话联系"), ("summoned",), SAME, "summons.called", CALLERS,
               ("office", "above"), needs=("callee", "answered"), takes=("note",), effect="called",
               during=RUNNING, rank=20),
    Transition("report_in", _("现场报到"), ARRIVING, "reported", "summons.reported", OFFICERS, ("summoned",),
               needs=("photos",), takes=("lat", "lng", "accuracy", "not_duty", "note", "pressed_at", "contact",
                                         "elapsed"),
               effect="report_in", meets=("open", "arrive"), tells=("office", "sounder"), during=RUNNING,
               follows=_("由吹哨单位确认到场。"), rank=10),
    Transition("confirm", _("确认到场"), ("reported",), "confirmed", "summons.confirmed", WHISTLERS, ("office",),
               takes=("note",), effect="confirm", tells=("department",), during=RUNNING, rank=10),
    Transition("dispute", _("对到场有异议"), ("reported",), "disputed", "summons.disputed", WHISTLERS,
               ("office",), needs=("reason",), tells=("department", "sounder"), during=RUNNING,
               follows=_("由启动单位裁定；部门可以重新报到。"), rank=20),
    Transition("accept_arrival", _("裁定到场属实"), ("disputed",), "confirmed", "summons.arrival_accepted",
               SOUNDERS, ("above",), needs=("reason",), guards=("sounder",), effect="confirm",
               tells=("department", "office"), during=RUNNING, rank=10),
    Transition("reject_arrival", _("裁定没有到场"), ("disputed",), "summoned", "summons.arrival_rejected",
               SOUNDERS, ("above",), needs=("reason",), guards=("sounder",), effect="reject_arrival",
               tells=("department", "office"), during=RUNNING,
               follows=_("到场时限按原来的起点继续计算。"), rank=20),
    Transition("release", _("确认无职责"), ("confirmed",), "released", "summons.released",
               (*WHISTLERS, Role.COMMITTEE), ("office", "above"), needs=("reason",), guards=("no_open_tasks",),
               tells=("department", "sounder"), during=RUNNING, rank=50),
    Transition("claim", _("认领任务"), ("confirmed",), SAME, "task.claimed", (*OFFICERS, *WHISTLERS),
               ("summoned", "office"), needs=("task", "due_on"), effect="claim", tells=("office", "department"),
               during=("consulting", "working"), rank=10),
    Transition("rate", _("评价部门"), ("confirmed",), SAME, "summons.rated", WHISTLERS, ("office",),
               needs=("response", "solution", "satisfaction"), takes=("no_effort", "note"), effect="rate",
               tells=("department", "sounder"), during=("working",), rank=15),
    Transition("propose_negative", _("提请列入负面清单"), ("summoned", "confirmed"),
               SAME, "negative.proposed", WHISTLERS, ("office",), needs=("ground", "reason"),
               effect="propose_negative", tells=("department", "committee"), during=(*RUNNING, "resolved"), rank=70),
)  # fmt: skip

# --- a task

TASK_STATES: Final = {"claimed": _("办理中"), "done": _("已完成"), "dropped": _("已取消")}
TASK_FINALS: Final = frozenset({"dropped"})
AT_WORK: Final = ("consulting", "working")
TASK_ROWS: Final = (
    Transition("finish", _("完成任务"), ("claimed",), "done", "task.done", OFFICERS, ("summoned",),
               needs=("result",), takes=("photos", "documents"), effect="finish", meets=("task",),
               tells=("office",), during=AT_WORK, rank=10),
    Transition("progress", _("报进展"), ("claimed",), SAME, "task.progress", OFFICERS, ("summoned",),
               needs=("note",), takes=("photos", "documents"), tells=("office",), during=AT_WORK, rank=20),
    Transition("redate", _("改完成日期"), ("claimed",), SAME, "task.redated", WHISTLERS, ("office",),
               needs=("due_on", "reason"), effect="redate", tells=("department",), during=AT_WORK, rank=30),
    Transition("redo", _("退回重办"), ("done",), "claimed", "task.redone", WHISTLERS, ("office",),
               needs=("due_on", "reason"), effect="redate", tells=("department",), during=AT_WORK, rank=30),
    Transition("drop", _("取消任务"), ("claimed",), "dropped", "task.dropped", WHISTLERS, ("office",),
               needs=("reason",), cancels=("task",), tells=("department",), during=AT_WORK, rank=60),
)  # fmt: skip

# --- an entry of the negative list

ENTRY_STATES: Final = {
    "proposed": _("待认定"),
    "confirmed": _("已列入"),
    "appealed": _("申诉中"),
    "upheld": _("申诉后维持"),
    "revoked": _("申诉后撤销"),
    "dismissed": _("不予列入"),
    "withdrawn": _("系统撤回"),
    "lifted": _("已移出"),
}
ENTRY_FINALS: Final = frozenset({"revoked", "dismissed", "withdrawn", "lifted"})
COMMITTEE: Final = (Role.COMMITTEE,)
LIVE_ENTRIES: Final = ("proposed", "confirmed", "appealed", "upheld")
ENTRY_ROWS: Final = (
    Transition("confirm", _("认定列入"), ("proposed",), "confirmed", "negative.confirmed", COMMITTEE, ("above",),
               needs=("reason",), guards=("committee_here",), effect="confirm_entry", meets=("decide",),
               starts=("appeal",), tells=("department", "office"),
               follows=_("部门收到通知，可以在期限内申辩和申诉。"), rank=10),
    Transition("dismiss", _("不予列入"), ("proposed",), "dismissed", "negative.dismissed", COMMITTEE, ("above",),
               needs=("reason",), guards=("committee_here",), meets=("decide",), tells=("department", "office"),
               rank=20),
    Transition("answer", _("申辩"), ("proposed", "confirmed"), SAME, "negative.answered", OFFICERS,
               ("summoned",), needs=("note",), takes=("documents",), guards=("may_answer",),
               tells=("committee",), rank=20),
    Transition("appeal", _("申诉"), ("confirmed",), "appealed", "negative.appealed", OFFICERS, ("summoned",),
               needs=("reason",), takes=("documents",), guards=("may_answer",), meets=("appeal",),
               starts=("decide_appeal",), tells=("committee",),
               follows=_("由没有参与认定的人员处理申诉。"), rank=10),
    Transition("uphold", _("维持"), ("appealed",), "upheld", "negative.upheld", COMMITTEE, ("above",),
               needs=("reason",), guards=("committee_here", "not_confirmer"), meets=("decide_appeal",),
               tells=("department", "office"), rank=10),
    Transition("revoke", _("撤销"), ("appealed",), "revoked", "negative.revoked", COMMITTEE, ("above",),
               needs=("reason",), guards=("committee_here", "not_confirmer"), meets=("decide_appeal",),
               tells=("department", "office"), rank=20),
    Transition("lift", _("移出负面清单"), ("confirmed", "upheld"), "lifted", "negative.lifted", COMMITTEE,
               ("above",), needs=("reason",), guards=("committee_here", "term_over"), cancels=("appeal",),
               tells=("department", "office"), rank=30),
    Transition("amend", _("按记录更正"), LIVE_ENTRIES, SAME, "negative.amended", tells=("department", "committee"),
               system=True),
    Transition("withdraw", _("按记录撤回"), LIVE_ENTRIES, "withdrawn", "negative.withdrawn",
               cancels=("decide", "appeal", "decide_appeal"), tells=("department", "committee"), system=True),
)  # fmt: skip
