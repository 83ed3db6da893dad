"""The report as the two pages ask for it: choices at hand, 当场办结 in the same press, errors beside what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases.errors import NotAllowed
from cases.fields import FilesField
from cases.widgets import PhotosInput, PlaceChoice, PlaceInput
from grids.models import Division
from incidents.models import Category, Source
from incidents.report_form import FOR_OTHERS, PlainField, ReportForm, check_role

Files: TypeAlias = "Mapping[str, list[UploadedFile[Any]]]"
# On the pages these have no box of their own: what is wrong with them is said at the place.
AT_PLACE: Final = ("grid", "lat", "lng", "accuracy", "position_source", "confirmed")


class PageForm(ReportForm):
    """A report sent from a page. `own`: the places offered before anything is typed."""

    levels = "grid,village"
    settled = forms.BooleanField(label=_("当场办结"), required=False)
    result = PlainField(
        label=_("办理结果"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    photos_after = FilesField(label=_("处置后照片"), picture_only=True, widget=PhotosInput())

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Files | None = None,
        *,
        by: Post,
        own: Sequence[PlaceChoice] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, files, by=by, **kwargs)
        self.own = list(own)
        self.may_settle = by.role == Role.GRID_WORKER
        self.fields["place"].widget = PlaceInput(levels=self.levels, own=self.own, path_of=path_of)
        self.fields["photos"].widget = PhotosInput()
        self.fields["description"].widget.attrs["rows"] = 3
        self.fields["occurred_at"].widget = forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
        )
        _set_choices(self.fields["category"].widget, category_choices())
        # Shown as needed; what is sent may give a position instead of a code.
        self.fields["place"].required = data is None

    def full_clean(self) -> None:
        super().full_clean()
        self.fields["place"].required = True

    def clean(self) -> dict[str, Any]:
        by_value = set(self.errors)
        data = super().clean()
        self._say_at_place(by_value)
        if data.get("settled") and self.may_settle and not data.get("result") and "result" not in by_value:
            self.add_error("result", gettext("请写明是怎么处理的。"))
        return data

    def _say_at_place(self, by_value: set[str]) -> None:
        for name in AT_PLACE:
            for message in [str(one) for one in self.errors.get(name, [])]:
                named = gettext("%(label)s：%(error)s") % {"label": self.fields[name].label, "error": message}
                self.add_error("place", named if name in by_value else message)
            self.errors.pop(name, None)

    @property
    def settles(self) -> bool:
        """Whether the matter was settled where it was found: only a worker does that."""
        return bool(self.may_settle and self.cleaned_data.get("settled"))


class IntakeForm(PageForm):
    """What a centre writes down for somebody who came, called, or was passed on by the hotline."""

    levels = "grid,village,township"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        field.widget = forms.RadioSelect()
        _set_choices(field.widget, [(s.value, s.label) for s in (*FOR_OTHERS, Source.CENTRE)])
        field.required = True
        self.initial.setdefault("source", Source.VISITOR.value)
        attrs = {"inputmode": "tel", "autocomplete": "off"}
        self.fields["reporter_phone"].widget.attrs |= attrs
        self.fields["reporter_name"].widget.attrs["autocomplete"] = "off"


def _set_choices(widget: Any, choices: list[Any]) -> None:
    widget.choices = choices


def check_centre(post: Post | None) -> Post:
    """The post, if it takes matters in at a counter; raises NotAllowed with who does."""
    if post is None or post.role not in CENTRE_ROLES:
        raise NotAllowed(_("登记由各级综治中心办理。网格员请用“上报”。"))
    return check_role(post)


def category_choices() -> list[tuple[str, Any]]:
    """The small categories under their large ones, for the list of a page without scripts."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for leaf in Category.objects.leaves().order_by("code"):
        groups.setdefault(str(leaf.parent), []).append((leaf.code, str(leaf)))
    return [("", gettext("请选择")), *groups.items()]


def path_of(code: str) -> str:
    """The words for a place's code; empty when there is none."""
    place = Division.objects.with_path().filter(code=code).first() if code.isalnum() else None
    return place.path if place else ""
