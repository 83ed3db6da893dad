"""Fields that the forms of every kind's actions are made of, and the makers that a kind's table of fields names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.action_form import FieldMaker
from cases.attachments import BadFile, Prepared, prepare_all
from cases.divisions import line
from cases.models import Case
from cases.offices import Office
from cases.tables import MOST_FILES, case_of
from cases.widgets import PhotosInput
from grids import clock
from grids.models import Department, Division


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


class UntilField(forms.DateTimeField):
    """An instant in the future, within a year."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        now = clock.now()
        if moment is not None and not now < moment <= now + timedelta(days=366):
            raise forms.ValidationError(_("请填一年以内的将来时间。"))
        return moment


class TargetField(forms.CharField):
    """The number of another case within the scope of the post acted under.

    `kinds`: of which kinds it may be; the case's own when none is named.
    """

    def __init__(self, *, case: Case, by: Post | None, kinds: Iterable[str] = (), **kwargs: Any) -> None:
        self.case, self.by, self.kinds = case, by, tuple(kinds) or (case.kind,)
        super().__init__(max_length=24, **kwargs)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if not number:
            return None
        # By the post acted under, not by all that the person may see: a move reaches no further than its post.
        seen = Case.objects.in_scope_of_post(self.by) if self.by else Case.objects.none()
        target = seen.numbered(number).filter(kind__in=self.kinds).first()
        if target is None:
            raise forms.ValidationError(_("没有找到这个编号，或者它不在您的岗位范围内。"))
        if target.pk == self.case.pk:
            raise forms.ValidationError(_("不能选事项自己。"))
        return target


# --- which departments there are to choose from


def departments_for(place: Division) -> list[Department]:
    """Departments whose place lies on the line above this place: its township's stations, county's, city's."""
    found = Department.objects.valid_on(clock.today()).filter(division__in=line(place))
    return list(found.select_related("division", "kind").order_by("division__level", "pk"))


def department_choices(thing: Any) -> list[tuple[str, str]]:
    """The departments for the place of a case, or of the case of a row, as a field offers them."""
    return [(str(d.pk), f"{d.name}（{d.division.name}）") for d in departments_for(case_of(thing).place)]


# --- makers


def text(label: Any, help_text: Any = "", limit: int = 1000) -> FieldMaker:
    """Free words, of at most `limit` characters."""

    def make(thing: Any, by: Post | None) -> forms.Field:
        return forms.CharField(
            label=label, help_text=help_text, max_length=limit, widget=forms.Textarea(attrs={"rows": 3})
        )

    return make


def files(label: Any, *, picture_only: bool) -> FieldMaker:
    """Photos, or documents and photos."""

    def make(thing: Any, by: Post | None) -> forms.Field:
        papers = FilesInput(attrs={"accept": ".pdf,.docx,.xlsx,image/*", "multiple": True})
        widget = PhotosInput(max_count=MOST_FILES) if picture_only else papers
        return FilesField(label=label, picture_only=picture_only, widget=widget)

    return make


def choices(label: Any, offered: Iterable[tuple[str, Any]]) -> FieldMaker:
    """One of fixed choices."""
    fixed = list(offered)

    def make(thing: Any, by: Post | None) -> forms.Field:
        return forms.ChoiceField(label=label, choices=fixed)

    return make


def departments(label: Any) -> FieldMaker:
    """Several departments for the case's place. Cleaned value: their ids."""

    def make(thing: Any, by: Post | None) -> forms.Field:
        return forms.TypedMultipleChoiceField(
            label=label, choices=department_choices(thing), coerce=int, empty_value=[]
        )

    return make


def department(label: Any) -> FieldMaker:
    """One department for the case's place, or none. Cleaned value: its id as text."""

    def make(thing: Any, by: Post | None) -> forms.Field:
        return forms.ChoiceField(label=label, choices=[("", "—"), *department_choices(thing)])

    return make


def until(label: Any) -> FieldMaker:
    """An instant in the future, within a year."""

    def make(thing: Any, by: Post | None) -> forms.Field:
        return UntilField(
            label=label,
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M"],
        )

    return make


def target(label: Any, *kinds: str) -> FieldMaker:
    """Another case by its number, of the kinds named or of the case's own. Cleaned value: the case."""

    def make(thing: Any, by: Post | None) -> forms.Field:
        return TargetField(label=label, case=case_of(thing), by=by, kinds=kinds)

    return make
