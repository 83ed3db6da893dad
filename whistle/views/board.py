"""The committee's live board, and a department's own page of what it is called to."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from accounts.roles import Role
from cases.doors import acting, for_cases
from cases.models import Case
from grids import clock
from whistle import board as watching
from whistle import queues
from whistle.services import WHISTLERS


@require_GET
@for_cases
def home(request: PostRequest) -> HttpResponse:
    """Where a post begins: a department at what it is called to, who watches at the board, others at their own heap."""
    role = acting(request).role
    begin = {Role.DEPARTMENT_OFFICER: "mine", Role.COMMITTEE: "board", Role.CENTRE: "board"}
    return redirect(f"whistle:{begin.get(Role(role), 'todo')}")


@require_GET
@for_cases
def todo(request: PostRequest) -> HttpResponse:
    """What waits for the post in whistles: approvals, soundings, arrivals to confirm, entries to decide."""
    post = acting(request)
    context = {"waiting": queues.waiting(post), "post": post, "may_whistle": post.role in WHISTLERS}
    return render(request, "whistle/todo.html", context)


def _context(request: PostRequest) -> dict[str, object]:
    rows = watching.running(Case.objects.visible_to(request.user))
    return {"rows": rows, "unopened": watching.unopened(rows), "now": clock.now(), "post": acting(request)}


@require_GET
@for_cases
def board(request: PostRequest) -> HttpResponse:
    """Every running whistle with a countdown per department; brings itself up to date."""
    template = "whistle/_board.html" if request.headers.get("HX-Request") else "whistle/board.html"
    return render(request, template, _context(request))


@require_GET
@for_cases
def mine(request: PostRequest) -> HttpResponse:
    """What the department of the post is called to: what, where, who from, time left, report now."""
    context = {"calls": watching.calls_of(acting(request)), "post": acting(request)}
    template = "whistle/_mine.html" if request.headers.get("HX-Request") else "whistle/mine.html"
    return render(request, template, context)
