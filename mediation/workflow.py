"""The tables of mediation: the dispute, its parties, attempts, sessions, promises, confirmation and subsidy. Data only.

Source of the rules: docs/domain.md, section 6 (人民调解法 2010; the three tiers of three attempts are 达拉特's). Times
that no source gives are settings (data/mediation/times.csv).
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from cases.tables import SAME, Transition

# --- the dispute

STATES: Final = {
    "registered": _("待受理"),
    "accepted": _("已受理，待调解"),
    "mediating": _("调解中"),
    "agreed": _("已达成协议，待生效"),
    "performing": _("协议履行中"),
    "passing": _("待上级受理"),
    "closed": _("已结案"),
    "refused": _("当事人拒绝，已终止"),
    "failed": _("调解不成，已终止"),
    "withdrawn": _("已撤回"),
    "referred": _("已转有关机关"),
    "not_accepted": _("不予受理"),
}
INITIAL: Final = "registered"
# The ends without an agreement: each comes with a notice of the other routes (人民调解法, article 26).
WITHOUT: Final = ("refused", "failed", "withdrawn", "referred", "not_accepted")
FINALS: Final = frozenset({"closed", *WITHOUT})

STEPS: Final = (
    (_("登记"), ("registered", "not_accepted")),
    (_("受理"), ("accepted", "passing", "failed", "referred", "withdrawn", "refused")),
    (_("调解"), ("mediating",)),
    (_("协议"), ("agreed",)),
    (_("履行"), ("performing",)),
    (_("回访结案"), ("closed",)),
)

DUTIES: Final = {
    "accept": _("受理"),
    "accept_up": _("上级受理"),
    "mediate": _("调解期限"),
    "attempt": _("本次调解"),
    "session": _("调解会"),
    "look": _("定级复看"),
    "promise": _("约定履行日"),
    "follow_up": _("履行跟踪"),
    "confirm": _("申请司法确认"),
    "visit": _("回访"),
    "subsidy": _("案补审批"),
}
# Dates that no office can fail: a session, the day of a promise, the end of the time to ask the court.
APPOINTMENTS: Final = frozenset({"session", "promise", "confirm"})
TOLD: Final = {
    "committee": _("调解委员会"),
    "mediators": _("承办调解员"),
    "lower": _("报送的调解委员会"),
    "approvers": _("案补审批人"),
    "guests": _("受邀人员"),
    "registrar": _("登记的综治中心"),
}

MEDIATORS: Final = (Role.MEDIATOR,)
CENTRES: Final = (Role.VILLAGE_CENTRE, Role.TOWNSHIP_CENTRE, Role.CENTRE)
LEADERS: Final = (Role.TOWNSHIP_SECRETARY, Role.CENTRE, Role.COMMITTEE)
APPROVERS: Final = (Role.CENTRE,)

BEFORE: Final = ("registered", "accepted", "mediating")
BETWEEN: Final = ("registered", "accepted")  # no attempt is under way: who takes part may change
HANDLED: Final = ("accepted", "mediating")
RUNNING: Final = ("accepted", "mediating", "agreed", "performing")
OPEN: Final = tuple(state for state in STATES if state not in FINALS)
FACTS: Final = ("title", "kind", "source", "initiative", "brief")
MORE_FACTS: Final = ("source_number", "request", "amount", "cross_division")
PARTY: Final = ("side", "party_kind", "party_name")
MORE_PARTY: Final = ("id_number", "phone", "home", "sex", "nation", "age", "occupation")
NOTICE: Final = ("routes", "manner")
# When a dispute ends, nothing of it is owed any more but what the row itself starts.
ALL_OWED: Final = tuple(duty for duty in DUTIES if duty != "subsidy")

ROWS: Final = (
    # --- intake
    Transition("accept", _("受理"), ("registered",), "accepted", "mediation.accepted", MEDIATORS, ("office",),
               takes=("mediators",), guards=("two_sides",), effect="accept", meets=("accept",),
               starts=("mediate",), tells=("mediators", "registrar"),
               follows=_("编号，调解期限开始计算；打印受理单交给当事人。"), rank=10),
    Transition("turn_away", _("不予受理"), ("registered",), "not_accepted", "mediation.not_accepted", MEDIATORS,
               ("office",), needs=("reason", *NOTICE), effect="turn_away", meets=("accept",), cancels=ALL_OWED,
               tells=("registrar",), follows=_("告知当事人其他途径，登记结束。"), rank=60),
    Transition("edit", _("修改登记"), BEFORE, SAME, "mediation.edited", MEDIATORS, ("office",), needs=FACTS,
               takes=MORE_FACTS, effect="edit", rank=70),
    Transition("add_party", _("增加当事人"), BETWEEN, SAME, "mediation.party_added", MEDIATORS, ("office",),
               needs=PARTY, takes=MORE_PARTY, effect="add_party", rank=65),
    # --- who mediates
    Transition("assign", _("确定调解员"), HANDLED, SAME, "mediation.assigned", MEDIATORS, ("office",),
               needs=("mediators",), effect="assign", tells=("mediators",), rank=20),
    Transition("exclude", _("调解员回避"), HANDLED, SAME, "mediation.excluded", MEDIATORS, ("office",),
               needs=("mediator", "reason"), effect="exclude", tells=("mediators", "committee"), rank=60),
    Transition("recuse", _("按当事人要求更换调解员"), HANDLED, SAME, "mediation.recused", MEDIATORS, ("office",),
               needs=("mediator", "party"), takes=("reason",), effect="recuse", tells=("mediators", "committee"),
               follows=_("这名调解员不再调解本纠纷，请另定调解员。"), rank=61),
    Transition("tell_rights", _("告知权利义务"), ("accepted",), SAME, "mediation.rights_told", MEDIATORS, ("office",),
               needs=("told_on", "manner"), takes=("documents",), guards=("rights_untold",), effect="tell_rights",
               rank=15),
    # --- attempts
    Transition("propose_attempt", _("开始一次调解"), ("accepted",), "mediating", "mediation.attempt_proposed",
               MEDIATORS, ("office",), takes=("consenting", "manner"),
               guards=("mediators_named", "rights_told", "two_sides", "attempts_left"), effect="propose_attempt",
               follows=_("各方都同意后，本次调解开始计时。"), rank=10),
    Transition("plan_session", _("安排调解会"), ("mediating",), SAME, "session.planned", MEDIATORS, ("office",),
               needs=("starts_at", "minutes", "where"), takes=("parties", "staff", "experts", "guests", "public", "note"),
               guards=("attempt_begun",), effect="plan_session", tells=("guests",),
               follows=_("受邀的工作人员收到通知；其他人请另行告知并记录。"), rank=12),
    Transition("plan_session", _("补记调解会"), ("agreed", "performing"), SAME, "session.planned", MEDIATORS,
               ("office",), needs=("starts_at", "minutes", "where"),
               takes=("parties", "staff", "experts", "guests", "public", "note"), guards=("attempt_begun",),
               effect="plan_session", tells=("guests",), follows=_("登记以后再记录会议。"), rank=60),
    Transition("consult", _("联合会商"), (*HANDLED, "passing"), SAME, "session.planned", MEDIATORS, ("office",),
               needs=("matter", "starts_at", "minutes", "where", "members"), takes=("staff", "experts", "guests", "note"),
               effect="plan_consultation", tells=("guests",), rank=50),
    Transition("agree", _("达成协议"), ("mediating",), "agreed", "agreement.drafted", MEDIATORS, ("office",),
               needs=("form", "facts", "issues", "content", "performance", "term"), takes=("total", "copies"),
               guards=("attempt_running", "no_session_planned"), effect="agree",
               follows=_("逐条登记履行约定，签字盖章后生效。"), rank=14),
    Transition("redraft", _("修改协议"), ("agreed",), SAME, "agreement.redrafted", MEDIATORS, ("office",),
               needs=("form", "facts", "issues", "content", "performance", "term"), takes=("total", "copies"),
               effect="redraft", rank=30),
    Transition("add_promise", _("登记履行约定"), ("agreed",), SAME, "promise.added", MEDIATORS, ("office",),
               needs=("party", "what", "due_on"), takes=("amount",), effect="add_promise", rank=10),
    Transition("record_signatures", _("登记签字"), ("agreed",), SAME, "agreement.signed", MEDIATORS, ("office",),
               needs=("signers", "signed_on"), takes=("documents",), guards=("written",), effect="record_signatures",
               follows=_("还有人没有签的，协议不生效；协议改了要重新签。"), rank=13),
    Transition("sign", _("签字生效"), ("agreed",), "performing", "agreement.effective", MEDIATORS, ("office",),
               needs=("signed_on", "sealed_on", "documents"), guards=("written", "has_promise"), effect="sign",
               meets=("mediate", "attempt"), starts=("visit",),
               follows=_("协议生效；30 日内可以共同申请司法确认。"), rank=12),
    Transition("record_oral", _("口头协议生效"), ("agreed",), "performing", "agreement.effective", MEDIATORS,
               ("office",), needs=("signed_on",), takes=("documents",), guards=("oral", "has_promise"),
               effect="sign", meets=("mediate", "attempt"), starts=("visit",), rank=12),
    Transition("fall_through", _("没有签成"), ("agreed",), "accepted", "agreement.void", MEDIATORS, ("office",),
               needs=("reason",), guards=("no_session_planned",), effect="fall_through", cancels=("attempt",), rank=60),
    # --- up a tier
    Transition("pass_up", _("报上级调解"), HANDLED, "passing", "mediation.passed_up", MEDIATORS, ("office",),
               needs=("way", "reason"), takes=("wishing", "documents"), guards=("tier_above", "no_session_planned"),
               effect="pass_up", cancels=("mediate", "attempt", "accept"), starts=("accept_up",),
               tells=("committee", "lower"),
               follows=_("全部材料交上级调解委员会，由其在期限内受理。"), rank=40),
    Transition("accept_up", _("受理"), ("passing",), "accepted", "mediation.accepted", MEDIATORS, ("office",),
               takes=("mediators",), effect="accept", meets=("accept_up",), starts=("mediate",),
               tells=("mediators", "lower"), follows=_("编号，本级的调解期限开始计算。"), rank=10),
    Transition("hand_back", _("退回下级"), ("passing",), "accepted", "mediation.handed_back", MEDIATORS,
               ("office",), needs=("reason",), effect="hand_back", meets=("accept_up",), starts=("mediate",),
               tells=("committee",), rank=60),
    # --- ends without an agreement
    Transition("refuse", _("当事人拒绝调解"), (*BEFORE, "agreed", "passing"), "refused", "mediation.refused",
               MEDIATORS, ("office",), needs=("party", *NOTICE), takes=("note",), effect="refuse",
               cancels=ALL_OWED, tells=("mediators", "registrar"),
               follows=_("调解终止，并告知其他途径。"), rank=45),
    Transition("fail", _("终止调解"), ("accepted",), "failed", "mediation.failed", MEDIATORS, ("office",),
               needs=("reason", *NOTICE), guards=("tried",), effect="fail", meets=("mediate",),
               cancels=ALL_OWED, tells=("mediators", "registrar"),
               follows=_("调解终止，并告知其他途径。"), rank=45),
    Transition("withdraw", _("申请人撤回"), (*BEFORE, "passing"), "withdrawn", "mediation.withdrawn", MEDIATORS,
               ("office",), needs=("reason", *NOTICE), effect="withdraw",
               cancels=ALL_OWED, tells=("registrar",), rank=62),
    Transition("refer", _("转有关机关"), (*BEFORE, "passing"), "referred", "mediation.referred", MEDIATORS,
               ("office",), needs=("body", "reason", *NOTICE), effect="refer",
               cancels=ALL_OWED, tells=("registrar",), rank=63),
    # --- after the agreement
    Transition("apply_confirmation", _("登记司法确认申请"), ("performing",), SAME, "confirmation.applied", MEDIATORS,
               ("office",), needs=("applied_on", "court", "jointly"), takes=("documents",),
               guards=("may_confirm",), effect="apply_confirmation", meets=("confirm",), rank=20),
    Transition("visit", _("记录回访"), ("performing",), SAME, "mediation.visited", MEDIATORS, ("office",),
               needs=("visited_on", "manner", "performed", "satisfaction"), takes=("words", "documents"),
               effect="visit", rank=30),
    Transition("close", _("回访结案"), ("performing",), "closed", "mediation.closed", MEDIATORS, ("office",),
               needs=("visited_on", "manner", "performed", "satisfaction"), takes=("words", "documents"),
               guards=("promises_settled", "confirmation_settled", "no_session_planned"), effect="close",
               meets=("visit",), cancels=ALL_OWED, tells=("registrar",),
               follows=_("立卷归档后可以申请案补。"), rank=12),
    Transition("file", _("立卷归档"), tuple(sorted(FINALS)), SAME, "mediation.filed", MEDIATORS, ("office",),
               needs=("keep_years",), guards=("not_filed", "papers_complete"), effect="file",
               rank=10),
    Transition("claim_subsidy", _("申请案补"), ("closed",), SAME, "subsidy.claimed", MEDIATORS, ("office",),
               needs=("grade", "payee"), takes=("note",), guards=("filed", "no_subsidy"), effect="claim_subsidy",
               starts=("subsidy",), tells=("approvers",), follows=_("由另一人审批。"), rank=20),
    # --- time, colour, papers, words
    Transition("extend", _("延长调解期限"), (*HANDLED, "agreed"), SAME, "mediation.extended", MEDIATORS, ("office",),
               needs=("days", "agreed_on", "all_agree"), takes=("reason",), effect="extend",
               follows=_("各方同意的天数加到调解期限上。"), rank=55),
    Transition("grade", _("纠纷定级"), OPEN, SAME, "mediation.graded", MEDIATORS, ("office",),
               needs=("colour", "reason", "look_on"), effect="grade", meets=("look",), rank=52),
    Transition("add_material", _("增加材料"), tuple(STATES), SAME, "material.added", MEDIATORS, ("office",),
               needs=("material", "title", "on"), takes=("party_of", "where", "words", "sides", "documents"),
               guards=("not_filed",), effect="add_material", rank=35),
    Transition("urge", _("催办"), OPEN, SAME, "mediation.urged", (*CENTRES, *LEADERS), ("office", "above"),
               needs=("note",), tells=("committee", "mediators"), rank=50),
    Transition("instruct", _("批示"), OPEN, SAME, "mediation.instructed", LEADERS, ("above", "office"),
               needs=("instruction",), tells=("committee", "mediators"), rank=55),
    Transition("note", _("内部备注"), OPEN, SAME, "mediation.noted", MEDIATORS, ("office",), needs=("note",),
               takes=("documents",), rank=80),
    Transition("link", _("关联事项"), OPEN, SAME, "mediation.linked", (*MEDIATORS, *CENTRES), ("office",),
               needs=("target",), effect="link", rank=75),
)  # fmt: skip

# --- a party

PARTY_STATES: Final = {"present": _("参加"), "left": _("不再参加")}
PARTY_ROWS: Final = (
    Transition("edit_party", _("修改"), ("present",), SAME, "party.edited", MEDIATORS, ("office",),
               needs=("side", "party_kind"), takes=("party_name", *MORE_PARTY), effect="edit_party", during=(*BEFORE, "agreed"), rank=20),
    Transition("represent", _("登记代理人"), ("present",), SAME, "party.represented", MEDIATORS, ("office",),
               needs=("rep_name", "authority"), takes=("rep_phone", "rep_id_number", "relation", "documents"),
               effect="represent", during=(*BEFORE, "agreed", "performing"), rank=30),
    Transition("leave", _("不再参加"), ("present",), "left", "party.left", MEDIATORS, ("office",),
               needs=("reason",), guards=("side_stays",), effect="leave", during=BETWEEN, rank=60),
)  # fmt: skip

# --- an attempt

ATTEMPT_STATES: Final = {
    "seeking": _("征求同意"),
    "running": _("调解中"),
    "failed": _("未达成协议"),
    "agreed": _("达成协议"),
    "stopped": _("已终止"),
}
ATTEMPT_FINALS: Final = frozenset({"failed", "stopped"})
ATTEMPT_ROWS: Final = (
    Transition("consent", _("记录同意"), ("seeking",), SAME, "attempt.consented", MEDIATORS, ("office",),
               needs=("consenting", "manner"), effect="consent", during=("mediating",), rank=10,
               follows=_("各方都同意后，本次调解开始计时。")),
    Transition("begin", _("本次调解开始"), ("seeking",), "running", "attempt.begun", effect="begin",
               starts=("attempt",), tells=("mediators",), system=True),
    Transition("not_agreed", _("本次没有调成"), ("running",), "failed", "attempt.failed", MEDIATORS, ("office",),
               needs=("reason",), guards=("no_session_planned",), effect="not_agreed", meets=("attempt",),
               during=("mediating",), follows=_("可以再调、报上级或者终止。"), rank=30),
    Transition("succeed", _("达成协议"), ("running",), "agreed", "attempt.agreed", system=True),
    Transition("unsigned", _("协议没有签成"), ("agreed",), "failed", "attempt.failed", system=True),
    Transition("stop", _("终止"), ("seeking", "running", "agreed"), "stopped", "attempt.stopped",
               cancels=("attempt",), system=True),
)  # fmt: skip

# --- a session

SESSION_STATES: Final = {"planned": _("已安排"), "held": _("已召开"), "cancelled": _("已取消")}
SESSION_FINALS: Final = frozenset({"held", "cancelled"})
MEETING: Final = (*RUNNING, "passing")
SESSION_ROWS: Final = (
    Transition("hold", _("记录会议"), ("planned",), "held", "session.held", MEDIATORS, ("office",),
               needs=("held_from", "held_until", "present", "record", "outcome"), takes=("documents",),
               effect="hold", meets=("session",), during=MEETING, rank=10),
    Transition("tell", _("记录告知"), ("planned",), SAME, "session.told", MEDIATORS, ("office",),
               needs=("invited", "manner"), effect="tell", during=MEETING, rank=20),
    Transition("move", _("改时间地点"), ("planned",), SAME, "session.moved", MEDIATORS, ("office",),
               needs=("starts_at", "minutes", "where"), takes=("reason",), effect="move_session",
               tells=("guests",), during=MEETING, rank=30),
    Transition("cancel", _("取消会议"), ("planned",), "cancelled", "session.cancelled", MEDIATORS, ("office",),
               needs=("reason",), effect="call_off", cancels=("session",), tells=("guests",), during=MEETING, rank=60),
    Transition("drop", _("会议取消"), ("planned",), "cancelled", "session.cancelled", effect="call_off",
               cancels=("session",), tells=("guests",), system=True),
)  # fmt: skip

# --- a promise

PROMISE_STATES: Final = {
    "open": _("待履行"), "kept": _("已履行"), "broken": _("未履行"), "void": _("已取消"),
}  # fmt: skip
PROMISE_FINALS: Final = frozenset({"kept", "void"})
PROMISE_ROWS: Final = (
    Transition("keep", _("已履行"), ("open", "broken"), "kept", "promise.kept", MEDIATORS, ("office",),
               needs=("settled_on",), takes=("note", "documents"), effect="settle", meets=("promise", "follow_up"),
               during=("performing",), rank=10),
    Transition("break_promise", _("没有履行"), ("open",), "broken", "promise.broken", MEDIATORS, ("office",),
               needs=("settled_on", "advice", "note"), effect="settle", meets=("promise", "follow_up"),
               during=("performing",), rank=20),
    Transition("redate", _("改履行日期"), ("open",), SAME, "promise.redated", MEDIATORS, ("office",),
               needs=("due_on", "reason", "all_agree"), effect="redate", during=("performing",), rank=30),
    Transition("remove", _("取消这一条"), ("open",), "void", "promise.removed", MEDIATORS, ("office",),
               during=("agreed",), rank=60),
    Transition("lapse", _("协议没有签成"), ("open",), "void", "promise.removed", system=True),
)  # fmt: skip

# --- judicial confirmation

CONFIRMATION_STATES: Final = {
    "applied": _("已申请"),
    "accepted": _("法院已受理"),
    "confirmed": _("已确认有效"),
    "rejected": _("未予确认"),
    "dropped": _("已撤回申请"),
}
CONFIRMATION_FINALS: Final = frozenset({"confirmed", "rejected", "dropped"})
CONFIRMATION_ROWS: Final = (
    Transition("court_accepts", _("法院受理"), ("applied",), "accepted", "confirmation.accepted", MEDIATORS,
               ("office",), needs=("court_on",), effect="court_accepts", during=("performing",), rank=10),
    Transition("court_confirms", _("法院确认有效"), ("applied", "accepted"), "confirmed", "confirmation.confirmed",
               MEDIATORS, ("office",), needs=("court_on", "ruling"), takes=("documents",), effect="court_decides",
               during=("performing",), rank=11),
    Transition("court_rejects", _("法院未予确认"), ("applied", "accepted"), "rejected", "confirmation.rejected",
               MEDIATORS, ("office",), needs=("court_on", "reason"), takes=("ruling", "documents"),
               effect="court_decides", during=("performing",), rank=20),
    Transition("drop_confirmation", _("撤回申请"), ("applied", "accepted"), "dropped", "confirmation.dropped",
               MEDIATORS, ("office",), needs=("reason",), during=("performing",), rank=60),
)  # fmt: skip

# --- a subsidy

SUBSIDY_STATES: Final = {
    "claimed": _("待审批"), "approved": _("已批准"), "refused": _("未批准"), "paid": _("已发放"),
}  # fmt: skip
SUBSIDY_FINALS: Final = frozenset({"paid"})
SUBSIDY_ROWS: Final = (
    Transition("approve", _("批准案补"), ("claimed",), "approved", "subsidy.approved", APPROVERS,
               ("above", "office"), takes=("note",), guards=("not_own",), effect="decide_subsidy", meets=("subsidy",),
               tells=("committee",), rank=10),
    Transition("refuse_subsidy", _("不批准案补"), ("claimed",), "refused", "subsidy.refused", APPROVERS,
               ("above", "office"), needs=("reason",), guards=("not_own",), effect="decide_subsidy",
               meets=("subsidy",), tells=("committee",), rank=20),
    Transition("claim_again", _("重新申请案补"), ("refused",), "claimed", "subsidy.claimed", MEDIATORS, ("office",),
               needs=("grade", "payee", "note"), effect="claim_again", starts=("subsidy",), tells=("approvers",),
               rank=10),
    Transition("pay", _("登记发放"), ("approved",), "paid", "subsidy.paid", APPROVERS, ("above", "office"),
               needs=("paid_on",), takes=("note",), guards=("not_own",), effect="pay", tells=("committee",), rank=10),
)  # fmt: skip
