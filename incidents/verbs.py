"""The verbs of an incident's record; `handles` marks those whose authors may not verify or archive it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from cases.verbs import Verb

VERBS: Final = (
    Verb("incident.reported", _("上报")),
    Verb("incident.filed", _("立案")),
    Verb("incident.rejected", _("不予立案")),
    Verb("incident.assigned", _("指派")),
    Verb("incident.reassigned", _("改派")),
    Verb("incident.accepted", _("签收"), handles=True),
    Verb("incident.settled", _("直接办结"), handles=True),
    Verb("incident.progress", _("办理进展"), handles=True),
    Verb("incident.fed_back", _("反馈结果"), handles=True),
    Verb("incident.returned", _("退回")),
    Verb("incident.extension_asked", _("申请延期")),
    Verb("incident.extension_granted", _("同意延期")),
    Verb("incident.extension_refused", _("不同意延期")),
    Verb("incident.verified", _("核查通过")),
    Verb("incident.reworked", _("返工")),
    Verb("incident.refiled", _("重新派遣")),
    Verb("incident.archived", _("结案归档")),
    Verb("incident.passed_up", _("上报上级")),
    Verb("incident.passed_down", _("下派下级")),
    Verb("incident.suspended", _("挂起")),
    Verb("incident.resumed", _("恢复办理")),
    Verb("incident.merged", _("并案")),
    Verb("incident.received_duplicate", _("并入了重复上报")),
    Verb("incident.split", _("拆分任务")),
    Verb("incident.split_off", _("由拆分产生")),
    Verb("incident.children_done", _("拆分的任务全部办结")),
    Verb("incident.co_handlers_added", _("增加协办")),
    Verb("incident.copied", _("抄告")),
    Verb("incident.category_corrected", _("更正类别")),
    Verb("incident.linked", _("关联事项")),
    Verb("incident.urged", _("催办")),
    Verb("incident.supervised", _("督办")),
    Verb("incident.instructed", _("领导批示"), inner=True),
    Verb("incident.made_urgent", _("加急")),
    Verb("incident.noted", _("内部备注"), inner=True),
    Verb("incident.supplemented", _("补充说明")),
    Verb("incident.reopened", _("申请重办")),
)
