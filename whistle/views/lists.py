"""The ledger, the negative list and the figures: as pages and as files."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from cases import exports, saved_filters
from cases.doors import acting, for_cases
from grids import clock
from grids.clock import SHANGHAI
from whistle import entries, figures, ledger
from whistle.services import KIND, WHISTLERS


@require_GET
@for_cases
def ledger_page(request: PostRequest) -> HttpResponse:
    """The ledger (台账): the township's own whistles, the committee's all."""
    found = ledger.Ledger(request)
    context = {
        "list": found,
        "saved": saved_filters.of(request.user, KIND),
        "saved_kind": KIND,
        "may_whistle": acting(request).role in WHISTLERS,
    }
    return render(request, "whistle/ledger.html", context)


def _name(what: str, ending: str) -> str:
    """What a file is called: what it holds and when it was made, in China's time."""
    return f"{what}-{clock.now().astimezone(SHANGHAI):%Y%m%d-%H%M}.{ending}"


@require_GET
@for_cases
def ledger_excel(request: PostRequest) -> HttpResponseBase:
    """The filtered ledger as an Excel sheet, a line for each department."""
    found = ledger.Ledger(request)
    file = exports.excel(ledger.COLUMNS, ledger.records(found.ordered), _("吹哨台账"))
    return FileResponse(file, as_attachment=True, filename=_name(_("吹哨台账"), "xlsx"))


@require_GET
@for_cases
def ledger_csv(request: PostRequest) -> HttpResponseBase:
    """The same as CSV."""
    found = ledger.Ledger(request)
    lines = exports.csv_lines(ledger.COLUMNS, ledger.records(found.ordered))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, _name(_("吹哨台账"), "csv"))
    return answer


@require_GET
@for_cases
def negative_list(request: PostRequest) -> HttpResponse:
    """The negative list (负面清单): entries of the whistles that the person may see."""
    return render(request, "whistle/negative.html", {"list": entries.EntryList(request)})


@require_GET
@for_cases
def negative_excel(request: PostRequest) -> HttpResponseBase:
    """The filtered negative list as an Excel sheet."""
    found = entries.EntryList(request)
    file = exports.excel(entries.COLUMNS, entries.records(found.ordered), _("负面清单"))
    return FileResponse(file, as_attachment=True, filename=_name(_("负面清单"), "xlsx"))


def _year(request: PostRequest, years: list[int]) -> int:
    given = request.GET.get("year", "")
    if given.isdecimal() and len(given) == 4:
        return int(given)
    return years[0] if years else clock.today().year


@require_GET
@for_cases
def figures_page(request: PostRequest) -> HttpResponse:
    """Each department's year, for the yearly assessment; every number leads to its whistles."""
    years = figures.years(request.user)
    year = _year(request, years)
    context = {"rows": figures.of_year(request.user, year), "year": year, "years": years}
    return render(request, "whistle/figures.html", context)


@require_GET
@for_cases
def figures_excel(request: PostRequest) -> HttpResponseBase:
    """The same as an Excel sheet."""
    year = _year(request, figures.years(request.user))
    file = exports.excel(figures.COLUMNS, figures.records(request.user, year), str(year))
    return FileResponse(file, as_attachment=True, filename=_name(_("部门年度情况"), "xlsx"))
