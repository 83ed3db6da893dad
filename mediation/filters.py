"""The filters of the list of disputes: the same for pages, exports and the API. None of them is about a person."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.filters import CaseFilter, Check, end_of, start_of
from cases.periods import Period
from grids import clock
from mediation import choices as c
from mediation.figures import COUNTS, GROUPS, filters
from mediation.models import Committee, Mediation
from mediation.workflow import STATES

Found = QuerySet[Any]
ORDERS: Final = (("newest", _("最新的在前")),)
DAY: Final = forms.DateInput(attrs={"type": "date"})
COUNTED: Final = {
    "received": _("受理"),
    "mediated": _("调解有结果"),
    "succeeded": _("调解成功"),
    "refused": _("当事人拒绝"),
    "failed": _("调解不成"),
    "performed": _("协议已履行"),
    "confirmed": _("司法确认"),
}


class MediationFilter(CaseFilter):
    """Narrows the disputes that a person may see. `counted` with `from` and `to`: those behind a number of the figures."""

    state = django_filters.MultipleChoiceFilter(
        label=_("状态"), field_name="case__state", choices=tuple(STATES.items()), distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    tier = django_filters.ChoiceFilter(label=_("层级"), choices=c.Tier.choices, empty_label=_("不限"))
    at = django_filters.ChoiceFilter(
        label=_("现在哪一级"), choices=c.Tier.choices, method="by_tier_now", empty_label=_("不限")
    )
    committee = django_filters.ModelChoiceFilter(
        label=_("调解委员会"),
        queryset=Committee.objects.all(),
        method="by_committee",
        widget=forms.HiddenInput,
    )
    kind = django_filters.ChoiceFilter(label=_("纠纷类别"), choices=c.Kind.choices, empty_label=_("不限"))
    source = django_filters.ChoiceFilter(label=_("来源"), choices=c.Source.choices, empty_label=_("不限"))
    initiative = django_filters.ChoiceFilter(
        label=_("启动方式"), choices=c.Initiative.choices, empty_label=_("不限")
    )
    colour = django_filters.ChoiceFilter(
        label=_("颜色"), choices=[choice for choice in c.Colour.choices if choice[0]], empty_label=_("不限")
    )
    ending = django_filters.ChoiceFilter(
        label=_("结果"), field_name="outcome", choices=GROUPS["ending"][1], empty_label=_("不限")
    )
    counted = django_filters.ChoiceFilter(
        label=_("统计项"), choices=tuple(COUNTED.items()), method="leave", empty_label=_("不限")
    )
    since = django_filters.DateFilter(label=_("不早于"), method="leave", widget=DAY)
    until = django_filters.DateFilter(label=_("不晚于"), method="leave", widget=DAY)
    open = Check(label=_("未结束"), method="only_open")
    overdue = Check(label=_("已超期"), method="only_overdue")
    meeting_soon = Check(label=_("七天内开会"), method="only_meeting_soon")
    look_due = Check(label=_("定级复看过期"), method="only_look_due")

    class Meta:
        model = Mediation
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: Found) -> Found:
        """Days are those of the column counted; without one, of the entry."""
        found: Found = super().filter_queryset(queryset)
        data = self.form.cleaned_data
        first, last = data.get("since"), data.get("until")
        if data.get("counted"):
            period = Period(first or date(1900, 1, 1), last or date(9999, 12, 31))
            return found.filter(filters(period)[data["counted"]])
        if first:
            found = found.filter(case__opened_at__gte=start_of(first))
        return found.filter(case__opened_at__lte=end_of(last)) if last else found

    def by_tier_now(self, found: Found, name: str, value: str) -> Found:
        return found.at_tier(value)  # type: ignore[attr-defined, no-any-return]  # of the manager's own

    def by_committee(self, found: Found, name: str, value: Committee) -> Found:
        return found.filter(case__office=value.division_id)

    def only_overdue(self, found: Found, name: str, value: bool) -> Found:
        return found.overdue(clock.now()) if value else found  # type: ignore[attr-defined]

    def only_meeting_soon(self, found: Found, name: str, value: bool) -> Found:
        return found.meeting_soon(clock.now()) if value else found  # type: ignore[attr-defined]

    def only_look_due(self, found: Found, name: str, value: bool) -> Found:
        return found.look_due(clock.now()) if value else found  # type: ignore[attr-defined]

    def only_open(self, found: Found, name: str, value: bool) -> Found:
        return found.filter(case__closed_at__isnull=True) if value else found


assert tuple(COUNTED) == COUNTS
