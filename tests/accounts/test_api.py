"""The API's sign-in and /me/."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts import services
from accounts.models import ApiToken, Post, User
from accounts.roles import Role
from config.urls import urlpatterns as all_urls
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("clock", "fresh_throttle")
Api = Callable[[Post | User], APIClient]
TOKEN, ME = "/api/v1/auth/token/", "/api/v1/me/"


@pytest.fixture
def fresh_throttle() -> None:
    """The throttle counts in the cache, which outlives a test."""
    cache.clear()


def ask_token(username: str = "worker", password: str = PASSWORD, **more: Any) -> Any:
    body = {"username": username, "password": password}
    return APIClient().post(TOKEN, body, format="json", **more)


def with_token(token: str, **more: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}", **more)
    return client


def test_a_token_for_a_password_opens_the_api(cast: Cast) -> None:
    answer = ask_token(" Worker ")
    assert answer.status_code == 200 and set(answer.json()) == {"token"}
    assert with_token(answer.json()["token"]).get(ME).json()["username"] == "worker"


def test_the_token_is_not_stored(cast: Cast) -> None:
    token = ask_token().json()["token"]
    assert token not in str(list(ApiToken.objects.values()))


def test_a_wrong_password_is_401_with_a_code(cast: Cast) -> None:
    for username, password in (("worker", "wrong"), ("nosuchname", PASSWORD)):
        answer = ask_token(username, password)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "worker"},
        {"username": "", "password": "x"},
        {"username": "a\0b", "password": "x"},
        [],
    ],
)
def test_an_incomplete_request_is_422(cast: Cast, body: Any) -> None:
    answer = APIClient().post(TOKEN, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "incomplete")


def test_a_stale_token_does_not_hinder_asking_for_a_new_one(cast: Cast) -> None:
    assert ask_token(HTTP_AUTHORIZATION="Token gone").status_code == 200


def test_failures_lock_as_on_the_page_and_both_know(cast: Cast) -> None:
    for _ in range(4):
        assert ask_token(password="wrong").status_code == 401
    locked = ask_token(password="wrong")
    assert (locked.status_code, locked.json()["code"]) == (429, "locked")
    assert locked["Content-Type"] == "application/problem+json" and locked["Retry-After"] == "900"
    assert ask_token().status_code == 429
    assert Client().post("/login/", {"username": "worker", "password": PASSWORD}).status_code == 429


def test_many_requests_are_throttled(cast: Cast) -> None:
    statuses = [ask_token(f"user{number}", "wrong").status_code for number in range(21)]
    assert statuses == [401] * 20 + [429]


@pytest.mark.parametrize("header", ["Token gone", "Token", "Token a b", "Token \xff"])
def test_a_bad_token_is_401(cast: Cast, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get(ME).status_code == 401


def test_without_any_sign_in_it_is_401(db: None) -> None:
    answer = APIClient().get(ME)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


def test_a_token_ends_with_its_time_the_password_and_the_account(cast: Cast, clock: Any) -> None:
    def fresh(post: Post) -> APIClient:
        return with_token(services.issue_api_token(post.user))

    expired, changed, stopped = fresh(cast.worker), fresh(cast.village), fresh(cast.township)
    services.change_password(cast.village.user, old=PASSWORD, new="Xingan-2026-Qingshan")
    services.deactivate_user(cast.township.user, by=cast.sysadmin.user)
    assert [client.get(ME).status_code for client in (expired, changed, stopped)] == [200, 401, 401]
    clock.forward(days=30)
    assert expired.get(ME).status_code == 401


def test_who_must_change_the_password_gets_no_token(cast: Cast) -> None:
    User.objects.filter(pk=cast.worker.user.pk).update(must_change_password=True)
    answer = ask_token()
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required")


def test_me_tells_who_i_am_and_the_posts_held_today(cast: Cast, api_of: Api) -> None:
    today = date(2026, 11, 18)
    acting = services.give_acting_post(
        cast.officer_head, to_user=cast.worker.user, starts_on=today, ends_on=today, by=cast.secadmin.user
    )
    Post.objects.create(
        user=cast.worker.user,
        role=Role.MEDIATOR,
        division=cast.places.street,
        starts_on=today + timedelta(days=1),
    )
    assert api_of(cast.worker).get(ME).json() == {
        "username": "worker",
        "name": "网格员甲",
        "language": "zh-hans",
        "posts": [
            {
                "id": cast.worker.pk,
                "role": "grid_worker",
                "role_label": "网格员",
                "label": "东路社区居委会01网格网格员",
                "place": {"code": "360981002002001", "name": "01网格", "level": "grid"},
                "department": None,
                "starts_on": "2020-01-01",
                "ends_on": None,
                "acting": False,
            },
            {
                "id": acting.pk,
                "role": "department_officer",
                "role_label": "部门人员",
                "label": "丰城市城市管理局（代理）",
                "place": None,
                "department": {
                    "id": cast.departments.urban.pk,
                    "name": "丰城市城市管理局",
                    "place": {"code": "360981000000", "name": "丰城市", "level": "city"},
                },
                "starts_on": "2026-11-18",
                "ends_on": "2026-11-18",
                "acting": True,
            },
        ],
    }


def test_me_speaks_the_users_language(cast: Cast, api_of: Api) -> None:
    services.set_language(cast.worker.user, "en")
    answer = api_of(cast.worker).get(ME)
    assert answer.json()["language"] == "en"


def test_without_a_post_me_is_empty(cast: Cast, api_of: Api) -> None:
    assert api_of(cast.nobody).get(ME).json()["posts"] == []


class ActingPost(APIView):
    """Tells what a view of the API sees."""

    def get(self, request: Request) -> Response:
        post, posts = request.post, request.posts  # type: ignore[attr-defined]
        return Response({"post": post and post.pk, "posts": [post.pk for post in posts]})


urlpatterns = [*all_urls, path("api/v1/acting-post/", ActingPost.as_view())]


@pytest.fixture
def two_posts(cast: Cast) -> tuple[Post, Post]:
    """The worker's post, and a second one of the same person."""
    second = Post.objects.create(
        user=cast.worker.user, role=Role.MEDIATOR, division=cast.places.street, starts_on=date(2026, 1, 1)
    )
    return cast.worker, second


@pytest.mark.urls(__name__)
def test_the_header_names_the_post_and_without_it_there_is_none(two_posts: tuple[Post, Post]) -> None:
    first, second = two_posts
    token = services.issue_api_token(first.user)
    both = [first.pk, second.pk]
    assert with_token(token).get("/api/v1/acting-post/").json() == {"post": None, "posts": both}
    named = with_token(token, HTTP_X_GEZHI_POST=str(second.pk)).get("/api/v1/acting-post/")
    assert named.json() == {"post": second.pk, "posts": both}


@pytest.mark.urls(__name__)
def test_a_post_of_another_or_an_ended_one_is_403(cast: Cast, two_posts: tuple[Post, Post]) -> None:
    first, second = two_posts
    token = services.issue_api_token(first.user)
    Post.objects.filter(pk=second.pk).update(ends_on=date(2026, 11, 17))
    for wrong in (cast.township.pk, second.pk, "x"):
        answer = with_token(token, HTTP_X_GEZHI_POST=str(wrong)).get("/api/v1/acting-post/")
        assert (answer.status_code, answer.json()["code"]) == (403, "unknown_post")


@pytest.mark.urls(__name__)
def test_a_browsers_session_acts_under_its_post_unless_the_header_says_otherwise(
    two_posts: tuple[Post, Post], browser_of: Callable[[Post], Client]
) -> None:
    first, second = two_posts
    client = browser_of(second)
    assert client.get("/api/v1/acting-post/").json()["post"] == second.pk
    answer = client.get("/api/v1/acting-post/", headers={"x-gezhi-post": str(first.pk)})
    assert answer.json()["post"] == first.pk


def test_a_kept_press_is_not_sent_in_the_name_of_somebody_else(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.officer.user)
    mine, other = str(cast.officer.user_id), str(cast.officer2.user_id)
    assert browser.get("/api/v1/me/", headers={"X-Gezhi-User": mine}).status_code == 200
    answer = browser.get("/api/v1/me/", headers={"X-Gezhi-User": other})
    assert answer.status_code == 401 and "另一个人" in answer.json()["detail"]


def test_a_page_older_than_the_sign_in_is_told_so_with_a_code(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.worker.user)
    answer = browser.post("/api/v1/incidents/", {}, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["code"] == "page_expired" and "刷新" in answer.json()["detail"]
