"""Tables of figures, what stands behind each number, and what the indicators mean: as pages and as files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from cases import exports
from cases.doors import acting, for_cases
from cases.downloads import exported
from cases.exports import Columns, Sheet, Value
from cases.periods import Period
from grids import clock
from grids.models import Division
from oversight import asking, indicators, listing, tables
from oversight import figures as numbers
from oversight.asking import Asked
from oversight.indicators import Indicator
from oversight.querysets import TallyQuerySet

PAGE: Final = 50  # cases behind a number
# Rows of a table: a city has a thousand offices; its categories stand on one page with their sum.
ROWS: Final = 200
ENDINGS: Final = ("xlsx", "csv")


def _presets() -> list[tuple[str, Period]]:
    """The periods that people ask for."""
    today = clock.today()
    month, quarter = Period.month_of(today), Period.quarter_of(today)
    return [
        (_("本月"), month),
        (_("上月"), month.before()),
        (_("本季"), quarter),
        (_("上季"), quarter.before()),
        (_("今年"), Period.of_year(today.year)),
        (_("去年"), Period.of_year(today.year - 1)),
    ]


@require_GET
@for_cases
def figures_page(request: PostRequest) -> HttpResponse:
    """Figures of a period and place, by place, category, office or worker; each number leads to its cases."""
    asked = asking.figures(acting(request), request.GET)
    table = asked.table()
    context = {
        "asked": asked,
        "table": table,
        "page": Paginator(table.rows, ROWS).get_page(request.GET.get("page")),
        "presets": _presets(),
        "subjects": asking.subjects_of(asked.post),
        "compared": []
        if asked.only
        else numbers.compared(table.columns, asked.period, asked.place, reader=asked.sight.reader),
        "before": asked.period.before(),
        "year_before": asked.period.year_before(),
        "query": _query(asked),
        "chain": _chain(asked),
    }
    return render(request, "oversight/figures.html", context)


def _query(asked: Asked) -> str:
    place = asked.place.code if asked.place and not asked.only else ""
    return urlencode(
        {
            "since": asked.period.first.isoformat(),
            "until": asked.period.last.isoformat(),
            "subject": asked.subject.value,
            "by": asked.grouping.value,
            "place": place,
        }
    )


def _chain(asked: Asked) -> list[Division]:
    """The places from the post's own down to the one looked at."""
    if asked.place is None or asked.post.division is None:
        return []
    own = asked.post.division.prefix
    return [one for one in reversed(asked.place.chain) if one.prefix.startswith(own)]


@require_GET
@for_cases
def figures_file(request: PostRequest, ending: str) -> HttpResponseBase:
    """The same table with the definitions of its columns: an Excel book of two sheets, or CSV."""
    asked = asking.figures(acting(request), request.GET)
    table = asked.table()
    where = asked.place.name if asked.place else ""
    name = f"{asked.subject.label}-{where}-{asked.period.first}-{asked.period.last}.{ending_of(ending)}"
    return with_definitions(
        name, str(asked.subject.label), tables.file_columns(table), tables.file_rows(table), table.columns
    )


def with_definitions(
    name: str,
    title: str,
    columns: Columns,
    rows: Iterable[list[Value]],
    wanted: Collection[Indicator],
) -> HttpResponseBase:
    """Rows as a file with what its figures mean: in Excel on a sheet of their own, in CSV below."""
    meanings = tables.definitions(wanted)
    if name.endswith(".xlsx"):
        sheets = [Sheet(title, columns, rows)]
        if wanted:
            sheets.append(Sheet(_("指标说明"), tables.DEFINITIONS, meanings))
        return FileResponse(exports.book(sheets), as_attachment=True, filename=name)
    heads: list[Value] = [str(label) for label, _width in tables.DEFINITIONS]
    below = [[], heads, *meanings] if wanted else []
    return exported(columns, [*rows, *below], name, "")


def ending_of(ending: str) -> str:
    """The ending of a file that there is. Raises Http404 for any other."""
    if ending not in ENDINGS:
        raise Http404
    return ending


@require_GET
@for_cases
def behind_page(request: PostRequest) -> HttpResponse:
    """The cases behind a number: exactly as many rows as it says."""
    post = acting(request)
    asked = asking.behind(post, request.GET)
    page = Paginator(_ordered(asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "lines": listing.lines(page.object_list, request.user),
        "query": _without_page(request),
    }
    return render(request, "oversight/behind.html", context)


def _ordered(asked: asking.Behind) -> TallyQuerySet:
    return numbers.behind(asked.formula, asked.of).order_by("-day", "-pk")


def _without_page(request: PostRequest) -> str:
    data = request.GET.copy()
    data.pop("page", None)
    return data.urlencode()


@require_GET
@for_cases
def behind_file(request: PostRequest, ending: str) -> HttpResponseBase:
    """The same list as a file."""
    asked = asking.behind(acting(request), request.GET)
    name = f"{asked.indicator.name}-{asked.of.period.first}-{asked.of.period.last}.{ending_of(ending)}"
    rows = listing.records(_ordered(asked), request.user)
    return exported(listing.COLUMNS, rows, name, str(asked.said)[:30])


@require_GET
@for_cases
def definitions_page(request: PostRequest) -> HttpResponse:
    """What each indicator means: the table by which everything is counted."""
    subjects = [
        (subject, [one for one in indicators.ALL if one.subject == subject]) for subject in indicators.Subject
    ]
    context = {"subjects": subjects, "version": indicators.RULES_VERSION}
    return render(request, "oversight/definitions.html", context)
