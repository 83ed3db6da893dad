"""登记 at a centre's counter: a visitor, a caller or the hotline; likely duplicates; and the acceptance slip."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PostRequest
from cases import viewing, workflow
from cases.doors import acting, for_cases
from cases.errors import NotFound
from cases.models import Case
from grids.models import Division
from incidents import duplicates
from incidents.casefile import taken_in_by
from incidents.page_form import IntakeForm, check_centre
from incidents.views.report import context_of, files_of, send, told

LONGEST = 400  # characters of title and description that are compared


@require_http_methods(["GET", "POST"])
@for_cases
def intake(request: PostRequest) -> HttpResponse:
    """A visitor, a caller or the hotline, written down by a centre for a citizen."""
    by = check_centre(acting(request))
    if request.method == "POST":
        form = IntakeForm(request.POST, files_of(request), by=by)
        return send(request, form, by, page="incidents/intake.html", then="incidents:slip")
    return render(request, "incidents/intake.html", context_of(IntakeForm(by=by), by))


@require_GET
@for_cases
def likely_duplicates(request: PostRequest) -> HttpResponse:
    """What may be the same matter, while it is being written down."""
    code = request.GET.get("place", "")
    place = Division.objects.filter(code=code).select_related("parent").first() if code.isalnum() else None
    words = f"{request.GET.get('title', '')} {request.GET.get('description', '')}"[:LONGEST]
    category = request.GET.get("category", "").replace("\0", "")
    found = duplicates.likely(request.user, place=place, category=category, words=words)
    cases = [(case, workflow.state_label(case)) for case in found]
    return render(request, "incidents/_duplicates.html", {"cases": cases, "asked": place is not None})


@require_http_methods(["GET", "POST"])
@for_cases
def slip(request: PostRequest, number: str) -> HttpResponse:
    """The acceptance slip (受理告知书) of a matter that a centre took in; POST records that it was printed."""
    shown = told(request, number)
    case = shown["case"]
    assert isinstance(case, Case)
    receiver = taken_in_by(case)
    if receiver is None:
        raise NotFound(_("这件事不是在窗口受理的，没有受理告知书。"))
    if request.method == "POST":
        viewing.printed(case, by=acting(request), what="slip")
        return HttpResponse(status=204)
    return render(request, "incidents/slip.html", {**shown, "receiver": receiver})
