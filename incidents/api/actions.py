"""What may be done with an incident now, and doing it. Every rule stands in the workflow's table."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import workflow
from cases.api import View
from cases.api_body import read
from cases.errors import NotFound
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Case, CaseEvent
from cases.tables import RESUME, SAME, Transition
from incidents.api.facts import Facts
from incidents.api.fields import ACTIONS, FieldSerializer, asked, body_of, kinds_of, rows_of_people
from incidents.api.shapes import WholeIncidentSerializer
from incidents.outlook import follows
from incidents.services import KIND
from incidents.workflow import STATES


class AllowedActionSerializer(serializers.Serializer[Any]):
    """Something that the caller may do now."""

    action = serializers.ChoiceField(choices=ACTIONS)
    label = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    post = serializers.IntegerField(help_text="The first of the caller's posts that may; for `X-Gezhi-Post`.")
    needs = FieldSerializer(many=True)
    takes = FieldSerializer(many=True)
    follows = serializers.CharField(help_text="What comes of it: who is told, and which duties end when.")


class ActionListView(View):
    """What the acting post, or any post of the caller, may do now, the likely first, with the fields of each."""

    @extend_schema(operation_id="incidents_actions", responses=AllowedActionSerializer(many=True))
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        found = [self._said(facts.case, action, *pair) for action, pair in facts.allowed.items()]
        return Response(AllowedActionSerializer(found, many=True).data)

    @staticmethod
    def _said(case: Case, action: str, row: Transition, post: Any) -> dict[str, Any]:
        needs, takes = asked(case, row, post)
        return {
            "action": action,
            "label": str(row.label),
            "post": post.pk,
            "needs": needs,
            "takes": takes,
            "follows": follows(case, row),
        }


# --- for the documentation


def _body_of_action(action: str, *, files: bool) -> Any:
    """One body for all rows of an action: what each of them needs is needed."""
    rows = [row for row in rows_of_people() if row.action == action]
    kinds = {name: kind for row in rows for name, kind in kinds_of(row).items()}
    needed = set.intersection(*(set(row.needs) for row in rows))
    name = "".join(part.title() for part in action.split("_")) + ("ActionForm" if files else "Action")
    return body_of(name, kinds, needed, files=files)


def _bodies(*, files: bool) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(
        component_name="AnyActionForm" if files else "AnyAction",
        serializers=[_body_of_action(action, files=files) for action in ACTIONS],
        resource_type_field_name=None,
    )


def _table() -> str:
    """The workflow's table in words, for the documentation."""
    lines = [
        "Do an action. Which ones are open now, and which choices their fields have, says `actions/`.",
        "`seen` may be sent with every action: the value that the incident's representation carried.",
        "",
        "| action | from | to | by | needs | takes |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    targets = {SAME: "the same state", RESUME: "the state before the suspension"}
    for row in rows_of_people():
        cells = (
            f"`{row.action}`",
            ", ".join(row.sources if len(row.sources) < len(STATES) - 3 else ["any open state"]),
            targets.get(row.target, row.target),
            ", ".join(row.stances),
            ", ".join(f"`{name}`" for name in row.needs),
            ", ".join(f"`{name}`" for name in row.takes),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


class WrittenEventSerializer(serializers.Serializer[CaseEvent]):
    """The entry that an action has written."""

    seq = serializers.IntegerField()
    verb = serializers.CharField()
    at = serializers.DateTimeField()
    hash = serializers.CharField()


class DoneSerializer(WholeIncidentSerializer):
    """The incident after the action, with the entry written."""

    event = WrittenEventSerializer()


class GoneSerializer(serializers.Serializer[Any]):
    """After an action that ended the caller's own view of the incident, such as a return."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=list(STATES))
    state_label = serializers.CharField()
    visible = serializers.BooleanField(help_text="False.")
    event = WrittenEventSerializer()


ANSWERS = PolymorphicProxySerializer(
    component_name="ActionDone", serializers=[DoneSerializer, GoneSerializer], resource_type_field_name=None
)


class ActionView(View):
    """Doing an action."""

    @extend_schema(
        operation_id="incidents_act",
        parameters=[OpenApiParameter("action", OpenApiTypes.STR, OpenApiParameter.PATH, enum=ACTIONS)],
        request={"application/json": _bodies(files=False), "multipart/form-data": _bodies(files=True)},
        responses=ANSWERS,
        description=_table(),
    )
    @idempotent
    def post(self, request: Request, number: str, action: str) -> Done:
        case = get_case(self.user, number, kind=KIND)
        by = workflow.pick_post(case, action, self.posts)
        row = workflow.of(KIND).row(case.state, action)
        sent = read(request, kinds_of(row) if row is not None else {})
        event = workflow.advance(case, action, by=by, data=sent.values, files=sent.files)
        return self._done(request, case, event)

    def _done(self, request: Request, case: Case, event: CaseEvent) -> Done:
        """The incident as it stands now; only its state to whoever no longer sees it."""
        entry = dict(WrittenEventSerializer(event).data)
        try:
            facts = Facts(self.user, self.posts, case.number)
        except NotFound:
            label = str(workflow.state_label(case))
            answer = {"number": case.number, "state": case.state, "state_label": label, "visible": False}
            return Done(200, {**answer, "event": entry}, None)
        return Done(200, {**facts.as_json(request), "event": entry}, case)
