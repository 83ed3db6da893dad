"""The pages on which people and posts are administered: who gets to them, and what they do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import AdminEvent, Post, User
from accounts.querysets import posts_of
from accounts.roles import Role
from accounts.urls import urlpatterns
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("clock")
Browser = Callable[[Post | User], Client]
TODAY = date(2026, 11, 18)
GOOD = "Xingan-2026-Qingshan"


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
