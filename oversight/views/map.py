"""The map: the page, what a week tells (the table beside the map), and the open incidents as points."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.http import PostRequest
from cases.doors import acting, for_cases
from oversight import mapping
from oversight.shading import Method


def _context(request: PostRequest) -> dict[str, Any]:
    asked = mapping.ask(acting(request), request.GET)
    return {"asked": asked, "map": mapping.make(asked), "methods": Method}


@require_GET
@for_cases
def map_page(request: PostRequest) -> HttpResponse:
    """One indicator of a week by township, village or grid, on the schematic and as a table."""
    return render(request, "oversight/map.html", _context(request))


@require_GET
@gzip_page
@for_cases
def map_data(request: PostRequest) -> HttpResponse:
    """The table and the legend of another week or indicator, for the page that is open; its address follows."""
    answer = render(request, "oversight/_map.html", _context(request) | {"oob": True})
    answer["HX-Replace-Url"] = f"{reverse('oversight:map')}?{request.GET.urlencode()}"
    return answer


@require_GET
@for_cases
def map_points(request: PostRequest) -> HttpResponse:
    """The open incidents of a place as GeoJSON."""
    post = acting(request)
    place = mapping.place_of(post, request.GET.get("place", ""))
    found = mapping.points(request.user, post, place)
    answer = JsonResponse(found, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/geo+json"
    return answer
