"""The countdown runs by the server's clock, whatever the machine's own clock does."""

from __future__ import annotations

import re
from email.utils import formatdate
from time import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import DESK, OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# This machine's wall clock, moved by `window.skip` ms. Its steady clock stands still in a sleep, as Linux's does.
WALL = (
    "() => {}; window.skip = {skip}; const wall = Date.now.bind(Date); Date.now = () => wall() + window.skip;"
)


def parts(guide: str, open_page: OpenPage, skip: float = 0) -> Page:
    page = open_page(DESK)
    page.add_init_script(WALL.replace("{skip}", str(skip)))
    page.goto(f"{guide}parts/")
    return page


def server_ahead(page: Page, seconds: float) -> None:
    """While the machine sleeps, the server's clock goes on: what its health page says about the time."""

    def answer(route: Route) -> None:
        route.fulfill(body="ok", headers={"Date": formatdate(time() + seconds, usegmt=True)})

    page.route("**/healthz", answer)


def skip(page: Page, milliseconds: float) -> None:
    page.evaluate("ms => { window.skip += ms; window.dispatchEvent(new Event('focus')); }", milliseconds)


def words(page: Page, number: int) -> str:
    return page.locator(".gz-due [data-words]").nth(number).inner_text()


@pytest.mark.parametrize("wrong_by", [0, 5 * 3600_000, -40 * 86400_000])
def test_a_wrong_clock_on_the_machine_does_not_matter(
    guide: str, open_page: OpenPage, wrong_by: float
) -> None:
    page = parts(guide, open_page, wrong_by)
    page.wait_for_timeout(1500)
    assert words(page, 0) == "还剩 5小时17分"
    assert re.fullmatch(r"将到期，还剩 (52|51|50|49)秒", words(page, 2))


def test_seconds_run(guide: str, open_page: OpenPage) -> None:
    page = parts(guide, open_page)
    first = words(page, 2)
    page.wait_for_timeout(2300)
    second = words(page, 2)
    left = [int(re.findall(r"\d+", said)[-1]) for said in (first, second)]
    assert 1 <= left[0] - left[1] <= 4


def test_after_a_sleep_it_is_right_at_once_and_stays_right(guide: str, open_page: OpenPage) -> None:
    page = parts(guide, open_page)
    server_ahead(page, 3600)
    skip(page, 3600_000)
    assert words(page, 1) == "将到期，还剩 20分"  # at once, before the server has answered
    assert words(page, 3) == "已超期 4小时"
    page.wait_for_timeout(1500)
    assert re.fullmatch(r"将到期，还剩 (20|19)分", words(page, 1))


def test_a_clock_set_while_the_page_is_open_is_put_right_by_the_server(
    guide: str, open_page: OpenPage
) -> None:
    page = parts(guide, open_page)
    skip(page, 3 * 3600_000)  # somebody sets the clock three hours on; the server has not moved
    expect(page.locator(".gz-due [data-words]").nth(0)).to_have_text(re.compile("还剩 5小时1[67]分"))
    expect(page.locator(".gz-due").nth(0)).to_have_attribute("data-look", "ok")


def test_a_chip_turns_red_when_its_time_is_over_and_says_so_aloud(guide: str, open_page: OpenPage) -> None:
    page = parts(guide, open_page)
    chip = page.locator(".gz-due").nth(2)
    expect(chip).to_have_attribute("data-look", "soon")
    server_ahead(page, 120)
    skip(page, 120_000)
    expect(chip).to_have_attribute("data-look", "over")
    expect(chip).to_contain_text("已超期 1分")
    assert page.locator(".gz-due use").nth(2).get_attribute("href", timeout=1000).endswith("#alert")  # type: ignore[union-attr]
    expect(page.locator("#announce")).to_have_text("一个事项已超期")


def test_stopped_and_ended_clocks_stand_still(guide: str, open_page: OpenPage) -> None:
    page = parts(guide, open_page)
    before = [words(page, number) for number in (4, 6, 7, 8)]
    server_ahead(page, 86400)
    skip(page, 86400_000)
    page.wait_for_timeout(300)
    assert [words(page, number) for number in (4, 6, 7, 8)] == before


def test_offline_after_a_sleep_the_last_difference_still_counts(guide: str, open_page: OpenPage) -> None:
    page = parts(guide, open_page)
    page.context.set_offline(True)
    skip(page, 3600_000)
    assert words(page, 1) == "将到期，还剩 20分"
