"""The record of administration in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AdminEvent
from accounts.roles import Role

LABELS = {
    "username": gettext_lazy("用户名"),
    "role": gettext_lazy("角色"),
    "division": gettext_lazy("区划代码"),
    "starts_on": gettext_lazy("开始日期"),
    "ends_on": gettext_lazy("最后一天"),
    "is_head": gettext_lazy("单位负责人"),
    "is_leader_on_duty": gettext_lazy("带班领导"),
    "telephone": gettext_lazy("值班电话"),
    "starts_at": gettext_lazy("开始"),
    "ends_at": gettext_lazy("结束"),
    "category": gettext_lazy("事项类别"),
    "version": gettext_lazy("版本"),
    "change": gettext_lazy("改动"),
    "reason": gettext_lazy("理由"),
}

CHANGES = {
    "new": gettext_lazy("新增类别"),
    "content": gettext_lazy("修改内容"),
    "stop": gettext_lazy("停用"),
    "restart": gettext_lazy("恢复使用"),
}


def facts(event: AdminEvent) -> list[dict[str, str]]:
    """What an entry says beside who did what to whom: label and value, empty values and bare keys left out."""
    found = []
    for key, label in LABELS.items():
        value = event.data.get(key)
        if value not in (None, "", False):
            found.append({"label": str(label), "value": in_words(key, value)})
    return found


def in_words(key: str, value: Any) -> str:
    if key == "role" and value in Role.values:
        return str(Role(value).label)
    if key == "change":
        return str(CHANGES.get(value, value))
    return _("是") if value is True else str(value)
