"""The ticked rows of a list: first what would be done to which, then what became of each."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.http import PostRequest
from cases.doors import acting, for_cases
from cases.idempotency import body_digest
from incidents.bulk import Bulk


@require_http_methods(["GET", "POST"])
@for_cases
def bulk(request: PostRequest) -> HttpResponse:
    """GET shows the form and who would be refused; POST does it, each case by itself, and tells of each."""
    sent = request.method == "POST"
    plan = Bulk(request.user, acting(request), request.POST if sent else request.GET)
    form = plan.form(bound=sent)
    if not sent or not form.is_valid():
        status = 422 if sent else 200
        return render(request, "incidents/bulk.html", {"plan": plan, "form": form}, status=status)
    results = plan.run(form.cleaned_data, body_digest(request))
    context = {"plan": plan, "results": results, "done": [one for one in results if one.done]}
    return render(request, "incidents/bulk_done.html", context)
