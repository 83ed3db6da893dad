"""The lists of incidents: scope first, then the filters of the address, then one page in one order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.http import PostRequest
from accounts.models import Post
from cases import keyset
from cases.doors import acting
from grids import clock
from grids.wording import listed
from incidents import queues
from incidents.filters import IncidentFilter, departments_near
from incidents.listing import Row, by_deadline, by_newest, rows_of, with_rows
from incidents.models import Incident

PAGE_SIZE: Final = 50
# Not conditions: where in the list one is, and in which order it stands.
NOT_CONDITIONS: Final = frozenset({"after", "before", "order"})


class DeskFilter(IncidentFilter):
    """The filters of a desk: besides the conditions, which heap of the queue is open."""

    bucket = django_filters.CharFilter(method="leave", widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A condition in force, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Heap:
    """A bucket as `components/tiles.html` shows it."""

    label: str | Promise
    value: int
    url: str
    look: str = ""
    here: bool = False


class IncidentList:
    """What one person sees of the incidents that an address asks for, acting under one post."""

    filter_class: type[IncidentFilter] = IncidentFilter
    order = "newest"

    def __init__(self, request: PostRequest) -> None:
        self.request = request
        self.post: Post = acting(request)
        self.now = clock.now()
        self.data = request.GET.copy()
        if not self.data.get("order"):
            self.data["order"] = self.order

    def scope(self) -> QuerySet[Incident]:
        """Everything that the list may show; the one rule of who sees what."""
        return Incident.objects.visible_to(self.request.user)

    @cached_property
    def filter(self) -> IncidentFilter:
        made = self.filter_class(self.data, queryset=self.scope(), request=self.request)
        _offer_departments(made.form, self.post, self.data.get("department", ""))
        return made

    @cached_property
    def found(self) -> QuerySet[Incident]:
        """All that is filtered, in no order; nothing when a condition cannot be read, so that nothing is misread."""
        return self.filter.qs if self.filter.is_valid() else self.scope().none()

    @cached_property
    def total(self) -> int:
        return self.found.count()

    @property
    def ordered(self) -> QuerySet[Incident]:
        """The whole filtered list in the order asked for, as exports write it."""
        return by_deadline(self.found, self.post) if self.by_deadline else by_newest(self.found)

    @property
    def by_deadline(self) -> bool:
        return self.data.get("order") == "deadline"

    @cached_property
    def page(self) -> keyset.KeysetPage[Incident]:
        given = {name: self.request.GET.get(name, "") for name in ("after", "before")}
        return keyset.page(
            with_rows(self.ordered), "sort_key", given, size=PAGE_SIZE, descending=not self.by_deadline
        )

    @cached_property
    def rows(self) -> list[Row]:
        return rows_of(self.page.rows, self.post)

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

    @property
    def export_query(self) -> str:
        """What an export takes over: the same rows in the same order."""
        return self.query

    @cached_property
    def chosen(self) -> list[Chosen]:
        """Each condition in force in words, with the way to take it off."""
        if not self.filter.is_valid():
            return []
        found = []
        for name, value in self.filter.form.cleaned_data.items():
            if value in (None, "", [], False) or name in NOT_CONDITIONS or name == "bucket":
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


class Desk(IncidentList):
    """The queue of the post acted under: what waits for its office, by deadline, in heaps."""

    filter_class = DeskFilter
    order = "deadline"

    @cached_property
    def stand(self) -> queues.Stand:
        return queues.Stand(self.post, self.now)

    @property
    def bucket(self) -> str:
        code = self.request.GET.get("bucket", "")
        return code if any(bucket.code == code for bucket in queues.buckets_of(self.post)) else ""

    @property
    def heap_url(self) -> str:
        """The open heap without any condition."""
        return f"?bucket={self.bucket}" if self.bucket else "?"

    @property
    def export_query(self) -> str:
        """Names the heap, so that the export takes the desk's rows and not all; `desk` means all that waits."""
        return urlencode({"desk": "1"}) + (f"&{self.query}" if self.query else "")

    def scope(self) -> QuerySet[Incident]:
        visible = Incident.objects.visible_to(self.request.user)
        return visible.filter(queues.condition_of(self.stand, self.bucket))

    @cached_property
    def heaps(self) -> list[Heap]:
        """Every heap with its number, whatever else is filtered; and all that waits."""
        numbers = queues.counts(Incident.objects.visible_to(self.request.user), self.stand)
        heaps = [Heap(_("全部待办"), numbers[""], "?", here=not self.bucket)]
        for bucket in queues.buckets_of(self.post):
            number, here = numbers[bucket.code], bucket.code == self.bucket
            look = bucket.look if number else ""
            heaps.append(Heap(bucket.label, number, f"?bucket={bucket.code}", look, here))
        return heaps


def _offer_departments(form: forms.Form, post: Post, chosen: str) -> None:
    """The list of departments is long: those near the post are offered, any other is taken when an address names it."""
    field = form.fields["department"]
    assert isinstance(field, forms.ModelChoiceField)
    words = _("%(department)s（%(place)s）")
    near = [
        (str(d.pk), words % {"department": d.name, "place": d.division.name}) for d in departments_near(post)
    ]
    if chosen.isdecimal() and chosen not in dict(near):
        other = field.queryset.filter(pk=int(chosen)).first() if field.queryset is not None else None
        near += [(chosen, str(other))] if other is not None else []
    field.widget.choices = [("", _("不限")), *near]


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
