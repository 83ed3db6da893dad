"""Puts the posts held today, the acting post and the user's language on every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from accounts.models import Language, Post, User
from accounts.querysets import posts_of
from grids import clock

SESSION_KEY = "post"
API_PATH = "/api/"


def chosen_post(posts: list[Post], wanted: object) -> Post | None:
    """The post of that id if it is held, else the first; None without posts."""
    return next((post for post in posts if post.pk == wanted), posts[0] if posts else None)


class PostMiddleware:
    """Stands after AuthenticationMiddleware.

    A session whose post has ended falls back to another post held today. Without any, every page but those marked
    `without_post` answers with an explanation. Who signs in by token is seen by `accounts.authentication`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user if isinstance(request.user, User) else None
        posts = posts_of(user, clock.today()) if user else []
        request.posts = posts  # type: ignore[attr-defined]
        request.post = chosen_post(posts, request.session.get(SESSION_KEY))  # type: ignore[attr-defined]
        language = user.language if user else cookie_language(request)
        request.LANGUAGE_CODE = language
        # Not undone afterwards: a streamed answer is written after this returns. Every request sets it anew.
        translation.activate(language)
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if user is not None or request.path.startswith(API_PATH):
            # Offices share computers: nothing is left behind that the way back would show after signing out.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or getattr(view, "without_post", False):
            return None
        if request.path.startswith(API_PATH):
            return None
        if isinstance(request.user, User) and request.user.must_change_password:
            return redirect(reverse("accounts:password"))
        if not request.posts:  # type: ignore[attr-defined]
            return render(request, "accounts/no_post.html", status=403)
        return None


def cookie_language(request: HttpRequest) -> str:
    """What a person chose on the sign-in page; Chinese otherwise, whatever the browser prefers."""
    wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return wanted if wanted in Language.values else Language.CHINESE.value
