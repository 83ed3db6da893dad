"""The list of incidents, and reporting one."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post
from cases.api import View
from cases.api_body import Body, read
from cases.api_fields import body_of
from cases.api_filters import StrictFilters
from cases.api_pages import Pages
from cases.errors import Incomplete
from cases.idempotency import Done, idempotent
from cases.models import Case
from grids import clock
from incidents.api.facts import Facts, rows
from incidents.api.fields import HELP, REPORT_KINDS
from incidents.api.shapes import IncidentSerializer, WholeIncidentSerializer
from incidents.filters import IncidentFilter
from incidents.listing import by_deadline, by_newest
from incidents.models import Incident
from incidents.report_form import REPORT_ROLES, ReportForm, check_role
from incidents.services import report, settle_on_spot

REPORT_BODIES = {
    "application/json": body_of("Report", REPORT_KINDS, ("category", "title"), files=False, words=HELP),
    "multipart/form-data": body_of("ReportForm", REPORT_KINDS, ("category", "title"), files=True, words=HELP),
}


class ApiFilter(IncidentFilter):
    """The filters of every list; `search` is another name of `q`."""

    search = django_filters.CharFilter(method="by_words", max_length=100)


class IncidentListView(View, ListAPIView[Incident]):
    """What the caller sees of the incidents, and reporting one."""

    queryset = Incident.objects.none()  # what there is to see depends on the caller
    filter_backends = (StrictFilters,)
    filterset_class = ApiFilter
    pagination_class = Pages
    serializer_class = IncidentSerializer

    @extend_schema(
        operation_id="incidents_list",
        description="The incidents within the caller's posts, and those that they reported. The newest first, or by "
        "deadline with `order=deadline`. Pages are never counted.\n\n"
        "`state` may be repeated; `category` takes a large one for all its small ones; `place` takes the code of any "
        "division for everything in it; `office` is the centre in charge, by its division's code; `department` the id "
        "of a department that handles or helps; `unassigned` has nobody to handle it, `no_department` no department; "
        "`mine` waits for the caller's office; `reported` was reported by the caller; `q` (or `search`) are words: "
        "the number, names of places, or any two characters of the text.",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="incidents_report",
        request=REPORT_BODIES,
        responses={201: WholeIncidentSerializer},
        description="Report an incident. Give `grid`, or `place` where no grid is known, or `lat` and `lng`. Where "
        "the cell at the position is schematic the answer is 422 with the code `confirm_grid` and the cell under "
        "`offered`: ask the person, then send it again with `confirmed: true` or with another `grid`. With "
        "`settled: true` and a `result`, the worker of the grid reports a matter as settled on the spot.",
    )
    @idempotent
    def post(self, request: Request) -> Done:
        by = check_role(reporting_post(self.posts))
        case = reported(read(request, REPORT_KINDS), by)
        return Done(201, Facts(self.user, self.posts, case.number).as_json(request), case)

    def get_queryset(self) -> QuerySet[Incident]:
        return Incident.objects.visible_to(self.user)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": clock.now()}

    def filter_queryset(self, queryset: QuerySet[Incident, Any]) -> QuerySet[Incident, Any]:
        found = super().filter_queryset(queryset)
        acting = self.posts[0] if len(self.posts) == 1 else None
        return rows(by_newest(found) if self.page_order(self.request)[1] else by_deadline(found, acting))

    def page_order(self, request: Request) -> tuple[str, bool]:
        """The newest first, or by deadline."""
        return "sort_key", request.query_params.get("order") != "deadline"


def reporting_post(posts: list[Post]) -> Post | None:
    """The first post that may report; else any, to be told who may."""
    return next((post for post in posts if post.role in REPORT_ROLES), next(iter(posts), None))


def reported(body: Body, by: Post) -> Case:
    """The case of a report; with `settled`, settled on the spot in the same transaction."""
    values, files = dict(body.values), dict(body.files)
    settled, result = values.pop("settled", False), values.pop("result", "")
    after = files.pop("photos_after", [])
    facts = ReportForm(values, files, by=by, for_api=True).to_report()
    if settled:
        return settle_on_spot(facts, by=by, result=result, files={"photos_after": after})
    errors = {"result": result, "photos_after": after}
    message = _("只有当场办结（settled）才填这一项。")
    if result or after:
        raise Incomplete(message, errors={name: [message] for name, given in errors.items() if given})
    return report(facts, by=by)
