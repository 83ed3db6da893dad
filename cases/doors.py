"""Who gets past the door of a page about cases. What they see inside is decided by `visible_to` alone."""

from __future__ import annotations

from typing import ParamSpec

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.guards import AnyPage, Page, signed_in
from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import CASE_ROLES

P = ParamSpec("P")


def for_cases(view: Page[P]) -> AnyPage[P]:
    """Lets in whoever acts under a post that works on cases; the three administrators handle none."""

    def checked(request: PostRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        acting(request)
        return view(request, *args, **kwargs)

    return signed_in(checked)


def acting(request: PostRequest) -> Post:
    """The post acted under; raises Refused when it does not work on cases."""
    if request.post is None or request.post.role not in CASE_ROLES:
        raise Refused(_("系统、安全和审计管理员不办理事项。要办理事项，请用办事岗位的账号登录。"))
    return request.post
