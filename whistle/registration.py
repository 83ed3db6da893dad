"""Puts the tables of the whistle and their functions together and makes them known to the spine."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases import becoming, context, marks, verbs, workflow
from cases.facts import register_facts
from cases.marks import MarkRule, RingEffect
from cases.tables import SubTable, Workflow
from whistle import audiences, effects, forms, guards, negative, services, tables, unopened
from whistle import workflow as table
from whistle.models import Ground, NegativeEntry, Summons, Task
from whistle.queues import waiting_count
from whistle.tables import subject_name
from whistle.verbs import VERBS
from whistle.wording import FACTS

# Appointments, which nobody can fail: ten minutes to look at a summons, and the time in which one may appeal.
APPOINTMENTS: Final = {"open": unopened.note, "appeal": negative.unappealed}

WHISTLE: Final = Workflow(
    kind=services.KIND,
    states=table.STATES,
    initial=table.INITIAL,
    finals=table.FINALS,
    rows=table.ROWS,
    makers=forms.MAKERS,
    form=forms.WhistleForm,
    allowance_of=effects.allowance_of,
    holder_of=effects.holder_of,
    guards=guards.CASE_GUARDS,
    effects=effects.CASE_EFFECTS,
    audiences=audiences.CASE,
    forget=services.forget,
    about=lambda case: subject_name(case.whistle.subject),
    papers=services.PAPERS,
    duties=table.DUTIES,
    appointments=frozenset(APPOINTMENTS),
    told=table.TOLD,
)


def _summoned(summons: Summons, by: Post) -> frozenset[str]:
    return frozenset({table.SUMMONED}) if guards.is_of_department(summons, by) else frozenset()


def _sub(name: str, states: Any, finals: Any, rows: Any, **rest: Any) -> Workflow:
    """A table of sub-rows: forms, times and holders are those of the whistle."""
    return Workflow(
        kind=name,
        states=states,
        initial=next(iter(states)),
        finals=finals,
        rows=rows,
        makers=forms.MAKERS,
        form=forms.WhistleForm,
        allowance_of=effects.allowance_of,
        holder_of=effects.holder_of,
        papers=services.PAPERS,
        text_fields=("reason", "result", "note", "instruction", "task"),
        duties=table.DUTIES,
        told=table.TOLD,
        **rest,
    )


SUMMONS: Final = _sub(
    Summons.TABLE,
    table.SUMMONS_STATES,
    table.SUMMONS_FINALS,
    table.SUMMONS_ROWS,
    guards=guards.SUMMONS_GUARDS,
    effects=effects.SUMMONS_EFFECTS,
    audiences=audiences.SUMMONS,
    sub=SubTable(
        lock=lambda pk: (
            Summons.objects.select_for_update(of=("self",)).select_related("department", "case").get(pk=pk)
        ),
        stances=_summoned,
        mention=effects.mention,
        called=lambda summons: str(summons.department.name),
        stance_names=table.STANCES,
    ),
)
TASK: Final = _sub(
    Task.TABLE,
    table.TASK_STATES,
    table.TASK_FINALS,
    table.TASK_ROWS,
    guards={},
    effects=effects.TASK_EFFECTS,
    audiences=audiences.TASK,
    sub=SubTable(
        lock=lambda pk: (
            Task.objects.select_for_update(of=("self",))
            .select_related("summons__department", "summons__case")
            .get(pk=pk)
        ),
        stances=lambda task, by: _summoned(task.summons, by),
        mention=effects.task_mention,
        called=lambda task: f"{task.summons.department.name} · {task.text}",
        stance_names=table.STANCES,
    ),
)
ENTRY: Final = _sub(
    NegativeEntry.TABLE,
    table.ENTRY_STATES,
    table.ENTRY_FINALS,
    table.ENTRY_ROWS,
    guards=guards.ENTRY_GUARDS,
    effects=effects.ENTRY_EFFECTS,
    audiences=audiences.ENTRY,
    sub=SubTable(
        lock=lambda pk: (
            NegativeEntry.objects.select_for_update(of=("self",))
            .select_related("summons__department", "summons__case", "confirmed_by")
            .get(pk=pk)
        ),
        stances=lambda entry, by: _summoned(entry.summons, by),
        mention=negative.mention,
        called=lambda entry: f"{entry.summons.department.name} · {Ground(entry.ground).label}",
        stance_names=table.STANCES,
    ),
)


def _marks(duty: str) -> tuple[MarkRule, ...]:
    """The marks of a duty as the table of marks says."""
    return tuple(
        MarkRule(
            row.name, share=row.share, before=row.before, after=row.after, told=audiences.MARKS[row.told]
        )
        for row in tables.marks().get(duty, ())
    )


def register() -> None:
    """Called once, when the app is ready."""
    verbs.register(VERBS)
    for one in (WHISTLE, SUMMONS, TASK, ENTRY):
        workflow.register(one)
    register_facts(services.KIND, FACTS)
    becoming.register(
        becoming.Becoming(services.KIND, _("转为吹哨"), "whistle:new", frozenset(services.WHISTLERS))
    )
    context.register_counter("whistles", waiting_count)
    for duty in table.DUTIES:
        if duty in APPOINTMENTS:
            effect = RingEffect(breach=False, then=APPOINTMENTS[duty], marks=())
        else:
            then = effects.absent if duty == "arrive" else None
            effect = RingEffect(then=then, marks=_marks(duty), told=audiences.missed)
        marks.on_ring(services.KIND, duty, effect)
