"""The filters of the ledger and of the negative list: the same for pages, exports and the API."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.filters import CaseFilter, Check, end_of, place_filter, start_of
from cases.models import Case
from grids.models import Department
from whistle.models import Ground, Kind, Level, NegativeEntry, Outcome, Summons, Task, Whistle
from whistle.querysets import NegativeEntryQuerySet
from whistle.tables import subjects
from whistle.workflow import ENTRY_STATES, RUNNING, STATES

Whistles = QuerySet[Whistle]
Entries = QuerySet[NegativeEntry]
ORDERS: Final = (("newest", _("最新的在前")),)
ANSWER_CHOICES: Final = (
    *((value, label) for value, label in Outcome.choices if value),
    ("pending", _("还没有到场")),
    ("cancelled", _("到场前撤哨")),
)
TASK_CHOICES: Final = (("any", _("认领了任务")), ("on_time", _("有按期完成的任务")))


def _subject_choices() -> list[tuple[str, str]]:
    return [(row.code, str(row)) for row in subjects().values()]


class WhistleFilter(CaseFilter):
    """Narrows the whistles that a person may see."""

    state = django_filters.MultipleChoiceFilter(
        label=_("状态"), field_name="case__state", choices=tuple(STATES.items()), distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    level = django_filters.ChoiceFilter(label=_("层级"), choices=Level.choices, empty_label=_("不限"))
    kind = django_filters.ChoiceFilter(label=_("吹哨类别"), choices=Kind.choices, empty_label=_("不限"))
    subject = django_filters.ChoiceFilter(
        label=_("事项类型"), choices=_subject_choices, empty_label=_("不限")
    )
    department = django_filters.ModelChoiceFilter(
        label=_("部门"), queryset=Department.objects.none(), method="together", empty_label=_("不限")
    )
    outcome = django_filters.ChoiceFilter(
        label=_("报到情况"), method="together", choices=ANSWER_CHOICES, empty_label=_("不限")
    )
    tasks = django_filters.ChoiceFilter(
        label=_("任务"), method="together", choices=TASK_CHOICES, empty_label=_("不限")
    )
    sounded_from = django_filters.DateFilter(
        label=_("吹哨不早于"), method="sounded_since", widget=forms.DateInput(attrs={"type": "date"})
    )
    sounded_to = django_filters.DateFilter(
        label=_("吹哨不晚于"), method="sounded_until", widget=forms.DateInput(attrs={"type": "date"})
    )
    running = Check(label=_("正在进行"), method="only_running")
    open = Check(label=_("未结束"), method="only_open")

    class Meta:
        model = Whistle
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = Summons.objects.exclude(summoned_at=None)
        if self._user is not None:
            named = named.visible_to(self._user)
        self.filters["department"].queryset = Department.objects.filter(
            pk__in=named.values("department")
        ).order_by("name", "pk")

    def together(self, found: Whistles, name: str, value: Any) -> Whistles:
        """Department, answer and tasks are of one and the same summons: see `filter_queryset`."""
        return found

    def filter_queryset(self, queryset: Whistles) -> Whistles:
        found: Whistles = super().filter_queryset(queryset)
        asked = {name: self.form.cleaned_data.get(name) for name in ("department", "outcome", "tasks")}
        if not any(asked.values()):
            return found
        rows = Summons.objects.all()
        if asked["department"]:
            rows = rows.filter(department=asked["department"])
        if asked["outcome"]:
            rows = rows.answered(asked["outcome"])
        if asked["tasks"]:
            tasks = Task.objects.kept()
            tasks = tasks.done_on_time() if asked["tasks"] == "on_time" else tasks
            rows = rows.filter(pk__in=tasks.values("summons"))
        return found.filter(case__in=rows.values("case"))

    def sounded_since(self, found: Whistles, name: str, value: date) -> Whistles:
        return found.filter(sounded_at__gte=start_of(value))

    def sounded_until(self, found: Whistles, name: str, value: date) -> Whistles:
        return found.filter(sounded_at__lte=end_of(value))

    def only_running(self, found: Whistles, name: str, value: bool) -> Whistles:
        return found.filter(case__state__in=RUNNING) if value else found

    def only_open(self, found: Whistles, name: str, value: bool) -> Whistles:
        return found.filter(case__closed_at=None) if value else found


class EntryFilter(CaseFilter):
    """Narrows the entries of the negative list that a person may see."""

    state = django_filters.MultipleChoiceFilter(
        label=_("状态"), choices=tuple(ENTRY_STATES.items()), distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    ground = django_filters.ChoiceFilter(label=_("事由"), choices=Ground.choices, empty_label=_("不限"))
    department = django_filters.ModelChoiceFilter(
        label=_("部门"), field_name="summons__department", queryset=Department.objects.none(),
        empty_label=_("不限"),
    )  # fmt: skip
    year = django_filters.NumberFilter(label=_("吹哨年度"), method="by_year", min_value=2000, max_value=2100)
    place = place_filter(_("吹哨单位"), "by_place")

    class Meta:
        model = NegativeEntry
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = (
            NegativeEntry.objects.all()
            if self._user is None
            else NegativeEntry.objects.visible_to(self._user)
        )
        self.filters["department"].queryset = Department.objects.filter(
            pk__in=rows.values("summons__department")
        ).order_by("name", "pk")

    def by_words(self, found: Entries, name: str, value: str) -> Entries:
        return found.filter(summons__case__in=Case.objects.matching(value))

    def by_place(self, found: Entries, name: str, value: Any) -> Entries:
        return found.filter(summons__case__in=Case.objects.within(value))

    def by_year(self, found: NegativeEntryQuerySet, name: str, value: Any) -> Entries:
        return found.of_year(int(value))
