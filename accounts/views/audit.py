"""The record of administration, for the audit administrator."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from accounts import lists, record, wording
from accounts.forms import AuditFilter, SignInsFilter
from accounts.guards import only
from accounts.http import PostRequest
from accounts.roles import Role

PER_PAGE = 50


@only(Role.AUDIT_ADMIN)
def audit(request: PostRequest) -> HttpResponse:
    """What was done, by whom, to whom; and whether the record is whole.

    The latest entries are checked at every look, the whole record when asked for.
    """
    form = AuditFilter(request.GET)
    found = lists.audit(form.cleaned_data if form.is_valid() else {})
    whole = request.GET.get("check") == "all"
    result = record.check_chain() if whole else record.check_latest()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"event": event, "facts": wording.facts(event)} for event in page]
    context = {"form": form, "page": page, "rows": rows, "result": result, "whole": whole}
    return render(request, "accounts/audit.html", context)


@only(Role.AUDIT_ADMIN)
def sign_ins(request: PostRequest) -> HttpResponse:
    """Who signed in from where, and who failed to."""
    form = SignInsFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = Paginator(lists.sign_ins(chosen), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "failed": chosen.get("show") == "failed"}
    return render(request, "accounts/sign_ins.html", context)
