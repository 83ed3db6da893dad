"""The counter: a dispute and its parties written down in one go, and the slip that is given at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.guards import signed_in
from accounts.http import PostRequest
from accounts.models import Post
from cases import actions, viewing, workflow
from cases.action_views import form_context
from cases.doors import acting, for_cases
from cases.idempotency import new_key, page_once
from cases.models import Case
from mediation import fast_track, queues, services
from mediation.casefile import MediationFile
from mediation.entry_form import MOST_PARTIES, EntryForm, PartyForm, check_together, entry_of
from mediation.papers import printing

Parties: Final = forms.formset_factory(
    PartyForm,
    extra=0,
    min_num=2,
    max_num=MOST_PARTIES,
    validate_min=True,
    validate_max=True,
    absolute_max=MOST_PARTIES,
)


def _carried(post: Post, number: str) -> tuple[Case | None, dict[str, Any]]:
    """The case that becomes a dispute, and its facts for the form; nothing for an unknown number."""
    case = Case.objects.in_scope_of_post(post).filter(number=number).first() if number else None
    if case is None:
        return None, {}
    carry = workflow.of(case.kind).carry
    facts = carry(case) if carry is not None else {}
    source = "incident" if case.kind == "incident" else "administrative"
    return case, {
        "title": case.title[:60], "brief": facts.get("matter", ""), "place": case.place.code, "source": source,
        "initiative": "entrusted", "came_from": case.number,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counter:
    """A form at the counter. `check`: together with its parties; `made`: what is made of it; `then`: the next page."""

    form: Callable[..., Any]
    check: Callable[[Any, Any], None]
    made: Callable[[Any, Any, Post], Case]
    template: str
    then: str


def _registered(form: Any, rows: Any, post: Post) -> Case:
    return services.register(entry_of(form, rows), by=post)


NEW: Final = Counter(EntryForm, check_together, _registered, "mediation/new.html", "mediation:slip")
FAST: Final = Counter(
    fast_track.FastForm, fast_track.check, lambda form, rows, post: fast_track.agreed(form, rows, by=post), "mediation/fast.html",
    "mediation:fast_sign",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_cases
def new(request: PostRequest) -> HttpResponse:
    """The form of a new dispute; `?from=` names the case that it grows out of."""
    post = services.check_registrar(acting(request))
    if request.method == "POST":
        return _save(request, post, NEW)
    case, initial = _carried(post, request.GET.get("from", ""))
    return _page(request, NEW, EntryForm(by=post, initial=initial), _two_sides(), post, case)


@require_http_methods(["GET", "POST"])
@for_cases
def fast(request: PostRequest) -> HttpResponse:
    """The fast track for traffic accidents: from intake to the agreement in one form."""
    post = fast_track.check_mediator(services.check_registrar(acting(request)))
    if request.method == "POST":
        return _save(request, post, FAST)
    return _page(request, FAST, fast_track.FastForm(by=post), _two_sides(), post, None)


def _two_sides() -> Any:
    return Parties(prefix="party", initial=[{"side": 1}, {"side": 2}])


def _save(request: PostRequest, post: Post, counter: Counter) -> HttpResponse:
    form, rows = counter.form(request.POST, by=post), Parties(request.POST, prefix="party")
    right = form.is_valid()
    if rows.is_valid() and right:
        counter.check(form, rows.cleaned_data)
    if not form.is_valid() or not rows.is_valid():
        answer = _page(request, counter, form, rows, post, form.cleaned_data.get("came_from"))
        answer.status_code = 422
        return answer

    def do() -> tuple[str, Case]:
        case = counter.made(form, rows.cleaned_data, post)
        return reverse(counter.then, args=[case.number]), case

    return HttpResponseRedirect(page_once(request, request.user, do), status=303)


def _page(
    request: PostRequest, counter: Counter, form: Any, rows: Any, post: Post, came_from: Case | None
) -> HttpResponse:
    context = {
        "form": form,
        "rows": rows,
        "post": post,
        "key": request.POST.get("idempotency_key") or new_key(),
        "came_from": came_from,
        "most": MOST_PARTIES,
    }
    return render(request, counter.template, context)


@require_GET
@signed_in
def fast_sign(request: PostRequest, number: str) -> HttpResponse:
    """The end of the fast track: print what was agreed, have it signed, keep the scan."""
    file = MediationFile(request.user, acting(request), number)
    printing.check_maker(file.case, file.post)
    context: dict[str, Any] = {"file": file, "case": file.case}
    if file.case.state == "agreed":
        row = actions.row_for(file.case, "sign", file.post)
        context |= form_context(file, row, actions.empty_form(file.case, row, file.post))
    return render(request, "mediation/fast_sign.html", context)


@require_http_methods(["GET", "POST"])
@for_cases
def slip(request: PostRequest, number: str) -> HttpResponse:
    """The slip for the person at the counter: number, window, next step, date. POST records that it was printed."""
    file = MediationFile(request.user, acting(request), number)
    if request.method == "POST":
        viewing.printed(file.case, by=file.post, what="slip")
        return HttpResponse(status=204)
    what, duty = queues.STEPS.get(file.case.state, (file.state, ""))
    deadline = next((clock.deadline for clock in file.open_clocks if clock.deadline.duty == duty), None)
    context = {"file": file, "case": file.case, "next": what, "deadline": deadline}
    return render(request, "mediation/slip.html", context)
