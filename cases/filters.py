"""Parts of the filters of every kind of case: places, check boxes, days, and who asks."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Post, User
from cases.models import Case
from cases.querysets import within_q
from cases.widgets import PlaceInput
from grids import clock
from grids.models import Division


def path_of(code: str) -> str:
    """The words of a place that the place picker holds; the code itself for an unknown one."""
    found = Division.objects.with_path().filter(code=code).first()
    return found.path if found else code


def start_of(day: date) -> datetime:
    """The first instant of a day in China."""
    return datetime.combine(day, time(), clock.SHANGHAI)


def end_of(day: date) -> datetime:
    """The last instant of a day in China."""
    return datetime.combine(day, time.max, clock.SHANGHAI)


def place_filter(label: Any, method: str, levels: str = "") -> django_filters.ModelChoiceFilter:
    """A division, by the place picker."""
    return django_filters.ModelChoiceFilter(
        label=label,
        method=method,
        queryset=Division.objects.all(),
        to_field_name="code",
        widget=PlaceInput(levels=levels, path_of=path_of),
        error_messages={"invalid_choice": _("没有这个地点，请从列表里选。")},
    )


class Check(django_filters.BooleanFilter):  # type: ignore[misc]  # a package without types
    """A check box: ticked narrows, empty does not."""

    field_class = forms.BooleanField

    def filter(self, qs: QuerySet[Any], value: Any) -> Any:
        return qs if not value else super().filter(qs, value)


class CaseFilter(django_filters.FilterSet):  # type: ignore[misc]  # a package without types
    """Narrows a queryset whose rows have a `case`, scoped already. Reads `user` and `post` of the request it is given."""

    q = django_filters.CharFilter(
        label=_("查找"),
        method="by_words",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("编号、地点或任意两个字")}),
    )
    place = place_filter(_("地点"), "by_place")

    @property
    def _user(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @property
    def _posts(self) -> list[Post]:
        """The post acted under; all posts held where a program names none."""
        post = getattr(self.request, "post", None)
        return [post] if post is not None else list(getattr(self.request, "posts", []))

    def by_words(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return found.filter(case__in=Case.objects.matching(value))

    def by_place(self, found: QuerySet[Any], name: str, value: Division) -> QuerySet[Any]:
        return found.filter(within_q(value, "case__place_prefix"))

    def leave(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """An order narrows nothing; the list reads it."""
        return found
