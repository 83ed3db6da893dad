"""Photos and documents of an incident."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from cases import attachments, papers
from cases.api import View
from cases.api_body import read
from cases.errors import Incomplete, NotFound
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Attachment, Stage
from incidents.api.fields import PAPER_KINDS, body_of
from incidents.api.shapes import AttachmentSerializer
from incidents.forms import FilesField, FilesInput
from incidents.services import KIND, PAPERS

BODY = {"multipart/form-data": body_of("Papers", PAPER_KINDS, (), files=True)}


class PapersForm(forms.Form):
    """At least one file."""

    photos_before = FilesField(label=gettext_lazy("处置前照片"), picture_only=True, widget=FilesInput())
    photos_after = FilesField(label=gettext_lazy("处置后照片"), picture_only=True, widget=FilesInput())
    documents = FilesField(label=gettext_lazy("文件"), picture_only=False, widget=FilesInput())
    note = forms.CharField(label=gettext_lazy("说明"), max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data[name] for name in PAPERS):
            raise forms.ValidationError(_("请至少附一张照片或一份文件。"))
        return data


class PapersView(View):
    """Adding papers to an open incident, by those who work on it and those who reported it."""

    @extend_schema(
        operation_id="incidents_attach", request=BODY, responses={201: AttachmentSerializer(many=True)}
    )
    @idempotent
    def post(self, request: Request, number: str) -> Done:
        case = get_case(self.user, number, kind=KIND)
        by = next((post for post in self.posts if papers.refusal(case, post) is None), self.posts[0])
        refused = papers.refusal(case, by)
        if refused is not None:
            raise refused
        sent = read(request, PAPER_KINDS)
        data = _checked(PapersForm(sent.values, sent.files))  # type: ignore[arg-type]  # the widgets read lists
        brought: dict[Stage, list[Any]] = {field.stage: data[name] for name, field in PAPERS.items()}
        event = papers.add(case, by=by, papers=brought, note=data["note"])
        context = {"request": request, "number": number}
        made = AttachmentSerializer(event.attachments.all(), many=True, context=context).data
        return Done(201, list(made), case)


def _checked(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        errors = {name: [str(message) for message in messages] for name, messages in form.errors.items()}
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
    return form.cleaned_data


class PaperView(View):
    """The file itself: a photo as it was drawn anew, a document as a download."""

    @extend_schema(
        operation_id="incidents_attachment",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, number: str, key: uuid.UUID) -> HttpResponseBase:
        return attachments.respond(request._request, paper_of(self, number, key))


class ThumbnailView(View):
    """A photo in small."""

    @extend_schema(operation_id="incidents_thumbnail", responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, key: uuid.UUID) -> HttpResponseBase:
        return attachments.respond(request._request, paper_of(self, number, key), thumb=True)


def paper_of(view: View, number: str, key: uuid.UUID) -> Attachment:
    """A paper of this incident; raises NotFound for one of another."""
    paper = attachments.open_for(view.user, key)
    if paper.case.number != number:
        raise NotFound(_("没有找到这个附件，或者它不在您的岗位范围内。"))
    return paper
