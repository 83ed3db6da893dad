"""Meetings: the page on which one is written down while people talk, the calendar, and its feed."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import signed_in
from accounts.http import PostRequest
from accounts.roles import Role
from cases import actions
from cases.action_views import form_context
from cases.doors import acting, for_cases
from cases.errors import Incomplete
from grids import clock
from mediation import calendars, minutes
from mediation.casefile import MediationFile
from mediation.fields import guest_label
from mediation.models import CalendarFeed, Session
from mediation.rows import SUBJECTS


@require_GET
@signed_in
def session(request: PostRequest, number: str, pk: int) -> HttpResponse:
    """One meeting as it goes on: who is there, what is said; it is kept every few seconds."""
    file = MediationFile(request.user, acting(request), number)
    row: Session = SUBJECTS[Session.TABLE](file.case, pk)  # type: ignore[assignment]
    move = actions.row_for(file.case, "hold", file.post, subject=row)
    form = actions.empty_form(file.case, move, file.post, subject=row)
    guests = row.invitations.select_related("party", "post__user", "expert")
    context = {
        **form_context(file, move, form, row),
        "session": row,
        "speakers": [guest_label(guest) for guest in guests],
        "known": row.draft.get("number", 0),
        "earlier": [one for one in file.sessions if one.row.pk != row.pk and one.row.state == "held"],
    }
    return render(request, "mediation/session.html", context)


@never_cache
@require_POST
@signed_in
def keep(request: PostRequest, number: str, pk: int) -> JsonResponse:
    """Keep what is being written down; answers with the number of this draft."""
    file = MediationFile(request.user, acting(request), number)
    SUBJECTS[Session.TABLE](file.case, pk)
    known = request.POST.get("known", "")
    if not (known.isascii() and known.isdigit() and len(known) < 9):
        raise Incomplete(
            _("草稿的编号不对，请刷新页面。"), errors={"known": [_("草稿的编号不对，请刷新页面。")]}
        )
    given = {name: request.POST.get(name, "") for name in minutes.MOST}
    made = minutes.keep(file.case, pk, given, request.POST.getlist("present"), int(known), by=file.post)
    return JsonResponse({"known": made})


# --- the calendar


def month_named(text: str) -> date:
    """The first day of the month asked for; of this month for anything else."""
    year, _dash, month = text.partition("-")
    digits = text.isascii() and len(year) == 4 and len(month) <= 2 and year.isdigit() and month.isdigit()
    known = digits and 2000 <= int(year) <= 2200 and 1 <= int(month) <= 12
    return date(int(year), int(month), 1) if known else clock.today().replace(day=1)


@require_http_methods(["GET", "POST"])
@for_cases
def calendar(request: PostRequest) -> HttpResponse:
    """A month of meetings; a mediator may also have them in the calendar of a phone."""
    post = acting(request)
    address = ""
    if request.method == "POST" and post.role == Role.MEDIATOR:
        if "end" in request.POST:
            calendars.end_address(post)
        else:
            address = request.build_absolute_uri(calendars.new_address(post))
    first = month_named(request.GET.get("month", ""))
    weeks = calendars.month_of(post, first)
    context = {
        "weeks": weeks,
        "days": [day for week in weeks for day in week if day.sessions],
        "first": first,
        "before": first - timedelta(days=1),
        "after": first + timedelta(days=32),
        "has_feed": post.role == Role.MEDIATOR,
        "feed": CalendarFeed.objects.filter(post=post).first(),
        "address": address,
        "inside": post.role == Role.MEDIATOR,
    }
    return render(request, "mediation/calendar.html", context)


@never_cache
@require_GET
def feed(request: PostRequest) -> HttpResponse:
    """Meetings for a calendar program, which cannot sign in: `?key=` is the secret."""
    answer = HttpResponse(
        calendars.feed(request.GET.get("key", "")), content_type="text/calendar; charset=utf-8"
    )
    answer["Content-Disposition"] = 'inline; filename="sessions.ics"'
    answer["Referrer-Policy"] = "no-referrer"
    return answer
