"""One action on a page: its row, its form again, and what to say afterwards. Rules stand in the kind's table alone.

Everything takes a case, and where a row of it moves (a department's summons) that row as `subject`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Post
from cases import verbs, workflow
from cases.action_form import ActionForm
from cases.errors import Incomplete
from cases.models import Case, CaseEvent
from cases.tables import SubRow, Transition
from cases.words import until


def row_for(case: Case, action: str, post: Post, *, subject: SubRow | None = None) -> Transition:
    """The table's row for an action that this post may do now; raises the refusal otherwise."""
    error = workflow.refusal(case, action, post, subject=subject)
    if error is not None:
        raise error
    row = workflow.table_of(case, subject).row((subject or case).state, action)
    assert row is not None  # refusal() found it
    return row


def uploads_of(request: HttpRequest) -> Any:
    """The files of a form, several under one name: a MultiValueDict, which the forms' own fields read as lists."""
    return request.FILES


def do(
    request: HttpRequest, post: Post, case: Case, action: str, *, subject: SubRow | None = None
) -> CaseEvent:
    """Do what the form asks; raises what `advance` raises."""
    return workflow.advance(
        case, action, by=post, data=request.POST, files=uploads_of(request), subject=subject
    )


def empty_form(case: Case, row: Transition, post: Post, *, subject: SubRow | None = None) -> ActionForm:
    """The form of an action before anything was typed; without any field for one that is merely pressed."""
    return workflow.table_of(case, subject).form_of(subject or case, row, post)


def form_again(
    request: HttpRequest,
    case: Case,
    row: Transition,
    post: Post,
    error: Incomplete | None,
    *,
    subject: SubRow | None = None,
) -> ActionForm:
    """The form as it was sent, with what is wrong beside its fields; what was typed stays."""
    table, thing = workflow.table_of(case, subject), subject or case
    form = table.form_of(thing, row, post, request.POST, uploads_of(request))
    if error is None:
        # Nothing was wrong with what was typed: the case has moved on.
        return table.form_of(thing, row, post, initial=typed(request, form))
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


def kept_words(
    request: HttpRequest, case: Case, action: str, *, subject: SubRow | None = None
) -> list[tuple[str, str]]:
    """Label and text of the free words that were typed for an action, so that nothing written is lost."""
    table = workflow.table_of(case, subject)
    named = {name for row in table.rows_of(action) for name in row.fields}
    found = []
    for name in table.text_fields:
        words = request.POST.get(name, "").strip()
        if name in named and words:
            found.append((str(table.makers[name](subject or case, None).label), words))
    return found


def said(case: Case, event: CaseEvent, *, subject: SubRow | None = None) -> str:
    """What has happened and what comes next, by when."""
    state = workflow.table_of(case, subject).states[(subject or case).state]
    parts = [
        _("已办理：%(action)s。现在是“%(state)s”。") % {"action": verbs.get(event.verb).text, "state": state}
    ]
    table = workflow.of(case.kind)
    owed = case.deadlines.filter(met_at=None, cancelled_at=None).exclude(duty__in=table.appointments)
    due = owed.filter(started_at=event.at).order_by("due_at").first()
    if due is not None:
        parts.append(
            _("下一步是%(duty)s，%(at)s前。")
            % {"duty": table.duties[due.duty], "at": until(due.due_at, event.at)}
        )
    return "".join(parts)
