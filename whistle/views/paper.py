"""The printable file of one whistle."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.guards import signed_in
from accounts.http import PostRequest
from cases import viewing
from cases.doors import acting
from grids import clock
from whistle.casefile import WhistleFile
from whistle.paper import render as typeset_file


@require_GET
@signed_in
def pdf(request: PostRequest, number: str) -> HttpResponse:
    """一事一哨一档 as PDF: everything that the reader may see. That it was printed is recorded."""
    file = WhistleFile(request.user, acting(request), number)
    made = typeset_file(file, clock.now())
    viewing.printed(file.case, by=file.post)
    answer = HttpResponse(made, content_type="application/pdf")
    name = _("吹哨档案")
    disposition = content_disposition_header(False, f"{name}-{number}.pdf")
    answer["Content-Disposition"] = disposition or "inline"
    answer["Cache-Control"] = "private, no-store"
    return answer
