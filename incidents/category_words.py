"""What a version of a category says, in words; and what differs between two, old beside new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.roles import Role
from grids.models import DepartmentKind
from grids.wording import clauses, listed
from incidents.catalogue import DUTIES
from incidents.category_content import URGENCIES
from incidents.category_rules import OURS
from incidents.models import CategoryVersion
from incidents.workflow import DUTIES as DUTY_WORDS

HOUR: Final = 60
FIELD_TYPE_WORDS: Final = {
    "text": gettext_lazy("文字"),
    "number": gettext_lazy("数字"),
    "choice": gettext_lazy("单选"),
    "date": gettext_lazy("日期"),
    "bool": gettext_lazy("是否"),
}
URGENCY_WORDS: Final = {"normal": gettext_lazy("一般"), "urgent": gettext_lazy("加急")}
DUTY_HINTS: Final = {
    "file": gettext_lazy("从上报到立案"),
    "assign": gettext_lazy("从立案到派遣"),
    "accept": gettext_lazy("从派遣到签收"),
    "handle": gettext_lazy("从派遣到反馈"),
    "verify": gettext_lazy("从反馈到核查"),
    "whole": gettext_lazy("从立案到结案"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; what belongs to one field of the form bears its name."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """What stood there and what is to stand there; an empty side means that there is nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The times of one duty."""

    duty: str
    label: str
    hint: str
    normal: str
    urgent: str


def allowance_words(stored: Any) -> str:
    """[240, "working_minutes"] as 4工作小时; whole hours are told as hours."""
    amount, unit = stored
    if unit == "working_days":
        return ngettext("%(n)s个工作日", "%(n)s个工作日", amount) % {"n": amount}
    if unit == "calendar_days":
        return ngettext("%(n)s天", "%(n)s天", amount) % {"n": amount}
    working, hours = unit == "working_minutes", amount % HOUR == 0
    n = amount // HOUR if hours else amount
    if hours:
        return (_("%(n)s工作小时") if working else _("%(n)s小时")) % {"n": n}
    return (_("%(n)s工作分钟") if working else _("%(n)s分钟")) % {"n": n}


def duty_label(duty: str) -> str:
    """派遣, 处置, ...; as everywhere else."""
    return str(DUTY_WORDS[duty])


def time_lines(times: Mapping[str, Any]) -> list[TimeLine]:
    """All times of a version, a line a duty."""
    return [
        TimeLine(
            duty,
            duty_label(duty),
            str(DUTY_HINTS[duty]),
            *(allowance_words(times[urgency][duty]) for urgency in URGENCIES),
        )
        for duty in DUTIES
    ]


def source_words(source: str) -> str:
    """Where a category is from; ours is said to be ours."""
    return _("本系统自拟") if source in ("", OURS) else source


def is_ours(source: str) -> bool:
    """Whether everything in it is this program's own proposal."""
    return source in ("", OURS)


def field_words(spec: Mapping[str, Any]) -> str:
    """One extra field in a line: type, required or not, unit, choices."""
    english = (get_language() or "").startswith("en")
    parts = [str(FIELD_TYPE_WORDS[spec["type"]]), _("必填") if spec["required"] else _("选填")]
    if spec.get("unit"):
        unit = spec.get("unit_en") if english and spec.get("unit_en") else spec["unit"]
        parts.append(_("单位：%(unit)s") % {"unit": unit})
    if spec.get("choices"):
        parts.append(" / ".join(c["label_en" if english else "label"] for c in spec["choices"]))
    return clauses(parts)


def field_label(spec: Mapping[str, Any]) -> str:
    """The label of an extra field in the reader's language."""
    return str(spec["label_en"] if (get_language() or "").startswith("en") else spec["label"])


def kind_name(kind: DepartmentKind | None) -> str:
    """A kind of department in the reader's language."""
    if kind is None:
        return ""
    return kind.name_en if (get_language() or "").startswith("en") else kind.name


def facts(version: CategoryVersion) -> list[Fact]:
    """Everything that a version says but its times and extra fields."""
    level = version.get_department_level_display()
    return [
        Fact("in_use", _("使用状态"), _("使用中") if version.in_use else _("停用")),
        Fact("name", _("名称"), version.name),
        Fact("name_en", _("英文名称"), version.name_en),
        Fact("source", _("来源"), source_words(version.source)),
        Fact("filing_level", _("立案层级"), version.get_filing_level_display()),
        Fact("department_kind", _("默认承办部门"), kind_name(version.department_kind)),
        Fact("department_level", _("承办部门层级"), level),
        Fact("filing_conditions", _("立案条件"), version.filing_conditions),
        Fact("closing_conditions", _("结案条件"), version.closing_conditions),
        Fact("sensitive", _("敏感"), _("是") if version.sensitive else _("否")),
        Fact("visible_roles", _("可见角色"), roles_words(version.visible_roles)),
    ]


def roles_words(roles: list[str]) -> str:
    """The roles in the order in which the program lists them."""
    return listed(role.label for role in Role if role in roles)


def differences(old: CategoryVersion | None, new: CategoryVersion) -> list[Change]:
    """What the new version changes, in the order of the form; everything it says when there was none before."""
    before = {fact.name: fact.value for fact in facts(old)} if old else {}
    found = [Change(f.label, before.get(f.name, ""), f.value) for f in facts(new)]
    found += _time_differences(old, new)
    found += _field_differences(old.fields if old else [], new.fields)
    return [change for change in found if change.old != change.new]


def _time_differences(old: CategoryVersion | None, new: CategoryVersion) -> list[Change]:
    found = []
    for urgency, word in URGENCY_WORDS.items():
        for duty in DUTIES:
            before = allowance_words(old.times[urgency][duty]) if old else ""
            label = _("%(duty)s（%(urgency)s）") % {"duty": duty_label(duty), "urgency": word}
            found.append(Change(label, before, allowance_words(new.times[urgency][duty])))
    return found


def _field_differences(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[Change]:
    """By the fields' names; then whether their order changed; then what only details changed."""
    before = {spec["name"]: spec for spec in old}
    after = {spec["name"]: spec for spec in new}
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was != now:
            label = _("附加字段：%(label)s") % {"label": field_label(now or was or {})}
            found.append(Change(label, _told(was, now), _told(now, was)))
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        old_order, new_order = (listed(map(field_label, specs)) for specs in (old, new))
        found.append(Change(_("附加字段的顺序"), old_order, new_order))
    return found


def _told(spec: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    """A field's line, with the particulars in which it differs from the other side though the line does not show them."""
    if spec is None:
        return ""
    words = field_words(spec)
    if other is None or words != field_words(other):
        return words
    keys = [key for key in ("label", "label_en", "unit_en", "help", "help_en", "choices")
            if spec.get(key) != other.get(key)]  # fmt: skip
    return clauses([words, *(_particular(spec, key) for key in keys)])


def _particular(spec: dict[str, Any], key: str) -> str:
    if key == "choices":
        return " / ".join(f"{c['value']} {c['label']} {c['label_en']}" for c in spec.get("choices") or [])
    return str(spec.get(key, "") or "—")
