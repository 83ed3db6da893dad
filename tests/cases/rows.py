"""A kind of row that cases of tests have: a call to a post, answered with a press or with words. Its addresses, too."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from unittest.mock import patch

from django.db import models
from django.test.utils import isolate_apps
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

import cases.converters  # noqa: F401 - names the shape of a case's number
from accounts.models import Post
from accounts.roles import Role
from cases import fields, workflow
from cases.action_views import KindPages, action_page, live_page, why_not_page
from cases.api_actions import KindApi
from cases.api_body import Kind
from cases.api_facts import CaseFacts
from cases.api_record import one_case_urls
from cases.casefile import CaseFile
from cases.errors import NotFound
from cases.models import Case
from cases.tables import SAME, SubTable, Transition, Workflow
from cases.verbs import Verb
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as real
from incidents.api.fields import ACTION_KINDS

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

TABLE: Final = "calls"

with isolate_apps("cases"):

    class Call(models.Model):
        """Made only inside a test's transaction, by the fixture of its tests."""

        TABLE: ClassVar[str] = TABLE
        case = models.ForeignKey(Case, models.CASCADE, related_name="+")
        post = models.ForeignKey(Post, models.CASCADE, related_name="+")
        state = models.CharField(max_length=16, default="waiting")

        class Meta:
            app_label = "cases"

        def __str__(self) -> str:
            return f"{self.post}"


VERBS: Final = (Verb("call.received", _("收到")), Verb("call.answered", _("答复")))
ROWS: Final = (
    Transition("receive", _("收到"), ("waiting",), "received", "call.received", tuple(Role), ("called",)),
    Transition("answer", _("答复"), ("received",), SAME, "call.answered", tuple(Role), ("called",),
               needs=("reason",), takes=("documents",)),
)  # fmt: skip
CALLS: Final = Workflow(
    kind=TABLE,
    states={"waiting": _("等待"), "received": _("收到了")},
    initial="waiting",
    finals=frozenset(),
    rows=ROWS,
    makers={"reason": fields.text(_("理由")), "documents": fields.files(_("文件"), picture_only=False)},
    allowance_of=lambda call, duty: _no_duty(duty),
    holder_of=lambda call, duty: _no_duty(duty),
    guards={},
    effects={},
    audiences={},
    sub=SubTable(
        lock=lambda pk: Call._default_manager.select_for_update().get(pk=pk),
        stances=lambda call, post: frozenset({"called"} if call.post_id == post.pk else ()),
        mention=lambda call: {"call": call.pk},
        stance_names={"called": _("被叫到的岗位")},
    ),
)


def _no_duty(duty: str) -> Any:
    """No row of this table starts a duty."""
    raise AssertionError(duty)


def call_of(case: Case, pk: int) -> Any:
    """A call of this case; raises NotFound."""
    found = Call._default_manager.filter(case=case, pk=pk).first()
    if found is None:
        raise NotFound(_("没有这个操作。"))
    return found


class DrillFile(CaseFile):
    KIND = "incident"
    SPACE = "drills"


PAGES: Final = KindPages(
    kind="incident",
    casefile=DrillFile,
    whole="cases/_record.html",
    live="cases/_record.html",
    home="incidents:desk",
    subjects={TABLE: call_of},
)
drills = (
    [
        path("<case_number:number>/live/", live_page(PAGES), name="live"),
        path("<case_number:number>/why-not/", why_not_page(PAGES), name="why_not"),
        path("<case_number:number>/<slug:action>/", action_page(PAGES), name="action"),
        path(
            "<case_number:number>/<slug:table>/<int:pk>/<slug:action>/", action_page(PAGES), name="row_action"
        ),
    ],
    "drills",
)


class DrillSerializer(serializers.Serializer[Any]):
    number = serializers.CharField()


class DrillFacts(CaseFacts):
    KIND = "incident"

    def as_json(self, request: Request) -> dict[str, Any]:
        return dict(DrillSerializer(self.case).data)


API: Final = KindApi(
    kind="incident",
    plural="drills",
    facts=DrillFacts,
    whole=DrillSerializer,
    fields={**ACTION_KINDS, "reason": Kind.TEXT, "documents": Kind.FILES},
    component="Drill",
    subjects={TABLE: call_of},
)
with patch.dict(workflow._WORKFLOWS, {TABLE: CALLS}):  # the views read the tables when they are made
    api = one_case_urls(API, "drills/<case_number:number>/")
urlpatterns = [*real, path("drills/", include(drills)), path("api/v1/", include(api))]
