"""Puts the incident table and its functions together and makes them known to the spine."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cases import context, deadlines, verbs, workflow
from cases.deadlines import RingEffect
from cases.facts import register_facts
from cases.models import Case, Deadline
from cases.tables import Workflow
from incidents import audiences, effects, forms, guards, services
from incidents.category_lists import waiting_count
from incidents.verbs import VERBS
from incidents.wording import FACTS
from incidents.workflow import APPOINTMENTS, DUTIES, FINALS, INITIAL, ROWS, STATES, TOLD

WORKFLOW: Final = Workflow(
    kind=services.KIND,
    states=STATES,
    initial=INITIAL,
    finals=FINALS,
    rows=ROWS,
    makers=forms.FIELDS,
    form=forms.IncidentActionForm,
    allowance_of=effects.allowance_of,
    holder_of=effects.holder_of,
    guards=guards.GUARDS,
    effects=effects.EFFECTS,
    audiences=audiences.AUDIENCES,
    companions=effects.companions,
    forget=services.forget,
    papers=services.PAPERS,
    duties=DUTIES,
    appointments=APPOINTMENTS,
    told=TOLD,
    carry=services.carried,
    about=lambda case: str(case.incident.category),
)


def _resume(case: Case, deadline: Deadline, now: datetime) -> None:
    workflow.advance(case, "resume_due", by=None)


def register() -> None:
    """Called once, when the app is ready."""
    verbs.register(VERBS)
    workflow.register(WORKFLOW)
    register_facts(services.KIND, FACTS)
    context.register_counter("proposals", waiting_count)
    deadlines.on_ring(services.KIND, "suspension", RingEffect(breach=False, then=_resume))
