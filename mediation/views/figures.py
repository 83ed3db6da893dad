"""Statistics, the overview by tier, and subsidies: pages and files. Every number leads to its disputes."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from accounts.roles import Role
from cases.doors import acting, for_cases
from cases.downloads import exported
from cases.errors import NotAllowed
from cases.periods import Period
from grids import clock
from mediation import figures, overview, payments
from mediation.views.sessions import month_named

GROUP_NAMES = {
    "kind": gettext_lazy("纠纷类别"),
    "source": gettext_lazy("来源"),
    "tier": gettext_lazy("层级"),
    "initiative": gettext_lazy("启动方式"),
    "ending": gettext_lazy("结果"),
}


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


def _asked(request: PostRequest) -> tuple[Period, str]:
    """The period and the group asked for: this year and by kind when nothing else is said."""
    year = Period.of_year(clock.today().year)
    period = Period(
        _day(request.GET.get("since", ""), year.first), _day(request.GET.get("until", ""), year.last)
    )
    group = request.GET.get("group", "kind")
    return period, group if group in figures.GROUPS else "kind"


@require_GET
@for_cases
def figures_page(request: PostRequest) -> HttpResponse:
    """Statistics in the ministry's way."""
    period, group = _asked(request)
    lines = figures.by(request.user, period, group)
    context = {
        "lines": lines,
        "total": figures.total(request.user, period),
        "period": period,
        "group": group,
        "groups": GROUP_NAMES.items(),
        "group_name": GROUP_NAMES[group],
        "years": figures.years(request.user),
    }
    return render(request, "mediation/figures.html", context)


@require_GET
@for_cases
def figures_file(request: PostRequest, ending: str) -> HttpResponseBase:
    """The same as an Excel sheet or as CSV."""
    period, group = _asked(request)
    rows = figures.records(request.user, period, group)
    name = f"{_('调解统计')}-{period.first}-{period.last}.{ending}"
    return exported(figures.COLUMNS, rows, name, str(GROUP_NAMES[group]))


@require_GET
@for_cases
def overview_page(request: PostRequest) -> HttpResponse:
    """Where disputes stand now, by tier and committee, for those who watch over the work."""
    if acting(request).role not in overview.WATCHERS:
        raise NotAllowed(_("三级总览给综治中心、乡镇街道领导和政法委使用。"))
    context = {
        "tiers": overview.tiers(request.user),
        "committees": overview.committees(request.user),
        "colours": overview.colours(request.user),
    }
    return render(request, "mediation/overview.html", context)


# --- subsidies


@require_GET
@for_cases
def subsidies(request: PostRequest) -> HttpResponse:
    """What waits for a decision, and what was approved in a month."""
    post = acting(request)
    first = month_named(request.GET.get("month", ""))
    rows = payments.visible_to(post)
    month = payments.of_month(post, first)
    context = {
        "waiting": rows.filter(state="claimed").order_by("claimed_at", "pk"),
        "refused": rows.filter(state="refused").order_by("-decided_at", "-pk")[:50],
        "month": month,
        "first": first,
        "total": payments.total_of(month),
        "may_pay": post.role == Role.CENTRE,
    }
    return render(request, "mediation/subsidies.html", context)


@require_GET
@for_cases
def payment_list(request: PostRequest) -> HttpResponseBase:
    """A month's payments as an Excel sheet, for the office that pays."""
    post = acting(request)
    if post.role != Role.CENTRE:
        raise NotAllowed(_("发放表由县（市）综治中心导出。"))
    first = month_named(request.GET.get("month", ""))
    rows = payments.records(payments.of_month(post, first))
    return exported(payments.COLUMNS, rows, f"{_('案补发放表')}-{first:%Y-%m}.xlsx", f"{first:%Y-%m}")
