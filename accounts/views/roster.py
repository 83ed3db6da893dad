"""Duty rosters: whom to call in a department, now and next."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import lists, policies, services
from accounts.forms import DutyForm, attempt
from accounts.guards import signed_in
from accounts.http import PostRequest
from accounts.models import DutyRosterEntry
from grids import clock
from grids.models import Department


def visible_department(request: PostRequest, pk: int) -> Department:
    """The department if the viewer may see its roster; 404 otherwise, as for one that does not exist."""
    return get_object_or_404(lists.departments_seen_by(request.posts, clock.today()), pk=pk)


@signed_in
def rosters(request: PostRequest) -> HttpResponse:
    """Every department that the viewer may have to reach, with who is on duty now."""
    now = clock.now()
    departments = lists.with_duty(lists.departments_seen_by(request.posts, clock.today()), now)
    if not departments:
        raise PermissionDenied(_("值班表只供部门人员、综治中心、政法委和系统管理员查看。"))
    return render(request, "accounts/rosters.html", {"departments": departments})


@signed_in
def roster(request: PostRequest, pk: int) -> HttpResponse:
    """One department's roster from now on; its head adds turns."""
    department = visible_department(request, pk)
    may_edit = policies.may_edit_roster(request.user, department)
    form = DutyForm(request.POST or None, department=department)
    if may_edit and attempt(form, lambda data: services.add_duty(department, by=request.user, **data)):
        messages.success(request, _("已排班。"))
        return redirect("accounts:roster", pk=pk)
    entries = DutyRosterEntry.objects.of(department).filter(ends_at__gt=clock.now())
    context = {"department": department, "form": form, "entries": entries, "may_edit": may_edit}
    return render(request, "accounts/roster.html", {**context, "now": clock.now(), "today": clock.today()})


@require_POST
@signed_in
def remove_duty(request: PostRequest, pk: int) -> HttpResponse:
    """Takes a turn off the roster."""
    entry = get_object_or_404(DutyRosterEntry.objects.select_related("department", "person__user"), pk=pk)
    department = visible_department(request, entry.department_id)
    services.remove_duty(entry, by=request.user)
    messages.success(request, _("已撤销这一班。"))
    return redirect("accounts:roster", pk=department.pk)
