"""The catalogue in a browser: a change is typed, agreed to by a second person, and a new report gets the new time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Post
from cases.models import Deadline
from incidents.models import Category
from tests.browser import DESK, PHONE, serious_violations, sideways
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.incidents.category_samples import proposed, sound_category, times

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/incidents/categories/"
ONE = f"{LIST}1104/"
Show = Callable[..., Page]


@pytest.fixture
def lamp(cast: Cast, workdays: None) -> Category:
    return sound_category()


@pytest.fixture
def show(live_server: Any, open_page: Any, browser_of: Callable[[Post], Client]) -> Show:
    """A page as a person sees it; `show(post, url, PHONE, scripts=False)` in a browser without scripts."""

    def visit(who: Post, url: str, viewport: dict[str, int] = DESK, scripts: bool = True) -> Page:
        page: Page = open_page(viewport, java_script_enabled=scripts)
        cookie = browser_of(who).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(f"{live_server.url}{url}")
        return page

    return visit


def test_a_change_agreed_to_by_a_second_person_gives_new_reports_the_new_time(
    cast: Cast, lamp: Category, new_case: NewCase, show: Show
) -> None:
    old = new_case(cast.worker, category=lamp)
    before = Deadline.objects.get(case=old, duty="file").due_at
    page = show(cast.sysadmin, LIST)
    page.locator(f"a[href='{ONE}']").click()
    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("立案（一般） 数量").fill("20")
    page.get_by_label("立案（一般） 单位").select_option("clock_minutes")
    page.get_by_label("立案（加急） 数量").fill("10")
    page.get_by_label("立案（加急） 单位").select_option("clock_minutes")
    rows = page.locator(".gz-field-row")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="再加一个字段").click()
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_be_focused()
    last = rows.nth(2)
    last.get_by_label("中文标签").fill("面积")
    last.get_by_label("英文标签").fill("Area")
    last.get_by_label("字段代码").fill("area")
    last.get_by_label("类型").select_option("number")
    page.get_by_role("button", name="提出改动").last.click()
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("[data-errors]")).to_contain_text("理由")
    expect(rows.nth(2).get_by_label("中文标签")).to_have_value("面积")
    page.get_by_label("理由").fill("按本市文件")
    page.get_by_role("button", name="提出改动").last.click()
    expect(page.locator(".gz-toast")).to_contain_text("改动已提出")

    page = show(cast.centre, "/incidents/desk/")
    entry = page.locator(".gz-nav").get_by_role("link", name="事项目录")
    expect(entry.locator(".gz-count")).to_have_text("1")
    entry.click()
    page.locator(".gz-waiting").get_by_role("link").click()
    expect(page.locator(".gz-changes")).to_contain_text("立案（一般）")
    expect(page.locator(".gz-changes")).to_contain_text("附加字段：面积")
    page.get_by_role("button", name="同意", exact=True).click()
    page.locator("dialog").get_by_role("button", name="同意", exact=True).click()
    expect(page.locator(".gz-toast")).to_contain_text("已同意")

    assert Deadline.objects.get(case=old, duty="file").due_at == before
    lamp.refresh_from_db()
    deadline = Deadline.objects.get(case=new_case(cast.worker, category=lamp), duty="file")
    assert (deadline.amount, deadline.unit) == (20, "clock_minutes")
    page = show(cast.worker, "/incidents/report/fields/?category=1104")
    expect(page.locator("body")).to_contain_text("面积")


def test_it_works_without_scripts_by_the_keyboard_alone(cast: Cast, lamp: Category, show: Show) -> None:
    page = show(cast.sysadmin, f"{ONE}edit/", PHONE, scripts=False)
    page.get_by_label("理由").fill("写了一半")
    page.get_by_role("button", name="再加一个字段").press("Enter")
    assert page.locator(".gz-field-row").count() == 3
    assert page.get_by_label("理由").input_value() == "写了一半"
    page.locator("#id_name").fill("垃圾外溢")
    page.locator("#id_name").press("Enter")  # sends the form; does not add a row
    page.wait_for_url("**/versions/2/")
    assert lamp.versions.get(number=2).name == "垃圾外溢"
    page = show(cast.centre, f"{ONE}versions/2/", PHONE, scripts=False)
    page.get_by_role("button", name="同意", exact=True).press("Enter")
    page.wait_for_url(f"**{ONE}")
    lamp.refresh_from_db()
    assert lamp.name == "垃圾外溢"


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_has_barriers_or_is_too_wide(
    cast: Cast, lamp: Category, show: Show, viewport: dict[str, int]
) -> None:
    sound_category("2101", source="《某市规定》第3条", sensitive=True,
                   visible_roles=["township_centre", "department_officer"])  # fmt: skip
    proposed(cast, lamp, times(file=[30, "clock_minutes"]) | {"fields": []})
    urls = {
        cast.sysadmin: [
            LIST,
            ONE,
            f"{LIST}2101/edit/",
            f"{LIST}new/",
            f"{LIST}2101/use/",
            f"{ONE}versions/2/",
        ],
        cast.centre: [LIST, f"{ONE}versions/2/"],
    }
    for who, addresses in urls.items():
        for url in addresses:
            page = show(who, url, viewport)
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
            assert serious_violations(page) == [], url
            assert sideways(page) == 0, url
            page.context.close()
    page = show(cast.sysadmin, f"{LIST}2101/edit/", viewport)
    page.locator("#id_name").fill("")
    page.locator("#id_u_handle_0").fill("")
    page.get_by_role("button", name="提出改动").last.click()
    expect(page.locator("[data-errors]")).to_be_focused()
    assert serious_violations(page) == [] and sideways(page) == 0
