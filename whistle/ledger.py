"""The ledger (台账): one set of rows, read by the township as its own and by the committee as all (domain rules, 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.exports import Columns, Value
from cases.lists import FilteredList
from cases.words import duration
from grids.wording import listed
from whistle.filters import WhistleFilter
from whistle.models import Kind, Level, Outcome, Summons, Task, Whistle
from whistle.tables import subject_name
from whistle.workflow import STATES, SUMMONS_STATES


@dataclass(frozen=True, slots=True)
class Turnout:
    """How one department answered, in words and as a colour with a word (never colour alone)."""

    department: str
    words: str
    look: str
    lead: bool


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One whistle as a line of the ledger."""

    number: str
    url: str
    title: str
    office: str
    level: str
    kind: str
    subject: str
    state: str
    step: str
    sounded_at: datetime | None
    closed_at: datetime | None
    turnouts: list[Turnout]
    done: int
    tasks: int
    entries: int


LOOKS: Final = {Outcome.ON_TIME: "met", Outcome.LATE: "soon", Outcome.ABSENT: "over"}


def turnout_of(summons: Summons) -> Turnout:
    """A department's answer: the outcome with the time it took, else where the summons stands."""
    words = str(SUMMONS_STATES[summons.state])
    if summons.outcome:
        words = str(Outcome(summons.outcome).label)
        if summons.arrived_at and summons.summoned_at:
            words = _("%(outcome)s，用时 %(span)s") % {
                "outcome": words, "span": duration(summons.arrived_at - summons.summoned_at),
            }  # fmt: skip
    look = LOOKS.get(Outcome(summons.outcome), "off" if summons.state == "cancelled" else "ok")
    return Turnout(summons.department.name, words, look, summons.lead)


def with_rows(found: QuerySet[Whistle]) -> QuerySet[Whistle]:
    """Everything that a line shows, in a fixed number of queries."""
    summonses = Summons.objects.select_related("department").order_by("-lead", "pk")
    return found.with_case().prefetch_related(  # type: ignore[attr-defined, no-any-return]  # the manager's own
        Prefetch("case__summonses", queryset=summonses, to_attr="called")
    ).annotate(
        entries=Count("case__summonses__negative_entries", distinct=True, filter=Q(
            case__summonses__negative_entries__state__in=["proposed", "confirmed", "appealed", "upheld"])),
        tasks=Count("case__summonses__tasks", distinct=True, filter=~Q(case__summonses__tasks__state="dropped")),
        done=Count("case__summonses__tasks", distinct=True, filter=Q(case__summonses__tasks__state="done")),
    )  # fmt: skip


def row_of(whistle: Any) -> LedgerRow:
    """A line from a whistle read by `with_rows`."""
    case = whistle.case
    return LedgerRow(
        number=case.number,
        url=case.get_absolute_url(),
        title=case.title,
        office=case.office.name,
        level=str(Level(whistle.level).label),
        kind=str(Kind(whistle.kind).label),
        subject=subject_name(whistle.subject),
        state=case.state,
        step=str(STATES[case.state]),
        sounded_at=whistle.sounded_at,
        closed_at=case.closed_at,
        turnouts=[turnout_of(summons) for summons in case.called],
        done=whistle.done,
        tasks=whistle.tasks,
        entries=whistle.entries,
    )


def by_newest(found: QuerySet[Whistle]) -> QuerySet[Whistle]:
    """The last sounded, or drafted, first; with the instant as `sort_key`."""
    return found.annotate(sort_key=Coalesce("sounded_at", "case__opened_at")).order_by("-sort_key", "-pk")


class Ledger(FilteredList[Whistle]):
    """The whistles that a person may see, the last sounded or drafted first."""

    filter_class = WhistleFilter

    def scope(self) -> QuerySet[Whistle]:
        return Whistle.objects.visible_to(self.request.user)

    @property
    def ordered(self) -> QuerySet[Whistle]:
        return by_newest(self.found)

    def with_rows(self, rows: QuerySet[Whistle]) -> QuerySet[Whistle]:
        return with_rows(rows)

    @property
    def rows(self) -> list[LedgerRow]:
        return [row_of(whistle) for whistle in self.page.rows]


# --- as a file

COLUMNS: Final[Columns] = (
    (gettext_lazy("编号"), 18),
    (gettext_lazy("标题"), 36),
    (gettext_lazy("吹哨单位"), 20),
    (gettext_lazy("层级"), 16),
    (gettext_lazy("吹哨类别"), 16),
    (gettext_lazy("事项类型"), 16),
    (gettext_lazy("状态"), 12),
    (gettext_lazy("报到地点"), 28),
    (gettext_lazy("起草时间"), 18),
    (gettext_lazy("吹哨时间"), 18),
    (gettext_lazy("结束时间"), 18),
    (gettext_lazy("部门"), 24),
    (gettext_lazy("牵头或协办"), 12),
    (gettext_lazy("报到状态"), 16),
    (gettext_lazy("报到情况"), 12),
    (gettext_lazy("到场时限"), 18),
    (gettext_lazy("到场时间"), 18),
    (gettext_lazy("用时（分钟）"), 12),
    (gettext_lazy("任务"), 40),
    (gettext_lazy("完成任务数"), 12),
    (gettext_lazy("任务总数"), 12),
    (gettext_lazy("评价（响应/解决/满意）"), 20),
    (gettext_lazy("负面清单条目"), 14),
)
CHUNK: Final = 200


def records(found: QuerySet[Whistle]) -> Iterator[list[Value]]:
    """One line for each department of each whistle; a whistle without departments has one line of its own."""
    tasks = Task.objects.exclude(state="dropped").order_by("pk")
    called = Summons.objects.select_related("department").prefetch_related(
        Prefetch("tasks", queryset=tasks, to_attr="claimed"), "negative_entries"
    )
    rows: Any = found.with_case().prefetch_related(  # type: ignore[attr-defined]  # the manager's own
        Prefetch("case__summonses", queryset=called.order_by("-lead", "pk"), to_attr="called")
    )
    for whistle in rows.iterator(chunk_size=CHUNK):
        head = _head(whistle)
        for summons in whistle.case.called or [None]:
            yield head + (_line(summons) if summons is not None else [None] * (len(COLUMNS) - len(head)))


def _head(whistle: Whistle) -> list[Value]:
    case = whistle.case
    return [
        case.number, case.title, case.office.name, str(Level(whistle.level).label), str(Kind(whistle.kind).label),
        subject_name(whistle.subject), str(STATES[case.state]), whistle.address, case.opened_at,
        whistle.sounded_at, case.closed_at,
    ]  # fmt: skip


def _line(summons: Any) -> list[Value]:
    took = None
    if summons.arrived_at and summons.summoned_at:
        took = int((summons.arrived_at - summons.summoned_at).total_seconds() // 60)
    marks = f"{summons.response}/{summons.solution}/{summons.satisfaction}" if summons.rated else ""
    standing = [
        entry for entry in summons.negative_entries.all() if entry.state not in ("withdrawn", "dismissed")
    ]
    return [
        summons.department.name,
        _("牵头") if summons.lead else _("协办"),
        str(SUMMONS_STATES[summons.state]),
        str(Outcome(summons.outcome).label) if summons.outcome else "",
        summons.due_at,
        summons.arrived_at,
        took,
        listed(task.text for task in summons.claimed),
        sum(task.state == "done" for task in summons.claimed),
        len(summons.claimed),
        marks,
        len(standing),
    ]
