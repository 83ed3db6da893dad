"""The filters of incidents: the same for the lists, the map, the exports and the API. They only ever narrow."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.divisions import line
from cases.filters import CaseFilter, Check, end_of, place_filter, start_of
from cases.models import Part, PartKind, Supervision
from cases.querysets import within_q
from grids import clock
from grids.models import Department, Division
from incidents import queues
from incidents.models import Category, Incident
from incidents.workflow import STATES

Incidents = QuerySet[Incident]
ORDERS: Final = (("deadline", _("时限紧的在前")), ("newest", _("最新上报在前")))
ANY_SUPERVISION: Final = "any"


def _category_choices() -> list[tuple[str, Any]]:
    """Large categories, each followed by its small ones."""
    rows = list(Category.objects.ever_in_force().order_by("code"))
    small: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        if row.parent_id is not None:
            small.setdefault(row.parent_id, []).append((row.code, str(row)))
    return [
        (str(row), [(row.code, _("%(name)s（全部）") % {"name": row}), *small.get(row.pk, [])])
        for row in rows
        if row.parent_id is None
    ]


def departments_near(post: Post | None) -> QuerySet[Department]:
    """Departments that a person of this post would look for: those of their place, above it and below it."""
    found = Department.objects.valid_on(clock.today()).select_related("division")
    if post is None:
        return found.none()
    seat = post.department.division if post.department else post.division
    if seat is None:
        return found.none()
    return found.filter(Q(division__in=line(seat)) | within_q(seat, "division__prefix"))


class IncidentFilter(CaseFilter):
    """Narrows a queryset of incidents that is scoped already. Reads `user` and `post` of the request it is given."""

    state = django_filters.MultipleChoiceFilter(
        label=_("状态"),
        field_name="case__state",
        choices=tuple(STATES.items()),
        distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )
    category = django_filters.ChoiceFilter(
        label=_("类别"), choices=_category_choices, method="by_category", empty_label=_("不限")
    )
    office = place_filter(_("负责的综治中心"), "by_office", "city,county,township,village")
    department = django_filters.ModelChoiceFilter(
        label=_("承办部门"),
        queryset=Department.objects.select_related("division"),
        method="by_department",
        empty_label=_("不限"),
    )
    opened_from = django_filters.DateFilter(
        label=_("上报不早于"), method="opened_since", widget=forms.DateInput(attrs={"type": "date"})
    )
    opened_to = django_filters.DateFilter(
        label=_("上报不晚于"), method="opened_until", widget=forms.DateInput(attrs={"type": "date"})
    )
    supervision = django_filters.ChoiceFilter(
        label=_("督办"),
        choices=((ANY_SUPERVISION, _("有督办")), *(c for c in Supervision.choices if c[0])),
        method="by_supervision",
        empty_label=_("不限"),
    )
    overdue = Check(label=_("已超期"), method="only_overdue")
    urgent = Check(label=_("加急"), field_name="case__urgent")
    open = Check(label=_("未结束"), method="only_open")
    unassigned = Check(label=_("未指派"), method="only_unassigned")
    no_department = Check(label=_("没有部门承办"), method="only_without_department")
    mine = Check(label=_("等我办理"), method="only_mine")
    reported = Check(label=_("我上报的"), method="only_reported")
    order = django_filters.ChoiceFilter(
        label=_("排序"), choices=ORDERS, method="leave", empty_label=None, null_label=None
    )

    class Meta:
        model = Incident
        fields: tuple[str, ...] = ()

    def by_category(self, found: Incidents, name: str, value: str) -> Incidents:
        return found.filter(category__code__startswith=value)

    def by_office(self, found: Incidents, name: str, value: Division) -> Incidents:
        seats = Division.objects.within(value).filter(level=value.level)
        return found.filter(case__office__in=seats)

    def by_department(self, found: Incidents, name: str, value: Department) -> Incidents:
        parts = Part.objects.filter(
            department=value, kind__in=[PartKind.HANDLER, PartKind.CO_HANDLER], ended_at=None
        )
        return found.filter(case__in=parts.values("case"))

    def opened_since(self, found: Incidents, name: str, value: date) -> Incidents:
        return found.filter(case__opened_at__gte=start_of(value))

    def opened_until(self, found: Incidents, name: str, value: date) -> Incidents:
        return found.filter(case__opened_at__lte=end_of(value))

    def by_supervision(self, found: Incidents, name: str, value: str) -> Incidents:
        if value == ANY_SUPERVISION:
            return found.exclude(case__supervision=Supervision.NONE)
        return found.filter(case__supervision=value)

    def only_overdue(self, found: Incidents, name: str, value: bool) -> Incidents:
        return found.filter(case__in=queues.overdue_duties(clock.now()).values("case")) if value else found

    def only_open(self, found: Incidents, name: str, value: bool) -> Incidents:
        return found.filter(case__closed_at=None) if value else found

    def only_unassigned(self, found: Incidents, name: str, value: bool) -> Incidents:
        """Open, filed or not, and with nobody who is to handle it."""
        return self._without(found, Part.objects.all()) if value else found

    def only_without_department(self, found: Incidents, name: str, value: bool) -> Incidents:
        """Open, and no department is to handle it: nobody is, or a centre or a worker."""
        return self._without(found, Part.objects.filter(department__isnull=False)) if value else found

    @staticmethod
    def _without(found: Incidents, parts: QuerySet[Part]) -> Incidents:
        held = parts.filter(kind=PartKind.HANDLER, ended_at=None)
        return found.filter(case__closed_at=None).exclude(case__in=held.values("case"))

    def only_mine(self, found: Incidents, name: str, value: bool) -> Incidents:
        if not value:
            return found
        mine, now = Q(pk__in=[]), clock.now()
        for post in self._posts:
            mine |= queues.waiting(queues.Stand(post, now))
        return found.filter(mine)

    def only_reported(self, found: Incidents, name: str, value: bool) -> Incidents:
        parts = Part.objects.filter(kind=PartKind.REPORTER, ended_at=None, post__user=self._user)
        return found.filter(case__in=parts.values("case")) if value else found
