"""One action on the page: its form, doing it once, and what to say afterwards. Rules stand in the table alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Post, User
from cases import verbs, workflow
from cases.errors import Incomplete
from cases.loaders import get_case
from cases.models import Case, CaseEvent
from cases.tables import Transition
from cases.words import until
from incidents.forms import FIELDS, ActionForm
from incidents.queues import open_duties
from incidents.services import KIND
from incidents.workflow import DUTIES


def row_for(case: Case, action: str, post: Post) -> Transition:
    """The table's row for an action that this post may do now; raises the refusal otherwise."""
    error = workflow.refusal(case, action, post)
    if error is not None:
        raise error
    row = workflow.of(case.kind).row(case.state, action)
    assert row is not None  # refusal() found it
    return row


def uploads_of(request: HttpRequest) -> Any:
    """The files of a form, several under one name: a MultiValueDict, which the forms' own fields read as lists."""
    return request.FILES


def do(request: HttpRequest, user: User, post: Post, number: str, action: str) -> tuple[Case, CaseEvent]:
    """Do what the form asks; raises what `advance` raises."""
    case = get_case(user, number, kind=KIND)
    event = workflow.advance(case, action, by=post, data=request.POST, files=uploads_of(request))
    return case, event


def empty_form(case: Case, row: Transition, post: Post) -> forms.Form:
    return ActionForm(case, row, post)


def form_again(
    request: HttpRequest, case: Case, row: Transition, post: Post, error: Incomplete | None
) -> forms.Form:
    """The form as it was sent, with what is wrong beside its fields; what was typed stays."""
    form = ActionForm(case, row, post, request.POST, uploads_of(request))
    if error is None:
        # Nothing was wrong with what was typed: the case has moved on.
        return ActionForm(case, row, post, initial=typed(request, form))
    known = form.errors
    for name, messages in error.errors.items():
        place = name if name in form.fields else None
        for message in messages:
            if message not in known.get(place or "__all__", []):
                form.add_error(place, message)
    return form


def typed(request: HttpRequest, form: forms.Form) -> dict[str, object]:
    """What was typed and chosen, to be shown again; files cannot be."""
    kept: dict[str, object] = {}
    for name, field in form.fields.items():
        if isinstance(field, forms.FileField) or name not in request.POST:
            continue
        several = isinstance(field, (forms.MultipleChoiceField, forms.TypedMultipleChoiceField))
        kept[name] = request.POST.getlist(name) if several else request.POST[name]
    return kept


def kept_words(request: HttpRequest, case: Case, action: str) -> list[tuple[str, str]]:
    """Label and text of the free words that were typed for an action, so that nothing written is lost."""
    table = workflow.of(case.kind)
    named = {name for row in table.rows_of(action) for name in (*row.needs, *row.takes)}
    found = []
    for name in table.text_fields:
        words = request.POST.get(name, "").strip()
        if name in named and words:
            found.append((str(FIELDS[name](case, None).label), words))
    return found


def said(case: Case, event: CaseEvent) -> str:
    """What has happened and what comes next, by when."""
    parts = [
        _("已办理：%(action)s。现在是“%(state)s”。")
        % {"action": verbs.get(event.verb).text, "state": workflow.state_label(case)}
    ]
    due = case.deadlines.filter(open_duties(), started_at=event.at).order_by("due_at").first()
    if due is not None:
        parts.append(
            _("下一步是%(duty)s，%(at)s前。") % {"duty": DUTIES[due.duty], "at": until(due.due_at, event.at)}
        )
    return "".join(parts)
