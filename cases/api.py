"""What the API of every kind of case shares: who calls, under which post; and the caller's notices."""

from __future__ import annotations

from typing import Any, Final, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import PostRequest
from accounts.models import Post, User
from cases import inbox, policies, viewing
from cases.api_body import Kind, read
from cases.api_pages import Pages
from cases.errors import Incomplete
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Case, Notice
from grids import clock


class View(APIView):
    """A view of the API of cases: who calls, and under which posts."""

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @property
    def posts(self) -> list[Post]:
        """The posts that may act: the one named by the header or the session, else all held today."""
        plain = cast(PostRequest, self.request._request)
        return [plain.post] if plain.post is not None else plain.posts

    def look(self, case: Case) -> None:
        """Opening a sensitive case leaves an entry in its record."""
        if case.sensitive:
            viewing.seen(case, by=self.post_near(case))

    def post_near(self, case: Case) -> Post:
        """The acting post that stands nearest to a case, for what anybody may do who sees it."""
        return next((post for post in self.posts if policies.stances(case, post)), self.posts[0])


NOTICE_FILTERS: Final = [
    OpenApiParameter("unread", OpenApiTypes.BOOL, description="Only those not read yet.")
]


class NoticeSerializer(serializers.Serializer[Any]):
    """One notice. It outlives the right to its case: then it keeps its id but says nothing of the case."""

    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    unread = serializers.BooleanField()
    verb = serializers.CharField(help_text="In words.")
    title = serializers.CharField()
    number = serializers.CharField(help_text="Empty when the case is no longer within one's posts.")
    words = serializers.CharField()
    who = serializers.CharField()


class NoticePages(Pages):
    key = "created_at"


class NoticeListView(View, ListAPIView[Notice]):
    """The caller's notices, the newest first."""

    pagination_class = NoticePages
    serializer_class = NoticeSerializer

    @extend_schema(operation_id="notices_list", parameters=NOTICE_FILTERS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Notice]:
        return inbox.inbox(self.user, unread_only=wants(self.request, "unread"))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        notices = args[0] if args else []
        return NoticeSerializer([inbox.told_of(notice) for notice in notices], many=True)


def wants(request: Request, name: str) -> bool:
    """A yes or no in the address; no when absent. Raises Incomplete for anything else."""
    said = request.query_params.get(name, "false").lower()
    if said not in ("true", "false", "1", "0"):
        message = _("要填 true 或 false。")
        raise Incomplete(message, errors={name: [message]})
    return said in ("true", "1")


READ_KINDS: Final = {"ids": Kind.CODES, "number": Kind.TEXT, "all": Kind.FLAG}


class ReadNoticesView(View):
    """Marks notices as read: those named by `ids`, those of one case by its `number`, or `all`."""

    @extend_schema(
        request=inline_serializer(
            "ReadNotices",
            {
                "ids": serializers.ListField(child=serializers.IntegerField(), required=False),
                "number": serializers.CharField(required=False),
                "all": serializers.BooleanField(required=False),
            },
        ),
        responses=inline_serializer(
            "NoticesRead", {"read": serializers.IntegerField(help_text="How many were unread.")}
        ),
    )
    @idempotent
    def post(self, request: Request) -> Done:
        sent = read(request, READ_KINDS).values
        return Done(200, {"read": _mark_read(self.user, sent)}, None)


def _mark_read(user: User, sent: dict[str, Any]) -> int:
    if sum(bool(sent.get(name)) for name in READ_KINDS) != 1:
        message = _("请在 ids、number 和 all 中填一项。")
        raise Incomplete(message, errors={"": [message]})
    now = clock.now()
    if "number" in sent:
        return inbox.read(user, at=now, case=get_case(user, sent["number"]))
    ids = None if sent.get("all") else _ids(sent["ids"])
    return inbox.read(user, at=now, ids=ids)


def _ids(sent: list[str]) -> list[int]:
    """Ids that the database can hold; raises Incomplete for others."""
    if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in sent):
        message = _("要填整数。")
        raise Incomplete(_("有内容需要补充或改正。"), errors={"ids": [message]})
    return [int(one) for one in sent]
