"""One dispute: its page, which keeps itself up to date, the moves of it and of its rows, and who the parties are."""

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
from mediation import services
from mediation.casefile import MediationFile
from mediation.revealed import lines_of
from mediation.rows import SUBJECTS

PAGES: Final = KindPages(
    kind=services.KIND,
    casefile=MediationFile,
    whole="mediation/_case.html",
    live="mediation/_live.html",
    home="mediation:home",
    subjects=SUBJECTS,
)
action, why_not, live = action_page(PAGES), why_not_page(PAGES), live_page(PAGES)


@require_GET
@signed_in
def case_page(request: PostRequest, number: str) -> HttpResponse:
    """The whole dispute. Opening it marks its notices read."""
    file = MediationFile(request.user, acting(request), number)
    viewing.seen(file.case, by=file.post)
    inbox.read(request.user, at=clock.now(), case=file.case)
    return render(request, "mediation/case.html", {"file": file, "case": file.case})


@never_cache
@require_POST
@signed_in
def reveal(request: PostRequest, number: str) -> HttpResponse:
    """Names, numbers, telephones and addresses in full, for a reason that goes into the record."""
    file = MediationFile(request.user, acting(request), number)
    context = {"file": file, "case": file.case}
    try:
        shown = personal.reveal(file.case, by=file.post, reason=request.POST.get("reason", ""))
    except Incomplete as error:
        return render(request, "mediation/reveal.html", {**context, "error": error}, status=422)
    return render(request, "mediation/reveal.html", {**context, "shown": lines_of(file.case, shown)})
