"""All incidents that one may see: as a list, on the map, as files."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from cases import exports as files
from cases import saved_filters
from cases.context import link
from cases.doors import for_cases
from cases.models import Case
from grids.clock import SHANGHAI
from incidents import bulk, exports
from incidents.lists import Desk, IncidentList
from incidents.points import points_of

SAVED_KIND = "incident"


def _context(request: PostRequest) -> dict[str, object]:
    found = IncidentList(request)
    return {
        "list": found,
        "buttons": bulk.buttons_for(found.post),
        "saved": saved_filters.of(request.user, SAVED_KIND),
        "saved_kind": SAVED_KIND,
    }


@require_GET
@for_cases
def all_incidents(request: PostRequest) -> HttpResponse:
    """Every incident that the person may see, filtered; the number of another kind of case leads to that case."""
    number = request.GET.get("q", "").strip()
    others = Case.objects.visible_to(request.user).numbered(number).exclude(kind=SAVED_KIND)
    if number and (other := others.first()):
        return redirect(other.get_absolute_url())
    return render(request, "incidents/list.html", _context(request))


@require_GET
@for_cases
def on_map(request: PostRequest) -> HttpResponse:
    """The same, as points on the schematic."""
    shapes = link("place-shapes")
    context = _context(request) | {"shapes_url": f"{shapes}?level=township" if shapes else ""}
    return render(request, "incidents/map.html", context)


@require_GET
@for_cases
def points(request: PostRequest) -> HttpResponse:
    """The filtered incidents as GeoJSON."""
    found = IncidentList(request)
    points = points_of(found.found, found.now, found.post)
    answer = JsonResponse(points, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/geo+json"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _source(request: PostRequest) -> IncidentList:
    """The list that is exported: the desk's when the address says so, else all incidents."""
    return Desk(request) if "desk" in request.GET else IncidentList(request)


def _name(found: IncidentList, ending: str) -> str:
    """What the file is called: what it holds and when it was made, in China's time."""
    return f"{_('事件')}-{found.now.astimezone(SHANGHAI):%Y%m%d-%H%M}.{ending}"


@require_GET
@for_cases
def as_csv(request: PostRequest) -> HttpResponseBase:
    """The filtered list as CSV, written while it is sent."""
    found = _source(request)
    lines = files.csv_lines(exports.COLUMNS, exports.records(found.ordered, found.now))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, _name(found, "csv"))
    return answer


@require_GET
@for_cases
def as_excel(request: PostRequest) -> HttpResponseBase:
    """The filtered list as an Excel sheet."""
    found = _source(request)
    file = files.excel(exports.COLUMNS, exports.records(found.ordered, found.now), _("事件"))
    return FileResponse(file, as_attachment=True, filename=_name(found, "xlsx"))
