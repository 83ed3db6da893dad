"""What pages fetch about places: suggestions for the place picker, and the layers of the schematic map."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from grids import clock, geo
from grids.errors import ValidationError
from grids.layers import LAYER_LEVELS, layer
from grids.models import Division, DivisionLevel
from grids.wording import listed

MOST_SUGGESTIONS = 20
LAYERS_KEPT = 32  # in each process: a city's three layers, and those of the townships looked at


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Divisions for `q`, the higher levels first; `level` (several) and `within` (a code) narrow it down.

    `more` says that there were others.
    """
    places = Division.objects.in_city().valid_on(clock.today())
    if "within" in request.GET:
        places = places.within(_division(request.GET["within"]))
    if levels := request.GET.getlist("level"):
        places = places.filter(level__in=set(levels) & set(DivisionLevel.values))
    words = request.GET.get("q", "").strip()
    found = places.matching(words).by_rank().with_path()[: MOST_SUGGESTIONS + 1] if words else []
    results = [
        {"code": place.code, "name": place.name, "path": place.path, "level": place.level} for place in found
    ]
    return JsonResponse({"results": results[:MOST_SUGGESTIONS], "more": len(results) > MOST_SUGGESTIONS})


def _layer_tag(request: HttpRequest) -> str:
    """Changes with the grids, the day and what is asked for."""
    asked = (geo.state(), request.GET.get("within"), request.GET.get("level"))
    return f'"{sha256(repr(asked).encode()).hexdigest()[:32]}"'


@require_safe
@login_required
@gzip_page
def shapes(request: HttpRequest) -> HttpResponse:
    """The outlines of one `level` within a division (`within`, the city when left out), as GeoJSON."""
    level = request.GET.get("level", DivisionLevel.GRID)
    if level not in LAYER_LEVELS:
        raise ValidationError({"level": [_("层级应为 %(levels)s 之一。") % {"levels": listed(LAYER_LEVELS)}]})
    place = _division(request.GET.get("within", settings.GEZHI_CITY_CODE))
    tag = _layer_tag(request)
    answer = get_conditional_response(request, etag=tag)
    if answer is None:
        answer = HttpResponse(_kept(tag, place, DivisionLevel(level)), content_type="application/geo+json")
        answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


@lru_cache(maxsize=LAYERS_KEPT)
def _kept(tag: str, place: Division, level: DivisionLevel) -> bytes:
    """The layer with this tag: uniting the grids of a city takes seconds."""
    return JsonResponse(layer(place, level)).content


def _division(code: str) -> Division:
    found = Division.objects.in_city().filter(code=code).first() if code.isdigit() else None
    if found is None:
        raise Http404
    return found
