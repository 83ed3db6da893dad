"""Addresses whose views refuse in every way there is; on top of the real ones."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.errors import Refused, invalid
from cases.errors import Incomplete, NotAllowed, NotFound, WrongState
from cases.filetypes import BadFile
from config.urls import handler400, handler403, handler404, handler500, urlpatterns
from grids.errors import Outside, ValidationError

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

RAISED: dict[str, Any] = {
    "not_allowed": lambda: NotAllowed(_("您现在的岗位不能这样办理。")),
    "not_found": lambda: NotFound("没有找到这个事项。"),
    "wrong_state": lambda: WrongState("已经有人办了", state="filed"),
    "moved_on": lambda: WrongState("已经有人办了", state="filed", code="moved_on"),
    "incomplete": lambda: Incomplete(
        "有内容要补充", errors={"reason": ["请写明理由。"], "__all__": ["再看看"]}
    ),
    "bad_file": lambda: BadFile("这是 GIF"),
    "refused": lambda: Refused("只有系统管理员可以。"),
    "invalid": lambda: invalid("username", "用户名已有人用。"),
    "outside": lambda: Outside("这个位置不在任何网格内。"),
    "place": lambda: ValidationError({"lat": ["纬度不对。"]}),
    "http404": lambda: Http404("secret internals"),
    "denied": lambda: PermissionDenied(),
    "too_big": lambda: RequestDataTooBig("secret internals"),
    "fault": lambda: RuntimeError("secret internals"),
    "drf_nested": lambda: drf.ValidationError(
        {
            "title": ["必填"],
            "fields": {"depth": ["要数字"]},
            "tasks": [{}, {"to": ["没有"]}],
            "non_field_errors": ["整体"],
        }
    ),
    "drf_list": lambda: drf.ValidationError(["整体不对"]),
    "drf_parse": lambda: drf.ParseError(),
    "drf_media": lambda: drf.UnsupportedMediaType("text/csv"),
    "drf_throttled": lambda: drf.Throttled(wait=12.3),
    "drf_not_found": lambda: drf.NotFound(),
    "drf_denied": lambda: drf.PermissionDenied(),
    "drf_unknown_post": lambda: drf.PermissionDenied("没有这个岗位", code="unknown_post"),
}


class Refusing(APIView):
    """Raises what its address names; open to everybody."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[type[BaseThrottle]] = []

    def get(self, request: Request, name: str) -> NoReturn:
        raise RAISED[name]()

    post = get


class Closed(APIView):
    """Asks for somebody signed in."""

    def get(self, request: Request) -> NoReturn:
        raise AssertionError("never reached")


def page(request: HttpRequest, name: str, number: str = "") -> NoReturn:
    raise RAISED[name]()


page.without_post = True  # type: ignore[attr-defined]

urlpatterns = [
    *urlpatterns,
    path("raise/<str:name>/", page),
    path("incidents/<str:number>/raise/<str:name>/", page),
    path("api/v1/raise/<str:name>/", Refusing.as_view()),
    path("api/v1/closed/", Closed.as_view()),
]
