"""The map in a browser: the slider by keyboard, the levels, the marks, a slow line; desk and phone, without barriers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oversight import mapping, summaries
from tests.browser import PHONE, serious_violations, sideways
from tests.cast import Cast
from tests.incidents.conftest import Show, show

__all__ = ["show"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MAP = "/oversight/map/"


def area(page: Page, code: str) -> Any:
    return page.locator(f".gz-area[data-code='{code}']")


def row(page: Page, code: str) -> Any:
    return page.locator(f"[data-map-told] tr[data-area='{code}']")


@pytest.fixture
def two_weeks(cast: Cast, new_case: Any, clock: Any) -> None:
    """Three reports this week, one the week before, all still open."""
    at = clock.at
    clock.set(at - timedelta(days=7))
    new_case(cast.worker_c, title="上周的一件")
    clock.set(at)
    for _n in range(3):
        new_case(cast.worker, title="这周的一件")
    summaries.refresh_all()


def test_the_slider_goes_through_the_weeks_by_keyboard_and_the_table_and_the_map_follow(
    two_weeks: None, cast: Cast, show: Show
) -> None:
    east, west = cast.places.village.code, cast.places.village_b.code
    page = show(cast.township, MAP)
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    expect(area(page, east)).to_have_attribute("data-shade", "1")
    expect(area(page, east)).to_have_attribute("aria-label", "东路社区居委会：3 件")
    expect(area(page, west)).to_have_attribute("data-shade", "0")
    slider = page.get_by_label("周（最近 26 周")
    expect(slider).to_have_attribute("aria-valuetext", "2026-11-16 – 2026-11-22")
    page.evaluate("window.stayed = true")
    slider.focus()
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "2026-11-09 – 2026-11-15")
    expect(page.locator("output[for=map-week]")).to_have_text("2026-11-09 – 2026-11-15")
    expect(row(page, west).locator("td")).to_have_text("1")
    expect(row(page, east).locator("td")).to_have_text("0")
    expect(area(page, west)).to_have_attribute("data-shade", "1")
    expect(area(page, east)).to_have_attribute("data-shade", "0")
    expect(page.locator("#announce")).to_contain_text("2026-11-09")
    expect(slider).to_be_focused()
    before = mapping.weeks()[-2].number
    assert f"week={before}" in page.url and page.evaluate("window.stayed") is True
    page.get_by_role("link", name="下一周").click()
    expect(row(page, east).locator("td")).to_have_text("3")
    expect(slider).to_have_value(str(before + 1))
    page.get_by_label("指标").select_option("on_time_archive_rate")
    expect(area(page, east)).to_have_attribute("data-shade", "none")
    expect(page.locator(".gz-legend")).to_contain_text("没有数据")
    assert page.evaluate("window.stayed") is True and errors == []


def test_areas_are_read_walked_and_opened_by_keyboard_and_the_marks_lead_to_their_cases(
    two_weeks: None, cast: Cast, show: Show
) -> None:
    east, west = cast.places.village.code, cast.places.village_b.code
    page = show(cast.committee, MAP)
    area(page, cast.places.street.code).click()
    page.locator(".leaflet-popup a", has_text="剑光街道").click()
    page.wait_for_url(re.compile(f"place={cast.places.street.code}"))
    expect(page.locator("h1")).to_contain_text("剑光街道")
    expect(area(page, east)).to_have_attribute("tabindex", "0")
    area(page, east).focus()
    expect(page.locator(".leaflet-tooltip")).to_have_text("东路社区居委会：3 件")
    area(page, east).press("ArrowRight")
    expect(area(page, west)).to_be_focused()
    expect(page.locator(".leaflet-tooltip")).to_have_count(1)  # the one before fades away
    expect(page.locator(".leaflet-tooltip")).to_have_text("西路社区居委会：0 件")
    area(page, west).press("Home")
    area(page, east).press("Enter")
    expect(page.locator(".leaflet-popup a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(area(page, east)).to_be_focused()
    row(page, west).get_by_role("link").focus()
    expect(area(page, west)).to_have_class(re.compile("is-shown"))
    marks = page.locator(".gz-map-pin, .gz-cluster")
    expect(marks).to_have_count(0)
    box = page.get_by_label("把没有办完的事件画在图上")
    box.check()
    expect(marks).to_have_count(2)  # three in one cluster, and one
    expect(page.locator("[data-map-status]")).to_contain_text("图上有 4 件没有办完的事件")
    grids = page.get_by_role("link", name="按网格")
    expect(grids).to_have_attribute("href", re.compile("cases=on"))
    grids.click()
    expect(area(page, cast.places.grid.code)).to_have_attribute("data-shade", "1")
    expect(marks).to_have_count(2)  # the choice goes along
    page.locator(".gz-map-pin").click()
    page.locator(".leaflet-popup a", has_text="上周的一件").click()
    expect(page.locator("h1")).to_contain_text("上周的一件")
    page.go_back()
    page.get_by_label("把没有办完的事件画在图上").uncheck()
    expect(marks).to_have_count(0)


def test_a_phone_has_all_of_it_and_a_failed_request_is_told(two_weeks: None, cast: Cast, show: Show) -> None:
    east = cast.places.village.code
    page = show(cast.township, MAP, PHONE, has_touch=True)
    expect(area(page, east)).to_have_attribute("data-shade", "1")
    assert sideways(page) == 0
    small = page.evaluate(
        "() => Array.from(document.querySelectorAll('.gz-atlas form :is(select, button, .form-range), .gz-atlas a.btn, "
        "#map-levels a, .gz-atlas-rows a, .gz-check')).filter(e => e.getBoundingClientRect().height < 43.9).map(e => e.outerHTML)"
    )
    assert small == []
    order = page.evaluate(
        "() => ['.gz-atlas-map', '.gz-atlas-form', '.gz-atlas-rows'].map(s => document.querySelector(s).getBoundingClientRect().top)"
    )
    assert order == sorted(order)
    area(page, east).tap()
    expect(page.locator(".leaflet-popup")).to_contain_text("上报数 3")
    assert serious_violations(page) == []
    page.route("**/oversight/map/data/**", lambda route: route.abort())
    page.get_by_label("周（最近 26 周").press("ArrowLeft")
    expect(page.locator("#failure")).to_contain_text("网络断了")
    expect(row(page, east).locator("td")).to_have_text("3")
    expect(page.locator("#map-legend")).to_contain_text(
        "2026-11-16"
    )  # the table says of which week it still is
    page.unroute("**/oversight/map/data/**")
    page.locator("#failure [data-retry]").click()
    expect(row(page, east).locator("td")).to_have_text("0")
    expect(page.locator("#failure")).to_be_hidden()
    assert sideways(page) == 0


def test_without_scripts_it_is_a_plain_form(two_weeks: None, cast: Cast, show: Show) -> None:
    page = show(cast.township, MAP, java_script_enabled=False)
    page.get_by_label("周（最近 26 周").press("ArrowLeft")
    page.get_by_role("button", name="看图").click()
    page.wait_for_url(re.compile(rf"week={mapping.weeks()[-2].number}"))
    expect(row(page, cast.places.village_b.code).locator("td")).to_have_text("1")
    page.get_by_role("link", name="下一周").click()
    expect(row(page, cast.places.village.code).locator("td")).to_have_text("3")
    page.get_by_role("link", name="按网格").click()
    expect(row(page, cast.places.grid.code).locator("td")).to_have_text("3")
