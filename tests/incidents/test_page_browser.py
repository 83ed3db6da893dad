"""The pages in a browser: a case that stands open, ticked rows, folded filters; phone and desk, without barriers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from cases.models import Case, EventText
from cases.workflow import advance
from grids.models import Department, Division
from tests.browser import DESK, PHONE, serious_violations, sideways
from tests.cases.conftest import NewCase
from tests.cases.samples import jpeg, upload
from tests.cast import Cast
from tests.incidents.conftest import Show
from tests.incidents.moves import archived, assigned, do, fed_back, filed, investigating

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def refresh(page: Page) -> None:
    """What the page does by itself every ten seconds."""
    with page.expect_response(lambda answer: answer.url.endswith("/live/")):
        page.evaluate("htmx.trigger(document.getElementById('case-poll'), 'gezhi:refresh')")


def test_an_action_is_done_in_place_and_the_page_tells_what_comes_next(
    cast: Cast, new_case: NewCase, show: Show
) -> None:
    case = filed(new_case(cast.worker), cast)
    page = show(cast.township, case.get_absolute_url())
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="指派", exact=True).click()
    form = page.locator("#action-form [data-form]")
    expect(form.get_by_role("heading", name="指派")).to_be_focused()
    form.get_by_label("承办单位").select_option(f"department:{cast.departments.station.pk}")
    form.get_by_role("button", name="指派", exact=True).click()
    expect(page.locator(".gz-state")).to_have_text("已指派")
    expect(page.locator(".gz-toast")).to_contain_text("下一步是签收")
    expect(page.locator("#action-form")).to_be_empty()
    assert page.evaluate("window.stayed") is True
    assert page.url.endswith(case.get_absolute_url())


def test_news_come_by_themselves_without_taking_a_half_filled_form(
    cast: Cast, new_case: NewCase, show: Show
) -> None:
    case = filed(new_case(cast.worker), cast)
    page = show(cast.township, case.get_absolute_url())
    page.get_by_role("link", name="上报上级", exact=True).click()
    field = page.locator("#action-form textarea")
    field.fill("写了一半的理由")
    field.focus()
    refresh(page)
    expect(page.locator("[data-moved-on]")).to_be_hidden()
    do(case, "assign", cast.township_b, handler=f"department:{cast.departments.station.pk}")
    refresh(page)
    expect(page.locator(".gz-state")).to_have_text("已指派")
    expect(page.locator("#case-record")).to_contain_text("街道中心乙")
    expect(page.locator("[data-moved-on]")).to_be_visible()
    expect(field).to_have_value("写了一半的理由")
    expect(field).to_be_focused()
    page.locator("#action-form button[type=submit]").click()
    conflict = page.locator("[data-quicker]")
    expect(conflict).to_contain_text("刚才有人先办理了")
    expect(conflict).to_contain_text("街道中心乙")
    expect(conflict.locator("textarea")).to_have_value("写了一半的理由")
    assert not case.events.filter(verb="incident.passed_up").exists()


def test_news_keep_the_focus_and_what_was_unfolded(cast: Cast, new_case: NewCase, show: Show) -> None:
    case = assigned(new_case(cast.worker), cast)
    page = show(cast.township, case.get_absolute_url())
    page.locator("#past-clocks summary").click()
    page.get_by_role("link", name="改派", exact=True).focus()
    page.evaluate("window.scrollTo({top: 120, behavior: 'instant'})")
    page.wait_for_timeout(300)
    before = page.evaluate("window.scrollY")
    do(case, "accept", cast.station)
    refresh(page)
    expect(page.locator(".gz-state")).to_have_text("办理中")
    expect(page.get_by_role("link", name="改派", exact=True)).to_be_focused()
    expect(page.locator("#past-clocks")).to_have_attribute("open", "")
    assert abs(page.evaluate("window.scrollY") - before) < 5


def test_a_form_that_is_put_away_gives_the_focus_back(cast: Cast, new_case: NewCase, show: Show) -> None:
    case = filed(new_case(cast.worker), cast)
    page = show(cast.township, case.get_absolute_url())
    page.get_by_role("link", name="内部备注", exact=True).press("Enter")
    expect(page.locator("#action-form textarea")).to_be_visible()
    page.get_by_role("link", name="先不办").click()
    expect(page.locator("#action-form")).to_be_empty()
    expect(page.locator("#case-panel :focus")).to_have_count(1)


def test_a_mistake_is_told_in_place_with_the_focus_on_the_summary(
    cast: Cast, new_case: NewCase, show: Show
) -> None:
    case = investigating(new_case(cast.worker), cast)
    page = show(cast.station, case.get_absolute_url(), PHONE)
    page.get_by_role("link", name="反馈结果", exact=True).click()
    page.locator("#action-form button[type=submit]").click()
    expect(page.locator("#action-form [data-errors]")).to_be_focused()
    expect(page.locator("#action-form")).to_contain_text("办理结果")


def test_a_photo_goes_along_with_the_result_on_a_phone(cast: Cast, new_case: NewCase, show: Show) -> None:
    case = investigating(new_case(cast.worker), cast)
    page = show(cast.station, case.get_absolute_url(), PHONE)
    page.get_by_role("link", name="反馈结果", exact=True).click()
    page.get_by_label("办理结果").fill("已经清运")
    picture: Any = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.locator("input[name=photos_after]").set_input_files([picture])
    page.locator("#action-form button[type=submit]").click()
    expect(page.locator(".gz-state")).to_have_text("已反馈")
    assert case.attachments.get().stage == "after"
    shown = page.locator("#case-words img").first
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("image => image.naturalWidth > 0")


def test_ticked_rows_are_urged_together(cast: Cast, new_case: NewCase, show: Show) -> None:
    cases = [new_case(cast.worker) for _turn in range(3)]
    page = show(cast.township, "/incidents/desk/")
    bar = page.locator("[data-ticked-bar]")
    expect(bar).to_be_hidden()
    page.get_by_label("全选本页").check()
    page.get_by_label(f"选中 {cases[0].number}").uncheck()
    expect(bar).to_contain_text("2")
    page.get_by_role("button", name="批量催办").click()
    page.get_by_label("催办内容").fill("请抓紧")
    page.get_by_role("button", name="批量催办").click()
    expect(page.get_by_text("2 件中办成 2 件")).to_be_visible()
    urged = {case.number for case in cases if case.events.filter(verb="incident.urged").exists()}
    assert urged == {cases[1].number, cases[2].number}


def test_filters_fold_and_unfold_and_end_in_the_address(cast: Cast, new_case: NewCase, show: Show) -> None:
    new_case(cast.worker)
    filed(new_case(cast.worker_b), cast)
    page = show(cast.township, "/incidents/")
    expect(page.get_by_label("已立案")).to_be_hidden()
    page.get_by_role("button", name="筛选", exact=True).click()
    page.get_by_label("已立案").check()
    page.get_by_role("button", name="按条件筛选").click()
    expect(page.locator(".gz-chosen-one")).to_contain_text("状态：已立案")
    assert "state=filed" in page.url
    expect(page.locator(".gz-case-table tbody tr")).to_have_count(1)
    page.locator(".gz-chosen-one").click()
    expect(page.locator(".gz-chosen-one")).to_have_count(0)
    expect(page.locator(".gz-case-table tbody tr")).to_have_count(2)


LISTS = ["/incidents/todo/?bucket=assign", "/incidents/?state=filed", "/incidents/desk/", "/notices/"]


def test_the_way_back_from_a_case_leads_to_the_list_it_was_opened_from(
    cast: Cast, new_case: NewCase, show: Show
) -> None:
    case = filed(new_case(cast.worker), cast)
    page = show(cast.township, case.get_absolute_url())
    back = page.get_by_role("link", name="返回列表")
    expect(back).to_have_attribute("href", "/incidents/todo/")  # who came from no list
    for address in LISTS:
        page.goto(urljoin(page.url, address))
        page.locator(f"a[href*='{case.get_absolute_url()}']").first.click()
        page.wait_for_url(f"**{case.get_absolute_url()}*")
        back.click()
        page.wait_for_url(f"**{address}")


@pytest.fixture
def full(cast: Cast, new_case: NewCase, clock: Any) -> Case:
    """Cases at every step, and one with photos, links, side ways, a caller and inner notes."""
    for step in (filed, assigned, investigating, fed_back, archived):
        step(new_case(cast.worker, title="占道经营影响通行，群众多次反映仍未解决，请尽快到现场处理"), cast)
    files: Any = {"photos_before": [upload("前.jpg", jpeg())]}
    case = new_case(
        cast.township, place=cast.places.grid, reporter_name="张三丰", reporter_phone="000-13812345678"
    )
    advance(case, "supplement", by=cast.township, data={"note": "补充照片"}, files=files)
    do(assigned(case, cast), "return", cast.station, ground="facts", reason="门牌不清")
    do(case, "make_urgent", cast.township, reason="学校门口")
    do(case, "supervise", cast.centre, card="red", reason="拖得久")
    do(case, "note", cast.township, note="内部的话")
    clock.forward(days=3)
    return case


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_is_wider_than_its_window_or_has_a_serious_barrier(
    cast: Cast, full: Case, show: Show, viewport: dict[str, int]
) -> None:
    pages = {
        "/incidents/": cast.township,
        "/incidents/desk/": cast.worker,
        "/incidents/todo/": cast.township,
        "/incidents/map/": cast.centre,
        "/incidents/overdue/": cast.committee,
        "/notices/": cast.township,
        f"/incidents/bulk/?action=assign&number={full.number}": cast.township,
        full.get_absolute_url(): cast.township,
        f"{full.get_absolute_url()}assign/": cast.township,
        f"{full.get_absolute_url()}split/": cast.township,
        f"{full.get_absolute_url()}why-not/": cast.township,
        f"{full.get_absolute_url()}print/": cast.township,
    }
    for url, who in pages.items():
        page = show(who, url, viewport)
        page.wait_for_load_state("networkidle")
        assert sideways(page) <= 0, url
        assert serious_violations(page) == [], url
        page.close()


def entered_words() -> list[str]:
    """What people and tables brought in, which stays as it is in every language; the longest first."""
    found = {"前.jpg", "张**"}
    for model, field in (
        (Division, "name"),
        (Department, "name"),
        (User, "name"),
        (Case, "title"),
        (EventText, "text"),
    ):
        found |= set(model._default_manager.values_list(field, flat=True))
    return sorted(filter(None, found), key=len, reverse=True)


def test_the_pages_are_whole_in_english(cast: Cast, full: Case, show: Show) -> None:
    User.objects.update(language="en")
    for url, who in {
        full.get_absolute_url(): cast.township,
        f"{full.get_absolute_url()}print/": cast.township,
        f"{full.get_absolute_url()}why-not/": cast.township,
        "/incidents/todo/": cast.township,
        "/incidents/overdue/": cast.committee,
        "/incidents/desk/": cast.worker,
        "/notices/": cast.township,
    }.items():
        text = show(who, url).locator("main").inner_text()
        for words in entered_words():
            text = text.replace(words, "")
        left = [line for line in text.splitlines() if any("\u3000" <= c <= "\uffef" for c in line)]
        assert not left, (url, left)
