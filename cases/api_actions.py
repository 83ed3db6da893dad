"""What may be done with a case now, or with a row of it, and doing it. Every rule stands in the kind's table.

Each kind binds these views to itself with a `KindApi`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post, User
from cases import workflow
from cases.action_views import SubjectOf
from cases.api import View
from cases.api_body import Kind, read
from cases.api_facts import CaseFacts
from cases.api_fields import ALWAYS, HELP, FieldSerializer, Rows, body_of, described
from cases.errors import NotFound
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Case, CaseEvent
from cases.outlook import follows
from cases.tables import RESUME, SAME, SubRow, Transition, Workflow


class WrittenEventSerializer(serializers.Serializer[CaseEvent]):
    """The entry that an action has written."""

    seq = serializers.IntegerField()
    verb = serializers.CharField()
    at = serializers.DateTimeField()
    hash = serializers.CharField()


@dataclass(frozen=True, eq=False)
class KindApi:
    """What the shared views of the API must know of a kind.

    `plural`: how its operations and addresses begin. `facts`: reads a case for a caller. `whole`: what that says, for
    the documentation. `fields`: how each field of its tables is sent; `words`: what fields mean; `rows`: what a field
    of rows is made of. `component`: before the names of its parts of the documentation. `subjects`: how a row of a
    case is read, by the name of its table.
    """

    kind: str
    plural: str
    facts: Callable[[User, list[Post], str], CaseFacts]
    whole: type[serializers.Serializer[Any]]
    fields: Mapping[str, Kind]
    words: Mapping[str, str] = field(default_factory=lambda: HELP)
    rows: Rows = field(default_factory=dict)
    component: str = ""
    subjects: Mapping[str, SubjectOf] = field(default_factory=dict)

    def kinds_of(self, row: Transition) -> dict[str, Kind]:
        """The fields that an action's body may have."""
        return {**ALWAYS, **{name: self.fields[name] for name in row.fields}}

    @cached_property
    def answers(self) -> PolymorphicProxySerializer:
        """What comes back after an action."""
        states = list(workflow.of(self.kind).states)
        done = type(
            f"{self.component}DoneSerializer",
            (self.whole,),
            {
                "__doc__": "The case after the action, with the entry written.",
                "event": WrittenEventSerializer(),
            },
        )
        gone = {
            "__doc__": "After an action that ended the caller's own view of the case, such as a return.",
            "number": serializers.CharField(),
            "state": serializers.ChoiceField(choices=states),
            "state_label": serializers.CharField(),
            "visible": serializers.BooleanField(help_text="False."),
            "event": WrittenEventSerializer(),
        }
        return PolymorphicProxySerializer(
            component_name=f"{self.component}ActionDone",
            serializers=[done, type(f"{self.component}GoneSerializer", (serializers.Serializer,), gone)],
            resource_type_field_name=None,
        )


class _Table:
    """One table of a kind, the case's own or that of its rows, as the documentation shows it."""

    def __init__(self, api: KindApi, table: str) -> None:
        self.api, self.name = api, table
        self.workflow: Workflow = workflow.of(table or api.kind)
        self.rows = [row for row in self.workflow.rows if not row.system]
        self.actions = self.workflow.actions
        self.component = api.component + _title(table)
        self.operation = f"{api.plural}_{table}" if table else api.plural

    @cached_property
    def allowed(self) -> Any:
        """The shape of what may be done now."""
        said = {
            "__doc__": "Something that the caller may do now.",
            "action": serializers.ChoiceField(choices=self.actions),
            "label": serializers.CharField(),
            "post": serializers.IntegerField(
                help_text="The first of the caller's posts that may; for `X-Gezhi-Post`."
            ),
            "needs": FieldSerializer(many=True),
            "takes": FieldSerializer(many=True),
            "follows": serializers.CharField(
                help_text="What comes of it: who is told, and which duties end when."
            ),
        }
        return type(f"{self.component}AllowedActionSerializer", (serializers.Serializer,), said)

    def bodies(self, *, files: bool) -> PolymorphicProxySerializer:
        return PolymorphicProxySerializer(
            component_name=f"{self.component}AnyActionForm" if files else f"{self.component}AnyAction",
            serializers=[self._body(action, files=files) for action in self.actions],
            resource_type_field_name=None,
        )

    def _body(self, action: str, *, files: bool) -> Any:
        """One body for all rows of an action: what each of them needs is needed."""
        rows = [row for row in self.rows if row.action == action]
        kinds = {name: kind for row in rows for name, kind in self.api.kinds_of(row).items()}
        needed = set.intersection(*(set(row.needs) for row in rows))
        name = self.component + _title(action) + ("ActionForm" if files else "Action")
        return body_of(name, kinds, needed, files=files, words=self.api.words, rows=self.api.rows)

    @property
    def said(self) -> str:
        """The table in words."""
        lines = [
            "Do an action. Which ones are open now, and which choices their fields have, says `actions/`.",
            "`seen` may be sent with every action: the value that the representation carried.",
            "",
            "| action | from | to | by | needs | takes |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        return "\n".join([*lines, *map(self._line, self.rows)])

    def _line(self, row: Transition) -> str:
        open_states = len(self.workflow.states) - len(self.workflow.finals)
        cells = (
            f"`{row.action}`",
            ", ".join(row.sources if len(row.sources) < max(open_states, 2) else ["any open state"]),
            _TARGETS.get(row.target, row.target),
            ", ".join(row.stances),
            ", ".join(f"`{name}`" for name in row.needs),
            ", ".join(f"`{name}`" for name in row.takes),
        )
        return f"| {' | '.join(cells)} |"


_TARGETS: Final = {SAME: "the same state", RESUME: "the state before the suspension"}


def _title(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def _subject(api: KindApi, case: Case, table: str, pk: int) -> SubRow | None:
    return api.subjects[table](case, pk) if table else None


def action_list_view(api: KindApi, table: str = "") -> type[View]:
    """What may be done now: `<number>/actions/`, and of a row `<number>/<table>/<pk>/actions/`."""
    known = _Table(api, table)

    class ActionListView(View):
        """What the acting post, or any post of the caller, may do now, the likely first, with the fields of each."""

        @extend_schema(operation_id=f"{known.operation}_actions", responses=known.allowed(many=True))
        def get(self, request: Request, number: str, pk: int = 0) -> Response:
            facts = api.facts(self.user, self.posts, number)
            subject = _subject(api, facts.case, table, pk)
            found = [
                _said(api, facts.case, row, post, subject) for row, post in facts.allowed_of(subject).values()
            ]
            return Response(known.allowed(found, many=True).data)

    return ActionListView


def _said(api: KindApi, case: Case, row: Transition, post: Post, subject: SubRow | None) -> dict[str, Any]:
    form = workflow.table_of(case, subject).form_of(subject or case, row, post)
    fields = described(form, api.fields)
    return {
        "action": row.action,
        "label": str(row.label),
        "post": post.pk,
        "needs": [fields[name] for name in row.needs],
        "takes": [fields[name] for name in row.takes],
        "follows": follows(case, row, subject=subject),
    }


def action_view(api: KindApi, table: str = "") -> type[View]:
    """Doing an action: `<number>/<action>/`, and on a row `<number>/<table>/<pk>/<action>/`."""
    known = _Table(api, table)
    bodies = {
        "application/json": known.bodies(files=False),
        "multipart/form-data": known.bodies(files=True),
    }

    class ActionView(View):
        """Doing an action."""

        @extend_schema(
            operation_id=f"{known.operation}_act",
            parameters=[
                OpenApiParameter("action", OpenApiTypes.STR, OpenApiParameter.PATH, enum=known.actions)
            ],
            request=bodies,
            responses=api.answers,
            description=known.said,
        )
        @idempotent
        def post(self, request: Request, number: str, action: str, pk: int = 0) -> Done:
            case = get_case(self.user, number, kind=api.kind)
            subject = _subject(api, case, table, pk)
            by = workflow.pick_post(case, action, self.posts, subject=subject)
            row = known.workflow.row((subject or case).state, action)
            sent = read(request, api.kinds_of(row) if row is not None else {})
            event = workflow.advance(case, action, by=by, data=sent.values, files=sent.files, subject=subject)
            return _done(api, self, request, case, event)

    return ActionView


def _done(api: KindApi, view: View, request: Request, case: Case, event: CaseEvent) -> Done:
    """The case as it stands now; only its state to whoever no longer sees it."""
    entry = dict(WrittenEventSerializer(event).data)
    try:
        facts = api.facts(view.user, view.posts, case.number)
    except NotFound:
        label = str(workflow.state_label(case))
        answer = {"number": case.number, "state": case.state, "state_label": label, "visible": False}
        return Done(200, {**answer, "event": entry}, None)
    return Done(200, {**facts.as_json(request), "event": entry}, case)
