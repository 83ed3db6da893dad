"""The fields that a whistle's moves ask for: the page and the API check alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases import fields
from cases.action_form import ActionForm, FieldMaker
from cases.tables import case_of
from grids import clock
from grids.models import Division
from whistle.models import Ground, Kind, Summons
from whistle.routing import departments_for
from whistle.tables import subjects

MARKS = [(n, words) for n, words in zip((5, 4, 3, 2, 1), (
    _("5 很好"), _("4 好"), _("3 一般"), _("2 差"), _("1 很差")), strict=True)]  # fmt: skip
CALLEES = [
    ("person", _("被通知人")),
    ("deputy", _("副班")),
    ("head", _("部门负责人")),
    ("office", _("部门值班电话")),
]
ANSWERED = [("yes", _("接通，已告知")), ("no", _("没有接通"))]


def office_of(thing: Any, by: Post | None) -> Division:
    """Who whistles: of a whistle its own office, of a new one the office of the post."""
    if thing is not None:
        return case_of(thing).office
    assert by is not None and by.division is not None  # only centres whistle
    return by.division.heir


def _line(label: Any, limit: int, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: forms.CharField(label=label, max_length=limit, help_text=help_text)


def _departments(thing: Any, by: Post | None) -> forms.Field:
    found = departments_for(office_of(thing, by))
    return forms.TypedMultipleChoiceField(
        label=_("要吹哨的部门"), coerce=int, empty_value=[], choices=[(d.pk, d.name) for d in found],
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请至少选一个部门。")},
    )  # fmt: skip


def _more_departments(thing: Any, by: Post | None) -> forms.Field:
    case = case_of(thing)
    named = set(Summons.objects.filter(case=case).values_list("department_id", flat=True))
    left = [(d.pk, d.name) for d in departments_for(case.office) if d.pk not in named]
    return forms.TypedMultipleChoiceField(
        label=_("增加的部门"), coerce=int, empty_value=[], choices=left, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选一个部门。")},
    )  # fmt: skip


class SummonsField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """One of the departments of a whistle. Cleaned value: a Summons or None."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.department.name)


def _lead(thing: Any, by: Post | None) -> forms.Field:
    rows = Summons.objects.filter(case=case_of(thing)).present().select_related("department")
    return SummonsField(
        label=_("牵头部门"), queryset=rows, initial=rows.filter(lead=True).first(),
        help_text=_("从已到场的部门中选；其他部门协办。"), empty_label=_("以后再定"),
    )  # fmt: skip


class Degrees(forms.FloatField):
    """A number of degrees from a hidden input; `limit` to either side of zero."""

    def __init__(self, limit: float, **kwargs: Any) -> None:
        super().__init__(
            min_value=-limit, max_value=limit, widget=forms.HiddenInput, required=False, **kwargs
        )


def _lat(thing: Any, by: Post | None) -> forms.Field:
    return Degrees(90, label=_("纬度"))


def _lng(thing: Any, by: Post | None) -> forms.Field:
    return Degrees(180, label=_("经度"))


def _accuracy(thing: Any, by: Post | None) -> forms.Field:
    return forms.FloatField(label=_("定位精度（米）"), min_value=0, widget=forms.HiddenInput)


class PressedAt(forms.CharField):
    """The instant of a press by the phone. What cannot be read is no instant: then the received one counts."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        try:
            found = parse_datetime(text)
        except ValueError:
            return None
        return found if found is not None and found.tzinfo is not None else None


class Milliseconds(forms.CharField):
    """A span in milliseconds; what cannot be read is none."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        return (
            timedelta(milliseconds=int(text))
            if text.isascii() and text.isdigit() and len(text) < 12
            else None
        )


def _pressed_at(thing: Any, by: Post | None) -> forms.Field:
    return PressedAt(label=_("手机上按下的时间"))


def _elapsed(thing: Any, by: Post | None) -> forms.Field:
    return Milliseconds(label=_("距上次联系服务器（毫秒）"))


def _contact(thing: Any, by: Post | None) -> forms.Field:
    return forms.CharField(label=_("上次联系的凭据"), max_length=200, widget=forms.HiddenInput)


class FutureDate(forms.DateField):
    """Today or a day within the next year."""

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        today = clock.today()
        if day is not None and not today <= day <= today + timedelta(days=366):
            raise forms.ValidationError(_("请填今天起一年以内的日期。"))
        return day


def _due_on(thing: Any, by: Post | None) -> forms.Field:
    return FutureDate(
        label=_("完成日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("到这一天结束为止。"),
    )  # fmt: skip


def _marks(label: Any) -> FieldMaker:
    return lambda thing, by: forms.TypedChoiceField(
        label=label, choices=MARKS, coerce=int, widget=forms.RadioSelect
    )


def _tick(label: Any, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: forms.BooleanField(label=label, help_text=help_text, required=False)


def _subject(thing: Any, by: Post | None) -> forms.Field:
    return forms.ChoiceField(
        label=_("事项类型"), choices=[("", "—"), *((row.code, str(row)) for row in subjects().values())]
    )


MAKERS: Mapping[str, FieldMaker] = {
    "title": _line(_("标题"), 120),
    "kind": fields.choices(_("吹哨类别"), Kind.choices),
    "subject": _subject,
    "matter": fields.text(_("事情经过"), _("时间、地点、涉及的人和诉求，已经做过什么。"), 4000),
    "why_not": fields.text(_("为什么本级不能解决"), _("缺什么职权、手段或资源，需要部门做什么。"), 2000),
    "address": _line(_("报到地点"), 200, _("部门人员要到的地方，写清楚门牌或标志物。")),
    "departments": _departments,
    "more_departments": _more_departments,
    "lat": _lat,
    "lng": _lng,
    "accuracy": _accuracy,
    "lead": _lead,
    "callee": fields.choices(_("打给谁"), CALLEES),
    "answered": fields.choices(_("结果"), ANSWERED),
    "pressed_at": _pressed_at,
    "elapsed": _elapsed,
    "contact": _contact,
    "not_duty": _tick(_("认为不属于本部门职责"), _("也要到场说明；请在说明里写清依据。")),
    "task": _line(_("任务"), 300, _("做什么、做到什么程度。")),
    "due_on": _due_on,
    "response": _marks(_("响应")),
    "solution": _marks(_("解决")),
    "satisfaction": _marks(_("满意")),
    "no_effort": _tick(_("出工不出力"), _("勾选后提请列入负面清单，并请写明情况。")),
    "ground": fields.choices(_("事由"), Ground.choices),
    "target": fields.target(_("事项编号"), "incident", "whistle"),
    "reason": fields.text(_("理由")),
    "note": fields.text(_("说明")),
    "result": fields.text(_("内容"), "", 4000),
    "instruction": fields.text(_("批示内容")),
    "photos": fields.files(_("照片"), picture_only=True),
    "documents": fields.files(_("文件（PDF、DOCX、XLSX 或图片）"), picture_only=False),
}


def _as_it_stands(case: Any) -> dict[str, Any]:
    whistle = case.whistle
    names = ("kind", "subject", "matter", "why_not", "address", "lat", "lng")
    named = Summons.objects.filter(case=case, state="wanted").values_list("department_id", flat=True)
    return {
        "title": case.title,
        "departments": list(named),
        **{name: getattr(whistle, name) for name in names},
    }


class WhistleForm(ActionForm):
    """What two fields say together; an edit begins with what stands there."""

    def __init__(self, thing: Any, row: Any, by: Post | None, *args: Any, **kwargs: Any) -> None:
        if row.action == "edit" and not kwargs.get("initial"):
            kwargs["initial"] = _as_it_stands(thing)
        super().__init__(thing, row, by, *args, **kwargs)
        if row.action == "report_in":
            self.fields["photos"].required = True
            self.fields["photos"].label = _("现场照片")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("not_duty") and not data.get("note"):
            self.add_error("note", _("认为不属于本部门职责的，请写明依据。"))
        if data.get("no_effort") and not data.get("note"):
            self.add_error("note", _("出工不出力的，请写明情况。"))
        if "lat" in self.fields and (data.get("lat") is None) != (data.get("lng") is None):
            self.add_error(None, _("经度和纬度要一起给出。"))
        if self.row.action == "report_in" and not data.get("photos"):
            self.add_error("photos", _("请拍一张现场照片。"))
        return data
