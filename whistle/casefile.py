"""Everything that the page of one whistle shows to one person, besides what the page of every case shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.casefile import Button, CaseFile, Line
from cases.models import Deadline
from cases.names import office_name
from cases.steps import Step
from cases.words import when
from whistle import guards, routing
from whistle.models import Ground, Kind, Level, NegativeEntry, Outcome, Summons, Task, Whistle
from whistle.services import KIND
from whistle.steps import steps_of
from whistle.tables import subject_name
from whistle.workflow import ENTRY_STATES, SUMMONS_STATES, TASK_STATES

# What the program does when somebody looks, and has no button.
UNSEEN: Final = frozenset({"open"})


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with its clock and what may be done with it."""

    task: Task
    state: str | Promise
    deadline: Deadline | None
    buttons: list[Button]


@dataclass(frozen=True, slots=True)
class SummonsLine:
    """A department's summons as the page shows it."""

    summons: Summons
    state: str | Promise
    outcome: str
    deadline: Deadline | None
    facts: list[Line]
    tasks: list[TaskLine]
    buttons: list[Button]
    report_url: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of the negative list as the page shows it."""

    entry: NegativeEntry
    department: str
    ground: str
    state: str | Promise
    deadline: Deadline | None
    note: str
    buttons: list[Button]


class WhistleFile(CaseFile):
    """One whistle as one person may see it, acting under one post. Raises NotFound outside their scope."""

    KIND = KIND
    SPACE = "whistle"

    @cached_property
    def whistle(self) -> Whistle:
        found: Whistle = Whistle.objects.with_case().get(pk=self.case.pk)
        return found

    @cached_property
    def holder(self) -> str:
        """Who has to move now."""
        _role, seat = routing.sounder_of(self.case)
        if self.case.state in ("filed", "resolved"):
            village = self.whistle.level == Level.VILLAGE
            return office_name(seat) if village else _("%(place)s委政法委") % {"place": seat.name}
        if self.case.state == "submitted":
            return _("%(place)s党（工）委书记") % {"place": self.case.office.name}
        return office_name(self.case.office)

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self.case, self.whistle.level, self.events, self.holder)

    @property
    def facts(self) -> list[Line]:
        whistle = self.whistle
        return [
            Line(_("吹哨单位"), office_name(self.case.office)),
            Line(_("层级"), str(Level(whistle.level).label)),
            Line(_("吹哨类别"), str(Kind(whistle.kind).label)),
            Line(_("事项类型"), subject_name(whistle.subject)),
            Line(_("报到地点"), whistle.address),
            Line(_("为什么本级不能解决"), whistle.why_not),
            Line(_("起草时间"), when(self.case.opened_at)),
            *([Line(_("吹哨时间"), when(whistle.sounded_at))] if whistle.sounded_at else []),
        ]

    # --- rows

    @cached_property
    def _ends(self) -> dict[tuple[str, int], Deadline]:
        """The last duty of each row, by its name and row."""
        rows = self.case.deadlines.exclude(item=0).order_by("pk")
        return {(row.duty, row.item): row for row in rows}

    def _buttons(self, row: Summons | Task | NegativeEntry) -> list[Button]:
        return [button for button in self.buttons(row) if button.action not in UNSEEN]

    @cached_property
    def summonses(self) -> list[SummonsLine]:
        """Every department named, the leading one first."""
        rows = Summons.objects.filter(case=self.case).with_people().prefetch_related("tasks")
        return [self._summons(row) for row in rows.order_by("-lead", "pk")]

    def _summons(self, row: Summons) -> SummonsLine:
        row.case = self.case  # so that what it asks of its whistle is not read again
        buttons = self._buttons(row)
        report = next((b.url for b in buttons if b.action == "report_in"), "")
        return SummonsLine(
            summons=row,
            state=SUMMONS_STATES[row.state],
            outcome=str(Outcome(row.outcome).label) if row.outcome else "",
            deadline=self._ends.get(("arrive", row.pk)),
            facts=_summons_facts(row),
            tasks=[self._task(row, task) for task in row.tasks.all()],
            buttons=[b for b in buttons if b.action != "report_in"],
            report_url=report,
        )

    def _task(self, summons: Summons, task: Task) -> TaskLine:
        task.summons = summons
        return TaskLine(task, TASK_STATES[task.state], self._ends.get(("task", task.pk)), self._buttons(task))

    @cached_property
    def entries_listed(self) -> list[EntryLine]:
        """The whistle's entries of the negative list, the newest first."""
        rows = NegativeEntry.objects.filter(summons__case=self.case).with_whistle()
        return [self._entry(row) for row in rows]

    def _entry(self, entry: NegativeEntry) -> EntryLine:
        entry.summons.case = self.case
        waiting = {"proposed": "decide", "confirmed": "appeal", "appealed": "decide_appeal"}.get(
            entry.state, ""
        )
        note = ""
        if entry.state in ("confirmed", "upheld"):
            note = _("%(at)s 期满后可以移出") % {"at": when(guards.term_ends(entry))}
        return EntryLine(
            entry=entry,
            department=entry.summons.department.name,
            ground=str(Ground(entry.ground).label),
            state=ENTRY_STATES[entry.state],
            deadline=self._ends.get((waiting, entry.pk)),
            note=note,
            buttons=self._buttons(entry),
        )

    @cached_property
    def mine(self) -> SummonsLine | None:
        """The summons of the department that one acts for, if it was called."""
        return next(
            (line for line in self.summonses if guards.is_of_department(line.summons, self.post)), None
        )


def _summons_facts(row: Summons) -> list[Line]:
    """Whom it reached, and how they came."""
    lines = []
    if row.person is not None:
        lines.append(Line(_("值班人员"), row.person.user.name))
    if row.deputy is not None:
        lines.append(Line(_("副班"), row.deputy.user.name))
    if row.telephone:
        lines.append(Line(_("电话"), row.telephone, f"tel:{row.telephone}"))
    if row.opened_at is not None:
        lines.append(Line(_("查看"), when(row.opened_at)))
    elif row.unopened_at is not None:
        lines.append(Line(_("查看"), _("没有人及时查看")))
    if row.called_at is not None:
        lines.append(Line(_("最近一次电话"), when(row.called_at)))
    return lines + _arrival_facts(row)


def _arrival_facts(row: Summons) -> list[Line]:
    if row.received_at is None:
        return []
    lines = [Line(_("收到报到"), when(row.received_at))]
    if row.pressed_at is not None and row.pressed_at != row.received_at:
        lines.append(Line(_("手机按下"), when(row.pressed_at)))
    if row.distance is not None:
        said = _("%(n)s 米") % {"n": round(row.distance)}
        if row.accuracy is not None:
            said = _("%(distance)s（误差约 %(accuracy)s 米）") % {
                "distance": said,
                "accuracy": round(row.accuracy),
            }
        lines.append(Line(_("离报到地点"), said))
    if row.not_duty:
        lines.append(Line(_("部门意见"), _("认为不属于本部门职责")))
    if row.rated:
        marks = _("响应 %(response)s，解决 %(solution)s，满意 %(satisfaction)s") % {
            "response": row.response, "solution": row.solution, "satisfaction": row.satisfaction,
        }  # fmt: skip
        lines.append(Line(_("评价"), marks))
    return lines
