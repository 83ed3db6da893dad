"""What a report must say, checked once for page and API. Bad input is refused whole, each error by its field."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases.errors import Incomplete, NotAllowed
from cases.fields import FilesField, FilesInput
from grids import clock, geo
from grids.models import Division
from incidents.models import Category, PositionSource, Source
from incidents.services import Position, Report

REPORT_ROLES = frozenset({Role.GRID_WORKER, Role.VILLAGE_CENTRE, Role.TOWNSHIP_CENTRE, Role.CENTRE})
FOR_OTHERS = [Source.VISITOR, Source.CALLER, Source.HOTLINE]
DATETIME_FORMATS = [
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M%z",
]

# What a program may give for an extra field of each type, and what it reads otherwise.
_TYPES: dict[str, tuple[tuple[type, ...], Any]] = {
    "number": ((int, float), _("请填数字。")),
    "bool": ((bool,), _("请填 true 或 false。")),
}


def check_role(post: Post | None) -> Post:
    """The post, if it may report; raises NotAllowed with who does."""
    if post is None or post.role not in REPORT_ROLES:
        raise NotAllowed(_("上报由网格员和各级综治中心办理，您现在的岗位不能上报。"))
    return post


def plain(text: str) -> str:
    """Text without control and direction-override signs and halves of signs (lone surrogates).

    Line breaks, emoji and right-to-left text stay.
    """
    overrides = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}
    kept = (
        c for c in text if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in overrides)
    )
    return "".join(kept).strip()


class PlainField(forms.CharField):
    """A text field cleaned of what cannot be seen."""

    def to_python(self, value: Any) -> str:
        if value is not None and not isinstance(value, str):
            raise forms.ValidationError(_("请填文字。"))
        return plain(super().to_python(value) or "")


class FiniteField(forms.FloatField):
    """A finite number (WGS-84 degrees or metres)."""

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]  # the stubs say int
        if isinstance(value, bool):
            raise forms.ValidationError(_("请填数字。"))
        try:
            number = super().to_python(value)
        except OverflowError as error:  # a whole number that no float holds
            raise forms.ValidationError(_("请填数字。")) from error
        if number is not None and not math.isfinite(number):
            raise forms.ValidationError(_("请填数字。"))
        return number


def extra_field(spec: Mapping[str, Any]) -> forms.Field:
    """The form field of one extra field of a category (see the catalogue's documentation)."""
    english = (get_language() or "").startswith("en")
    label = spec["label_en"] if english else spec["label"]
    if spec.get("unit"):
        label = f"{label}（{spec['unit']}）"
    common: dict[str, Any] = {
        "label": label,
        "required": bool(spec.get("required")),
        "help_text": spec.get("help", ""),
    }
    if spec["type"] == "choice":
        rows = [(c["value"], c["label_en"] if english else c["label"]) for c in spec["choices"]]
        return forms.ChoiceField(choices=rows if common["required"] else [("", "—"), *rows], **common)
    if spec["type"] == "number":
        return FiniteField(min_value=0, max_value=1e12, **common)
    if spec["type"] == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    if spec["type"] == "bool":
        return forms.BooleanField(**{**common, "required": False})
    return PlainField(max_length=200, **common)


class ReportForm(forms.Form):
    """A report by a worker or at a centre's counter. `for_api` reads the extra fields from `fields`."""

    category = forms.ModelChoiceField(label=_("类别"), queryset=Category.objects.none(), to_field_name="code")
    title = PlainField(label=_("标题"), min_length=2, max_length=60)
    description = PlainField(label=_("情况说明"), max_length=4000, required=False, widget=forms.Textarea)
    grid = forms.CharField(label=_("网格"), max_length=15, required=False)
    place = forms.CharField(label=_("地点"), max_length=15, required=False)
    lat = FiniteField(label=_("纬度"), min_value=-90, max_value=90, required=False)
    lng = FiniteField(label=_("经度"), min_value=-180, max_value=180, required=False)
    accuracy = FiniteField(label=_("精度（米）"), min_value=0, max_value=100000, required=False)
    position_source = forms.ChoiceField(label=_("定位方式"), choices=PositionSource.choices, required=False)
    confirmed = forms.BooleanField(label=_("已确认网格"), required=False)
    address = PlainField(label=_("详细位置"), max_length=200, required=False)
    urgency = forms.ChoiceField(
        label=_("紧急程度"), choices=[("normal", _("一般")), ("urgent", _("紧急"))], required=False
    )
    occurred_at = forms.DateTimeField(label=_("发生时间"), required=False, input_formats=DATETIME_FORMATS)
    source = forms.ChoiceField(label=_("来源"), choices=Source.choices, required=False)
    reporter_name = PlainField(label=_("反映人"), max_length=40, required=False)
    reporter_phone = forms.RegexField(
        label=_("联系电话"),
        regex=r"^\+?[0-9][0-9 -]{4,18}$",
        required=False,
        error_messages={"invalid": _("电话只用数字、空格和横线。")},
    )
    photos = FilesField(
        label=_("照片"),
        picture_only=True,
        widget=FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    documents = FilesField(label=_("文件"), picture_only=False, widget=FilesInput())

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, list[UploadedFile[Any]]] | None = None,
        *,
        by: Post,
        for_api: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, cast("MultiValueDict[str, UploadedFile[Any]]", files), **kwargs)
        self.by, self.for_api = by, for_api
        field = self.fields["category"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Category.objects.leaves()
        if not for_api:
            self.show_extra(str(self["category"].value() or ""))
        self.extra: dict[str, Any] = {}
        self.found: Division | None = None
        self.geometry = ""
        # A schematic cell is only offered: the page and the API show it and ask for confirmation.
        self.offered: Division | None = None

    def show_extra(self, code: str) -> list[str]:
        """Put the category's own fields into the page's form; returns their names. They are checked by `clean`."""
        category = Category.objects.leaves().filter(code=code).first() if code.isdigit() else None
        names = []
        for spec in category.current.fields if category and category.current else []:
            shown = extra_field(spec)
            shown.widget.is_required = shown.required
            shown.required = False
            names.append(f"field_{spec['name']}")
            self.fields[names[-1]] = shown
        return names

    def clean_occurred_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["occurred_at"]
        if moment is None:
            return None
        now = clock.now()
        if moment > now + timedelta(minutes=1):
            raise forms.ValidationError(_("发生时间不能晚于现在。"))
        if moment < now - timedelta(days=366):
            raise forms.ValidationError(_("发生时间不能早于一年前。"))
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check_place(data)
        if data.get("category"):
            self._check_extra(data["category"])
        self._check_source(data)
        return data

    def _check_place(self, data: dict[str, Any]) -> None:
        lat, lng = data.get("lat"), data.get("lng")
        if (lat is None) != (lng is None) and not {"lat", "lng"} & set(self.errors):
            self.add_error("lat" if lat is None else "lng", _("纬度和经度要一起填。"))
        located = geo.locate(lat, lng) if lat is not None and lng is not None else None
        self.geometry = located.geometry if located else ""
        for name in ("grid", "place"):
            if data.get(name):
                self._take_code(name, str(data[name]))
                return
        if lat is None or lng is None:
            if not {"lat", "lng"} & set(self.errors):
                self.add_error("grid" if self.for_api else "place", _("请选择地点，或填写坐标。"))
        elif located is None:
            self.add_error("lat", _("这个位置不在任何网格内，请手工选择地点。"))
        elif located.geometry == "schematic" and not data.get("confirmed"):
            self.offered = located.division
            self.add_error(
                "confirmed",
                _("网格图是示意图，请确认是否在%(grid)s。") % {"grid": located.division.path},
            )
        else:
            self.found = located.division

    def _take_code(self, name: str, code: str) -> None:
        today = clock.today()
        found = (
            Division.objects.valid_on(today)
            .filter(code=code)
            .select_related("parent__parent__parent")
            .first()
        )
        if found is None or (name == "grid" and found.level != "grid"):
            self.add_error(name, _("没有这个网格编码。") if name == "grid" else _("没有这个地点编码。"))
        elif settings.GEZHI_CITY_CODE not in {step.code for step in found.chain}:
            self.add_error(name, _("这个地点不在本市。"))
        else:
            self.found = found

    def _check_extra(self, category: Category) -> None:
        specs = category.current.fields if category.current else []
        given = self._given_extra(specs)
        known = {spec["name"] for spec in specs}
        for name in sorted(set(given) - known):
            unknown = forms.ValidationError(_("这个类别没有“%(name)s”这一项。"), params={"name": name})
            self._add_extra_error(name, unknown)
        for spec in specs:
            if self.for_api and given.get(spec["name"]) is None and not spec.get("required"):
                continue  # a program that leaves out a yes or no has not said no
            try:
                value = extra_field(spec).clean(self._typed(spec, given.get(spec["name"])))
            except forms.ValidationError as error:
                self._add_extra_error(spec["name"], error)
                continue
            if value not in (None, ""):
                self.extra[spec["name"]] = value.isoformat() if hasattr(value, "isoformat") else value

    def _typed(self, spec: Mapping[str, Any], value: Any) -> Any:
        """What a program gives for an extra field is of the field's own type; a page sends text for all."""
        if not self.for_api or value is None:
            return value
        right, message = _TYPES.get(spec["type"], ((str,), _("请填文字。")))
        if not isinstance(value, right) or (isinstance(value, bool) and bool not in right):
            raise forms.ValidationError(message)
        return value

    def _given_extra(self, specs: list[dict[str, Any]]) -> dict[str, Any]:
        if not self.for_api:
            return {spec["name"]: self.data.get(f"field_{spec['name']}") for spec in specs}
        given = self.data.get("fields") or {}
        if isinstance(given, dict):
            return given
        self.errors.setdefault("fields", self.error_class()).append(_("要填一个对象。"))
        return {}

    def _add_extra_error(self, name: str, error: forms.ValidationError) -> None:
        key = f"fields.{name}" if self.for_api else f"field_{name}"
        self.errors.setdefault(key, self.error_class()).extend(error.messages)

    def _check_source(self, data: dict[str, Any]) -> None:
        chosen = data.get("source")
        if self.by.role == Role.GRID_WORKER:
            data["source"] = Source.WORKER
        elif chosen not in FOR_OTHERS:
            data["source"] = Source.CENTRE

    def to_report(self) -> Report:
        """The checked report; raises Incomplete with every error by its field."""
        if not self.is_valid():
            errors = {name: [str(m) for m in messages] for name, messages in self.errors.items()}
            code = "confirm_grid" if self.offered is not None and set(errors) == {"confirmed"} else None
            raise Incomplete(_("有内容需要补充或改正。"), errors=errors, code=code, extra=self._offer())
        data = self.cleaned_data
        assert self.found is not None
        return Report(
            category=data["category"],
            title=data["title"],
            place=self.found,
            description=data["description"],
            urgent=data["urgency"] == "urgent",
            occurred_at=data["occurred_at"],
            address=data["address"],
            position=self._position(data),
            source=Source(data["source"]),
            fields=self.extra,
            reporter_name=data["reporter_name"],
            reporter_phone=data["reporter_phone"],
            photos=data["photos"],
            documents=data["documents"],
        )

    def _offer(self) -> dict[str, Any]:
        """The schematic cell that waits to be confirmed, for programs."""
        cell = self.offered
        return {"offered": {"code": cell.code, "name": cell.name, "path": cell.path}} if cell else {}

    def _position(self, data: dict[str, Any]) -> Position | None:
        if data["lat"] is None:
            return None
        source = PositionSource(
            data["position_source"] or (PositionSource.GIVEN if self.for_api else "picked")
        )
        return Position(data["lat"], data["lng"], source, data["accuracy"], self.geometry)
