"""The forms that change a category. They read what was typed; the rules are in `category_content`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.roles import CASE_ROLES, Role
from grids.calendars import Allowance
from grids.models import DepartmentKind
from incidents import category_rules as rules
from incidents.catalogue import DUTIES
from incidents.category_content import MOST, URGENCIES, Content, Errors, allowance_of
from incidents.category_words import DUTY_HINTS, FIELD_TYPE_WORDS, URGENCY_WORDS, duty_label, kind_name
from incidents.fieldspec import MAX_FIELDS, faults_in
from incidents.models import DEPARTMENT_LEVELS, FILING_LEVELS, Category, CategoryVersion
from incidents.report_form import PlainField

ROWS: Final = "field"
HOUR: Final = 60
# What a person chooses, the stored unit and how many of it: hours are kept as minutes.
UNITS: Final = {
    "working_hours": (_("工作小时"), "working_minutes", HOUR),
    "working_minutes": (_("工作分钟"), "working_minutes", 1),
    "working_days": (_("工作日"), "working_days", 1),
    "clock_hours": (_("小时（按钟表）"), "clock_minutes", HOUR),
    "clock_minutes": (_("分钟（按钟表）"), "clock_minutes", 1),
    "calendar_days": (_("天（自然日）"), "calendar_days", 1),
}


class AllowanceWidget(forms.MultiWidget):
    """An amount and its unit, side by side."""

    template_name = "incidents/widgets/allowance.html"

    def __init__(self, label: str = "") -> None:
        amount = forms.NumberInput(
            attrs={"min": 1, "max": MOST, "inputmode": "numeric", "class": "form-control", "required": True}
        )
        unit = forms.Select(
            choices=[(key, words) for key, (words, _unit, _n) in UNITS.items()],
            attrs={"class": "form-select"},
        )
        super().__init__([amount, unit])
        self.label = label

    def decompress(self, value: Any) -> list[Any]:
        if not isinstance(value, Allowance):
            return [None, "working_hours"]
        fitting = (key for key, (_words, unit, many) in UNITS.items()
                   if unit == value.unit and value.amount % many == 0)  # fmt: skip
        key = next(fitting)
        return [value.amount // UNITS[key][2], key]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Each part is named by what it is of: the column's words alone would not tell a screen reader."""
        wrong = "is-invalid" in str((attrs or {}).get("class", ""))
        kept = {key: text for key, text in (attrs or {}).items() if key != "class"}
        context = super().get_context(name, value, kept)
        for part, words in zip(context["widget"]["subwidgets"], (_("数量"), _("单位")), strict=True):
            part["attrs"]["aria-label"] = f"{self.label} {words}"
            part["attrs"]["class"] += " is-invalid" if wrong else ""
        return context


class AllowanceField(forms.MultiValueField):
    """[amount, unit] as a version stores it."""

    def __init__(self, label: str) -> None:
        amount = forms.IntegerField(min_value=1, max_value=MOST)
        unit = forms.ChoiceField(choices=[(key, words) for key, (words, _unit, _n) in UNITS.items()])
        super().__init__(
            fields=(amount, unit),
            label=label,
            widget=AllowanceWidget(label),
            error_messages={"required": _("请填数量和单位。")},
        )

    def compress(self, data_list: list[Any]) -> list[Any] | None:
        if not data_list:
            return None
        amount, key = data_list
        _words, unit, many = UNITS[key]
        if amount * many > MOST:
            raise ValidationError(_("时间太长，请换一个单位。"))
        return [amount * many, unit]


class TextField(PlainField):
    """A stripped text; how long it may be is a rule of the catalogue, told by the browser too."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["maxlength"] = rules.LIMITS.get(name, rules.REASON_LIMIT)


class KindField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker alone
    def label_from_instance(self, obj: DepartmentKind) -> str:
        return kind_name(obj)


def _area(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CategoryForm(forms.Form):
    """A small category as its next version is to be."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = TextField("name", label=_("名称"))
    name_en = TextField("name_en", label=_("英文名称"))
    source = TextField(
        "source",
        label=_("来源"),
        required=False,
        help_text=_("依据的文件名称和文号。没有依据文件的留空，目录里标为“本系统自拟”。"),
    )
    filing_level = forms.ChoiceField(
        label=_("立案层级"), choices=FILING_LEVELS, help_text=_("由哪一级综治中心立案。")
    )
    department_kind = KindField(
        label=_("默认承办部门"),
        queryset=DepartmentKind.objects.order_by("code"),
        empty_label=_("请选择"),
        help_text=_("派遣时自动填上，可以改派。"),
    )
    department_level = forms.ChoiceField(
        label=_("承办部门层级"),
        choices=DEPARTMENT_LEVELS,
        help_text=_("乡镇（街道）一级是当地站所，市县一级是局。"),
    )
    filing_conditions = TextField("filing_conditions", label=_("立案条件"), widget=_area())
    closing_conditions = TextField("closing_conditions", label=_("结案条件"), widget=_area())
    sensitive = forms.BooleanField(
        label=_("敏感类别"),
        required=False,
        help_text=_("只有下面选中的角色看得到；上报人始终看得到自己上报的事项的进度。"),
    )
    visible_roles = forms.MultipleChoiceField(
        label=_("可见角色"),
        required=False,
        choices=[(role.value, role.label) for role in Role if role in CASE_ROLES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("敏感类别必填；立案的综治中心和部门人员必须在内。"),
    )
    reason = TextField("reason", label=_("理由"), widget=_area(), help_text=_("综治中心据此决定是否同意。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for urgency, prefix in URGENCIES.items():
            for duty in DUTIES:
                label = _("%(duty)s（%(urgency)s）") % {
                    "duty": duty_label(duty),
                    "urgency": URGENCY_WORDS[urgency],
                }
                self.fields[f"{prefix}{duty}"] = AllowanceField(label)
        self.order_fields(self._order())

    def _order(self) -> list[str]:
        """As on the page: the summary of errors follows it."""
        times = [f"{prefix}{duty}" for duty in DUTIES for prefix in URGENCIES.values()]
        names = ["parent", "code", "name", "name_en", "source", "filing_level", "department_kind"]
        names += ["department_level", "filing_conditions", "closing_conditions", *times]
        return [*names, "sensitive", "visible_roles", "reason", "base"]

    @property
    def time_rows(self) -> list[dict[str, Any]]:
        """A line a duty, with the two controls."""
        return [
            {
                "label": duty_label(duty),
                "hint": DUTY_HINTS[duty],
                "cells": [(URGENCY_WORDS[u], self[f"{prefix}{duty}"]) for u, prefix in URGENCIES.items()],
            }
            for duty in DUTIES
        ]

    def content(self) -> Content:
        """The columns of a version that the form's fields stand for, but the extra fields."""
        data = self.cleaned_data
        plain = ("name", "name_en", "filing_level", "department_level", "filing_conditions")
        return {
            **{key: data[key] for key in (*plain, "closing_conditions", "sensitive", "visible_roles")},
            "source": data["source"] or rules.OURS,
            "department_kind_id": data["department_kind"].pk,
            "times": {
                urgency: {duty: data[f"{prefix}{duty}"] for duty in DUTIES}
                for urgency, prefix in URGENCIES.items()
            },
        }

    def take(self, errors: Errors) -> None:
        """Put a refusal's reasons beside the fields they name."""
        for name, reasons in errors.items():
            self.add_error(name if name in self.fields else None, list(reasons))

    @staticmethod
    def values_of(version: CategoryVersion) -> dict[str, Any]:
        """What the form shows first: a version as it stands."""
        names = ("name", "name_en", "filing_level", "department_level", "filing_conditions")
        values = {key: getattr(version, key) for key in (*names, "closing_conditions", "sensitive")}
        for urgency, prefix in URGENCIES.items():
            values |= first_times(prefix, version.times[urgency])
        return values | {
            "source": "" if version.source == rules.OURS else version.source,
            "department_kind": version.department_kind_id,
            "visible_roles": version.visible_roles,
        }


def first_times(prefix: str, times: dict[str, Any]) -> dict[str, Allowance | None]:
    """The first values of the controls of one urgency. Not lists: those a control of two parts takes as typed."""
    return {f"{prefix}{duty}": allowance_of(times[duty]) for duty in DUTIES}


class LargeField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Category) -> str:
        return f"{obj.code} {obj}"


class NewCategoryForm(CategoryForm):
    """A small category that does not exist yet."""

    parent = LargeField(
        label=_("大类"), queryset=Category.objects.large().order_by("code"), empty_label=_("请选择")
    )
    code = forms.CharField(
        label=_("小类代码"),
        strip=True,
        help_text=_("四位数字，前两位是大类代码。编号一经使用不再改，也不挪作他用。"),
        widget=forms.TextInput(attrs={"maxlength": 4, "inputmode": "numeric"}),
    )


class ReasonForm(forms.Form):
    """Only a reason: to stop a category, to take it up again."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = TextField("reason", label=_("理由"), widget=_area())


class RefusalForm(forms.Form):
    """Why a proposal is refused."""

    reason = TextField(
        "reason", label=_("不同意的理由"), widget=_area(), help_text=_("提出人会看到；不同意时必填。")
    )


class FieldForm(forms.Form):
    """One extra field of the category's report. An empty last row is no field."""

    name = PlainField(label=_("字段代码"), help_text=_("小写字母开头，例如 pole_no；以后不要改。"))
    label = PlainField(label=_("中文标签"))
    label_en = PlainField(label=_("英文标签"))
    type = forms.ChoiceField(
        label=_("类型"),
        choices=list(FIELD_TYPE_WORDS.items()),
        initial="text",
        help_text=_("上报人填什么样的内容。"),
    )
    required = forms.BooleanField(label=_("上报时必填"), required=False)
    choices = PlainField(
        label=_("选项"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "gz-code"}),
        help_text=_("只有单选才填。每行一个：代码|中文|英文，例如 water|供水|Water supply"),
    )
    unit = PlainField(label=_("单位"), required=False)
    unit_en = PlainField(label=_("英文单位"), required=False)
    help = PlainField(label=_("填写说明"), required=False)
    help_en = PlainField(label=_("英文填写说明"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spec: dict[str, Any] = {}

    @property
    def has_more(self) -> bool:
        """Whether one of the folded fields holds or lacks something."""
        folded = ("unit", "unit_en", "help", "help_en")
        return any(self[name].value() or self[name].errors for name in folded)

    @property
    def heading(self) -> str:
        """What the row is called: its Chinese label, as it was before or as it is typed."""
        return str(self["label"].value() or "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.spec = {
            key: data[key] for key in ("name", "label", "label_en", "type", "required") if key in data
        }
        self.spec |= {key: data[key] for key in ("unit", "unit_en", "help", "help_en") if data.get(key)}
        choices = self._choices(data.get("choices", ""))
        if choices:
            self.spec["choices"] = choices
        for key, reason in faults_in(self.spec):
            if key not in self.errors:
                self.add_error(key or None, reason)
        return data

    def _choices(self, text: str) -> list[dict[str, str]]:
        found = []
        for line in filter(None, map(str.strip, text.splitlines())):
            parts = [part.strip() for part in line.replace("｜", "|").split("|")]
            if len(parts) != 3:
                self.add_error("choices", _("“%(line)s”应写成：代码|中文|英文") % {"line": line})
                return []
            found.append(dict(zip(("value", "label", "label_en"), parts, strict=True)))
        return found

    @staticmethod
    def values_of(spec: dict[str, Any]) -> dict[str, Any]:
        """What a row shows first."""
        lines = [f"{c['value']}|{c['label']}|{c['label_en']}" for c in spec.get("choices") or []]
        return {**spec, "choices": "\n".join(lines)}


if TYPE_CHECKING:
    BaseRows = forms.BaseFormSet[FieldForm]
else:  # generic only for the type checker
    BaseRows = forms.BaseFormSet


def unjudged(form: forms.BaseForm) -> None:
    """Shows what was typed in a form without saying what is wrong with it."""
    form._errors = ErrorDict()  # type: ignore[attr-defined]  # private, unknown to the stubs


class FieldRows(BaseRows):
    """The extra fields, a form each."""

    deletion_widget = forms.CheckboxInput

    def add_fields(self, form: FieldForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("删除这个字段")

    def clean(self) -> None:
        """A form cut short on its way must not take fields away; those to go say so themselves."""
        if self.total_form_count() < len(self.initial or []):
            raise ValidationError(_("提交的内容不完整，请刷新页面再填。"))

    def unjudged(self) -> None:
        """Shows what was typed without saying what is wrong with it."""
        for form in self.forms:
            unjudged(form)
        self._errors: list[Any] = []
        self._non_form_errors = self.error_class()

    def specs(self) -> list[dict[str, Any]]:
        """The fields to keep, in their order."""
        return [form.spec for form in self.forms if form.spec and form not in self.deleted_forms]


MOST_ROWS: Final = 40
_FieldFormSet = forms.formset_factory(
    FieldForm, formset=FieldRows, extra=1, can_delete=True, max_num=MAX_FIELDS + 1, absolute_max=MOST_ROWS
)


def field_rows(data: QueryDict | None, specs: list[dict[str, Any]]) -> FieldRows:
    """The rows of a category's extra fields, and an empty one."""
    initial = [FieldForm.values_of(spec) for spec in specs]
    rows = _FieldFormSet(data, prefix=ROWS, initial=initial)
    assert isinstance(rows, FieldRows)
    return rows


def empty_row(index: int) -> FieldForm:
    """A further row for extra fields, by its number from 0."""
    return FieldForm(prefix=f"{ROWS}-{index}", empty_permitted=True, use_required_attribute=False)
