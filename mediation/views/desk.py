"""Where a post begins with disputes: a mediator at what waits, others at the list; and the list itself."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import Role
from cases.doors import acting, for_cases
from cases.downloads import exported
from grids import clock
from grids.clock import SHANGHAI
from mediation import listing, queues
from mediation.listing import DisputeList
from mediation.services import REGISTRARS


def _may(post: Post) -> dict[str, bool]:
    """Which buttons of the counter a post has."""
    return {"may_register": post.role in REGISTRARS, "may_fast": post.role == Role.MEDIATOR}


@require_GET
@for_cases
def home(request: PostRequest) -> HttpResponse:
    """A mediator begins at the desk, everybody else at the list."""
    return redirect("mediation:todo" if acting(request).role == Role.MEDIATOR else "mediation:list")


@require_GET
@for_cases
def todo(request: PostRequest) -> HttpResponse:
    """What waits for the post in disputes."""
    post = acting(request)
    return render(
        request, "mediation/todo.html", {"waiting": queues.waiting(post), "post": post, **_may(post)}
    )


@require_GET
@for_cases
def dispute_list(request: PostRequest) -> HttpResponse:
    """The disputes that the post may see, filtered; no names of parties but to their own committee."""
    found = DisputeList(request)
    return render(request, "mediation/list.html", {"list": found, **_may(found.post)})


@require_GET
@for_cases
def list_file(request: PostRequest, ending: str) -> HttpResponseBase:
    """The filtered list as an Excel sheet or as CSV, without any party's name."""
    rows = listing.records(DisputeList(request).ordered)
    name = f"{_('纠纷列表')}-{clock.now().astimezone(SHANGHAI):%Y%m%d-%H%M}.{ending}"
    return exported(listing.COLUMNS, rows, name, _("纠纷列表"))
