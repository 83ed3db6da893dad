"""One incident: its facts, its record, its duties, and the reporter's whole name for a reason."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post
from cases import personal, policies, verbs
from cases.api import View
from cases.api_body import Kind, read
from cases.errors import Incomplete, NotAllowed
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Attachment, Case, CaseEvent, Deadline
from grids import clock
from grids.calendars import Unit
from incidents.api.facts import Facts
from incidents.api.shapes import (
    AttachmentSerializer,
    DutySerializer,
    HolderSerializer,
    WholeIncidentSerializer,
    holder,
)
from incidents.services import KIND
from incidents.timeline import events_of, glossary_for
from incidents.wording import NUMBERS, Glossary
from incidents.workflow import DUTIES


class IncidentView(View):
    """One incident. A look at a sensitive one leaves an entry in its record."""

    @extend_schema(operation_id="incidents_retrieve", responses=WholeIncidentSerializer)
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        self.look(facts.case)
        return Response(facts.as_json(request))


# --- the record


class EventSerializer(serializers.Serializer[Any]):
    """One entry of the record. `hash` covers its facts and the hash before it; `text` stands outside, as a digest."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    verb_text = serializers.SerializerMethodField()
    actor = serializers.CharField(
        source="actor.name", default=None, allow_null=True, help_text="Null: the program."
    )
    post = serializers.CharField(source="post.label", default=None, allow_null=True)
    from_ = serializers.CharField(
        source="from_state", help_text="The state before; empty where none changed."
    )
    to = serializers.CharField(source="to_state")
    text = serializers.SerializerMethodField(help_text="Null when it was erased after its term.")
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # the metaclass takes it away
        help_text="What the verb says more; numbers of cases that the caller may not see are null."
    )
    inner = serializers.BooleanField()
    cause = serializers.UUIDField(help_text="The same in all entries of one press, in whichever case.")
    attachments = serializers.SerializerMethodField()
    hash = serializers.CharField()
    prev_hash = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        found = super().get_fields()
        return {name.rstrip("_"): field for name, field in found.items()}

    def get_verb_text(self, event: CaseEvent) -> str:
        return str(verbs.get(event.verb).text)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_text(self, event: CaseEvent) -> str | None:
        words = getattr(event, "words", None)
        if words is None:
            return ""
        return None if words.erased_at else str(words.text)

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_data(self, event: CaseEvent) -> dict[str, Any]:
        return without_numbers(event, self.context["glossary"])

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, event: CaseEvent) -> Any:
        papers = self.context["papers"].get(event.pk, [])
        return AttachmentSerializer(papers, many=True, context=self.context).data


def without_numbers(event: CaseEvent, glossary: Glossary) -> dict[str, Any]:
    """An entry's data without the numbers of cases that the reader may not see."""
    if event.verb == "incident.reported" or not event.verb.startswith("incident."):
        return dict(event.data)

    def seen(value: Any) -> Any:
        return value if str(value) in glossary.numbers else None

    found = dict(event.data)
    for name in NUMBERS:
        if name in found:
            value = found[name]
            found[name] = [seen(one) for one in value] if isinstance(value, list) else seen(value)
    return found


class EventsView(View):
    """The record in its order, without inner entries for somebody who only reported the matter."""

    @extend_schema(
        operation_id="incidents_events",
        parameters=[
            OpenApiParameter("after", OpenApiTypes.INT, description="Only entries with a greater `seq`.")
        ],
        responses=EventSerializer(many=True),
    )
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        self.look(facts.case)
        events = events_of(facts.case, inner=facts.inner, after=_after(request))
        papers: dict[int, list[Attachment]] = defaultdict(list)
        for paper in facts.attachments:
            papers[paper.event_id].append(paper)
        glossary = glossary_for(events, self.user)
        context = {"request": request, "number": number, "papers": papers, "glossary": glossary}
        return Response(EventSerializer(events, many=True, context=context).data)


def _after(request: Request) -> int:
    said = request.query_params.get("after", "0")
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        message = _("要填整数。")
        raise Incomplete(message, errors={"after": [message]})
    return int(said)


# --- the duties


class DeadlineSerializer(DutySerializer):
    """A duty of an office with its whole story."""

    holder = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField()
    amount = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    extra = serializers.IntegerField(help_text="Granted extensions, in the same unit.")
    paused_at = serializers.DateTimeField(allow_null=True)
    met_at = serializers.DateTimeField(allow_null=True)
    missed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    open = serializers.BooleanField(source="is_open")

    def get_label(self, deadline: Deadline) -> str:
        return str(DUTIES.get(deadline.duty, deadline.duty))

    @extend_schema_field(HolderSerializer)
    def get_holder(self, deadline: Deadline) -> Any:
        return holder(deadline.holder)


class DeadlinesView(View):
    """All duties of an incident, those that are over included, in the order of their starts."""

    @extend_schema(operation_id="incidents_deadlines", responses=DeadlineSerializer(many=True))
    def get(self, request: Request, number: str) -> Response:
        case = get_case(self.user, number, kind=KIND)
        found = case.deadlines.select_related("holder_department", "holder_division__parent")
        rows = found.order_by("started_at", "pk")
        return Response(DeadlineSerializer(rows, many=True, context={"now": clock.now()}).data)


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
