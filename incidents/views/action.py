"""An action on an incident: one address for all of them, its form on GET, done once on POST."""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.guards import signed_in
from accounts.http import PostRequest
from cases.doors import acting
from cases.errors import CaseError, Incomplete, WrongState
from cases.idempotency import new_key, page_once
from cases.models import Case
from cases.tables import Transition
from incidents import actions, outlook
from incidents.casefile import CaseFile
from incidents.timeline import entries_of, events_of, glossary_for


@require_http_methods(["GET", "POST"])
@signed_in
def action(request: PostRequest, number: str, action: str) -> HttpResponse:
    """GET shows what the action needs and what follows; POST does it once."""
    if request.method == "POST":
        return _post(request, number, action)
    file = CaseFile(request.user, acting(request), number)
    row = actions.row_for(file.case, action, file.post)
    return _form(request, file, row, actions.empty_form(file.case, row, file.post))


def _post(request: PostRequest, number: str, action: str) -> HttpResponse:
    try:
        address = page_once(request, request.user, lambda: _do(request, number, action))
    except WrongState as error:
        return _conflict(request, number, action, error)
    except Incomplete as error:
        if error.code != Incomplete.code:
            raise
        return _again(request, number, action, error)
    return _done(request, number, address)


def _do(request: PostRequest, number: str, action: str) -> tuple[str, Case | None]:
    """Where to go next: to the case, or to the desk when the action has ended the view of it."""
    case, event = actions.do(request, request.user, acting(request), number, action)
    messages.success(request, actions.said(case, event))
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return case.get_absolute_url(), case
    return reverse("incidents:desk"), None


def _done(request: PostRequest, number: str, address: str) -> HttpResponse:
    """The case anew in place of the old one on its own page; elsewhere on to the next page."""
    if request.headers.get("HX-Request") != "true":
        return HttpResponseRedirect(address, status=303)
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if here != address:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    file = CaseFile(request.user, acting(request), number)
    return render(request, "incidents/_case.html", {"file": file, "case": file.case, "done": True})


def _again(request: PostRequest, number: str, action: str, error: Incomplete) -> HttpResponse:
    file = CaseFile(request.user, acting(request), number)
    row = actions.row_for(file.case, action, file.post)
    form = actions.form_again(request, file.case, row, file.post, error)
    return _form(request, file, row, form, status=422)


def _form(
    request: PostRequest, file: CaseFile, row: Transition, form: forms.Form, status: int = 200
) -> HttpResponse:
    context = form_context(file, row, form)
    swap = request.headers.get("HX-Request") == "true"
    return render(
        request, "components/action_form.html" if swap else "incidents/action.html", context, status=status
    )


def form_context(file: CaseFile, row: Transition, form: forms.Form) -> dict[str, object]:
    """What `components/action_form.html` and the page around it read."""
    number = file.case.number
    return {
        "file": file,
        "case": file.case,
        "form": form,
        "label": row.label,
        "url": reverse("incidents:action", args=[number, row.action]),
        "follows": outlook.follows(file.case, row),
        "seen": file.seen,
        "since": file.case.last_seq,
        "key": new_key(),
        "post": file.post,
        "cancel_url": file.case.get_absolute_url(),
    }


def _conflict(request: PostRequest, number: str, action: str, error: WrongState) -> HttpResponse:
    """Somebody was quicker: what they did, where the case stands, and what was typed, kept."""
    file = CaseFile(request.user, acting(request), number)
    since = request.POST.get("since", "")
    after = int(since) if since.isdecimal() and len(since) < 9 else file.case.last_seq
    events = events_of(file.case, inner=file.inner, after=after)
    context: dict[str, object] = {
        "file": file,
        "case": file.case,
        "error": error,
        "meanwhile": entries_of(events, [], glossary_for(events, request.user))[::-1],
        "kept": actions.kept_words(request, file.case, action),
    }
    try:
        row = actions.row_for(file.case, action, file.post)
    except CaseError:
        row = None  # the action is over: its words are kept to be copied
    if row is not None:
        form = actions.form_again(request, file.case, row, file.post, None)
        context |= form_context(file, row, form)
    swap = request.headers.get("HX-Request") == "true"
    template = "incidents/_conflict.html" if swap else "incidents/conflict.html"
    return render(request, template, context, status=409)
