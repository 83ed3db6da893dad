"""Pages that every kind of case shares: where one begins, notices, papers, saved filters."""

from __future__ import annotations

import uuid
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import signed_in
from accounts.http import PostRequest
from accounts.roles import Role
from accounts.views.session import ADMINISTRATORS_HOME
from cases import attachments, inbox, keyset, notices, saved_filters
from cases.doors import for_cases
from cases.errors import Incomplete, NotFound, ReasonFirst
from grids import clock

PAGE_SIZE: Final = 50
# Where each role begins: at its work, at what it watches, at what it administers.
HOMES: Final = {
    **ADMINISTRATORS_HOME,
    Role.COMMITTEE: "incidents:overdue",
    Role.TOWNSHIP_SECRETARY: "whistle:home",
    Role.MEDIATOR: "mediation:home",
}
# The lists whose filters can be kept, and their pages.
LISTS: Final = {"incident": "incidents:list", "incident.desk": "incidents:todo"}


@require_GET
@signed_in
def home(request: PostRequest) -> HttpResponse:
    """The first page of the post acted under."""
    role = Role(request.post.role) if request.post is not None else None
    return redirect(HOMES.get(role, "incidents:desk") if role else "incidents:desk")


@require_GET
@for_cases
def notice_list(request: PostRequest) -> HttpResponse:
    """The inbox by day, the newest first."""
    unread_only = request.GET.get("show") == "unread"
    found = inbox.inbox(request.user, unread_only=unread_only)
    page = keyset.page(found, "created_at", request.GET, size=PAGE_SIZE, descending=True)
    context = {
        "told": [inbox.told_of(notice) for notice in page.rows],
        "page": page,
        "unread_only": unread_only,
        "unread": notices.unread_count(request.user),
    }
    return render(request, "cases/notices.html", context)


@require_POST
@for_cases
def read_notices(request: PostRequest) -> HttpResponse:
    """Marks the named notices as read, or all of them."""
    sent = request.POST.getlist("id")
    ids = None if "all" in request.POST else [int(n) for n in sent if n.isdecimal() and len(n) < 19]
    number = inbox.read(request.user, at=clock.now(), ids=ids)
    if number:
        messages.success(
            request, ngettext("%(n)d 条通知已标为已读。", "%(n)d 条通知已标为已读。", number) % {"n": number}
        )
    return HttpResponseRedirect(_next(request, reverse("cases:notices")), status=303)


def _next(request: PostRequest, otherwise: str) -> str:
    """The page that a small form was sent from, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else otherwise


@require_GET
@signed_in
def attachment(request: PostRequest, key: uuid.UUID) -> HttpResponseBase:
    """A photo or document, to whoever may see it now; one that asks for a reason leads to where it is given."""
    try:
        found = attachments.open_for(request.user, key)
    except ReasonFirst as error:
        messages.info(request, str(error))
        return HttpResponseRedirect(error.where)
    return attachments.respond(request, found)


@require_GET
@signed_in
def thumbnail(request: PostRequest, key: uuid.UUID) -> HttpResponseBase:
    """A photo in small."""
    return attachments.respond(request, attachments.open_for(request.user, key), thumb=True)


@require_POST
@for_cases
def keep_filter(request: PostRequest) -> HttpResponse:
    """Keeps the filters of a list under a name, and goes back to it."""
    kind = request.POST.get("kind", "")
    if kind not in LISTS:
        raise NotFound(_("没有这个列表。"))
    query = QueryDict(request.POST.get("query", "")[:2000]).urlencode()
    try:
        kept = saved_filters.keep(request.user, kind=kind, name=request.POST.get("name", ""), query=query)
        messages.success(request, _("筛选“%(name)s”已保存。") % {"name": kept.name})
    except Incomplete as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{reverse(LISTS[kind])}?{query}", status=303)


@require_POST
@for_cases
def forget_filter(request: PostRequest, pk: int) -> HttpResponse:
    """Deletes one of the own filters."""
    gone = saved_filters.forget(request.user, pk)
    messages.success(request, _("筛选“%(name)s”已删除。") % {"name": gone.name})
    return HttpResponseRedirect(_next(request, reverse(LISTS[gone.kind])), status=303)
