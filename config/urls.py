"""All addresses. Each app names its own; the kinds of case come first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the web process lives; touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("config.api_urls")),
    path("", include("accounts.urls")),
    path("", include("grids.urls")),
    path("", include("cases.urls")),
    path("incidents/", include("incidents.urls")),
    path("whistles/", include("whistle.urls")),
    path("mediations/", include("mediation.urls")),
    path("oversight/", include("oversight.urls")),
]

handler400 = "cases.pages.bad_request"
handler403 = "cases.pages.permission_denied"
handler404 = "cases.pages.page_not_found"
handler500 = "cases.pages.server_error"
