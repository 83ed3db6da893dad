"""Who gets past the door of a page. What happens inside is decided again by the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused
from accounts.http import PostRequest
from accounts.roles import Role
from grids.wording import listed

P = ParamSpec("P")
V = TypeVar("V", bound=Callable[..., HttpResponseBase])
Page = Callable[Concatenate[PostRequest, P], HttpResponseBase]
AnyPage = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

NOT_YOUR_PAGE = _("这一页只供“%(roles)s”使用。")


def signed_in(view: Page[P]) -> AnyPage[P]:
    """Sends strangers to the sign-in page."""
    return login_required(cast(AnyPage[P], view))


def without_post(view: V) -> V:
    """Marks a page that also serves people who hold no post, or who must first set their password."""
    view.without_post = True  # type: ignore[attr-defined]
    return view


def only(*roles: Role) -> Callable[[Page[P]], AnyPage[P]]:
    """Lets in who holds one of the roles today; others get the no-permission page with the reason."""

    def decorate(view: Page[P]) -> AnyPage[P]:
        def checked(request: PostRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(post.role in roles for post in request.posts):
                names = listed(role.label for role in roles)
                raise Refused(str(NOT_YOUR_PAGE) % {"roles": names})
            return view(request, *args, **kwargs)

        return signed_in(checked)

    return decorate
