"""The overdue list: who owes what since when, at once for the committee and for every centre."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from cases import keyset
from cases.doors import for_cases
from cases.lists import PAGE_SIZE
from cases.models import Case
from grids import clock
from incidents import overdue as owing


@require_GET
@for_cases
def overdue(request: PostRequest) -> HttpResponse:
    """Every office that owes something; one office's duties when the address names it, the oldest first."""
    now, given = clock.now(), request.GET
    found = owing.duties(Case.objects.visible_to(request.user), now)
    chosen = owing.of_holder(found, given.get("department", ""), given.get("division", ""))
    page = keyset.page(owing.with_cases(found if chosen is None else chosen), "due_at", given, size=PAGE_SIZE)
    context = {
        "holders": owing.holders(found, now),
        "chosen": owing.holders(chosen, now) if chosen is not None else None,
        "page": page,
        "owed": [owing.owed_of(deadline) for deadline in page.rows],
    }
    return render(request, "incidents/overdue.html", context)
