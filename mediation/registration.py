"""Puts the tables of mediation and their functions together and makes them known to the spine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases import becoming, context, marks, personal, recusals, verbs, workflow
from cases.facts import register_facts
from cases.marks import MarkRule, RingEffect
from cases.tables import SubTable, Workflow
from mediation import audiences, carrying, effects, ends, fields, forms, guards, parties, services
from mediation import workflow as table
from mediation.effects import common
from mediation.models import Attempt, Confirmation, Exclusion, Party, Promise, Session, Subsidy
from mediation.queues import waiting_count
from mediation.verbs import VERBS
from mediation.wording import FACTS

# What comes after each date that no office can fail.
AFTER: Final = {
    "session": ends.session_over,
    "promise": ends.promise_due,
    "confirm": ends.confirmation_lapsed,
}
assert set(AFTER) == table.APPOINTMENTS
DAY: Final = timedelta(days=1)
# Before which ends the mediators are reminded, and how long.
REMINDERS: Final = {
    "session": (timedelta(hours=1),),
    "promise": (3 * DAY,),
    "confirm": (10 * DAY, 3 * DAY),
}
TEXTS: Final = ("reason", "note", "instruction", "words")


def _workflow(name: str, states: Any, initial: str, finals: Any, rows: Any, **rest: Any) -> Workflow:
    return Workflow(
        kind=name, states=states, initial=initial, finals=finals, rows=rows, makers=fields.MAKERS,
        form=forms.MediationForm, allowance_of=common.allowance_of, holder_of=common.holder_of,
        audiences=audiences.ALL, papers=services.PAPERS, text_fields=TEXTS, duties=table.DUTIES,
        appointments=table.APPOINTMENTS, told=table.TOLD, **rest,
    )  # fmt: skip


MEDIATION: Final = _workflow(
    services.KIND, table.STATES, table.INITIAL, table.FINALS, table.ROWS, guards=guards.CASE_GUARDS,
    effects=effects.CASE_EFFECTS, forget=services.forget, carry=carrying.carried,
    about=lambda case: str(case.mediation.get_kind_display()),
)  # fmt: skip


def _sub(
    model: Any, states: Any, finals: Any, rows: Any, related: tuple[str, ...], said: Any, **rest: Any
) -> Workflow:
    """A table of rows of a dispute; `related`: what is read with a row, `said`: what the row is called."""
    lock = SubTable(
        lock=lambda pk: model.objects.select_for_update(of=("self",)).select_related(*related).get(pk=pk),
        stances=lambda row, by: frozenset(),
        mention=lambda row: {},
        called=said,
    )
    return _workflow(
        model.TABLE, states, next(iter(states)), finals, rows, sub=lock, **{"guards": {}, **rest}
    )


NONE: Final[frozenset[str]] = frozenset()
SUBS: Final = (
    _sub(Party, table.PARTY_STATES, frozenset({"left"}), table.PARTY_ROWS, ("case",), fields.party_label,
         guards=guards.PARTY_GUARDS, effects=effects.PARTY_EFFECTS),
    _sub(Attempt, table.ATTEMPT_STATES, table.ATTEMPT_FINALS, table.ATTEMPT_ROWS, ("docket__case",),
         lambda row: _("第%(n)s次调解") % {"n": row.number}, guards=guards.ATTEMPT_GUARDS,
         effects=effects.ATTEMPT_EFFECTS),
    _sub(Session, table.SESSION_STATES, table.SESSION_FINALS, table.SESSION_ROWS, ("case",),
         lambda row: str(row.get_kind_display()), effects=effects.SESSION_EFFECTS),
    _sub(Promise, table.PROMISE_STATES, table.PROMISE_FINALS, table.PROMISE_ROWS,
         ("agreement__attempt__docket__case",), lambda row: row.what, effects=effects.PROMISE_EFFECTS),
    _sub(Confirmation, table.CONFIRMATION_STATES, table.CONFIRMATION_FINALS, table.CONFIRMATION_ROWS,
         ("agreement__attempt__docket__case",), lambda row: row.court, effects=effects.CONFIRMATION_EFFECTS),
    _sub(Subsidy, table.SUBSIDY_STATES, table.SUBSIDY_FINALS, table.SUBSIDY_ROWS, ("case",),
         lambda row: str(_("案补")),
         guards=guards.SUBSIDY_GUARDS, effects=effects.SUBSIDY_EFFECTS),
)  # fmt: skip


def _ring(duty: str) -> RingEffect:
    """How a duty of mediation rings."""
    if duty not in AFTER:
        usual = (MarkRule("remind", share=0.7, told=audiences.reminded),)
        return RingEffect(marks=usual, told=audiences.missed)
    rules = tuple(
        MarkRule(f"before_{span.total_seconds() / 3600:.0f}h", before=span, told=audiences.reminded)
        for span in REMINDERS[duty]
    )
    return RingEffect(breach=False, then=AFTER[duty], marks=rules)


def register() -> None:
    """Called once, when the app is ready."""
    verbs.register(VERBS)
    for one in (MEDIATION, *SUBS):
        workflow.register(one)
    register_facts(services.KIND, FACTS)
    becoming.register(
        becoming.Becoming(services.KIND, _("转为调解"), "mediation:new", frozenset(services.REGISTRARS))
    )
    personal.on_rotation(parties.rotate)
    recusals.register(services.KIND, lambda user: Exclusion.objects.filter(post__user=user).values("case"))
    context.register_counter("disputes", waiting_count)
    for duty in table.DUTIES:
        marks.on_ring(services.KIND, duty, _ring(duty))
