"""One incident: its facts, what it has like every case, and the reporter's whole name for a reason."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post
from cases import personal, policies
from cases.api import View
from cases.api_actions import KindApi
from cases.api_body import Kind, read
from cases.errors import Incomplete, NotAllowed
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Case
from incidents.api import fields
from incidents.api.facts import Facts
from incidents.api.shapes import WholeIncidentSerializer
from incidents.services import KIND

API: Final = KindApi(
    kind=KIND,
    plural="incidents",
    facts=Facts,
    whole=WholeIncidentSerializer,
    fields=fields.ACTION_KINDS,
    words=fields.HELP,
    rows=fields.ROWS,
)


class IncidentView(View):
    """One incident. A look at a sensitive one leaves an entry in its record."""

    @extend_schema(operation_id="incidents_retrieve", responses=WholeIncidentSerializer)
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        self.look(facts.case)
        return Response(facts.as_json(request))


# --- the reporter's personal values


REVEALED = inline_serializer(
    "Revealed",
    {
        "reporter_name": serializers.CharField(required=False),
        "reporter_phone": serializers.CharField(required=False),
    },
)
REASON = inline_serializer("Reason", {"reason": serializers.CharField(max_length=500)})


class RevealView(View):
    """The reporter's whole name and telephone, to who works on the matter; the reason goes into the record."""

    @extend_schema(operation_id="incidents_reveal", request=REASON, responses=REVEALED)
    def post(self, request: Request, number: str) -> Response:
        self._record(request, number)
        case = get_case(self.user, number, kind=KIND)
        if not _reveals(case, self._handling(case)):
            raise NotAllowed(_("只有经办这个事项的岗位才能查看完整的个人信息。"))
        return Response(
            {value.field: personal.clear_text(value) for value in case.personal_values.all()},
            headers={"Cache-Control": "no-store"},
        )

    @idempotent
    def _record(self, request: Request, number: str) -> Done:
        """The entry, once per key. The values are read afterwards: no kept answer may hold them."""
        case = get_case(self.user, number, kind=KIND)
        reason = read(request, {"reason": Kind.TEXT}).values.get("reason", "")
        if len(reason) > 500:
            message = _("请写在 500 字以内。")
            raise Incomplete(message, errors={"reason": [message]})
        personal.reveal(case, by=self._handling(case), reason=reason)
        return Done(200, {}, case)

    def _handling(self, case: Case) -> Post:
        """The first of the acting posts that works on the case; else any, to be refused."""
        return next((post for post in self.posts if _reveals(case, post)), self.posts[0])


def _reveals(case: Case, post: Post) -> bool:
    return bool(policies.stances(case, post) & personal.WHO_REVEALS)
