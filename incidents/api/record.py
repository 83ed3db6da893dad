"""One incident: its facts, what it has like every case, and the reporter's whole name for a reason."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import View
from cases.api_actions import KindApi
from cases.api_reveal import REASON, RevealOf
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


class RevealView(RevealOf):
    """The reporter's whole name and telephone, to who works on the matter; the reason goes into the record."""

    KIND = KIND

    @extend_schema(operation_id="incidents_reveal", request=REASON, responses=REVEALED)
    def post(self, request: Request, number: str) -> Response:
        return self.shown(request, number)
