"""Signing in and out, links and passwords, the post acted under, the language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import Post, User
from accounts.roles import Role
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("clock")
Browser = Callable[[Post | User], Client]
TODAY = date(2026, 11, 18)
GOOD = "Xingan-2026-Qingshan"


def sign_in(client: Client, username: str, password: str, **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more})


def test_signing_in_leads_to_work_or_to_what_one_administers(cast: Cast) -> None:
    homes = {
        cast.worker: "/",
        cast.sysadmin: "/people/",
        cast.secadmin: "/posts/",
        cast.auditor: "/audit/",
    }
    for post, home in homes.items():
        answer = sign_in(Client(), post.user.username, PASSWORD)
        assert (answer.status_code, answer["Location"]) == (302, home)


def test_signing_in_takes_a_user_name_however_cased_and_goes_where_one_wanted(cast: Cast) -> None:
    assert sign_in(Client(), " Worker ", PASSWORD, next="/me/")["Location"] == "/me/"
    assert sign_in(Client(), "worker", PASSWORD, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(cast: Cast) -> None:
    wrong = sign_in(Client(), "worker", "wrong").content.decode()
    unknown = sign_in(Client(), "nosuchname", "wrong").content.decode()
    for page in (wrong, unknown):
        assert "用户名或密码不正确。连续5次不正确，账号将锁定15分钟。" in page


def test_a_deactivated_account_does_not_sign_in_and_its_session_ends(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.worker)
    assert client.get("/me/").status_code == 200
    services.deactivate_user(cast.worker.user, by=cast.sysadmin.user)
    assert client.get("/me/").status_code == 302
    assert sign_in(Client(), "worker", PASSWORD).status_code == 200


def test_five_failures_lock_the_name_from_that_address_for_fifteen_minutes(cast: Cast) -> None:
    client = Client()
    for _ in range(4):
        assert sign_in(client, "worker", "wrong").status_code == 200
    fifth = sign_in(client, "worker", "wrong")
    assert fifth.status_code == 429 and "15分钟后再试" in fifth.content.decode()
    assert fifth["Retry-After"] == "900"
    assert sign_in(client, "worker", PASSWORD).status_code == 429
    assert sign_in(client, "WORKER", PASSWORD).status_code == 429
    assert sign_in(client, "village", PASSWORD).status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.1.2.3")
    assert sign_in(elsewhere, "worker", PASSWORD).status_code == 302


def test_a_success_before_the_fifth_failure_forgives(cast: Cast) -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(Client(), "worker", "wrong")
        assert sign_in(Client(), "worker", PASSWORD).status_code == 302


def test_the_lock_ends_after_its_time(cast: Cast, settings: Any) -> None:
    settings.AXES_COOLOFF_TIME = timedelta(microseconds=1)
    for _ in range(6):
        sign_in(Client(), "worker", "wrong")
    assert sign_in(Client(), "worker", PASSWORD).status_code == 302


def test_signing_out_ends_the_session_and_needs_a_post(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.worker)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/me/")["Location"].startswith("/login/")


@pytest.mark.parametrize("page", ["/me/", "/password/", "/people/", "/posts/", "/audit/", "/duty-roster/"])
def test_a_stranger_is_sent_to_sign_in(db: None, page: str) -> None:
    answer = Client().get(page)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={page}")


def link_in(answer: Any) -> str:
    found = re.search(r"http://testserver(/first-password/[\w-]+/)", answer.content.decode())
    assert found
    return found[1]


def test_a_new_account_from_the_page_to_the_first_sign_in(cast: Cast, browser_of: Browser) -> None:
    admin = browser_of(cast.sysadmin)
    shown = admin.post("/people/new/", {"username": "Wangxin", "name": "新人甲", "language": "zh-hans"})
    assert "no-store" in shown["Cache-Control"]
    link = link_in(shown)
    person = Client()
    assert "wangxin" in person.get(link).content.decode()
    mismatch = person.post(link, {"password": GOOD, "again": GOOD + "x"})
    assert "两次输入的密码不一致" in mismatch.content.decode()
    assert person.post(link, {"password": GOOD, "again": GOOD}).status_code == 302
    assert person.get("/me/").status_code == 200
    assert Client().get(link).status_code == 410
    assert Client().post(link, {"password": GOOD, "again": GOOD}).status_code == 410
    assert sign_in(Client(), "wangxin", GOOD).status_code == 302


def test_a_wrong_new_account_keeps_what_was_typed_and_names_the_field(
    cast: Cast, browser_of: Browser
) -> None:
    page = browser_of(cast.sysadmin).post(
        "/people/new/", {"username": "worker", "name": "重名的人", "language": "en"}
    )
    text = page.content.decode()
    assert page.status_code == 200 and "重名的人" in text
    assert page.context["form"].errors.keys() == {"username"}


def test_a_changed_password_keeps_this_session_and_ends_the_others(cast: Cast, browser_of: Browser) -> None:
    here, there = browser_of(cast.worker), browser_of(cast.worker)
    typed = {"old": PASSWORD, "password": GOOD, "again": GOOD}
    assert here.post("/password/", typed)["Location"] == "/me/"
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302
    wrong = here.post("/password/", typed)
    assert wrong.context["form"].errors.keys() == {"old"}


def test_who_must_change_the_password_gets_to_nothing_else(cast: Cast, browser_of: Browser) -> None:
    User.objects.filter(pk=cast.sysadmin.user.pk).update(must_change_password=True)
    client = browser_of(cast.sysadmin)
    assert client.get("/people/")["Location"] == "/password/"
    assert client.get("/password/").status_code == 200


def test_the_acting_post_is_switched_in_one_press(cast: Cast, browser_of: Browser) -> None:
    other = Post.objects.create(
        user=cast.worker.user, role=Role.MEDIATOR, division=cast.places.street, starts_on=TODAY
    )
    client = browser_of(cast.worker)
    answer = client.post("/post/switch/", {"post": other.pk, "next": "/me/"})
    assert answer["Location"] == "/me/"
    page = client.get("/me/")
    assert page.wsgi_request.post == other  # type: ignore[attr-defined]
    assert "现在以“剑光街道人民调解员”办理" in page.content.decode()


def test_nobody_switches_to_a_post_of_another_or_to_one_that_has_ended(
    cast: Cast, browser_of: Browser
) -> None:
    client = browser_of(cast.worker)
    ended = Post.objects.create(
        user=cast.worker.user,
        role=Role.MEDIATOR,
        division=cast.places.street,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 11, 17),
    )
    for wrong in (cast.township.pk, ended.pk, "x", ""):
        client.post("/post/switch/", {"post": wrong})
        assert client.get("/me/").wsgi_request.post == cast.worker  # type: ignore[attr-defined]


def test_a_session_loses_its_post_when_the_post_has_ended(
    cast: Cast, browser_of: Browser, clock: Any
) -> None:
    other = Post.objects.create(
        user=cast.worker.user, role=Role.MEDIATOR, division=cast.places.street, starts_on=TODAY, ends_on=TODAY
    )
    client = browser_of(other)
    assert client.get("/me/").wsgi_request.post == other  # type: ignore[attr-defined]
    clock.forward(days=1)
    after = client.get("/me/").wsgi_request
    assert after.post == cast.worker and after.posts == [cast.worker]  # type: ignore[attr-defined]


def test_without_a_post_every_other_page_says_so(cast: Cast, browser_of: Browser) -> None:
    for person in (cast.nobody, cast.stranger):
        client = browser_of(person)
        for page in ("/people/", "/audit/", "/duty-roster/"):
            answer = client.get(page)
            assert answer.status_code == 403 and "您今天没有岗位" in answer.content.decode()
        assert "您今天没有岗位" in client.get("/me/").content.decode()


def test_the_language_is_kept_on_the_account_and_before_that_in_a_cookie(
    cast: Cast, browser_of: Browser
) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert client.get("/login/")["Content-Language"] == "zh-hans"
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert client.get("/login/")["Content-Language"] == "en"
    worker = browser_of(cast.worker)
    worker.post("/language/", {"language": "en", "next": "/me/"})
    cast.worker.user.refresh_from_db()
    assert cast.worker.user.language == "en"
    assert browser_of(cast.worker).get("/me/")["Content-Language"] == "en"
    worker.post("/language/", {"language": "fr"})
    cast.worker.user.refresh_from_db()
    assert cast.worker.user.language == "en"
