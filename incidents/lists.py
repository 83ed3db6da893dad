"""The lists of incidents: scope first, then the filters of the address, then one page in one order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Post
from cases.lists import FilteredList
from incidents import queues
from incidents.filters import IncidentFilter, departments_near
from incidents.listing import Row, by_deadline, by_newest, rows_of, with_rows
from incidents.models import Incident


class DeskFilter(IncidentFilter):
    """The filters of a desk: besides the conditions, which heap of the queue is open."""

    bucket = django_filters.CharFilter(method="leave", widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Heap:
    """A bucket as `components/tiles.html` shows it."""

    label: str | Promise
    value: int
    url: str
    look: str = ""
    here: bool = False


class IncidentList(FilteredList[Incident]):
    """What one person sees of the incidents that an address asks for, acting under one post."""

    filter_class: type[IncidentFilter] = IncidentFilter

    def scope(self) -> QuerySet[Incident]:
        return Incident.objects.visible_to(self.request.user)

    @cached_property
    def filter(self) -> IncidentFilter:
        made = self.filter_class(self.data, queryset=self.scope(), request=self.request)
        _offer_departments(made.form, self.post, self.data.get("department", ""))
        return made

    @property
    def ordered(self) -> QuerySet[Incident]:
        return by_deadline(self.found, self.post) if self.by_deadline else by_newest(self.found)

    def with_rows(self, rows: QuerySet[Incident]) -> QuerySet[Incident]:
        return with_rows(rows)

    @property
    def by_deadline(self) -> bool:
        return self.data.get("order") == "deadline"

    @property
    def descending(self) -> bool:  # type: ignore[override]  # by the order asked for
        return not self.by_deadline

    @cached_property
    def rows(self) -> list[Row]:
        return rows_of(self.page.rows, self.post)

    @property
    def export_query(self) -> str:
        """What an export takes over: the same rows in the same order."""
        return self.query


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
