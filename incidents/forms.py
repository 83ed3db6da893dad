"""The fields that an incident's actions ask for, by the names that its table uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases import fields
from cases.action_form import ActionForm, FieldMaker
from cases.fields import OfficeField, department_choices
from cases.models import Case, Deadline, Supervision
from grids import clock
from grids.models import Division
from incidents.models import Category
from incidents.routing import centres_below, default_department
from incidents.widgets import TasksInput

SUSPEND_GROUNDS = [
    ("weather", _("天气或季节原因")),
    ("procedure", _("等待法定程序（鉴定、公示、诉讼、复议）")),
    ("force_majeure", _("不可抗力")),
    ("budget", _("已列入计划，等待施工或经费")),
    ("party", _("当事人暂时无法联系或配合")),
]
RETURN_GROUNDS = [
    ("not_duty", _("不属于本单位职责")),
    ("not_place", _("不在本单位辖区")),
    ("facts", _("情况不清，无法办理")),
    ("condition", _("不符合立案条件")),
]


def handler_choices(case: Case) -> list[tuple[str, list[tuple[str, str]]]]:
    """Departments, then centres below the one in charge, then the workers of the grid; grouped."""
    departments = [(f"department:{key}", label) for key, label in department_choices(case)]
    below = centres_below(case)
    centres = [(f"division:{d.code}", str(_("%(place)s综治中心") % {"place": d.name})) for d in below]
    workers = Post.objects.held_on(clock.today()).filter(role=Role.GRID_WORKER, division=case.place.heir)
    if case.sensitive and Role.GRID_WORKER not in case.visible_roles:
        workers = workers.none()
    people = [(f"post:{p.pk}", f"{p.user.name}（{case.place.name}）") for p in workers.select_related("user")]
    groups = [(_("部门（站所）"), departments), (_("下级综治中心"), centres), (_("网格员"), people)]
    return [(str(name), rows) for name, rows in groups if rows]


def _handler(case: Case, by: Post | None) -> forms.Field:
    default = default_department(case.place, case.incident.version)
    initial = f"department:{default.pk}" if default else None
    return OfficeField(label=_("承办单位"), choices=handler_choices(case), initial=initial)


def _category(case: Case, by: Post | None) -> forms.Field:
    return forms.ModelChoiceField(
        label=_("类别"),
        queryset=Category.objects.leaves(),
        to_field_name="code",
        initial=case.incident.category,
    )


def _below(case: Case, by: Post | None) -> forms.Field:
    return forms.ModelChoiceField(
        label=_("下派到"),
        queryset=Division.objects.filter(pk__in=[d.pk for d in centres_below(case)]),
        to_field_name="code",
    )


UNIT_NAMES = {
    "clock_minutes": _("分钟"),
    "working_minutes": _("工作分钟"),
    "working_days": _("工作日"),
    "calendar_days": _("天"),
}


def _handling(case: Case) -> Deadline | None:
    return Deadline.objects.filter(case=case, duty="handle", met_at=None, cancelled_at=None).first()


def _amount(case: Case, by: Post | None) -> forms.Field:
    handle = _handling(case)
    unit = UNIT_NAMES[handle.unit] if handle else ""
    limit = handle.amount if handle else 1
    return forms.IntegerField(
        label=_("延长多少（%(unit)s）") % {"unit": unit},
        min_value=1,
        max_value=max(limit, 1),
        help_text=_("最多不超过原处置时限：%(limit)s%(unit)s。") % {"limit": limit, "unit": unit},
    )


class TasksField(forms.CharField):
    """Tasks of a split, one a line: `department id: what to do`. Cleaned: list of (department id, text)."""

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        self.departments, self.offered = dict(choices), choices
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            rows = [(str(row.get("department", "")), str(row.get("task", "")).strip()) for row in value]
        else:
            lines = [line for line in str(value or "").splitlines() if line.strip()]
            rows = [
                (a.strip(), b.strip())
                for a, _sep, b in (line.replace("：", ":").partition(":") for line in lines)
            ]
        return [self._row(number, *row) for number, row in enumerate(rows, 1)]

    def _row(self, number: int, department: str, task: str) -> tuple[int, str]:
        if department not in self.departments or not task or len(task) > 200:
            raise forms.ValidationError(
                _("第 %(number)s 项要选一个部门，并写明任务（200 字以内）。"), params={"number": number}
            )
        return int(department), task

    def validate(self, value: Any) -> None:
        if not 2 <= len(value or []) <= 10:
            raise forms.ValidationError(_("拆分要有 2 到 10 项任务。"))

    def run_validators(self, value: Any) -> None:
        """The rows were checked one by one."""


def _tasks(case: Case, by: Post | None) -> forms.Field:
    choices = department_choices(case)
    return TasksField(
        label=_("任务"),
        help_text=_("每项任务交给一个部门，2 到 10 项；空行不算。"),
        choices=choices,
        widget=TasksInput(choices=choices, most=10),
    )


def _card(case: Case, by: Post | None) -> forms.Field:
    return forms.ChoiceField(label=_("督办方式"), choices=[c for c in Supervision.choices if c[0]])


FIELDS: Final[Mapping[str, FieldMaker]] = {
    "reason": fields.text(_("理由")),
    "note": fields.text(_("说明")),
    "result": fields.text(_("办理结果"), _("做了什么、结果怎样；上报人会看到。"), 2000),
    "instruction": fields.text(_("批示内容")),
    "handler": _handler,
    "co_handlers": fields.departments(_("协办部门")),
    "copies": fields.departments(_("抄告部门")),
    "category": _category,
    "division": _below,
    "amount": _amount,
    "until": fields.until(_("挂起到")),
    "suspend_ground": fields.choices(_("挂起事由"), SUSPEND_GROUNDS),
    "ground": fields.choices(_("退回依据"), RETURN_GROUNDS),
    "right_department": fields.department(_("应当由谁办理")),
    "target": fields.target(_("事项编号")),
    "tasks": _tasks,
    "card": fields.choices(_("督办方式"), [card for card in Supervision.choices if card[0]]),
    "photos_before": fields.files(_("处置前照片"), picture_only=True),
    "photos_after": fields.files(_("处置后照片"), picture_only=True),
    "documents": fields.files(_("文件（PDF、DOCX、XLSX 或图片）"), picture_only=False),
}


class IncidentActionForm(ActionForm):
    """Whoever returns a matter as not their duty names the right department, or the rule that says so."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        no_duty = self.row.action == "return" and data.get("ground") == "not_duty"
        if no_duty and not data.get("right_department") and len(str(data.get("reason", ""))) < 10:
            self.add_error(
                "right_department", _("不属于本单位职责的，请选应办部门，或在理由里写明依据的规定。")
            )
        return data
