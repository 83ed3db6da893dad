"""The record, the duties and the papers of a case in the API; each kind binds them to itself with its `KindApi`."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import attachments, papers, workflow
from cases.api import View
from cases.api_actions import KindApi, action_list_view, action_view
from cases.api_body import Kind, read
from cases.api_fields import body_of
from cases.api_shapes import AttachmentSerializer, DeadlineSerializer, EventSerializer, url_name
from cases.errors import Incomplete, NotFound
from cases.facts import glossary_for
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Attachment, Case, Stage
from cases.tables import Workflow
from cases.timeline import events_of
from grids import clock


def events_view(api: KindApi) -> type[View]:
    """The record: `<number>/events/`."""

    class EventsView(View):
        """The record in its order, without inner entries for somebody who only reported the matter."""

        @extend_schema(
            operation_id=f"{api.plural}_events",
            parameters=[
                OpenApiParameter("after", OpenApiTypes.INT, description="Only entries with a greater `seq`.")
            ],
            responses=EventSerializer(many=True),
        )
        def get(self, request: Request, number: str) -> Response:
            facts = api.facts(self.user, self.posts, number)
            self.look(facts.case)
            events = events_of(facts.case, inner=facts.inner, after=_after(request))
            held: dict[int, list[Attachment]] = defaultdict(list)
            for paper in facts.attachments:
                held[paper.event_id].append(paper)
            glossary = glossary_for(api.kind, events, self.user)
            context = {"request": request, "case": facts.case, "papers": held, "glossary": glossary}
            return Response(EventSerializer(events, many=True, context=context).data)

    return EventsView


def _after(request: Request) -> int:
    said = request.query_params.get("after", "0")
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        message = _("要填整数。")
        raise Incomplete(message, errors={"after": [message]})
    return int(said)


def deadlines_view(api: KindApi) -> type[View]:
    """The duties: `<number>/deadlines/`."""
    duties = list(workflow.of(api.kind).duties)
    shape: Any = type(
        f"{api.component}DeadlineSerializer",
        (DeadlineSerializer,),
        {"__doc__": DeadlineSerializer.__doc__, "duty": serializers.ChoiceField(choices=duties)},
    )

    class DeadlinesView(View):
        """All duties, those that are over included, in the order of their starts."""

        @extend_schema(operation_id=f"{api.plural}_deadlines", responses=shape(many=True))
        def get(self, request: Request, number: str) -> Response:
            case = get_case(self.user, number, kind=api.kind)
            found = case.deadlines.select_related("holder_department", "holder_division__parent")
            rows = found.order_by("started_at", "pk")
            return Response(shape(rows, many=True, context={"now": clock.now()}).data)

    return DeadlinesView


# --- papers


class PapersForm(forms.Form):
    """At least one file, by the names under which the kind's actions take them too."""

    note = forms.CharField(label=gettext_lazy("说明"), max_length=1000, required=False)

    def __init__(self, table: Workflow, case: Case, *args: Any) -> None:
        super().__init__(*args)
        self.papers = list(table.papers)
        for name in self.papers:
            self.fields[name] = table.makers[name](case, None)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data[name] for name in self.papers):
            raise forms.ValidationError(_("请至少附一张照片或一份文件。"))
        return data


def papers_view(api: KindApi) -> type[View]:
    """Bringing papers: `<number>/attachments/`."""
    table = workflow.of(api.kind)
    kinds = {**dict.fromkeys(table.papers, Kind.FILES), "note": Kind.TEXT}
    body = {"multipart/form-data": body_of(f"{api.component}Papers", kinds, (), files=True)}

    class PapersView(View):
        """Adding papers to an open case, by those who work on it and those who reported it."""

        @extend_schema(
            operation_id=f"{api.plural}_attach",
            request=body,
            responses={201: AttachmentSerializer(many=True)},
        )
        @idempotent
        def post(self, request: Request, number: str) -> Done:
            case = get_case(self.user, number, kind=api.kind)
            by = next((post for post in self.posts if papers.refusal(case, post) is None), self.posts[0])
            refused = papers.refusal(case, by)
            if refused is not None:
                raise refused
            sent = read(request, kinds)
            data = _checked(PapersForm(table, case, sent.values, sent.files))
            brought: dict[Stage, list[Any]] = {one.stage: data[name] for name, one in table.papers.items()}
            event = papers.add(case, by=by, papers=brought, note=data["note"])
            context = {"request": request, "case": case}
            made = AttachmentSerializer(event.attachments.all(), many=True, context=context).data
            return Done(201, list(made), case)

    return PapersView


def _checked(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        errors = {name: [str(message) for message in messages] for name, messages in form.errors.items()}
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
    return form.cleaned_data


def paper_view(api: KindApi) -> type[View]:
    """One paper: `<number>/attachments/<key>/`."""

    class PaperView(View):
        """The file itself: a photo as it was drawn anew, a document as a download."""

        @extend_schema(
            operation_id=f"{api.plural}_attachment",
            responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        )
        def get(self, request: Request, number: str, key: uuid.UUID) -> HttpResponseBase:
            return attachments.respond(request._request, _paper_of(self, number, key))

    return PaperView


def thumbnail_view(api: KindApi) -> type[View]:
    """One photo in small: `<number>/attachments/<key>/thumb/`."""

    class ThumbnailView(View):
        """A photo in small."""

        @extend_schema(
            operation_id=f"{api.plural}_thumbnail", responses={(200, "image/jpeg"): OpenApiTypes.BINARY}
        )
        def get(self, request: Request, number: str, key: uuid.UUID) -> HttpResponseBase:
            return attachments.respond(request._request, _paper_of(self, number, key), thumb=True)

    return ThumbnailView


def _paper_of(view: View, number: str, key: uuid.UUID) -> Attachment:
    """A paper of this case; raises NotFound for one of another."""
    paper = attachments.open_for(view.user, key)
    if paper.case.number != number:
        raise NotFound(_("没有找到这个附件，或者它不在您的岗位范围内。"))
    return paper


# --- all of them


def one_case_urls(api: KindApi, where: str) -> list[URLPattern]:
    """The addresses of the API that every kind has about one case, below `where` (`incidents/<number>/`).

    What a kind has besides must come before them: the last takes any word for an action.
    """
    kind = api.kind
    rows = [
        one
        for table in api.subjects
        for one in (
            path(
                f"{where}{table}/<int:pk>/actions/",
                action_list_view(api, table).as_view(),
                name=url_name(kind, f"{table}-actions"),
            ),
            path(
                f"{where}{table}/<int:pk>/<slug:action>/",
                action_view(api, table).as_view(),
                name=url_name(kind, f"{table}-action"),
            ),
        )
    ]
    papers_at = f"{where}attachments/"
    return [
        path(f"{where}events/", events_view(api).as_view(), name=url_name(kind, "events")),
        path(f"{where}deadlines/", deadlines_view(api).as_view(), name=url_name(kind, "deadlines")),
        path(f"{where}actions/", action_list_view(api).as_view(), name=url_name(kind, "actions")),
        path(papers_at, papers_view(api).as_view(), name=url_name(kind, "attachments")),
        path(f"{papers_at}<uuid:key>/", paper_view(api).as_view(), name=url_name(kind, "attachment")),
        path(
            f"{papers_at}<uuid:key>/thumb/", thumbnail_view(api).as_view(), name=url_name(kind, "thumbnail")
        ),
        *rows,
        path(f"{where}<slug:action>/", action_view(api).as_view(), name=url_name(kind, "action")),
    ]
