"""One whistle: its page, which keeps itself up to date, the moves of it and of its rows, and reporting on site."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.guards import signed_in
from accounts.http import PostRequest
from cases import actions, inbox, viewing
from cases.action_views import KindPages, action_page, form_context, live_page, why_not_page
from cases.doors import acting, for_cases
from grids import clock
from whistle import arrival, services
from whistle.casefile import WhistleFile
from whistle.rows import SUBJECTS, summons_of

PAGES: Final = KindPages(
    kind=services.KIND,
    casefile=WhistleFile,
    whole="whistle/_case.html",
    live="whistle/_live.html",
    home="whistle:home",
    subjects=SUBJECTS,
)
action, why_not, live = action_page(PAGES), why_not_page(PAGES), live_page(PAGES)


@require_GET
@signed_in
def case_page(request: PostRequest, number: str) -> HttpResponse:
    """The whole whistle. Opening it marks its notices read, and for the department called that it was looked at."""
    file = WhistleFile(request.user, acting(request), number)
    if file.mine is not None:
        services.opened(file.mine.summons, by=file.post)
        file = WhistleFile(request.user, file.post, number)
    viewing.seen(file.case, by=file.post)
    inbox.read(request.user, at=clock.now(), case=file.case)
    return render(request, "whistle/case.html", {"file": file, "case": file.case})


@require_GET
@signed_in
def report_in(request: PostRequest, number: str, pk: int) -> HttpResponse:
    """Reporting on site: position, photo, and a press that is kept on the phone until it has been received.

    Sent by the page's script to the API; without scripts to the page of the same action.
    """
    file = WhistleFile(request.user, acting(request), number)
    summons = summons_of(file.case, pk)
    services.opened(summons, by=file.post)
    summons.refresh_from_db()
    row = actions.row_for(file.case, "report_in", file.post, subject=summons)
    form = actions.empty_form(file.case, row, file.post, subject=summons)
    context: dict[str, Any] = form_context(file, row, form, summons)
    context |= {
        "summons": summons,
        "whistle": file.whistle,
        "line": next(line for line in file.summonses if line.summons.pk == summons.pk),
        "contact": arrival.contact(clock.now()),
        "api_url": reverse("api-whistle-summons-action", args=[number, pk, "report_in"]),
    }
    return render(request, "whistle/report_in.html", context)


@never_cache
@require_GET
@for_cases
def contact(request: PostRequest) -> HttpResponse:
    """The server's instant, signed: by it the instant of a press without a line is judged later."""
    return JsonResponse({"contact": arrival.contact(clock.now())})
