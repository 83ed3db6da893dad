"""A filtered list: scope first, then the filters of the address, then one page in one order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from accounts.http import PostRequest
from accounts.models import Post
from cases import keyset
from cases.doors import acting
from grids import clock
from grids.wording import listed

PAGE_SIZE: Final = 50
# Not conditions: where in the list one is, in which order it stands, which heap of a desk is open.
NOT_CONDITIONS: Final = frozenset({"after", "before", "order", "bucket"})
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A condition in force, and the address without it."""

    label: str
    url: str


class FilteredList(Generic[M]):
    """What one person sees of the rows that an address asks for, acting under one post.

    A kind of list says what it may show (`scope`), in which order (`ordered`, `sort_key`, `descending`), and which
    filters its address knows (`filter_class`, a FilterSet).
    """

    filter_class: type[Any]
    order = "newest"
    sort_key = "sort_key"
    descending = True

    def __init__(self, request: PostRequest) -> None:
        self.request = request
        self.post: Post = acting(request)
        self.now = clock.now()
        self.data = request.GET.copy()
        if not self.data.get("order"):
            self.data["order"] = self.order

    def scope(self) -> QuerySet[M]:
        """Everything that the list may show; the one rule of who sees what."""
        raise NotImplementedError

    @property
    def ordered(self) -> QuerySet[M]:
        """The whole filtered list with its sort key, as exports write it."""
        raise NotImplementedError

    def with_rows(self, rows: QuerySet[M]) -> QuerySet[M]:
        """Everything that a page's rows show, in as few queries as possible."""
        return rows

    @cached_property
    def filter(self) -> Any:
        return self.filter_class(self.data, queryset=self.scope(), request=self.request)

    @cached_property
    def found(self) -> QuerySet[M]:
        """All that is filtered, in no order; nothing when a condition cannot be read, so that nothing is misread."""
        found: QuerySet[M] = self.filter.qs if self.filter.is_valid() else self.scope().none()
        return found

    @cached_property
    def total(self) -> int:
        return self.found.count()

    @cached_property
    def page(self) -> keyset.KeysetPage[M]:
        given = {name: self.request.GET.get(name, "") for name in ("after", "before")}
        rows = self.with_rows(self.ordered)
        return keyset.page(rows, self.sort_key, given, size=PAGE_SIZE, descending=self.descending)

    @property
    def previous_url(self) -> str:
        return self._at("before", self.page.before)

    @property
    def next_url(self) -> str:
        return self._at("after", self.page.after)

    def _at(self, name: str, mark: str) -> str:
        return self.address(**{"after": None, "before": None, name: mark}) if mark else ""

    def address(self, **changes: str | None) -> str:
        """This list's address with some parameters changed; None takes one away. Always begins with "?"."""
        data = self.request.GET.copy()
        for name, value in changes.items():
            data.pop(name, None)
            if value is not None:
                data[name] = value
        return f"?{data.urlencode()}"

    @cached_property
    def query(self) -> str:
        """The conditions and the order alone: what a saved filter, the map and the exports take over."""
        known = set(self.filter.filters) | {"order"}
        pairs = [
            (name, value)
            for name, values in self.request.GET.lists()
            if name in known
            for value in values
            if value
        ]
        return urlencode(pairs)

    @cached_property
    def chosen(self) -> list[Chosen]:
        """Each condition in force in words, with the way to take it off."""
        if not self.filter.is_valid():
            return []
        found = []
        for name, value in self.filter.form.cleaned_data.items():
            if value in (None, "", [], False) or name in NOT_CONDITIONS:
                continue
            found.append(Chosen(self._said(name, value), self._without(name)))
        return found

    def _without(self, name: str) -> str:
        return self.address(**{name: None, "after": None, "before": None})

    def _said(self, name: str, value: Any) -> str:
        field = self.filter.form.fields[name]
        if value is True:
            return str(field.label)
        return _("%(label)s：%(value)s") % {"label": field.label, "value": _words_of(field, value)}


def _words_of(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.MultipleChoiceField):
        return listed(_choice(field, one) for one in value)
    return _choice(field, value) if isinstance(field, forms.ChoiceField) else str(value)


def _choice(field: forms.ChoiceField, value: str) -> str:
    """The words of a choice, looked for in groups too."""
    choices: Any = field.choices
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            for inner_key, inner_label in label:
                if str(inner_key) == str(value):
                    return str(inner_label)
        elif str(key) == str(value):
            return str(label)
    return str(value)
