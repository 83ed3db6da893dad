"""Where a working day begins: a centre's or department's queue, a worker's today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from accounts.roles import Role
from cases import saved_filters
from cases.doors import acting, for_cases
from incidents import bulk
from incidents.lists import Desk
from incidents.today import Today

SAVED_KIND = "incident.desk"


@require_GET
@for_cases
def desk(request: PostRequest) -> HttpResponse:
    """A worker sees today; everybody else the queue."""
    if acting(request).role == Role.GRID_WORKER:
        return render(request, "incidents/today.html", {"today": Today(request)})
    return _queue(request)


@require_GET
@for_cases
def todo(request: PostRequest) -> HttpResponse:
    """What waits for the office of the post acted under, by deadline, in heaps."""
    return _queue(request)


def _queue(request: PostRequest) -> HttpResponse:
    queue = Desk(request)
    context = {
        "list": queue,
        "buttons": bulk.buttons_for(queue.post),
        "saved": saved_filters.of(request.user, SAVED_KIND),
        "saved_kind": SAVED_KIND,
    }
    return render(request, "incidents/desk.html", context)
