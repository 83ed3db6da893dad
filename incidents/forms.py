"""One form per row of the workflow table, made from its field names: the page and the API check alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases.attachments import BadFile, Papers, Prepared, prepare_all
from cases.divisions import line
from cases.models import Case, Deadline, Supervision
from cases.offices import Office
from cases.tables import MOST_FILES, Transition
from cases.widgets import PhotosInput
from grids import clock
from grids.models import Department, Division
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


class FilesField(forms.FileField):
    """Several checked files. Cleaned value: a list of `Prepared`; empty when none was sent."""

    def __init__(self, *, picture_only: bool, **kwargs: Any) -> None:
        self.picture_only = picture_only
        super().__init__(**kwargs, required=False)

    def clean(self, data: Any, initial: Any = None) -> list[Prepared]:
        """Takes files as they were sent, and those that were checked before the case was locked."""
        given = list(data or [])
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("一次最多 %(max)s 个文件。"), params={"max": MOST_FILES})
        checked = prepare_all({"": given}, {"": self.picture_only}, most=MOST_FILES)[""]
        errors = [str(one) for one in checked if isinstance(one, BadFile)]
        if errors:
            raise forms.ValidationError(errors)
        return [one for one in checked if isinstance(one, Prepared)]


class FilesInput(forms.FileInput):
    """A file input that takes several files; bytes come in `files` as lists."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if hasattr(files, "getlist"):
            return files.getlist(name)
        return files.get(name, [])


class OfficeField(forms.ChoiceField):
    """Who is to handle: `department:ID`, `division:CODE` or `post:ID`. Cleaned value: (Office, Post or None)."""

    def clean(self, value: Any) -> tuple[Office, Post | None]:
        text = str(super().clean(value))
        if not text:
            return Office(), None
        kind, _sep, key = text.partition(":")
        if kind == "department":
            return Office(department_id=int(key)), None
        if kind == "division":
            return Office(division_id=Division.objects.get(code=key).pk), None
        post = Post.objects.get(pk=int(key))
        return Office.of(post), post


def departments_for(place: Division) -> list[Department]:
    """Departments whose place lies on the line above this place: its township's stations, county's, city's."""
    found = Department.objects.valid_on(clock.today()).filter(division__in=line(place))
    return list(found.select_related("division", "kind").order_by("division__level", "pk"))


def _department_choices(case: Case) -> list[tuple[str, str]]:
    return [(str(d.pk), f"{d.name}（{d.division.name}）") for d in departments_for(case.place)]


def handler_choices(case: Case) -> list[tuple[str, list[tuple[str, str]]]]:
    """Departments, then centres below the one in charge, then the workers of the grid; grouped."""
    departments = [(f"department:{key}", label) for key, label in _department_choices(case)]
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


def _departments(label: Any) -> Callable[[Case, Post | None], forms.Field]:
    def make(case: Case, by: Post | None) -> forms.Field:
        return forms.TypedMultipleChoiceField(
            label=label, choices=_department_choices(case), coerce=int, empty_value=[]
        )

    return make


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


def _text(label: Any, help_text: Any = "", limit: int = 1000) -> Callable[[Case, Post | None], forms.Field]:
    def make(case: Case, by: Post | None) -> forms.Field:
        return forms.CharField(
            label=label, help_text=help_text, max_length=limit, widget=forms.Textarea(attrs={"rows": 3})
        )

    return make


def _files(label: Any, *, picture_only: bool) -> Callable[[Case, Post | None], forms.Field]:
    def make(case: Case, by: Post | None) -> forms.Field:
        papers = FilesInput(attrs={"accept": ".pdf,.docx,.xlsx,image/*", "multiple": True})
        widget = PhotosInput(max_count=MOST_FILES) if picture_only else papers
        return FilesField(label=label, picture_only=picture_only, widget=widget)

    return make


class UntilField(forms.DateTimeField):
    """An instant in the future, within a year."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        now = clock.now()
        if moment is not None and not now < moment <= now + timedelta(days=366):
            raise forms.ValidationError(_("请填一年以内的将来时间。"))
        return moment


def _until(case: Case, by: Post | None) -> forms.Field:
    return UntilField(
        label=_("挂起到"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M"],
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


class TargetField(forms.CharField):
    """The number of another case within the scope of the post acted under."""

    def __init__(self, *, case: Case, by: Post | None, **kwargs: Any) -> None:
        self.case, self.by = case, by
        super().__init__(max_length=24, **kwargs)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if not number:
            return None
        # By the post acted under, not by all that the person may see: a move reaches no further than its post.
        seen = Case.objects.in_scope_of_post(self.by) if self.by else Case.objects.none()
        target = seen.filter(number__iexact=number, kind=self.case.kind).first()
        if target is None:
            raise forms.ValidationError(_("没有找到这个编号，或者它不在您的岗位范围内。"))
        if target.pk == self.case.pk:
            raise forms.ValidationError(_("不能选事项自己。"))
        return target


def _target(case: Case, by: Post | None) -> forms.Field:
    return TargetField(label=_("事项编号"), case=case, by=by)


class TasksField(forms.CharField):
    """Tasks of a split, one a line: `department id: what to do`. Cleaned: list of (department id, text)."""

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        self.departments = dict(choices)
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
    choices = _department_choices(case)
    return TasksField(
        label=_("任务"),
        help_text=_("每项任务交给一个部门，2 到 10 项；空行不算。"),
        choices=choices,
        widget=TasksInput(choices=choices, most=10),
    )


def _card(case: Case, by: Post | None) -> forms.Field:
    return forms.ChoiceField(label=_("督办方式"), choices=[c for c in Supervision.choices if c[0]])


def _choices(label: Any, choices: list[tuple[str, Any]]) -> Callable[[Case, Post | None], forms.Field]:
    def make(case: Case, by: Post | None) -> forms.Field:
        return forms.ChoiceField(label=label, choices=choices)

    return make


def _right_department(case: Case, by: Post | None) -> forms.Field:
    return forms.ChoiceField(label=_("应当由谁办理"), choices=[("", "—"), *_department_choices(case)])


FIELDS: dict[str, Callable[[Case, Post | None], forms.Field]] = {
    "reason": _text(_("理由")),
    "note": _text(_("说明")),
    "result": _text(_("办理结果"), _("做了什么、结果怎样；上报人会看到。"), 2000),
    "instruction": _text(_("批示内容")),
    "handler": _handler,
    "co_handlers": _departments(_("协办部门")),
    "copies": _departments(_("抄告部门")),
    "category": _category,
    "division": _below,
    "amount": _amount,
    "until": _until,
    "suspend_ground": _choices(_("挂起事由"), SUSPEND_GROUNDS),
    "ground": _choices(_("退回依据"), RETURN_GROUNDS),
    "right_department": _right_department,
    "target": _target,
    "tasks": _tasks,
    "card": _card,
    "photos_before": _files(_("处置前照片"), picture_only=True),
    "photos_after": _files(_("处置后照片"), picture_only=True),
    "documents": _files(_("文件（PDF、DOCX、XLSX 或图片）"), picture_only=False),
}


class ActionForm(forms.Form):
    """Filled with fields by `form_of`."""

    def __init__(self, case: Case, row: Transition, by: Post | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.row = case, row
        for name in row.fields:
            made = FIELDS[name](case, by)
            if name in row.takes:
                made.required = False
            self.fields[name] = made

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        no_duty = self.row.action == "return" and data.get("ground") == "not_duty"
        if no_duty and not data.get("right_department") and len(str(data.get("reason", ""))) < 10:
            self.add_error(
                "right_department", _("不属于本单位职责的，请选应办部门，或在理由里写明依据的规定。")
            )
        return data


def form_of(
    case: Case,
    row: Transition,
    by: Post | None,
    data: Mapping[str, Any],
    files: Papers,
) -> forms.Form:
    """The bound form of a table row; unbound pages use `ActionForm(case, row, by)`."""
    return ActionForm(case, row, by, data, files)
