"""Token sign-in for the API, and which post an API request acts under."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, Post, User
from accounts.querysets import posts_of
from accounts.services.access import secret_digest
from grids import clock

POST_HEADER = "X-Gezhi-Post"
USER_HEADER = "X-Gezhi-User"


def named_post(request: HttpRequest, posts: list[Post]) -> Post | None:
    """The post that the request's header names; None without the header.

    Raises: PermissionDenied when the header names no post that the user holds today.
    """
    wanted = request.headers.get(POST_HEADER)
    if not wanted:
        return None
    post = next((post for post in posts if str(post.pk) == wanted), None)
    if post is None:
        raise PermissionDenied(_("您今天没有这个岗位。"), code="unknown_post")
    return post


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token ...` with a token of POST /api/v1/auth/token/."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != self.keyword.lower():
            return None
        token = live_token(parts[1]) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("令牌无效或已过期，请重新登录。"))
        sign_in(request._request, token.user)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class PostSessionAuthentication(SessionAuthentication):
    """The browser's session; the header may name another post than the one chosen on the pages.

    A page that kept a press on the phone says whose it is: while somebody else is signed in there, it is not sent in
    their name, and waits as if nobody were. Raises: NotAuthenticated then; PermissionDenied (`page_expired`) when the
    page is older than the sign-in.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        signed_in: tuple[User, None] | None = super().authenticate(request)
        if signed_in is not None:
            plain = request._request
            if plain.headers.get(USER_HEADER) not in (None, str(signed_in[0].pk)):
                raise NotAuthenticated(_("这部手机上现在登录的是另一个人。"))
            plain.post = named_post(plain, plain.posts) or plain.post  # type: ignore[attr-defined]
        return signed_in

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            words = _("这个页面打开太久了，没有办理。请返回刷新页面，再提交一次。")
            raise PermissionDenied(words, code="page_expired") from error


def live_token(secret: str) -> ApiToken | None:
    """The token of this secret while it and its account are valid."""
    tokens = ApiToken.objects.select_related("user")
    return tokens.filter(
        digest=secret_digest(secret), expires_at__gt=clock.now(), user__is_active=True
    ).first()


def sign_in(request: HttpRequest, user: User) -> None:
    """Does for a token what PostMiddleware does for a session."""
    request.LANGUAGE_CODE = user.language
    translation.activate(user.language)
    posts = posts_of(user, clock.today())
    request.posts = posts  # type: ignore[attr-defined]
    request.post = named_post(request, posts)  # type: ignore[attr-defined]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the API's documentation about the header."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <token>`, from POST /api/v1/auth/token/",
        }
