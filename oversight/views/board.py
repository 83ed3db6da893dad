"""The boards: on a desk inside the frame, on a wall alone and dark. They take their own place every five seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases.doors import acting, for_cases
from cases.errors import NotAllowed
from grids import clock
from oversight import board, queue_health, summaries
from oversight.access import BOARD_ROLES, PLACE_ROLES
from oversight.board_files import FILES
from oversight.summaries import Backlog
from oversight.views.figures import ending_of, with_definitions

# Rows of what runs and of who is late, at most; on a wall those that fit (static/js/wall.js).
RUNNING: Final = {"wall": 10, "board": 10}
LATE: Final = {"wall": 12, "board": 12}
BEHIND: Final = timedelta(minutes=1)  # sooner than this nobody minds what waits to be counted


@require_GET
@for_cases
def home(request: PostRequest) -> HttpResponse:
    """Where a post's board is: the committee's and the centre's own, the figures for everybody else."""
    role = acting(request).role
    if role == Role.COMMITTEE:
        return redirect("oversight:board")
    return redirect("oversight:centre" if role in CENTRE_ROLES else "oversight:figures")


def _of_board(request: PostRequest) -> Post:
    post = acting(request)
    if post.role not in BOARD_ROLES:
        raise NotAllowed(_("看板给政法委和市（县）综治中心使用。您的数字在“指标”里。"))
    return post


@require_GET
@for_cases
def board_page(request: PostRequest) -> HttpResponse:
    """The committee's board; an htmx request gets its contents alone."""
    return _shown(request, "oversight/board.html", "board")


@require_GET
@for_cases
def wall_page(request: PostRequest) -> HttpResponse:
    """The same for a wall: no navigation, dark, few and large numbers."""
    return _shown(request, "oversight/wall.html", "wall")


def _shown(request: PostRequest, page: str, here: str) -> HttpResponse:
    post = _of_board(request)
    made = board.make(post)
    most, late = RUNNING[here], LATE[here]
    context = {
        "board": made,
        "post": post,
        "here": f"oversight:{here}",
        "shown": made.running[:most],
        "more": len(made.running[most:]),
        "late": made.late[:late],
        "late_more": len(made.late[late:]),
        "days": board.last_days(),
        "backlog": _backlog(),
    }
    inner = request.headers.get("HX-Request") == "true"
    return render(request, "oversight/_board.html" if inner else page, context)


def _backlog() -> Backlog | None:
    """What waits to be counted, when it has waited long enough to be told."""
    found = summaries.backlog()
    return found if found.since and clock.now() - found.since > BEHIND else None


@require_GET
@for_cases
def centre_page(request: PostRequest) -> HttpResponse:
    """The centre's board: the health of its queue. An htmx request gets its contents alone."""
    post = acting(request)
    if post.role not in PLACE_ROLES:
        raise NotAllowed(_("这个看板给综治中心使用。您的数字在“指标”里。"))
    context = {"health": queue_health.make(post), "post": post, "backlog": _backlog()}
    inner = request.headers.get("HX-Request") == "true"
    return render(request, "oversight/_centre.html" if inner else "oversight/centre.html", context)


@require_GET
@for_cases
def board_file(request: PostRequest, table: str, ending: str) -> HttpResponseBase:
    """One table of a board as it is now, with the definitions of its indicators."""
    post = acting(request)
    found = FILES.get(table)
    if found is None:
        raise Http404
    if post.role not in found.roles:
        raise NotAllowed(_("这个看板不是您的岗位的。您的数字在“指标”里。"))
    listed = found.make(post)
    name = f"{found.title}-{clock.today()}.{ending_of(ending)}"
    return with_definitions(name, str(found.title), listed.columns, listed.rows, listed.indicators)
