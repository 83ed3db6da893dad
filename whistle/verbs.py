"""The verbs of a whistle's record."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from cases.verbs import Verb

VERBS: Final = (
    Verb("whistle.drafted", _("起草吹哨申请")),
    Verb("whistle.edited", _("修改吹哨申请")),
    Verb("whistle.submitted", _("提交吹哨申请")),
    Verb("whistle.approved", _("书记同意")),
    Verb("whistle.returned", _("退回吹哨申请")),
    Verb("whistle.filed", _("向政法委报备")),
    Verb("whistle.withdrawn", _("撤回吹哨申请")),
    Verb("whistle.sounded", _("启动吹哨")),
    Verb("whistle.departments_added", _("增加吹哨部门")),
    Verb("whistle.stood_down", _("撤哨")),
    Verb("whistle.consulted", _("会商研判")),
    Verb("whistle.work_started", _("进入任务办理")),
    Verb("whistle.resolved", _("办结报销号")),
    Verb("whistle.sent_back", _("退回继续办理")),
    Verb("whistle.closed", _("销号")),
    Verb("whistle.urged", _("催办")),
    Verb("whistle.instructed", _("领导批示"), inner=True),
    Verb("whistle.noted", _("内部备注"), inner=True),
    Verb("whistle.linked", _("关联事项")),
    Verb("summons.summoned", _("通知部门报到")),
    Verb("summons.cancelled", _("部门不再报到")),
    Verb("summons.opened", _("部门查看吹哨"), quiet=True),
    Verb("summons.unopened", _("部门未及时查看"), quiet=True),
    Verb("summons.called", _("电话联系部门")),
    Verb("summons.reported", _("现场报到")),
    Verb("summons.confirmed", _("确认到场")),
    Verb("summons.disputed", _("对到场有异议")),
    Verb("summons.arrival_accepted", _("裁定到场属实")),
    Verb("summons.arrival_rejected", _("裁定没有到场")),
    Verb("summons.released", _("确认无职责")),
    Verb("summons.rated", _("评价部门")),
    Verb("task.claimed", _("认领任务")),
    Verb("task.progress", _("任务进展")),
    Verb("task.done", _("完成任务")),
    Verb("task.redated", _("改任务日期")),
    Verb("task.redone", _("任务退回重办")),
    Verb("task.dropped", _("取消任务")),
    Verb("negative.proposed", _("提请列入负面清单")),
    Verb("negative.amended", _("负面清单条目按记录更正")),
    Verb("negative.withdrawn", _("负面清单条目撤回")),
    Verb("negative.confirmed", _("认定列入负面清单")),
    Verb("negative.dismissed", _("不予列入负面清单")),
    Verb("negative.answered", _("部门申辩")),
    Verb("negative.appealed", _("部门申诉")),
    Verb("negative.unappealed", _("申诉期满，没有申诉"), quiet=True),
    Verb("negative.upheld", _("申诉后维持")),
    Verb("negative.revoked", _("申诉后撤销")),
    Verb("negative.lifted", _("移出负面清单")),
)
