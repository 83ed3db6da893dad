"""Writing a whistle down: the township's or village's form, with the departments that the duty catalogue names."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PostRequest
from accounts.models import Post
from cases import workflow
from cases.doors import acting, for_cases
from cases.idempotency import new_key, page_once
from cases.models import Case
from whistle import routing, services
from whistle.draft_form import DraftForm


def _whistler(request: PostRequest) -> Post:
    return services.check_whistler(acting(request))


def _carried(post: Post, number: str) -> tuple[Case | None, dict[str, Any]]:
    """The case that becomes a whistle, and its facts for the form; nothing for an unknown number.

    The words of a sensitive matter stay where they are: a whistle is read by every department that it names.
    """
    case = Case.objects.in_scope_of_post(post).filter(number=number).first() if number else None
    if case is None:
        return None, {}
    if case.sensitive:
        return case, {"came_from": case.number}
    carry = workflow.of(case.kind).carry
    return case, {"title": case.title, "came_from": case.number, **(carry(case) if carry else {})}


@require_http_methods(["GET", "POST"])
@for_cases
def new(request: PostRequest) -> HttpResponse:
    """The form of a new whistle; `?from=` names the case that it grows out of."""
    post = _whistler(request)
    if request.method == "POST":
        return _save(request, post)
    case, initial = _carried(post, request.GET.get("from", ""))
    return _page(request, DraftForm(by=post, initial=initial), post, case)


def _save(request: PostRequest, post: Post) -> HttpResponse:
    form = DraftForm(request.POST, by=post)
    if not form.is_valid():
        answer = _page(request, form, post, None)
        answer.status_code = 422
        return answer

    def do() -> tuple[str, Case]:
        case = services.draft(form.facts, by=post)
        return case.get_absolute_url(), case

    return HttpResponseRedirect(page_once(request, request.user, do))


def _page(request: PostRequest, form: DraftForm, post: Post, came_from: Case | None) -> HttpResponse:
    assert post.division is not None  # a centre's
    context = {
        "form": form,
        "post": post,
        "key": request.POST.get("idempotency_key") or new_key(),
        "level": routing.level_of(post.division).label,
        "came_from": came_from,
        "within": post.division.code,
    }
    return render(request, "whistle/new.html", context)


@require_GET
@for_cases
def suggested(request: PostRequest) -> HttpResponse:
    """The departments that the duty catalogue names for a subject, to be ticked with one press."""
    post = _whistler(request)
    assert post.division is not None  # a centre's
    found = routing.suggested(post.division.heir, request.GET.get("subject", ""))
    return JsonResponse({"departments": [{"id": d.pk, "name": d.name} for d in found]})
