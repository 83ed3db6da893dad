"""The addresses of the guide, beside the product's own names that its frame links to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path

from tests.ui import styleguide


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def named(*names: str) -> list[URLPattern]:
    return [path(f"{name}/", nothing, name=name) for name in names]


accounts = (
    named(
        "switch_post",
        "sign_in",
        "sign_out",
        "password",
        "profile",
        "language",
        "people",
        "posts",
        "rosters",
        "record",
    ),
    "accounts",
)
incidents = (
    [
        path("", nothing, name="desk"),
        *named("report", "intake", "list", "todo", "overdue", "map", "categories"),
    ],
    "incidents",
)
cases = (named("notices"), "cases")

urlpatterns = [
    path("healthz", nothing, name="healthz"),
    path("ui/action/<str:name>/", styleguide.action),
    path("ui/fail/<int:status>/", styleguide.fail),
    path("ui/picture/<int:number>/", styleguide.picture),
    path("ui/<str:name>/", styleguide.page),
    path("places/search/", styleguide.search, name="place-search"),
    path("places/shapes/", styleguide.shapes, name="place-shapes"),
    path("places/points/", styleguide.points),
    path("places/locate/", styleguide.locate),
    path("accounts/", include(accounts)),
    path("matters/", include(incidents)),
    path("cases/", include(cases)),
]  # fmt: skip
