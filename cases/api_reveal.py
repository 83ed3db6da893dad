"""Whole personal values over the API, to who works on the matter and for a reason that goes into the record."""

from __future__ import annotations

from typing import ClassVar, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post
from cases import personal
from cases.api import View
from cases.api_body import Kind, read
from cases.errors import Incomplete, NotAllowed
from cases.idempotency import Done, idempotent
from cases.loaders import get_case
from cases.models import Case

REASON: Final = inline_serializer("Reason", {"reason": serializers.CharField(max_length=500)})


class RevealOf(View):
    """The whole values of a case; a kind's own gives its KIND and documents what comes."""

    KIND: ClassVar[str]

    def shown(self, request: Request, number: str) -> Response:
        """Record the look, then answer with field to value."""
        self._record(request, number)
        case = get_case(self.user, number, kind=self.KIND)
        if not personal.may_reveal(case, self._handling(case)):
            raise NotAllowed(_("只有经办这个事项的岗位才能查看完整的个人信息。"))
        return Response(
            {value.field: personal.clear_text(value) for value in case.personal_values.all()},
            headers={"Cache-Control": "no-store"},
        )

    @idempotent
    def _record(self, request: Request, number: str) -> Done:
        """The entry, once per key. The values are read afterwards: no kept answer may hold them."""
        case = get_case(self.user, number, kind=self.KIND)
        reason = read(request, {"reason": Kind.TEXT}).values.get("reason", "")
        if len(reason) > 500:
            message = _("请写在 500 字以内。")
            raise Incomplete(message, errors={"reason": [message]})
        personal.reveal(case, by=self._handling(case), reason=reason)
        return Done(200, {}, case)

    def _handling(self, case: Case) -> Post:
        """The first of the acting posts that works on the case; else any, to be refused."""
        return next((post for post in self.posts if personal.may_reveal(case, post)), self.posts[0])
