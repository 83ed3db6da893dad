"""The pages: signing in, the own profile, administering people and posts, duty rosters, the record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.errors import Invalid
from accounts.models import AdminEvent, DutyRosterEntry, Post, User
from accounts.querysets import posts_of
from accounts.roles import Role
from accounts.urls import urlpatterns
from grids.clock import SHANGHAI
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("clock")
Browser = Callable[[Post | User], Client]
TODAY = date(2026, 11, 18)
GOOD = "Xingan-2026-Qingshan"


def sign_in(client: Client, username: str, password: str, **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more})


# --- signing in


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


# --- one-time links and passwords


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


# --- posts on the pages


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


# --- language


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


# --- who sees which page

PAGES = {
    "/people/": {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN},
    "/people/new/": {Role.SYSTEM_ADMIN},
    "/people/{nobody}/": {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN},
    "/people/{nobody}/give-post/": {Role.SECURITY_ADMIN},
    "/posts/": {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN},
    "/posts/{mediator}/end/": {Role.SECURITY_ADMIN},
    "/posts/{mediator}/hand-over/": {Role.SECURITY_ADMIN},
    "/posts/{mediator}/acting/": {Role.SECURITY_ADMIN},
    "/audit/": {Role.AUDIT_ADMIN},
    "/audit/sign-ins/": {Role.AUDIT_ADMIN},
}
PRESSES = {
    "/people/{nobody}/link/": {Role.SYSTEM_ADMIN},
    "/people/{nobody}/stop/": {Role.SYSTEM_ADMIN},
    "/people/{nobody}/restart/": {Role.SYSTEM_ADMIN},
}


def path_of(cast: Cast, pattern: str) -> str:
    return pattern.format(nobody=cast.nobody.pk, mediator=cast.mediator.pk)


@pytest.mark.parametrize("role", list(Role))
def test_each_page_serves_its_roles_only(cast: Cast, browser_of: Browser, role: Role) -> None:
    client = browser_of(cast.by_role(role))
    for pattern, roles in PAGES.items():
        status = client.get(path_of(cast, pattern)).status_code
        assert status == (200 if role in roles else 403), (pattern, role)
    for pattern, roles in PRESSES.items():
        status = client.post(path_of(cast, pattern)).status_code
        assert status in ((200, 302) if role in roles else (403,)), (pattern, role)


def test_the_pages_of_this_list_are_all_the_administrators_have() -> None:
    covered = {re.sub(r"\{\w+\}", "<int:pk>", pattern).lstrip("/") for pattern in {**PAGES, **PRESSES}}
    mine = {
        str(pattern.pattern)
        for pattern in urlpatterns
        if str(pattern.pattern).startswith(("people", "posts", "audit"))
    }
    assert mine == covered


def test_an_unknown_person_or_post_is_not_found(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.secadmin)
    for path in (
        "/people/999999/",
        "/people/999999/give-post/",
        "/posts/999999/end/",
        "/duty-roster/999999/",
    ):
        assert client.get(path).status_code == 404


# --- administering


def test_people_are_found_by_word_role_place_and_state(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.secadmin)

    def found(**query: str) -> set[str]:
        return {person.username for person in client.get("/people/", query).context["page"]}

    assert found(q="网格员甲") == {"worker"}
    assert found(q="000-13800001") == {"worker-b"}
    assert found(role="mediator") == {"mediator", "mediator2"}
    assert found(role="township_centre", place="小港") == {"township2"}
    assert found(place="城管站") == {"station", "station2"}
    assert found(state="none") == {"nobody", "stranger"}
    assert found(q="没有这个人") == set()
    services.deactivate_user(cast.nobody, by=cast.sysadmin.user)
    assert found(state="stopped") == {"nobody"}


def test_posts_are_found_by_place_and_state(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.secadmin)

    def found(**query: str) -> set[str]:
        return {post.user.username for post in client.get("/posts/", query).context["page"]}

    assert found(place="jgjd") == {"township", "township-b", "secretary", "mediator", "station"}
    assert found(state="ended") == {"stranger"}
    act: dict[str, Any] = {"to_user": cast.nobody, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=3)}
    services.give_acting_post(cast.township, by=cast.secadmin.user, **act)
    assert found(state="acting") == {"nobody"} == found(state="ending")
    services.give_post(
        cast.worker.user,
        Role.MEDIATOR,
        division=cast.places.town2,
        starts_on=TODAY + timedelta(days=3),
        by=cast.secadmin.user,
    )
    assert found(state="coming") == {"worker"}


def give(client: Client, person: User, **typed: Any) -> Any:
    typed = {"starts_on": "2026-11-18", **typed}
    return client.post(reverse("accounts:give_post", args=[person.pk]), typed)


@pytest.mark.parametrize("place", ["360981119000", "小港镇", "xgz", "xiaogang"])
def test_a_post_is_given_by_name_code_or_initials(cast: Cast, browser_of: Browser, place: str) -> None:
    answer = give(browser_of(cast.secadmin), cast.nobody, role="township_centre", place=place)
    assert answer.status_code == 302
    assert [post.division for post in posts_of(cast.nobody, TODAY)] == [cast.places.town2]


def test_a_grid_is_found_with_its_villages_name(cast: Cast, browser_of: Browser) -> None:
    give(browser_of(cast.secadmin), cast.nobody, role="grid_worker", place="西路 01网格")
    assert [post.division for post in posts_of(cast.nobody, TODAY)] == [cast.places.grid_c]


def test_among_several_places_the_person_chooses(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.secadmin)
    several = give(client, cast.nobody, role="grid_worker", place="01网格")
    assert several.context["form"].errors.keys() == {"division"}
    text = several.content.decode()
    assert "剑光街道 › 西路社区居委会 › 01网格" in text and "小港镇 › 万沙村委会 › 01网格" in text
    typed = {"role": "grid_worker", "place": "01网格", "division": cast.places.grid2.pk}
    assert give(client, cast.nobody, **typed).status_code == 302
    assert [post.division for post in posts_of(cast.nobody, TODAY)] == [cast.places.grid2]


def test_a_wrong_post_says_why_beside_the_field(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.secadmin)
    wrong: list[tuple[dict[str, Any], set[str]]] = [
        ({"role": "township_centre", "place": "没有的地方"}, {"place"}),
        ({"role": "township_centre", "place": "万沙"}, {"place"}),
        ({"role": "township_centre"}, {"division"}),
        ({"role": "department_officer"}, {"department"}),
        ({"role": ""}, {"role"}),
        ({"role": "mediator", "place": "小港镇", "ends_on": "2026-11-17"}, {"ends_on"}),
        ({"role": "mediator", "place": "小港镇", "starts_on": "昨天"}, {"starts_on"}),
    ]
    for typed, fields in wrong:
        answer = give(client, cast.nobody, **typed)
        assert answer.context["form"].errors.keys() == fields, typed
    assert posts_of(cast.nobody, TODAY) == [] and not AdminEvent.objects.exists()


def test_an_officer_is_given_a_department(cast: Cast, browser_of: Browser) -> None:
    typed = {"role": "department_officer", "department": cast.departments.urban.pk, "is_head": "on"}
    assert give(browser_of(cast.secadmin), cast.nobody, **typed).status_code == 302
    [post] = posts_of(cast.nobody, TODAY)
    assert post.department == cast.departments.urban and post.is_head


def test_a_security_administrator_cannot_press_for_himself(cast: Cast, browser_of: Browser) -> None:
    answer = give(browser_of(cast.secadmin), cast.secadmin.user, role="mediator", place="小港镇")
    assert answer.status_code == 403 and "不能为本人办理" in answer.content.decode()


def test_posts_are_ended_handed_over_and_acted_in_from_the_pages(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.secadmin)
    wrong = client.post(f"/posts/{cast.mediator.pk}/end/", {"on": "2026-01-01"})
    assert wrong.context["form"].errors.keys() == {"on"}
    assert client.post(f"/posts/{cast.mediator.pk}/end/", {"on": "2026-11-18"}).status_code == 302
    acting = {"to_user": "nobody", "starts_on": "2026-11-18", "ends_on": "2026-11-20"}
    assert client.post(f"/posts/{cast.township.pk}/acting/", acting).status_code == 302
    nobody = client.post(
        f"/posts/{cast.mediator2.pk}/hand-over/", {"to_user": "没有的人", "on": "2026-11-20"}
    )
    assert nobody.context["form"].errors.keys() == {"to_user"}
    over = {"to_user": "无岗人员", "on": "2026-11-20"}
    assert client.post(f"/posts/{cast.mediator2.pk}/hand-over/", over).status_code == 302
    labels = [post.label for post in posts_of(cast.nobody, date(2026, 11, 20))]
    assert labels == ["剑光街道综治中心（代理）", "小港镇人民调解员"]


def test_stopping_an_account_says_why_not(cast: Cast, browser_of: Browser) -> None:
    client = browser_of(cast.sysadmin)
    page = client.post(f"/people/{cast.secadmin.user.pk}/stop/", follow=True)
    assert "这是最后一名该类管理员" in page.content.decode()
    page = client.post(f"/people/{cast.nobody.pk}/stop/", follow=True)
    assert "账号已停用" in page.content.decode()


@pytest.mark.parametrize("page", ["/people/", "/posts/"])
def test_the_lists_cost_the_same_queries_however_long(
    cast: Cast, browser_of: Browser, page: str, django_assert_max_num_queries: Any
) -> None:
    client = browser_of(cast.secadmin)
    with django_assert_max_num_queries(12) as few:
        client.get(page, {"place": "小港"})
    with django_assert_max_num_queries(12) as many:
        assert len(client.get(page).context["page"]) > 20
    assert len(many) == len(few)


# --- duty rosters


def put_on_duty(cast: Cast, person: Post, hour: int, **more: Any) -> DutyRosterEntry:
    at = datetime(2026, 11, 18, hour, tzinfo=SHANGHAI)
    department = person.department
    assert department is not None
    values = {"telephone": "000-6401111", "starts_at": at, "ends_at": at + timedelta(hours=4), **more}
    return services.add_duty(department, person=person, by=cast.sysadmin.user, **values)


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("officer_head", True, True),
        ("officer", True, False),
        ("sysadmin", True, True),
        ("committee", True, False),
        ("centre", True, False),
        ("township", True, False),
        ("officer2", False, False),
        ("station2", False, False),
        ("village", True, False),
        ("worker", False, False),
        ("secadmin", False, False),
        ("auditor", False, False),
    ],
)
def test_who_sees_and_who_edits_a_roster(
    cast: Cast, browser_of: Browser, who: str, sees: bool, edits: bool
) -> None:
    entry = put_on_duty(cast, cast.officer, 8)
    client = browser_of(getattr(cast, who))
    page = f"/duty-roster/{cast.departments.urban.pk}/"
    answer = client.get(page)
    assert answer.status_code == (200 if sees else 404)
    typed = {
        "person": cast.officer_head.pk,
        "telephone": "000-6402222",
        "starts_at": "2026-11-19T08:00",
        "ends_at": "2026-11-19T20:00",
    }
    client.post(page, typed)
    assert DutyRosterEntry.objects.count() == (2 if edits else 1)
    removed = client.post(f"/duty-roster/entries/{entry.pk}/remove/").status_code
    assert removed == (302 if edits else 403 if sees else 404)
    assert DutyRosterEntry.objects.filter(pk=entry.pk).exists() == (not edits)


def test_the_roster_says_who_is_on_duty_now(cast: Cast, browser_of: Browser, clock: Any) -> None:
    put_on_duty(cast, cast.officer, 8, deputy=cast.officer_head)
    put_on_duty(cast, cast.officer_head, 12)
    committee = browser_of(cast.committee)

    def on_duty() -> list[str]:
        departments = committee.get("/duty-roster/").context["departments"]
        return [entry.person.user.name for department in departments for entry in department.on_duty]

    assert on_duty() == ["城管局经办甲"]
    clock.forward(hours=2)
    assert on_duty() == ["城管局负责人"]
    clock.forward(hours=4)
    assert on_duty() == []


def test_an_officer_sees_only_the_own_departments_roster(cast: Cast, browser_of: Browser) -> None:
    departments = browser_of(cast.officer).get("/duty-roster/").context["departments"]
    assert departments == [cast.departments.urban]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": datetime(2026, 11, 18, 7, tzinfo=SHANGHAI)}, "ends_at"),
        ({"telephone": ""}, "telephone"),
        ({"telephone": "1" * 21}, "telephone"),
        ({"deputy": "officer"}, "deputy"),
        ({"deputy": "officer2"}, "deputy"),
    ],
)
def test_a_wrong_duty_names_the_field(cast: Cast, change: dict[str, Any], field: str) -> None:
    if "deputy" in change:
        change = {"deputy": getattr(cast, change["deputy"])}
    with pytest.raises(Invalid) as refused:
        put_on_duty(cast, cast.officer, 8, **change)
    assert set(refused.value.errors) == {field}
    assert not AdminEvent.objects.exists()


def test_two_turns_at_once_and_a_person_whose_post_ends_are_refused(cast: Cast) -> None:
    put_on_duty(cast, cast.officer, 8)
    with pytest.raises(Invalid) as refused:
        put_on_duty(cast, cast.officer_head, 11)
    assert set(refused.value.errors) == {"starts_at"}
    services.end_post(cast.officer_head, on=date(2026, 11, 17), by=cast.secadmin.user)
    cast.officer_head.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        put_on_duty(cast, cast.officer_head, 12)
    assert set(refused.value.errors) == {"person"}


# --- the record


def test_the_record_is_shown_filtered_and_checked(cast: Cast, browser_of: Browser) -> None:
    services.create_user(username="wangxin", name="新人甲", by=cast.sysadmin.user)
    services.end_post(cast.mediator, on=TODAY, by=cast.secadmin.user)
    client = browser_of(cast.auditor)

    def found(**query: str) -> list[str]:
        return [row["event"].action for row in client.get("/audit/", query).context["rows"]]

    assert found() == ["post.ended", "user.created"]
    assert found(action="user.created") == ["user.created"] == found(q="新人")
    assert found(q="secadmin") == ["post.ended"]
    assert found(since="2026-11-18", until="2026-11-18") == found()
    assert found(until="2026-11-17") == []
    page = client.get("/audit/", {"check": "all"}).content.decode()
    assert "全部 2 条记录首尾相连，没有改动。" in page


def test_the_auditor_sees_who_signed_in_and_who_failed(cast: Cast, browser_of: Browser) -> None:
    sign_in(Client(), "worker", PASSWORD)
    for _ in range(5):
        sign_in(Client(), "village", "wrong")
    client = browser_of(cast.auditor)
    rows = client.get("/audit/sign-ins/", {"q": "worker"}).context["page"]
    assert [row.username for row in rows] == ["worker"]
    failed = client.get("/audit/sign-ins/", {"show": "failed"}).context["page"]
    assert [(row.username, row.locked_out) for row in failed] == [("village", n == 0) for n in range(5)]


def test_a_broken_record_is_said_loudly(cast: Cast, browser_of: Browser) -> None:
    services.end_post(cast.mediator, on=TODAY, by=cast.secadmin.user)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE accounts_adminevent SET actor_id = %s", [cast.worker.user.pk])
        cursor.execute("SET session_replication_role = origin")
    page = browser_of(cast.auditor).get("/audit/").content.decode()
    assert "第 1 条与前后不能衔接" in page
