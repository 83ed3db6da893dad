"""The request as our pages see it: a known user, the posts held today, and the one acted under."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Post, User


class PostRequest(HttpRequest):
    """A signed-in request. `accounts.middleware.PostMiddleware` sets `posts` and `post`.

    `post` is None for a user without a post, and for an API request that names none.
    """

    user: User
    posts: list[Post]
    post: Post | None
