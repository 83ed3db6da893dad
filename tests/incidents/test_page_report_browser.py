"""Reporting from a phone and taking in at a counter, as hands do it: few taps, no mouse, nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from cases.models import Case
from grids import geo
from incidents.models import Category
from tests.browser import DESK, PHONE, serious_violations, sideways
from tests.cases.conftest import NewCase, make_category
from tests.cast import Cast
from tests.incidents.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_TAPS = 8
REPORT, INTAKE = "/incidents/report/", "/incidents/intake/"
TOUCH: dict[str, Any] = {"has_touch": True, "is_mobile": True}


@pytest.fixture(autouse=True)
def _catalogue(category: Category) -> None:
    make_category("1103", name="积存渣土")
    geo.forget()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "路口.jpg"
    Image.new("RGB", (900, 700), (120, 140, 90)).save(path, "JPEG")
    return path


class Thumb:
    """A finger that counts its taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: str | Locator) -> None:
        self.taps += 1
        (self.page.locator(what) if isinstance(what, str) else what).tap()

    def add_photo(self, path: Path) -> None:
        """One tap opens the camera or the pictures; choosing one and taking it over are two more."""
        self.taps += 3
        with self.page.expect_file_chooser() as chooser:
            self.page.locator(".gz-photos-add").first.tap()
        chooser.value.set_files(path)
        expect(self.page.locator(".gz-photo")).to_have_count(1)


def sent(page: Page) -> Case:
    """The case that was just reported, from the page that says so."""
    page.wait_for_url("**/sent/")
    case = Case.objects.select_related("incident").get()
    expect(page.locator("main")).to_contain_text(case.number)
    return case


def test_a_usual_report_takes_at_most_eight_taps(
    cast: Cast, new_case: NewCase, show: Show, photo: Path
) -> None:
    earlier = new_case(cast.worker)
    thumb = Thumb(show(cast.worker, "/incidents/desk/", PHONE, **TOUCH))
    page = thumb.page
    thumb.tap(page.get_by_role("navigation").get_by_role("link", name="上报").last)
    thumb.tap(page.get_by_role("button", name="暴露垃圾"))
    thumb.add_photo(photo)
    thumb.tap("[data-send]")
    page.wait_for_url("**/sent/")
    case = Case.objects.exclude(pk=earlier.pk).get()
    assert thumb.taps <= MOST_TAPS
    assert (case.place, case.incident.category.code) == (cast.places.grid, "1101")
    assert case.title == "东路社区居委会01网格 暴露垃圾"
    assert case.attachments.count() == 1


def test_another_category_is_found_by_its_initials_and_another_grid_by_its_name(
    cast: Cast, show: Show, photo: Path
) -> None:
    thumb = Thumb(show(cast.worker, REPORT, PHONE, **TOUCH))
    page = thumb.page
    thumb.tap("#id_category")
    page.keyboard.type("jczt")
    thumb.tap(page.get_by_role("option", name="积存渣土"))
    thumb.add_photo(photo)
    thumb.tap("[data-send]")
    case = sent(page)
    assert thumb.taps + 1 <= MOST_TAPS  # one more to open the page
    assert case.incident.category.code == "1103"


@pytest.mark.parametrize("words", ["暴露", "1101", "BLLJ", "exposed", "市容"])
def test_a_category_is_found_by_name_code_initials_english_and_its_group(
    cast: Cast, show: Show, words: str
) -> None:
    page = show(cast.worker, REPORT, PHONE)
    page.fill("#id_category", words)
    expect(page.get_by_role("option", name="暴露垃圾").first).to_be_visible()
    page.fill("#id_category", "没有的")
    expect(page.locator(".gz-category, [data-category]")).to_contain_text("没有这样的类别")


def test_a_category_brings_its_own_questions(cast: Cast, show: Show) -> None:
    spec = {"name": "poles", "label": "灯杆数", "label_en": "Poles", "type": "number", "required": True}
    make_category("1104", name="路灯故障", fields=[spec])
    page = show(cast.worker, REPORT, PHONE)
    page.fill("#id_category", "路灯")
    page.keyboard.press("Enter")
    page.get_by_label("灯杆数").fill("2")
    page.click("[data-send]")
    assert sent(page).incident.fields == {"poles": 2}


def test_words_that_name_no_category_are_not_sent_as_one(cast: Cast, show: Show) -> None:
    page = show(cast.worker, REPORT, PHONE)
    page.fill("#id_category", "暴露")
    page.keyboard.press("Enter")
    expect(page.locator("select[name=category]")).to_have_value("1101")
    page.fill("#id_category", "暴露垃圾和别的")
    expect(page.locator("select[name=category]")).to_have_value("")
    page.click("[data-send]")
    expect(page.locator("#report-errors")).to_contain_text("类别")
    assert not Case.objects.exists()


def test_the_phone_s_position_in_a_surveyed_grid_chooses_it(cast: Cast, show: Show) -> None:
    where = {"latitude": 28.185, "longitude": 115.795, "accuracy": 12}
    page = show(cast.worker, REPORT, PHONE, geolocation=where, permissions=["geolocation"])
    page.get_by_role("button", name="暴露垃圾").or_(page.locator("#id_category")).first.click()
    page.fill("#id_category", "bllj")
    page.keyboard.press("Enter")
    page.click("[data-locate]")
    expect(page.locator("input[name=place]")).to_have_value(cast.places.grid_b.code)
    page.click("[data-send]")
    case = sent(page)
    assert case.place == cast.places.grid_b
    assert (case.incident.lat, case.incident.lng, case.incident.accuracy) == (28.185, 115.795, 12)
    assert (case.incident.position_source, case.incident.place_geometry) == ("phone", "surveyed")


def test_a_schematic_cell_is_offered_and_reported_when_confirmed(cast: Cast, show: Show) -> None:
    where = {"latitude": 28.305, "longitude": 115.905, "accuracy": 40}
    page = show(cast.worker2, REPORT, PHONE, geolocation=where, permissions=["geolocation"])
    page.fill("#id_category", "bllj")
    page.keyboard.press("Enter")
    page.click("[data-locate]")
    expect(page.locator("[data-offer-words]")).to_contain_text("按示意图，这里是")
    page.click("[data-yes]")
    page.click("[data-send]")
    case = sent(page)
    assert (case.place, case.incident.place_geometry) == (cast.places.grid2, "schematic")


def test_a_phone_that_gives_no_position_says_what_to_do(cast: Cast, show: Show) -> None:
    page = show(cast.worker, REPORT, PHONE, permissions=[])
    page.click("[data-locate]")
    expect(page.locator("[data-position-status]")).to_contain_text("可以在图上点选，或手工选择地点")


def test_a_tap_on_the_schematic_map_chooses_the_grid(cast: Cast, show: Show) -> None:
    page = show(cast.worker, REPORT, PHONE)
    page.fill("#id_category", "bllj")
    page.keyboard.press("Enter")
    page.click(".gz-map-fold summary")
    page.wait_for_function("() => (document.querySelector('[data-map-canvas] canvas') || {}).width > 0")
    page.wait_for_timeout(400)
    box = page.locator("[data-map-canvas]").bounding_box()
    assert box is not None
    page.locator("[data-map-canvas]").click(position={"x": box["width"] * 0.75, "y": box["height"] / 2})
    expect(page.locator("input[name=position_source]")).to_have_value("picked")
    chosen = page.input_value("input[name=place]")
    page.click("[data-send]")
    case = sent(page)
    assert case.place.code == chosen and case.place.prefix.startswith(cast.places.village.prefix)
    lat, lng = case.incident.lat, case.incident.lng
    assert lat is not None and lng is not None
    found = geo.locate(lat, lng)
    assert found is not None and found.division == case.place


def test_when_the_server_fails_nothing_is_lost_and_the_next_try_makes_one_case(
    cast: Cast, show: Show, photo: Path
) -> None:
    page = show(cast.worker, REPORT, PHONE)
    page.fill("#id_category", "bllj")
    page.keyboard.press("Enter")
    page.fill("[name=description]", "堆了三天，有异味")
    page.set_input_files("[name=photos]", photo)
    expect(page.locator(".gz-photo")).to_have_count(1)
    tries: list[str] = []

    def fail_twice(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) == 1:
            route.abort("internetdisconnected")
        elif len(tries) == 2:
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    page.route(f"**{REPORT}", fail_twice)
    for words in ("网络断了", "服务器出了错"):
        page.click("[data-send]")
        expect(page.locator("#request-error, .gz-request-error, [role=alert]").first).to_contain_text(words)
        expect(page.locator("[name=description]")).to_have_value("堆了三天，有异味")
        expect(page.locator(".gz-photo")).to_have_count(1)
        expect(page.locator("[data-sending]")).to_be_hidden()
    page.click("[data-send]")
    case = sent(page)
    assert (case.incident.description, case.attachments.count()) == ("堆了三天，有异味", 1)


def test_an_unfinished_report_comes_back_and_a_sent_one_does_not(cast: Cast, show: Show) -> None:
    page = show(cast.worker, REPORT, PHONE)
    page.fill("[name=description]", "写到一半")
    page.goto(page.url)
    expect(page.locator("[data-draft-note]")).to_be_visible()
    expect(page.locator("[name=description]")).to_have_value("写到一半")
    page.fill("#id_category", "bllj")
    page.keyboard.press("Enter")
    page.click("[data-send]")
    sent(page)
    page.goto(page.url.split("/incidents/")[0] + REPORT)
    expect(page.locator("[data-draft-note]")).to_be_hidden()
    expect(page.locator("[name=description]")).to_have_value("")


def test_a_caller_s_matter_is_taken_in_by_keyboard_alone(cast: Cast, new_case: NewCase, show: Show) -> None:
    earlier = new_case(cast.worker, title="路口垃圾成堆有异味")
    page = show(cast.township, INTAKE)
    keys = page.keyboard
    expect(page.locator("#id_place")).to_be_focused()  # place first
    keys.type("dl")
    expect(page.get_by_role("option").first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("Tab")
    keys.type("菜场北门")
    keys.press("Tab")
    keys.type("bllj")
    keys.press("Enter")
    keys.press("Tab")
    expect(page.locator("#id_title")).to_be_focused()
    keys.press("Control+A")
    keys.type("路口垃圾成堆")
    expect(page.locator("#duplicates")).to_contain_text(earlier.number)
    expect(page.locator("#duplicates")).to_contain_text("暴露垃圾 · 已上报")
    keys.press("Tab")
    keys.type("来电说堆了两天")
    until(page, "input[name=source]")
    keys.press("ArrowDown")  # a caller, not a visitor
    keys.press("Tab")
    keys.type("李某")
    keys.press("Tab")
    keys.type("00013800001")
    until(page, "[data-send]")
    keys.press("Enter")
    page.wait_for_url("**/slip/")
    case = Case.objects.select_related("incident").exclude(pk=earlier.pk).get()
    assert case.incident.source == "caller"
    assert case.first_receiver == cast.township
    assert case.personal_values.count() == 2
    slip = page.locator(".gz-slip")
    for words in (case.number, "受理告知书", "首问责任人", cast.township.user.name, "菜场北门"):
        expect(slip).to_contain_text(words)
    expect(page.locator("[data-print]")).to_be_focused()
    page.evaluate("window.print = () => { document.documentElement.dataset.printed = 'yes'; }")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        keys.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-printed", "yes")
    assert case.events.filter(verb="case.printed", data={"what": "slip"}).count() == 1


def until(page: Page, selector: str) -> None:
    """Press Tab until something is reached."""
    for _press in range(14):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by keyboard")


def test_who_answers_stays_until_somebody_signs(cast: Cast, new_case: NewCase, show: Show) -> None:
    case = new_case(cast.township, place=cast.places.grid, source="caller")
    page = show(cast.township, case.get_absolute_url())
    expect(page.locator("main")).to_contain_text("首问")


def test_without_scripts_what_is_wrong_is_said_and_what_was_written_stays(cast: Cast, show: Show) -> None:
    page = show(cast.worker, REPORT, PHONE, java_script_enabled=False)
    assert page.locator("select[name=category] option").count() > 2
    page.fill("[name=description]", "没有脚本的手机")
    page.click("[data-send]")
    expect(page.locator("#report-errors")).to_contain_text("类别")
    expect(page.locator("[name=description]")).to_have_value("没有脚本的手机")
    optional = page.locator(".gz-field", has=page.locator("[name=address]")).locator(".gz-optional")
    expect(optional).to_have_text("选填")
    page.select_option("[name=category]", "1101")
    page.fill("[name=title]", "路口垃圾")
    page.click("[data-send]")
    assert sent(page).incident.description == "没有脚本的手机"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_of_reporting_has_a_serious_barrier_or_goes_sideways(
    cast: Cast, new_case: NewCase, show: Show, size: dict[str, int], language: str
) -> None:
    User.objects.update(language=language)
    case = new_case(cast.township, place=cast.places.grid, source="caller")
    for who, url in (
        (cast.worker, REPORT),
        (cast.township, INTAKE),
        (cast.township, f"{case.get_absolute_url()}slip/"),
        (cast.township, f"{case.get_absolute_url()}sent/"),
    ):
        page = show(who, url, size)
        assert serious_violations(page) == [], url
        assert sideways(page) <= 0, url
        if url in (REPORT, INTAKE):
            page.fill("#id_category", "1")
            page.click("[data-send]")
            expect(page.locator("#report-errors")).not_to_be_empty()
            assert serious_violations(page) == [], f"{url} refused"
            assert sideways(page) <= 0, f"{url} refused"
