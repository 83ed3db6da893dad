"""The registers on screen: committees and their mediators, experts by field."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PostRequest
from cases.doors import acting, for_cases
from cases.errors import NotAllowed, NotFound
from mediation import registers
from mediation.models import Committee, Expert
from mediation.tables import expert_fields


@require_GET
@for_cases
def committees(request: PostRequest) -> HttpResponse:
    """Committees of the area with their windows and mediators."""
    post = acting(request)
    context = {"lines": registers.committees(post), "may_add": registers.may_keep(post, None)}
    return render(request, "mediation/committees.html", context)


@require_http_methods(["GET", "POST"])
@for_cases
def committee(request: PostRequest, pk: int = 0) -> HttpResponse:
    """One committee, to be entered or changed."""
    post = registers.check_reader(acting(request))
    known = [line.committee for line in registers.committees(post)]
    found = next((row for row in known if row.pk == pk), None)
    if pk and found is None:
        raise NotFound(_("没有找到这个调解委员会，或者它不在您的岗位范围内。"))
    if not registers.may_keep(post, found):
        raise NotAllowed(_("调解委员会由县（市）综治中心登记。"))
    form = registers.CommitteeForm(request.POST or None, instance=found, by=post)
    return _edited(request, form, "mediation:committees", _("调解委员会"))


@require_GET
@for_cases
def experts(request: PostRequest) -> HttpResponse:
    """Experts who may be invited, by field."""
    post = acting(request)
    field = request.GET.get("field", "")
    known = expert_fields()
    rows = [
        (
            row,
            [str(known[code]) for code in row.fields if code in known],
            registers.may_keep_expert(post, row),
        )
        for row in registers.experts(post, field)
    ]
    context = {
        "rows": rows,
        "fields": known.values(),
        "field": field,
        "may_add": registers.may_keep_expert(post, None),
    }
    return render(request, "mediation/experts.html", context)


@require_http_methods(["GET", "POST"])
@for_cases
def expert(request: PostRequest, pk: int = 0) -> HttpResponse:
    """One expert, to be entered or changed."""
    post = registers.check_reader(acting(request))
    found: Expert | None = next((row for row in registers.experts(post) if row.pk == pk), None)
    if pk and found is None:
        raise NotFound(_("没有找到这名专家，或者不在您的岗位范围内。"))
    if not registers.may_keep_expert(post, found):
        raise NotAllowed(_("专家由聘请的调解委员会登记。"))
    form = registers.ExpertForm(request.POST or None, instance=found, by=post)
    return _edited(request, form, "mediation:experts", _("专家"))


def _edited(request: PostRequest, form: Any, home: str, title: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        row: Committee | Expert = form.save()
        messages.success(request, _("已保存：%(name)s") % {"name": row})
        return redirect(home, permanent=False)
    context = {"form": form, "title": title, "home": home}
    return render(request, "mediation/register_form.html", context, status=422 if form.errors else 200)
