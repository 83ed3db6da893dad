"""The frame: where each role can go, the post acted under, what is unread, and the language."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.roles import Role
from cases.context import Frame, frame
from cases.words import page_now
from grids.clock import now
from tests.ui.styleguide import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "guide_urls")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def guide_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.ui.urls"


def frame_of(role: Role, path: str = "/") -> Frame:
    request: HttpRequest = RequestFactory().get(path)
    request.user, posts = person(role)
    request.posts, request.post = posts, posts[0]  # type: ignore[attr-defined]
    return Frame(request, now())


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (Role.GRID_WORKER, ["我的工作台", "上报", "事件", "地图", "通知"]),
        (Role.TOWNSHIP_CENTRE, ["我的工作台", "登记", "事件", "超期", "地图", "通知", "值班表"]),
        (Role.CENTRE, ["我的工作台", "登记", "事件", "超期", "地图", "通知", "事项目录", "值班表"]),
        (Role.DEPARTMENT_OFFICER, ["我的工作台", "事件", "地图", "通知", "值班表"]),
        (Role.SYSTEM_ADMIN, ["事项目录", "人员", "岗位", "值班表"]),
        (Role.COMMITTEE, ["我的工作台", "事件", "超期", "地图", "通知", "值班表"]),
        (Role.SECURITY_ADMIN, ["人员", "岗位"]),
        (Role.AUDIT_ADMIN, ["管理记录"]),
    ],
)
def test_each_role_finds_its_own_tasks_and_no_others(role: Role, labels: list[str]) -> None:
    assert [item.label for item in frame_of(role).nav] == labels


def test_a_page_that_the_installation_lacks_is_left_out(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.ui.urls_without"
    assert [item.label for item in frame_of(Role.GRID_WORKER).nav] == ["通知"]


def test_the_entry_one_is_in_is_marked_and_only_that() -> None:
    shown = frame_of(Role.TOWNSHIP_CENTRE, reverse("incidents:list") + "SJ2026-0000001/")
    assert [item.label for item in shown.nav if item.active] == ["事件"]
    assert [item.label for item in frame_of(Role.TOWNSHIP_CENTRE, "/elsewhere/").nav if item.active] == []


def test_a_phone_has_three_tabs_and_me() -> None:
    assert [tab.label for tab in frame_of(Role.GRID_WORKER).tabs] == ["今日", "上报", "待办"]
    assert [tab.label for tab in frame_of(Role.TOWNSHIP_CENTRE).tabs] == ["待办", "登记", "事件"]
    assert [tab.label for tab in frame_of(Role.DEPARTMENT_OFFICER).tabs] == ["待办", "事件", "通知"]
    assert [tab.label for tab in frame_of(Role.SYSTEM_ADMIN).tabs] == ["事项目录", "人员", "岗位"]


def test_administrators_have_no_notices_to_count(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert frame_of(Role.AUDIT_ADMIN).unread == 0


def test_unread_notices_are_asked_for_once_a_page(django_assert_num_queries: Any) -> None:
    shown = frame_of(Role.GRID_WORKER)
    with django_assert_num_queries(1):
        assert shown.unread == shown.unread == 0


def test_a_page_asks_the_clock_once_and_the_thread_forgets_it(clock: Any, client: Client) -> None:
    request = RequestFactory().get("/")
    first = frame(request)["frame"]
    clock.forward(hours=1)
    assert frame(request)["frame"] is first
    assert page_now() == first.now
    client.get(reverse("accounts:sign_in"))  # any request that ends
    assert page_now() == clock.at


def test_a_stranger_s_frame_is_empty_and_still_drawn() -> None:
    shown = Frame(RequestFactory().get("/"), now())
    assert (shown.nav, shown.tabs, shown.unread, shown.post) == ([], [], 0, None)


def words_on(html: str) -> str:
    """What the frame itself says: its parts without the page's own content."""
    parts = re.findall(
        r'<div class="gz-side">.*?<main|<nav class="gz-tabs".*?</nav>|<div id="gz-words".*?</div>',
        html,
        re.DOTALL,
    )
    assert len(parts) == 3
    return " ".join(parts)


def test_the_english_frame_has_no_chinese_left(client: Client) -> None:
    said = words_on(client.get("/ui/desk/?lang=en").content.decode())
    # Names of people and places stay as they are, and so does each language's own name.
    for name in ("简体中文", "街道中心甲", "剑光街道", "东路社区", "丰城市城市管理局"):
        said = said.replace(name, "")
    assert "My desk" in said
    assert CHINESE.findall(said) == []


def test_the_other_posts_are_offered_each_as_a_form(client: Client) -> None:
    html = client.get("/ui/desk/").content.decode()
    assert html.count(f'action="{reverse("accounts:switch_post")}"') == 2
    assert '<input type="hidden" name="next" value="/ui/desk/">' in html


def test_the_page_tells_htmx_to_run_nothing_and_to_keep_nothing(client: Client) -> None:
    html = client.get("/ui/desk/").content.decode()
    for setting in (
        '"allowEval":false',
        '"allowScriptTags":false',
        '"includeIndicatorStyles":false',
        '"selfRequestsOnly":true',
        '"historyCacheSize":0',
    ):
        assert setting in html


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_a_refusal_says_what_is_wrong_and_what_to_do_next(client: Client, status: int) -> None:
    page = client.get(f"/ui/fail/{status}/")
    assert page.status_code == status
    html = page.content.decode()
    assert "data-error-message" in html
    assert "接下来可以" in html
    part = client.get(f"/ui/fail/{status}/", headers={"HX-Request": "true"}).content.decode()
    assert "data-error-message" in part
    assert "<html" not in part


def test_the_page_for_a_fault_needs_no_context_at_all() -> None:
    html = render_to_string("500.html")
    assert "系统出错了" in html
    assert "接下来可以" in html


def test_tiles_are_used_only_where_the_installation_names_them(client: Client, settings: Any) -> None:
    assert "data-tiles" not in client.get("/ui/map/").content.decode()
    settings.GEZHI_TILE_URL = "https://tiles.example/{z}/{x}/{y}.png"
    settings.GEZHI_TILE_DATUM = "gcj02"
    settings.GEZHI_MAP_APPROVAL = "GS(2026)0000号"
    html = client.get("/ui/map/").content.decode()
    assert 'data-tiles="https://tiles.example/{z}/{x}/{y}.png"' in html
    assert 'data-datum="gcj02"' in html
    assert 'data-approval="GS(2026)0000号"' in html
