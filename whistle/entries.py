"""The negative list as a list: rows, order, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.exports import Columns, Value
from cases.lists import FilteredList
from cases.models import Deadline
from whistle.filters import EntryFilter
from whistle.models import Ground, NegativeEntry
from whistle.workflow import ENTRY_STATES


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as a line: which department, for what, in which whistle, and what it waits for."""

    url: str
    department: str
    ground: str
    state: str
    step: str
    number: str
    title: str
    office: str
    proposed_at: datetime
    proposed_by: str
    deadline: Deadline | None


LOOKS: Final = {"proposed": "soon", "confirmed": "over", "appealed": "soon", "upheld": "over"}


class EntryList(FilteredList[NegativeEntry]):
    """The entries that a person may see, the last proposed first."""

    filter_class = EntryFilter
    sort_key = "sort_key"

    def scope(self) -> QuerySet[NegativeEntry]:
        return NegativeEntry.objects.visible_to(self.request.user)

    @property
    def ordered(self) -> QuerySet[NegativeEntry]:
        return self.found.annotate(sort_key=F("proposed_at")).order_by("-sort_key", "-pk")

    def with_rows(self, rows: QuerySet[NegativeEntry]) -> QuerySet[NegativeEntry]:
        return rows.select_related("summons__case__office", "summons__department", "proposed_by")

    @property
    def rows(self) -> list[EntryRow]:
        found = self.page.rows
        open_duties = Deadline.objects.filter(
            duty__in=["decide", "appeal", "decide_appeal"], item__in=[row.pk for row in found],
            case__kind="whistle", met_at=None, cancelled_at=None,
        )  # fmt: skip
        clocks = {deadline.item: deadline for deadline in open_duties}
        return [row_of(entry, clocks.get(entry.pk)) for entry in found]


def row_of(entry: Any, deadline: Deadline | None) -> EntryRow:
    case = entry.summons.case
    return EntryRow(
        url=f"{case.get_absolute_url()}#entry-{entry.pk}",
        department=entry.summons.department.name,
        ground=str(Ground(entry.ground).label),
        state=entry.state,
        step=str(ENTRY_STATES[entry.state]),
        number=case.number,
        title=case.title,
        office=case.office.name,
        proposed_at=entry.proposed_at,
        proposed_by=entry.proposed_by.label if entry.proposed_by else _("系统按记录"),
        deadline=deadline,
    )


COLUMNS: Final[Columns] = (
    (gettext_lazy("部门"), 24),
    (gettext_lazy("事由"), 14),
    (gettext_lazy("状态"), 14),
    (gettext_lazy("吹哨编号"), 18),
    (gettext_lazy("标题"), 36),
    (gettext_lazy("吹哨单位"), 20),
    (gettext_lazy("提出时间"), 18),
    (gettext_lazy("提出人"), 24),
    (gettext_lazy("认定时间"), 18),
)


def records(found: QuerySet[NegativeEntry]) -> Iterator[list[Value]]:
    """One line for each entry; who confirmed is an office, never a name."""
    rows = found.select_related("summons__case__office", "summons__department", "proposed_by")
    for entry in rows.iterator(chunk_size=500):
        row = row_of(entry, None)
        yield [
            row.department, row.ground, row.step, row.number, row.title, row.office, row.proposed_at,
            row.proposed_by, entry.confirmed_at,
        ]  # fmt: skip
