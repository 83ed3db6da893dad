"""One incident: its page, which keeps itself up to date, its print, and its caller's name for a reason."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import signed_in
from accounts.http import PostRequest
from cases import inbox, personal, viewing
from cases.action_views import KindPages, action_page, live_page, why_not_page
from cases.doors import acting
from cases.errors import Incomplete
from grids import clock
from incidents.casefile import IncidentFile
from incidents.services import KIND
from incidents.wording import PERSONAL

PAGES: Final = KindPages(
    kind=KIND,
    casefile=IncidentFile,
    whole="incidents/_case.html",
    live="incidents/_live.html",
    home="incidents:desk",
)
action, why_not, live = action_page(PAGES), why_not_page(PAGES), live_page(PAGES)


@require_GET
@signed_in
def case_page(request: PostRequest, number: str) -> HttpResponse:
    """The whole case: steps, what I may do, the record. Opening it marks its notices read."""
    file = IncidentFile(request.user, acting(request), number)
    viewing.seen(file.case, by=file.post)
    inbox.read(request.user, at=clock.now(), case=file.case)
    return render(request, "incidents/case.html", {"file": file, "case": file.case})


@require_GET
@signed_in
def print_view(request: PostRequest, number: str) -> HttpResponse:
    """The case file on paper: everything that the reader may see, in the order in which it happened."""
    file = IncidentFile(request.user, acting(request), number)
    viewing.printed(file.case, by=file.post)
    return render(request, "incidents/print.html", {"file": file, "case": file.case})


@never_cache
@require_POST
@signed_in
def reveal(request: PostRequest, number: str) -> HttpResponse:
    """The reporter's name and telephone in full, for a reason that goes into the record."""
    file = IncidentFile(request.user, acting(request), number)
    context = {"file": file, "case": file.case}
    try:
        shown = personal.reveal(file.case, by=file.post, reason=request.POST.get("reason", ""))
    except Incomplete as error:
        return render(request, "incidents/reveal.html", {**context, "error": error}, status=422)
    lines = [(PERSONAL.get(name, name), value) for name, value in shown.items()]
    return render(request, "incidents/reveal.html", {**context, "shown": lines})
